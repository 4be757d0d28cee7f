"""The pages of what follows a signature, of joint sessions and of the worklist."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.vocabulary import Attendance, Role, SessionType
from service.casework import cases, cosigning, crisis, note_life, notes, people, sessions, walls
from service.casework.write_ups import drafted_from
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import Case
from service.domain.notes import Note
from tests import builders
from tests.builders import House
from tests.casework.test_cosigning import supervise
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
WHY = "It belongs to the record of somebody else."


@pytest.fixture
def note(app: Flask, house: House) -> Note:
    """A signed note that waits to be cosigned."""
    with app.app_context():
        who = house.supervisor.user_id, house.therapist.user_id, clock.now().date()
        people.supervise(house.admin, *who, cosigns=True)
        session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
        return builders.add_note(house.therapist, session.id, signed=True)


def cosigned_by_name(house: House) -> tuple[Actor, Case, Note]:
    """A covering colleague's note, and the supervisor who cosigns it and stands to the case in no other way."""
    cosigner = builders.add_actor(house.practice_id, Role.SUPERVISOR, "Orla Quinn")
    supervise(cosigner, house.peer)
    case = builders.add_case(house.therapist)
    cases.assign_cover(house.therapist, case.id, house.peer.user_id, clock.now().date() + timedelta(days=3))
    note = builders.add_note(house.peer, builders.add_session(house.peer, case.id).id, signed=True)
    return cosigner, case, note


def reading(note: Note) -> str:
    return f"/sessions/{note.session_id}/read"


def test_the_supervisor_reads_and_cosigns(app: Flask, house: House, note: Note, sign_in: SignIn) -> None:
    client = sign_in(house.supervisor)
    page = client.get(reading(note)).text
    assert flaws(page) == []
    assert "Not cosigned" in page
    act = client.get(f"/notes/{note.id}/after/cosign").text
    assert flaws(act) == []
    assert "Talked about the week." in act
    answer = client.post(f"/notes/{note.id}/cosign", data={"version": note.version})
    assert (answer.status_code, answer.location) == (303, reading(note))
    page = client.get(answer.location).text
    assert "Cosigned by" in page
    assert "Siobhán Byrne" in page
    assert "Not cosigned" not in page
    again = client.post(f"/notes/{note.id}/cosign", data={"version": note.version})
    assert again.status_code == 409
    assert flaws(again.text) == []


@pytest.mark.parametrize("asked_for", [True, False])
def test_in_an_emergency_who_cosigns_the_author_is_asked_to_and_nobody_else(
    app: Flask, house: House, sign_in: SignIn, asked_for: bool
) -> None:
    with app.app_context():
        cosigner, case, note = cosigned_by_name(house)
        who = cosigner if asked_for else builders.add_actor(house.practice_id, Role.SUPERVISOR, "Ines Keane")
        walls.break_glass(who, case.code, WHY)
    client = sign_in(who)
    page = client.get(reading(note)).text
    assert "Not cosigned" in page
    assert ("/after/cosign" in page, "/after/return" in page) == (asked_for, asked_for)
    answer = client.post(f"/notes/{note.id}/cosign", data={"version": note.version})
    assert answer.status_code == (303 if asked_for else 404)


def test_the_api_tells_a_cosigner_by_name_of_the_signature_alone(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        cosigner, _case, note = cosigned_by_name(house)
        note = note_life.keep_disagreement(house.peer, note.id, WHY)
    client, at = sign_in(cosigner), f"/api/v1/notes/{note.id}"
    read = client.get(f"{at}/cosigning")
    signed = client.post(f"{at}/cosign", json={"version": note.version})
    assert (read.status_code, signed.status_code) == (200, 200)
    assert WHY in str(note.trail)
    assert WHY not in read.text + signed.text


def test_what_is_sent_back_is_asked_for_on_the_note(house: House, note: Note, sign_in: SignIn) -> None:
    client = sign_in(house.supervisor)
    short = client.post(f"/notes/{note.id}/return", data={"version": note.version, "text": "More"})
    assert short.status_code == 422
    assert ">\nMore</textarea>" in short.text
    words = "Say what was agreed about Friday."
    assert client.post(f"/notes/{note.id}/return", data={"version": note.version, "text": words}).status_code == 303
    page = sign_in(house.therapist).get(reading(note)).text
    assert words in page
    assert "Returned, an addendum is asked for" in page


def test_an_error_hides_the_text_and_a_look_at_it_is_recorded(
    app: Flask, house: House, note: Note, sign_in: SignIn
) -> None:
    client = sign_in(house.therapist)
    assert flaws(client.get(f"/notes/{note.id}/after/error").text) == []
    assert client.post(f"/notes/{note.id}/error", data={"text": WHY}).status_code == 303
    assert "Nobody can be its second reader" not in client.get(f"/notes/{note.id}").text
    second = sign_in(house.supervisor)
    page = second.get(f"/notes/{note.id}/after/error-answer").text
    assert flaws(page) == []
    assert WHY in page
    assert second.post(f"/notes/{note.id}/error/answer", data={"agreed": "yes", "text": ""}).status_code == 303
    page = client.get(reading(note)).text
    assert flaws(page) == []
    assert "Entered in error" in page
    assert "Talked about the week." not in page
    assert "Note one small decision a day" not in page
    hidden = client.get(f"/notes/{note.id}/hidden")
    assert "Talked about the week." in hidden.text
    assert flaws(hidden.text) == []


def test_a_request_is_answered_and_a_statement_attached(house: House, note: Note, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    empty = client.post(f"/notes/{note.id}/amendments", data={"text": ""})
    assert empty.status_code == 422
    assert client.post(f"/notes/{note.id}/amendments", data={"text": "It was my aunt."}).status_code == 303
    page = client.get(f"/notes/{note.id}/after/amendment-answer").text
    assert flaws(page) == []
    assert "It was my aunt." in page
    given = {"accepted": "no", "text": "The word is what was said that day."}
    assert client.post(f"/notes/{note.id}/amendments/answer", data=given).status_code == 303
    assert client.post(f"/notes/{note.id}/disagreements", data={"text": "I say aunt."}).status_code == 303
    page = client.get(reading(note)).text
    assert flaws(page) == []
    for words in ("It was my aunt.", "The word is what was said that day.", "I say aunt."):
        assert words in page


def test_an_act_that_there_is_not_is_nowhere(house: House, note: Note, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    assert client.get(f"/notes/{note.id}/after/unlock").status_code == 404
    assert "Nothing of this kind waits here" in client.get(f"/notes/{note.id}/after/cosign").text


def test_a_joint_session_says_that_it_is_blocked_and_is_asked_for(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist)
        session = builders.add_session(house.therapist, case.id, type=SessionType.JOINT, attendance=Attendance.PLANNED)
        today = clock.now().date().isoformat()
    client = sign_in(house.therapist)
    assert "blocked until a supervisor agrees" in client.get(f"/sessions/{session.id}").text
    page = client.get(f"/sessions/{session.id}/joint").text
    assert flaws(page) == []
    assert "Blocked." in page and "No supervisor can decide" not in page
    given = {"client_on": today, "client_by": "Ana", "other_on": "", "other_by": "", "reason": WHY}
    wrong = client.post(f"/sessions/{session.id}/joint", data=given)
    assert wrong.status_code == 422
    assert 'value="Ana"' in wrong.text
    given |= {"other_on": today, "other_by": "Jonas"}
    assert client.post(f"/sessions/{session.id}/joint", data=given).status_code == 303
    second = sign_in(house.supervisor)
    assert flaws(second.get(f"/sessions/{session.id}/joint").text) == []
    decision = {"allowed": "yes", "reason": "Both asked for it, each alone."}
    assert second.post(f"/sessions/{session.id}/joint/decision", data=decision).status_code == 303
    page = client.get(f"/sessions/{session.id}/joint").text
    assert "Joint session agreed by the supervisor" in page
    assert "For the session on" in page and "asked for another day" not in page
    assert flaws(page) == []
    with app.app_context():
        later = timedelta(days=20)
        draft = drafted_from(session)
        draft = replace(draft, starts_at=draft.starts_at + later, ends_at=draft.ends_at + later)
        sessions.change_session(house.therapist, session.id, draft, version=session.version)
    page = client.get(f"/sessions/{session.id}/joint").text
    assert "This was asked for another day" in page and "Ask the supervisor" in page
    assert flaws(page) == []


def test_the_worklist_leads_to_where_it_is_done(app: Flask, house: House, note: Note, sign_in: SignIn) -> None:
    with app.app_context():
        other = builders.add_session(house.therapist, note.case_id)
    page = sign_in(house.therapist).get("/worklist").text
    assert flaws(page) == []
    assert f'href="/sessions/{other.id}"' in page
    assert "No note yet" in page
    assert "Therapists I supervise" not in page
    page = sign_in(house.supervisor).get("/worklist").text
    assert flaws(page) == []
    assert "Waits to be cosigned" in page
    assert f'href="{reading(note)}"' in page
    assert "data-rows" in page


def test_an_empty_worklist_says_so(house: House, sign_in: SignIn) -> None:
    assert "Nothing is waiting." in sign_in(house.peer).get("/worklist").text


def test_an_administrator_says_who_is_cosigned_and_when_a_note_is_late(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    client = sign_in(house.admin)
    given = {
        "supervisor_id": house.supervisor.user_id,
        "therapist_id": house.therapist.user_id,
        "since": clock.now().date().isoformat(),
    }
    assert client.post("/people/supervision", data={**given, "cosigns": "yes"}).status_code == 303
    page = client.get("/people/supervision").text
    assert flaws(page) == []
    assert ">Cosigned<" in page
    assert client.post("/people/notes", data={"late_after_hours": "0"}).status_code == 422
    assert client.post("/people/notes", data={"late_after_hours": "48"}).status_code == 303
    assert 'value="48"' in client.get("/people/supervision").text


def test_a_draft_leads_nowhere_further(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
        draft = builders.add_note(house.therapist, session.id)
        with pytest.raises(Exception, match="draft"):
            note_life.say_error(house.therapist, draft.id, WHY)
        assert notes.read_note(house.therapist, draft.id).trail == ()
    assert "Nothing of this kind waits" in sign_in(house.therapist).get(f"/notes/{draft.id}/after/error").text


def test_a_cosigner_by_name_finds_the_note_and_nothing_else_of_the_case(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    with app.app_context():
        cosigner, case, note = cosigned_by_name(house)
    client = sign_in(cosigner)
    queue = client.get("/worklist").text
    assert f"/notes/{note.id}/cosigning" in queue
    page = client.get(f"/notes/{note.id}/cosigning").text
    assert flaws(page) == []
    assert "Talked about the week." in page
    for text in (queue, page):
        assert case.code in text
        assert case.client.chosen_name not in text
    for elsewhere in (f"/cases/{case.id}", f"/sessions/{note.session_id}/read"):
        assert client.get(elsewhere).status_code == 404
    short = client.post(f"/notes/{note.id}/cosigning/return", data={"text": "No", "version": note.version})
    assert (short.status_code, ">\nNo</textarea>" in short.text) == (422, True)
    answer = client.post(f"/notes/{note.id}/cosigning", data={"version": note.version})
    assert (answer.status_code, answer.location) == (303, "/worklist")


def test_signing_on_a_restricted_case_says_beforehand_that_nobody_could_cosign(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    with app.app_context():
        who = house.supervisor.user_id, house.therapist.user_id, clock.now().date()
        people.supervise(house.admin, *who, cosigns=True)
        case = builders.add_case(house.therapist)
        note = builders.add_note(house.therapist, builders.add_session(house.therapist, case.id).id)
        before = sign_in(house.therapist).get(f"/notes/{note.id}/sign").text
        walls.restrict(house.therapist, case.id, WHY, wanted=True)
    assert cosigning.RESTRICTED not in before
    page = sign_in(house.therapist).get(f"/notes/{note.id}/sign").text
    assert flaws(page) == []
    assert cosigning.RESTRICTED in page


def test_a_named_colleague_finds_the_note_in_the_queue_and_answers(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        session = builders.add_session(house.peer, builders.add_case(house.peer).id)
        note = builders.add_note(house.peer, session.id, signed=True)
        note_life.say_error(house.peer, note.id, WHY)
    stuck = sign_in(house.peer).get(f"/notes/{note.id}").text
    assert "Nobody can be its second reader" in stuck and flaws(stuck) == []
    with app.app_context():
        crisis.name_reader(house.admin, house.therapist.user_id)
    assert "Nobody can be its second reader" not in sign_in(house.peer).get(f"/notes/{note.id}").text
    client = sign_in(house.therapist)
    queue = client.get("/second-readings").text
    assert flaws(queue) == []
    assert f"/notes/{note.id}/second-reading" in queue
    page = client.get(f"/notes/{note.id}/second-reading").text
    assert flaws(page) == []
    assert WHY in page
    assert "Talked about the week." in page
    assert builders.a_client().chosen_name not in page
    short = client.post(f"/notes/{note.id}/second-reading", data={"agreed": "no", "text": "No"})
    assert (short.status_code, ">\nNo</textarea>" in short.text) == (422, True)
    answer = client.post(f"/notes/{note.id}/second-reading", data={"agreed": "yes", "text": ""})
    assert (answer.status_code, answer.location) == (303, "/second-readings")
    assert "Nothing is waiting" in client.get("/second-readings").text
    assert client.get(f"/notes/{note.id}/second-reading").status_code == 404
