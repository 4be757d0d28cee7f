"""Bulk exports as a connected system meets them: what is in them, what never is, and how they end."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from schemas.actions import Action
from schemas.release_codes import ContentClass, Door, SaidHow, SendRoute
from schemas.session_codes import Intervention
from schemas.vocabulary import AssignmentKind, PlanType, Verdict
from service.casework import bulk_exports, disclosures, machine_clients, people, plans, proxies, releases
from service.casework.bulk_exports import OUTCOME
from service.domain import clock
from service.domain.bulk_exports import MOST_RUNNING
from service.domain.proxies import Concern
from service.domain.safety import PlanLine
from service.domain.session_work import Work
from service.fhir import bulk, publish
from service.fhir.bulk import EXPORTED
from service.fhir.references import named_in
from service.fhir.type_filters import read_filters, sieve
from service.store import audit, bulk_files, cases, outbox, purges, resources
from service.store import bulk_exports as asked
from service.store import machine_clients as registered
from service.store.accounts import PracticeRow
from service.store.base import db
from service.store.outbox import OutboxRow
from tests.builders import (
    EVERYTHING,
    House,
    add_bearer,
    add_case,
    add_diagnosis,
    add_intake,
    add_note,
    add_plan,
    add_release,
    add_session,
    add_working_note,
)
from tests.machines import a_client_draft

BASE = "/fhir/R4"
SYSTEM = "Record bridge"
ALL = tuple(each for each in ContentClass if each is not ContentClass.PSYCHOTHERAPY)


class Bridge:
    """The connected system of the house with a token."""

    def __init__(self, app: Flask, house: House, scopes: str = EVERYTHING) -> None:
        self.app, self.client = app, app.test_client()
        with app.app_context():
            token = add_bearer(house.machine, clock.now() + timedelta(hours=3), scopes)
        self.head = {"Authorization": f"Bearer {token}"}

    def start(self, path: str = "/$export", prefer: str = "respond-async", **query: str) -> TestResponse:
        head = {**self.head, "Accept": "application/fhir+json", "Prefer": prefer}
        return self.client.get(BASE + path, query_string=query, headers=head)

    def get(self, address: str) -> TestResponse:
        return self.client.get(address.removeprefix("https://stepwell.example"), headers=self.head)

    def delete(self, address: str) -> TestResponse:
        return self.client.delete(address.removeprefix("https://stepwell.example"), headers=self.head)

    def work(self) -> None:
        with self.app.app_context():
            while bulk.work(5):
                pass

    def export(self, path: str = "/$export", **query: str) -> dict[str, list[dict[str, Any]]]:
        """A whole export: the resources of each type."""
        return self.files(self.manifest(path, **query))

    def manifest(self, path: str = "/$export", **query: str) -> dict[str, Any]:
        started = self.start(path, **query)
        assert started.status_code == 202, started.text
        self.work()
        self.address = started.headers["Content-Location"]
        ready = self.get(self.address)
        assert ready.status_code == 200, ready.text
        return dict(ready.json or {})

    def files(self, manifest: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        found = {}
        for each in manifest["output"]:
            sent = self.get(each["url"])
            assert (sent.status_code, sent.mimetype) == (200, "application/fhir+ndjson")
            assert len(sent.data) == int(sent.headers["Content-Length"])
            found[each["type"]] = [json.loads(line) for line in sent.data.splitlines()]
            assert len(found[each["type"]]) == each["count"]
            assert {line["resourceType"] for line in found[each["type"]]} == {each["type"]}
        return found


def furnish(
    app: Flask, house: House, *, linked: bool = True, classes: Iterable[ContentClass] = ALL, days: int = 30
) -> str:
    """A case with something of every kind, linked and released to the bridge."""
    with app.app_context():
        case_id = add_case(house.therapist).id
        session = add_session(house.therapist, case_id, work=Work((Intervention.EMDR,)))
        add_note(house.therapist, session.id, signed=True)
        add_working_note(house.therapist, session.id, "heronquill")
        add_intake(house.therapist, case_id)
        add_plan(house.therapist, case_id)
        if linked:
            cases.assign(case_id, house.machine.user_id, AssignmentKind.LINKED)
            db.session.commit()
        release(house, case_id, classes=tuple(classes), days=days)
        publish.rebuild(house.practice_id)
        return case_id


def release(house: House, case_id: str, **changes: Any) -> str:
    given = {"recipient": SYSTEM, "route": SendRoute.SYSTEM, "classes": ALL, **changes}
    return add_release(house.therapist, case_id, **given).id


def patients(found: dict[str, list[dict[str, Any]]]) -> set[str]:
    return {each["id"] for each in found.get("Patient", ())}


def test_everything_covered_goes_and_each_case_leaves_its_row_and_digest(app: Flask, house: House) -> None:
    case_id, bridge = furnish(app, house), Bridge(app, house)
    manifest = bridge.manifest()
    found = bridge.files(manifest)
    assert patients(found) == {case_id}
    assert {"Encounter", "QuestionnaireResponse", "Observation", "DocumentReference", "Provenance"} <= found.keys()
    assert {"Organization", "Practitioner"} <= found.keys()
    assert not {"Binary", "Composition", "Consent", "AuditEvent", "Flag"} & found.keys()
    assert "heronquill" not in json.dumps(found)
    assert manifest["requiresAccessToken"] is True
    assert manifest["request"] == "https://stepwell.example/fhir/R4/$export"
    assert all({label["code"] for label in each["meta"]["security"]} >= {"R", "SDV"} for each in found["Encounter"])
    with app.app_context():
        rows = disclosures.read_disclosures(house.therapist, case_id).accounted
        newest = [each.action for each in audit.recent(house.practice_id, None, 40) if each.verdict == Verdict.ALLOWED]
    left = [each.disclosure.left for each in rows if each.disclosure.left.door is Door.BULK]
    assert len(left) == 1
    lines = b"".join(bridge.get(each["url"]).data for each in manifest["output"] if each["type"] not in DIRECTORY)
    assert sorted(lines.splitlines()) == sorted(set(lines.splitlines()))
    assert left[0].digest == hashlib.sha256(_as_told(lines)).hexdigest()
    assert {Action.BULK_START, Action.BULK_CASE, Action.BULK_READ} <= set(newest)


DIRECTORY = ("Organization", "Practitioner", "PractitionerRole")


def _as_told(lines: bytes) -> bytes:
    """In the order of type and id, which is that of the digest."""
    read = sorted((json.loads(each)["resourceType"], json.loads(each)["id"], each) for each in lines.splitlines())
    return b"".join(each[2] + b"\n" for each in read)


def _revoke(house: House, case_id: str) -> str:
    (found,) = releases.read_desk(house.therapist, case_id).releases
    return releases.revoke_release(house.therapist, found.id, SaidHow.VERBAL, version=found.version).id


def _set(case_id: str, **columns: object) -> str:
    db.session.execute(update(cases.CaseRow).where(cases.CaseRow.id == case_id).values(**columns))
    db.session.commit()
    return case_id


def _unlink(house: House, case_id: str) -> str:
    cases.unassign(case_id, house.machine.user_id)
    db.session.commit()
    return case_id


def _block(house: House, case_id: str) -> str:
    cases.assign(case_id, house.machine.user_id, AssignmentKind.BLOCKED)
    db.session.commit()
    return case_id


def _concern(house: House, case_id: str) -> object:
    known = Concern(names="Dana Quill", addresses="14 Quay Row, Corkhaven")
    return proxies.save_concern(house.therapist, case_id, known, version=0)


def _name_as_the_other_person(house: House, case_id: str) -> str:
    return proxies.save_concern(house.therapist, case_id, Concern(names=SYSTEM), version=0).case_id


def _purge(case_id: str) -> str:
    row = cases.row(case_id)
    assert row is not None
    purges.erase(row)
    db.session.commit()
    return case_id


# What is missing: how the release differs (None: there is none), and what happens afterwards.
WITHOUT: dict[str, tuple[dict[str, Any] | None, Callable[[House, str], object]]] = {
    "no release": (None, lambda house, case_id: 0),
    "prepared, not signed": ({"signed": False}, lambda house, case_id: 0),
    "to somebody else": ({"recipient": "Harbour Clinic"}, lambda house, case_id: 0),
    "by post": ({"route": SendRoute.POST}, lambda house, case_id: 0),
    "revoked": ({}, _revoke),
    "restricted": ({}, lambda house, case_id: _set(case_id, sealed=True)),
    "sent where the other person is": ({"address": "14 Quay Row, Corkhaven"}, _concern),
    "not linked": ({}, _unlink),
    "blocked": ({}, _block),
    "purged": ({}, lambda house, case_id: _purge(case_id)),
    "the other person's": ({}, _name_as_the_other_person),
}


@pytest.mark.parametrize("why", WITHOUT)
def test_a_case_without_all_that_it_needs_is_not_in_it_and_nothing_tells_of_it(
    app: Flask, house: House, why: str
) -> None:
    there = furnish(app, house)
    with app.app_context():
        case_id = add_case(house.therapist).id
        add_session(house.therapist, case_id)
        cases.assign(case_id, house.machine.user_id, AssignmentKind.LINKED)
        db.session.commit()
        publish.drain()
        changes, happens = WITHOUT[why]
        if changes is not None:
            release(house, case_id, **changes)
        happens(house, case_id)
    bridge = Bridge(app, house)
    manifest = bridge.manifest()
    found = bridge.files(manifest)
    assert patients(found) == {there}
    assert case_id not in json.dumps([manifest, found])
    assert not any(map(bool, manifest["error"]))


def test_only_the_classes_of_the_release_go_and_the_rest_is_told_by_class_without_small_counts(
    app: Flask, house: House
) -> None:
    furnish(app, house, classes=(ContentClass.CARE, ContentClass.ATTENDANCE))
    bridge = Bridge(app, house)
    manifest = bridge.manifest("/Patient/$export")
    found = bridge.files(manifest)
    assert found.keys() - {"Provenance"} == {"Patient", "EpisodeOfCare", "Encounter"}
    spoken_of = {each["reference"] for line in found.get("Provenance", ()) for each in line["target"]}
    assert {each.split("/")[-2] for each in spoken_of} <= found.keys()
    directory = {"Practitioner", "Organization"}
    assert {each.split("/")[0] for each in named_in(json.dumps(found).encode())} <= found.keys() | directory
    assert all(each["subject"]["reference"].startswith("Patient/") for each in found["Encounter"])
    (told,) = manifest["extension"].values()
    assert told["notes"] == told["plan_dates"] == "fewer than 5"
    assert told["attendance"] == 0
    assert "psychotherapy" not in told


def test_ways_of_working_go_only_with_their_session(app: Flask, house: House) -> None:
    furnish(app, house, classes=(ContentClass.CARE, ContentClass.NOTES))
    assert Bridge(app, house).export("/Patient/$export").keys() & {"Procedure", "Encounter"} == set()
    furnish(app, house, classes=(ContentClass.NOTES, ContentClass.ATTENDANCE))
    assert Bridge(app, house).export("/Patient/$export").keys() >= {"Procedure", "Encounter"}


def test_diagnoses_go_only_where_the_release_names_them(app: Flask, house: House) -> None:
    for classes, goes in ((ALL, True), (tuple(each for each in ALL if each is not ContentClass.DIAGNOSES), False)):
        case_id = furnish(app, house, classes=classes)
        with app.app_context():
            add_diagnosis(house.therapist, case_id, code=None, words="heronwords")
        found = Bridge(app, house).export("/Patient/$export")
        told = [each for each in found.get("Condition", ()) if case_id in json.dumps(each)]
        assert [each["code"]["text"] for each in told] == ["heronwords"] * goes


def test_a_provenance_is_of_the_classes_that_it_speaks_of(app: Flask, house: House) -> None:
    """A release of attendance alone lets the word about it leave too, and is told as no more than that."""
    case_id = furnish(app, house, classes=(ContentClass.ATTENDANCE,))
    found = Bridge(app, house).export("/Patient/$export")
    assert found.keys() == {"Encounter", "Provenance"}
    assert set(named_in(json.dumps(found).encode())) == {f"Encounter/{each['id']}" for each in found["Encounter"]}
    assert not any(each in json.dumps(found) for each in (case_id, house.therapist.user_id, house.practice_id))
    with app.app_context():
        (told,) = disclosures.read_disclosures(house.therapist, case_id).accounted
    assert told.disclosure.left.classes == (ContentClass.ATTENDANCE,)
    assert told.disclosure.left.sections == ("Sessions that took place: 1", "Who wrote and signed what: 1")


def test_a_resource_that_tells_what_stays_here_is_held_back_as_a_whole(app: Flask, house: House) -> None:
    case_id, bridge = furnish(app, house), Bridge(app, house)
    with app.app_context():
        plan = plans.start_plan(house.therapist, case_id, PlanType.PL_AFTER)
        lines = {"after_address": PlanLine("Harbour lane 14, second bell")}
        draft = plans.PlanDraft(lines, made_with_client=True, private_session=True)
        plans.save_plan(house.therapist, plan.id, draft, version=plan.version)
        told = {"resourceType": "Observation", "id": "told", "note": [{"text": "Since the move to HARBOUR lane 14"}]}
        draft_of = resources.Draft("Observation", "told", house.practice_id, case_id, "intake", case_id)
        resources.put(draft_of, 1, json.dumps(told).encode())
        (sample, *_others) = (each for each in resources.of_case(case_id) if each.type == "Observation")
        beside = {**json.loads(sample.body), "id": "beside", "hasMember": [{"reference": "Observation/told"}]}
        resources.put(replace(draft_of, id="beside"), 1, json.dumps(beside).encode())
        db.session.commit()
        publish.drain()
    manifest = bridge.manifest()
    found = bridge.files(manifest)
    assert "HARBOUR" not in json.dumps(found)
    assert "beside" in {each["id"] for each in found["Observation"]}
    assert "Observation/told" not in json.dumps(found)
    (told,) = manifest["extension"].values()
    assert told["logs"] == "fewer than 5"


def test_types_and_since_narrow_it(app: Flask, house: House) -> None:
    start = clock.now()
    with time_machine.travel(start - timedelta(days=2)):
        old = furnish(app, house)
    with time_machine.travel(start - timedelta(days=1)):
        new = furnish(app, house)
    bridge = Bridge(app, house)
    assert bridge.export(_type="Patient,Encounter").keys() == {"Patient", "Encounter"}
    since = (start - timedelta(days=1, hours=2)).isoformat()
    manifest = bridge.manifest(_since=since, _type="Patient", _outputFormat="ndjson")
    assert patients(bridge.files(manifest)) == {new}
    assert manifest["deleted"] == []
    bridge.delete(bridge.address)
    assert patients(bridge.export("/Patient/$export")) == {old, new}
    later = bridge.manifest("/Patient/$export", _since=clock.now().isoformat())
    assert later["output"] == []


def test_named_patients_and_the_clients_of_one_clinician(app: Flask, house: House) -> None:
    one, other = furnish(app, house), furnish(app, house)
    bridge = Bridge(app, house)
    body = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "patient", "valueReference": {"reference": f"Patient/{one}"}},
            {"name": "patient", "valueReference": {"reference": "Patient/nobody"}},
            {"name": "_type", "valueString": "Patient"},
        ],
    }
    head = {**bridge.head, "Prefer": "respond-async"}
    started = bridge.client.post(f"{BASE}/Patient/$export", json=body, headers=head)
    assert started.status_code == 202
    bridge.work()
    assert patients(bridge.files(dict(bridge.get(started.headers["Content-Location"]).json or {}))) == {one}
    assert patients(bridge.export(f"/Group/{house.therapist.user_id}/$export")) == {one, other}
    assert patients(bridge.export(f"/Group/{house.peer.user_id}/$export")) == set()
    for stranger in (house.stranger.user_id, house.machine.user_id, "nobody"):
        assert bridge.start(f"/Group/{stranger}/$export").status_code == 404


@pytest.mark.parametrize(
    ("query", "prefer", "status"),
    [
        ({}, "", 400),
        ({"_outputFormat": "application/vnd.ms-excel"}, "respond-async", 400),
        ({"_since": "yesterday"}, "respond-async", 400),
        ({"_since": "2026-01-01"}, "respond-async", 400),
        ({"_since": "2026-13-01T00:00:00Z"}, "respond-async", 400),
        ({"_since": "0001-01-01T00:00:00+14:00"}, "respond-async", 400),
        ({"_since": "9999-12-31T23:59:59-14:00"}, "respond-async", 400),
        ({"_type": "Patient,Binary"}, "respond-async", 400),
        ({"_elements": "id"}, "respond-async", 400),
        ({"patient": "Patient/x"}, "respond-async", 400),
        ({"_elements": "x", "_type": "Patient,Binary"}, "respond-async; handling=lenient", 202),
        ({"_outputFormat": "application/ndjson"}, "respond-async", 202),
    ],
)
def test_what_is_not_supported_is_refused_or_left_out_by_wish(
    app: Flask, house: House, query: dict[str, str], prefer: str, status: int
) -> None:
    answer = Bridge(app, house).start(prefer=prefer, **query)
    assert answer.status_code == status
    if status == 400:
        assert answer.json is not None
        assert answer.json["resourceType"] == OUTCOME


def _ids(found: dict[str, list[dict[str, Any]]], kind: str = "Observation") -> set[str]:
    return {each["id"] for each in found.get(kind, ())}


def _coded(observation: dict[str, Any]) -> str:
    (coding, *_others) = observation["code"]["coding"]
    return f"{coding['system']}|{coding['code']}"


def test_filters_of_a_type_are_joined_by_or_and_leave_the_others_whole(app: Flask, house: House) -> None:
    furnish(app, house)
    bridge = Bridge(app, house)
    whole = bridge.export()
    one, other, *rest = sorted({_coded(each) for each in whole["Observation"]})
    assert rest, "both filters together leave something out"
    both = bridge.export(_typeFilter=f"Observation?code={one}&status=final,Observation?code={other}")
    assert _ids(both) == {each["id"] for each in whole["Observation"] if _coded(each) in (one, other)}
    assert {each: both[each] for each in both.keys() - {"Observation"}} == {
        each: whole[each] for each in whole.keys() - {"Observation"}
    }
    by_comma = bridge.export(_type="Observation", _typeFilter=f"Observation?code={one}%2C{other}")
    assert _ids(by_comma) == _ids(both)
    assert "Observation" not in bridge.export(_typeFilter=f"Observation?code={one}&code={other}")


def test_a_filter_finds_what_the_search_finds(app: Flask, house: House) -> None:
    """Each beside the search of the same words, and what that leaves out."""
    case_id, bridge = furnish(app, house), Bridge(app, house)
    with app.app_context():
        code = cases_code(case_id)
    today = clock.now().date().isoformat()
    fit = {
        "Encounter": ("status=finished", f"date=ge{today[:4]}", f"subject={case_id}", f"_lastUpdated={today}"),
        "Observation": ("category=survey", "status:not=amended", "encounter:missing=true", "has-member:missing=false"),
        "DocumentReference": (f"date=le{today}", "type:missing=false"),
        "Patient": (f"_id={case_id}", f"identifier={code}"),
        "QuestionnaireResponse": (f"authored=ge{today}",),
        "EpisodeOfCare": (f"date=lt{today}&date=ge1999",),
    }
    sought = [(kind, each) for kind, queries in fit.items() for each in queries]
    hits = set()
    for kind, query in sought:
        about = f"_id={case_id}" if kind == "Patient" else f"patient={case_id}"
        answer = bridge.get(f"{BASE}/{kind}?{about}&{query}&_count=200")
        found = {each["resource"]["id"] for each in (answer.json or {}).get("entry", ())}
        with app.app_context():
            assert filtered(case_id, kind, query) == found, (kind, query)
        hits |= {(kind, query)} if found else set()
    assert {kind for kind, _query in hits} >= fit.keys() - {"EpisodeOfCare"}
    assert len(hits) > len(sought) - 4
    assert bridge.export(_type="Patient", _typeFilter=f"Patient?identifier={code}").keys() == {"Patient"}
    assert (
        bridge.export(_typeFilter="Encounter?date=lt1999,Patient?_id=nobody")
        .keys()
        .isdisjoint({"Encounter", "Patient"})
    )


def cases_code(case_id: str) -> str:
    row = cases.row(case_id)
    assert row is not None
    return row.code


def filtered(case_id: str, kind: str, query: str) -> set[str]:
    """What a filter lets through of a whole case."""
    at = publish.addresses()
    is_wanted = sieve(read_filters([f"{kind}?{query}"], [kind], at, lenient=False), at)
    lines = [resources.Line(each.type, each.id, each.body) for each in resources.of_types(case_id, [kind])]
    return {each.id for each in lines if is_wanted(each)}


def test_a_filter_reaches_the_directory(app: Flask, house: House) -> None:
    furnish(app, house)
    mine = house.therapist.user_id
    found = Bridge(app, house).export(_typeFilter=f"Practitioner?_id={mine},Organization?_id=nothing")
    assert _ids(found, "Practitioner") == {mine}
    assert "Organization" not in found


REFUSED = {
    "Observation?colour=red": "colour",
    "Observation?status=final&colour=red": "colour",
    "Observation?=final": "without a name",
    "Observation?status=": "status",
    "Patient?_id=x": "Patient",
    "Nothing?_id=x": "Nothing",
    "Observation?_count=5": "_count",
    "Observation?_sort=date": "_sort",
    "Observation?_include=Observation:encounter": "_include",
    "Observation?_revinclude=Provenance:target": "_revinclude",
    "Observation?_elements=id": "_elements",
    "Observation?_summary=true": "_summary",
    "Observation?_format=json": "_format",
    "Observation?%5Fcount=5": "_count",
    "Observation?status=final%26_count=5&%5fsort=date": "_sort",
    "Observation?_has:Provenance:target:agent=x": "_has",
    "Observation?encounter.status=finished": "encounter.status",
    "Observation?subject.identifier=x": "subject.identifier",
    "Observation?date=yesterday": "date",
    "Observation?date=2026-02-30": "date",
    "Observation?status:above=final": "status:above",
    "Observation?patient=a%2Cb": "patient",
    "Observation?status=final%00": "status",
    "CarePlan?date=2026": "date",
    "Observation": "Observation",
    "Observation?": "Observation?",
    "Observation?status": "Observation?status",
    "Observation?status=final,amended": "amended",
    "Observation?status=%ff": "Observation?status",
    "Observation?status=%ED%A0%80": "Observation?status",
    "?status=final": "_typeFilter",
    ",".join(["Observation?status=final"] * 21): "20",
    "Observation?" + "&".join(["status=final"] * 61): "Observation",
}


@pytest.mark.parametrize("written", REFUSED)
def test_a_filter_that_is_not_understood_is_refused_at_once_and_named(app: Flask, house: House, written: str) -> None:
    bridge = Bridge(app, house)
    answer = bridge.start(_type="Observation,CarePlan", _typeFilter=written)
    assert (answer.status_code, (answer.json or {})["resourceType"]) == (400, OUTCOME)
    (issue,) = (answer.json or {})["issue"]
    assert REFUSED[written] in issue["diagnostics"]
    assert issue["expression"]
    with app.app_context():
        assert bulk_exports.list_exports(house.admin, house.machine.user_id) == ()


def test_lenient_handling_leaves_out_what_a_search_would_and_refuses_what_cannot_be_read(
    app: Flask, house: House
) -> None:
    case_id, bridge = furnish(app, house), Bridge(app, house)
    given = {"_type": "Encounter,Observation", "prefer": "respond-async, handling=lenient"}
    narrowed = "Encounter?status=planned&colour=red&_count=1,Observation?colour=red,Patient?_id=x,Nothing?_id=x"
    found = bridge.export(_typeFilter=narrowed, **given)
    with app.app_context():
        assert _ids(found) == {each.id for each in resources.of_types(case_id, ["Observation"])}
    assert found.keys() == {"Observation"}
    for written in ("Observation", "amended", "Observation?date=yesterday", "Observation?encounter.status=finished"):
        assert bridge.start(_typeFilter=written, **given).status_code == 400, written


def test_an_encoded_separator_separates_nothing_a_second_time(app: Flask, house: House) -> None:
    case_id, bridge = furnish(app, house), Bridge(app, house)
    for written in (
        f"Observation?identifier=x%26status=final%2CPatient%3F_id={case_id}",
        "Observation?identifier=x%26_count=5",
        "Observation?identifier=x%252CObservation%253Fstatus%253Dfinal",
    ):
        found = bridge.export(_typeFilter=written)
        assert "Observation" not in found, "one value, that nothing holds"
        assert patients(found) == {case_id}, "and no filter for another type"


def test_a_filter_comes_in_a_body_too_and_lies_sealed_with_the_export(app: Flask, house: House) -> None:
    case_id, bridge = furnish(app, house), Bridge(app, house)
    written = (f"Patient?_id={case_id}", "Encounter?status=planned")
    parts = [{"name": "_typeFilter", "valueString": each} for each in written]
    body = {"resourceType": "Parameters", "parameter": [*parts, {"name": "_type", "valueString": "Patient,Encounter"}]}
    head = {**bridge.head, "Prefer": "respond-async"}
    started = bridge.client.post(f"{BASE}/Patient/$export", json=body, headers=head)
    assert started.status_code == 202, started.text
    with app.app_context():
        (row,) = asked.alive()
        assert case_id.encode() not in row.ask
        assert [each.type for each in asked.ask_of(row).filters] == ["Patient", "Encounter"]
        db.session.rollback()
    bridge.work()
    found = bridge.files(dict(bridge.get(started.headers["Content-Location"]).json or {}))
    assert found.keys() == {"Patient"}
    assert patients(found) == {case_id}


def test_a_filter_answers_no_question_about_what_stays(app: Flask, house: House) -> None:
    """Neither the counts nor a reference that was cut out tell whether it fits."""
    case_id = furnish(app, house, classes=(ContentClass.ATTENDANCE,))
    bridge = Bridge(app, house)
    plain = bridge.manifest("/Patient/$export")
    whole = bridge.files(plain)
    assert whole["Encounter"]
    for written in ("Observation?status=final", "Observation?status=amended"):
        told = bridge.manifest("/Patient/$export", _typeFilter=written)
        assert told["extension"] == plain["extension"]
        assert bridge.files(told) == whole
    hidden = bridge.export("/Patient/$export", _typeFilter=f"Encounter?subject=Patient/{case_id}")
    assert "Encounter" not in hidden
    since = bridge.export("/Patient/$export", _typeFilter="Encounter?_lastUpdated=ge1999")
    assert since["Encounter"] == whole["Encounter"], "what was cut keeps its time of change"


def test_what_a_filter_leaves_out_is_still_referred_to_and_did_not_leave(app: Flask, house: House) -> None:
    case_id, bridge = furnish(app, house), Bridge(app, house)
    manifest = bridge.manifest(_type="Encounter,Patient", _typeFilter="Patient?_id=nobody")
    found = bridge.files(manifest)
    assert found.keys() == {"Encounter"}
    assert {each["subject"]["reference"] for each in found["Encounter"]} == {f"Patient/{case_id}"}
    assert not any(manifest["extension"].popitem()[1].values()), "left out by wish is not held back"
    bridge.manifest(_type="Patient", _typeFilter="Patient?_id=nobody")
    with app.app_context():
        (told,) = disclosures.read_disclosures(house.therapist, case_id).accounted
    assert told.disclosure.left.classes == (ContentClass.ATTENDANCE,)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"resourceType": "Patient"}', b'{"parameter": 1}', b"\xff"])
def test_a_body_that_is_no_parameters_is_refused(app: Flask, house: House, body: bytes) -> None:
    bridge = Bridge(app, house)
    head = {**bridge.head, "Prefer": "respond-async", "Content-Type": "application/fhir+json"}
    refused = bridge.client.post(f"{BASE}/$export", data=body, headers=head)
    assert (refused.status_code, (refused.json or {})["resourceType"]) == (400, OUTCOME)


def test_scopes_bound_an_export(app: Flask, house: House) -> None:
    furnish(app, house)
    narrow = Bridge(app, house, "system/Patient.rs system/Encounter.r")
    assert narrow.export().keys() == {"Patient"}
    assert narrow.start(_type="Encounter").status_code == 403
    assert Bridge(app, house, "system/Organization.s").start().status_code == 403
    nobody = app.test_client().get(f"{BASE}/$export", headers={"Prefer": "respond-async"})
    assert (nobody.status_code, (nobody.json or {})["resourceType"]) == (401, OUTCOME)


def test_a_file_asks_for_the_scopes_of_whoever_fetches_it(app: Flask, house: House) -> None:
    furnish(app, house)
    urls = {each["type"]: each["url"] for each in Bridge(app, house).manifest()["output"]}
    narrow = Bridge(app, house, "system/Organization.rs system/Encounter.r system/Observation.s")
    assert narrow.get(urls["Organization"]).status_code == 200
    for kind in ("QuestionnaireResponse", "Encounter", "Observation"):
        refused = narrow.get(urls[kind])
        assert (refused.status_code, (refused.json or {})["issue"][0]["code"]) == (403, "forbidden"), kind


def test_scopes_that_are_taken_back_end_what_was_asked_for_by_them(app: Flask, house: House) -> None:
    case_id = furnish(app, house)
    with app.app_context():
        registered.add(house.machine.user_id, EVERYTHING, "", ())
        db.session.commit()
    bridge = Bridge(app, house)
    finished = bridge.manifest()["output"][0]["url"]
    kept = bridge.manifest(_type="Patient")["output"][0]["url"]
    running = bridge.start().headers["Content-Location"]
    with app.app_context():
        fewer = a_client_draft("system/Patient.rs")
        machine_clients.change_client(house.admin, house.machine.user_id, fewer, version=1)
    bridge = Bridge(app, house)
    bridge.work()
    assert [bridge.get(each).status_code for each in (finished, running, kept)] == [404, 404, 200]
    with app.app_context():
        rows = disclosures.read_disclosures(house.therapist, case_id).accounted
        assert len(rows) == 2, "nothing left after the change"
        assert bulk_exports.tidy() == 1, "the running one had ended by itself"


def test_a_case_that_the_gate_refuses_holds_up_no_other(app: Flask, house: House) -> None:
    there = furnish(app, house)
    with app.app_context():
        case_id = add_case(house.therapist).id
        release(house, case_id, address="086 123 4567")
        proxies.save_concern(house.therapist, case_id, Concern(numbers="+353 86 123 4567"), version=0)
        cases.assign(case_id, house.machine.user_id, AssignmentKind.LINKED)
        db.session.commit()
        publish.drain()
    bridge = Bridge(app, house)
    manifest = bridge.manifest()
    assert patients(bridge.files(manifest)) == {there}
    assert case_id not in json.dumps(manifest) and not manifest["error"]


def test_a_case_that_breaks_a_step_is_left_out_after_a_few_tries(app: Flask, house: House) -> None:
    case_id, other = furnish(app, house), furnish(app, house)
    with app.app_context():
        torn = update(resources.ResourceRow).where(resources.ResourceRow.case_id == case_id)
        db.session.execute(torn.values(body=b"torn"))
        db.session.commit()
    bridge = Bridge(app, house)
    manifest = bridge.manifest()
    assert patients(bridge.files(manifest)) == {other}
    (told,) = manifest["error"]
    body = Bridge(app, house, "system/Patient.rs").get(told["url"])
    assert (body.status_code, json.loads(body.text)["issue"][0]["code"]) == (200, "exception")
    assert case_id not in body.text


def test_a_file_ends_with_the_last_day_of_its_release_at_the_practice(app: Flask, house: House) -> None:
    with app.app_context():
        zone = "Pacific/Auckland"
        db.session.execute(update(PracticeRow).where(PracticeRow.id == house.practice_id).values(zone=zone))
        db.session.commit()
        after = (clock.local(clock.now(), zone) + timedelta(days=2)).date()
    midnight = clock.start_of_day(after, zone)
    with time_machine.travel(midnight - timedelta(minutes=30), tick=False):
        furnish(app, house, days=0)
        bridge = Bridge(app, house)
        url = bridge.manifest()["output"][0]["url"]
        assert bridge.get(url).status_code == 200
    with time_machine.travel(midnight + timedelta(minutes=30), tick=False):
        assert bridge.get(url).status_code == 404


def test_status_and_files_are_for_the_system_that_asked(app: Flask, house: House) -> None:
    furnish(app, house)
    bridge = Bridge(app, house)
    address = bridge.start().headers["Content-Location"]
    waiting = bridge.get(address)
    assert (waiting.status_code, waiting.headers["X-Progress"], waiting.headers["Retry-After"]) == (202, "0 %", "5")
    fast = bridge.get(address)
    assert (fast.status_code, fast.headers["Retry-After"]) == (429, "5")
    path = address.removeprefix("https://stepwell.example")
    assert bridge.get(f"{path}/Patient.ndjson").status_code == 404, "not before it is ready"
    bridge.work()
    assert app.test_client().get(f"{path}/Patient.ndjson").status_code == 401
    with app.app_context():
        other = add_bearer(house.stranger, clock.now() + timedelta(minutes=5))
    assert app.test_client().get(path, headers={"Authorization": f"Bearer {other}"}).status_code in (401, 404)
    for name in ("Patient", "Patient.sealed", "..%2fPatient.ndjson", "Nothing.ndjson"):
        assert bridge.get(f"{path}/{name}").status_code in (404, 401)
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        ready = bridge.get(address)
    assert ready.status_code == 200
    assert "Expires" in ready.headers


def test_nothing_of_it_lies_in_clear_on_the_disk(app: Flask, house: House) -> None:
    furnish(app, house)
    bridge = Bridge(app, house)
    bridge.export()
    folder = app.extensions["stepwell.settings"].data_dir / "bulk"
    held = b"".join(each.read_bytes() for each in folder.rglob("*.sealed"))
    assert len(held) > 2_000
    for words in (b"resourceType", "Zoë".encode(), b"Okonkwo", b"Encounter"):
        assert words not in held
    assert all(each.stat().st_mode & 0o077 == 0 for each in folder.rglob("*.sealed"))


def test_a_deleted_or_cancelled_export_is_gone_with_its_files(app: Flask, house: House) -> None:
    furnish(app, house)
    bridge = Bridge(app, house)
    manifest = bridge.manifest()
    running = bridge.start().headers["Content-Location"]
    for address in (bridge.address, running):
        assert bridge.delete(address).status_code == 202
        gone = bridge.get(address)
        assert (gone.status_code, (gone.json or {})["resourceType"]) == (404, OUTCOME)
        assert bridge.delete(address).status_code == 404
    assert bridge.get(manifest["output"][0]["url"]).status_code == 404
    bridge.work()
    assert not list((app.extensions["stepwell.settings"].data_dir / "bulk").iterdir())


ENDS = ("revoked", "restricted", "not linked", "purged", "the other person's")


@pytest.mark.parametrize("how", ENDS)
def test_what_is_no_longer_covered_takes_the_finished_export_with_it(app: Flask, house: House, how: str) -> None:
    case_id = furnish(app, house)
    bridge = Bridge(app, house)
    url = bridge.manifest()["output"][0]["url"]
    assert bridge.get(url).status_code == 200
    with app.app_context():
        WITHOUT[how][1](house, case_id)
    missing = bridge.get(f"{BASE}/bulk/00000000-0000-4000-8000-00000000dead/Patient.ndjson")
    gone = bridge.get(url)
    assert (gone.status_code, gone.data) == (404, missing.data)
    with app.app_context():
        assert bulk_exports.tidy() == 1
        assert bulk_files.stored() == []
        assert bulk_exports.tidy() == 0


def test_a_purge_while_a_file_goes_out_ends_it_short_and_never_in_clear(app: Flask, house: House) -> None:
    first, second = sorted((furnish(app, house), furnish(app, house)))
    bridge = Bridge(app, house)
    url = next(each["url"] for each in bridge.manifest()["output"] if each["type"] == "Patient")
    with app.test_request_context():
        actor = house.machine
        _file, lines = bulk_exports.open_file(actor, url.split("/")[-2], "Patient")
        assert first.encode() in next(lines)
        _purge(second)
        with pytest.raises(Exception, match="nothing here"):
            next(lines)


def test_an_export_runs_out_after_a_day(app: Flask, house: House) -> None:
    furnish(app, house)
    bridge = Bridge(app, house)
    bridge.manifest()
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        token = Bridge(app, house)
        assert token.get(bridge.address).status_code == 404
        with app.app_context():
            assert bulk_exports.tidy() == 1
            assert bulk_files.stored() == []


def test_an_ended_system_ends_its_exports(app: Flask, house: House) -> None:
    furnish(app, house)
    bridge = Bridge(app, house)
    bridge.start()
    with app.app_context():
        people.end_account(house.admin, house.machine.user_id)
    bridge.work()
    with app.app_context():
        bulk_exports.tidy()
        (found,) = bulk_exports.list_exports(house.admin, house.machine.user_id)
        assert (found.state, found.files) == ("ended", ())


def test_exports_are_counted(app: Flask, house: House) -> None:
    bridge = Bridge(app, house)
    for _ in range(MOST_RUNNING):
        assert bridge.start().status_code == 202
    refused = bridge.start()
    assert (refused.status_code, (refused.json or {})["issue"][0]["code"]) == (429, "throttled")
    assert refused.headers["Retry-After"] == "5"


def test_a_case_that_cannot_be_brought_up_to_date_is_told_without_saying_whose(app: Flask, house: House) -> None:
    case_id, other = furnish(app, house), furnish(app, house)
    with app.app_context():
        broken = outbox.Notice("nothing-like-it", case_id, 1, case_id)
        outbox.post(house.practice_id, [broken])
        db.session.commit()
    bridge = Bridge(app, house)
    manifest = bridge.manifest()
    assert patients(bridge.files(manifest)) == {other}
    (told,) = manifest["error"]
    body = bridge.get(told["url"]).text
    assert json.loads(body)["resourceType"] == OUTCOME
    assert case_id not in body
    with app.app_context():
        db.session.execute(update(OutboxRow).values(done_at=clock.now()))
        db.session.commit()


def test_the_capability_statement_declares_it(app: Flask) -> None:
    told = app.test_client().get(f"{BASE}/metadata").json or {}
    assert told["instantiates"] == ["http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data"]
    (rest,) = told["rest"]
    assert [each["name"] for each in rest["operation"]] == ["export"]
    named = {each["type"]: [op["name"] for op in each.get("operation", ())] for each in rest["resource"]}
    assert "export" in named["Patient"]
    assert "export" in named["Group"]
    assert rest["security"]["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"
    assert set(EXPORTED) <= named.keys()
