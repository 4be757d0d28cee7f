"""Whom the text of a record names, cut out of it and not parsed."""

import orjson

from service.fhir.everything import mentioned_in

PRACTICE, LONGEST = "practice-1", "a" * 64


def text_with(*references: str) -> bytes:
    return b"".join(orjson.dumps({"actor": {"reference": each, "display": "M. Okafor"}}) for each in references)


def test_people_and_their_roles_are_told_apart() -> None:
    found = mentioned_in(
        text_with("Practitioner/one", f"Practitioner/{LONGEST}", "PractitionerRole/one-role", "Practitioner/one"),
        PRACTICE,
    )
    assert found == {
        "Practitioner": {"one", LONGEST},
        "PractitionerRole": {"one-role"},
        "Organization": frozenset(),
    }


def test_the_longest_role_is_named_whole_and_the_practice_by_its_own_id() -> None:
    found = mentioned_in(text_with(f"PractitionerRole/{LONGEST}", "Organization/other"), PRACTICE)
    assert found["PractitionerRole"] == {LONGEST}
    assert found["Organization"] == {PRACTICE}


def test_a_type_alone_names_nobody() -> None:
    assert not any(mentioned_in(b'{"resourceType":"Practitioner","type":"PractitionerRole"}', PRACTICE).values())
