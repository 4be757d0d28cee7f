"""The timeline of a case: a page of it, and all of it as a table that is taken away."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from schemas.actions import Action
from schemas.case_codes import TimelineKind
from schemas.release_codes import ContentClass, Door
from service.casework.disclosures import disclose
from service.casework.gate import case_unit, opened_for
from service.domain.access import allowed_on
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.disclosures import Left, to_the_client
from service.domain.timeline import NOBODY, READ_BY, Happening, Key, Wanted, as_table
from service.store import accounts, cases, timeline
from service.store.cases import CaseRow

PAGE = 30
BATCH = 5_000
CLASSES = (ContentClass.CARE, ContentClass.ATTENDANCE, ContentClass.PLAN_DATES)
SECTION = "Days, kinds and codes"


@dataclass(frozen=True)
class Timeline:
    """One page and from where the next goes on (None at the end)."""

    case: Case
    happened: tuple[Happening, ...]
    further: Key | None


def read_timeline(actor: Actor, case_id: str, wanted: Wanted, *, most: int = PAGE) -> Timeline:
    with case_unit(actor, Action.CASE_READ, case_id) as (_unit, row):
        happened, further = part_of(actor, row, replace(wanted, reader_id=actor.user_id), most)
        return Timeline(opened_for(actor, row), happened, further)


def export_timeline(actor: Actor, case_id: str, wanted: Wanted) -> bytes:
    """All that is wanted as comma-separated values, without a word that anybody typed and without supervision, which
    never leaves. Raises Invalid where the gate keeps it from leaving.
    """
    with case_unit(actor, Action.TIMELINE_EXPORT, case_id) as (unit, row):
        every = _every_batch(actor, row, replace(wanted, before=None, reader_id=NOBODY))
        table = as_table(every, accounts.practice(row.practice_id).zone)
        left = Left(Door.TIMELINE, CLASSES, (SECTION,), hashlib.sha256(table).hexdigest())
        disclose(unit, row, left, to_the_client())
        return table


def _every_batch(actor: Actor, row: CaseRow, wanted: Wanted) -> Iterator[Happening]:
    """Everything to the very beginning, however much it is."""
    while True:
        happened, further = part_of(actor, row, wanted, BATCH)
        yield from happened
        if further is None:
            return
        wanted = replace(wanted, before=further)


def part_of(actor: Actor, row: CaseRow, wanted: Wanted, most: int) -> tuple[tuple[Happening, ...], Key | None]:
    """Rows that this reader may see: of kinds whose own pages are open to them."""
    facts, zone = cases.facts(actor, row), accounts.practice(row.practice_id).zone
    relation, may = facts.relation, allowed_on(actor.role, facts)
    kinds = frozenset(each for each in wanted.kinds or TimelineKind if READ_BY.get(each, Action.CASE_READ) in may)
    if not kinds:
        return (), None
    wanted = replace(wanted, kinds=kinds)
    found = timeline.of_case(row.id, wanted, zone, most + 1)
    shown = tuple(each for each in found[:most] if not each.hidden_from(relation))
    return shown, found[most - 1].key if len(found) > most else None
