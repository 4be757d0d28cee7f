"""Lines of plans: none on the facade, and in an export only class G, by a release in force that names them."""

from typing import Any

import orjson
import pytest
from flask import Flask

from schemas.release_codes import ContentClass
from schemas.vocabulary import FieldClass, PlanType
from service.casework import plans
from service.casework.publishing import Named
from service.domain.disclosures import to_the_client
from service.domain.plan_types import FIELDS
from service.domain.safety import PlanLine
from service.errors import Invalid
from service.fhir import bundle, models
from service.fhir.bundle import By
from service.store import resources
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
EVERYTHING = tuple(each for each in ContentClass if each is not ContentClass.PSYCHOTHERAPY)
WITHOUT_LINES = tuple(each for each in EVERYTHING if each is not ContentClass.PLAN_LINES)
KINDS = (PlanType.PL_CRISIS, PlanType.PL_LEAVE)


@pytest.fixture
def case_id(context: Flask, house: House) -> str:
    """A case with plans in use whose every part holds words of its own."""
    found = builders.add_case(house.therapist)
    for kind in KINDS:
        started = plans.start_plan(house.therapist, found.id, kind)
        lines = {each.key: PlanLine(f"words of {each.key}") for each in FIELDS[kind]}
        kept = plans.save_plan(house.therapist, started.id, plans.PlanDraft(lines), version=started.version)
        plans.activate_plan(house.therapist, kept.id, version=kept.version)
    return found.id


def parts(*classes: FieldClass) -> set[str]:
    return {f"words of {each.key}" for kind in KINDS for each in FIELDS[kind] if each.field_class in classes}


def exported(house: House, case_id: str, classes: tuple[ContentClass, ...]) -> tuple[str, list[dict[str, Any]], Any]:
    release = builders.add_release(house.therapist, case_id, classes=classes)
    away = builders.a_departure(release_id=release.id)
    body, manifest = bundle.export(house.therapist, case_id, away)
    entries = [each["resource"] for each in orjson.loads(body)["entry"]]
    return body.decode(), [each for each in entries if each["resourceType"] == "CarePlan" and "note" in each], manifest


def told(text: str, words: set[str]) -> set[str]:
    return {each for each in words if each in text}


def test_a_release_that_names_them_carries_class_g_and_nothing_else(house: House, case_id: str) -> None:
    body, found, manifest = exported(house, case_id, EVERYTHING)
    assert told(body, parts(FieldClass.G)) == parts(FieldClass.G) != set()
    assert told(body, parts(FieldClass.R, FieldClass.N)) == set()
    assert [models.problems_of(each) for each in found] == [[]] * len(KINDS)
    assert {each["meta"]["security"][0]["code"] for each in found} == {"V"}
    assert "plan_lines" in manifest["classes"]
    left = {each["what"]: each["count"] for each in manifest["left_out"]}
    assert left[f"Plan lines: {FieldClass.G.label}"] == 0
    assert left[f"Plan lines: {FieldClass.N.label}"] == len(parts(FieldClass.N))


def test_no_other_ground_carries_a_line(house: House, case_id: str) -> None:
    body, found, manifest = exported(house, case_id, WITHOUT_LINES)
    taken, _manifest = bundle.export(house.therapist, case_id, to_the_client())
    everything = parts(*FieldClass)
    assert (found, told(body, everything), told(taken.decode(), everything)) == ([], set(), set())
    assert "plan_lines" not in manifest["classes"]


def test_the_facade_holds_no_line_whatever_was_released(house: House, case_id: str) -> None:
    exported(house, case_id, EVERYTHING)
    bodies = " ".join(each.body.decode() for each in resources.of_case(case_id))
    assert told(bodies, parts(*FieldClass)) == set()


def test_a_revoked_release_and_one_of_another_case_carry_nothing(house: House, case_id: str) -> None:
    other = builders.add_case(house.therapist)
    foreign = builders.add_release(house.therapist, other.id, classes=EVERYTHING)
    body, _manifest = bundle.export(house.therapist, case_id, None, by=By(papers=Named(foreign.id)))
    assert told(body.decode(), parts(*FieldClass)) == set()
    with pytest.raises(Invalid):
        bundle.export(house.therapist, case_id, builders.a_departure(release_id=foreign.id))


def test_a_line_that_tells_a_protected_value_stays(house: House) -> None:
    case = builders.add_case(house.therapist, address="12 Hidden Lane")
    started = plans.start_plan(house.therapist, case.id, PlanType.PL_CRISIS)
    first, second = [each.key for each in FIELDS[PlanType.PL_CRISIS] if each.field_class is FieldClass.G]
    lines = {first: PlanLine("I go to 12 Hidden Lane"), second: PlanLine("I breathe out slowly")}
    kept = plans.save_plan(house.therapist, started.id, plans.PlanDraft(lines), version=started.version)
    plans.activate_plan(house.therapist, kept.id, version=kept.version)
    body, found, _manifest = exported(house, case.id, EVERYTHING)
    assert len(found) == 1
    assert "Hidden Lane" not in body
    assert "I breathe out slowly" in body


def test_the_receipt_and_what_leaves_have_the_same_digest(house: House, case_id: str) -> None:
    release = builders.add_release(house.therapist, case_id, classes=EVERYTHING)
    _body, looked_at = bundle.export(house.therapist, case_id, None, by=By(papers=Named(release.id)))
    digest = str(looked_at["contents_sha256"])
    away = builders.a_departure(release_id=release.id)
    body, _manifest = bundle.export(house.therapist, case_id, away, confirmed=digest)
    assert told(body.decode(), parts(FieldClass.G)) == parts(FieldClass.G)
