"""When two names may be one person's, and who may be told."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.vocabulary import CaseState, Relation
from service.domain.access import CaseFacts
from service.domain.conflicts import folded_name, marks_of, may_be_told, same_person

BORN, OTHER_DAY = date(1985, 4, 1), date(1985, 4, 2)
R, C = Relation, CaseState


def same(first: tuple[str, date | None], second: tuple[str, date | None]) -> bool:
    ours, theirs = (marks_of((name,), born, str) for name, born in (first, second))
    return any(same_person(one, other) for one in ours for other in theirs)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Seán O'Brien", "OBRIEN, Sean"),
        ("Maeve Ó Briain", "o\u2019briain maeve"),
        ("Zoë Okonkwo-Šimić", "okonkwo simic zoe"),
        ("Łukasz Weiß", "Lukasz WEISS"),
        ("سلمى حدّاد", "حداد سلمى"),
        ("  Ana   Núñez ", "Nunez Ana"),
    ],
)
def test_accents_case_apostrophes_and_order_make_no_difference(first: str, second: str) -> None:
    assert same((first, BORN), (second, None))


def test_two_birth_dates_that_differ_are_two_people_and_one_that_is_missing_tells_nothing() -> None:
    name = "Ana Nunez"
    assert same((name, BORN), (name, BORN)) and same((name, None), (name, BORN)) and same((name, None), (name, None))
    assert not same((name, BORN), (name, OTHER_DAY))
    assert not same((name, BORN), ("Ana Nunes", BORN))


def test_one_word_counts_with_the_same_birth_date_only() -> None:
    assert marks_of(("Ana",), None, str) == ()
    assert same(("Ana", BORN), ("ana", BORN)) and not same(("Ana", BORN), ("Ana", OTHER_DAY))


@given(st.lists(st.text("abcé'Ø-", min_size=1, max_size=6), min_size=1, max_size=4), st.randoms())
def test_a_name_in_any_order_is_folded_once_and_for_all(words: list[str], chance: object) -> None:
    turned = sorted(words, key=lambda _each: chance.random())  # type: ignore[attr-defined]
    assert folded_name(" ".join(words)) == folded_name(" ".join(turned).upper())
    assert folded_name(folded_name(" ".join(words))) == folded_name(" ".join(words))


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (CaseFacts(R.SUPERVISES), CaseFacts(R.SUPERVISES), True),
        (CaseFacts(R.COLLEAGUE), CaseFacts(R.SUPERVISES), True),
        (CaseFacts(R.COLLEAGUE), CaseFacts(R.COLLEAGUE), True),
        (CaseFacts(R.OWNER), CaseFacts(R.SUPERVISES), True),
        (CaseFacts(R.OWNER), CaseFacts(R.COVER), True),
        (CaseFacts(R.OWNER), CaseFacts(R.COLLEAGUE), False),
        (CaseFacts(R.COLLEAGUE), CaseFacts(R.COVER), False),
        (CaseFacts(R.SUPERVISES), CaseFacts(R.BLOCKED), False),
        (CaseFacts(R.STRANGER), CaseFacts(R.COLLEAGUE), False),
        (CaseFacts(R.SUPERVISES, frozenset({C.OPEN, C.SEALED})), CaseFacts(R.SUPERVISES), False),
        (CaseFacts(R.OWNER, frozenset({C.OPEN, C.SEALED})), CaseFacts(R.SUPERVISES), True),
        (CaseFacts(R.OWNER, frozenset({C.PURGED})), CaseFacts(R.SUPERVISES), False),
        (CaseFacts(R.SUPERVISES, frozenset({C.CLOSED})), CaseFacts(R.SUPERVISES, frozenset({C.HELD})), True),
    ],
)
def test_who_works_on_one_of_the_two_is_not_told(first: CaseFacts, second: CaseFacts, told: bool) -> None:
    assert may_be_told(first, second) is told
    assert may_be_told(second, first) is told
