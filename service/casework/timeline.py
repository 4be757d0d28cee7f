"""The timeline of a case: a page of it, and all of it as a table that is taken away."""

import hashlib
from dataclasses import dataclass, replace

from schemas.actions import Action
from schemas.release_codes import ContentClass, Door
from schemas.vocabulary import Relation
from service.casework.disclosures import disclose
from service.casework.gate import case_unit, opened_for
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.disclosures import Left, to_the_client
from service.domain.timeline import NOBODY, Happening, Key, Wanted, as_table
from service.store import accounts, cases, timeline
from service.store.cases import CaseRow

PAGE = 30
MOST = 5_000
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
        relation = cases.facts(actor, row).relation
        own = replace(wanted, reader_id=actor.user_id)
        happened, further = part_of(row, relation, own, most)
        return Timeline(opened_for(actor, row), happened, further)


def export_timeline(actor: Actor, case_id: str, wanted: Wanted) -> bytes:
    """All that is wanted as comma-separated values, without a word that anybody typed and without supervision, which
    never leaves. Raises Invalid where the gate keeps it from leaving.
    """
    with case_unit(actor, Action.TIMELINE_EXPORT, case_id) as (unit, row):
        relation, zone = cases.facts(actor, row).relation, accounts.practice(row.practice_id).zone
        happened, _further = part_of(row, relation, replace(wanted, before=None, reader_id=NOBODY), MOST)
        table = as_table(happened, zone)
        left = Left(Door.TIMELINE, CLASSES, (SECTION,), hashlib.sha256(table).hexdigest())
        disclose(unit, row, left, to_the_client())
        return table


def part_of(row: CaseRow, relation: Relation, wanted: Wanted, most: int) -> tuple[tuple[Happening, ...], Key | None]:
    """Rows that this reader may see."""
    zone = accounts.practice(row.practice_id).zone
    found = timeline.of_case(row.id, wanted, zone, most + 1)
    shown = tuple(each for each in found[:most] if not each.hidden_from(relation))
    return shown, found[most - 1].key if len(found) > most else None
