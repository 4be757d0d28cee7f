"""Plan versions, copies, and events with their follow-ups."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.case_codes import Voice
from schemas.plan_codes import PlanDoubt
from schemas.release_codes import ContentClass, Door
from schemas.vocabulary import AskedAnswer, CopyAnswer, EventLevel, PlanRight, PlanStatus, PlanType
from service.casework import cases, circumstances, disclosures, events, plans, records, reviews, sessions
from service.casework.copies import CopyWish
from service.casework.plan_summaries import CLASSES, summarise_plan
from service.casework.plans import PlanDraft
from service.casework.write_ups import drafted_from
from service.domain import clock
from service.domain.cases import Presentation
from service.domain.relationship import Hearing, RelationshipFacts
from service.domain.safety import Plan, PlanLine, summary_lines
from service.errors import Conflict, Invalid, NotAllowed
from service.fhir import bundle
from service.store import resources
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context", "published")
AHEAD = Hearing(clock.now().date() + timedelta(days=20), "Care of the children")


def test_a_new_version_copies_forward_and_the_old_one_stays_readable(house: House) -> None:
    case = builders.add_case(house.therapist)
    first = builders.add_plan(house.therapist, case.id)
    second = plans.start_plan(house.therapist, case.id, PlanType.PL_URGE)
    assert (second.plan_id, second.number, second.lines) == (first.plan_id, 2, first.lines)
    draft = PlanDraft({**second.lines, "delay": PlanLine("Ten minutes")})
    second = plans.save_plan(house.therapist, second.id, draft, version=second.version)
    plans.activate_plan(house.therapist, second.id, version=second.version)
    this, *versions = plans.read_plan(house.therapist, first.id)
    assert (this.status, this.lines) == (PlanStatus.SUPERSEDED, first.lines)
    assert [(each.number, each.status) for each in versions] == [(2, PlanStatus.ACTIVE), (1, PlanStatus.SUPERSEDED)]


def test_a_version_in_use_cannot_be_edited(house: House) -> None:
    plan = builders.add_plan(house.therapist, builders.add_case(house.therapist).id)
    with pytest.raises(Conflict):
        plans.save_plan(house.therapist, plan.id, PlanDraft({}), version=plan.version)


def test_a_stale_plan_gets_both_texts_back(house: House) -> None:
    plan = builders.add_plan(house.therapist, builders.add_case(house.therapist).id, active=False)
    plans.save_plan(house.therapist, plan.id, PlanDraft({"delay": PlanLine("Theirs")}), version=plan.version)
    with pytest.raises(Conflict) as caught:
        plans.save_plan(house.therapist, plan.id, PlanDraft({"delay": PlanLine("Mine")}), version=plan.version)
    assert (caught.value.yours["delay"], caught.value.theirs["delay"]) == ("Mine", "Theirs")


def test_only_one_draft_of_a_plan_is_open(house: House) -> None:
    case = builders.add_case(house.therapist)
    plans.start_plan(house.therapist, case.id, PlanType.PL_PREP)
    with pytest.raises(Conflict):
        plans.start_plan(house.therapist, case.id, PlanType.PL_PREP)


def test_an_empty_plan_is_not_put_in_use(house: House) -> None:
    plan = plans.start_plan(house.therapist, builders.add_case(house.therapist).id, PlanType.PL_URGE)
    with pytest.raises(Invalid):
        plans.activate_plan(house.therapist, plan.id, version=plan.version)


@pytest.mark.parametrize(("title", "kept"), [("Safety plan", "at home"), ("Notes", " ")])
def test_a_copy_needs_a_neutral_title_and_the_copy_question(house: House, title: str, kept: str) -> None:
    plan = builders.add_plan(house.therapist, builders.add_case(house.therapist).id)
    with pytest.raises(Invalid):
        plans.copy_plan(house.therapist, plan.id, CopyWish(title, kept))


@pytest.mark.parametrize(("level", "days"), [(EventLevel.NOW, 14), (EventLevel.TODAY, 30)])
def test_a_now_event_brings_the_review_of_the_plan_forward(house: House, level: EventLevel, days: int) -> None:
    case = builders.add_case(house.therapist)
    builders.add_plan(house.therapist, case.id)
    events.open_event(house.therapist, case.id, level, prompt="Threat told")
    (plan,) = records.read_record(house.therapist, case.id).active_plans
    assert plan.next_review == plan.reviewed_on + timedelta(days=days)


def test_a_told_concern_about_danger_wants_the_plan_within_seven_days(house: House) -> None:
    case = builders.add_case(house.therapist)
    builders.add_plan(house.therapist, case.id)
    builders.add_intake(house.therapist, case.id, builders.wsl_answers(1, X1_concern=True))
    (plan,) = records.read_record(house.therapist, case.id).active_plans
    assert (plan.next_review, plan.doubt) == (plan.reviewed_on + timedelta(days=7), PlanDoubt.EVENT)
    plan = plans.review_plan(house.therapist, plan.id, version=plan.version)
    assert (plan.next_review, plan.doubt) == (plan.reviewed_on + timedelta(days=30), None)


@pytest.mark.parametrize(
    ("facts", "days"), [(RelationshipFacts(housing=AskedAnswer.YES), 30), (RelationshipFacts(hearings=(AHEAD,)), 7)]
)
def test_new_circumstances_mark_the_plan_and_a_court_date_wants_it_within_seven_days(
    house: House, facts: RelationshipFacts, days: int
) -> None:
    case = builders.add_case(house.therapist)
    plan = builders.add_plan(house.therapist, case.id)
    circumstances.keep_facts(house.therapist, case.id, RelationshipFacts(), version=0)
    assert plans.read_plan(house.therapist, plan.id)[0].doubt is None
    circumstances.keep_facts(house.therapist, case.id, facts, version=1)
    plan = plans.read_plan(house.therapist, plan.id)[0]
    assert (plan.next_review, plan.doubt) == (plan.reviewed_on + timedelta(days=days), PlanDoubt.CIRCUMSTANCES)
    renewed = plans.start_plan(house.therapist, case.id, plan.type)
    assert plans.activate_plan(house.therapist, renewed.id, version=renewed.version).doubt is None


def test_what_a_session_says_about_the_plan_marks_it_once(house: House) -> None:
    case = builders.add_case(house.therapist)
    plan = builders.add_plan(house.therapist, case.id)
    session = builders.add_session(house.therapist, case.id, plan_right=PlanRight.NEEDS_CHANGE)
    plan = plans.read_plan(house.therapist, plan.id)[0]
    assert (plan.next_review, plan.doubt) == (plan.reviewed_on + timedelta(days=7), PlanDoubt.SESSION)
    plan = plans.review_plan(house.therapist, plan.id, version=plan.version)
    draft = replace(drafted_from(session), homework_given="Read it again")
    session = sessions.change_session(house.therapist, session.id, draft, version=session.version)
    assert plans.read_plan(house.therapist, plan.id)[0].doubt is None
    for said, mark in ((PlanRight.STILL_RIGHT, None), (PlanRight.NEEDS_CHANGE, PlanDoubt.SESSION)):
        draft = replace(draft, plan_right=said)
        session = sessions.change_session(house.therapist, session.id, draft, version=session.version)
        assert plans.read_plan(house.therapist, plan.id)[0].doubt is mark


def test_contact_told_anew_marks_the_plan(house: House) -> None:
    case = builders.add_case(house.therapist)
    builders.add_plan(house.therapist, case.id)
    case = cases.change_presentation(house.therapist, case.id, Presentation(concerns="Sleep"), version=case.version)
    assert records.read_record(house.therapist, case.id).plan_marks == {}
    cases.change_presentation(house.therapist, case.id, Presentation("daily"), version=case.version)
    record = records.read_record(house.therapist, case.id)
    assert record.plan_marks == {record.active_plans[0].id: PlanDoubt.CIRCUMSTANCES.label}


def a_summarised_plan(house: House, **lines: PlanLine) -> Plan:
    plan = plans.start_plan(house.therapist, builders.add_case(house.therapist).id, PlanType.PL_URGE)
    plan = plans.save_plan(house.therapist, plan.id, PlanDraft(lines), version=plan.version)
    return plans.activate_plan(house.therapist, plan.id, version=plan.version)


def test_a_summary_leaves_by_a_release_that_covers_it_and_by_no_other(house: House) -> None:
    plan = a_summarised_plan(house, delay=PlanLine("Ten minutes"))
    without_lines = (ContentClass.PLAN_DATES, ContentClass.SUMMARY)
    narrow = builders.add_release(house.therapist, plan.case_id, classes=without_lines)
    foreign = builders.add_release(house.therapist, builders.add_case(house.therapist).id, classes=CLASSES)
    unsigned = builders.add_release(house.therapist, plan.case_id, classes=CLASSES, signed=False)
    for release_id in (narrow.id, foreign.id, unsigned.id, ""):
        with pytest.raises(Invalid) as caught:
            summarise_plan(house.therapist, plan.id, release_id)
        assert list(caught.value.fields) == ["release_id"]
    release = builders.add_release(house.therapist, plan.case_id, classes=CLASSES, recipient="Harbour Clinic")
    with pytest.raises(NotAllowed):
        summarise_plan(replace(house.therapist, stepped_up=False), plan.id, release.id)
    assert disclosures.read_disclosures(house.therapist, plan.case_id).accounted == ()
    summarise_plan(house.therapist, plan.id, release.id)
    (row,) = disclosures.read_disclosures(house.therapist, plan.case_id).accounted
    left, departure = row.disclosure.left, row.disclosure.departure
    assert (left.door, departure.recipient, departure.release_id) == (Door.PLAN_SUMMARY, "Harbour Clinic", release.id)
    assert left.classes == CLASSES and ContentClass.PLAN_LINES in left.classes


def test_a_summary_holds_what_may_leave_and_restricted_parts_only_when_ticked(house: House) -> None:
    plan = a_summarised_plan(
        house,
        delay=PlanLine("Ten minutes"),
        reasons=PlanLine("My own reasons"),
        after_contact=PlanLine("Eat something"),
        person=PlanLine("Wilhelmina"),
    )
    assert [each.key for each, _text in summary_lines(plan)] == ["delay", "after_contact"]
    ticked = replace(plan, lines={**plan.lines, "reasons": PlanLine("My own reasons", on_copy=True)})
    assert "reasons" in [each.key for each, _text in summary_lines(ticked)]
    forced = replace(plan, lines={**plan.lines, "person": PlanLine("Wilhelmina", on_copy=True)})
    assert "person" not in [each.key for each, _text in summary_lines(forced)]


def test_copies_cards_and_summaries_are_in_no_fhir_resource_and_no_export(house: House) -> None:
    plan = a_summarised_plan(house, delay=PlanLine("Count the blue tiles", on_copy=True))
    release = builders.add_release(house.therapist, plan.case_id, classes=CLASSES)
    before = {(each.type, each.id): each.body for each in resources.of_case(plan.case_id)}
    for answer in (CopyAnswer.COPY, CopyAnswer.CARD):
        plans.copy_plan(house.therapist, plan.id, CopyWish("Weekly planner", "At work", answer=answer))
    assert {(each.type, each.id): each.body for each in resources.of_case(plan.case_id)} == before
    summarise_plan(house.therapist, plan.id, release.id)
    reviews.keep_review(house.therapist, plan.case_id, "It went round in circles", Voice.CLIENT, version=0)
    reviews.copy_review(house.therapist, plan.case_id, CopyWish("Notes", "At work"))
    stored = resources.of_case(plan.case_id)
    new = [each for each in stored if (each.type, each.id) not in before]
    assert {each.type for each in new} <= {"AuditEvent"} and len(new) == 1
    body, _manifest = bundle.export(house.therapist, plan.case_id, None)
    for held in (body, *(each.body for each in stored)):
        assert not any(words in held for words in (b"blue tiles", b"Weekly planner", b"circles", b"mall card"))
