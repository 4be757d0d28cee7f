"""Labels and instruments keep the wording rules of the domain: no reassurance, no danger level, no name for a person.

Clients may use any word; these are the words of the product itself.
"""

import re
from collections.abc import Iterator
from itertools import chain

import pytest

from schemas.instruments import INSTRUMENTS
from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Instrument, canonical
from schemas.vocabulary import AskedAnswer, Coded

REASSURING = r"safe\b(?! to hold)|unsafe\b|(?:low|high|no) risk|no (?:concern|danger)|cleared\b|all clear"
NAMING = r"addict\w*|victim\w*|abuser\w*|perpetrator\w*|narciss\w*|toxic\w*"
PROMISING = r"evidence-based|proven|rewir\w*|superpower\w*|streaks?\b|percent healed|hijack\w*"
AGAINST_THE_RULES = re.compile(rf"\b(?:{REASSURING}|{NAMING}|{PROMISING})|!", re.I)
WORKING_PHRASE = re.compile(r"trauma[\s_-]*bond", re.I)


def lists(parent: type[Coded] = Coded) -> Iterator[type[Coded]]:
    """Every closed list that is loaded, wherever it is defined."""
    for found in parent.__subclasses__():
        yield found
        yield from lists(found)


def strings(value: object) -> Iterator[str]:
    """Every string of plain data, keys left out."""
    match value:
        case str():
            yield value
        case dict():
            yield from chain.from_iterable(strings(each) for each in value.values())
        case list():
            yield from chain.from_iterable(strings(each) for each in value)
        case _:
            return


def named(codes: type[Coded]) -> str:
    return f"{codes.__module__}.{codes.__name__}"


EVERY_LIST = pytest.mark.parametrize("codes", sorted(lists(), key=str), ids=named)
EVERY_INSTRUMENT = pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda each: f"{each.key}-{each.version}")


@EVERY_LIST
def test_every_label_keeps_the_wording_rules(codes: type[Coded]) -> None:
    assert [each.label for each in codes if AGAINST_THE_RULES.search(each.label)] == []


@EVERY_LIST
def test_every_code_has_words_of_its_own(codes: type[Coded]) -> None:
    labels = [each.label.strip() for each in codes]
    assert all(labels)
    assert len(set(labels)) == len(labels)


@EVERY_LIST
def test_the_working_phrase_is_never_a_code(codes: type[Coded]) -> None:
    assert [each for each in codes if WORKING_PHRASE.search(f"{each} {each.label}")] == []


@EVERY_INSTRUMENT
def test_every_word_of_an_instrument_keeps_the_wording_rules(instrument: Instrument) -> None:
    words = list(strings(canonical(instrument)))
    assert len(words) > 50
    assert [each for each in words if AGAINST_THE_RULES.search(each)] == []


@EVERY_INSTRUMENT
def test_no_item_carries_the_working_phrase_as_a_code(instrument: Instrument) -> None:
    codings = [item.code for item in instrument.items() if item.code]
    assert [each for each in codings if WORKING_PHRASE.search(f"{each.code} {each.display}")] == []


@pytest.mark.parametrize("codes", [AskedAnswer, NonAnswer])
def test_no_unsure_declined_not_asked_and_not_applicable_stay_apart(codes: type[Coded]) -> None:
    labels = {each.value: each.label for each in codes}
    wanted = {"declined", "unsure", "not_asked", "not_applicable"}
    assert wanted <= set(labels)
    assert {"no", "asked_no"} & set(labels)
    assert len(set(labels.values())) == len(labels)


@pytest.mark.parametrize(
    "words",
    ["The client is safe now", "Low risk", "No concerns today", "Cleared", "an addiction", "The victim", "Well done!"],
)
def test_the_rules_notice_what_they_are_for(words: str) -> None:
    assert AGAINST_THE_RULES.search(words)


@pytest.mark.parametrize("words", ["Is any copy safe to hold?", "Safety", "Asked; nothing new disclosed"])
def test_the_rules_leave_plain_words_alone(words: str) -> None:
    assert not AGAINST_THE_RULES.search(words)
