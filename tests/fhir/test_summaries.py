"""A kept summary over FHIR: the bytes that left, behind their address, by a release that names all of it."""

import base64
import hashlib
from dataclasses import replace
from typing import Any

import orjson
import pytest
from flask import Flask

from schemas.release_codes import ConsentKind, Door, SendRoute
from schemas.vocabulary import AssignmentKind
from service.casework import cases as casework
from service.casework import requests, summaries
from service.casework.resource_words import REPORT_RECORDS, REPORT_TYPES
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.leaving import IN_REPORT
from service.domain.summaries import Summary
from service.domain.withholding import WITHHELD
from service.errors import NotFound
from service.fhir import everything, models, publish, reading
from service.fhir.document import document
from service.fhir.shapes import instant
from service.store import accounts, cases, disclosures, resources
from service.store.base import db
from tests import builders
from tests.builders import A_FILE, House

NEEDS = "heronquill lantern"


@pytest.fixture
def case(context: Flask, house: House) -> Case:
    return builders.add_case(house.therapist)


@pytest.fixture
def summary(house: House, case: Case) -> Summary:
    kept = builders.add_summary(house.therapist, case.id, needs=NEEDS)
    publish.rebuild(house.practice_id)
    return kept


def stored(actor: Actor, kind: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(reading.read(actor, kind, name).body)
    return found


def test_the_reference_carries_address_size_and_hash_of_the_very_file(
    house: House, case: Case, summary: Summary
) -> None:
    found = stored(house.therapist, "DocumentReference", summary.id)
    attachment = found["content"][0]["attachment"]
    assert (attachment["contentType"], attachment["url"]) == ("application/pdf", f"Binary/{summary.id}")
    binary = stored(house.therapist, "Binary", summary.id)
    data = base64.b64decode(binary["data"])
    assert data == A_FILE and binary["contentType"] == "application/pdf"
    assert attachment["size"] == len(data)
    assert base64.b64decode(attachment["hash"]) == hashlib.sha1(data, usedforsecurity=False).digest()
    assert found["context"]["period"]["start"] == str(summary.words.since)
    labels = {each["code"] for each in found["meta"]["security"]}
    assert labels == {"R", "SDV", "MH", "NORDSCLCD", "NOPAT"}
    assert NEEDS not in str(found)


def test_all_that_is_made_of_one_is_of_a_report(case: Case, summary: Summary) -> None:
    made = [each for each in resources.of_case(case.id) if each.id == summary.id]
    assert {each.type for each in made} == REPORT_TYPES
    assert {each.record_type for each in made} == REPORT_RECORDS


def test_it_is_a_document_with_who_stands_by_it(house: House, case: Case, summary: Summary) -> None:
    body = document(house.therapist, summary.id, {})
    found = orjson.loads(body)
    assert models.problems_of(found) == []
    first, *others = [each["resource"] for each in found["entry"]]
    assert (first["resourceType"], first["status"], first["confidentiality"]) == ("Composition", "final", "R")
    assert [(each["mode"], each["party"]["reference"]) for each in first["attester"]] == [
        ("professional", f"Practitioner/{house.therapist.user_id}")
    ]
    assert [each["title"] for each in first["section"]] == [each.heading for each in summary.words.sections]
    assert {each["resourceType"] for each in others} == {"Patient", "Practitioner", "Organization"}
    assert NEEDS.encode() in body and document(house.therapist, summary.id, {}) == body


def test_the_cosigner_stands_beside_who_made_it(house: House, case: Case) -> None:
    accounts.be_cosigned(house.supervisor.user_id, house.therapist.user_id)
    db.session.commit()
    sent = builders.send_summary(house.therapist, case.id, needs=NEEDS)
    publish.rebuild(house.practice_id)
    assert [each for each in resources.of_case(case.id) if each.type in ("Composition", "Binary")] == []
    found = requests.approve(house.supervisor, sent.id, version=sent.version)
    kept = summaries.let_leave(house.therapist, found.id, version=found.version)
    publish.catch_up(case.id)
    author, cosigner = (f"Practitioner/{each.user_id}" for each in (house.therapist, house.supervisor))
    reference = stored(house.therapist, "DocumentReference", kept.id)
    assert (reference["author"][0]["reference"], reference["authenticator"]["reference"]) == (author, cosigner)
    source = stored(house.therapist, "Provenance", kept.id)
    agents = [(each["type"]["coding"][0]["code"], each["who"]["reference"]) for each in source["agent"]]
    assert agents == [("author", author), ("attester", cosigner)]
    assert kept.words.cosign
    times = [instant(kept.signed_at), instant(kept.words.cosign.cosigned_at)]
    assert [(each["who"]["reference"], each["when"]) for each in source["signature"]] == [
        (author, times[0]),
        (cosigner, times[1]),
    ]
    whole = orjson.loads(document(house.therapist, kept.id, {}))
    assert models.problems_of(whole) == []
    first, *others = [each["resource"] for each in whole["entry"]]
    told = [(each["mode"], each["party"]["reference"], each["time"]) for each in first["attester"]]
    assert told == [("professional", author, times[0]), ("legal", cosigner, times[1])]
    assert {each["id"] for each in others if each["resourceType"] == "Practitioner"} == {
        house.therapist.user_id,
        house.supervisor.user_id,
    }


def test_its_words_and_its_file_go_by_no_other_door(house: House, case: Case, summary: Summary) -> None:
    whole = everything.everything(house.therapist, case.id, [])
    assert f"Binary/{summary.id}".encode() in whole
    assert NEEDS.encode() not in whole and base64.b64encode(A_FILE) not in whole
    assert b'"Composition"' not in whole


def test_a_system_takes_it_by_a_release_that_names_all_of_it_and_leaves_a_row(
    house: House, case: Case, summary: Summary
) -> None:
    builders.add_consent(house.therapist, case.id, ConsentKind.RECORD_SYSTEM)
    cases.assign(case.id, house.machine.user_id, AssignmentKind.LINKED)
    db.session.commit()
    system = replace(house.machine, scopes="system/*.rs")
    for kind in REPORT_TYPES:
        with pytest.raises(NotFound):
            reading.read(system, kind, summary.id)
    with pytest.raises(NotFound):
        document(system, summary.id, {})
    builders.add_release(house.therapist, case.id, recipient="Record bridge", route=SendRoute.SYSTEM, classes=IN_REPORT)
    assert stored(system, "Binary", summary.id)["contentType"] == "application/pdf"
    body = document(system, summary.id, {})
    row = disclosures.of_case(case.id)[0]
    assert (row.left.door, row.left.digest) == (Door.LINK, hashlib.sha256(body).hexdigest())
    assert row.left.classes == tuple(each for each in type(row.left.classes[0]) if each in IN_REPORT)


def test_what_is_protected_later_takes_the_file_and_the_words_back(house: House, case: Case) -> None:
    kept = builders.add_summary(house.therapist, case.id, needs="A room near 12 Hidden Lane")
    publish.rebuild(house.practice_id)
    lives = replace(case.client, address="12 Hidden Lane")
    changed = casework.change_client(house.therapist, case.id, lives, version=case.version)
    publish.catch_up(case.id)
    binary = stored(house.therapist, "Binary", kept.id)
    assert base64.b64decode(binary["data"]).decode() == WITHHELD and binary["contentType"].startswith("text/plain")
    assert b"Hidden" not in document(house.therapist, kept.id, {})
    for kind in ("Binary", "Composition"):
        with pytest.raises(NotFound):
            reading.read(house.therapist, kind, kept.id, 1)
    moved = replace(changed.client, address="4 Other Road")
    casework.change_client(house.therapist, case.id, moved, version=changed.version)
    publish.catch_up(case.id)
    assert base64.b64decode(stored(house.therapist, "Binary", kept.id)["data"]) == A_FILE
