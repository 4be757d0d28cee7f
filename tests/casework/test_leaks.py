"""What must not leave a case, found before it leaves; what stays here can be taken out and nothing else."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from schemas.actions import Action
from schemas.vocabulary import Channel, ChannelRule, FieldClass, GoalDomain, PlanType
from service.casework import cases, goals, leaks, plans, records
from service.casework.goals import GoalDraft
from service.casework.leaks import keep_back, narrative, protected_of
from service.casework.plans import CopyWish, PlanDraft
from service.domain import clock
from service.domain.cases import ChannelPreference, ContactPreferences, OtherPerson
from service.domain.leaks import Passage
from service.domain.plan_types import EVERY_FIELD, FIELDS
from service.domain.safety import Plan, PlanLine
from service.errors import Invalid
from service.fhir import bundle
from service.store.audit import AuditRow
from service.store.base import db
from service.store.resources import Stored
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
WISH = CopyWish("Notes", "With the recipe books")
SAID = "Harbour Lane 14, ring +353 87 123 4567, ask for Wilhelmina"


def a_plan(house: House, case_id: str, kind: PlanType, **texts: str) -> Plan:
    plan = plans.start_plan(house.therapist, case_id, kind)
    lines = {key: PlanLine(text, EVERY_FIELD[key].field_class is not FieldClass.N) for key, text in texts.items()}
    plan = plans.save_plan(house.therapist, plan.id, PlanDraft(lines), version=plan.version)
    return plans.activate_plan(house.therapist, plan.id, version=plan.version)


def a_case(house: House) -> str:
    case = builders.add_case(house.therapist, address="3 Willow Court", legal_name="Zofia Legalname")
    phone = ChannelPreference(Channel.PHONE, ChannelRule.OK, "+353 1 555 0100")
    contact = ContactPreferences((phone,), code_word="kingfisher", confirmed_on=clock.now().date())
    case = cases.change_contact(house.therapist, case.id, contact, version=case.version)
    cases.change_other_person(house.therapist, case.id, OtherPerson("Bartholomew"), version=case.version)
    return case.id


@pytest.mark.parametrize(
    ("kind", "key"),
    [(kind, each.key) for kind, fields in FIELDS.items() for each in fields if each.field_class is FieldClass.N],
)
def test_what_was_typed_in_any_part_that_stays_here_keeps_a_copy_from_being_made(
    house: House, kind: PlanType, key: str
) -> None:
    case_id = a_case(house)
    a_plan(house, case_id, kind, **{key: SAID})
    urge = (
        a_plan(house, case_id, PlanType.PL_CRISIS, crisis_alone="Walk down harbour lane 14 to the water")
        if (kind is not PlanType.PL_CRISIS)
        else a_plan(house, case_id, PlanType.DAY, day_care="Walk down harbour lane 14 to the water")
    )
    with pytest.raises(Invalid) as caught:
        plans.copy_plan(house.therapist, urge.id, WISH)
    (told,) = caught.value.fields
    assert told.endswith(f":plan-{key}") and "taken out" in caught.value.fields[told]
    with pytest.raises(Invalid):
        plans.copy_plan(house.therapist, urge.id, replace(WISH, confirmed=(told,)))


def test_a_value_of_an_older_version_is_still_looked_for(house: House) -> None:
    case_id = a_case(house)
    a_plan(house, case_id, PlanType.PL_AFTER, after_address=SAID)
    a_plan(house, case_id, PlanType.PL_AFTER, after_address="", after_routines="Other shops")
    plan = a_plan(house, case_id, PlanType.DAY, day_note="Post for Wilhelmina")
    with pytest.raises(Invalid):
        plans.copy_plan(house.therapist, plan.id, WISH)


@pytest.mark.parametrize(
    ("words", "value", "may"),
    [
        ("Back at 3, Willow court", "client-address", True),
        ("Ring 01 5550100", "contact-phone", True),
        ("The word is Kingfisher", "contact-code-word", False),
        ("Not a word to BARTHOLOMEW", "other-person", True),
        ("Zofia Legalname signs it", "client-legal-name", True),
    ],
)
def test_details_of_the_case_are_found_and_some_can_be_confirmed_by_name(
    house: House, words: str, value: str, may: bool
) -> None:
    plan = a_plan(house, a_case(house), PlanType.DAY, day_note=words)
    with pytest.raises(Invalid) as caught:
        plans.copy_plan(house.therapist, plan.id, WISH)
    confirmed = replace(WISH, confirmed=tuple(caught.value.fields))
    assert list(caught.value.fields) == [f"day_note:{value}"]
    if not may:
        with pytest.raises(Invalid):
            plans.copy_plan(house.therapist, plan.id, confirmed)
        return
    assert plans.copy_plan(house.therapist, plan.id, confirmed).id == plan.id
    told = [each.why for each in db.session.query(AuditRow).filter_by(action=Action.PLAN_COPY, verdict="allowed")]
    assert told == [f"confirmed by name: {value}"]


def test_plain_words_make_a_copy_without_a_question(house: House) -> None:
    case_id = a_case(house)
    a_plan(house, case_id, PlanType.PL_AFTER, after_address=SAID)
    plan = a_plan(house, case_id, PlanType.DAY, day_note="Ten minutes by the water")
    assert plans.copy_plan(house.therapist, plan.id, WISH).id == plan.id


def test_the_guard_keeps_nothing_of_what_it_looked_for(house: House) -> None:
    case_id = a_case(house)
    a_plan(house, case_id, PlanType.PL_AFTER, after_address=SAID)
    plan = a_plan(house, case_id, PlanType.DAY, day_note="Harbour Lane 14")
    with pytest.raises(Invalid):
        plans.copy_plan(house.therapist, plan.id, WISH)
    rows = [f"{each.subject} {each.why}" for each in db.session.query(AuditRow)]
    assert not any("harbour" in each.casefold() or "5550100" in each for each in rows)


def test_an_export_takes_out_as_a_whole_what_tells_a_protected_value(house: House) -> None:
    case_id = a_case(house)
    goal = GoalDraft(GoalDomain.PERSONAL, "Sleep", "", "")
    goals.save_goal(house.therapist, case_id, goal)
    builders.add_intake(
        house.therapist,
        case_id,
        builders.wsl_answers(),
    )
    a_plan(house, case_id, PlanType.PL_AFTER, after_address=SAID)
    record = records.read_record(house.therapist, case_id, Action.EXPORT_MAKE)
    kept, told = (
        stored({"item": [{"answer": [{"valueString": "Nothing much"}]}]}),
        stored({"item": [{"answer": [{"valueString": "Moved to harbour lane 14"}]}]}),
    )
    found, left = keep_back(record, [kept, told])
    assert (left, found.held_back) == ((kept,), ("QuestionnaireResponse",))
    _body, manifest = bundle.made_of(found, left)
    assert _told(manifest, "Words that are to stay here") == 1


def test_no_export_of_a_case_goes_past_the_guard(house: House) -> None:
    case_id = a_case(house)
    a_plan(house, case_id, PlanType.PL_AFTER, after_address=SAID)
    told = builders.wsl_answers(1, I_began="Since the move to HARBOUR lane 14")
    builders.add_intake(house.therapist, case_id, told)
    body, manifest = bundle.export(house.therapist, case_id, None)
    assert b"HARBOUR" not in body
    assert _told(manifest, "Words that are to stay here") == 1
    assert _told(bundle.preview(house.therapist, case_id), "Words that are to stay here") == 1


def test_names_and_numbers_that_leave_on_purpose_are_no_narrative(house: House) -> None:
    body = orjson.dumps(
        {
            "name": [{"text": "Zofia"}],
            "telecom": [{"value": "1"}],
            "id": "x",
            "note": "Said so",
            "text": {"div": "Told"},
        }
    )
    assert narrative(body) == "Said so\nTold"


def test_who_somebody_is_in_a_form_is_protected_too(house: House) -> None:
    case_id = a_case(house)
    builders.add_intake(house.therapist, case_id, {"person": "Wilhelmina", "C1": "usually"}, instrument_key="spc")
    record = records.read_record(house.therapist, case_id)
    (found,) = leaks.find_leaks(record, [Passage("g", "A goal", "Coffee with wilhelmina")])
    assert not found.confirmable
    assert any(each.key == "answer-spc-person" for each in protected_of(record))


def _told(manifest: Any, what: str) -> int:
    return int(next(each["count"] for each in manifest["left_out"] if each["what"] == what))


def stored(content: dict[str, object]) -> Stored:
    body = orjson.dumps({"resourceType": "QuestionnaireResponse", **content})
    return Stored("QuestionnaireResponse", str(len(body)), 1, "c", "p", clock.now(), "", body)
