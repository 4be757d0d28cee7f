"""FHIR clients that nobody here wrote, at work against the running server: fhirclient, fhirpy and fhir-kit-client."""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from fhirclient import client as smart
from fhirclient.models.documentreference import DocumentReference
from fhirclient.models.encounter import Encounter
from fhirclient.models.observation import Observation
from fhirclient.models.patient import Patient
from fhirclient.models.questionnaireresponse import QuestionnaireResponse
from fhirclient.server import FHIRNotFoundException
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound
from flask import Flask

from service.fhir import publish
from service.store import sign_ins
from service.store.base import db
from tests import builders
from tests.api.test_fhir import linked_machine
from tests.api.test_fhir import record as record
from tests.builders import House
from tests.conftest import form_token_of
from tests.journeys.site import serving
from tests.tools.packages import CACHE, npm_package

pytestmark = [pytest.mark.interop, pytest.mark.slow]
KIT = ("fhir-kit-client", "agentkeepalive", "humanize-ms", "debug", "ms", "json-stringify-safe")


@dataclass(frozen=True)
class Served:
    """A running server, a token that may read one client, and a client of a colleague that it may not."""

    base: str
    token: str
    ids: Mapping[str, str]
    foreign: str


@pytest.fixture
def served(app: Flask, house: House, record: Mapping[str, str]) -> Iterator[Served]:
    token = linked_machine(app, house, record["Patient"])["Authorization"].partition(" ")[2]
    with app.app_context():
        publish.rebuild(house.practice_id)
        foreign = builders.add_case(house.peer).id
    with serving(app) as url:
        app.extensions["stepwell.settings"] = replace(app.extensions["stepwell.settings"], fhir_base=f"{url}/fhir/R4")
        yield Served(f"{url}/fhir/R4", token, record, foreign)


def test_fhirclient_reads_searches_and_follows_pages(served: Served) -> None:
    """Its models check every resource strictly as they are read."""
    there = smart.FHIRClient(settings={"app_id": "tests", "api_base": served.base})
    there.server.session.headers["Authorization"] = f"Bearer {served.token}"
    assert there.server.capabilityStatement.fhirVersion == "4.0.1"
    assert Patient.read(served.ids["Patient"], there.server).id == served.ids["Patient"]
    case = served.ids["Patient"]
    pages = Observation.where({"patient": case, "_count": "3"}).perform_resources_iter(there.server)
    assert len({each.id for each in pages}) == 4
    documents = DocumentReference.where({"patient": case, "date": "ge2020-01-01"}).perform_resources_iter(there.server)
    assert [each.id for each in documents] == [served.ids["DocumentReference"]]
    held = Encounter.where({"patient": case, "status": "finished", "_sort": "-date"})
    (session,) = held.perform_resources_iter(there.server)
    assert session.subject.resolved(Patient).id == case
    log = QuestionnaireResponse.read(served.ids["QuestionnaireResponse"], there.server)
    assert log.as_json()["status"] == "completed"
    with pytest.raises(FHIRNotFoundException):
        Patient.read(served.foreign, there.server)


def test_fhirpy_searches_includes_and_writes(app: Flask, house: House, served: Served) -> None:
    there = SyncFHIRClient(served.base, authorization=f"Bearer {served.token}")
    case = served.ids["Patient"]
    observations = there.resources("Observation")
    assert observations.search(patient=case).count() == 4
    assert len(observations.search(patient=case).limit(3).fetch_all()) == 4
    assert {each["status"] for each in observations.search(patient=case, code="wsl-total").fetch()} == {"final"}
    whole = there.resources("DocumentReference").search(patient=case).revinclude("Provenance", "target").fetch_raw()
    assert sorted(each.resource.resource_type for each in whole.entry) == ["DocumentReference", "Provenance"]
    patient = there.reference("Patient", case).to_resource()
    assert patient.execute("$everything", method="get")["total"] > 10
    for wanted in (served.foreign, str(uuid4())):
        with pytest.raises(ResourceNotFound):
            there.reference("Patient", wanted).to_resource()
    with pytest.raises(OperationOutcome):
        observations.fetch()
    check_writing(app, house, served)


def check_writing(app: Flask, house: House, served: Served) -> None:
    """The therapist's own program: the cookie and form token of a sign-in instead of a bearer token."""
    with app.app_context():
        token = sign_ins.start(house.therapist.user_id, "test")
        db.session.commit()
    head = {"Cookie": f"stepwell={token}", "X-CSRF-Token": form_token_of(app, token), "Sec-Fetch-Site": "same-origin"}
    there = SyncFHIRClient(served.base, extra_headers=head)
    held = there.resources("QuestionnaireResponse").search(patient=served.ids["Patient"]).first()
    assert held is not None
    kept = {name: held[name] for name in ("questionnaire", "status", "subject", "item")}
    made = there.resource("QuestionnaireResponse", authored="2026-03-02T09:30:00Z", **kept)
    assert made.is_valid()
    made.save()
    assert made["id"] != held["id"]
    scores = there.resources("Observation").search(patient=served.ids["Patient"], derived_from=made["id"])
    assert scores.count() == 4


def test_fhir_kit_client_pages_posts_batches_and_resolves(served: Served, tmp_path: Path) -> None:
    seen = kit(tmp_path, served)
    assert seen["fhirVersion"] == "4.0.1"
    assert (seen["patient"], seen["resolved"]) == (served.ids["Patient"], served.ids["Patient"])
    assert (seen["versions"], seen["vread"]) == (1, "1")
    assert ([len(each) for each in seen["pages"]], seen["total"]) == ([3, 1], 4)
    assert len({each for page in seen["pages"] for each in page}) == 4
    assert seen["posted"] == ["match DocumentReference", "include Provenance"]
    assert {"Patient", "Encounter", "Observation", "Practitioner", "Organization"} <= set(seen["everything"])
    assert not {"Binary", "Composition"} & set(seen["everything"])
    assert seen["batch"] == ["200", "404"]
    assert seen["refused"] == [404, "not-found"]


def kit(folder: Path, served: Served) -> dict[str, Any]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed, so fhir-kit-client cannot be run")
    (folder / "node_modules").mkdir()
    for name in KIT:
        npm_package(name)
        (folder / "node_modules" / name).symlink_to(CACHE / name)
    script = shutil.copy(Path(__file__).parent / "fhir_kit.mjs", folder / "work.mjs")
    asked = (served.base, served.token, served.ids["Patient"], served.foreign)
    run = subprocess.run(
        [node, "--preserve-symlinks", "--preserve-symlinks-main", script, *asked],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return cast(dict[str, Any], json.loads(run.stdout))
