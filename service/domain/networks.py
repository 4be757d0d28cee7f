"""The network: people around the client, what they could be asked for, and who can be named on paper (domain.md 3.3).

Rule: two gates, and one that was not plainly passed counts as failed: could news reach the other person through them,
and do they agree to be asked. The newest person check (SPC) of somebody speaks before anything ticked here. Failed,
they cannot be named on any printed copy. It says what somebody fits today, never what they are worth.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.card_codes import PersonRole
from schemas.instruments.answer import value_of
from service.domain.intakes import Intake
from service.domain.leaks import folded

CHECK = "spc"
# What building connections is made of; shown beside the list, in this order, as ideas and no steps.
IDEAS: tuple[tuple[str, str], ...] = (
    ("BC-1", "Begin where there is a frame: a group, a service, a class."),
    ("BC-2", "Take up again, slowly, with somebody who was good to be with."),
    ("BC-3", "Go where people do what you like doing."),
    ("BC-4", "Say a little, and see how it is taken."),
    ("BC-5", "Let trust take the time it takes."),
    ("CX-3", "Have people outside the relationship, be it one."),
    ("CX-4", "A professional who knows this kind of harm counts too."),
)


@dataclass(frozen=True)
class Person:
    """`name` is initials or a nickname, `details` how to reach them; neither leaves the record."""

    name: str
    asked_for: tuple[PersonRole, ...] = ()
    agreed: bool = False
    knows_plan: bool = False
    details: str = ""


@dataclass(frozen=True)
class Gate:
    """Whether somebody can be named on paper; `why_not` is empty when both gates were plainly passed."""

    checked: bool
    why_not: str = ""


NOT_CHECKED = "No person check yet: not on any printed copy."
NEWS = "News could reach the other person through them, or nobody knows: not on any printed copy."
NOT_AGREED = "They have not agreed to be asked, or nobody knows: not on any printed copy."


def check_of(person: Person, intakes: Iterable[Intake]) -> Intake | None:
    """The newest person check of somebody of this name that stands."""
    of_them = [
        each
        for each in intakes
        if each.instrument_key == CHECK
        and not each.replaced
        and folded(str(value_of(each.answers, "person") or "")) == folded(person.name)
    ]
    return max(of_them, key=lambda each: each.authored_at, default=None)


def gate_of(person: Person, check: Intake | None) -> Gate:
    """The two gates, from the person check."""
    if check is None:
        return Gate(False, NOT_CHECKED)
    if value_of(check.answers, "gate_news") is not False:
        return Gate(True, NEWS)
    if value_of(check.answers, "gate_agrees") is not True or not person.agreed:
        return Gate(True, NOT_AGREED)
    return Gate(True)
