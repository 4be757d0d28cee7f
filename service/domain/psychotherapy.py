"""Psychotherapy notes: the author's own thoughts on a session, apart from the record (domain.md 4; 45 CFR 164.501).

What such a note may not hold is only pointed out: the words below are a plain rule, and never keep anybody from saving.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas.psychotherapy_codes import NOTE_LONGEST, ProgressFact
from service.domain.sessions import TherapySession, was_held
from service.errors import Invalid

STATEMENT = "Training under supervision"
# House figure: long enough for two weekly supervision hours.
LONGEST_GRANT = timedelta(days=14)
_PATTERNS = {
    ProgressFact.TIMES: r"\d{1,2}[:.]\d{2}\b|\d{2,3} ?min(?:ute)?s?\b|(?:began|started|ended) (?:at|late|early)\b",
    ProgressFact.KIND: r"emdr\b|cbt\b|ifs\b|somatic\b|psychoeducation|group session|(?:by|over) (?:video|phone)\b",
    ProgressFact.FREQUENCY: r"weekly\b|fortnightly\b|monthly\b|twice a week|every (?:other )?(?:week|month)\b",
    ProgressFact.TEST: r"scor(?:e|ed|es|ing)\b|wsl\b|phq\b|gad\b|pcl\b|questionnaire|cut-?off\b|test results?\b",
    ProgressFact.MEDICATION: r"\d+ ?mg\b|medic(?:ation|ine)s?\b|dose\b|tablets?\b|prescri\w+|antidepressants?\b",
    ProgressFact.DIAGNOSIS: r"diagnos\w+|icd\b|dsm\b|ptsd\b|disorder\b",
    ProgressFact.FUNCTION: r"functioning\b|off (?:work|sick)\b|back at work\b|daily (?:life|living)\b|sick leave\b",
    ProgressFact.PLAN: r"treatment plan|homework|next (?:session|time|week)\b|will refer\b|referral\b",
    ProgressFact.SYMPTOMS: r"symptoms?\b|insomnia\b|nightmares?\b|panic\b|flashbacks?\b|low mood\b|appetite\b",
    ProgressFact.PROGNOSIS: r"prognos\w+|outlook\b|expected to recover",
    ProgressFact.PROGRESS: r"progress\b|improv\w+|worse(?:n\w*)?\b|goals? (?:met|reached)\b",
    ProgressFact.DANGER: r"suicid\w*|self-?harm\w*|threat\w*|strangl\w*|weapons?\b|stalk\w*|hit (?:her|him|them)\b",
}
_SEEN_BY = {fact: re.compile(rf"\b(?:{pattern})", re.IGNORECASE) for fact, pattern in _PATTERNS.items()}


@dataclass(frozen=True)
class PsychotherapyNote:
    """What one author wrote about one session. No other note and no report ever refers to it."""

    id: str
    case_id: str
    session_id: str
    author_id: str
    author_name: str
    text: str
    created_at: datetime
    version: int
    updated_at: datetime


@dataclass(frozen=True)
class TrainingGrant:
    """One note, opened by its author to one supervisor until a moment, as training under supervision."""

    id: str
    note_id: str
    case_id: str
    author_id: str
    author_name: str
    supervisor_id: str
    supervisor_name: str
    granted_at: datetime
    until: datetime
    withdrawn_at: datetime | None
    opened: int
    opened_at: datetime | None

    def stands(self, at: datetime) -> bool:
        return self.withdrawn_at is None and at < self.until


def may_open(grants: tuple[TrainingGrant, ...], account_id: str, at: datetime) -> TrainingGrant | None:
    """The grant by which this person may read the note now, if there is one."""
    return next((each for each in grants if each.supervisor_id == account_id and each.stands(at)), None)


def misplaced(text: str) -> tuple[ProgressFact, ...]:
    """Kinds of fact that the text seems to hold and that belong in the progress note."""
    return tuple(fact for fact, seen in _SEEN_BY.items() if seen.search(text))


def check_note(text: str, session: TherapySession) -> None:
    """Raises Invalid naming the field: a note is about a session that took place, so that it is never its only
    record.
    """
    if len(text) > NOTE_LONGEST:
        raise Invalid("The note cannot be kept.", {"text": f"Use at most {NOTE_LONGEST:,} characters."})
    if not was_held(session):
        raise Invalid("The note cannot be kept.", {"text": "Record first that the session took place."})


def check_grant(*, training: bool, until: date, today: date) -> None:
    """Raises Invalid naming the field."""
    wrong: dict[str, str] = {}
    if not training:
        wrong["training"] = "Only training under supervision can be a reason. Say that it is."
    if until < today:
        wrong["until"] = "Choose today or a later day."
    elif until > today + LONGEST_GRANT:
        wrong["until"] = f"Choose a day within {LONGEST_GRANT.days} days; it can be opened again after that."
    if wrong:
        raise Invalid("The note was not opened.", wrong)
