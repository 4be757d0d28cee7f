"""What is made of goals, referrals, consents, releases, disclosures and safety events, and what must never be."""

from dataclasses import replace
from typing import Any

import orjson
import pytest
from flask import Flask

from schemas.actions import Action
from schemas.case_codes import ReferralDirection, ReferralKind
from schemas.release_codes import ConsentAnswer, ConsentKind, ContentClass, Door, ReleaseForm, SaidHow
from schemas.vocabulary import EventLevel, GoalDomain
from service.casework import circumstances, disclosures, events, goals, people, releases, resource_reads
from service.casework.goals import GoalDraft
from service.domain import clock
from service.domain.disclosures import Left, to_the_client
from service.domain.releases import Said
from service.errors import NotFound
from service.fhir import bundle, publish
from service.fhir.classes import PRACTICE_ONLY
from service.store import resources
from service.store.base import db
from service.store.resources import ResourceRow
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
PLANTED = "heronquill lantern"


@pytest.fixture
def case_id(context: Flask, house: House) -> str:
    return builders.add_case(house.therapist).id


def stored(case_id: str, kind: str) -> list[dict[str, Any]]:
    return [orjson.loads(each.body) for each in resources.of_case(case_id) if each.type == kind]


def versions(kind: str) -> int:
    return db.session.query(ResourceRow).filter_by(type=kind).count()


def test_a_goal_says_how_it_stands_and_never_its_words(house: House, case_id: str) -> None:
    draft = GoalDraft(GoalDomain.FUNCTION, PLANTED, target_on=clock.now().date())
    goal = goals.save_goal(house.therapist, case_id, draft)
    (found,) = stored(case_id, "Goal")
    assert (found["lifecycleStatus"], "target" in found) == ("active", True)
    kept = GoalDraft(GoalDomain.SAFETY, PLANTED, target_on=clock.now().date())
    goals.save_goal(house.therapist, case_id, kept, goal_id=goal.id, version=goal.version)
    (found,) = stored(case_id, "Goal")
    assert {"target", "achievementStatus"} & found.keys() == set()
    assert versions("Goal") == 1
    assert db.session.query(ResourceRow).filter_by(type="Provenance", id=goal.id).count() == 1
    assert PLANTED not in str(found)


def test_a_referral_onward_to_where_somebody_prepares_is_not_told(house: House, case_id: str) -> None:
    onward = builders.a_referral_draft(direction=ReferralDirection.FROM_US, kind=ReferralKind.MENTAL_HEALTH)
    told = circumstances.save_referral(house.therapist, case_id, onward)
    untold = builders.a_referral_draft(direction=ReferralDirection.FROM_US, kind=ReferralKind.SPECIALIST_DV)
    circumstances.save_referral(house.therapist, case_id, untold)
    assert [each["id"] for each in stored(case_id, "ServiceRequest")] == [told.id]
    circumstances.save_referral(house.therapist, case_id, untold, referral_id=told.id, version=told.version)
    (found,) = stored(case_id, "ServiceRequest")
    assert found["status"] == "entered-in-error"
    assert "performerType" not in found
    assert versions("ServiceRequest") == 1


def test_a_release_is_a_consent_once_signed_and_names_nobody(house: House, case_id: str) -> None:
    terms: dict[str, Any] = {"recipient": PLANTED, "words": PLANTED, "address": PLANTED}
    builders.add_release(house.therapist, case_id, signed=False, **terms)
    assert stored(case_id, "Consent") == []
    signed = builders.add_release(house.therapist, case_id, **terms)
    (found,) = stored(case_id, "Consent")
    assert (found["id"], found["status"]) == (signed.id, "active")
    assert found["provision"]["period"]["end"] == signed.expires_on.isoformat()
    releases.revoke_release(house.therapist, signed.id, SaidHow.VERBAL, note=PLANTED, version=signed.version)
    (found,) = stored(case_id, "Consent")
    assert found["status"] == "inactive"
    assert PLANTED not in str(found)


def test_a_release_of_psychotherapy_notes_is_told_by_nothing(house: House, case_id: str) -> None:
    alone = (ContentClass.PSYCHOTHERAPY,)
    builders.add_release(house.therapist, case_id, form=ReleaseForm.PSYCHOTHERAPY, classes=alone)
    publish.rebuild(house.practice_id)
    assert stored(case_id, "Consent") == []


def test_the_answer_that_stands_is_the_current_version(house: House, case_id: str) -> None:
    for answer in (ConsentAnswer.GIVEN, ConsentAnswer.WITHDRAWN):
        said = Said(ConsentKind.MESSAGING, answer, clock.now().date(), SaidHow.VERBAL, PLANTED)
        releases.record_consent(house.therapist, case_id, said)
    (found,) = stored(case_id, "Consent")
    assert (found["status"], found["provision"]["type"], found["meta"]["versionId"]) == ("inactive", "deny", "2")
    assert PLANTED not in str(found)


def test_what_left_is_an_audit_event_that_names_no_recipient(house: House, case_id: str) -> None:
    away = replace(to_the_client(), recipient=PLANTED, why=PLANTED)
    row = disclosures.record_disclosure(house.therapist, case_id, away, (ContentClass.CARE,), PLANTED)
    (found,) = stored(case_id, "AuditEvent")
    assert (found["id"], found["type"]["code"], found["entity"][1]["lifecycle"]["code"]) == (row.id, "disclose", "11")
    assert PLANTED not in str(found)
    disclosures.correct_disclosure(house.therapist, row.id, away, PLANTED)
    assert len(stored(case_id, "AuditEvent")) == 2


def test_neither_copies_of_plans_nor_psychotherapy_notes_leave_an_audit_event(house: House, case_id: str) -> None:
    alone = (ContentClass.PSYCHOTHERAPY,)
    paper = builders.add_release(house.therapist, case_id, form=ReleaseForm.PSYCHOTHERAPY, classes=alone)
    away = builders.a_departure(release_id=paper.id)
    left = Left(Door.PLAN_COPY, (ContentClass.PLAN_DATES,), ())
    disclosures.record_leaving(house.therapist, Action.EXPORT_MAKE, case_id, left, to_the_client())
    disclosures.record_disclosure(house.therapist, case_id, away, alone, PLANTED)
    publish.rebuild(house.practice_id)
    assert stored(case_id, "AuditEvent") == []


def test_a_flag_leaves_only_while_the_practice_wants_it(house: House, case_id: str) -> None:
    event = events.open_event(house.therapist, case_id, EventLevel.NOW, prompt=f"Ask about it: {PLANTED}")
    assert stored(case_id, "Flag") == []
    people.set_flags(house.admin, on=True)
    publish.catch_up(case_id)
    (found,) = stored(case_id, "Flag")
    assert (found["id"], found["status"], found["code"]) == (
        event.id,
        "active",
        {"text": "See clinician before contact"},
    )
    assert PLANTED not in str(found)
    assert "NOW" not in str(found)
    people.set_flags(house.admin, on=False)
    publish.catch_up(case_id)
    (found,) = stored(case_id, "Flag")
    assert (found["status"], "period" in found, "category" in found) == ("entered-in-error", False, False)
    with pytest.raises(NotFound):
        resource_reads.read_resource(house.therapist, "Flag", event.id, 1)


def test_an_export_holds_neither_consents_nor_flags_nor_what_left_before(house: House, case_id: str) -> None:
    people.set_flags(house.admin, on=True)
    events.open_event(house.therapist, case_id, EventLevel.TODAY, prompt="Ask how the week was, in private.")
    builders.add_release(house.therapist, case_id)
    bundle.export(house.therapist, case_id, to_the_client())
    body, manifest = bundle.export(house.therapist, case_id, to_the_client())
    assert {each["resource"]["resourceType"] for each in orjson.loads(body)["entry"]} & PRACTICE_ONLY == set()
    left: Any = manifest["left_out"]
    counts = {each["what"]: each["count"] for each in left}
    assert counts["Consents and releases"] == 1


def test_copies_of_plans_cards_and_working_notes_reach_no_resource(house: House, case_id: str) -> None:
    session = builders.add_session(house.therapist, case_id)
    builders.add_working_note(house.therapist, session.id, PLANTED)
    plan = builders.add_plan(house.therapist, case_id)
    builders.add_contact_plan(house.therapist, case_id)
    builders.add_boundary(house.therapist, case_id, statement=PLANTED)
    builders.add_tool(house.therapist, case_id, what=PLANTED)
    builders.add_person(house.therapist, case_id, name=PLANTED, details=PLANTED)
    builders.add_note(house.therapist, session.id, signed=True)
    publish.rebuild(house.practice_id)
    bodies = [each.body.decode() for each in resources.of_case(case_id)]
    assert len(bodies) > 5
    assert [each for each in bodies if PLANTED in each] == []
    lines = [line.text for line in plan.lines.values() if line.text]
    assert lines != []
    assert [line for line in lines for each in bodies if line in each] == []
