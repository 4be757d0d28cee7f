"""A strict reader of pages: names every flaw of structure, wiring and policy it meets in rendered HTML.

Used on every page that a test renders: `assert flaws(html) == []`.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

VOID = frozenset(("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"))
POINTERS = ("aria-describedby", "aria-labelledby", "for", "form", "aria-controls")
ADDRESSES = ("src", "href", "action", "formaction")
FORBIDDEN = frozenset(("style", "iframe", "object", "embed", "base", "font", "center"))
Attributes = dict[str, str]


@dataclass
class Reader(HTMLParser):
    """Collects what a page holds; `problems` is complete after `close`."""

    problems: list[str] = field(default_factory=list)
    open_tags: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    pointers: list[tuple[str, str]] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    labelled: set[str] = field(default_factory=set)
    controls: list[Attributes] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        given = {name: value or "" for name, value in attrs}
        if len(names) != len(set(names)):
            self.problems.append(f"<{tag}> repeats an attribute")
        self._policy(tag, given)
        self._wiring(tag, given)
        if tag not in VOID:
            self.open_tags.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open_tags.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open_tags or self.open_tags[-1] != tag:
            self.problems.append(f"</{tag}> closes {self.open_tags[-1:] or 'nothing'}")
            return
        self.open_tags.pop()

    def _policy(self, tag: str, given: Attributes) -> None:
        inline = [name for name in given if name == "style" or name.startswith("on")]
        self.problems += [f"<{tag}> carries inline {name}" for name in inline]
        if tag in FORBIDDEN or (tag == "script" and "src" not in given):
            self.problems.append(f"<{tag}> is not allowed here")
        outside = [name for name in ADDRESSES if re.match(r"\w+:|//", given.get(name, ""))]
        self.problems += [f"<{tag}> leads outside by {name}" for name in outside]
        if tag == "form" and given.get("method", "get") != "post" and "search" not in given.get("role", ""):
            self.problems.append("a form puts its fields into the address")

    def _wiring(self, tag: str, given: Attributes) -> None:
        if "id" in given:
            self.ids.append(given["id"])
        self.pointers += [(name, target) for name in POINTERS for target in given.get(name, "").split()]
        self.labelled |= {given["for"]} if tag == "label" and "for" in given else set()
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag in ("input", "select", "textarea") and given.get("type") not in ("hidden", "submit"):
            inside_label = "label" in self.open_tags
            self.controls.append({**given, "labelled": "yes" if inside_label or "aria-label" in given else ""})


def flaws(html: str) -> list[str]:
    """Every flaw of a whole page or a part of one, in plain words; empty when there is none."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    twice = sorted({name for name in reader.ids if reader.ids.count(name) > 1})
    lost = [f"{name} points to a missing {target}" for name, target in reader.pointers if target not in reader.ids]
    mute = [c for c in reader.controls if not c["labelled"] and c.get("id") not in reader.labelled]
    return [
        *reader.problems,
        *(f"<{tag}> stays open" for tag in reader.open_tags),
        *(f"two elements have the id {name}" for name in twice),
        *lost,
        *(f"the control {c.get('name', '?')} has no label" for c in mute),
        *_heading_flaws(reader.headings),
    ]


def _heading_flaws(levels: list[int]) -> list[str]:
    jumps = [f"h{after} follows h{before}" for before, after in pairwise(levels) if after > before + 1]
    return [*jumps, *(["a page has more than one h1"] if levels.count(1) > 1 else [])]
