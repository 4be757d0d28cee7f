"""Packages: what a scope lets through, resources a line, and a manifest that counts every class."""

import hashlib
from typing import Any

import orjson
import pytest

from schemas.export_codes import Audience, PackageForm
from schemas.release_codes import ContentClass
from service.domain.disclosures import to_the_client
from service.domain.packages import EVERYTHING, NEVER, Scope
from service.fhir import bundle, codes
from service.fhir.bundle import By
from service.fhir.classes import CLASS_OF
from service.store import disclosures
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
C = ContentClass


@pytest.fixture
def case_id(house: House) -> str:
    case = builders.add_case(house.therapist)
    session = builders.add_session(house.therapist, case.id)
    builders.add_note(house.therapist, session.id, signed=True)
    builders.add_intake(house.therapist, case.id)
    builders.add_plan(house.therapist, case.id)
    builders.add_working_note(house.therapist, session.id, "Kept to myself")
    return case.id


def made(house: House, case_id: str, scope: Scope) -> tuple[list[Any], Any]:
    body, told = bundle.export(house.therapist, case_id, to_the_client(), by=By(scope))
    if scope.form is PackageForm.NDJSON:
        return [orjson.loads(line) for line in body.splitlines()], told
    return [each["resource"] for each in orjson.loads(body)["entry"]], told


@pytest.mark.parametrize("chosen", [(), (C.ATTENDANCE,), (C.LOGS,), (C.NOTES, C.PLAN_DATES)])
def test_a_package_holds_what_its_scope_lets_through_and_the_manifest_counts_the_rest(
    house: House, case_id: str, chosen: tuple[ContentClass, ...]
) -> None:
    everything, _told = made(house, case_id, EVERYTHING)
    scope = Scope(classes=chosen)
    found, told = made(house, case_id, scope)
    names = {f"{each['resourceType']}/{each['id']}" for each in found}
    assert {CLASS_OF[each["resourceType"]] for each in found} <= scope.reach
    for each in found:
        if each["resourceType"] == "Provenance":
            assert {target["reference"] for target in each["target"]} <= names
        assert codes.problems_of(each) == []
    counted = {each["class"]: each for each in told["by_class"]}
    assert list(counted) == [str(each) for each in C]
    assert sum(each["sent"] for each in counted.values()) == len(found) == sum(told["counts"].values())
    assert sum(each["withheld"] or 0 for each in counted.values()) == len(everything) - len(found)
    notes = counted["psychotherapy"]
    assert (notes["sent"], notes["withheld"], notes["why"]) == (0, None, NEVER)
    assert "Kept to myself" not in str(found)
    (row, *_earlier) = disclosures.of_case(case_id)
    assert set(row.left.classes) == {CLASS_OF[each["resourceType"]] for each in found}


def test_a_package_for_a_court_holds_no_log_and_no_note(house: House, case_id: str) -> None:
    found, told = made(house, case_id, Scope(Audience.COURT, tuple(C)))
    kinds = {each["resourceType"] for each in found}
    assert {"Patient", "Encounter"} <= kinds
    assert kinds.isdisjoint({"QuestionnaireResponse", "Observation", "DocumentReference", "CarePlan"})
    assert told["labels"][0] == "R" and told["audience"] == "court"


def test_resources_a_line_are_those_of_the_bundle_with_one_digest(house: House, case_id: str) -> None:
    lines, told = made(house, case_id, Scope(form=PackageForm.NDJSON))
    (row, *_rest) = disclosures.of_case(case_id)
    as_bundle, same = made(house, case_id, EVERYTHING)
    assert lines == as_bundle and told["contents_sha256"] == same["contents_sha256"]
    body = b"".join(orjson.dumps(each) + b"\n" for each in lines)
    assert len(row.left.digest) == len(hashlib.sha256(body).hexdigest())


def test_a_narrow_release_lets_a_narrow_package_out(house: House, case_id: str) -> None:
    narrow = builders.add_release(house.therapist, case_id, classes=(C.CARE, C.ATTENDANCE))
    by_release = builders.a_departure(release_id=narrow.id)
    _body, told = bundle.export(house.therapist, case_id, by_release, by=By(Scope(release=narrow)))
    counts: Any = told["counts"]
    assert "Encounter" in counts and "Observation" not in counts
