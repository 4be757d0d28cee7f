"""Compositions and document Bundles of signed notes: what is in them, and every door by which the words must not go."""

import hashlib
from collections import Counter
from dataclasses import replace
from typing import Any

import orjson
import pytest
from flask import Flask

from schemas.release_codes import ConsentAnswer, ConsentKind, ContentClass, Door, SaidHow
from schemas.vocabulary import AssignmentKind, NoteFormat
from service.casework import note_life, notes, people, releases
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.disclosures import to_the_client
from service.domain.releases import Said
from service.errors import Invalid, NotAllowed, NotFound
from service.fhir import bundle, everything, models, publish, reading
from service.fhir.document import document
from service.store import cases as case_store
from service.store import disclosures
from service.store.base import db
from tests import builders
from tests.builders import House
from tests.contracts.test_every_resource import resources_inside

PLANTED, LATER, AGAINST = "heronquill lantern", "copperthistle gate", "I still say Tuesday <&>."


@pytest.fixture
def case(context: Flask, house: House) -> Case:
    return builders.add_case(house.therapist)


@pytest.fixture
def note_id(house: House, case: Case) -> str:
    note = builders.add_note(
        house.therapist, builders.add_session(house.therapist, case.id).id, text=PLANTED, signed=True
    )
    notes.add_addendum(house.therapist, note.id, LATER)
    note_life.keep_disagreement(house.therapist, note.id, AGAINST)
    publish.rebuild(house.practice_id)
    return note.id


def composition(actor: Actor, resource_id: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(reading.read(actor, "Composition", resource_id).body)
    return found


def test_a_note_is_a_composition_by_sections_with_who_signed(house: House, case: Case) -> None:
    people.supervise(house.admin, house.supervisor.user_id, house.therapist.user_id, clock.now().date(), cosigns=True)
    session = builders.add_session(house.therapist, case.id)
    said = {"subjective": "Tired.\nSlept late.\n\nBetter since.", "plan": "A < walk"}
    draft = notes.save_note(house.therapist, session.id, NoteFormat.SOAP, said, version=None)
    note = notes.sign_note(house.therapist, draft.id, version=draft.version)
    found = composition(house.therapist, note.id)
    assert found["status"] == "preliminary"
    assert [each["mode"] for each in found["attester"]] == ["professional"]
    told = [(each["code"]["coding"][0]["code"], each["text"]["div"].partition(">")[2]) for each in found["section"]]
    assert told == [
        ("61150-9", "<p>Tired.<br/>Slept late.</p><p>Better since.</p></div>"),
        ("18776-5", "<p>A &lt; walk</p></div>"),
    ]
    note_life.cosign_note(house.supervisor, note.id, version=note.version)
    found = composition(house.therapist, note.id)
    assert found["status"] == "final"
    assert [(each["mode"], each["party"]["reference"]) for each in found["attester"]] == [
        ("professional", f"Practitioner/{house.therapist.user_id}"),
        ("legal", f"Practitioner/{house.supervisor.user_id}"),
    ]


def test_a_document_holds_all_it_names_once_and_the_same_bytes_each_time(
    house: House, case: Case, note_id: str
) -> None:
    body = document(house.therapist, note_id, {})
    found = orjson.loads(body)
    assert models.problems_of(found) == []
    assert found["type"] == "document"
    assert found["identifier"]["value"]
    assert [each["code"] for each in found["meta"]["security"]] == ["R", "SDV", "MH", "NORDSCLCD", "NOPAT"]
    parts = [each["resource"] for each in found["entry"]]
    assert (parts[0]["resourceType"], parts[0]["id"], parts[0]["status"]) == ("Composition", note_id, "amended")
    inside = [f"{each['resourceType']}/{each['id']}" for each in parts]
    named = {each for part in parts if part["resourceType"] == "Composition" for each in resources_inside(part)}
    assert Counter(inside) == Counter({*named, f"Composition/{note_id}"})
    assert [each["fullUrl"].endswith(one) for each, one in zip(found["entry"], inside, strict=True)] == [True] * 6
    text = body.decode()
    assert all(words in text for words in (PLANTED, LATER, "I still say Tuesday &lt;&amp;&gt;."))
    assert document(house.therapist, note_id, {"persist": "false"}) == body
    with pytest.raises(Invalid):
        document(house.therapist, note_id, {"persist": "true"})


def test_the_words_of_a_note_go_by_no_other_door(house: House, case: Case, note_id: str) -> None:
    whole = everything.everything(house.therapist, case.id, [])
    packed, _manifest = bundle.export(house.therapist, case.id, to_the_client())
    for body in (whole, packed):
        assert b'"DocumentReference"' in body
        assert b"Composition/" not in body
        assert not any(words.encode() in body for words in (PLANTED, LATER, "still say Tuesday"))


def test_a_note_entered_in_error_keeps_no_word_in_any_document(house: House, case: Case, note_id: str) -> None:
    note_life.say_error(house.therapist, note_id, "It belongs to the record of somebody else.")
    note_life.answer_error(house.supervisor, note_id, "", agreed=True)
    body = document(house.therapist, note_id, {})
    assert composition(house.therapist, note_id)["status"] == "entered-in-error"
    assert not any(words.encode() in body for words in (PLANTED, LATER, "still say Tuesday"))
    with pytest.raises(NotFound):
        reading.read(house.therapist, "Composition", note_id, 1)


def test_who_may_not_read_the_case_finds_no_document(house: House, note_id: str) -> None:
    for stranger in (house.peer, house.stranger):
        with pytest.raises(NotFound):
            document(stranger, note_id, {})


def test_a_system_takes_a_document_by_a_standing_ground_and_with_a_row_for_it(
    house: House, case: Case, note_id: str
) -> None:
    system = replace(house.machine, scopes="system/*.rs")
    case_store.assign(case.id, system.user_id, AssignmentKind.LINKED)
    db.session.commit()
    with pytest.raises(Invalid):
        document(system, note_id, {})
    assert disclosures.of_case(case.id) == ()
    agreed = Said(ConsentKind.RECORD_SYSTEM, ConsentAnswer.GIVEN, clock.now().date(), SaidHow.WRITTEN, "")
    releases.record_consent(house.therapist, case.id, agreed)
    body = document(system, note_id, {})
    (row,) = disclosures.of_case(case.id)
    assert (row.left.door, row.left.digest) == (Door.LINK, hashlib.sha256(body).hexdigest())
    assert row.left.classes == (ContentClass.CARE, ContentClass.NOTES)
    with pytest.raises(NotAllowed):
        document(replace(system, scopes="system/Composition.r"), note_id, {})
