"""What changed between two versions of a plan: by part, and inside a part line by line.

Rule: both texts can be read back from a change, so that nothing is lost in telling it.
"""

from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from service.domain.contact_plans import EVERY_PART, ContactPlan
from service.domain.plan_types import FIELDS, PlanField
from service.domain.safety import Plan, PlanLine
from service.errors import Invalid


class Fate(StrEnum):
    """What became of a line."""

    SAME = "same"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True)
class LineChange:
    fate: Fate
    text: str


@dataclass(frozen=True)
class PartChange:
    """One part whose text or tick changed."""

    part: PlanField
    before: PlanLine
    after: PlanLine

    @property
    def lines(self) -> tuple[LineChange, ...]:
        return line_changes(self.before.text, self.after.text)

    @property
    def tick(self) -> str:
        """What became of the tick for the copy, "" when it stayed."""
        if self.before.on_copy == self.after.on_copy:
            return ""
        return "Now on the client's copy" if self.after.on_copy else "No longer on the client's copy"


def differences(older: Plan, newer: Plan) -> tuple[PartChange, ...]:
    """Each part that changed, in the plan's order. Raises Invalid for versions of different plans."""
    if older.plan_id != newer.plan_id:
        raise Invalid("Only versions of one plan can be laid side by side.")
    pairs = ((each, _line(older, each.key), _line(newer, each.key)) for each in FIELDS[newer.type])
    return tuple(PartChange(each, before, after) for each, before, after in pairs if before != after)


def contact_changes(older: ContactPlan, newer: ContactPlan) -> tuple[PartChange, ...]:
    """The same for two versions of a contact plan, whatever their modes: what stands under another mode is kept."""
    pairs = ((part, older.lines.get(key, ""), newer.lines.get(key, "")) for key, part in EVERY_PART.items())
    return tuple(PartChange(part, PlanLine(a), PlanLine(b)) for part, a, b in pairs if a != b)


def line_changes(before: str, after: str) -> tuple[LineChange, ...]:
    """Lines in reading order; `same` and `new` joined give `after`, `same` and `gone` give `before`."""
    old, new = before.splitlines(), after.splitlines()
    found: list[LineChange] = []
    for change, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if change == "equal":
            found += [LineChange(Fate.SAME, line) for line in old[a:b]]
        else:
            found += [LineChange(Fate.GONE, line) for line in old[a:b]]
            found += [LineChange(Fate.NEW, line) for line in new[c:d]]
    return tuple(found)


def _line(plan: Plan, key: str) -> PlanLine:
    return plan.lines.get(key, PlanLine())
