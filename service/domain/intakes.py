"""One filled-in instrument: answers with their capture context, pinned to a definition's version and fingerprint."""

from dataclasses import dataclass
from datetime import datetime

from schemas.instruments.answer import Answers
from schemas.instruments.capture import CaptureChannel, CaptureContext
from schemas.vocabulary import Relation, ResponseStatus
from service.domain.scoring import Score


@dataclass(frozen=True)
class Intake:
    """A stored response. It is never re-scored under another version; a correction is a new row with `amends` and
    `reason`.

    `score` is None for an instrument without scoring. `replaced` is true once a later correction points here. `named`:
    tokens of the finds that somebody confirmed by name, and `named_at` when.
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
    named: frozenset[str] = frozenset()
    named_at: datetime | None = None

    @property
    def by_system(self) -> bool:
        """Whether its author is a connected system and no person."""
        return self.capture.channel is CaptureChannel.SENT


@dataclass(frozen=True)
class Unseen:
    """A response that a connected system sent and that nobody who looks after the case has opened."""

    id: str
    case_id: str
    instrument_key: str
    instrument_version: str
    since: datetime


def is_looked_at_by(relation: Relation) -> bool:
    """Whether opening a form counts as having looked at it: not in an emergency, as a second reader, or by machine."""
    return relation in (Relation.OWNER, Relation.COVER, Relation.SUPERVISES)


def score_of(intake: Intake) -> Score:
    """The score of a response that has one. Raises ValueError."""
    if intake.score is None:
        raise ValueError(f"{intake.instrument_key} has no score")
    return intake.score
