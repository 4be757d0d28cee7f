"""The other forms in the demo practice: a screen at the start, checks on the way, contacts, and a rating at the end.

Rule: none of these answers opens an event; the stories that have events say so themselves.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from schemas.instruments.answer import Answer
from schemas.instruments.capture import CaptureChannel, CaptureContext, ContactContext, PenHolder, Privacy
from service.casework import intakes
from service.domain.actors import Actor
from service.domain.sessions import TherapySession

Filled = tuple[str, PenHolder, Mapping[str, Answer]]

_NO = dict.fromkeys([f"A{number}" for number in range(1, 13) if number not in (6, 8)], False)
_NO |= dict.fromkeys([*(f"B{number}" for number in range(1, 17)), "B18", "changed"], False)
SCREEN: Mapping[str, Answer] = {
    **_NO,
    "present": "nobody",
    "A6": "never",
    "A8": "My sister, and the dog",
    "B17_talk": True,
    "B17_home": True,
}
PATTERNS: Mapping[str, Answer] = {
    "who": "friend",
    "observed": "under_half_year",
    "R2": "once",
    "R4": "not_seen",
    "G1": "repeated",
    "G3": "not_seen",
}
PERSON: Mapping[str, Answer] = {
    "person": "M.",
    **dict.fromkeys(("C1", "C2", "C4"), "usually"),
    "C3": "sometimes",
    "gate_news": False,
    "gate_agrees": True,
    "role": ("emotional", "practical"),
}
PHASE: Mapping[str, Answer] = {"phase": "calm", "noticed": "Two quiet weeks, then short answers", "helped": "Walking"}
RATING: Mapping[str, Answer] = {
    **dict.fromkeys(("heard", "worked_on", "say_no", "at_ease", "next_step"), "4"),
    "pace": "2",
    "change": "A little slower at the start",
}


def fill_in(actor: Actor, session: TherapySession, context: ContactContext, *, number: int, last: bool) -> None:
    """What was filled in at this session, beside the log."""
    at = session.ends_at
    for key, pen, answers in _of_session(number, session.starts_at, last=last):
        capture = CaptureContext(CaptureChannel.IN_PERSON, Privacy.YES, pen)
        draft = intakes.IntakeDraft(key, answers, capture, context, at, session.id)
        intakes.submit_intake(actor, session.case_id, draft)


def _of_session(number: int, starts_at: datetime, *, last: bool) -> Iterator[Filled]:
    if number == 0 or last:
        yield "sfs", PenHolder.CLINICIAN, SCREEN
    if number == 2:
        yield "rgf", PenHolder.CLIENT, PATTERNS
        yield "spc", PenHolder.CLIENT, PERSON
    if number == 5:
        yield "cyl", PenHolder.CLINICIAN, PHASE
    if number in (4, 8, 12):
        yield "ctl", PenHolder.CLINICIAN, _contact(starts_at - timedelta(days=2), number)
    if last:
        yield "ssr", PenHolder.CLIENT, RATING


def _contact(at: datetime, number: int) -> Mapping[str, Answer]:
    return {
        "at": at.isoformat(timespec="seconds"),
        "direction": "to_you",
        "channel": "message" if number < 12 else "call",
        "started_by": "them",
        "necessity": ("children",),
        "planned": number == 8,
        "facts": "Asked to move the weekend hand-over by an hour",
        "kept": "yes" if number != 4 else "partly",
        "urge_before": 3,
        "urge_after": 5 if number == 4 else 3,
        "order_broken": False,
        "concern": False,
    }
