"""Diagnoses: what a clinician found in the client, in versions. Never of anybody else, and never out of a log or form.

Rule: nothing is deleted; a change gives its reason, and what was entered in error stays readable where it stands. The
bond is a working phrase and no diagnosis; nobody who harmed the client gets a code. What tells a reader why the client
is here (`tells_cause`) is said to be so where it is shown. Source: domain.md 0.2, 6 and 7.1.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from schemas.diagnosis_codes import (
    ON_CLAIMS,
    SAYS_NO_CAUSE,
    ClinicalStatus,
    DiagnosisCategory,
    DiagnosisCode,
    DiagnosisStep,
    Verification,
)
from schemas.years import YEARS, is_year_taken
from service.errors import Invalid

OF_THE_CLIENT = "Of the client alone. Nothing is diagnosed here of anybody who was not assessed."
NOT_A_DIAGNOSIS = (
    "A trauma bond is a working phrase and no diagnosis: no list of codes knows it. Write it into the formulation or a "
    "note, and here what the client has."
)
NOT_OF_THEM = "Codes of whoever did the harm (Y07) are not kept here: they tell of somebody who was not assessed."
ON_THE_LIST = "This code is on the list: choose it there."
NO_CODE = "This is no code of ICD-10-CM. Leave it empty and say it in words."
ONE_OF_TWO = "Choose a code, or say in your own words what it is."
IN_WORDS = "Say in words what this code means: one that is not on the list cannot be checked here."
NOT_BOTH = "A code is chosen from the list already. Take this one out."
WHEN = "Give a year, a month or a day: 2024, 2024-05 or 2024-05-17."
NOT_YET = "This is still to come."
SAY_WHY = "Say why it changes."
CLAIM_WARNING = (
    "Confirmed abuse appears on claims and on statements that an insurer sends, also to a policy holder who may be the "
    "other person. Look first at who could see it elsewhere."
)
TELLING_WARNING = (
    "This tells a reader why the client is here. It leaves this record only by a release that names diagnoses, and to "
    "no insurer; no report holds it."
)

_BOND = re.compile(r"\btrauma(?:tic)?[\W_]*bond", re.I)
_OF_PERPETRATOR = re.compile(r"\bY[\W_]*07(?:\b|[\W_]*\d)", re.I)
_CODE = re.compile(r"[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?")
_ONSET = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


@dataclass(frozen=True)
class Assessed:
    """What the clinician found. `code` is of the list; `other_code` was typed and is not verified; `onset` is a day, a
    month or a year.
    """

    code: DiagnosisCode | None = None
    words: str = ""
    other_code: str = ""
    category: DiagnosisCategory = DiagnosisCategory.PROBLEM
    clinical_status: ClinicalStatus = ClinicalStatus.ACTIVE
    verification: Verification = Verification.PROVISIONAL
    onset: str = ""

    @property
    def tells_cause(self) -> bool:
        """Whether a reader could learn from it why the client is here. Of words and other codes nobody can be sure."""
        return self.code not in SAYS_NO_CAUSE

    @property
    def on_claims(self) -> bool:
        return self.code in ON_CLAIMS

    @property
    def label(self) -> str:
        """How it is called: by its code where it has one of the list, else as the clinician says it."""
        if self.code is not None:
            return f"{self.code} {self.code.label}"
        return f"{self.words.strip()} ({self.other_code})" if self.other_code else self.words.strip()


@dataclass(frozen=True)
class DiagnosisVersion:
    """One version; `reason` is why it was changed or withdrawn."""

    number: int
    step: DiagnosisStep
    assessed: Assessed
    reason: str
    at: datetime
    by_id: str
    by_name: str


@dataclass(frozen=True)
class Diagnosis:
    """A diagnosis with every version, the newest first."""

    id: str
    case_id: str
    versions: tuple[DiagnosisVersion, ...]

    @property
    def now(self) -> Assessed:
        return self.versions[0].assessed

    @property
    def version(self) -> int:
        return self.versions[0].number

    @property
    def updated_at(self) -> datetime:
        return self.versions[0].at

    @property
    def recorded_at(self) -> datetime:
        return self.versions[-1].at

    @property
    def asserter(self) -> DiagnosisVersion:
        """The version by which somebody made it."""
        return self.versions[-1]

    @property
    def wrong(self) -> bool:
        return self.versions[0].step is DiagnosisStep.WRONG


def tidied(draft: Assessed) -> Assessed:
    """The same with its typed code as codes are written."""
    code = unicodedata.normalize("NFKC", draft.other_code).strip().upper()
    return Assessed(**{**vars(draft), "other_code": code, "words": draft.words.strip(), "onset": draft.onset.strip()})


def check_assessed(draft: Assessed, today: date) -> None:
    """Raises Invalid naming the field."""
    wrong = _wrong_words(draft) | _wrong_code(draft) | _wrong_onset(draft.onset, today)
    if wrong:
        raise Invalid("The diagnosis needs a change.", wrong)


def check_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid("The diagnosis needs a reason.", {"reason": SAY_WHY})


def texts_of(assessed: Assessed) -> dict[str, str]:
    """What was typed or chosen, by field, for showing two side by side."""
    return {name: str(value or "") for name, value in vars(assessed).items()}


def _wrong_words(draft: Assessed) -> dict[str, str]:
    plain = unicodedata.normalize("NFKC", draft.words)
    if _BOND.search(plain):
        return {"words": NOT_A_DIAGNOSIS}
    if _OF_PERPETRATOR.search(plain):
        return {"words": NOT_OF_THEM}
    if draft.code is None and not draft.words:
        return {"words": IN_WORDS if draft.other_code else ONE_OF_TWO}
    return {}


def _wrong_code(draft: Assessed) -> dict[str, str]:
    typed = draft.other_code
    checks = (
        (not _OF_PERPETRATOR.search(typed), NOT_OF_THEM),
        (typed not in set(DiagnosisCode), ON_THE_LIST),
        (draft.code is None, NOT_BOTH),
        (bool(_CODE.fullmatch(typed)), NO_CODE),
    )
    return next(({"other_code": words} for holds, words in checks if not holds), {}) if typed else {}


def _wrong_onset(onset: str, today: date) -> dict[str, str]:
    if not onset:
        return {}
    found = _ONSET.fullmatch(onset)
    try:
        first = date(*(int(part or 1) for part in found.groups())) if found else None
    except ValueError:
        first = None
    if first is None:
        return {"onset": WHEN}
    if not is_year_taken(first.year):
        return {"onset": YEARS}
    return {"onset": NOT_YET} if first > today else {}
