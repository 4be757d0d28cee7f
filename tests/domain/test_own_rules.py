"""Rules that look beyond one form: what came up in session, TR-MED across forms, and offers that depend on the past."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.instruments import find
from schemas.instruments.capture import CaptureChannel, CaptureContext, ContactContext, NonAnswer
from schemas.instruments.session_rating import LINES
from schemas.instruments.withdrawal import WSL
from schemas.vocabulary import Attendance, EventLevel, Relation, ResponseStatus
from service.domain.intakes import Intake
from service.domain.standing import Telling, fired_by, readable, to_begin_with
from service.domain.triggers import Around, fired
from tests.builders import at
from tests.fhir.records import a_session

SIG, LOG, RGF, SSR = find("sig"), find("wsl"), find("rgf"), find("ssr")
TODAY, NEXT = EventLevel.TODAY, EventLevel.NEXT
NOON = at(2026, 6, 15)


def rules(key: str, answers: dict[str, Any], **given: Any) -> set[tuple[str, str, EventLevel | None]]:
    found = fired(find(key), answers, around=Around(**given))
    return {(each.rule, each.item.removeprefix(f"{key}."), each.level) for each in found}


def response(key: str, answers: dict[str, Any], days_ago: int, **changed: Any) -> Intake:
    instrument, moment = find(key), NOON - timedelta(days=days_ago)
    values: dict[str, Any] = {
        "id": f"{key}-{days_ago}",
        "case_id": "case",
        "session_id": None,
        "instrument_key": key,
        "instrument_version": instrument.version,
        "fingerprint": instrument.fingerprint,
        "status": ResponseStatus.COMPLETED,
        "authored_at": moment,
        "author_id": "a",
        "author_name": "Ana",
        "contact_context": ContactContext.UNSURE,
        "capture": CaptureContext(CaptureChannel.IN_PERSON),
        "answers": answers,
        "score": None,
        "amends": None,
        "reason": "",
        "replaced": False,
        "version": 1,
        "updated_at": moment,
    }
    return Intake(**(values | changed))


def told(key: str, answers: dict[str, Any], earlier: list[Intake], **changed: Any) -> list[str]:
    telling = Telling(find(key), answers, NOON, NOON, **changed)
    return [each.rule for each in fired_by(telling, earlier)]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"life": True}, {("TR-1", "life", TODAY)}),
        ({"daily_life": True}, {("TR-2", "daily_life", None)}),
        ({"leaving": True}, {("TR-3", "leaving", TODAY)}),
        ({"fear": True}, {("TR-3", "fear", TODAY)}),
        *(
            ({"events": (each,)}, {("TR-3", "events", TODAY)})
            for each in ("separation", "court", "pregnancy", "release")
        ),
        ({"events": ("none",)}, set()),
        ({"returns": 1}, set()),
        ({"returns": 2}, {("TR-4", "returns", None)}),
        ({"coping": True}, {("TR-5", "coping", NEXT)}),
        ({"outside_view": True}, {("TR-6", "outside_view", None)}),
        ({"head": True, "body": ("voice",)}, {("TR-MED", "body", None)}),
        ({"head": False, "body": ("voice",)}, set()),
        ({"head": True, "body": ("none",)}, set()),
    ],
)
def test_what_came_up_in_session_sets_off_its_rule(
    answers: dict[str, Any], expected: set[tuple[str, str, EventLevel | None]]
) -> None:
    assert rules("sig", answers) == expected


@pytest.mark.parametrize("context", ContactContext)
def test_on_and_off_asks_for_the_list_of_barriers(context: ContactContext) -> None:
    expected = context is ContactContext.ON_OFF
    assert ({each[0] for each in rules("sig", {}, context=context)} == {"TR-4"}) is expected
    assert ({each[0] for each in rules("wsl", {}, context=context)} == {"TR-4"}) is expected


@pytest.mark.parametrize("item", ["P4", "C1", "C5"])
@pytest.mark.parametrize("grade", range(5))
@pytest.mark.parametrize("neck", [True, False, NonAnswer.UNSURE, None])
def test_a_high_log_after_pressure_on_the_neck_prompts_for_a_medical_evaluation(
    item: str, grade: int, neck: Any
) -> None:
    others = {} if neck is None else {"sfs": {"B3": neck}}
    expected = {("TR-MED", item, None)} if grade >= 3 and neck is True else set()
    assert rules("wsl", {item: str(grade)}, others=others) == expected


@pytest.mark.parametrize("change", ["voice", "swallowing", "vision", "balance", "breathing", "none"])
def test_a_change_in_the_body_after_a_blow_prompts_for_a_medical_evaluation(change: str) -> None:
    hit = {"I_head_neck": True, "body_change": (change,)}
    assert bool(rules("wsl", hit)) is (change != "none")
    assert rules("wsl", {"body_change": (change,)}) == set()


def test_the_minor_version_asks_and_scores_what_the_first_one_did() -> None:
    assert (LOG.version, LOG.domains, LOG.scoring, LOG.once) == ("1.1.0", WSL.domains, WSL.scoring, WSL.once)
    assert LOG.extra[:-1] == WSL.extra
    kept = [each for each in WSL.triggers if each.rule != "TR-MED"]
    assert [each for each in LOG.triggers if each.rule not in ("TR-MED", "TR-4")] == kept


@pytest.mark.parametrize(("days", "offered"), [(None, True), (0, False), (30, False), (31, True)])
def test_a_repeated_pattern_offers_module_b_unless_it_was_asked_in_thirty_days(days: int | None, offered: bool) -> None:
    since = {} if days is None else {"sfs.danger": days}
    assert bool(rules("rgf", {"R3": "repeated"}, days_since=since)) is offered
    assert rules("rgf", {"R3": "once", "G1": "repeated"}, days_since=since) == set()


@pytest.mark.parametrize("grade", ["1", "2", "3", "4", "5"])
@pytest.mark.parametrize("line", [key for key, _prompt in LINES])
def test_a_low_line_of_the_rating_is_talked_about(line: str, grade: str) -> None:
    assert rules("ssr", {line: grade}) == ({("TR-9", line, None)} if grade in "12" else set())


def test_what_stands_of_another_form_is_its_last_answer() -> None:
    neck = [response("sfs", {"B3": True}, 20), response("sfs", {"B3": NonAnswer.DECLINED}, 10)]
    assert told("wsl", {"C1": "4"}, neck) == ["TR-MED"]
    assert told("wsl", {"C1": "4"}, [*neck, response("sfs", {"B3": False}, 5)]) == []


def test_a_replaced_response_and_one_recorded_later_count_for_nothing() -> None:
    assert told("wsl", {"C1": "4"}, [response("sfs", {"B3": True}, 20, replaced=True)]) == []
    assert told("wsl", {"C1": "4"}, [response("sfs", {"B3": True}, -1)]) == []
    assert told("wsl", {"C1": "4"}, [response("sfs", {"B3": True}, 2)], itself=("sfs-2",)) == []


def test_asking_only_module_a_is_not_asking_about_danger() -> None:
    asked_a, asked_b = response("sfs", {"A1": False}, 3), response("sfs", {"B1": False}, 3)
    left = response("sfs", {"B1": NonAnswer.NOT_ASKED}, 3)
    assert told("rgf", {"R1": "repeated"}, [asked_a, left]) == ["RGF-SFS"]
    assert told("rgf", {"R1": "repeated"}, [asked_a, asked_b]) == []


def test_the_last_rating_before_a_session_is_talked_about_first() -> None:
    old, last = response("ssr", {"heard": "1"}, 14), response("ssr", {"pace": "1", "heard": "4"}, 7)
    found = to_begin_with([last, old], NOON, sessions=())
    assert [(rating.id, each.item) for rating, each in found] == [("ssr-7", "ssr.pace")]
    assert to_begin_with([last, old], NOON - timedelta(days=30), sessions=()) == ()


@pytest.mark.parametrize(
    ("session_id", "hours", "attendance", "shown"),
    [
        ("rated", 167, Attendance.ATTENDED, True),
        ("rated", 169, Attendance.ATTENDED, True),
        ("other", 167, Attendance.ATTENDED, False),
        ("other", 167, Attendance.LATE, False),
        ("other", 167, Attendance.PLANNED, True),
        ("other", 167, Attendance.NO_SHOW, True),
        ("other", 169, Attendance.ATTENDED, True),
        ("other", 0, Attendance.ATTENDED, True),
    ],
)
def test_a_low_rating_is_talked_about_until_another_session_began(
    session_id: str, hours: int, attendance: Attendance, shown: bool
) -> None:
    starts = NOON - timedelta(hours=hours)
    session = a_session(id=session_id, starts_at=starts, ends_at=starts + timedelta(hours=2), attendance=attendance)
    rating = response("ssr", {"pace": "1"}, 7, session_id="rated")
    assert bool(to_begin_with([rating], NOON, sessions=[session])) is shown


HURT = [("sfs", {"B3": True}), ("sig", {"head": True}), ("wsl", {"I_head_neck": True})]
CHANGED: list[tuple[str, dict[str, Any]]] = [
    ("sfs", {"B3_signs": ("voice",)}),
    ("sig", {"body": ("balance",)}),
    ("wsl", {"body_change": ("vision",)}),
    *(("wsl", {item: "3"}) for item in ("P4", "C1", "C5")),
]


@pytest.mark.parametrize("hurt", HURT, ids=str)
@pytest.mark.parametrize("changed", CHANGED, ids=str)
def test_a_medical_evaluation_is_offered_whichever_form_came_first(
    hurt: tuple[str, dict[str, Any]], changed: tuple[str, dict[str, Any]]
) -> None:
    for (first, before), (second, now) in ((hurt, changed), (changed, hurt)):
        assert "TR-MED" in told(second, now, [response(first, before, 5)])
        assert "TR-MED" not in told(second, now, [])


def test_a_medical_evaluation_is_not_offered_anew_by_a_form_that_tells_nothing_of_it() -> None:
    earlier = [response("wsl", {"I_head_neck": True}, 9), response("sig", {"body": ("voice",)}, 5)]
    for key in ("wsl", "sig", "sfs"):
        assert "TR-MED" not in told(key, {}, earlier)
    assert "TR-MED" not in told("sfs", {"B3": True, "B3_signs": ("none",)}, [])


def test_only_ratings_are_kept_from_a_supervisor() -> None:
    found = [response("ssr", {}, 1), response("wsl", {}, 2), response("sfs", {}, 3)]
    assert readable(found, Relation.OWNER) == tuple(found)
    assert readable(found, Relation.COVER) == tuple(found)
    assert readable(found, Relation.SUPERVISES) == tuple(found[1:])


@given(st.dictionaries(st.sampled_from([each.key for each in SIG.items()]), st.sampled_from(NonAnswer)))
def test_non_answers_to_what_came_up_fire_nothing(answers: Any) -> None:
    assert fired(SIG, answers) == ()
    assert fired(RGF, {}) == ()
    assert fired(SSR, {}) == ()
