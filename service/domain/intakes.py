"""One filled-in instrument: answers with their capture context, pinned to a definition's version and fingerprint."""

from dataclasses import dataclass
from datetime import datetime

from schemas.instruments.answer import Answers
from schemas.instruments.capture import CaptureContext
from schemas.vocabulary import ResponseStatus
from service.domain.scoring import Score


@dataclass(frozen=True)
class Intake:
    """A stored response. It is never re-scored under another version; a correction is a new row with `amends` and
    `reason`.

    `score` is None for an instrument without scoring. `replaced` is true once a later correction points here.
    """

    id: str
    case_id: str
    session_id: str | None
    instrument_key: str
    instrument_version: str
    fingerprint: str
    status: ResponseStatus
    authored_at: datetime
    author_id: str
    author_name: str
    contact_context: str
    capture: CaptureContext
    answers: Answers
    score: Score | None
    amends: str | None
    reason: str
    replaced: bool
    version: int
    updated_at: datetime


def score_of(intake: Intake) -> Score:
    """The score of a response that has one. Raises ValueError."""
    if intake.score is None:
        raise ValueError(f"{intake.instrument_key} has no score")
    return intake.score
