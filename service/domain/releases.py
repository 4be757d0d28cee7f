"""Consents and releases: what was agreed, to whom what may go, and until when.

One recipient a release, exact classes, a day on which it ends. Psychotherapy notes have a form of their own that names
nothing else. Thirty days is a house default (domain.md 4, reasonably time-limited); a year is the longest we take.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas.release_codes import (
    ConsentAnswer,
    ConsentKind,
    ContentClass,
    ReleaseForm,
    ReleasePurpose,
    ReleaseState,
    ReleaseStatus,
    ReleaseStep,
    SaidHow,
    SendRoute,
)
from service.domain.leaks import Passage

LASTS = timedelta(days=30)
LONGEST = timedelta(days=365)
EXPIRES_SOON = timedelta(days=7)
REDISCLOSURE = (
    "Whoever receives this may pass it on, and the law that protects it here may not protect it there. "
    "It can be revoked at any time; what has left cannot be called back."
)

NOT_TO_INSURERS = (
    "Diagnoses do not go to an insurer: a code can tell a policy holder why the client is here. Leave them out."
)

_MOVES: Mapping[tuple[ReleaseStatus, ReleaseStep], ReleaseStatus] = {
    (ReleaseStatus.DRAFT, ReleaseStep.SIGN): ReleaseStatus.SIGNED,
    (ReleaseStatus.DRAFT, ReleaseStep.DROP): ReleaseStatus.DROPPED,
    (ReleaseStatus.SIGNED, ReleaseStep.REVOKE): ReleaseStatus.REVOKED,
}
_STATES = {
    ReleaseStatus.DRAFT: ReleaseState.DRAFT,
    ReleaseStatus.REVOKED: ReleaseState.REVOKED,
    ReleaseStatus.DROPPED: ReleaseState.DROPPED,
}


@dataclass(frozen=True)
class Said:
    """An answer as it was given."""

    kind: ConsentKind
    answer: ConsentAnswer
    on: date
    how: SaidHow
    note: str = ""


@dataclass(frozen=True)
class Consent:
    """One answer to one question; a later one stands, and none is ever changed."""

    id: str
    case_id: str
    kind: ConsentKind
    answer: ConsentAnswer
    on: date
    how: SaidHow
    note: str
    author_name: str
    at: datetime


@dataclass(frozen=True)
class ReleaseTerms:
    """What the client signs for. `words` say the purpose as the client puts it."""

    recipient: str
    classes: tuple[ContentClass, ...]
    purpose: ReleasePurpose
    route: SendRoute
    address: str = ""
    words: str = ""


def terms_passages(terms: ReleaseTerms) -> tuple[Passage, ...]:
    """What a person typed of a form that is handed over, for the leak guard; who receives it knows their own name."""
    typed = (("address", "Where to"), ("words", "In the client's words"))
    return tuple(Passage(key, where, getattr(terms, key)) for key, where in typed)


@dataclass(frozen=True)
class Release:
    """`signed_on` and `ended_on` are None until the client signed or revoked it."""

    id: str
    case_id: str
    form: ReleaseForm
    status: ReleaseStatus
    terms: ReleaseTerms
    expires_on: date
    author_id: str
    author_name: str
    created_at: datetime
    version: int
    updated_at: datetime
    signed_on: date | None = None
    ended_on: date | None = None
    ended_how: SaidHow | None = None

    def state(self, today: date) -> ReleaseState:
        """A signed release counts through its last day."""
        if self.status is ReleaseStatus.SIGNED:
            return ReleaseState.IN_FORCE if today <= self.expires_on else ReleaseState.EXPIRED
        return _STATES[self.status]


@dataclass(frozen=True)
class Discussed:
    """What is said aloud before a client signs."""

    redisclosure: bool
    other_ways: bool
    no_condition: bool


def after(status: ReleaseStatus, step: ReleaseStep) -> ReleaseStatus | None:
    """The status that a step leads to; None where it cannot be taken."""
    return _MOVES.get((status, step))


def faults(form: ReleaseForm, terms: ReleaseTerms, expires_on: date, today: date) -> dict[str, str]:
    """What is missing or cannot be, by field; empty when the release may be prepared."""
    apart = (ContentClass.PSYCHOTHERAPY in terms.classes) == (form is ReleaseForm.PSYCHOTHERAPY)
    alone = form is ReleaseForm.ORDINARY or len(terms.classes) == 1
    checks = (
        ("recipient", bool(terms.recipient.strip()), "Name one recipient: a person, or a service by its name."),
        ("recipient", ";" not in terms.recipient and "\n" not in terms.recipient, "One recipient a form."),
        ("classes", bool(terms.classes), "Tick what may leave."),
        ("classes", apart and alone, "Psychotherapy notes stand on a form of their own, and nothing else on it."),
        ("classes", not _tells_insurer(terms), NOT_TO_INSURERS),
        ("words", terms.purpose is not ReleasePurpose.OTHER or bool(terms.words.strip()), "Say what it is for."),
        ("expires_on", expires_on >= today, "Choose today or a later day."),
        ("expires_on", expires_on <= today + LONGEST, "A release ends within a year; it can be signed anew."),
    )
    return {field: words for field, holds, words in checks if not holds}


def is_for_insurer(release: Release) -> bool:
    return release.terms.purpose is ReleasePurpose.INSURANCE


def _tells_insurer(terms: ReleaseTerms) -> bool:
    return terms.purpose is ReleasePurpose.INSURANCE and ContentClass.DIAGNOSES in terms.classes


def left_unsaid(discussed: Discussed) -> dict[str, str]:
    """What must be said aloud before a signature counts, by field."""
    words = {
        "redisclosure": "Read the warning aloud first.",
        "other_ways": "Talk about other ways first: less, later, or told by the client.",
        "no_condition": "Say first that care here does not depend on signing.",
    }
    return {name: sentence for name, sentence in words.items() if not getattr(discussed, name)}


def why_not(release: Release, wanted: Iterable[ContentClass], today: date) -> str:
    """Why this release does not carry these classes today; empty when it does."""
    state = release.state(today)
    if state is not ReleaseState.IN_FORCE:
        return f"This release is not in force: {state.label.casefold()}."
    beyond = [each.label for each in wanted if each not in release.terms.classes]
    return f"The client's release does not cover: {'; '.join(beyond)}." if beyond else ""


def runs_out_soon(release: Release, today: date) -> bool:
    return release.state(today) is ReleaseState.IN_FORCE and release.expires_on <= today + EXPIRES_SOON


def standing(consents: Iterable[Consent]) -> dict[ConsentKind, Consent]:
    """The answer that stands for each kind: the latest day, and of one day the latest entry."""
    found: dict[ConsentKind, Consent] = {}
    for each in sorted(consents, key=lambda consent: (consent.on, consent.at)):
        found[each.kind] = each
    return found


def can_be_said(kind: ConsentKind, answer: ConsentAnswer, before: Mapping[ConsentKind, Consent]) -> bool:
    """Only what was given can be withdrawn."""
    earlier = before.get(kind)
    given = earlier is not None and earlier.answer is ConsentAnswer.GIVEN
    return given or answer is not ConsentAnswer.WITHDRAWN
