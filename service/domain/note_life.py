"""What follows a signature: cosigning, errors, the client's amendments; and whether a joint session may take place.

Rule: each of these is a row of its own that is never changed. A question has at most one answer; nothing here touches
the text that was signed.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas.note_codes import NoteStep
from service.errors import Invalid

ANSWERS: Mapping[NoteStep, frozenset[NoteStep]] = {
    NoteStep.COSIGN_ASKED: frozenset({NoteStep.COSIGNED, NoteStep.RETURNED}),
    NoteStep.ERROR_SAID: frozenset({NoteStep.ERROR_AGREED, NoteStep.ERROR_REFUSED}),
    NoteStep.AMENDMENT_ASKED: frozenset({NoteStep.AMENDMENT_ACCEPTED, NoteStep.AMENDMENT_DENIED}),
    NoteStep.JOINT_ASKED: frozenset({NoteStep.JOINT_ALLOWED, NoteStep.JOINT_REFUSED}),
}
# What is said about a note later and goes where the note goes: by the client, and in answer.
SAID_ABOUT = frozenset({NoteStep.AMENDMENT_ASKED, NoteStep.AMENDMENT_DENIED, NoteStep.DISAGREEMENT})
REASON_SHORTEST = 20
TEXT_LONGEST = 20_000
COSIGN_OVERDUE, COSIGN_ESCALATED = timedelta(days=7), timedelta(days=14)
SCREENED_WITHIN = timedelta(days=30)
# House default: a session put off within the week is the one that was agreed to.
JOINT_MAY_MOVE = timedelta(days=7)


@dataclass(frozen=True)
class Screening:
    """Each person was screened alone: on which day and by whom."""

    client_on: date
    client_by: str
    other_on: date
    other_by: str


@dataclass(frozen=True)
class StepWords:
    """The sealed part of a row. `content_hash` and `covers` (ids of addenda) say what a cosignature was given to,
    `for_day` on which day a joint session was to be held.
    """

    text: str = ""
    content_hash: str = ""
    covers: tuple[str, ...] = ()
    screening: Screening | None = None
    for_day: date | None = None


@dataclass(frozen=True)
class Taken:
    """One row of the trail. `answers` is the id of the row that it answers."""

    id: str
    case_id: str
    session_id: str
    step: NoteStep
    at: datetime
    by_id: str
    by: str
    words: StepWords
    answers: str | None = None


Trail = Sequence[Taken]


def waiting(trail: Trail, asked: NoteStep) -> Taken | None:
    """The question of this kind that has no answer yet."""
    answered = {each.answers for each in trail}
    return next((each for each in reversed(trail) if each.step is asked and each.id not in answered), None)


def last(trail: Trail, *steps: NoteStep) -> Taken | None:
    return next((each for each in reversed(trail) if each.step in steps), None)


def is_wrong(trail: Trail) -> bool:
    return last(trail, NoteStep.ERROR_AGREED) is not None


def needs_cosign(trail: Trail) -> bool:
    """Whether this note is one that somebody must cosign; what is added later waits again."""
    return last(trail, NoteStep.COSIGN_ASKED) is not None


def cosigned(trail: Trail) -> Taken | None:
    """The last cosignature, unless the note was returned since."""
    found = last(trail, NoteStep.COSIGNED, NoteStep.RETURNED)
    return found if found and found.step is NoteStep.COSIGNED else None


def covered(trail: Trail) -> frozenset[str]:
    """Ids of the addenda that a cosignature covers."""
    return frozenset(
        addendum_id for each in trail if each.step is NoteStep.COSIGNED for addendum_id in each.words.covers
    )


def joint_agreed(trail: Trail) -> Taken | None:
    """The last answer to the question for a joint session, where it was a yes."""
    found = last(trail, *ANSWERS[NoteStep.JOINT_ASKED])
    return found if found and found.step is NoteStep.JOINT_ALLOWED else None


def joint_asked_for(trail: Trail, answer: Taken) -> StepWords:
    """What an answer was given to."""
    return next((each.words for each in trail if each.id == answer.answers), StepWords())


def joint_allowed(trail: Trail, on: date) -> bool:
    """Whether a joint session may take place on this day: a supervisor agreed to it for this day, or a few days off."""
    agreed = joint_agreed(trail)
    return agreed is not None and not moved_away(joint_asked_for(trail, agreed), on)


def moved_away(asked: StepWords, on: date) -> bool:
    """Whether the day is another than was asked for, or each person was not screened lately by then.

    A question from before its day was kept is held to the screening alone.
    """
    if asked.for_day is not None and abs(on - asked.for_day) > JOINT_MAY_MOVE:
        return True
    screening = asked.screening
    return screening is None or on - SCREENED_WITHIN > min(screening.client_on, screening.other_on)


def cosign_hash(content_hash: str, addenda: Sequence[tuple[str, str]]) -> str:
    """sha-256 over the note's own hash and (id, hash) of each addendum: what the cosigner had before them."""
    canonical = json.dumps([content_hash, [list(each) for each in addenda]], separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def check_reason(text: str, field: str = "text") -> None:
    """Raises Invalid for a reason that says nothing."""
    if len(text.strip()) < REASON_SHORTEST or len(text) > TEXT_LONGEST:
        words = f"Say why, in at least {REASON_SHORTEST} characters."
        raise Invalid("A reason is needed.", {field: words})


def check_screening(screening: Screening, today: date, session_on: date) -> None:
    """Raises Invalid naming the field: each person was screened alone, by somebody who is named, lately both today and
    on the day of the session.
    """
    wrong: dict[str, str] = {}
    for who, day in (("client", screening.client_on), ("other", screening.other_on)):
        if not today - SCREENED_WITHIN <= day <= today:
            wrong[f"{who}_on"] = f"Give a day within the last {SCREENED_WITHIN.days} days."
        elif session_on - SCREENED_WITHIN > day:
            wrong[f"{who}_on"] = (
                f"This lies more than {SCREENED_WITHIN.days} days before the session. Ask nearer to it."
            )
    for who, name in (("client", screening.client_by), ("other", screening.other_by)):
        if not name.strip():
            wrong[f"{who}_by"] = "Say who asked them, alone."
    if wrong:
        raise Invalid("A joint session needs a separate screening of each person.", wrong)
