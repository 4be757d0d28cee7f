"""Scopes of connected systems: what can be written, what is granted of it, and what a token with it reaches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.scopes import Scope, allows, granted, in_words, read_scopes
from service.errors import Invalid

TYPES = ("Patient", "Observation", "QuestionnaireResponse")
SCOPES = st.builds(Scope, st.sampled_from(("*", *TYPES)), st.sampled_from(("r", "s", "rs")))


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("system/*.rs", "system/*.rs"),
        ("system/Patient.read", "system/Patient.rs"),
        ("system/*.*", "system/*.rs"),
        ("system/Patient.cruds", "system/Patient.rs"),
        ("system/Patient.r system/Patient.r", "system/Patient.r"),
        ("system/QuestionnaireResponse.c", "system/QuestionnaireResponse.c"),
        ("system/QuestionnaireResponse.cruds", "system/QuestionnaireResponse.crs"),
        ("system/QuestionnaireResponse.*", "system/QuestionnaireResponse.rs"),
        ("system/*.cruds", "system/*.rs"),
    ],
)
def test_what_can_be_asked_for(text: str, meant: str) -> None:
    assert in_words(read_scopes(text, TYPES)) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "patient/Patient.rs",
        "user/*.rs",
        "system/Patient.sr",
        "system/Patient.",
        "system/Patient.cud",
        "system/Patient.c",
        "system/*.c",
        "system/Patient.write",
        "system/Observation.rs?category=survey",
        "system/Unheard.rs",
        "openid system/*.rs",
        "system/*.rs\u0000",
        "system/*.rs " * 400,
    ],
)
def test_what_cannot(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_scopes(text, TYPES)
    assert list(refused.value.fields) == ["scope"]


@given(st.sets(SCOPES), st.sets(SCOPES))
def test_what_is_granted_was_asked_for_and_is_registered(asked: set[Scope], registered: set[Scope]) -> None:
    given_text = in_words(granted(asked, registered))
    for resource_type in (*TYPES, "Encounter"):
        for right in "rs":
            both = allows(in_words(asked), resource_type, right) and allows(in_words(registered), resource_type, right)
            assert allows(given_text, resource_type, right) == both


def test_no_scope_reaches_nothing() -> None:
    assert not allows("", "Patient", "r")
    assert not allows("system/Patient.s", "Patient", "r")


@pytest.mark.parametrize("registered", ["system/*.rs", "system/*.cruds", "system/QuestionnaireResponse.*"])
def test_to_create_is_granted_only_where_it_was_registered_by_name(registered: str) -> None:
    asked = read_scopes("system/QuestionnaireResponse.crs system/*.cruds", TYPES)
    assert not allows(in_words(granted(asked, read_scopes(registered, TYPES))), "QuestionnaireResponse", "c")
    named = read_scopes(f"{registered} system/QuestionnaireResponse.c", TYPES)
    assert allows(in_words(granted(asked, named)), "QuestionnaireResponse", "c")
    assert not allows(in_words(granted(read_scopes("system/*.*", TYPES), named)), "QuestionnaireResponse", "c")


def test_a_wildcard_never_reaches_creating() -> None:
    assert not allows("system/*.crs", "QuestionnaireResponse", "c")
