"""Building and storing: once, again, after a change, and when a record cannot be built."""

from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from flask import Flask

from schemas.actions import Action
from schemas.case_codes import ReferralDirection, ReferralKind
from schemas.session_codes import HomeworkDone, Intervention
from schemas.vocabulary import Attendance, GoalDomain
from service.casework import cases, circumstances, goals, note_life, notes, people, resource_reads, sessions
from service.casework.goals import GoalDraft
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import Case, Client
from service.domain.disclosures import to_the_client
from service.domain.referrals import ReferralDraft
from service.domain.session_work import Reviewed, Work
from service.domain.withholding import WITHHELD
from service.errors import NotFound
from service.fhir import bundle, codes, publish, reading
from service.store import outbox, resources
from service.store.audit import recent, verify
from service.store.base import db
from service.store.outbox import Notice, OutboxRow
from tests import builders
from tests.builders import House


@pytest.fixture
def therapist(context: Flask, house: House) -> Actor:
    return house.therapist


@pytest.fixture
def case(therapist: Actor) -> Case:
    return builders.add_case(therapist)


def stored_of(case: Case) -> dict[str, tuple[int, bytes]]:
    return {f"{each.type}/{each.id}": (each.version, each.body) for each in resources.of_case(case.id)}


def waiting() -> list[OutboxRow]:
    return [row for row in db.session.query(OutboxRow) if row.done_at is None]


def test_a_record_is_readable_right_after_its_commit(therapist: Actor, case: Case) -> None:
    intake = builders.add_intake(therapist, case.id).intake
    assert waiting() == []
    stored = resource_reads.read_resource(therapist, "QuestionnaireResponse", intake.id)
    assert orjson.loads(stored.body)["id"] == intake.id
    assert not stored.behind


def test_who_has_the_case_from_now_on_stands_on_the_client_and_the_episode(
    house: House, therapist: Actor, case: Case
) -> None:
    cases.assign_cover(therapist, case.id, house.peer.user_id, clock.now().date() + timedelta(days=1))
    cases.pass_on(therapist, case.id, house.peer.user_id)
    named = {"reference": f"Practitioner/{house.peer.user_id}"}
    (patient,), (episode,) = kinds(case)["Patient"], kinds(case)["EpisodeOfCare"]
    assert [each["reference"] for each in patient["generalPractitioner"]] == [named["reference"]]  # type: ignore[attr-defined]
    assert episode["careManager"]["reference"] == named["reference"]  # type: ignore[index]


def test_building_again_changes_nothing(therapist: Actor, case: Case) -> None:
    session = builders.add_session(therapist, case.id)
    builders.add_intake(therapist, case.id, session_id=session.id)
    builders.add_note(therapist, session.id, signed=True)
    builders.add_plan(therapist, case.id)
    publish.rebuild(therapist.practice_id)
    before = stored_of(case)
    assert len(before) == 18
    publish.rebuild(therapist.practice_id)
    assert stored_of(case) == before


def test_who_wrote_down_what_has_no_signature_is_told(therapist: Actor, case: Case) -> None:
    goal = goals.save_goal(therapist, case.id, GoalDraft(GoalDomain.SYMPTOMS, "Sleep"))
    asked = ReferralDraft(ReferralDirection.TO_US, ReferralKind.PRIMARY_CARE, clock.now().date())
    referral = circumstances.save_referral(therapist, case.id, asked)
    stored = stored_of(case)
    for record_id in (case.episode.id, goal.id, referral.id):
        source = orjson.loads(stored[f"Provenance/{record_id}"][1])
        assert [each["who"]["reference"] for each in source["agent"]] == [f"Practitioner/{therapist.user_id}"]


def test_an_export_holds_the_people_it_names_though_they_still_wait_to_be_built(therapist: Actor, case: Case) -> None:
    outbox.post(therapist.practice_id, [Notice("account", therapist.user_id, 1, None)])
    db.session.commit()
    body, _manifest = bundle.export(therapist, case.id, to_the_client())
    found = {each["resource"]["id"] for each in orjson.loads(body)["entry"]}
    assert therapist.user_id in found


def test_what_was_lost_is_built_anew_with_equal_bytes(therapist: Actor, case: Case) -> None:
    builders.add_intake(therapist, case.id)
    before = stored_of(case)
    db.session.query(resources.ResourceRow).delete()
    db.session.commit()
    assert publish.rebuild(therapist.practice_id) > 0
    assert stored_of(case) == before


def test_a_change_that_no_resource_shows_makes_no_version(therapist: Actor, case: Case) -> None:
    changed = replace(case.client, pronouns="they/them", address="12 Hidden Lane")
    cases.change_client(therapist, case.id, changed, version=case.version)
    assert stored_of(case)[f"Patient/{case.id}"][0] == 1


def test_a_record_that_cannot_be_built_waits_without_its_content_and_blocks_nobody(
    therapist: Actor, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(codes.BINDINGS["Patient"], "gender", frozenset({"male"}))
    changed = Client(chosen_name="Told To Nobody", birth_date=case.client.birth_date)
    cases.change_client(therapist, case.id, changed, version=case.version)
    plan = builders.add_plan(therapist, case.id)
    (row,) = waiting()
    assert (row.record_type, row.problem) == ("case", "Unfit: Patient.gender: code")
    assert "Okonkwo" in stored_of(case)[f"Patient/{case.id}"][1].decode()
    assert resource_reads.read_resource(therapist, "CarePlan", plan.id).behind


def test_a_read_first_builds_what_waits(therapist: Actor, case: Case, context: Flask) -> None:
    del context.extensions["stepwell.waker"]
    changed = Client(chosen_name="Zo", birth_date=case.client.birth_date)
    cases.change_client(therapist, case.id, changed, version=case.version)
    assert len(waiting()) == 1
    assert orjson.loads(reading.read(therapist, "Patient", case.id).body)["name"][0]["text"] == "Zo"
    assert waiting() == []


def test_a_task_whose_record_is_gone_is_simply_done(therapist: Actor, case: Case) -> None:
    outbox.post(therapist.practice_id, [outbox.Notice("plan", "no-such-plan", 1, case.id)])
    db.session.commit()
    assert publish.drain() == 1
    assert waiting() == []


def test_building_leaves_audit_rows_and_a_whole_chain(therapist: Actor, case: Case) -> None:
    intake = builders.add_intake(therapist, case.id).intake
    assert verify().ok
    built = [row for row in recent(therapist.practice_id, None, 50) if row.action == Action.FHIR_BUILD]
    assert f"intake/{intake.id}" in [row.subject for row in built]


def test_an_export_counts_what_stays(therapist: Actor, case: Case) -> None:
    session = builders.add_session(therapist, case.id)
    builders.add_note(therapist, builders.add_session(therapist, case.id).id)
    builders.add_note(therapist, session.id, signed=True)
    publish.rebuild(therapist.practice_id)
    body, manifest = bundle.export(therapist, case.id, to_the_client())
    looked_at = bundle.preview(therapist, case.id)
    assert manifest == looked_at | {"contents_sha256": manifest["contents_sha256"]}
    counts = manifest["counts"]
    assert isinstance(counts, dict)
    assert sum(counts.values()) == len(orjson.loads(body)["entry"])
    left_out = {each["what"]: each["count"] for each in manifest["left_out"]}  # type: ignore[attr-defined]
    assert left_out["Draft notes"] == 1
    assert left_out["Psychotherapy notes"] == 0
    assert left_out["Text of signed notes"] == 1


def document_of(therapist: Actor, resource_id: str) -> dict[str, object]:
    found: dict[str, object] = orjson.loads(
        resource_reads.read_resource(therapist, "DocumentReference", resource_id).body
    )
    return found


def test_a_note_is_preliminary_until_it_is_cosigned(house: House, therapist: Actor, case: Case) -> None:
    who = house.supervisor.user_id, therapist.user_id, clock.now().date()
    people.supervise(house.admin, *who, cosigns=True)
    note = builders.add_note(therapist, builders.add_session(therapist, case.id).id, signed=True)
    assert document_of(therapist, note.id)["docStatus"] == "preliminary"
    note = note_life.keep_disagreement(therapist, note.id, "I still say Tuesday.")
    assert document_of(therapist, note.trail[-1].id)["docStatus"] == "final"
    after = note_life.cosign_note(house.supervisor, note.id, version=note.version)
    found = document_of(therapist, note.id)
    assert found["docStatus"] == "final"
    assert found["authenticator"] == {"reference": f"Practitioner/{house.supervisor.user_id}"}
    signed = orjson.loads(resource_reads.read_resource(therapist, "Provenance", note.id).body)
    assert [len(signed["agent"]), len(signed["signature"])] == [2, 2]
    later = notes.add_addendum(therapist, after.id, "Added later.").addenda[0]
    assert document_of(therapist, later.id)["docStatus"] == "preliminary"
    assert document_of(therapist, note.id) == found


def test_what_was_entered_in_error_loses_its_text_in_every_version(house: House, therapist: Actor, case: Case) -> None:
    session = builders.add_session(therapist, case.id)
    note = builders.add_note(therapist, session.id, text="Belongs to somebody else.", signed=True)
    addendum = notes.add_addendum(therapist, note.id, "So does this.").addenda[0]
    note_life.say_error(therapist, note.id, "It belongs to the record of somebody else.")
    note_life.answer_error(house.supervisor, note.id, "", agreed=True)
    for resource_id in (note.id, addendum.id):
        found = document_of(therapist, resource_id)
        assert (found["status"], found["docStatus"]) == ("entered-in-error", "entered-in-error")
        text = orjson.loads(resource_reads.read_resource(therapist, "Binary", resource_id).body)["data"]
        assert b64decode(text) == b"Entered in error."
        for kind in ("Binary", "DocumentReference"):
            with pytest.raises(NotFound):
                resource_reads.read_resource(therapist, kind, resource_id, 1)


def test_what_the_client_says_against_a_note_goes_where_the_note_goes(therapist: Actor, case: Case) -> None:
    note = builders.add_note(therapist, builders.add_session(therapist, case.id).id, signed=True)
    note_life.ask_amendment(therapist, note.id, "It was Tuesday.")
    note_life.answer_amendment(therapist, note.id, "The calendar of the practice says Monday.", accepted=False)
    asked, denied, said = note_life.keep_disagreement(therapist, note.id, "I still say Tuesday.").trail
    for step, about, author, text in (
        (asked, note.id, f"Patient/{case.id}", b"It was Tuesday."),
        (denied, asked.id, f"Practitioner/{therapist.user_id}", b"The calendar of the practice says Monday."),
        (said, note.id, f"Patient/{case.id}", b"I still say Tuesday."),
    ):
        found: Any = document_of(therapist, step.id)
        assert found["relatesTo"] == [{"code": "appends", "target": {"reference": f"DocumentReference/{about}"}}]
        assert found["author"] == [{"reference": author}]
        told = orjson.loads(resource_reads.read_resource(therapist, "Binary", step.id).body)["data"]
        assert b64decode(told) == text
        agents = orjson.loads(resource_reads.read_resource(therapist, "Provenance", step.id).body)["agent"]
        assert agents[0]["who"]["reference"] == author


def test_a_statement_that_tells_where_somebody_lives_stays(therapist: Actor) -> None:
    case = builders.add_case(therapist, address="12 Hidden Lane")
    note = builders.add_note(therapist, builders.add_session(therapist, case.id).id, signed=True)
    (said,) = note_life.keep_disagreement(therapist, note.id, "I never said 12 Hidden Lane.").trail
    told = orjson.loads(resource_reads.read_resource(therapist, "Binary", said.id).body)["data"]
    assert b64decode(told) == WITHHELD.encode()


def kinds(case: Case) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = {}
    for each in resources.of_case(case.id):
        found.setdefault(each.type, []).append(orjson.loads(each.body))
    return found


def test_a_no_show_is_an_appointment_and_what_was_called_off_is_nothing(therapist: Actor, case: Case) -> None:
    missed = builders.add_session(therapist, case.id, attendance=Attendance.NO_SHOW)
    called_off = builders.add_session(therapist, case.id, attendance=Attendance.SAFETY_CANCELLED)
    found = kinds(case)
    assert [(each["id"], each["status"]) for each in found["Appointment"]] == [(missed.id, "noshow")]
    assert "Encounter" not in found
    sessions.set_attendance(therapist, missed.id, Attendance.SAFETY_CANCELLED, version=missed.version)
    assert kinds(case)["Appointment"][0]["status"] == "entered-in-error"
    assert called_off.id not in str(found)


@pytest.mark.parametrize(
    ("attendance", "kind"), [(Attendance.ATTENDED, "Encounter"), (Attendance.NO_SHOW, "Appointment")]
)
def test_an_error_takes_the_session_back_with_its_history(
    house: House, therapist: Actor, case: Case, attendance: Attendance, kind: str
) -> None:
    session = builders.add_session(therapist, case.id, attendance=attendance)
    note = builders.add_note(therapist, session.id, signed=True)
    note_life.say_error(therapist, note.id, "It belongs to the record of somebody else.")
    note_life.answer_error(house.supervisor, note.id, "", agreed=True)
    assert [each["status"] for each in kinds(case)[kind]] == ["entered-in-error"]
    with pytest.raises(NotFound):
        resource_reads.read_resource(therapist, kind, session.id, 1)
    again = sessions.record_session(
        therapist,
        case.id,
        builders.a_session_draft(starts_at=session.starts_at, ends_at=session.ends_at, attendance=attendance),
    )
    assert {each["id"]: each["status"] for each in kinds(case)[kind]}[again.id] in ("finished", "noshow")


def test_interventions_and_homework_go_out_once_signed_without_words(therapist: Actor, case: Case) -> None:
    work = Work((Intervention.EMDR, Intervention.SAFETY_PLANNING), "Drawing the week")
    session = builders.add_session(therapist, case.id, work=work, homework_given="One walk\nRing M.")
    note = builders.add_note(therapist, session.id)
    assert not {"Procedure", "Task"} & kinds(case).keys()
    notes.sign_note(therapist, note.id, version=note.version)
    found = kinds(case)
    assert [each["code"]["coding"][0]["code"] for each in found["Procedure"]] == ["emdr"]  # type: ignore[index]
    assert [each["status"] for each in found["Task"]] == ["requested", "requested"]
    for word in ("One walk", "Ring M.", "Drawing", "safety"):
        assert word not in str(found["Procedure"]) + str(found["Task"])


def test_the_next_session_says_how_the_homework_went(therapist: Actor, case: Case) -> None:
    first = builders.add_session(
        therapist,
        case.id,
        starts_at=clock.now() - timedelta(days=7),
        ends_at=clock.now() - timedelta(days=7, minutes=-50),
        homework_given="One walk\nRing M.",
    )
    builders.add_note(therapist, first.id, signed=True)
    work = Work(reviewed=(Reviewed("One walk", HomeworkDone.DONE), Reviewed("Ring M.", HomeworkDone.PARTLY)))
    later = builders.add_session(therapist, case.id, work=work, homework_given="")
    note = builders.add_note(therapist, later.id)
    assert {each["status"] for each in kinds(case)["Task"]} == {"requested"}
    notes.sign_note(therapist, note.id, version=note.version)
    assert {each["id"]: each["status"] for each in kinds(case)["Task"]} == {
        f"{first.id}-h1": "completed",
        f"{first.id}-h2": "in-progress",
    }
    before = stored_of(case)
    publish.rebuild(therapist.practice_id)
    assert stored_of(case) == before


def test_an_error_takes_interventions_and_homework_back(house: House, therapist: Actor, case: Case) -> None:
    session = builders.add_session(therapist, case.id, work=Work((Intervention.EMDR,)))
    note = builders.add_note(therapist, session.id, signed=True)
    note_life.say_error(therapist, note.id, "It belongs to the record of somebody else.")
    note_life.answer_error(house.supervisor, note.id, "", agreed=True)
    found = kinds(case)
    assert [each["status"] for each in (*found["Procedure"], *found["Task"])] == ["entered-in-error"] * 2
    assert "emdr" not in str(found)
    with pytest.raises(NotFound):
        resource_reads.read_resource(therapist, "Procedure", f"{session.id}-p1", 1)
