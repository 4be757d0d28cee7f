"""The client's screen: opened by a code, answered, finished, left, or ended by the clock.

It acts as `handover` for the clinician who handed the form over, and asks the permission table with the case each time:
once that clinician may no longer write to the case, the screen stops.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from schemas.actions import Action
from schemas.instruments.answer import Answers
from schemas.instruments.definition import Instrument, Section
from schemas.vocabulary import HandoverMode, HandoverState
from service.casework.forms import completed
from service.casework.gate import admit, practice_now
from service.casework.handovers import admitted, close, instrument_of, record_filling, settle
from service.domain import clock
from service.domain import handovers as rules
from service.domain.actors import Actor, handover_actor, system_actor
from service.domain.handovers import Filling
from service.errors import Conflict, NotAllowed, NotFound, Why
from service.store import accounts, handovers, sign_ins
from service.store.base import db
from service.store.handovers import HandoverRow
from service.store.transaction import Unit, transaction

NO_CODE = "This code opens nothing. Check each letter, or ask for a new code."
TOO_MANY = "There were too many tries. Wait a quarter of an hour, or ask for help."
TIME_OVER = "time ran out"


@dataclass(frozen=True)
class Screen:
    """What the client's screen may know: the form, this sitting's answers, and how long there is. `holder` names the
    screen to the tokens of its forms.
    """

    actor: Actor
    holder: str
    state: HandoverState
    mode: HandoverMode
    instrument: Instrument
    sections: tuple[Section, ...]
    answers: Answers
    until: datetime
    zone: str

    @property
    def rated(self) -> frozenset[str]:
        """Keys of the sections that the form's own question is about."""
        return frozenset(each.key for each in self.instrument.domains)


def open_screen(typed: str, *, origin: str = "", request_id: str = "") -> str:
    """Use a code up. Returns the token of the screen's cookie. Raises NotAllowed, alike for every code that opens
    nothing; `origin` is the network address whose tries are counted, "" where nobody typed the code.
    """
    key = f"origin:begin:{origin}"
    db.session.rollback()
    if origin and sign_ins.too_many(key):
        raise NotAllowed(TOO_MANY, Why.TOO_MANY)
    row = handovers.by_code(rules.folded(typed))
    token = _opened(row, request_id) if row is not None and accounts.can_sign_in(row.author_id) else None
    if token is None:
        db.session.rollback()
        sign_ins.count_failure(key)
        db.session.commit()
        raise NotAllowed(NO_CODE)
    return token


def read_screen(token: str, *, request_id: str = "") -> Screen | None:
    """What the screen shows, or None when its cookie is worth nothing (any more)."""
    row = _of_token(token)
    if row is None:
        return None
    try:
        with transaction(_acting_for(row, request_id), Action.HANDOVER_READ, f"handover/{row.id}") as unit:
            admit(unit, row.case_id)
            return _screen(row, unit.actor)
    except (NotFound, NotAllowed):
        return None


def answer(token: str, given: Answers, *, shown: Sequence[str], request_id: str = "") -> None:
    """Keep what one page holds; `shown` names every item that the page asked. Raises Conflict once it ended."""
    row = _held(token)
    with transaction(_acting_for(row, request_id), Action.HANDOVER_ANSWER, f"handover/{row.id}") as unit:
        _keep(unit, row, given, shown)


def finish(token: str, given: Answers, *, shown: Sequence[str], request_id: str = "") -> None:
    """The last page: record the form in the name of who handed it over, open its events, close the screen."""
    row = _held(token)
    actor, instrument = _acting_for(row, request_id), instrument_of(row)
    now = practice_now(actor)
    db.session.rollback()
    whole = completed(instrument, given, now)  # before anything is written: expressions take their time
    with transaction(actor, Action.HANDOVER_FINISH, f"handover/{row.id}") as unit:
        filling = _keep(unit, row, whole, shown)
        sections = rules.sections_of(instrument, with_once=filling.with_once)
        intake = record_filling(unit, row, replace(filling, answers=rules.finished(sections, filling.answers)))
        settle(row, HandoverState.FINISHED, intake)


def leave(token: str, *, request_id: str = "") -> None:
    """The client stops or goes: the screen closes, answers so far wait for review. Never refused to the client: what
    cannot be closed now is closed when its time is over.
    """
    row = _of_token(token)
    if row is None:
        return
    try:
        with transaction(_acting_for(row, request_id), Action.HANDOVER_LEAVE, f"handover/{row.id}") as unit:
            row = admitted(unit, row.id)
            if row.state == HandoverState.OPEN:
                close(unit, row)
    except (NotFound, NotAllowed):
        db.session.rollback()


def end_overdue() -> int:
    """Close every code and screen whose time is over; returns how many."""
    found = [(row.id, _acting_for(row, "")) for row in handovers.overdue()]
    db.session.rollback()
    for handover_id, actor in found:
        try:
            _end_in_time(actor, handover_id)
        except (NotFound, NotAllowed):
            # Whoever handed it over has left the case since.
            _end_in_time(replace(system_actor(actor.practice_id), user_id=actor.user_id), handover_id)
    return len(found)


def _end_in_time(actor: Actor, handover_id: str) -> None:
    with transaction(actor, Action.HANDOVER_LEAVE, f"handover/{handover_id}") as unit:
        row = admitted(unit, handover_id)
        if row.state in rules.LIVE:
            unit.why = TIME_OVER
            close(unit, row)


def _opened(row: HandoverRow, request_id: str) -> str | None:
    try:
        with transaction(_acting_for(row, request_id), Action.HANDOVER_OPEN, f"handover/{row.id}") as unit:
            admit(unit, row.case_id)
            return handovers.use_code(row)
    except (NotFound, NotAllowed):
        return None


def _of_token(token: str) -> HandoverRow | None:
    db.session.rollback()
    row = handovers.by_token(token) if token else None
    return row if row is not None and accounts.can_sign_in(row.author_id) else None


def _held(token: str) -> HandoverRow:
    row = _of_token(token)
    if row is None:
        raise NotFound
    return row


def _screen(row: HandoverRow, actor: Actor) -> Screen | None:
    value, instrument = handovers.value(row), instrument_of(row)
    filling = handovers.filling(row, instrument)
    if filling is None or value.screen_until is None:
        return None
    return Screen(
        actor=actor,
        holder=row.token_hash or "",
        state=value.state,
        mode=value.mode,
        instrument=instrument,
        sections=rules.sections_of(instrument, with_once=filling.with_once),
        answers=filling.answers,
        until=value.screen_until,
        zone=accounts.practice(_practice_id(row)).zone,
    )


def _keep(unit: Unit, row: HandoverRow, given: Answers, shown: Sequence[str]) -> Filling:
    row = admitted(unit, row.id)
    if handovers.value(row).state is not HandoverState.OPEN:
        raise Conflict("The time for this form is over.")
    instrument = instrument_of(row)
    filling = handovers.filling(row, instrument)
    if filling is None:
        raise NotFound
    answers = rules.merged(filling.answers, given, shown=shown)
    kept = replace(filling, answers=answers, last_at=clock.now())
    handovers.seal(row, kept)
    return kept


def _acting_for(row: HandoverRow, request_id: str) -> Actor:
    return handover_actor(row.author_id, _practice_id(row), request_id=request_id)


def _practice_id(row: HandoverRow) -> str:
    author = accounts.account(row.author_id)
    return author.practice_id if author else ""
