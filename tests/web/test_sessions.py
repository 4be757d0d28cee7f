"""Planning a session, the editor and its drafts, and the close order at its foot."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.vocabulary import Attendance, NoteFormat, PlanRight, RiskStatus
from service.casework import notes, sessions
from service.domain import clock
from service.domain.actors import Actor
from service.domain.sessions import TherapySession
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
SCRIPT = {"X-Requested-With": "fetch", "Accept": "application/json"}
TYPED = {
    "type": "individual",
    "place": "Room 2",
    "private": "yes",
    "attendance": "attended",
    "risk": "asked_nothing_new",
    "risk_reason": "",
    "plan_right": "still_right",
    "homework_given": "Note one small decision a day",
    "homework_reviewed": "",
    "next_on": "",
    "next_reason": "Client will ring",
    "work.modality": "",
    "format": "dap",
    "sections.data": "Talked about the week.",
    "sections.assessment": "",
    "sections.plan": "Continue.",
    "then": "",
}


@pytest.fixture
def held(app: Flask, house: House) -> TherapySession:
    """A session two hours ago with nothing recorded but its time."""
    with app.app_context():
        case = builders.add_case(house.therapist)
        return builders.add_session(
            house.therapist,
            case.id,
            attendance=Attendance.PLANNED,
            risk=RiskStatus.UNRECORDED,
            plan_right=PlanRight.UNRECORDED,
            homework_given="",
            next_on=None,
        )


def typed(session: TherapySession, version: str, **changes: str) -> dict[str, str]:
    """The whole editor as a browser posts it, times in the practice's zone."""
    at = clock.local(session.starts_at, "Europe/Dublin")
    ends = clock.local(session.ends_at, "Europe/Dublin")
    times = {"starts_at": f"{at:%Y-%m-%dT%H:%M}", "ends_at": f"{ends:%Y-%m-%dT%H:%M}", "version": version}
    return {**TYPED, **times, **changes}


def test_a_new_session_is_recorded_and_opens_its_editor(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist)
    client = sign_in(house.therapist)
    assert flaws(client.get(f"/cases/{case.id}/sessions/new").text) == []
    given = {"starts_at": "2026-05-04T10:00", "ends_at": "2026-05-04T10:50", "type": "video", "place": "Room 2"}
    answer = client.post(f"/cases/{case.id}/sessions/new", data=given)
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert page.status_code == 200
    assert 'value="2026-05-04T10:00"' in page.text


def test_a_session_that_ends_before_it_starts_comes_back_with_the_typing(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist)
    given = {"starts_at": "2026-05-04T10:00", "ends_at": "2026-05-04T09:00", "type": "video", "place": "Blue room"}
    answer = sign_in(house.therapist).post(f"/cases/{case.id}/sessions/new", data=given)
    assert answer.status_code == 422
    assert "The end must come after the start." in answer.text
    assert 'value="Blue room"' in answer.text
    assert flaws(answer.text) == []


def test_the_editor_is_sound_and_says_what_signing_waits_for(
    house: House, held: TherapySession, sign_in: SignIn
) -> None:
    page = sign_in(house.therapist).get(f"/sessions/{held.id}").text
    assert flaws(page) == []
    assert "Before signing: Say whether the client came. Then 4 more steps." in page
    assert ">Sign note<" not in page


def test_a_draft_is_saved_without_script_and_the_steps_fill_in(
    house: House, held: TherapySession, sign_in: SignIn
) -> None:
    client = sign_in(house.therapist)
    answer = client.post(f"/sessions/{held.id}", data=typed(held, f"{held.version}-0"))
    assert (answer.status_code, answer.location) == (303, f"/sessions/{held.id}")
    page = client.get(f"/sessions/{held.id}").text
    assert "Talked about the week." in page
    assert ">Sign note<" in page


def test_a_draft_saved_by_script_answers_with_time_version_and_steps(
    app: Flask, house: House, held: TherapySession, sign_in: SignIn
) -> None:
    client = sign_in(house.therapist)
    answer = client.post(f"/sessions/{held.id}", data=typed(held, f"{held.version}-0"), headers=SCRIPT)
    assert answer.status_code == 200
    assert answer.json is not None
    with app.app_context():
        view = sessions.read_session(house.therapist, held.id)
    assert view.note is not None
    assert answer.json["version"] == f"{view.session.version}-{view.note.version}"
    assert "Sign note" in answer.json["steps"]


def test_saving_the_same_twice_changes_nothing(app: Flask, house: House, held: TherapySession, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    first = client.post(f"/sessions/{held.id}", data=typed(held, f"{held.version}-0"), headers=SCRIPT)
    assert first.json is not None
    again = client.post(f"/sessions/{held.id}", data=typed(held, first.json["version"]), headers=SCRIPT)
    assert again.json is not None
    assert again.json["version"] == first.json["version"]


def test_a_refused_field_keeps_everything_that_was_typed(house: House, held: TherapySession, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    given = typed(held, f"{held.version}-0", ends_at="2020-01-01T10:00", **{"sections.data": "Word for word."})
    page = client.post(f"/sessions/{held.id}", data=given)
    assert page.status_code == 422
    assert "Word for word." in page.text
    assert flaws(page.text) == []
    by_script = client.post(f"/sessions/{held.id}", data=given, headers=SCRIPT)
    assert by_script.status_code == 422
    assert by_script.json is not None
    assert list(by_script.json["errors"]) == ["ends_at"]


def test_a_closed_list_takes_its_own_codes_only(house: House, held: TherapySession, sign_in: SignIn) -> None:
    given = typed(held, f"{held.version}-0", attendance="maybe", nonsense="x")
    answer = sign_in(house.therapist).post(f"/sessions/{held.id}", data=given, headers=SCRIPT)
    assert answer.json is not None
    assert sorted(answer.json["errors"]) == ["attendance", "nonsense"]


@pytest.mark.parametrize("version", ["", "x", "1", "1-", "-1", "9" * 30])
def test_a_version_that_is_none_is_refused_at_its_field(
    house: House, held: TherapySession, sign_in: SignIn, version: str
) -> None:
    answer = sign_in(house.therapist).post(f"/sessions/{held.id}", data=typed(held, version), headers=SCRIPT)
    assert answer.status_code in (409, 422)


def test_changing_the_format_keeps_the_typing(house: House, held: TherapySession, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    given = typed(held, f"{held.version}-0", format="soap", then="format")
    page = client.get(client.post(f"/sessions/{held.id}", data=given).location).text
    assert 'name="sections.subjective"' in page
    assert "Talked about the week." in page
    assert "Continue." in page


def test_facts_changed_elsewhere_are_shown_beside_the_typing(
    app: Flask, house: House, held: TherapySession, sign_in: SignIn
) -> None:
    with app.app_context():
        draft = builders.a_session_draft(homework_given="Walk on Sunday")
        sessions.change_session(house.therapist, held.id, draft, version=held.version)
    client = sign_in(house.therapist)
    answer = client.post(f"/sessions/{held.id}", data=typed(held, f"{held.version}-0"))
    assert answer.status_code == 409
    assert "Walk on Sunday" in answer.text
    assert "Note one small decision a day" in answer.text
    assert "Talked about the week." in answer.text
    assert flaws(answer.text) == []


def test_two_editors_of_one_note_see_both_texts_and_choose(
    app: Flask, house: House, held: TherapySession, sign_in: SignIn
) -> None:
    client = sign_in(house.therapist)
    first = client.post(f"/sessions/{held.id}", data=typed(held, f"{held.version}-0"), headers=SCRIPT)
    assert first.json is not None
    with app.app_context():
        note = sessions.read_session(house.therapist, held.id).note
        assert note is not None
        notes.save_note(house.therapist, held.id, NoteFormat.DAP, {"data": "The other tab."}, version=note.version)
    mine = typed(held, first.json["version"], **{"sections.data": "This tab."})
    assert client.post(f"/sessions/{held.id}", data=mine, headers=SCRIPT).status_code == 409
    page = client.post(f"/sessions/{held.id}", data=mine)
    assert page.status_code == 409
    assert "The other tab." in page.text
    assert "This tab." in page.text
    assert " checked" not in page.text
    assert flaws(page.text) == []


def test_what_was_typed_while_somebody_signed_waits_as_an_addendum(
    app: Flask, house: House, held: TherapySession, sign_in: SignIn
) -> None:
    with app.app_context():
        case_id = held.case_id
        ready = builders.add_session(house.therapist, case_id)
        note = builders.add_note(house.therapist, ready.id, signed=True)
    given = typed(
        ready, f"{ready.version}-{note.version}", **{"sections.data": "Late thought.", "homework_given": "New"}
    )
    page = sign_in(house.therapist).post(f"/sessions/{ready.id}", data=given)
    assert page.status_code == 409
    assert f'action="/notes/{note.id}/addenda"' in page.text
    assert "Late thought." in page.text
    assert "Homework given:\nNew" in page.text
    assert flaws(page.text) == []


def test_the_rail_holds_what_came_before(app: Flask, house: House, held: TherapySession, sign_in: SignIn) -> None:
    with app.app_context():
        at = held.starts_at - timedelta(days=7)
        before = builders.add_session(
            house.therapist, held.case_id, starts_at=at, ends_at=at + timedelta(minutes=50), homework_given="Ring Ana"
        )
        builders.add_note(house.therapist, before.id)
    page = sign_in(house.therapist).get(f"/sessions/{held.id}").text
    assert "Ring Ana" in page
    assert "Planned then" in page
    assert 'value="dap" selected' in page


def test_a_supervisor_reads_and_cannot_write(house: House, held: TherapySession, sign_in: SignIn) -> None:
    client = sign_in(house.supervisor)
    moved = client.get(f"/sessions/{held.id}")
    assert (moved.status_code, moved.location) == (303, f"/sessions/{held.id}/read")
    assert "Write up" not in client.get(moved.location).text
    assert client.post(f"/sessions/{held.id}", data=typed(held, f"{held.version}-0")).status_code in (403, 404)


def test_a_session_of_another_practice_is_not_there(house: House, held: TherapySession, sign_in: SignIn) -> None:
    client = sign_in(house.stranger)
    assert client.get(f"/sessions/{held.id}").status_code == 404
    assert client.post(f"/sessions/{held.id}", data=typed(held, f"{held.version}-0")).status_code == 404


def test_typed_markup_is_shown_as_text(house: House, held: TherapySession, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    given = typed(held, f"{held.version}-0", **{"sections.data": "</textarea><script>alert(1)</script>"})
    client.post(f"/sessions/{held.id}", data=given)
    page = client.get(f"/sessions/{held.id}").text
    assert "<script>alert" not in page
    assert flaws(page) == []


def test_no_title_holds_a_name(house: House, held: TherapySession, sign_in: SignIn) -> None:
    page = sign_in(house.therapist).get(f"/sessions/{held.id}").text
    assert "Okonkwo" not in page.partition("</title>")[0]


def test_work_and_homework_are_typed_without_script_and_read_again(
    app: Flask, house: House, held: TherapySession, sign_in: SignIn
) -> None:
    with app.app_context():
        at = held.starts_at - timedelta(days=7)
        builders.add_session(
            house.therapist,
            held.case_id,
            starts_at=at,
            ends_at=at + timedelta(minutes=50),
            homework_given="Walk twice\nRing M.",
        )
    client = sign_in(house.therapist)
    page = client.get(f"/sessions/{held.id}").text
    assert page.count("Homework of last time") == 2
    work = {
        "work.interventions": ["grief", "emdr"],
        "work.modality": "Drawing",
        "work.reviewed.0.item": "Walk twice",
        "work.reviewed.0.done": "partly",
        "work.reviewed.0.note": "Once, in the rain",
        "work.reviewed.1.item": "Ring M.",
        "work.reviewed.1.done": "",
        "work.reviewed.1.note": "",
    }
    assert client.post(f"/sessions/{held.id}", data={**typed(held, f"{held.version}-0"), **work}).status_code == 303
    page = client.get(f"/sessions/{held.id}").text
    assert flaws(page) == []
    assert page.count(" checked") == 2
    assert 'value="Once, in the rain"' in page
    read = client.get(f"/sessions/{held.id}/read").text
    assert "Grief work, EMDR, Drawing" in read or "EMDR, Grief work, Drawing" in read
    assert "Walk twice: Done in part, Once, in the rain" in read


def test_unticking_every_box_empties_what_was_worked_on(
    app: Flask, house: House, held: TherapySession, sign_in: SignIn
) -> None:
    client = sign_in(house.therapist)
    given = {**typed(held, f"{held.version}-0"), "work.interventions": ["grief"]}
    first = client.post(f"/sessions/{held.id}", data=given, headers=SCRIPT)
    assert first.json is not None
    client.post(f"/sessions/{held.id}", data=typed(held, first.json["version"]), headers=SCRIPT)
    with app.app_context():
        assert sessions.read_session(house.therapist, held.id).session.work.interventions == ()


def test_an_unknown_intervention_and_a_foreign_goal_are_named(
    house: House, held: TherapySession, sign_in: SignIn
) -> None:
    client = sign_in(house.therapist)
    given = {**typed(held, f"{held.version}-0"), "work.interventions": ["hypnosis"]}
    answer = client.post(f"/sessions/{held.id}", data=given, headers=SCRIPT)
    assert answer.json is not None
    assert any(name.startswith("work.interventions") for name in answer.json["errors"])
    given = {**typed(held, f"{held.version}-0"), "work.goal_ids": [held.id]}
    answer = client.post(f"/sessions/{held.id}", data=given, headers=SCRIPT)
    assert answer.json is not None
    assert list(answer.json["errors"]) == ["work.goal_ids"]


def test_the_bar_leads_to_the_screen_where_something_changed(
    app: Flask, house: House, held: TherapySession, sign_in: SignIn
) -> None:
    client, given = sign_in(house.therapist), {"attendance": "attended", "risk": "asked_changed"}
    client.post(f"/sessions/{held.id}", data=typed(held, f"{held.version}-0", **given))
    page = client.get(f"/sessions/{held.id}").text
    assert flaws(page) == []
    bar = page[page.index("steps-bar") :].replace("&amp;", "&")
    (screen,) = re.findall(r'href="([^"]+)">Before signing: Something changed', bar)
    assert client.get(screen).status_code == 200
    (event,) = re.findall(r'href="([^"]*events/new[^"]*)"', page)
    chosen = client.get(event).text
    assert f'<option value="{held.id}" selected>' in chosen
    level = {"level": "NEXT", "prompt": "A letter came", "session_id": held.id}
    assert client.post(event.partition("?")[0], data=level).status_code == 303
    assert "Before signing: Something changed" not in client.get(f"/sessions/{held.id}").text
