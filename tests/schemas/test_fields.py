"""Each field takes one JSON type exactly, and says what is wrong in words."""

from typing import cast

import pytest
from marshmallow import Schema, ValidationError
from marshmallow.fields import Field

from schemas.fields import CodedField, Ident, Instant, Line, LocalDate, Ticked, Version, Whole, WholeText, Words
from schemas.vocabulary import Gender

UUID = "0b9f4f0e-6c2e-4d1c-9a57-2f4a52f0a1b2"


def load(field: Field, value: object) -> object:
    loaded = cast(dict[str, object], Schema.from_dict({"it": field})().load({"it": value}))
    return loaded["it"]


def complaint(field: Field, value: object) -> str:
    with pytest.raises(ValidationError) as caught:
        load(field, value)
    return cast(dict[str, list[str]], caught.value.messages)["it"][0]


@pytest.mark.parametrize(
    "text", ["", "  kept  as typed ", "two\nlines\tand\r\nmore", "עברית \u200fالعربية", "<b>&amp;</b>", "e\u0301", "🙂"]
)
def test_words_are_kept_as_typed(text: str) -> None:
    assert load(Words(), text) == text


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[31m", "\x7f", "\x85", "\ud800", "x\udfff"])
def test_words_refuse_what_cannot_be_stored(text: str) -> None:
    assert "cannot be stored" in complaint(Words(), text)


@pytest.mark.parametrize("value", [1, 1.5, True, [], {}, ["a"]])
def test_words_are_not_made_from_anything_else(value: object) -> None:
    assert complaint(Words(), value) == "Give text."


def test_words_have_a_length_and_a_line_has_no_breaks() -> None:
    assert complaint(Words(3), "abcd") == "Use at most 3 characters."
    assert "cannot be stored" in complaint(Line(), "a\nb")


def test_needed_words_are_more_than_white_space() -> None:
    assert complaint(Words(needed=True), " \n ") == "Write something here."


@pytest.mark.parametrize("value", ["x", "", None, 1, True, ["female"], "FEMALE"])
def test_a_code_is_one_of_its_list(value: object) -> None:
    assert load(CodedField(Gender), "female") is Gender.FEMALE
    assert complaint(CodedField(Gender), value) in (
        "Choose one of: female, male, other, unknown.",
        "This field cannot be empty.",
    )


@pytest.mark.parametrize(
    "value", ["2026-02-30", "2026-2-3", "20260203", "2026-02-03T00:00", "tomorrow", "", 20260203, "1899-12-31"]
)
def test_a_day_is_a_day_of_the_calendar(value: object) -> None:
    assert complaint(LocalDate(), value)
    assert str(load(LocalDate(), "2028-02-29")) == "2028-02-29"


@pytest.mark.parametrize(
    "value",
    [
        "2026-05-04T10:00:00",
        "2026-05-04",
        "2026-05-04T25:00:00Z",
        "2026-05-04T10:00:00+99:00",
        1777888800,
        "now",
        "9999-12-31T23:59:59-01:00",
    ],
)
def test_an_instant_needs_its_offset(value: object) -> None:
    assert complaint(Instant(), value)


def test_an_instant_is_kept_and_told_in_utc() -> None:
    moment = load(Instant(), "2026-05-04T10:00:00+01:00")
    assert Schema.from_dict({"it": Instant()})().dump({"it": moment}) == {"it": "2026-05-04T09:00:00Z"}


@pytest.mark.parametrize("value", [True, False, "1", 1.0, 0, -1, 2**31, 10**40, None, [1]])
def test_a_version_is_a_whole_number_from_one(value: object) -> None:
    assert complaint(Version(), value)


@pytest.mark.parametrize("value", ["true", 1, 0, "on", []])
def test_a_box_is_true_or_false(value: object) -> None:
    assert complaint(Ticked(), value) == "Give true or false."


@pytest.mark.parametrize("value", [UUID.upper(), "1", "", f"{UUID} ", f"{UUID}\n", 7, "../" + UUID])
def test_an_id_is_a_lower_case_uuid(value: object) -> None:
    assert load(Ident(), UUID) == UUID
    assert complaint(Ident(), value) == "This is not the id of a record."


def test_numbers_in_an_address_come_as_text() -> None:
    assert load(WholeText(1, 9), "7") == 7
    for text in ("", "x", "10", "-1", "1e0", "٣", "9" * 5_000):
        assert complaint(WholeText(1, 9), text) == "Give a whole number from 1 to 9."


def test_a_form_gives_numbers_and_boxes_as_text() -> None:
    assert Whole(1, 9).from_text("7") == 7
    assert Whole(1, 9).from_text("seven") == "seven"
    assert (Ticked().from_text("on"), Ticked().from_text("")) == (True, False)
