"""Answers at the edge: nothing is coerced, every complaint names its item, and what was read can be written and read
again.
"""

import json
import math
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from schemas.answers import json_schema, load_answers, schema_for
from schemas.instruments.answer import answer_to, from_json, to_json, value_of
from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Instrument, Item, Section
from schemas.instruments.kinds import YesNo
from schemas.instruments.withdrawal import WSL
from tests.instruments import answers_to, small

NOT_A_VALUE: list[Any] = [
    None,
    3,
    -1,
    10**400,
    3.0,
    math.nan,
    math.inf,
    True,
    "",
    "5",
    "3 ",
    [],
    {},
    ["3"],
    "\x00",
    "\ud800",
]

BAD = {
    "P1": NOT_A_VALUE,
    "F2": [None, "3", 3.0, True, False, -1, 8, 10**400, math.nan, math.inf, [3], {}],
    "U5": [None, "contact", [], [""], ["contact", "contact"], ["nope"], [["contact"]], {"contact": True}, [3], [None]],
    "X1": [["none", "client"], ["client", "none"]],
    "X1_concern": [None, "yes", "true", 1, 0, [], 1.0],
    "I_began": [None, 3, True, "", "  \n ", "x" * 201, "bell\x07", "null\x00", "\ud800", "\x85", ["text"], {}],
}


def complaints(payload: object) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        load_answers(WSL, payload)
    found = caught.value.messages
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in BAD.items() for value in values])
def test_a_value_that_is_not_exactly_of_the_kind_is_refused_at_its_item(key: str, value: object) -> None:
    assert list(complaints({key: {"value": value}})) == [key]


@pytest.mark.parametrize("entry", [None, "3", 3, [], {}, {"value": "3", "skipped": "declined"}, {"value": "3", "x": 1}])
def test_an_entry_is_either_a_value_or_a_reason_for_skipping(entry: object) -> None:
    assert list(complaints({"P1": entry})) == ["P1"]


@pytest.mark.parametrize("reason", ["", "no", "DECLINED", None, 1, True, ["declined"]])
def test_a_reason_for_skipping_is_one_of_the_five(reason: object) -> None:
    assert list(complaints({"P1": {"skipped": reason}})) == ["P1"]


@pytest.mark.parametrize("key", ["P6", "p1", "wsl.P1", "__class__", "item_0", "", "P1 "])
def test_a_key_that_is_no_item_is_refused_by_name(key: str) -> None:
    assert complaints({key: {"value": "3"}}) == {key: ["Unknown field."]}


@pytest.mark.parametrize("payload", [None, [], "P1", 3, [["P1", {"value": "3"}]]])
def test_a_payload_that_is_no_object_is_refused(payload: object) -> None:
    assert complaints(payload) == {"_schema": ["Invalid input type."]}


def test_every_wrong_item_is_named_at_once_and_no_answer_is_repeated_in_the_complaint() -> None:
    found = complaints({"P1": {"value": "secret"}, "F2": {"value": "secret"}, "I_began": {"value": "secret\x00"}})
    assert set(found) == {"P1", "F2", "I_began"}
    assert "secret" not in json.dumps(found)


def test_text_keeps_accents_right_to_left_letters_tabs_and_line_breaks() -> None:
    text = "Zoë,\r\n\tשלום ملاحظة 🙂 <script>alert(1)</script>"
    assert load_answers(WSL, {"I_began": {"value": text}}) == {"I_began": text}


def test_every_item_may_be_missing_and_then_was_not_asked() -> None:
    answers = load_answers(WSL, {})
    assert answers == {}
    assert answer_to(answers, "P1") is NonAnswer.NOT_ASKED
    assert value_of(answers, "P1") is None


def test_a_non_answer_is_no_value_and_an_option_of_the_same_name_is() -> None:
    answers = load_answers(
        WSL, {"P1": {"skipped": "unsure"}, "X1_kept": {"value": "no"}, "X1_concern": {"value": False}}
    )
    assert answer_to(answers, "P1") is NonAnswer.UNSURE
    assert value_of(answers, "P1") is None
    assert value_of(answers, "X1_kept") == "no"
    assert value_of(answers, "X1_concern") is False


def test_an_item_key_with_a_dot_stays_one_key() -> None:
    dotted = small(extra=(Section("s", "S", (Item("group.item", "Yes?", YesNo()),)),), key="dotted")
    assert load_answers(dotted, {"group.item": {"value": True}}) == {"group.item": True}


def test_the_schema_of_an_instrument_is_built_once() -> None:
    assert schema_for(WSL) is schema_for(WSL)
    assert schema_for(small()) is schema_for(small())
    assert schema_for(small()) is not schema_for(WSL)


@given(answers_to(WSL))
def test_answers_survive_the_way_to_json_and_back(answers: dict[str, Any]) -> None:
    as_text = json.dumps(to_json(answers))
    again = from_json(WSL, json.loads(as_text))
    assert again == answers
    assert [type(each) for each in again.values()] == [type(each) for each in answers.values()]
    assert load_answers(WSL, json.loads(as_text)) == answers


@given(answers_to(WSL))
def test_what_is_accepted_fits_the_published_json_schema(answers: dict[str, Any]) -> None:
    assert jsonschema_rs.is_valid(json_schema(WSL), to_json(answers))


JUNK = st.sampled_from([value for values in BAD.values() for value in values])


@given(st.sampled_from([item.key for item in WSL.items()]), JUNK)
def test_what_the_published_json_schema_refuses_is_refused(key: str, junk: object) -> None:
    payload = {key: {"value": junk}}
    try:
        accepted_by_schema = jsonschema_rs.is_valid(json_schema(WSL), payload)
    except (ValueError, OverflowError):
        return  # not JSON at all
    if not accepted_by_schema:
        assert key in complaints(payload)


@pytest.mark.parametrize(
    "data",
    [None, [], {"P1": {"value": 3}}, {"zz": {"value": "3"}}, {3: {"value": "3"}}, {"P1": {"value": "9"}}],
)
def test_stored_data_that_does_not_fit_is_refused_without_repeating_it(data: object) -> None:
    with pytest.raises(ValueError, match=r"answers|P1"):
        from_json(WSL, data)


def test_the_json_schema_names_each_item_with_its_prompt() -> None:
    schema: dict[str, Any] = json_schema(WSL)
    assert list(schema["properties"]) == [item.key for item in WSL.items()]
    assert schema["properties"]["P4"]["title"] == "Headaches or body pain"
    assert schema["additionalProperties"] is False
    assert jsonschema_rs.meta.is_valid(schema)


def test_instruments_with_equal_fingerprints_share_one_shape() -> None:
    first: Instrument = small()
    assert json_schema(first) is json_schema(small())
