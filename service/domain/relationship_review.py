"""The structured relationship review: what was recorded over time, gathered, and a text that a person writes.

Rule: as described by one person. It counts entries and repeats words; it never concludes: no verdict, no label, no
likelihood, and no sentence of the text is written by the program. It leaves the record on the client's own
copy alone. Source: domain.md 1.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from schemas.case_codes import Voice
from schemas.instruments import find
from schemas.instruments.answer import Answers, answer_to
from schemas.instruments.capture import NonAnswer
from schemas.instruments.kinds import Choice
from service.domain.intakes import Intake
from service.errors import Invalid

ONE_PERSON = "As described by one person. It says what was noticed and when, not what anybody is or will do."
CYCLE, PATTERNS, CONTACT = "cyl", "rgf", "ctl"


@dataclass(frozen=True)
class ReviewText:
    """One version of the text. `voice` is whose words they are; version 0 is none yet."""

    version: int = 0
    voice: Voice = Voice.CLIENT
    text: str = ""
    at: datetime | None = None
    by: str = ""


@dataclass(frozen=True)
class Line:
    """One entry of a log, as it was told."""

    on: date
    head: str
    words: str
    intake_id: str


@dataclass(frozen=True)
class Gathered:
    """What the record holds for a review: cycle entries and contacts in time order, patterns with how often each was
    seen in how many checks.
    """

    cycle: tuple[Line, ...]
    contacts: tuple[Line, ...]
    patterns: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]


def gathered(intakes: Iterable[Intake]) -> Gathered:
    standing = [each for each in intakes if not each.replaced]
    checks = [each for each in standing if each.instrument_key == PATTERNS]
    return Gathered(
        cycle=tuple(_line(each, "phase", "noticed") for each in standing if each.instrument_key == CYCLE),
        contacts=tuple(_line(each, "channel", "facts") for each in standing if each.instrument_key == CONTACT),
        patterns=tuple(_counted(checks)),
    )


def check_text(text: str) -> None:
    """Raises Invalid for an empty text."""
    if not text.strip():
        raise Invalid("The review needs words.", {"text": "Write it together, in the client's words."})


def _line(intake: Intake, head: str, words: str) -> Line:
    return Line(intake.authored_at.date(), _label(intake, head), _told(intake.answers, words), intake.id)


def _counted(checks: Iterable[Intake]) -> list[tuple[str, tuple[tuple[str, int], ...]]]:
    """Each pattern with how often each answer was given; patterns that were never asked about are left out."""
    counts: dict[str, Counter[str]] = {}
    for each in checks:
        for prompt, label in _seen(each):
            counts.setdefault(prompt, Counter())[label] += 1
    return [(prompt, tuple(found.items())) for prompt, found in counts.items()]


def _seen(intake: Intake) -> Iterable[tuple[str, str]]:
    instrument = find(intake.instrument_key, intake.instrument_version)
    asked = [item for section in instrument.sections() if section.key in ("red", "green") for item in section.items]
    return [(item.prompt, _label(intake, item.key)) for item in asked if _label(intake, item.key)]


def _label(intake: Intake, key: str) -> str:
    """The words of a chosen answer; empty where none was given."""
    kind = find(intake.instrument_key, intake.instrument_version).item(key).answer
    told = answer_to(intake.answers, key)
    if isinstance(told, NonAnswer) or not isinstance(kind, Choice):
        return told.label if told is NonAnswer.UNSURE else ""
    return next((option.label for option in kind.options if option.code == told), "")


def _told(answers: Answers, key: str) -> str:
    told = answers.get(key, "")
    return told if isinstance(told, str) and not isinstance(told, NonAnswer) else ""
