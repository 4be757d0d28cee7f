"""Sums, prorating, places and what is not scored, against the rules written out by hand and by exact fractions."""

import json
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations_with_replacement, product
from typing import Any

import pytest
from hypothesis import given

from schemas.instruments.answer import Answers
from schemas.instruments.capture import NonAnswer
from schemas.instruments.withdrawal import WSL
from service.domain.scoring import PLACE_SENTENCE, TOTAL, score
from tests.instruments import answers_to, small

DOMAINS = {"physical": "P", "emotional": "E", "cognitive": "C"}
WORDS = ("very low", "low", "middle", "high", "very high")
TOTAL_RANGES = ((0, 7), (8, 22), (23, 37), (38, 52), (53, 60))
DOMAIN_RANGES = ((0, 2), (3, 7), (8, 12), (13, 17), (18, 20))

# What one domain can be: how many of its items are answered, and the sum of those.
STATES = [(5, points) for points in range(21)] + [(4, points) for points in range(17)]


def spread(letter: str, answered: int, points: int) -> Answers:
    """Answers to the first items of one domain that add up to the points, as even as can be."""
    each, more = divmod(points, answered)
    return {f"{letter}{number + 1}": str(each + (number < more)) for number in range(answered)}


def word_in(ranges: tuple[tuple[int, int], ...], points: int) -> str:
    return next(word for word, (low, high) in zip(WORDS, ranges, strict=True) if low <= points <= high)


def half_up(value: Fraction, step: str) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal(step), ROUND_HALF_UP)


@pytest.mark.parametrize("points", range(61))
def test_a_full_log_has_the_sum_as_total_and_the_place_of_the_printed_table(points: int) -> None:
    weights = [points // 15 + (number < points % 15) for number in range(15)]
    keys = [item.key for item in WSL.scored_items()]
    found = score(WSL, {key: str(weight) for key, weight in zip(keys, weights, strict=True)})
    assert found.total.value == points
    assert found.total.position == word_in(TOTAL_RANGES, points)
    assert found.total.answered == 15
    assert not found.total.prorated
    assert found.at_least_two == sum(weight >= 2 for weight in weights)


@pytest.mark.parametrize(("key", "points"), product(DOMAINS, range(21)))
def test_a_full_domain_has_the_sum_of_its_items_and_the_place_of_the_printed_table(key: str, points: int) -> None:
    found = score(WSL, spread(DOMAINS[key], 5, points)).domain(key)
    assert (found.value, found.position) == (points, word_in(DOMAIN_RANGES, points))
    assert (found.prorated, found.answered, found.missing, found.ceiling) == (False, 5, 0, 20)


@pytest.mark.parametrize(("key", "points"), product(DOMAINS, range(17)))
def test_one_missing_item_prorates_to_five_times_the_mean_with_one_decimal(key: str, points: int) -> None:
    found = score(WSL, spread(DOMAINS[key], 4, points)).domain(key)
    mean = Fraction(points, 4)
    assert found.value == float(half_up(5 * mean, "0.1"))
    assert found.position == WORDS[int(half_up(mean, "1"))]
    assert (found.prorated, found.answered, found.missing) == (True, 4, 1)


@pytest.mark.parametrize(("key", "answered"), product(DOMAINS, range(4)))
def test_two_missing_items_leave_the_domain_and_the_total_without_a_score(key: str, answered: int) -> None:
    answers = {item.key: "2" for item in WSL.scored_items()}
    for number in range(answered, 5):
        answers[f"{DOMAINS[key]}{number + 1}"] = NonAnswer.UNSURE
    found = score(WSL, answers)
    assert (found.domain(key).value, found.domain(key).position, found.domain(key).prorated) == (None, None, False)
    assert (found.total.value, found.total.position, found.total.prorated) == (None, None, False)
    assert found.domain(key).text == "not scored"
    assert [each.value for each in found.domains if each.key != key] == [10, 10]


@pytest.mark.parametrize("reason", NonAnswer)
def test_no_kind_of_non_answer_is_read_as_zero(reason: NonAnswer) -> None:
    answers: dict[str, Any] = {item.key: "4" for item in WSL.scored_items()}
    found = score(WSL, answers | {"P1": reason})
    assert found.domain("physical").value == 20
    assert found.domain("physical").prorated
    assert found.total.value == 60
    assert found.total.missing == 1


def test_the_total_is_the_sum_of_the_shown_domains_and_its_place_is_that_of_the_mean() -> None:
    for states in combinations_with_replacement(STATES, 3):
        answers: dict[str, Any] = {}
        for letter, (answered, points) in zip("PEC", states, strict=True):
            answers |= spread(letter, answered, points)
        found = score(WSL, answers)
        shown = [half_up(Fraction(5 * points, answered), "0.1") for answered, points in states]
        mean = sum((Fraction(points, answered) for answered, points in states), Fraction(0)) / 3
        assert found.total.value == float(sum(shown))
        assert found.total.position == WORDS[int(half_up(mean, "1"))]
        assert found.total.prorated == any(answered == 4 for answered, _ in states)


def test_no_answer_at_all_gives_no_score() -> None:
    found = score(WSL, {})
    assert [each.value for each in (*found.domains, found.total)] == [None] * 4
    assert found.at_least_two == 0
    assert found.total.missing == 15


@given(answers_to(WSL))
def test_scores_stay_on_their_scale_and_are_written_without_float_noise(answers: dict[str, Any]) -> None:
    for each in (*score(WSL, answers).domains, score(WSL, answers).total):
        if each.value is None:
            continue
        assert 0 <= each.value <= each.ceiling
        assert json.dumps(each.value) == each.text
        assert Decimal(each.text) == Decimal(each.text).quantize(Decimal("0.1"))
        assert each.position in WORDS


@given(answers_to(WSL))
def test_unscored_items_and_follow_ups_change_no_score(answers: dict[str, Any]) -> None:
    scored = {item.key for item in WSL.scored_items()}
    assert score(WSL, answers) == score(WSL, {key: answer for key, answer in answers.items() if key in scored})


@given(answers_to(WSL))
def test_one_answer_up_never_brings_a_score_down(answers: dict[str, Any]) -> None:
    before = score(WSL, answers)
    for item in WSL.scored_items():
        answer = answers.get(item.key)
        if isinstance(answer, NonAnswer) or answer in (None, "4"):
            continue
        after = score(WSL, answers | {item.key: str(int(answer) + 1)})
        for old, new in zip((*before.domains, before.total), (*after.domains, after.total), strict=True):
            assert (old.tenths is None) == (new.tenths is None)
            assert old.tenths is None or (new.tenths or 0) >= old.tenths


def test_a_place_is_named_on_this_log_only() -> None:
    found = score(WSL, {item.key: "3" for item in WSL.scored_items()})
    assert found.total.place == "high on this log"
    assert score(WSL, {}).total.place == ""
    assert PLACE_SENTENCE == "place on this log's own range, not compared with other people"


def test_the_total_and_each_domain_are_found_by_key_and_no_other() -> None:
    found = score(WSL, {})
    assert found.domain(TOTAL) is found.total
    with pytest.raises(KeyError):
        found.domain("other")


def test_an_unscored_instrument_has_no_score() -> None:
    with pytest.raises(ValueError, match="no scoring"):
        score(small(domains=(), scoring=None, triggers=()), {})
