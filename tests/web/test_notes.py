"""Signing a note, reading it afterwards, adding to it, and choosing between two texts."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.vocabulary import NoteFormat, PlanRight
from service.casework import cases, notes
from service.domain.actors import Actor
from service.domain.cases import OtherPerson
from service.domain.notes import Note, in_format
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]


@pytest.fixture
def draft(app: Flask, house: House) -> Note:
    """A draft whose session holds every close step."""
    with app.app_context():
        session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
        return builders.add_note(house.therapist, session.id)


def test_signing_names_its_consequence_and_freezes_the_note(house: House, draft: Note, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    page = client.get(f"/notes/{draft.id}/sign").text
    assert "Only an addendum can follow" in page
    assert "No goal is named." in page
    assert flaws(page) == []
    answer = client.post(f"/notes/{draft.id}/sign", data={"version": str(draft.version)})
    assert answer.status_code == 303
    read = client.get(answer.location).text
    assert "Talked about the week." in read
    assert "Fingerprint" in read
    assert "Step, Goal, Measure" in read
    assert flaws(read) == []


def test_signing_says_which_steps_do_not_hold(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist)
        session = builders.add_session(house.therapist, case.id, plan_right=PlanRight.UNRECORDED)
        note = builders.add_note(house.therapist, session.id)
    client = sign_in(house.therapist)
    page = client.get(f"/notes/{note.id}/sign").text
    assert "Say whether the plan still fits." in page
    assert "Sign this note?" not in page
    refused = client.post(f"/notes/{note.id}/sign", data={"version": str(note.version)})
    assert refused.status_code == 422
    assert flaws(refused.text) == []
    with app.app_context():
        assert notes.read_note(house.therapist, note.id).signed_at is None


def test_a_note_that_moved_on_is_not_signed_unread(app: Flask, house: House, draft: Note, sign_in: SignIn) -> None:
    with app.app_context():
        notes.save_note(house.therapist, draft.session_id, NoteFormat.DAP, {"data": "Newer."}, version=draft.version)
    answer = sign_in(house.therapist).post(f"/notes/{draft.id}/sign", data={"version": str(draft.version)})
    assert answer.status_code == 409
    assert "Newer." in answer.text


def test_an_addendum_follows_a_signed_note_with_its_own_fingerprint(
    app: Flask, house: House, draft: Note, sign_in: SignIn
) -> None:
    with app.app_context():
        notes.sign_note(house.therapist, draft.id, version=draft.version)
    client = sign_in(house.therapist)
    assert client.get(f"/sessions/{draft.session_id}").status_code == 303
    answer = client.post(f"/notes/{draft.id}/addenda", data={"text": "She rang later."})
    page = client.get(answer.location).text
    assert "She rang later." in page
    assert page.count("SHA-256") == 2
    assert flaws(page) == []


def test_an_empty_addendum_comes_back_to_the_note(app: Flask, house: House, draft: Note, sign_in: SignIn) -> None:
    with app.app_context():
        notes.sign_note(house.therapist, draft.id, version=draft.version)
    answer = sign_in(house.therapist).post(f"/notes/{draft.id}/addenda", data={"text": " "})
    assert answer.status_code == 422
    assert "Write something here." in answer.text
    assert flaws(answer.text) == []


def test_a_chosen_text_is_made_of_both(app: Flask, house: House, draft: Note, sign_in: SignIn) -> None:
    given = {
        "version": str(draft.version),
        "format": "dap",
        "yours.data": "Mine.",
        "yours.assessment": "",
        "yours.plan": "Mine too.",
        "pick.data": "both",
        "pick.plan": "theirs",
    }
    answer = sign_in(house.therapist).post(f"/notes/{draft.id}/choose", data=given)
    assert answer.status_code == 303
    with app.app_context():
        kept = notes.read_note(house.therapist, draft.id).sections
    assert kept["data"] == "Mine.\n\nTalked about the week."
    assert kept["plan"] == "Continue."


def test_no_text_is_chosen_for_the_writer(app: Flask, house: House, draft: Note, sign_in: SignIn) -> None:
    given = {"version": str(draft.version), "format": "dap", "yours.data": "Mine."}
    answer = sign_in(house.therapist).post(f"/notes/{draft.id}/choose", data=given)
    assert answer.status_code == 422
    assert "Data: choose one." in answer.text
    assert "Mine." in answer.text
    assert flaws(answer.text) == []
    with app.app_context():
        assert notes.read_note(house.therapist, draft.id).sections["data"] == "Talked about the week."


def test_a_supervisor_reads_a_draft_and_finds_no_button(house: House, draft: Note, sign_in: SignIn) -> None:
    page = sign_in(house.supervisor).get(f"/notes/{draft.id}").text
    assert "Draft, not signed" in page
    assert "Write up" not in page
    assert flaws(page) == []


def test_a_note_in_another_format_keeps_every_word() -> None:
    soap = {"subjective": "a", "objective": "b", "assessment": "c", "plan": "d"}
    assert in_format(NoteFormat.DAP, soap) == {
        "data": "Subjective:\na\n\nObjective:\nb",
        "assessment": "c",
        "plan": "d",
    }
    assert in_format(NoteFormat.SOAP, {"text": "all"})["subjective"] == "all"


def test_what_keeps_a_text_from_leaving_is_shown_and_confirmed_by_name(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist)
        cases.change_other_person(house.therapist, case.id, OtherPerson("Bartholomew"), version=case.version)
        session = builders.add_session(house.therapist, case.id)
        note = builders.add_note(house.therapist, session.id, text="Bartholomew rang.")
    client = sign_in(house.therapist)
    page = client.get(f"/notes/{note.id}/sign").text
    assert "Words that stay here" in page and flaws(page) == []
    client.post(f"/notes/{note.id}/sign", data={"version": note.version})
    page = client.get(f"/notes/{note.id}").text
    assert "Before the text leaves" in page and f'value="{note.id}:other-person"' in page and flaws(page) == []
    assert "Found before it leaves" in client.post(f"/notes/{note.id}/finds").text
    assert sign_in(house.supervisor).post(f"/notes/{note.id}/finds").status_code == 403
    confirmed = client.post(f"/notes/{note.id}/finds", data={"confirmed": f"{note.id}:other-person"})
    page = client.get(confirmed.location).text
    assert "Before the text leaves" not in page and "confirmed by name" in page
