"""P3: no column can be set that is not offered, and no field comes out that is not listed."""

# mypy: disable-error-code="index,union-attr,return-value,arg-type,misc,operator"
# What a test client reads may be None to its types; a test that meets None fails by itself.

from dataclasses import asdict
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.store.base import Base
from tests import builders
from tests.api import bodies
from tests.api.conftest import Furnished
from tests.api.test_bad_input import DOORS, send
from tests.builders import House

INTERNAL = frozenset({"practice_id", "password_hash", "totp_secret", "token_hash"})


def columns() -> set[str]:
    return {column.name for table in Base.metadata.tables.values() for column in table.columns}


@pytest.mark.parametrize("door", DOORS)
def test_no_column_can_be_set_through_a_body_that_does_not_offer_it(
    app: Flask, client: FlaskClient, furnished: Furnished, door: str
) -> None:
    good = DOORS[door][2]
    offered = set(good) | {"version", "opened_on", "session_id", "instrument_key", "instrument_version"}
    offered |= {"state"} if door == "case" else set()
    before = bodies.stored(app)
    smuggled = dict.fromkeys(columns() - offered, "1")
    answer = send(client, furnished, door, good | smuggled)
    assert answer.status_code == 422
    assert set(smuggled) <= set(answer.json["errors"])
    assert {answer.json["errors"][name] for name in smuggled} == {"There is no such field."}
    assert bodies.stored(app) == before


def test_every_answer_holds_the_documented_fields_and_no_internal_ones(
    app: Flask, client: FlaskClient, furnished: Furnished, house: House
) -> None:
    document = client.get("/api/v1/openapi.json").json
    with app.app_context():
        ids = asdict(furnished) | {
            "supervision_id": builders.add_meeting(house.therapist, house.supervisor).id,
            "summary_id": builders.add_summary(house.therapist, furnished.case_id).id,
        }
    seen = 0
    for path, methods in document["paths"].items():
        if "get" not in methods or not is_mine(path):
            continue
        answer = client.get(
            path.format_map(
                ids
                | {
                    "instrument_key": "wsl",
                    "form_key": "wsl",
                    "form_version": "1.0.0",
                    "client_id": house.machine.user_id,
                }
            )
        )
        schema = methods["get"]["responses"]["200"].get("content", {}).get("application/json", {}).get("schema")
        if answer.status_code == 200 and schema:
            check(document, schema, answer.json, path)
            seen += 1
    assert seen > 15


def is_mine(path: str) -> bool:
    return "export" not in path


def check(document: dict[str, Any], schema: dict[str, Any], value: Any, where: str) -> None:
    """Every key of `value` is named by `schema`, at every level."""
    schema = resolved(document, schema)
    if isinstance(value, list):
        for each in value:
            check(document, schema["items"], each, where)
    elif isinstance(value, dict) and "properties" in schema:
        assert set(value) <= set(schema["properties"]), where
        assert not INTERNAL & set(value), where
        for name, inner in value.items():
            check(document, schema["properties"][name], inner, f"{where} {name}")


def resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" in schema:
        schema = next(each for each in schema["anyOf"] if each.get("type") != "null")
    name = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"][name] if name else schema
