"""Every form that writes to sessions and notes, sent twice as an impatient hand sends it: nothing is there twice.

Rule: the second answer leads on or says what stands there already; it is never an error of ours.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from schemas.vocabulary import Attendance, SessionType
from service.casework import joint_sessions, note_life, people
from service.domain import clock
from service.domain.actors import Actor
from service.domain.notes import Note
from service.domain.sessions import TherapySession
from service.store.base import Base, db
from tests import builders
from tests.builders import House
from tests.casework.test_joint_sessions import WHY, screening
from tests.web.test_groups import typed as typed_group
from tests.web.test_sessions import typed

pytestmark = pytest.mark.usefixtures("published")  # what is built after a commit is counted as well

SignIn = Callable[[Actor], FlaskClient]
# What grows with every request, whoever asks for what.
BESIDES = ("audit", "sign_in", "outbox")
WORDS = "The client wants the second paragraph changed."


@dataclass
class Scene:
    """A case of the therapist, whose notes a supervisor cosigns."""

    house: House
    case_id: str

    def planned(self, kind: SessionType = SessionType.INDIVIDUAL) -> TherapySession:
        return builders.add_session(self.house.therapist, self.case_id, type=kind, attendance=Attendance.PLANNED)

    def note(self, *, signed: bool) -> Note:
        session = builders.add_session(self.house.therapist, self.case_id)
        return builders.add_note(self.house.therapist, session.id, signed=signed)


@dataclass
class Sent:
    """One form as it is sent, by the supervisor where it is theirs."""

    path: str
    data: Mapping[str, object]
    by_supervisor: bool = False


def record(scene: Scene) -> Sent:
    given = {"starts_at": "2026-05-04T10:00", "ends_at": "2026-05-04T10:50", "type": "individual", "place": ""}
    return Sent(f"/cases/{scene.case_id}/sessions/new", given)


def group(scene: Scene) -> Sent:
    members = [builders.add_case(scene.house.therapist, chosen_name=name) for name in ("Mira", "Tomás", "Ivo")]
    return Sent("/group-sessions/new", typed_group(members))


def save(scene: Scene) -> Sent:
    session = scene.planned()
    return Sent(f"/sessions/{session.id}", typed(session, f"{session.version}-0"))


def attendance(scene: Scene) -> Sent:
    session = scene.planned()
    given = {"attendance": "attended", "version": session.version}
    return Sent(f"/day/sessions/{session.id}/attendance", given)


def undo(scene: Scene) -> Sent:
    session = builders.add_session(scene.house.therapist, scene.case_id)
    return Sent(f"/day/sessions/{session.id}/attendance/undo?was=planned&version={session.version}", {})


def sign(scene: Scene) -> Sent:
    note = scene.note(signed=False)
    return Sent(f"/notes/{note.id}/sign", {"version": note.version})


def choose(scene: Scene) -> Sent:
    note = scene.note(signed=False)
    yours = {f"yours.{key}": f"{text} More." for key, text in note.sections.items()}
    picks = {f"pick.{key}": "yours" for key in note.sections}
    return Sent(f"/notes/{note.id}/choose", {"format": "dap", "version": note.version, **yours, **picks})


def addendum(scene: Scene) -> Sent:
    return Sent(f"/notes/{scene.note(signed=True).id}/addenda", {"text": "Rang back on Friday."})


def finds(scene: Scene) -> Sent:
    return Sent(f"/notes/{scene.note(signed=True).id}/finds", {})


def amendment(scene: Scene) -> Sent:
    return Sent(f"/notes/{scene.note(signed=True).id}/amendments", {"text": WORDS})


def amendment_answer(scene: Scene) -> Sent:
    note = scene.note(signed=True)
    note_life.ask_amendment(scene.house.therapist, note.id, WORDS)
    return Sent(f"/notes/{note.id}/amendments/answer", {"text": "It was the aunt.", "accepted": "yes"})


def disagreement(scene: Scene) -> Sent:
    return Sent(f"/notes/{scene.note(signed=True).id}/disagreements", {"text": WORDS})


def cosign(scene: Scene) -> Sent:
    note = scene.note(signed=True)
    return Sent(f"/notes/{note.id}/cosign", {"version": note.version}, by_supervisor=True)


def cosign_by_name(scene: Scene) -> Sent:
    note = scene.note(signed=True)
    return Sent(f"/notes/{note.id}/cosigning", {"version": note.version}, by_supervisor=True)


def return_by_name(scene: Scene) -> Sent:
    note = scene.note(signed=True)
    return Sent(f"/notes/{note.id}/cosigning/return", {"version": note.version, "text": WORDS}, by_supervisor=True)


def send_back(scene: Scene) -> Sent:
    note = scene.note(signed=True)
    return Sent(f"/notes/{note.id}/return", {"version": note.version, "text": WORDS}, by_supervisor=True)


def error(scene: Scene) -> Sent:
    return Sent(f"/notes/{scene.note(signed=True).id}/error", {"text": WORDS})


def error_answer(scene: Scene, *, way: str = "error/answer") -> Sent:
    note = scene.note(signed=True)
    note_life.say_error(scene.house.therapist, note.id, WORDS)
    return Sent(f"/notes/{note.id}/{way}", {"text": WORDS, "agreed": "no"}, by_supervisor=True)


def second_reading(scene: Scene) -> Sent:
    return error_answer(scene, way="second-reading")


def joint(scene: Scene) -> Sent:
    asked = screening()
    given = {name: getattr(asked, name) for name in ("client_on", "client_by", "other_on", "other_by")}
    return Sent(f"/sessions/{scene.planned(SessionType.JOINT).id}/joint", {**given, "reason": WHY})


def joint_decision(scene: Scene) -> Sent:
    session = scene.planned(SessionType.JOINT)
    joint_sessions.ask_joint(scene.house.therapist, session.id, screening(), WHY)
    return Sent(f"/sessions/{session.id}/joint/decision", {"reason": WHY, "allowed": "yes"}, by_supervisor=True)


def steps(scene: Scene) -> Sent:
    return Sent(f"/sessions/{scene.planned().id}/steps", {"touched": "1"})


def working_note(scene: Scene) -> Sent:
    session = builders.add_session(scene.house.therapist, scene.case_id)
    return Sent(f"/sessions/{session.id}/working-note", {"text": "What I thought myself.", "version": ""})


FORMS: Mapping[str, Callable[[Scene], Sent]] = {
    "sessions.record": record,
    "groups.record": group,
    "sessions.save": save,
    "day.set_attendance": attendance,
    "day.undo_attendance": undo,
    "notes.sign_note": sign,
    "notes.choose": choose,
    "notes.add_addendum": addendum,
    "notes.confirm_finds": finds,
    "note_life.ask_amendment": amendment,
    "note_life.answer_amendment": amendment_answer,
    "note_life.keep_disagreement": disagreement,
    "note_life.cosign": cosign,
    "note_life.send_back": send_back,
    "note_life.cosign_by_name": cosign_by_name,
    "note_life.return_by_name": return_by_name,
    "note_life.say_error": error,
    "note_life.answer_error": error_answer,
    "note_life.answer_reading": second_reading,
    "joint.ask": joint,
    "joint.decide": joint_decision,
    "programmes.touch": steps,
    "psychotherapy.save": working_note,
}
# What changes rows and adds none.
UPDATES = frozenset({"day.set_attendance", "day.undo_attendance", "notes.sign_note", "notes.choose"})
ROOMS = ("sessions", "groups", "notes", "note_life", "joint")


@pytest.fixture
def scene(app: Flask, house: House) -> Scene:
    with app.app_context():
        who = house.supervisor.user_id, house.therapist.user_id, clock.now().date()
        people.supervise(house.admin, *who, cosigns=True)
        return Scene(house, builders.add_case(house.therapist).id)


def rows(app: Flask) -> dict[str, int]:
    with app.app_context():
        tables = [each for each in Base.metadata.sorted_tables if not each.name.startswith(BESIDES)]
        return {each.name: db.session.scalar(select(func.count()).select_from(each)) or 0 for each in tables}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_is_sent_twice_leaves_what_sending_it_once_left(
    app: Flask, scene: Scene, sign_in: SignIn, name: str
) -> None:
    with app.app_context():
        sent = FORMS[name](scene)
    client = sign_in(scene.house.supervisor if sent.by_supervisor else scene.house.therapist)
    before = rows(app)
    first = client.post(sent.path, data=sent.data)
    assert first.status_code == 303, first.text
    once = rows(app)
    second = client.post(sent.path, data=sent.data)
    assert second.status_code in (303, 409)
    assert rows(app) == once
    assert second.status_code == 409 or second.location == first.location
    assert once != before or name in UPDATES | {"notes.confirm_finds"}


def test_every_form_of_sessions_and_notes_is_among_them(app: Flask) -> None:
    posted = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert {each for each in posted if each.partition(".")[0] in ROOMS} <= FORMS.keys()
    assert FORMS.keys() <= posted
