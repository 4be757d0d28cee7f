"""Diagnoses as Condition: what is told, to whom, and what is forgotten."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from schemas.diagnosis_codes import TELLS_CAUSE, DiagnosisCode, DiagnosisStep
from schemas.export_codes import Audience
from schemas.release_codes import ConsentKind, ContentClass, LegalBasis, ReleasePurpose, SendRoute
from schemas.vocabulary import AssignmentKind
from service.casework import cases as casework
from service.casework import diagnoses, resource_reads
from service.domain import clock
from service.domain.diagnoses import Assessed, Diagnosis
from service.domain.disclosures import to_the_client
from service.domain.leaving import ONLY_BY_NAME
from service.domain.packages import Scope
from service.domain.releases import NOT_TO_INSURERS
from service.errors import Invalid, NotFound
from service.fhir import bundle, publish, results
from service.fhir.bundle import By
from service.fhir.condition import condition
from service.fhir.entries import Entry
from service.fhir.package import narrowed
from service.fhir.search import read_query
from service.store import cases, resources
from service.store.base import db
from service.store.resources import Search
from tests import builders
from tests.builders import House
from tests.fhir.records import AT, a_diagnosis, a_release

pytestmark = pytest.mark.usefixtures("context")
NAMED = (ContentClass.CARE, ContentClass.DIAGNOSES)
WORDS = "planted kestrel"


def stored(case_id: str) -> list[dict[str, Any]]:
    publish.catch_up(case_id)
    return [orjson.loads(each.body) for each in resources.of_case(case_id) if each.type == "Condition"]


def versions(house: House, made: Diagnosis) -> list[bytes]:
    return [each.body for each in resource_reads.read_versions(house.therapist, "Condition", made.id)]


def test_a_code_of_the_list_or_words_and_nothing_else_is_told() -> None:
    coded: Any = condition(a_diagnosis(Assessed(DiagnosisCode.ANXIETY, WORDS)), AT).content
    assert coded["code"] == {
        "coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F41.1"}],
        "text": DiagnosisCode.ANXIETY.label,
    }
    said: Any = condition(a_diagnosis(Assessed(words=WORDS, other_code="G47.9")), AT).content
    assert said["code"] == {"text": WORDS} and "G47" not in str(said)
    wrong: Any = condition(a_diagnosis(step=DiagnosisStep.WRONG), AT).content
    assert set(wrong) == {"resourceType", "id", "identifier", "verificationStatus", "subject"}


def test_a_change_and_a_withdrawal_forget_what_was_told_before(house: House) -> None:
    case = builders.add_case(house.therapist)
    made = builders.add_diagnosis(house.therapist, case.id, code=None, words=WORDS)
    (told,) = stored(case.id)
    assert (told["code"], told["onsetDateTime"]) == ({"text": WORDS}, "2025-11")
    assert told["recorder"] == {"reference": f"Practitioner/{house.therapist.user_id}"}
    diagnoses.change_diagnosis(house.therapist, made.id, builders.a_diagnosis(), "Told more", version=1)
    assert stored(case.id)[0]["code"]["coding"][0]["code"] == "F43.22"
    assert WORDS not in str(versions(house, made))
    diagnoses.withdraw_diagnosis(house.therapist, made.id, "Wrong client", version=2)
    (wrong,) = stored(case.id)
    assert wrong["verificationStatus"]["coding"][0]["code"] == "entered-in-error"
    assert "code" not in wrong and "F43" not in str(versions(house, made))


def test_words_that_tell_a_protected_value_are_put_aside_also_when_it_is_protected_later(house: House) -> None:
    case = builders.add_case(house.therapist)
    made = builders.add_diagnosis(house.therapist, case.id, code=None, words="Since 12 Hidden Lane")
    assert "Hidden" in str(stored(case.id))
    lives = replace(case.client, address="12 Hidden Lane")
    casework.change_client(house.therapist, case.id, lives, version=case.version)
    assert len(stored(case.id)) == 1 and "Hidden" not in str(versions(house, made))


@pytest.mark.parametrize("code", sorted(TELLS_CAUSE))
def test_no_code_goes_to_an_insurer(code: DiagnosisCode) -> None:
    entry = Entry("Condition", "d", condition(a_diagnosis(Assessed(code)), AT).body(1))
    release = a_release(terms=builders.release_terms(classes=NAMED))
    insured = a_release(terms=builders.release_terms(classes=NAMED, purpose=ReleasePurpose.INSURANCE))
    assert code.encode() in entry.body
    assert narrowed([entry], Scope(leaves_by=release))
    assert narrowed([entry], Scope(Audience.INSURER, tuple(ContentClass), leaves_by=release)) == []
    assert narrowed([entry], Scope(leaves_by=insured)) == narrowed([entry], Scope()) == []


def test_a_release_for_an_insurer_takes_no_diagnoses_and_neither_does_what_leaves_for_one(house: House) -> None:
    case = builders.add_case(house.therapist)
    builders.add_diagnosis(house.therapist, case.id, code=DiagnosisCode.SERVICES)
    with pytest.raises(Invalid) as refused:
        builders.add_release(house.therapist, case.id, classes=NAMED, purpose=ReleasePurpose.INSURANCE)
    assert refused.value.fields == {"classes": NOT_TO_INSURERS}
    release = builders.add_release(house.therapist, case.id, classes=NAMED)
    away = builders.a_departure(release_id=release.id, purpose=ReleasePurpose.INSURANCE)
    with pytest.raises(Invalid) as closed:
        bundle.export(house.therapist, case.id, away)
    assert closed.value.fields == {"purpose": NOT_TO_INSURERS}


def test_an_export_holds_diagnoses_by_a_release_that_names_them_alone(house: House) -> None:
    case = builders.add_case(house.therapist)
    builders.add_diagnosis(house.therapist, case.id, code=None, words=WORDS)
    named = builders.add_release(house.therapist, case.id, classes=NAMED)
    other = builders.add_release(house.therapist, case.id, classes=(ContentClass.CARE, ContentClass.NOTES))
    away = builders.a_departure(release_id=named.id)
    assert WORDS in bundle.export(house.therapist, case.id, away)[0].decode()
    by_law = builders.a_departure(basis=LegalBasis.TREATMENT, why="She sees both of us")
    choice = By(Scope(release=named))
    for departure, by in (
        (to_the_client(), By()),
        (to_the_client(), choice),
        (by_law, choice),
        (builders.a_departure(release_id=other.id), By()),
    ):
        body, told = bundle.export(house.therapist, case.id, departure, by=by)
        assert WORDS not in body.decode() and "Condition" not in told["counts"], departure  # type: ignore[operator]
    _, told = bundle.export(house.therapist, case.id, to_the_client())
    by_class: Any = told["by_class"]
    assert [(each["withheld"], each["why"]) for each in by_class if each["class"] == "diagnoses"] == [(1, ONLY_BY_NAME)]


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("code=F43.22", 1),
        ("code=http://hl7.org/fhir/sid/icd-10-cm|F43.22", 1),
        ("code=F41.1", 0),
        ("clinical-status=active", 1),
        ("clinical-status=resolved", 0),
        ("verification-status=provisional", 1),
        ("onset-date=2025-11", 1),
        ("onset-date=2024", 0),
    ],
)
def test_they_are_found_by_code_status_and_onset(house: House, asked: str, count: int) -> None:
    case = builders.add_case(house.therapist)
    builders.add_diagnosis(house.therapist, case.id)
    name, _, value = asked.partition("=")
    query = read_query("Condition", [("patient", case.id), (name, value)], AT)
    assert orjson.loads(results.search(house.therapist, query))["total"] == count


def test_a_connected_system_reads_them_by_a_release_that_names_it_and_them_and_by_no_consent(house: House) -> None:
    case = builders.add_case(house.therapist)
    made = builders.add_diagnosis(house.therapist, case.id, code=None, words=WORDS)
    builders.add_consent(house.therapist, case.id, ConsentKind.RECORD_SYSTEM)
    cases.assign(case.id, house.machine.user_id, AssignmentKind.LINKED)
    db.session.commit()
    publish.catch_up(case.id)
    wanted = Search("Condition", case_id=case.id)

    def told() -> list[bool]:
        page = resource_reads.read_everything(house.machine, case.id)
        found = [any(each.type == "Patient" for each in page.found), WORDS in str(page)]
        for ask in (
            lambda: resource_reads.read_resource(house.machine, "Condition", made.id),
            lambda: resource_reads.read_versions(house.machine, "Condition", made.id),
            lambda: resource_reads.search_resources(house.machine, wanted),
        ):
            try:
                found.append(WORDS in str(ask()))
            except NotFound:
                found.append(False)
        return found

    nothing, all_of_it = [True, *[False] * 4], [True] * 5
    assert told() == nothing
    by_system: dict[str, Any] = {"route": SendRoute.SYSTEM}
    builders.add_release(house.therapist, case.id, recipient="Somebody else", classes=NAMED, **by_system)
    builders.add_release(
        house.therapist, case.id, recipient=house.machine.name, classes=(ContentClass.CARE,), **by_system
    )
    assert told() == nothing
    builders.add_release(house.therapist, case.id, recipient=house.machine.name, classes=NAMED, **by_system)
    assert told() == all_of_it


def test_an_export_holds_who_recorded_a_diagnosis_also_where_it_is_somebody_else(house: House) -> None:
    case = builders.add_case(house.therapist)
    cases.assign(case.id, house.peer.user_id, AssignmentKind.COVER, clock.now().date() + timedelta(days=2))
    db.session.commit()
    builders.add_diagnosis(house.peer, case.id)
    publish.rebuild(house.practice_id)
    release = builders.add_release(house.therapist, case.id, classes=NAMED)
    body, _told = bundle.export(house.therapist, case.id, builders.a_departure(release_id=release.id))
    resources_in = [each["resource"] for each in orjson.loads(body)["entry"]]
    found = {f"{each['resourceType']}/{each['id']}": each for each in resources_in}
    (told,) = (each for each in found.values() if each["resourceType"] == "Condition")
    assert told["recorder"] == {"reference": f"Practitioner/{house.peer.user_id}"}
    assert told["recorder"]["reference"] in found
