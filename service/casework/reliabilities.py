"""Reliabilities for the reliable change index: who may enter one, what it needs, and taking one back."""

from dataclasses import dataclass

from schemas.actions import Action
from schemas.instruments.definition import Instrument
from schemas.vocabulary import ReliabilityMethod, ReliabilitySource
from service.casework.gate import practice_unit
from service.casework.instruments import visible
from service.domain import clock
from service.domain.actors import Actor
from service.domain.reliable_change import Reliability, StatedReliability, faults
from service.domain.scoring import TOTAL
from service.errors import Conflict, Invalid, NotFound
from service.store import reliabilities
from service.store.base import db


@dataclass(frozen=True)
class ReliabilityDraft:
    """As typed: `part` is a domain's key, or `total`."""

    instrument_key: str
    part: str
    sd: float
    r: float
    n: int
    population: str
    citation: str
    approver: str
    source: ReliabilitySource
    method: ReliabilityMethod


def list_reliabilities(actor: Actor) -> tuple[StatedReliability, ...]:
    """All that were ever entered in the practice, newest first, withdrawn ones included."""
    with practice_unit(actor, Action.RELIABILITY_READ):
        return reliabilities.of_practice(actor.practice_id)


def enter_reliability(actor: Actor, draft: ReliabilityDraft) -> StatedReliability:
    """Put a reliability in use for the newest major version of an instrument. Raises Invalid naming what is missing,
    and for alpha of the practice's own clients.
    """
    with practice_unit(actor, Action.RELIABILITY_SET) as unit:
        instrument = _scored(actor, draft)
        given = _reliability(draft)
        row = reliabilities.add(actor.practice_id, actor.user_id, (instrument.key, instrument.major, draft.part), given)
        unit.subject, unit.why = f"reliability/{row.id}", f"entered for {instrument.key}"
        return reliabilities.value(row)


def withdraw_reliability(actor: Actor, reliability_id: str) -> StatedReliability:
    """Take it out of use; it stays in the list."""
    with practice_unit(actor, Action.RELIABILITY_SET, f"reliability/{reliability_id}") as unit:
        row = reliabilities.row(reliability_id)
        if row is None or row.practice_id != actor.practice_id:
            raise NotFound
        if row.withdrawn_at is not None:
            raise Conflict("This was withdrawn already.")
        unit.why = "withdrawn"
        row.withdrawn_at = clock.now()
        db.session.flush()
        return reliabilities.value(row)


def _scored(actor: Actor, draft: ReliabilityDraft) -> Instrument:
    try:
        found = visible(actor, draft.instrument_key)
    except NotFound as error:
        raise Invalid("There is no such instrument.", {"instrument_key": "Choose one of the register."}) from error
    if found.scoring is None or draft.part not in (TOTAL, *(each.key for each in found.domains)):
        raise Invalid("There is no such score.", {"part": "Choose the total or a part of this instrument."})
    return found


def _reliability(draft: ReliabilityDraft) -> Reliability:
    """Raises Invalid with a sentence for each thing that is missing."""
    wrong = faults(draft)
    if wrong:
        raise Invalid("This cannot stand behind an index.", wrong)
    texts = (draft.population, draft.n, draft.citation, draft.approver)
    return Reliability(draft.sd, draft.r, *texts, source=draft.source, method=draft.method)
