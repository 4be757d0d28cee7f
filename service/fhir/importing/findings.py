"""What there is to say about a form that is being read: a list that a person goes through before accepting it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

MOST = 1_000
# What could write over, break or turn round a line where remarks are read: controls, separators, direction marks.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_STANDS_FOR_IT = "\N{REPLACEMENT CHARACTER}"


class Weight(StrEnum):
    """`kept` stays in the original without effect here, a warning was read in the likeliest way, `unsupported` is an
    item that is not asked; one refusal refuses the form. A `note` says what the form will do here.
    """

    KEPT = "kept"
    WARNING = "warning"
    UNSUPPORTED = "unsupported"
    REFUSED = "refused"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One remark. `path` is where in the file (`item[2].answerOption[0]`), `link_id` the item it is about."""

    weight: Weight
    path: str
    link_id: str
    words: str


_NEVER_CUT = (Weight.REFUSED, Weight.NOTE)


def on_one_line(text: str) -> str:
    """The file's own words without what a terminal would obey."""
    return _UNSEEN.sub(_STANDS_FOR_IT, text)


class Findings:
    """Collects remarks. The same words about the same place are said once; refusals come first, then notes, and neither
    are cut. Whatever a file put into them is shown on one line.
    """

    def __init__(self) -> None:
        self._found: dict[Finding, None] = {}
        self._left_out = 0

    def add(self, finding: Finding) -> None:
        if len(self._found) < MOST or finding.weight in _NEVER_CUT:
            self._found[_readable(finding)] = None
        else:
            self._left_out += 1

    def all(self) -> tuple[Finding, ...]:
        refused, notes = ([each for each in self._found if each.weight is weight] for weight in _NEVER_CUT)
        others = (each for each in self._found if each.weight not in _NEVER_CUT)
        return (*refused[:MOST], *notes, *others, *self._rest())

    def _rest(self) -> Iterator[Finding]:
        if self._left_out:
            yield Finding(Weight.WARNING, "", "", f"{self._left_out} further remarks are not listed.")

    @property
    def refused(self) -> bool:
        return any(each.weight is Weight.REFUSED for each in self._found)


def _readable(finding: Finding) -> Finding:
    path, link_id, words = map(on_one_line, (finding.path, finding.link_id, finding.words))
    return replace(finding, path=path, link_id=link_id, words=words)
