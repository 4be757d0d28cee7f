"""Answers of a form that would leave with it: showing what was found, and confirming by name what may go.

Rule: nothing here changes an answer. What stays here cannot be confirmed; then that answer stays, and the others go.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from schemas.actions import Action
from service.casework.gate import admit
from service.casework.leaks import guard_of
from service.domain.actors import Actor
from service.domain.intakes import Intake
from service.domain.leaks import Guard, Leak, tokens
from service.domain.standing import is_hidden
from service.domain.withholding import finds_in_form
from service.errors import NotFound
from service.store import cases, intakes
from service.store.intakes import IntakeRow
from service.store.transaction import Unit, transaction


def read_form_finds(actor: Actor, intake_id: str) -> tuple[Leak, ...]:
    """What is found in answers that would leave, confirmed or not."""
    with _held(actor, Action.FINDS_READ, intake_id) as (_unit, row, guard):
        return finds_in_form(intakes.value(row), guard)


def confirm_form_finds(actor: Actor, intake_id: str, confirmed: Collection[str]) -> Intake:
    """Let answers leave with these finds, and with no others; what is not named any more stays from now on."""
    with _held(actor, Action.FINDS_CONFIRM, intake_id) as (unit, row, guard):
        found = finds_in_form(intakes.value(row), guard)
        named = frozenset(tokens(found, confirmed))
        if named != intakes.value(row).named:
            values = sorted({each.key.rpartition(":")[2] for each in found if each.token in named})
            unit.why = f"confirmed by name: {', '.join(values) or 'nothing any more'}"
            intakes.name_finds(row, named)
            unit.changed("intake", row.id, row.version + 1, case_id=row.case_id)
        return intakes.value(row)


@contextmanager
def _held(actor: Actor, action: Action, intake_id: str) -> Iterator[tuple[Unit, IntakeRow, Guard]]:
    with transaction(actor, action, f"intake/{intake_id}") as unit:
        row = intakes.row(intake_id)
        case = admit(unit, row.case_id if row else None)
        if row is None or is_hidden(intakes.value(row), cases.facts(actor, case).relation):
            raise NotFound
        yield unit, row, guard_of(case)
