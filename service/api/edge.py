"""Puts the JSON edge on the application: routes, problems, and the OpenAPI document read off the routes.

Rule: a route names its action, parses with a schema, calls one verb and dumps with a schema. Nothing is decided here.
"""

from typing import Any, cast

from flask import Flask

from service.api import cases, docs, exports, fhir, health, intakes, lists, people, plans, problems, sessions
from service.api.routes import PREFIX, IdConverter, JsonApi
from service.guard import CSRF_HEADER

NOUNS = (lists, cases, sessions, intakes, plans, people, exports)
TITLE = "Stepwell JSON API"
ABOUT = (
    "People reach it with the cookie of their sign-in; a change also needs the token of GET /api/v1/account in the "
    f"header {CSRF_HEADER}. Connected systems send a bearer token and reach FHIR data only. A versioned record goes "
    "out with an ETag; a change sends that version back, as `version` or as If-Match, and an outdated one answers 409 "
    "with both texts. A list answers with X-Total-Count and Link. Every failure is application/problem+json and names "
    "the field."
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
    fhir.register(app)


def openapi(app: Flask) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the JSON edge, made when first asked for: most workers are never asked."""
    made = app.extensions.setdefault("stepwell.openapi_documents", [])
    if not made:
        made.append(_document(app))
    return cast(dict[str, Any], made[0])


def _document(app: Flask) -> dict[str, Any]:
    api = JsonApi(
        spec_kwargs={"title": TITLE, "version": "1", "openapi_version": "3.1.0", "info": {"description": ABOUT}}
    )
    api.register_converter(IdConverter, lambda _converter: {"type": "string", "format": "uuid"})
    api.init_app(app)
    for noun in NOUNS:
        routes = noun.routes.blueprint
        routes.register_views_in_doc(api, app, api.spec, name=routes.name, parameters=None)
    document = cast(dict[str, Any], api.spec.to_dict())
    document["tags"] = [{"name": each.routes.noun, "description": each.routes.description} for each in NOUNS]
    document["components"]["securitySchemes"] = {
        "signed_in": {"type": "apiKey", "in": "cookie", "name": "stepwell"},
        "form_token": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
        "bearer": {"type": "http", "scheme": "bearer"},
    }
    document["security"] = [{"signed_in": [], "form_token": []}, {"bearer": []}]
    return document
