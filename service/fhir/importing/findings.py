"""What there is to say about a form that is being read: a list that a person goes through before accepting it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

MOST = 1_000


class Weight(StrEnum):
    """`kept` stays in the original without effect here, a warning was read in the likeliest way, `unsupported` is an
    item that is not asked; one refusal refuses the form.
    """

    KEPT = "kept"
    WARNING = "warning"
    UNSUPPORTED = "unsupported"
    REFUSED = "refused"


@dataclass(frozen=True)
class Finding:
    """One remark. `path` is where in the file (`item[2].answerOption[0]`), `link_id` the item it is about."""

    weight: Weight
    path: str
    link_id: str
    words: str


class Findings:
    """Collects remarks. The same words about the same place are said once; refusals come first and are never cut."""

    def __init__(self) -> None:
        self._found: dict[Finding, None] = {}
        self._left_out = 0

    def add(self, finding: Finding) -> None:
        if len(self._found) < MOST or finding.weight is Weight.REFUSED:
            self._found[finding] = None
        else:
            self._left_out += 1

    def all(self) -> tuple[Finding, ...]:
        refused = [each for each in self._found if each.weight is Weight.REFUSED]
        return (*refused[:MOST], *(each for each in self._found if each.weight is not Weight.REFUSED), *self._rest())

    def _rest(self) -> Iterator[Finding]:
        if self._left_out:
            yield Finding(Weight.WARNING, "", "", f"{self._left_out} further remarks are not listed.")

    @property
    def refused(self) -> bool:
        return any(each.weight is Weight.REFUSED for each in self._found)
