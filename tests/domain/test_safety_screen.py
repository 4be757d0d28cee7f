"""The safety screen answers with NOW, TODAY or NEXT exactly as the table of domain model section 2.5 says.

The table is written out here a second time, by hand, and compared with what the definition's triggers give.
"""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.instruments.capture import CaptureChannel, CaptureContext, NonAnswer
from schemas.instruments.definition import Instrument
from schemas.instruments.safety_screen import SFS
from schemas.vocabulary import EventLevel
from service.domain.modules import modules_of, refused
from service.domain.triggers import Around, fired
from tests.instruments import answers_to

NOW, TODAY, NEXT = EventLevel.NOW, EventLevel.TODAY, EventLevel.NEXT
A = [f"A{number}" for number in range(1, 13) if number != 8]
B = [*(f"B{number}" for number in range(1, 17)), "B17_talk", "B17_home", "B18"]
NO_CLEAR = (NonAnswer.UNSURE, NonAnswer.DECLINED)

# Module A and B with every question answered in the way that tells of nothing.
QUIET_A: dict[str, Any] = {"present": "nobody", **dict.fromkeys(A, False), "A6": "never", "changed": False}
QUIET_B: dict[str, Any] = {"present": "nobody", **dict.fromkeys(B, False), "B17_talk": True, "B17_home": True}
QUIET = QUIET_A | QUIET_B

# (answers beside the quiet ones, what is opened about which item): one row for each entry of the table.
TABLE: list[tuple[dict[str, Any], dict[str, EventLevel]]] = [
    ({"A4": True}, {"A4": NOW}),
    ({"A5": True}, {"A5": NOW}),
    ({"A6": "recent"}, {"A6": NOW}),
    ({"A6": "earlier"}, {}),
    ({"A11": True, "A11_plan": True}, {"A11": NOW}),
    ({"A11": True, "A11_plan": False}, {}),
    ({"B1": True}, {"B1": NOW}),
    ({"B2": True, "B2_recent": True}, {"B2": NOW}),
    ({"B2": True, "B2_recent": False}, {}),
    ({"B3": True, "B3_recent": True}, {"B3": NOW}),
    ({"B3": True, "B3_recent": False}, {"B3": TODAY}),
    ({"B4": True, "B4_what": ("used",), "B4_recent": True}, {"B4": NOW}),
    ({"B4": True, "B4_what": ("reach", "threatened"), "B4_recent": True}, {"B4": NOW}),
    ({"B4": True, "B4_what": ("reach",), "B4_recent": True}, {"B4": TODAY}),
    ({"B4": True, "B4_what": ("threatened",), "B4_recent": False}, {"B4": TODAY}),
    ({"B17_talk": False}, {"B17_talk": NOW}),
    ({"B17_home": False}, {"B17_home": NOW}),
    ({"B18": True}, {"B18": NOW}),
    *(({item: True}, {item: TODAY}) for item in ("A1", "A2", "A3", "A9", "A10")),
    *(({item: True}, {item: TODAY}) for item in ("B5", "B7", "B8", "B10", "B11", "B12", "B13")),
    ({"B6": True}, {}),
    ({"B6": True, "B7": True}, {"B6": TODAY, "B7": TODAY, "danger": TODAY}),
    ({"B6": True, "B9": True}, {"B6": TODAY, "danger": TODAY}),
    ({"B14": True, "B16": True}, {"B14": NEXT, "B16": NEXT, "danger": TODAY}),
    ({"B2": True, "B2_recent": False, "B6": True}, {"danger": TODAY}),
    ({"A12": True}, {"A12": NEXT}),
    ({"A7": True}, {}),
    ({"B9": True}, {"B9": NEXT}),
    *(({item: True}, {item: NEXT}) for item in ("B14", "B15", "B16")),
    *(
        ({item: reason}, {item: TODAY})
        for item in ("A4", "A5", "A6", "A11", "B1", "B2", "B3", "B4", "B17_talk", "B17_home", "B18")
        for reason in NO_CLEAR
    ),
    *(({item: reason}, {}) for item in ("A1", "A9", "A12", "B5", "B9", "B13", "B16") for reason in NO_CLEAR),
    *(({item: NonAnswer.NOT_ASKED}, {"self_core": NEXT}) for item in ("A1", "A2", "A3", "A4", "A5", "A6")),
    *(({item: NonAnswer.NOT_ASKED}, {"self_more": NEXT}) for item in ("A9", "A10", "A11")),
    *(({item: NonAnswer.NOT_ASKED}, {"danger": NEXT}) for item in B if item not in ("B9", "B14", "B15", "B16")),
    *(({item: NonAnswer.NOT_ASKED}, {}) for item in ("A7", "A8", "A12", "B9", "B14", "B15", "B16")),
]


HALF_TOLD: list[tuple[dict[str, Any], dict[str, EventLevel]]] = [
    ({"B2": True}, {"B2": TODAY}),
    ({"A11": True, "A11_plan": NonAnswer.DECLINED}, {"A11": TODAY}),
]


def levels(instrument: Instrument, answers: dict[str, Any]) -> dict[str, EventLevel]:
    found = [(each.item.removeprefix("sfs."), each.level) for each in fired(instrument, answers)]
    return {item: level for item, level in found if level is not None}


def opened(answers: dict[str, Any]) -> dict[str, EventLevel]:
    """What is opened about which item, each item once."""
    found = levels(SFS, answers)
    count = sum(each.level is not None for each in fired(SFS, answers))
    assert len(found) == count, "two responses about one item"
    return found


def told(answers: dict[str, Any], rule: str) -> list[str]:
    return [each.prompt for each in fired(SFS, QUIET | answers) if each.rule == rule]


def test_quiet_answers_open_nothing_and_prompt_nothing() -> None:
    assert fired(SFS, QUIET) == ()


@pytest.mark.parametrize(("changed", "expected"), TABLE, ids=str)
def test_each_row_of_the_table_opens_what_it_says(changed: dict[str, Any], expected: dict[str, EventLevel]) -> None:
    assert opened(QUIET | changed) == expected


def test_the_table_covers_every_question_but_the_free_text() -> None:
    named = {item for changed, _ in TABLE for item in changed}
    assert {item.key for section in SFS.sections()[1:] for item in section.items} - {"changed"} <= named


def test_yes_without_what_decides_how_soon_is_come_back_to_today() -> None:
    for reason in NonAnswer:
        assert opened(QUIET | {"B2": True, "B2_recent": reason}) == {"B2": TODAY}
        assert opened(QUIET | {"A11": True, "A11_plan": reason}) == {"A11": TODAY}
    assert opened(QUIET | {"B2": True}) == HALF_TOLD[0][1]


@pytest.mark.parametrize("number", [number for number, each in enumerate(SFS.triggers) if each.opens])
def test_without_any_one_of_its_triggers_the_table_would_not_hold(number: int) -> None:
    poorer = replace(SFS, triggers=SFS.triggers[:number] + SFS.triggers[number + 1 :])
    assert any(levels(poorer, QUIET | changed) != expected for changed, expected in (*TABLE, *HALF_TOLD))


def test_a_module_that_was_not_taken_up_is_not_left_out() -> None:
    assert opened(QUIET_A) == {}
    assert opened(QUIET_B) == {}
    core = {key: QUIET_A[key] for key in ("present", "A1", "A2", "A3", "A4", "A5", "A6")}
    assert opened(core) == {}
    assert [each.key for each in modules_of(SFS, core)] == ["A", "core"]
    assert [each.key for each in modules_of(SFS, QUIET_B)] == ["B"]


def test_a_module_that_was_begun_is_asked_to_its_end_next_time() -> None:
    assert opened({"present": "nobody", "A1": False}) == {"self_core": NEXT}
    assert opened({"present": "nobody", "B5": False}) == {"danger": NEXT}


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"B3": True, "B3_recent": True}, "medical evaluation"),
        ({"B4": True}, "distance between the person and the means"),
        ({"A7": True}, "distance between the person and the means"),
        ({"B6": True}, "Do not hurry separation; plan first"),
        ({"A4": True}, "directly and in private"),
    ],
)
def test_prompts_say_what_to_do(changed: dict[str, Any], words: str) -> None:
    assert any(words in each.prompt for each in fired(SFS, QUIET | changed))


@pytest.mark.parametrize("item", ["P4", "C1", "C5"])
@pytest.mark.parametrize("grade", ["2", "3", "4"])
def test_a_high_log_with_pressure_on_the_neck_prompts_for_a_medical_evaluation(item: str, grade: str) -> None:
    around = Around(others={"wsl": {item: grade}})
    found = [each.rule for each in fired(SFS, QUIET | {"B3": True, "B3_recent": False}, around=around)]
    assert ("TR-MED" in found) is (grade != "2")
    assert "TR-MED" not in [each.rule for each in fired(SFS, QUIET, around=around)]


@pytest.mark.parametrize("sign", ["voice", "swallowing", "vision", "balance", "breathing", "none"])
def test_a_change_after_pressure_on_the_neck_prompts_for_a_medical_evaluation(sign: str) -> None:
    assert bool(told({"B3": True, "B3_signs": (sign,)}, "TR-MED")) is (sign != "none")
    assert told({"B3_signs": (sign,)}, "TR-MED") == []


@settings(max_examples=60, deadline=None)
@given(answers_to(SFS))
def test_each_item_opens_at_most_one_response_whatever_is_answered(answers: Any) -> None:
    items = [each.item for each in fired(SFS, answers) if each.level is not None]
    assert len(items) == len(set(items))


@settings(max_examples=60, deadline=None)
@given(answers_to(SFS), st.sampled_from(("A4", "A5", "B1", "B18")))
def test_nothing_else_that_is_answered_takes_a_now_away(answers: Any, item: str) -> None:
    assert opened({**answers, item: True})[item] is NOW


@settings(max_examples=60, deadline=None)
@given(answers_to(SFS))
def test_no_response_speaks_of_a_section_that_was_not_taken_up(answers: Any) -> None:
    without_b = {key: value for key, value in answers.items() if not key.startswith("B")}
    assert not [item for item in opened(without_b) if item.startswith("B") or item == "danger"]


REMOTE = CaptureContext(CaptureChannel.VIDEO, device_confirmed=False)
CONFIRMED = CaptureContext(CaptureChannel.PHONE, device_confirmed=True)
HANDED = CaptureContext(CaptureChannel.CLINIC_DEVICE)
IN_ROOM = CaptureContext(CaptureChannel.IN_PERSON)


@pytest.mark.parametrize(
    ("capture", "field"),
    [
        (REMOTE, "capture.device_confirmed"),
        (CaptureContext(CaptureChannel.VIDEO), "capture.device_confirmed"),
        (HANDED, "capture.channel"),
        (CONFIRMED, None),
        (IN_ROOM, None),
    ],
)
def test_module_b_is_kept_only_from_a_device_that_was_confirmed(capture: CaptureContext, field: str | None) -> None:
    assert list(refused(SFS, QUIET_B, capture)) == ([field] if field else [])
    assert refused(SFS, QUIET_A, capture) == {}


@pytest.mark.parametrize("present", ["other_person", "relative", "child", "somebody", NonAnswer.UNSURE, None])
def test_module_b_is_kept_only_when_nobody_could_hear(present: Any) -> None:
    answers = {key: value for key, value in QUIET_B.items() if key != "present"}
    answers |= {} if present is None else {"present": present}
    assert list(refused(SFS, answers, IN_ROOM)) == ["answers.present"]


def test_a_screen_that_takes_nothing_up_is_not_kept() -> None:
    assert list(refused(SFS, {"present": "nobody"}, IN_ROOM)) == ["answers"]
