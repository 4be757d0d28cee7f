"""The FHIR edge under the weight of its own shelf, as each role: no failure of ours, and FHIR whatever the answer.

The description that schemathesis walks is made of RESOURCES, so a new type or parameter is in the walk as soon as it
is on the shelf.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from schemas.vocabulary import AssignmentKind
from service.domain.actors import Actor
from service.fhir import RESOURCES, Shelved
from service.fhir.parameters import DATE, PATIENT
from service.store import cases
from service.store.base import db
from tests.api.conftest import Furnished
from tests.api.test_fhir import BASE
from tests.api.test_fuzz import CREDENTIALS, QUIET, Drawn, credentials, requests_for
from tests.builders import House

Json = dict[str, Any]
FEW = hypothesis_settings(QUIET, max_examples=4)
# (role, whether it may find anything at all)
ROLES = (("therapist", True), ("supervisor", True), ("machine", True), ("admin", False))
AN_ID = "^[A-Za-z0-9.-]{1,64}$"
RESULTS = ("_count", "_sort", "_include", "_revinclude", "_summary", "_elements", "_cursor", "_lastUpdated:missing")
OPERATIONS = (
    ("post", "", True),
    ("post", "/QuestionnaireResponse", True),
    ("post", "/Encounter/$validate", True),
    ("post", "/QuestionnaireResponse/$extract", True),
    ("post", "/Questionnaire/$populate", True),
    ("get", "/Questionnaire/$questionnaire-package", False),
    ("get", "/DocumentReference/$docref", False),
    ("get", "/Patient/{id}/$everything", False),
)


def described() -> Json:
    """An OpenAPI document of the edge."""
    paths: dict[str, Json] = {}
    for shelved in RESOURCES.values():
        read = {"get": {"parameters": [_in_path("id")], "responses": {}}}
        paths[f"{BASE}/{shelved.type}/{{id}}"] = read
        paths[f"{BASE}/{shelved.type}/{{id}}/_history"] = read
        if shelved.searchable:
            paths[f"{BASE}/{shelved.type}"] = {"get": {"parameters": list(_asked(shelved)), "responses": {}}}
    for method, path, has_body in OPERATIONS:
        body = {"requestBody": {"content": {"application/fhir+json": {"schema": _BODY}}}} if has_body else {}
        given = (
            [_in_path("id")]
            if "{" in path
            else [_in_query(each) for each in ("patient", "_type", "start", "questionnaire")]
        )
        paths.setdefault(BASE + path, {})[method] = {"parameters": given, "responses": {}, **body}
    return {"openapi": "3.1.0", "info": {"title": "FHIR", "version": "4.0.1"}, "paths": paths}


_BODY: Json = {
    "type": "object",
    "properties": {
        "resourceType": {"enum": ["Bundle", "QuestionnaireResponse", "Encounter", "Parameters"]},
        "type": {"enum": ["batch", "transaction", "collection"]},
        "status": {"enum": ["completed", "in-progress", "finished"]},
        "questionnaire": {"enum": ["https://stepwell.example/Questionnaire/wsl", "x"]},
        "subject": {"type": "object", "properties": {"reference": {"type": "string"}}},
        "item": {"type": "array", "items": {"type": "object", "properties": {"linkId": {"type": "string"}}}},
        "parameter": {"type": "array", "items": {"type": "object", "properties": {"name": {"enum": ["subject"]}}}},
        "entry": {
            "type": "array",
            "maxItems": 3,
            "items": {
                "type": "object",
                "properties": {
                    "request": {
                        "type": "object",
                        "properties": {"method": {"enum": ["GET", "POST"]}, "url": {"type": "string"}},
                        "required": ["method", "url"],
                    }
                },
            },
        },
    },
    "required": ["resourceType"],
}


def _asked(shelved: Shelved) -> list[Json]:
    names = [(each.name, each.kind) for each in shelved.parameters] + [(each, "") for each in RESULTS]
    return [_in_query(name, kind) for name, kind in names]


def _in_query(name: str, kind: str = "") -> Json:
    is_id = kind == PATIENT or name in ("patient", "_id")
    shape = {"type": "string", **({"format": "date"} if kind == DATE else {"pattern": AN_ID} if is_id else {})}
    return {"name": name, "in": "query", "required": kind == PATIENT, "schema": shape}


def _in_path(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": AN_ID}}


@pytest.fixture(scope="module")
def drawn() -> list[Drawn]:
    """What every role sends."""
    return requests_for(described(), FEW, st.tuples(st.booleans(), st.booleans()))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("role", "finds"), ROLES)
def test_no_fhir_request_of_any_role_ends_in_an_unknown_failure(
    app: Flask,
    house: House,
    furnished: Furnished,
    sign_in: Callable[[Actor], FlaskClient],
    drawn: list[Drawn],
    role: str,
    finds: bool,
) -> None:
    with app.app_context():
        cases.assign(furnished.case_id, house.machine.user_id, AssignmentKind.LINKED)
        db.session.commit()
    headers, cookies = credentials(house, sign_in, role)
    found: list[int] = []

    def send(case: Any, *, is_real: bool, alone: bool) -> None:
        if is_real:
            case.path_parameters = dict.fromkeys(case.path_parameters or {}, furnished.case_id)
            case.query = about(case.query or {}, furnished.case_id, alone=alone)
        for made_up in CREDENTIALS:
            (case.headers or {}).pop(made_up, None)
        case.cookies = {}
        response = case.call(app=app, headers=headers, cookies=cookies)
        assert response.status_code < 500, (case.method, case.formatted_path, case.query, case.body, response.text)
        found.append(entries_in(response))

    for case, (is_real, alone) in drawn:
        send(case, is_real=is_real, alone=alone)
    assert (sum(found) > 0) is finds
    assert len(found) > 8 * len(RESOURCES)


def entries_in(response: Any) -> int:
    """How many resources came; each is labelled, and whatever came is FHIR."""
    if response.status_code == 304 or ("Binary" in response.request.url and response.status_code == 200):
        return 0
    assert response.headers["content-type"][0].startswith("application/fhir+json"), response.text
    told = response.json()
    if response.status_code >= 400:
        assert told["resourceType"] == "OperationOutcome"
        return 0
    entries = [each["resource"] for each in told.get("entry", []) if "resource" in each]
    assert all(each["meta"]["security"] for each in entries if each["resourceType"] not in ("Questionnaire",))
    return len(entries)


def about(query: Mapping[str, Any], case_id: str, *, alone: bool) -> Json:
    """A search of this client, with or without whatever else was made up."""
    names = [name for name in ("patient", "_id") if name in query or alone]
    return {**({} if alone else query), **dict.fromkeys(names[:1], case_id)}
