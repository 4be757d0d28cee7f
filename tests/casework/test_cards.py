"""Contact plan, toolkit and network: kept, gated, and looked for before words leave."""

from datetime import timedelta

import pytest

from schemas.card_codes import BoundaryKind, BoundaryState, ContactMode, Helped, PersonRole, ToolFamily
from schemas.instruments.person_check import ROLES
from service.casework import contact_plans, networks, records, toolkits
from service.casework.leaks import find_leaks
from service.domain import clock
from service.domain.contact_plans import Boundary, Checks, ContactPlan
from service.domain.leaks import Passage
from service.domain.networks import NEWS, NOT_AGREED, NOT_CHECKED
from service.domain.plan_changes import contact_changes
from service.domain.toolkits import CAUTIONS, ELEMENTS, Tool
from service.errors import Conflict, Invalid, NotFound
from tests import builders
from tests.builders import QUIET_B, House
from tests.casework.test_events import follow_up

pytestmark = pytest.mark.usefixtures("context")
ALL = Checks(True, True, True, True)


def a_screen(house: House, case_id: str, **changes: object) -> None:
    builders.add_intake(house.therapist, case_id, changes.pop("answers", QUIET_B), instrument_key="sfs", **changes)  # type: ignore[arg-type]


def test_the_client_sets_the_mode_and_what_stands_under_another_is_kept(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    first = ContactPlan(ContactMode.FULL, {"contact_scripts": "We are not in touch."})
    card = contact_plans.save_contact_plan(house.therapist, case_id, first, version=None)
    second = ContactPlan(ContactMode.LIMITED, {"contact_stop": "After two messages I stop."})
    card = contact_plans.save_contact_plan(house.therapist, case_id, second, version=card.version)
    assert card.words.mode is ContactMode.LIMITED
    assert card.words.lines == {**first.lines, **second.lines}
    with pytest.raises(Conflict):
        contact_plans.save_contact_plan(house.therapist, case_id, first, version=1)


def test_what_the_contact_plan_said_before_stays_readable_and_protected(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    said = {"contact_routine": "Swimming at Harbour Lane 14", "contact_scripts": "We are not in touch."}
    card = contact_plans.save_contact_plan(house.therapist, case_id, ContactPlan(ContactMode.FULL, said), version=None)
    newer = ContactPlan(ContactMode.LIMITED, {"contact_routine": ""})
    card = contact_plans.save_contact_plan(house.therapist, case_id, newer, version=card.version)
    card = contact_plans.save_contact_plan(house.therapist, case_id, newer, version=card.version)
    record = records.read_record(house.therapist, case_id)
    now, before = contact_plans.versions_of(record)
    assert (now.id, now.version, now.words.mode) == (card.id, card.version, ContactMode.LIMITED)
    assert (dict(before.words.lines), before.words.mode) == (said, ContactMode.FULL)
    assert [each.part.key for each in contact_changes(before.words, now.words)] == ["contact_routine"]
    assert record.cards_of(ContactPlan) == (now,)
    (find,) = find_leaks(record, [Passage("g", "A goal", "To harbour lane 14 alone")])
    assert not find.confirmable


def test_blocking_comes_into_use_only_after_danger_was_asked_about(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    card = builders.add_boundary(house.therapist, case_id)
    with pytest.raises(Invalid) as caught:
        contact_plans.use_boundary(house.therapist, card.id, ALL, version=card.version)
    assert list(caught.value.fields) == ["screen"]
    (kept,) = records.read_record(house.therapist, case_id).cards_of(Boundary)
    assert kept.words.state is BoundaryState.NOT_NOW
    a_screen(house, case_id)
    used = contact_plans.use_boundary(house.therapist, card.id, ALL, version=card.version)
    assert (used.words.state, used.words.checks) == (BoundaryState.ACTIVE, ALL)
    assert used.words.review_on == clock.now().date() + timedelta(days=30)


def test_a_screen_of_three_weeks_ago_of_mood_alone_or_of_one_question_does_not_open_the_gate(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    with clock.standing_at(clock.now() - timedelta(days=21)):
        a_screen(house, case_id)
    a_screen(house, case_id, answers={"present": "nobody", "A1": False, "A2": False})
    a_screen(house, case_id, answers={"present": "nobody", "B1": False})
    card = builders.add_boundary(house.therapist, case_id, kind=BoundaryKind.MOVE)
    with pytest.raises(Invalid) as caught:
        contact_plans.use_boundary(house.therapist, card.id, ALL, version=card.version)
    assert list(caught.value.fields) == ["screen"]


@pytest.mark.parametrize("told", [{"B1": True}, {"B17_home": False}])
def test_blocking_waits_for_the_follow_up_of_what_asks_for_a_response_now(house: House, told: dict[str, bool]) -> None:
    case_id = builders.add_case(house.therapist).id
    card = builders.add_boundary(house.therapist, case_id)
    a_screen(house, case_id, answers=QUIET_B | told)
    with pytest.raises(Invalid) as caught:
        contact_plans.use_boundary(house.therapist, card.id, ALL, version=card.version)
    assert list(caught.value.fields) == ["events"]
    for event in records.read_record(house.therapist, case_id).events:
        follow_up(house.therapist, event)
    used = contact_plans.use_boundary(house.therapist, card.id, ALL, version=card.version)
    assert used.words.state is BoundaryState.ACTIVE


def test_a_changed_boundary_goes_back_to_not_now(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    card = builders.add_boundary(house.therapist, case_id, kind=BoundaryKind.TOPIC)
    card = contact_plans.use_boundary(house.therapist, card.id, Checks(fits_now=True), version=card.version)
    changed = Boundary(BoundaryKind.BLOCK, "I block the number", state=BoundaryState.ACTIVE, checks=ALL)
    card = contact_plans.save_boundary(house.therapist, card.id, changed, version=card.version)
    assert (card.words.state, card.words.checks) == (BoundaryState.NOT_NOW, Checks())


def test_a_boundary_names_somebody_of_this_network_only(house: House) -> None:
    case_id, other = builders.add_case(house.therapist).id, builders.add_case(house.therapist).id
    stranger = builders.add_person(house.therapist, other)
    with pytest.raises(Invalid):
        builders.add_boundary(house.therapist, case_id, person_id=stranger.id)
    near = builders.add_person(house.therapist, case_id)
    assert builders.add_boundary(house.therapist, case_id, person_id=near.id).words.person_id == near.id


def test_a_card_is_reached_as_what_it_is_and_when_put_away_stays_in_the_record(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    tool = builders.add_tool(house.therapist, case_id)
    with pytest.raises(NotFound):
        networks.put_person_away(house.therapist, tool.id, version=tool.version)
    toolkits.put_tool_away(house.therapist, tool.id, version=tool.version)
    record = records.read_record(house.therapist, case_id)
    assert record.cards_of(Tool) == () and [each.id for each in record.cards] == [tool.id]
    with pytest.raises(Conflict):
        toolkits.save_tool(house.therapist, tool.id, tool.words, version=tool.version + 1)


def test_what_helped_was_tried_and_cautions_are_offered_where_one_is_due(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    with pytest.raises(Invalid):
        builders.add_tool(house.therapist, case_id, helped=Helped.A_LOT)
    with pytest.raises(Invalid):
        builders.add_tool(house.therapist, case_id, tried_on=clock.now().date() + timedelta(days=2))
    assert CAUTIONS.keys() >= {ToolFamily.BREATHING, ToolFamily.MINDFULNESS, ToolFamily.MOVEMENT, ToolFamily.SPIRITUAL}
    assert ELEMENTS.keys() == set(ToolFamily)


@pytest.mark.parametrize(
    ("answers", "agreed", "why_not"),
    [
        (None, True, NOT_CHECKED),
        ({"gate_news": True, "gate_agrees": True}, True, NEWS),
        ({"gate_agrees": True}, True, NEWS),
        ({"gate_news": False}, True, NOT_AGREED),
        ({"gate_news": False, "gate_agrees": True}, False, NOT_AGREED),
        ({"gate_news": False, "gate_agrees": True}, True, ""),
    ],
)
def test_paper_names_only_who_plainly_passed_both_gates(
    house: House, answers: dict[str, bool] | None, agreed: bool, why_not: str
) -> None:
    case_id = builders.add_case(house.therapist).id
    builders.add_person(house.therapist, case_id, name="Wilhelmina", agreed=agreed, details="087 555 0199")
    if answers is not None:
        builders.add_intake(
            house.therapist, case_id, {"person": " wilhelmina", "C1": "usually", **answers}, instrument_key="spc"
        )
    record = records.read_record(house.therapist, case_id)
    (known,) = networks.people_of(record)
    assert known.gate.why_not == why_not
    named, reached = find_leaks(
        record, [Passage("a", "A", "Tea with Wilhelmina"), Passage("b", "B", "ring 0875550199")]
    )
    assert named.confirmable is not bool(why_not)
    assert not reached.confirmable


def test_parts_of_the_contact_plan_that_stay_here_are_looked_for(house: House) -> None:
    case_id = builders.add_case(house.therapist).id
    plan = ContactPlan(ContactMode.FULL, {"contact_routine": "Swims at Clontarf now"})
    contact_plans.save_contact_plan(house.therapist, case_id, plan, version=None)
    (found,) = find_leaks(records.read_record(house.therapist, case_id), [Passage("g", "A goal", "A swim in clontarf")])
    assert (found.confirmable, found.name) == (False, "Contact plan, Routines and places changed")


def test_roles_are_those_of_the_person_check() -> None:
    assert {option.code for option in ROLES.options} == set(PersonRole)
