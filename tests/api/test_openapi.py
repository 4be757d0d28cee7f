"""The OpenAPI document is the approved one, names every route, and has a page that needs nothing from elsewhere.

After a wanted change: `flask --app service.app openapi > tests/golden/openapi.json`, then read the difference.
"""

# mypy: disable-error-code="index,union-attr,return-value,arg-type,misc,operator"
# What a test client reads may be None to its types; a test that meets None fails by itself.

import json
import re
from pathlib import Path
from typing import Any

from flask import Flask

from service.api.edge import openapi
from tests.web.markup import flaws

GOLDEN = Path(__file__).parents[1] / "golden" / "openapi.json"


def references(part: Any) -> set[str]:
    if isinstance(part, list):
        return {each for inner in part for each in references(inner)}
    if isinstance(part, dict):
        own = {part["$ref"]} if "$ref" in part else set()
        return own | {each for inner in part.values() for each in references(inner)}
    return set()


def test_the_document_is_the_approved_one(app: Flask) -> None:
    assert json.loads(json.dumps(openapi(app))) == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_the_document_is_served_to_anybody_and_says_3_1(app: Flask) -> None:
    served = app.test_client().get("/api/v1/openapi.json")
    assert (served.status_code, served.json["openapi"]) == (200, "3.1.0")
    assert served.json == json.loads(json.dumps(openapi(app)))


def test_every_route_of_the_edge_is_in_the_document(app: Flask) -> None:
    documented = {
        (method.upper(), path)
        for path, methods in openapi(app)["paths"].items()
        for method in methods
        if method != "parameters"
    }
    routes = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not (rule.endpoint or "").startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert documented == routes


def test_every_reference_leads_somewhere_and_every_name_is_used_once(app: Flask) -> None:
    document = openapi(app)
    for reference in references(document):
        part: Any = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]
    methods = [each for path in document["paths"].values() for each in path.items()]
    operations = [told for key, told in methods if key != "parameters"]
    ids = [told["operationId"] for told in operations]
    assert len(set(ids)) == len(ids)
    assert all(told["summary"] and told["tags"] for told in operations)


def test_every_body_refuses_fields_it_does_not_name(app: Flask) -> None:
    schemas = openapi(app)["components"]["schemas"]
    assert [name for name, schema in schemas.items() if schema.get("additionalProperties") is not False] == []


def test_the_page_holds_every_operation_and_schema_and_nothing_from_elsewhere(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/docs")
    html = answer.get_data(as_text=True)
    document = openapi(app)
    for methods in document["paths"].values():
        for key, told in methods.items():
            assert key == "parameters" or f'id="{told["operationId"]}"' in html
    assert all(f'id="schema-{name}"' in html for name in document["components"]["schemas"])
    assert re.findall(r"(?:src|href)=\"(?!/|#)", html) == []
    assert flaws(html) == []
