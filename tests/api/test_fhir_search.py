"""Searches beyond patient and date: what no column tells, order, includes, chains, parts; one way for every type."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.domain.actors import Actor
from service.fhir import RESOURCES, publish
from service.fhir.parameters import DATE, PATIENT, REFERENCE, Parameter
from tests import builders
from tests.api.test_fhir import BASE, CASE_TYPES, OF_CASE, must_be_refused
from tests.api.test_fhir import record as record
from tests.builders import House

SignIn = Callable[[Actor], FlaskClient]
REFERENCES = [
    (kind, each)
    for kind, shelved in RESOURCES.items()
    for each in shelved.parameters
    if each.targets and kind not in ("Questionnaire", "PlanDefinition")
]
CHAINS = [
    (kind, each, target) for kind, each in REFERENCES for target in each.targets if each.kind in (REFERENCE, PATIENT)
]


@pytest.fixture
def client(sign_in: SignIn, house: House) -> FlaskClient:
    return sign_in(house.therapist)


def asked(client: FlaskClient, wanted: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]], dict[str, Any]]:
    """The matches, what was included, and the Bundle."""
    response = client.get(f"{BASE}/{wanted}")
    assert response.status_code == 200, response.text
    bundle = response.get_json(force=True)
    entries = bundle.get("entry", [])
    modes = [[each["resource"] for each in entries if each["search"]["mode"] == mode] for mode in ("match", "include")]
    return modes[0], modes[1], bundle


def ids(client: FlaskClient, wanted: str) -> list[str]:
    return [each["id"] for each in asked(client, wanted)[0]]


def test_every_parameter_of_every_type_finds_what_it_should_and_leaves_out_the_rest(
    client: FlaskClient, record: Mapping[str, str]
) -> None:
    """Values are taken out of the resources themselves, so a parameter that looks in the wrong place finds nothing."""
    tried = set()
    for kind in CASE_TYPES:
        everything, _included, _bundle = asked(client, f"{kind}?patient={record['Patient']}")
        for name, value, wanted in asked_about(kind, everything):
            tried.add((kind, name))
            found = ids(client, f"{kind}?patient={record['Patient']}&{name}={value}")
            assert found == wanted, (kind, name, value)
            missing = ids(
                client, f"{kind}?patient={record['Patient']}&{name}={nothing_like(RESOURCES[kind].parameter(name))}"
            )
            assert missing == [], (kind, name)
    declared = {(kind, each.name) for kind in CASE_TYPES for each in RESOURCES[kind].parameters}
    assert declared - tried <= {
        ("CarePlan", "date"),
        ("DocumentReference", "relatesto"),
        ("Provenance", "patient"),
        ("QuestionnaireResponse", "source"),
    }


def asked_about(kind: str, everything: list[dict[str, Any]]) -> Iterator[tuple[str, str, list[str]]]:
    """(parameter, a value, the ids that it should find), worked out apart from the code under test."""
    for parameter in RESOURCES[kind].parameters:
        values = {each["id"]: list(told(each, parameter)) for each in everything}
        some = next((value for each in values.values() for value in each), None)
        if some is not None:
            yield parameter.name, some, sorted(key for key, each in values.items() if some in each)


def told(resource: dict[str, Any], parameter: Parameter) -> Iterator[str]:
    for path in parameter.paths:
        places = [resource]
        for step in path.split("."):
            stepped = [each[step] for each in places if step in each]
            places = [one for each in stepped for one in (each if isinstance(each, list) else [each])]
        for place in places:
            yield from written(place, parameter)


def written(place: Any, parameter: Parameter) -> Iterator[str]:
    if parameter.kind == DATE:
        moment = place["start"] if isinstance(place, dict) else place
        yield moment[:19] + "Z" if "T" in moment else moment  # a search looks no closer than a second
    elif isinstance(place, str):
        yield place
    elif "reference" in place:
        yield place["reference"]
    else:
        for coding in place.get("coding", [place]):
            yield f"{coding.get('system', '')}|{coding.get('code', coding.get('value'))}"


def nothing_like(parameter: Parameter | None) -> str:
    assert parameter is not None
    return "1900-01-01" if parameter.kind == DATE else str(uuid4())


def test_tokens_are_compared_with_and_without_their_system(client: FlaskClient, record: Mapping[str, str]) -> None:
    wanted, score = f"Observation?patient={record['Patient']}", "https://stepwell.example/CodeSystem/score"
    assert ids(client, f"{wanted}&code=wsl-total") == [record["Observation"]]
    assert ids(client, f"{wanted}&code={score}|wsl-total") == [record["Observation"]]
    assert len(ids(client, f"{wanted}&code={score}|")) == 4
    assert ids(client, f"{wanted}&code=|wsl-total") == []
    assert len(ids(client, f"{wanted}&code=wsl-total,wsl-physical")) == 2
    assert len(ids(client, f"{wanted}&code=wsl-total%2Cwsl-physical")) == 2
    assert ids(client, f"{wanted}&code=wsl-total%5C,wsl-physical") == []
    assert len(ids(client, f"{wanted}&code:not=wsl-total")) == 3
    assert ids(client, f"{wanted}&code:missing=true") == []
    assert len(ids(client, f"{wanted}&has-member:missing=true")) == 3
    assert len(ids(client, f"{wanted}&code=wsl-total&code:not=wsl-physical&category=survey&status=final")) == 1


def test_a_response_is_found_by_its_form_with_or_without_a_version(
    client: FlaskClient, record: Mapping[str, str]
) -> None:
    wanted = (
        f"QuestionnaireResponse?patient={record['Patient']}&questionnaire=https://stepwell.example/Questionnaire/wsl"
    )
    assert ids(client, wanted) == ids(client, f"{wanted}|1.1.0") == [record["QuestionnaireResponse"]]
    assert ids(client, f"{wanted}|9.9.9") == []


def test_a_name_and_a_day_of_birth_say_whether_it_is_that_client(
    client: FlaskClient, record: Mapping[str, str]
) -> None:
    """They narrow what names a client, and find nobody among clients."""
    patient = client.get(f"{BASE}/Patient/{record['Patient']}").get_json(force=True)
    name, born = patient["name"][0]["text"], patient["birthDate"]
    for wanted in (f"Patient?_id={record['Patient']}", f"Patient?identifier={patient['identifier'][0]['value']}"):
        for fits in (f"name={name[:3]}", f"name:exact={name}", f"birthdate={born}", f"birthdate={born}&name={name}"):
            assert ids(client, f"{wanted}&{fits}") == [record["Patient"]], fits
        for differs in ("name=Nobody", f"name:exact={name[:3]}", "birthdate=1901-01-01", f"birthdate={born}&name=No"):
            assert ids(client, f"{wanted}&{differs}") == [], differs
    must_be_refused(client.get(f"{BASE}/Patient?name={name}&birthdate={born}"), 400, "invalid")
    must_be_refused(client.get(f"{BASE}/Encounter?patient.name={name}"), 400, "invalid")


def test_the_last_change_is_a_condition(client: FlaskClient, record: Mapping[str, str]) -> None:
    now = datetime.now(UTC)
    wanted = f"Encounter?patient={record['Patient']}&_lastUpdated="
    assert ids(client, f"{wanted}gt{(now - timedelta(days=1)).date()}") == [record["Encounter"]]
    assert ids(client, f"{wanted}gt{(now + timedelta(days=2)).date()}") == []


def test_matches_are_put_in_order_and_paged_in_that_order(client: FlaskClient, record: Mapping[str, str]) -> None:
    wanted = f"Observation?patient={record['Patient']}&_sort=-code"
    found, _included, _bundle = asked(client, wanted)
    codes = [each["code"]["coding"][0]["code"] for each in found]
    assert codes == sorted(codes, reverse=True)
    assert [each["id"] for each in asked(client, f"{wanted[:-5]}code")[0]] == [each["id"] for each in found][::-1]
    seen, address = [], f"{BASE}/{wanted}&_count=3"
    while address:
        page = client.get(address).get_json(force=True)
        seen += [each["resource"]["id"] for each in page["entry"]]
        onward = [each["url"] for each in page["link"] if each["relation"] == "next"]
        address = onward[0].replace("https://stepwell.example", "") if onward else ""
    assert seen == [each["id"] for each in found]


def test_every_reference_takes_what_it_names_along(
    app: Flask, house: House, client: FlaskClient, record: Mapping[str, str]
) -> None:
    with app.app_context():
        publish.rebuild(house.practice_id)
    for kind, parameter in REFERENCES:
        wanted = f"{kind}?patient={record['Patient']}&_include={kind}:{parameter.name}"
        found, included, bundle = asked(client, wanted)
        named = {name for each in found for name in told(each, parameter)}
        got = {f"{each['resourceType']}/{each['id']}" for each in (*included, *found)}
        assert {each for each in named if each.partition("/")[0] in parameter.targets} <= got, (kind, parameter.name)
        assert bundle["total"] == len(found)
        labelled = [each for each in (*found, *included) if each["resourceType"] != "Questionnaire"]
        assert all(each["meta"]["security"] for each in labelled)


def test_what_speaks_of_a_match_comes_along(client: FlaskClient, record: Mapping[str, str]) -> None:
    wanted = f"DocumentReference?patient={record['Patient']}&_revinclude=Provenance:target"
    found, included, _bundle = asked(client, wanted)
    assert [each["id"] for each in found] == [record["DocumentReference"]]
    assert [(each["resourceType"], each["id"]) for each in included] == [("Provenance", record["DocumentReference"])]


def test_chains_of_one_step_stay_in_the_case(client: FlaskClient, record: Mapping[str, str]) -> None:
    wanted = f"DocumentReference?patient={record['Patient']}"
    assert ids(client, f"{wanted}&encounter.status=finished") == [record["DocumentReference"]]
    assert ids(client, f"{wanted}&encounter:Encounter.date=ge2020") == [record["DocumentReference"]]
    assert ids(client, f"{wanted}&encounter.status=planned") == []
    assert ids(client, f"{wanted}&author._id={uuid4()}") == []
    assert ids(client, f"DocumentReference?patient.identifier={record['code']}") == [record["DocumentReference"]]
    assert ids(client, f"DocumentReference?patient.identifier=C-00000&patient={record['Patient']}") == []


def test_a_part_says_that_it_is_one_and_keeps_its_labels(client: FlaskClient, record: Mapping[str, str]) -> None:
    wanted = f"Observation?patient={record['Patient']}&code=wsl-total"
    for more in ("_elements=status,issued", "_summary=true", "_summary=text", "_summary=data"):
        (part,), _included, _bundle = asked(client, f"{wanted}&{more}")
        assert {"resourceType", "id", "meta", "status", "code"} <= set(part)
        assert [each["code"] for each in part["meta"]["tag"]] == ["SUBSETTED"]
        assert "SDV" in {each["code"] for each in part["meta"]["security"]}
    assert set(asked(client, f"{wanted}&_elements=issued")[0][0]) == {
        "resourceType",
        "id",
        "meta",
        "status",
        "code",
        "issued",
    }
    assert "note" not in asked(client, f"{wanted}&_summary=true")[0][0]
    counted = asked(client, f"{wanted}&_summary=count")
    assert (counted[0], counted[2]["total"]) == ([], 1)


def test_a_foreign_patient_is_reached_by_no_type_and_no_way(
    app: Flask, sign_in: SignIn, house: House, record: Mapping[str, str]
) -> None:
    """Types x ways, for a colleague and for another practice: what a missing record would give, byte for byte."""
    with app.app_context():
        own = builders.add_case(house.peer)
        builders.add_note(house.peer, builders.add_session(house.peer, own.id).id, signed=True)
    peer, stranger = sign_in(house.peer), sign_in(house.stranger)
    for way in ways():
        asked_for = way.format(patient=record["Patient"], code=record["code"], **ids_of(record))
        unknown = {"patient": str(uuid4()), "code": "C-00000"} | {kind: str(uuid4()) for kind in OF_CASE}
        missing = peer.get(f"{BASE}/{way.format(**unknown)}")
        for other in (peer, stranger):
            hidden = other.get(f"{BASE}/{asked_for}")
            assert hidden.status_code == missing.status_code, way
            assert without_self(hidden.get_json(force=True)) == without_self(missing.get_json(force=True)), way


def ids_of(record: Mapping[str, str]) -> dict[str, str]:
    return {kind: record[kind] for kind in OF_CASE}


def ways() -> Iterator[str]:
    for kind in OF_CASE:
        yield f"{kind}/{{{kind}}}"
        yield f"{kind}/{{{kind}}}/_history/1"
        if kind in ("Binary", "Composition"):
            continue
        yield f"{kind}?_id={{{kind}}}"
        yield f"{kind}?_id={{{kind}}}&_summary=count"
        if kind == "Patient":
            yield "Patient?identifier={code}"
            yield from (f"Patient?_id={{patient}}&_revinclude={other}:patient" for other in CASE_TYPES)
            continue
        yield f"{kind}?patient={{patient}}"
        yield f"{kind}?patient=Patient/{{patient}}&_sort=-_lastUpdated"
        yield f"{kind}?patient.identifier={{code}}"
        yield f"{kind}?patient._id={{patient}}&_include={kind}:patient"
    for kind, parameter, target in CHAINS:
        if parameter.kind == REFERENCE and kind in CASE_TYPES:
            yield f"{kind}?patient={{patient}}&{parameter.name}:{target}._lastUpdated=ge2020"
            yield f"{kind}?patient={{patient}}&_include={kind}:{parameter.name}:{target}"


def without_self(bundle: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in bundle.items() if name != "link"}


def test_references_to_foreign_records_lead_nowhere_from_an_own_case(
    app: Flask, sign_in: SignIn, house: House, record: Mapping[str, str]
) -> None:
    with app.app_context():
        own = builders.add_case(house.peer)
        builders.add_note(house.peer, builders.add_session(house.peer, own.id).id, signed=True)
    other = sign_in(house.peer)
    assert len(ids(other, f"DocumentReference?patient={own.id}")) == 1
    assert ids(other, f"DocumentReference?patient={own.id}&encounter={record['Encounter']}") == []
    assert ids(other, f"DocumentReference?patient={own.id}&encounter._id={record['Encounter']}") == []
    assert ids(other, f"DocumentReference?patient={own.id}&patient={record['Patient']}") == []
    assert ids(other, f"DocumentReference?_id={record['DocumentReference']}&patient={own.id}") == []


NOT_UNDERSTOOD = (
    "Observation?patient=../../etc",
    "Observation?patient=Group/1",
    "Observation?patient=a%00b",
    "Observation?patient=x&encounter.colour=red",
    "Observation?patient=x&_sort=colour",
    "Observation?patient=x&_sort=patient",
    "Observation?patient=x&_include=Observation:colour",
    "Observation?patient=x&_include=Encounter:subject",
    "Observation?patient=x&_include=*",
    "Observation?patient=x&_revinclude=Encounter:subject",
    "Observation?patient=x&_summary=perhaps",
    "Observation?patient=x&_count=-1",
    "Observation?patient=x&_count=1e3",
    "Observation?patient=x&code:missing=perhaps",
    "Observation?patient=x&date=2026-13-01",
    "Observation?patient=x&_lastUpdated=yesterday",
    "Observation?patient=x&code=" + ",".join(map(str, range(1000))),
    "Observation?patient=x&" + "&".join(f"code={each}" for each in range(100)),
)


NOT_OFFERED = (
    "Observation?patient=x&code.status=final",
    "Observation?patient=x&encounter:Group.status=active",
    "Observation?patient=x&code:text=wsl",
    "Observation?patient:Group=x",
    "Observation?patient:missing=true",
    "Patient?identifier:contains=C",
    "Observation?patient=x&encounter.episode-of-care.status=active",
    "Observation?patient=x&_has:Provenance:target:agent=y",
    "Observation?patient=x&_include:iterate=Observation:encounter",
)


def test_what_is_not_offered_says_so_and_names_the_parameter(client: FlaskClient) -> None:
    for wanted in NOT_OFFERED:
        outcome = must_be_refused(client.get(f"{BASE}/{wanted}"), 400, "not-supported")
        assert outcome["issue"][0]["expression"], wanted


def test_what_is_not_understood_is_refused_and_names_the_parameter(client: FlaskClient) -> None:
    for wanted in NOT_UNDERSTOOD:
        outcome = must_be_refused(client.get(f"{BASE}/{wanted}"), 400, "invalid")
        assert outcome["issue"][0]["expression"], wanted


UNDERSTOOD = (
    "Observation?patient={Patient}&_count=" + "9" * 5000,
    "Observation?patient={Patient}&colour:of=red&_foo=bar",
    "Observation?patient={Patient}&_format=json&_pretty=true&_total=accurate",
    "Observation?patient=https://stepwell.example/fhir/R4/Patient/{Patient}",
    "Observation?patient:Patient={Patient}",
    "Observation?subject={Patient}&patient=Patient/{Patient}",
)


def test_what_is_large_unknown_or_spelt_otherwise_still_answers(client: FlaskClient, record: Mapping[str, str]) -> None:
    for wanted in UNDERSTOOD:
        assert len(ids(client, wanted.format(**record))) == 4, wanted


def test_a_patient_of_another_server_is_nobody_here(client: FlaskClient, record: Mapping[str, str]) -> None:
    assert ids(client, f"Observation?patient=https://other.example/fhir/Patient/{record['Patient']}") == []
    assert ids(client, f"Observation?patient={record['Patient']}&_id=a%20b,..%2Fx") == []
