"""Two texts -> the words that stayed, came and went, for showing what changed between versions.

Rule: a change is told in words as well as by mark, so that neither colour nor line is needed to follow it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "new", "gone"]
_WORDS = re.compile(r"\S+|\s+")


@dataclass(frozen=True)
class Piece:
    kind: Kind
    text: str


def word_changes(before: str, after: str) -> tuple[Piece, ...]:
    """Pieces in reading order; those that are `same` and `new` joined give `after`, `same` and `gone` give `before`."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    return tuple(_pieces(old, new))


def told(before: str, after: str) -> str:
    """How much changed: "3 words added, 1 word taken out"."""
    if not before.strip():
        return "Written for the first time"
    if not after.strip():
        return "Emptied"
    pieces = word_changes(before, after)
    counts = {kind: sum(len(each.text.split()) for each in pieces if each.kind == kind) for kind in ("new", "gone")}
    added = _count(counts["new"], "added")
    return ", ".join(filter(None, (added, _count(counts["gone"], "taken out")))) or "Only spaces or line breaks"


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    """A space alone is no common ground, or each word of a changed sentence would stand by itself."""
    for change, a, b, c, d in SequenceMatcher(str.isspace, old, new, autojunk=False).get_opcodes():
        if change == "equal":
            yield Piece("same", "".join(old[a:b]))
            continue
        if b > a:
            yield Piece("gone", "".join(old[a:b]))
        if d > c:
            yield Piece("new", "".join(new[c:d]))


def _count(words: int, what: str) -> str:
    return f"{words} word{'' if words == 1 else 's'} {what}" if words else ""
