"""The leak guard finds a protected value however it is written, and lets plain words pass."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.domain.leak_words import COMMON
from service.domain.leaks import Guard, Leak, Passage, Protected, folded, phrases, unresolved

LETTERS = "abcdefghijklmnopqrstuvwxyz"
NAMES = st.text(LETTERS, min_size=5, max_size=9).filter(lambda each: each not in COMMON)
ACCENTS = st.sampled_from(["", "\u0301", "\u0308", "\u030c", "\u0327"])
GAPS = st.sampled_from([" ", "  ", "-", "\u00a0", ", ", "\n", " / "])
NUMBER_GAPS = st.sampled_from(["", " ", "-", ".", " (", ") ", "/"])
FILLER = "We spoke about it on the way"


def value(text: str, **more: bool) -> Protected:
    return Protected("plan-x", "Preparing plan, a part", text, **more)


def found(protected: Protected, text: str) -> tuple[Leak, ...]:
    return Guard([protected]).leaks([Passage("note", "A note", text)])


@given(st.lists(NAMES, min_size=2, max_size=4), st.data())
def test_a_phrase_is_found_whatever_its_case_spacing_and_accents(words: list[str], data: st.DataObject) -> None:
    written = [
        "".join(letter + data.draw(ACCENTS) for letter in (word.upper() if data.draw(st.booleans()) else word))
        for word in words
    ]
    text = "".join(word + data.draw(GAPS) for word in written)
    assert found(value(" ".join(words)), f"{FILLER} {unicodedata.normalize('NFC', text)} today.")


@given(st.text("123456789", min_size=1, max_size=1), st.text("0123456789", min_size=7, max_size=11), st.data())
@example("8", "71234567", None)
def test_a_phone_number_is_found_however_it_is_grouped(first: str, rest: str, data: st.DataObject | None) -> None:
    digits = first + rest
    grouped = digits[0] + "".join((data.draw(NUMBER_GAPS) if data else "") + each for each in digits[1:])
    for kept, told in ((f"0{digits}", f"+353 {grouped}"), (f"+353{digits}", f"0{grouped}"), (digits, grouped)):
        assert found(value(kept), f"{FILLER}, ring {told} after six.")


@given(st.lists(NAMES, min_size=1, max_size=4), st.lists(NAMES, min_size=1, max_size=12))
def test_words_that_share_nothing_with_a_value_pass(words: list[str], other: list[str]) -> None:
    protected = value(" ".join(words))
    text = " ".join(other)
    if not any(each in folded(text) for each in phrases(protected)):
        assert found(protected, text) == ()


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_is_typed_the_guard_answers(text: str, other: str) -> None:
    for each in found(value(text), other):
        assert each.name == "Preparing plan, a part" and not each.confirmable


@given(st.lists(st.text(max_size=8)), st.lists(st.text(max_size=8)))
def test_what_stays_here_is_never_resolved_by_confirming(keys: list[str], confirmed: list[str]) -> None:
    leaks = [Leak(key, "A note", "A part", "words", confirmable=False) for key in keys]
    assert unresolved(leaks, [*keys, *confirmed]) == tuple(leaks)


def test_what_may_be_confirmed_is_resolved_one_by_one_by_its_own_name() -> None:
    leaks = [Leak(key, "A note", "A part", "words", confirmable=True) for key in ("a", "b")]
    assert unresolved(leaks, ["a"]) == (leaks[1],)
    assert unresolved(leaks, ["a", "b"]) == ()


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("14 Harbour Road, Dublin 4", "They moved to harbour road"),
        ("Kept at Maura's in Stillorgan", "Spent the weekend in STILLORGAN"),
        ("171-D-20345 the blue car", "a car, 171 D 20345, stood there"),
        ("171 D 20345", "171D20345"),
        ("Máire Ní Bhriain, Grade 4", "maire ni bhriain picked her up"),
        ("St Brendan's primary", "told St. Brendan's Primary about it"),
        ("D04 X5K8", "post to d04x5k8"),
        ("maura.k@post.example", "wrote from Maura.K@post.example"),
        ("heron", "The word is Heron"),
        ("Is the oven on?", "she asks is the oven on"),
        ("Behind the boiler in the hall, then the yard wall", "it lies behind the boiler in a box"),
        ("小明", "和小明的家"),
        ("دلال", "عند دلال اليوم"),
        ("Straße 12b", "strasse 12 B"),
    ],
)
def test_a_value_is_found_as_people_write_it(kept: str, told: str) -> None:
    assert found(value(kept), told), phrases(value(kept))


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("D., after six in the evening", "Ate after six in the evening"),
        ("Small notes, kept apart", "Kept a small note in the diary"),
        ("At home, on Fridays", "We meet on Fridays at home"),
        ("10", "10 minutes of rest, 10 times"),
        ("", "Nothing was typed"),
    ],
)
def test_common_words_lead_to_nobody(kept: str, told: str) -> None:
    assert found(value(kept), told) == ()


def test_a_name_is_found_though_it_is_short_and_only_as_a_word_of_its_own() -> None:
    assert found(value("Mia", is_name=True), "Mia came along")
    assert not found(value("Mia", is_name=True), "A mial or miaow")


def test_a_find_tells_where_what_and_in_whose_words() -> None:
    guard = Guard(
        [value("Stillorgan Garda Station"), Protected("contact-phone", "The client's phone", "087 1234567", True)]
    )
    text = "Ring +353 87 123 4567, or go to Stillorgan  garda station"
    assert [
        (each.key, each.where, each.words, each.confirmable) for each in guard.leaks([Passage("g", "A goal", text)])
    ] == [
        ("g:plan-x", "A goal", "Stillorgan  garda station", False),
        ("g:contact-phone", "A goal", "353 87 123 4567", True),
    ]


def test_a_value_that_stays_here_wins_over_the_same_value_that_may_be_confirmed() -> None:
    twice = [value("Harbour Road 14"), Protected("client-address", "The client's address", "Harbour Road 14", True)]
    for order in (twice, twice[::-1]):
        assert [each.confirmable for each in Guard(order).leaks([Passage("g", "A goal", "harbour road 14")])] == [False]
