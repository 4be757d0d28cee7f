"""Diagnoses of a client: reading, making, changing, and saying that one was entered in error.

Rule: a clinician makes them by hand; no log, screen or form ever does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from schemas.actions import Action
from schemas.diagnosis_codes import DiagnosisStep
from service.casework.gate import admit, case_unit, check_version, opened_for, practice_today
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.diagnoses import Assessed, Diagnosis, check_assessed, check_reason, texts_of, tidied
from service.errors import Conflict, NotFound
from service.store import diagnoses
from service.store.diagnoses import Added, Content
from service.store.transaction import Unit, transaction

WITHDRAWN = "This was entered in error and stays as it is. Make it anew where it is wanted after all."


@dataclass(frozen=True)
class DiagnosisDesk:
    """A case with its diagnoses, those that stand first."""

    case: Case
    diagnoses: tuple[Diagnosis, ...]

    def find(self, diagnosis_id: str) -> Diagnosis:
        """Raises NotFound."""
        found = next((each for each in self.diagnoses if each.id == diagnosis_id), None)
        if found is None:
            raise NotFound
        return found


def read_diagnoses(actor: Actor, case_id: str, action: Action = Action.DIAGNOSIS_READ) -> DiagnosisDesk:
    with case_unit(actor, action, case_id) as (_unit, row):
        found = sorted(diagnoses.of_case(case_id), key=lambda each: each.wrong)
        return DiagnosisDesk(opened_for(actor, row), tuple(found))


def make_diagnosis(actor: Actor, case_id: str, draft: Assessed) -> Diagnosis:
    """The one that stands already where the same is sent twice. Raises Invalid."""
    with case_unit(actor, Action.DIAGNOSIS_WRITE, case_id) as (unit, _row):
        assessed = _checked(actor, draft)
        twin = (each for each in diagnoses.of_case(case_id) if not each.wrong and each.now == assessed)
        found = next(twin, None)
        if found is not None:
            return found
        return _told(unit, diagnoses.start(case_id, Added(DiagnosisStep.MADE, Content(assessed), actor.user_id)))


def change_diagnosis(actor: Actor, diagnosis_id: str, draft: Assessed, reason: str, *, version: int) -> Diagnosis:
    """Raises Invalid, Conflict with both texts, NotFound."""
    with _diagnosis_unit(actor, Action.DIAGNOSIS_WRITE, diagnosis_id) as (unit, stands):
        assessed = _checked(actor, draft)
        check_reason(reason)
        check_version(seen=version, stored=stands.version, yours=texts_of(assessed), theirs=texts_of(stands.now))
        added = Added(DiagnosisStep.CHANGED, Content(assessed, reason), actor.user_id)
        return _told(unit, diagnoses.add(stands, added))


def withdraw_diagnosis(actor: Actor, diagnosis_id: str, reason: str, *, version: int) -> Diagnosis:
    """Say that it was entered in error. It stays readable and is not taken up again."""
    with _diagnosis_unit(actor, Action.DIAGNOSIS_ERROR, diagnosis_id) as (unit, stands):
        check_reason(reason)
        check_version(seen=version, stored=stands.version)
        unit.why = "entered in error"
        added = Added(DiagnosisStep.WRONG, Content(stands.now, reason), actor.user_id)
        return _told(unit, diagnoses.add(stands, added))


@contextmanager
def _diagnosis_unit(actor: Actor, action: Action, diagnosis_id: str) -> Iterator[tuple[Unit, Diagnosis]]:
    """The diagnosis with permission asked. Raises Conflict for one that was withdrawn."""
    with transaction(actor, action, f"diagnosis/{diagnosis_id}") as unit:
        row = admit(unit, diagnoses.case_of(diagnosis_id))
        found = diagnoses.diagnosis(diagnosis_id)
        if found is None or found.case_id != row.id:
            raise NotFound
        if found.wrong:
            raise Conflict(WITHDRAWN)
        yield unit, found


def _told(unit: Unit, found: Diagnosis) -> Diagnosis:
    """The same, announced to what is built of it."""
    unit.changed("diagnosis", found.id, found.version, case_id=found.case_id)
    return found


def _checked(actor: Actor, draft: Assessed) -> Assessed:
    assessed = tidied(draft)
    check_assessed(assessed, practice_today(actor))
    return assessed
