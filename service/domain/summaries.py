"""A summary of treatment for another clinician: what it can hold, by which release it goes, and as it was kept.

Rule: the release decides what stands on it; whatever is on it is covered, and so is that it is a report. For a court or
an insurer there is none of this kind: what they read is cosigned (domain.md 5).
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from schemas.release_codes import ContentClass, Door, ReleaseForm
from service.domain.disclosures import FOR_COURT_OR_INSURER, Left
from service.domain.leaks import Guard, Passage, standing
from service.domain.releases import Release, why_not

# Whatever stands on one: that it is a report, and that there is care here.
ALWAYS = (ContentClass.CARE, ContentClass.SUMMARY)
BY_REQUEST = (
    "What a court or an insurer reads is cosigned. Record what was asked for under Requests and write the report there."
)


@dataclass(frozen=True)
class Section:
    """One heading of a summary; `content` is the class that its lines are of."""

    heading: str
    lines: tuple[str, ...]
    content: ContentClass


@dataclass(frozen=True)
class Cosign:
    """When its author stood by it, and who cosigned that, when."""

    signed_at: datetime
    cosigner_id: str
    cosigned_at: datetime


@dataclass(frozen=True)
class SummaryWords:
    """What a summary says and for whom; `confirmed` are the finds that the client confirmed by name: their
    keys as they are sent, their tokens as they are kept. `cosign` stands where a supervisor cosigns its author.
    """

    recipient: str
    since: date
    until: date
    sections: tuple[Section, ...]
    confirmed: tuple[str, ...] = ()
    cosign: Cosign | None = None

    @property
    def classes(self) -> tuple[ContentClass, ...]:
        found = {*ALWAYS, *(each.content for each in self.sections)}
        return tuple(each for each in ContentClass if each in found)


@dataclass(frozen=True)
class SummaryDraft:
    """One that waits in its request to be cosigned: by which release it would go, and when its author stood by it."""

    release_id: str
    words: SummaryWords
    signed_at: datetime


@dataclass(frozen=True)
class Summary:
    """One that left. `file` is the PDF as it was handed out."""

    id: str
    case_id: str
    disclosure_id: str
    author_id: str
    author_name: str
    made_at: datetime
    words: SummaryWords
    file: bytes
    cosigner_name: str = ""

    @property
    def signed_at(self) -> datetime:
        """When its author stood by it."""
        return self.words.cosign.signed_at if self.words.cosign else self.made_at

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.file).hexdigest()

    @property
    def size(self) -> int:
        return len(self.file)


def carries(release: Release, on: date) -> bool:
    """Whether a summary could leave by this release at all."""
    return not faults(release, ALWAYS, on)


def faults(release: Release, classes: Iterable[ContentClass], on: date) -> dict[str, str]:
    """Why no summary of these classes leaves by this release, by field; empty when it may."""
    if release.form is not ReleaseForm.ORDINARY:
        return {"release_id": "This form releases psychotherapy notes and nothing else."}
    if release.terms.purpose in FOR_COURT_OR_INSURER:
        return {"release_id": BY_REQUEST}
    reason = why_not(release, classes, on)
    return {"release_id": reason} if reason else {}


def passages(sections: Sequence[Section]) -> tuple[Passage, ...]:
    """All that stands under the headings, for the leak guard."""
    return tuple(
        Passage(f"section-{number}", each.heading, "\n".join(each.lines)) for number, each in enumerate(sections)
    )


def stays(words: SummaryWords, guard: Guard) -> bool:
    """Whether a kept summary tells a value that is protected now and that nobody confirmed by name."""
    return bool(standing(guard.leaks(passages(words.sections)), words.confirmed))


def left_as(words: SummaryWords, file: bytes) -> Left:
    cosigned = ("Cosigned",) if words.cosign else ()
    sections = ("Summary of treatment", *cosigned, *(each.heading for each in words.sections))
    return Left(Door.TREATMENT_SUMMARY, words.classes, sections, hashlib.sha256(file).hexdigest())
