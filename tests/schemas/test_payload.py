"""Payloads refuse what they do not know, replacements want everything, and complaints come on one level."""

from typing import Any

import pytest
from marshmallow import Schema, ValidationError

from schemas import accounts, cases, intakes, notes, safety_plans, sessions
from schemas.payload import Page, Payload, Replacement, flat
from service.casework.goals import GoalDraft
from service.casework.sessions import SessionDraft
from service.domain.cases import (
    ChannelPreference,
    Client,
    ContactPreferences,
    OtherPerson,
    Presentation,
    RecordSafetyCheck,
)

ROOMS = (accounts, cases, intakes, notes, safety_plans, sessions)
SCHEMAS = sorted(
    {each for room in ROOMS for each in vars(room).values() if isinstance(each, type) and issubclass(each, Payload)},
    key=lambda each: each.__name__,
)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda each: each.__name__)
def test_every_schema_refuses_fields_it_does_not_know(schema: type[Schema]) -> None:
    with pytest.raises(ValidationError) as caught:
        schema().load({"practice_id": "x"})
    assert flat(caught.value.messages)["practice_id"] == "There is no such field."


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("body", [[], "text", 3, None, [{}]], ids=str)
def test_every_schema_refuses_what_is_no_object(schema: type[Schema], body: Any) -> None:
    with pytest.raises(ValidationError):
        schema().load(body)


@pytest.mark.parametrize(
    "schema", [each for each in SCHEMAS if issubclass(each, Replacement) and each is not Replacement]
)
def test_a_replacement_misses_each_field_that_is_left_out(schema: type[Schema]) -> None:
    with pytest.raises(ValidationError) as caught:
        schema().load({})
    assert set(flat(caught.value.messages)) == set(schema().fields) - {"version"}


@pytest.mark.parametrize(
    ("schema", "draft"),
    [
        (cases.ClientSchema, Client),
        (cases.ContactSchema, ContactPreferences),
        (cases.ChannelSchema, ChannelPreference),
        (cases.RecordSafetySchema, RecordSafetyCheck),
        (cases.OtherPersonSchema, OtherPerson),
        (cases.PresentationSchema, Presentation),
        (cases.GoalSchema, GoalDraft),
        (sessions.SessionSchema, SessionDraft),
    ],
)
def test_a_payload_has_exactly_the_fields_of_its_draft(schema: type[Schema], draft: Any) -> None:
    assert set(schema().fields) == set(draft.__dataclass_fields__)


def test_complaints_come_on_one_level_with_dotted_names() -> None:
    nested = {
        "channels": {0: {"channel": ["Choose."]}},
        "_schema": ["Give an object."],
        "lines": {"a": {"text": ["Long."]}},
    }
    assert flat(nested) == {"channels.0.channel": "Choose.", "body": "Give an object.", "lines.a.text": "Long."}


def test_a_channel_is_named_once() -> None:
    with pytest.raises(ValidationError) as caught:
        cases.ContactSchema().load({"channels": [{"channel": "phone"}, {"channel": "phone"}]})
    assert flat(caught.value.messages) == {"channels": "Name each channel once."}


def test_a_page_starts_at_the_first_and_stays_small() -> None:
    assert Page().load({}) == {"page": 1, "page_size": 50}
    with pytest.raises(ValidationError):
        Page().load({"page_size": "201"})


def test_a_field_may_be_called_key_or_value() -> None:
    with pytest.raises(ValidationError) as caught:
        cases.ContactSchema().load({"channels": [{"channel": "phone", "value": 3, "key": 1}]})
    assert set(flat(caught.value.messages)) == {"channels.0.value", "channels.0.key"}


def test_a_complaint_about_a_chosen_key_stands_under_it() -> None:
    lines = {"delay": {"text": 3}, "bag\nplace": {}, "pets": "dog"}
    with pytest.raises(ValidationError) as caught:
        safety_plans.PlanSchema().load({"lines": lines, "made_with_client": True, "private_session": True})
    assert set(flat(caught.value.messages)) == {"lines.delay.text", "lines.bag\nplace", "lines.pets"}
