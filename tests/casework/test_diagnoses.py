"""Making, changing and withdrawing diagnoses: versions, who may, and what lies sealed."""

import pytest
from sqlalchemy import select

from schemas.actions import Action
from schemas.case_codes import TimelineKind
from schemas.diagnosis_codes import DiagnosisCode, DiagnosisStep
from service.casework import diagnoses, timeline
from service.domain.diagnoses import Assessed
from service.domain.timeline import Wanted
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.store.audit import AuditRow
from service.store.base import db
from service.store.diagnoses import DiagnosisRow
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
LATER = Assessed(DiagnosisCode.SERVICES, "Kestrel words")


def test_each_change_is_a_version_with_its_reason(house: House) -> None:
    case = builders.add_case(house.therapist)
    made = builders.add_diagnosis(house.therapist, case.id)
    diagnoses.change_diagnosis(house.therapist, made.id, LATER, "Told more", version=1)
    diagnoses.withdraw_diagnosis(house.therapist, made.id, "Wrong client", version=2)
    (found,) = diagnoses.read_diagnoses(house.supervisor, case.id).diagnoses
    assert [(each.number, each.step, each.reason) for each in found.versions] == [
        (3, DiagnosisStep.WRONG, "Wrong client"),
        (2, DiagnosisStep.CHANGED, "Told more"),
        (1, DiagnosisStep.MADE, ""),
    ]
    assert (found.id, found.wrong, found.now, found.asserter.by_name) == (made.id, True, LATER, "Ana Núñez")
    for again in (
        lambda: diagnoses.change_diagnosis(house.therapist, made.id, LATER, "Again", version=3),
        lambda: diagnoses.withdraw_diagnosis(house.therapist, made.id, "Again", version=3),
    ):
        with pytest.raises(Conflict):
            again()


def test_a_change_without_a_reason_and_a_stale_one_are_refused(house: House) -> None:
    case = builders.add_case(house.therapist)
    made = builders.add_diagnosis(house.therapist, case.id)
    with pytest.raises(Invalid) as blank:
        diagnoses.change_diagnosis(house.therapist, made.id, LATER, "  ", version=1)
    assert list(blank.value.fields) == ["reason"]
    diagnoses.change_diagnosis(house.therapist, made.id, LATER, "Told more", version=1)
    with pytest.raises(Conflict) as stale:
        diagnoses.change_diagnosis(house.therapist, made.id, builders.a_diagnosis(), "Told more", version=1)
    assert (stale.value.yours["code"], stale.value.theirs["code"]) == ("F43.22", "Z69.11")


def test_the_same_sent_twice_is_one_diagnosis(house: House) -> None:
    case = builders.add_case(house.therapist)
    assert builders.add_diagnosis(house.therapist, case.id) == builders.add_diagnosis(house.therapist, case.id)
    assert len(diagnoses.read_diagnoses(house.therapist, case.id).diagnoses) == 1


def test_a_supervisor_reads_and_nobody_else_finds_it(house: House) -> None:
    case = builders.add_case(house.therapist)
    made = builders.add_diagnosis(house.therapist, case.id)
    with pytest.raises(NotAllowed):
        builders.add_diagnosis(house.supervisor, case.id)
    for actor in (house.peer, house.stranger, house.admin, house.machine):
        with pytest.raises(NotFound):
            diagnoses.read_diagnoses(actor, case.id)
        with pytest.raises(NotFound):
            diagnoses.withdraw_diagnosis(actor, made.id, "Not mine", version=1)


def test_code_words_and_reason_lie_sealed_and_each_use_leaves_its_row(house: House) -> None:
    case = builders.add_case(house.therapist)
    made = builders.add_diagnosis(house.therapist, case.id, code=DiagnosisCode.SERVICES, words="Kestrel words")
    diagnoses.change_diagnosis(house.therapist, made.id, builders.a_diagnosis(), "Heron reason", version=1)
    diagnoses.read_diagnoses(house.supervisor, case.id)
    for row in db.session.scalars(select(DiagnosisRow)):
        stored = b"|".join(
            str(value).encode() if not isinstance(value, bytes) else value for value in vars(row).values()
        )
        assert not [each for each in (b"Z69", b"F43", b"Kestrel", b"Heron") if each in stored]
    used = select(AuditRow.action).where(AuditRow.subject == f"case/{case.id}")
    found = set(db.session.scalars(used))
    assert {Action.DIAGNOSIS_WRITE, Action.DIAGNOSIS_READ} <= found


def test_the_timeline_says_that_there_is_one_and_a_table_taken_away_does_not(house: House) -> None:
    case = builders.add_case(house.therapist)
    builders.add_diagnosis(house.therapist, case.id, code=DiagnosisCode.SERVICES)
    wanted = Wanted(frozenset({TimelineKind.DIAGNOSIS}))
    (line,) = timeline.read_timeline(house.therapist, case.id, wanted).happened
    assert line.words == "Diagnosis: Made"
    table = timeline.export_timeline(house.therapist, case.id, wanted).decode("utf-8-sig")
    assert table.splitlines() == ["Day,Time,Kind,What"]
