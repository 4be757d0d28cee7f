"""An export by a release that covers one class: that class goes, of everything else nothing, not even an id."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.release_codes import ContentClass, LegalBasis, ReleaseForm
from schemas.request_codes import AskedBy, RequestKind
from schemas.session_codes import Intervention
from schemas.vocabulary import Attendance, GoalDomain, PlanType
from service.casework import goals, plans, publishing, requests, sessions
from service.casework.goals import GoalDraft
from service.casework.sources import Frozen
from service.domain.cases import TOLD_AREAS
from service.domain.disclosures import to_the_client
from service.domain.leaving import NOTHING_LEFT
from service.domain.packages import NOT_COVERED, OTHER_DAYS, Days, Scope
from service.domain.plan_types import FIELDS
from service.domain.requests import Asking, Proposal
from service.domain.safety import PlanLine
from service.domain.session_work import Work
from service.errors import Invalid
from service.fhir import bundle, codes, models, publish
from service.fhir.build import resources_of
from service.fhir.bundle import By
from service.fhir.classes import CLASS_OF, PRACTICE_ONLY
from service.fhir.references import named_in, spoken_of, without_absent
from service.store import resources
from tests import builders, prepared
from tests.builders import House
from tests.fhir.records import AT, anything

pytestmark = pytest.mark.usefixtures("context")
C = ContentClass
Ends = tuple[int | None, int | None]
IN_NO_EXPORT = {C.SUMMARY: ReleaseForm.ORDINARY, C.PSYCHOTHERAPY: ReleaseForm.PSYCHOTHERAPY}
ALL = tuple(each for each in C if each not in IN_NO_EXPORT)
NAME, LOG_WORDS, NOTE_WORDS, OWN_WORDS = "Planted Heron", "planted kestrel", "planted bittern", "planted nightjar"
GOAL_WORDS = {area: f"planted {area.value} goal" for area in GoalDomain}


@pytest.fixture
@prepared.once
def case_id(house: House) -> str:
    """A case with something of every class, and planted words in each."""
    actor = house.therapist
    case = builders.add_case(actor, chosen_name=NAME)
    work = Work((Intervention.EMDR,))
    session = builders.add_session(actor, case.id, work=work, homework_given="One walk")
    builders.add_intake(actor, case.id, builders.wsl_answers(1, I_began=LOG_WORDS), session_id=session.id)
    builders.add_note(actor, session.id, text=NOTE_WORDS, signed=True)
    builders.add_working_note(actor, session.id, OWN_WORDS)
    builders.add_diagnosis(actor, case.id)
    missed = builders.add_session(actor, case.id)
    sessions.set_attendance(actor, missed.id, Attendance.NO_SHOW, version=missed.version)
    started = plans.start_plan(actor, case.id, PlanType.PL_CRISIS)
    lines = {each.key: PlanLine(f"words of {each.key}") for each in FIELDS[PlanType.PL_CRISIS]}
    kept = plans.save_plan(actor, started.id, plans.PlanDraft(lines), version=started.version)
    plans.activate_plan(actor, kept.id, version=kept.version)
    for area, words in GOAL_WORDS.items():
        goals.save_goal(actor, case.id, GoalDraft(area, words))
    publish.rebuild(house.practice_id)
    return case.id


def exported(house: House, case_id: str, *classes: ContentClass) -> tuple[str, list[dict[str, Any]], Any]:
    release = builders.add_release(house.therapist, case_id, classes=classes)
    body, told = bundle.export(house.therapist, case_id, builders.a_departure(release_id=release.id))
    return body.decode(), [each["resource"] for each in orjson.loads(body)["entry"]], told


def class_of(resource: dict[str, Any]) -> ContentClass:
    return C.PLAN_LINES if resource["id"].endswith("-lines") else CLASS_OF[resource["resourceType"]]


def ids_of(found: Iterable[dict[str, Any]]) -> set[str]:
    return {each["id"] for each in found}


def ids_in(found: Iterable[dict[str, Any]]) -> set[str]:
    """Every text in these resources, and what follows the last stroke of each: an id, wherever it stands."""
    texts = re.findall(r'"([^"]*)"', orjson.dumps(list(found)).decode())
    return {*texts, *(each.rpartition("/")[2] for each in texts)}


def bundle_is_closed(found: list[dict[str, Any]]) -> bool:
    """Whether every reference in these resources leads to one of them."""
    there = {f"{each['resourceType']}/{each['id']}" for each in found}
    return set(named_in(orjson.dumps(found))) <= there


def test_by_each_single_class_that_class_goes_and_nothing_tells_of_another(house: House, case_id: str) -> None:
    _text, whole, _told = exported(house, case_id, *ALL)
    assert {class_of(each) for each in whole} == set(ALL)
    assert bundle_is_closed(whole) and "masked" not in str(
        [each for each in whole if each["resourceType"] != "Patient"]
    )
    for wanted in ALL:
        text, found, told = exported(house, case_id, wanted)
        assert {class_of(each) for each in found} == {wanted}, wanted
        assert bundle_is_closed(found), wanted
        others = ids_of(each for each in whole if class_of(each) is not wanted)
        told_of = {each for each in others & ids_in(found) if not any(own.startswith(each) for own in ids_of(found))}
        assert told_of == set(), wanted
        for each in found:
            assert models.problems_of(each) == codes.problems_of(each) == [], (wanted, each["resourceType"])
        assert (NAME in text, LOG_WORDS in text) == (wanted is C.CARE, wanted is C.LOGS), wanted
        assert (case_id in text, house.therapist.user_id in text) == (wanted is C.CARE, wanted is C.CARE), wanted
        assert (house.practice_id in text) == (wanted is C.CARE), wanted
        assert NOTE_WORDS not in text and OWN_WORDS not in text
        by_class = {each["class"]: each for each in told["by_class"]}
        rows = [by_class[str(each)] for each in ALL if each is not wanted]
        assert {(each["sent"], each["why"]) for each in rows} == {(0, NOT_COVERED)}, wanted
        assert (by_class["psychotherapy"]["sent"], by_class["psychotherapy"]["withheld"]) == (0, None)
        assert told["classes"] == [str(wanted)]


@pytest.mark.parametrize("nothing", list(IN_NO_EXPORT))
def test_what_no_export_holds_is_refused_and_not_sent_as_an_empty_file(
    house: House, case_id: str, nothing: ContentClass
) -> None:
    release = builders.add_release(house.therapist, case_id, form=IN_NO_EXPORT[nothing], classes=(nothing,))
    with pytest.raises(Invalid) as refused:
        bundle.export(house.therapist, case_id, builders.a_departure(release_id=release.id))
    assert refused.value.fields == {"release_id": NOTHING_LEFT}


def test_words_of_goals_leave_under_exactly_their_class(house: House, case_id: str) -> None:
    text, found, told = exported(house, case_id, C.GOALS)
    assert {area for area, words in GOAL_WORDS.items() if words in text} == set(TOLD_AREAS)
    in_words = [each for each in found if each["description"]["text"] in GOAL_WORDS.values()]
    assert all("versionId" not in each["meta"] for each in in_words) and len(in_words) == len(TOLD_AREAS)
    left = {each["what"]: each["count"] for each in told["left_out"]}
    assert left["Words of goals"] == len(GoalDomain) - len(TOLD_AREAS)
    whole = builders.add_release(house.therapist, case_id, classes=ALL)
    away, logs_alone = builders.a_departure(release_id=whole.id), By(Scope(classes=(C.LOGS,)))
    others = (
        exported(house, case_id, *(each for each in ALL if each is not C.GOALS))[0],
        bundle.export(house.therapist, case_id, to_the_client())[0].decode(),
        bundle.export(house.therapist, case_id, away, by=logs_alone)[0].decode(),
        " ".join(each.body.decode() for each in resources.of_case(case_id)),
    )
    assert [words for words in GOAL_WORDS.values() if any(words in each for each in others)] == []


def test_a_goal_that_tells_a_protected_value_keeps_its_words_and_a_release_without_goals_carries_none(
    house: House,
) -> None:
    case = builders.add_case(house.therapist, address="12 Hidden Lane")
    goals.save_goal(house.therapist, case.id, GoalDraft(GoalDomain.PERSONAL, "To paint 12 Hidden Lane"))
    text, found, _told = exported(house, case.id, C.GOALS)
    assert "Hidden Lane" not in text and len(found) == 1
    goals.save_goal(house.therapist, case.id, GoalDraft(GoalDomain.PERSONAL, "To paint again"))
    assert "To paint again" in exported(house, case.id, C.GOALS)[0]
    without = builders.add_release(house.therapist, case.id, classes=(C.CARE,))
    assert publishing.preview_export(house.therapist, case.id, publishing.Named(without.id))[0].carried.goal_words == {}


def test_a_choice_and_the_release_it_leaves_by_both_narrow(house: House, case_id: str) -> None:
    bound = builders.add_release(house.therapist, case_id, classes=(C.CARE, C.LOGS))
    by = By(Scope(release=bound))
    away = builders.add_release(house.therapist, case_id, classes=(C.CARE, C.ATTENDANCE))
    told: Any = bundle.export(house.therapist, case_id, builders.a_departure(release_id=away.id), by=by)[1]
    assert told["classes"] == ["care"]
    foreign = builders.add_release(house.therapist, builders.add_case(house.therapist).id, classes=ALL)
    with pytest.raises(Invalid):
        bundle.export(house.therapist, case_id, builders.a_departure(release_id=foreign.id), by=by)


def test_homework_and_ways_of_working_go_only_with_their_session(house: House, case_id: str) -> None:
    _text, found, told = exported(house, case_id, C.CARE, C.NOTES, C.PLAN_DATES)
    assert {each["resourceType"] for each in found}.isdisjoint({"Procedure", "Task"})
    notes = next(each for each in told["by_class"] if each["class"] == "notes")
    assert notes["withheld"] == 1 and "a session" in notes["why"]
    _text, whole, _told = exported(house, case_id, C.CARE, C.NOTES, C.PLAN_DATES, C.ATTENDANCE)
    assert {"Procedure", "Task", "Encounter"} <= {each["resourceType"] for each in whole}


def test_what_must_name_somebody_says_masked(house: House, case_id: str) -> None:
    (appointment,) = [each for each in resources.of_case(case_id) if each.type == "Appointment"]
    alone = orjson.loads(without_absent(appointment.body, lambda _name: False))
    assert {each["actor"]["extension"][0]["valueCode"] for each in alone["participant"]} == {"masked"}
    assert without_absent(appointment.body, lambda _name: True) == appointment.body


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(anything(), st.data())
def test_whatever_stays_what_goes_is_whole_and_names_nothing_that_stays(frozen: Frozen, data: st.DataObject) -> None:
    for each in (made for made in resources_of(frozen, AT) if made.type not in PRACTICE_ONLY):
        body = each.body(1)
        may_stay = sorted(set(named_in(body)) - set(spoken_of(each.type, body)))
        there = set(named_in(body)) - data.draw(st.sets(st.sampled_from(may_stay or [""])))
        cut = without_absent(body, there.__contains__)
        assert set(named_in(cut)) == there
        assert ids_in([orjson.loads(cut)]).isdisjoint(set(named_in(body)) - there)


def test_an_export_of_some_days_holds_what_happened_on_them_and_nothing_of_another(house: House) -> None:
    """By the practice's clocks, whose day begins an hour before that of UTC in summer."""
    case = builders.add_case(house.therapist)
    for hour in (builders.at(2026, 6, 9, 22), builders.at(2026, 6, 9, 23), builders.at(2026, 6, 11, 9)):
        held = builders.add_session(house.therapist, case.id, starts_at=hour, ends_at=hour + timedelta(minutes=50))
        builders.add_intake(house.therapist, case.id, authored_at=hour, session_id=held.id)
        builders.add_note(house.therapist, held.id, signed=True)
    one_day = By(Scope(days=Days(date(2026, 6, 10), date(2026, 6, 10))))
    body, told = bundle.export(house.therapist, case.id, to_the_client(), by=one_day)
    found = [each["resource"] for each in orjson.loads(body)["entry"]]
    (session,) = (each for each in found if each["resourceType"] == "Encounter")
    assert session["period"]["start"].startswith("2026-06-09T23:00")
    assert [each["resourceType"] for each in found].count("QuestionnaireResponse") == 1
    assert set(re.findall(r'"Encounter/([^"]+)"', body.decode())) == {session["id"]}
    by_class: Any = told["by_class"]
    why = {each["class"]: each["why"] for each in by_class}
    assert why["attendance"] == why["logs"] == OTHER_DAYS and told["days"] == ["2026-06-10", "2026-06-10"]


def test_an_export_by_a_request_holds_the_days_that_two_people_released(house: House) -> None:
    case = builders.add_case(house.therapist)
    for day in (9, 11):
        start = builders.at(2026, 6, day)
        builders.add_session(house.therapist, case.id, starts_at=start, ends_at=start + timedelta(minutes=50))
    order = Asking(RequestKind.ACCESS, AskedBy.CLIENT, "Harbour Clinic", "The session of 9 June", date(2026, 6, 12))
    asked = requests.record_request(house.therapist, case.id, order)
    classes = (C.CARE, C.ATTENDANCE, C.GOALS, C.LOGS, C.NOTES, C.PLAN_DATES)
    words = Proposal(classes, "9 June", since=date(2026, 6, 9), until=date(2026, 6, 9))
    asked = requests.propose(house.therapist, asked.id, words, version=asked.version)
    requests.approve(house.supervisor, asked.id, version=asked.version)
    leaving = builders.a_departure(basis=LegalBasis.ACCESS, request_id=asked.id)
    body, told = bundle.export(house.therapist, case.id, leaving)
    (held,) = (e["resource"] for e in orjson.loads(body)["entry"] if e["resource"]["resourceType"] == "Encounter")
    assert "2026-06-09" in held["period"]["start"]
    looked_at = By(papers=bundle.papers_of(leaving))
    assert bundle.export(house.therapist, case.id, None, by=looked_at)[1]["contents_sha256"] == told["contents_sha256"]
    elsewhere = builders.add_case(house.therapist)
    with pytest.raises(Invalid):
        bundle.export(house.therapist, elsewhere.id, leaving)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ((None, None), (None, None), (None, None)),
        ((1, None), (None, 5), (1, 5)),
        ((1, 9), (3, 5), (3, 5)),
        ((1, 4), (3, 9), (3, 4)),
    ],
)
def test_days_bound_twice_are_the_days_of_both(one: Ends, other: Ends, both: Ends) -> None:
    first, second, found = (Days(*(date(2026, 6, day) if day else None for day in each)) for each in (one, other, both))
    assert first.within(second) == second.within(first) == found
    assert found.are_bound is any(both)
