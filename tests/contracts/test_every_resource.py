"""What holds for each FHIR resource we write, whatever record it is made of.

Two readers that share no code must both accept it: fhir.resources, which guards every write, and fhirkit (R4 4.0.1).
Neither checks required codes, so each also passes the tables of service/fhir/codes.py.
"""

import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import fhirkit
import orjson
import pytest
from hypothesis import HealthCheck, given, settings

from service.casework.sources import Frozen
from service.fhir import RESOURCES, codes, models
from service.fhir.build import resources_of
from service.fhir.care_plan import with_lines
from service.fhir.definitions import plan_definitions, questionnaires
from service.fhir.draft import Made
from service.fhir.labels import CONFIDENTIALITY, DIRECTORY_TYPES
from service.fhir.shapes import Json
from tests.fhir.records import AT, SECRETS, a_case, a_goal, a_plan, a_referral, anything, frozen, one_of_each

GOLDEN = Path(__file__).parent.parent / "golden" / "fhir"
EACH = pytest.mark.parametrize("name", list(one_of_each()))


# Types of which no Provenance says who wrote them down, and why not.
SOURCE_ELSEWHERE = {
    "Patient": "many change it, each in the audit; the practice answers for it as managingOrganization",
    "Practitioner": "of the directory",
    "PractitionerRole": "of the directory",
    "Organization": "of the directory",
    "Questionnaire": "a definition, about nobody",
    "PlanDefinition": "a definition, about nobody",
    "Condition": "names recorder and day itself; a Provenance would tell of a diagnosis whoever may read none",
    "Task": "names requester and day itself",
    "Composition": "names author and attesters itself",
    "Binary": "the text of a DocumentReference, whose Provenance tells",
    "Consent": "in no export and read by the practice's own systems alone; a Provenance would go where it does not",
    "Flag": "in no export and read by the practice's own systems alone; a Provenance would go where it does not",
    "AuditEvent": "names its agents itself",
    "Provenance": "is that very thing",
}


def made_of(name: str) -> list[Made]:
    return list(resources_of(one_of_each()[name], AT))


def written() -> dict[str, Json]:
    """Type/id/name -> every resource of the fixed records, and every form."""
    found = {
        f"{each.type}-{name}-{number}": each.resource(1)
        for name in one_of_each()
        for number, each in enumerate(made_of(name))
    }
    made = with_lines(a_plan(), ("What helps: a walk",), AT)
    found["CarePlan-plan-lines"] = made.resource(1)
    found |= {f"Questionnaire-{key}": orjson.loads(body) for key, body in questionnaires(AT).items()}
    return found | {f"PlanDefinition-{key}": orjson.loads(body) for key, body in plan_definitions(AT).items()}


def resources_inside(value: object) -> list[str]:
    """Every relative reference in a resource."""
    if isinstance(value, dict):
        own = [value["reference"]] if isinstance(value.get("reference"), str) else []
        return own + [found for each in value.values() for found in resources_inside(each)]
    return [found for each in value for found in resources_inside(each)] if isinstance(value, list) else []


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(anything())
def test_whatever_the_record_what_is_made_of_it_passes_both_gates(frozen: Frozen) -> None:
    for each in resources_of(frozen, AT):
        resource = each.resource(3)
        assert models.problems_of(resource) == []
        assert codes.problems_of(resource) == []
        assert orjson.loads(each.body(3)) == resource


@pytest.mark.interop
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(anything())
def test_a_second_reader_accepts_what_the_first_accepts(frozen: Frozen) -> None:
    for each in resources_of(frozen, AT):
        assert fhirkit.validate(each.resource(1)) == []


@EACH
def test_the_same_record_gives_the_same_bytes(name: str) -> None:
    assert [each.body(1) for each in made_of(name)] == [each.body(1) for each in made_of(name)]


def test_the_bytes_are_the_approved_ones() -> None:
    """A change here is a change for every system that reads us: approve it by writing the golden files anew."""
    found = {name: json.dumps(each, indent=1, ensure_ascii=False) + "\n" for name, each in written().items()}
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(found)
    for name, text in found.items():
        assert (GOLDEN / f"{name}.json").read_text() == text, name


def test_every_type_on_the_shelf_is_made_of_something() -> None:
    assert {str(each["resourceType"]) for each in written().values()} == set(RESOURCES)


def test_each_type_that_can_leave_has_a_source_or_a_reason_why_it_stands_elsewhere() -> None:
    told = [each for each in written().values() if each["resourceType"] == "Provenance"]
    targets = {reference.partition("/")[0] for each in told for reference in resources_inside(each["target"])}
    assert targets & SOURCE_ELSEWHERE.keys() == set()
    assert targets | SOURCE_ELSEWHERE.keys() == set(RESOURCES)


def test_no_two_kinds_of_record_write_the_same_resource() -> None:
    """A session and its note both have a source; were they of one id, the later overwrote the earlier."""
    writers: defaultdict[str, set[str]] = defaultdict(set)
    for name in one_of_each():
        for each in made_of(name):
            writers[f"{each.type}/{each.id}"].add(name.partition("-")[0])
    assert {found: names for found, names in writers.items() if len(names) > 1} == {}


def test_no_source_is_made_up_where_none_was_kept_and_each_who_moved_an_episode_stands_once() -> None:
    moves = [replace(a_case().episode.moves[0], by_id=each) for each in ("", "b", "a", "b")]
    episode = replace(a_case().episode, moves=tuple(moves))
    unknown = a_goal(author_id=""), a_referral(author_id=""), replace(episode, moves=())
    assert [each.type for one in unknown for each in resources_of(frozen(one), AT)] == [
        "Goal",
        "ServiceRequest",
        "EpisodeOfCare",
    ]
    _made, source = resources_of(frozen(episode), AT)
    assert [each["who"]["reference"] for each in source.content["agent"]] == ["Practitioner/b", "Practitioner/a"]  # type: ignore[attr-defined]


def test_every_resource_is_labelled_restricted_unless_it_is_of_the_directory() -> None:
    for name, resource in written().items():
        labels = {label["code"] for label in resource["meta"]["security"]}  # type: ignore[index]
        systems = [label["system"] for label in resource["meta"]["security"]]  # type: ignore[index]
        assert systems.count(CONFIDENTIALITY) == 1, name
        if resource["resourceType"] in DIRECTORY_TYPES:
            assert labels == {"N"}, name
        else:
            level = "V" if name.startswith("CarePlan-plan-") else "R"
            assert labels == {level, "SDV", "MH", "NORDSCLCD", "NOPAT"}, name


def test_nothing_that_must_stay_is_in_any_resource() -> None:
    stays = (
        *SECRETS,
        "Written in",
        "Kept here",
        "Preparing",
        "PL-PREP",
        "together",
        "ana@linden.example",
        "C-AB12C-not",
    )
    for name, resource in written().items():
        text = json.dumps(resource, ensure_ascii=False)
        for word in stays:
            assert word not in text or resource["resourceType"] in ("Questionnaire", "PlanDefinition"), (name, word)


def test_no_profile_is_claimed_that_nothing_here_can_check() -> None:
    assert {name for name, resource in written().items() if "profile" in resource["meta"]} == set()  # type: ignore[operator]


def test_references_are_relative_and_name_a_type_on_the_shelf() -> None:
    for name, resource in written().items():
        for found in resources_inside(resource):
            assert found.partition("/")[0] in RESOURCES, (name, found)


def test_a_wrong_code_a_missing_element_and_a_missing_label_are_found() -> None:
    resource = {**made_of("session")[0].resource(1), "status": "bogus"}
    assert models.problems_of(resource) == []
    assert codes.problems_of(resource) == ["Encounter.status: code"]
    assert codes.problems_of({**resource, "status": ""}) == ["Encounter.status: code", "Encounter.status: missing"]
    bare = {**made_of("plan")[0].resource(1), "meta": {}}
    assert codes.problems_of(bare) == ["CarePlan.meta.security: missing"]


def test_a_problem_names_paths_and_never_repeats_a_value() -> None:
    resource = {**made_of("case")[0].resource(1), "birthDate": "the third of May", "secret": "not to be told"}
    problems = models.problems_of(resource)
    assert len(problems) == 2
    assert not any("May" in each or "told" in each for each in problems)
