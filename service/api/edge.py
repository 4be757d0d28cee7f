"""Puts the JSON edge on the application: routes, problems, and the OpenAPI document read off the routes.

Rule: a route names its action, parses with a schema, calls one verb and dumps with a schema. Nothing is decided here.
"""

import importlib
from typing import Any, cast

from flask import Flask

from service.api import (
    bulk,
    cases,
    circumstances,
    conflicts,
    contact_plans,
    diagnoses,
    docs,
    episodes,
    events,
    exports,
    fhir,
    fhir_operations,
    fhir_writes,
    forms,
    handovers,
    health,
    intakes,
    lists,
    machine_clients,
    networks,
    note_life,
    people,
    plans,
    problems,
    programmes,
    proxies,
    releases,
    requests,
    reviews,
    schedules,
    sessions,
    smart,
    summaries,
    supervision_records,
    system_links,
    takeovers,
    timeline,
    toolkits,
    walls,
)
from service.api.routes import PREFIX, IdConverter

NOUNS = (
    lists,
    cases,
    circumstances,
    conflicts,
    diagnoses,
    episodes,
    sessions,
    note_life,
    intakes,
    forms,
    schedules,
    handovers,
    plans,
    programmes,
    contact_plans,
    toolkits,
    networks,
    events,
    people,
    machine_clients,
    exports,
    proxies,
    takeovers,
    summaries,
    supervision_records,
    system_links,
    releases,
    reviews,
    timeline,
    requests,
    walls,
)


def register(app: Flask) -> None:
    """Add every route of the JSON edge to `app`."""
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.converters["id"] = IdConverter
    for noun in NOUNS:
        app.register_blueprint(noun.routes.blueprint)
    app.extensions["stepwell.openapi"] = openapi
    app.extensions["stepwell.problems"][f"{PREFIX}/"] = problems.answer
    app.register_blueprint(docs.page)
    health.register(app)
    fhir.register(app, fhir_operations, fhir_writes)
    smart.register(app)
    bulk.register(app)


def openapi(app: Flask) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the JSON edge, made when first asked for: most workers are never asked."""
    made = app.extensions.setdefault("stepwell.openapi_documents", [])
    if not made:
        declared = [noun.routes for noun in NOUNS]
        made.append(importlib.import_module("service.api.openapi").document(app, declared))
    return cast(dict[str, Any], made[0])
