"""A form handed to the client on the practice's own device: its code, its times, and how it stands.

Rule: a code opens one screen, once; a screen holds one form and nothing else; what was answered before an early end
waits for a clinician. Numbers and threats: security notes A1, interface notes on the client's screen.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.instruments.answer import Answer, Answers
from schemas.instruments.capture import (
    CaptureChannel,
    CaptureContext,
    ContactContext,
    Interpreter,
    NonAnswer,
    PenHolder,
    Privacy,
)
from schemas.instruments.definition import Informant, Instrument, Item, Section, Status
from schemas.instruments.kinds import Rows, holds_answer
from schemas.vocabulary import HandoverMode, HandoverState
from service.domain.capture import stop_warnings
from service.domain.intakes import Intake
from service.errors import Invalid

# Letters and digits that nobody takes for one another, read aloud or on paper.
ALPHABET = "ABCDEFGHJKMNPQRTUVWXY346789"
CODE_LENGTH = 8
GROUP = 4
CODE_LASTS = timedelta(minutes=30)
SCREEN_LASTS = timedelta(minutes=30)
ALONE = (CaptureChannel.CLINIC_DEVICE, CaptureChannel.SENT)
LIVE = (HandoverState.WAITING, HandoverState.OPEN)


@dataclass(frozen=True)
class Handover:
    """One form as handed over. Times are None until they happen; `answered` counts entries, and says nothing more."""

    id: str
    case_id: str
    session_id: str | None
    intake_id: str | None
    instrument_key: str
    instrument_version: str
    author_id: str
    author_name: str
    mode: HandoverMode
    state: HandoverState
    made_at: datetime
    code_until: datetime
    opened_at: datetime | None
    screen_until: datetime | None
    ended_at: datetime | None
    answered: int
    version: int
    updated_at: datetime

    @property
    def live(self) -> bool:
        return self.state in LIVE

    @property
    def waits_for_review(self) -> bool:
        return self.state is HandoverState.UNFINISHED


@dataclass(frozen=True)
class Filling:
    """The sealed part: how the answers come about, and the answers so far. `last_at` is when the last one came."""

    capture: CaptureContext
    contact_context: ContactContext
    with_once: bool
    answers: Answers
    last_at: datetime | None = None


@dataclass(frozen=True)
class Times:
    """What the clock needs to know of a stored hand-over."""

    code_until: datetime
    screen_until: datetime | None
    answered: int


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def spaced(code: str) -> str:
    """A code as it is shown: in groups that can be read out."""
    return " ".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def folded(typed: str) -> str:
    """What was typed as a code, without spaces, hyphens and the size of letters."""
    return "".join(letter for letter in typed.upper() if letter in ALPHABET)


def state_at(stored: HandoverState, times: Times, at: datetime) -> HandoverState:
    """How it stands once the clock has been asked: an unused code lapses, a screen ends with its time."""
    if stored is HandoverState.WAITING and times.code_until <= at:
        return HandoverState.LAPSED
    if stored is HandoverState.OPEN and times.screen_until is not None and times.screen_until <= at:
        return ended(times.answered)
    return stored


def ended(answered: int) -> HandoverState:
    """How a screen stands that was left before the form was finished."""
    return HandoverState.UNFINISHED if answered else HandoverState.EMPTY


def may_be_handed_over(instrument: Instrument) -> bool:
    """Forms that a clinician asks, or fills in, never stand on a screen in the client's hands; an imported one only
    where the practice said so when it brought it in.
    """
    ours = instrument.origin is None and instrument.informant is not Informant.CLINICIAN
    return (ours or instrument.informant is Informant.CLIENT) and instrument.status is Status.ACTIVE


def may_be_sent(instrument: Instrument) -> bool:
    """What a client may fill in alone may come from a connected system, unless anything of it stays home: what never
    leaves by that way does not come by it either.
    """
    stays = bool(instrument.stays_home) or any(each.stays_home for each in instrument.items())
    return may_be_handed_over(instrument) and not stays


def capture_for(private: Privacy, interpreter: Interpreter) -> CaptureContext:
    """The circumstances of a hand-over. Raises Invalid where a partner or relative would hear every answer."""
    capture = CaptureContext(CaptureChannel.CLINIC_DEVICE, private, PenHolder.CLIENT, interpreter)
    warnings = stop_warnings(capture)
    if warnings:
        raise Invalid("The form was not handed over.", {"interpreter": " ".join(warnings)})
    return capture


def sections_of(instrument: Instrument, *, with_once: bool) -> tuple[Section, ...]:
    """What the client's screen asks; the first-time questions only where the clinician chose so."""
    return (*instrument.domains, *instrument.extra, *(instrument.once if with_once else ()))


def once_was_asked(instrument: Instrument, told: Sequence[Answers]) -> bool:
    """Whether any earlier response holds an entry to the first-time questions."""
    keys = {item.key for section in instrument.once for item in section.walk()}
    return any(keys & set(answers) for answers in told)


def left_once_out(instrument: Instrument, log: Intake) -> bool:
    """Whether the first-time questions are still to be asked together after this log: a client answered alone, without
    them.
    """
    return log.capture.channel in ALONE and not once_was_asked(instrument, [log.answers])


def merged(stored: Answers, given: Answers, *, shown: Sequence[str]) -> Answers:
    """The answers once a page was sent: what it showed is replaced by what it holds, the rest stays."""
    return {key: answer for key, answer in stored.items() if key not in shown} | dict(given)


def finished(sections: Sequence[Section], answers: Answers) -> Answers:
    """The answers of a form that was finished: a question that was left blank was asked, and got no answer."""
    silent = {item.key: NonAnswer.ASKED_NO for section in sections for item in section.items if _is_open(item)}
    found: dict[str, Answer] = {**silent, **answers}
    return found


def _is_open(item: Item) -> bool:
    """A question that always shows and takes an answer of its own."""
    return item.rules is None and holds_answer(item.answer) and not isinstance(item.answer, Rows)
