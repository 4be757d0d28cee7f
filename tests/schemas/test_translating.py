"""A form in another of its languages."""

import pytest

from schemas.instruments.translating import languages, translated
from schemas.instruments.withdrawal import WSL
from tests.forms import instrument_of

FORM = instrument_of("many-languages")


def test_the_forms_own_language_comes_first() -> None:
    assert languages(FORM) == ("en", "ar", "de", "pl")
    assert languages(WSL) == ()


@pytest.mark.parametrize("language", ["ar", "de", "pl"])
def test_words_change_and_nothing_else(language: str) -> None:
    found = translated(FORM, language)
    assert [item.key for item in found.items()] == [item.key for item in FORM.items()]
    assert found.item("rest").prompt != FORM.item("rest").prompt
    assert found.title != FORM.title
    before, after = FORM.item("rest").answer, found.item("rest").answer
    assert getattr(before, "codes", None) == getattr(after, "codes", None)
    assert before != after


def test_what_is_not_translated_stays_as_it_is() -> None:
    assert translated(FORM, "ar").item("who").prompt == FORM.item("who").prompt
    assert translated(FORM, "fr") is FORM
