"""The OpenAPI 3.1 document of the JSON edge, read off its declared routes by flask-smorest.

Rule: loaded when somebody asks for the document. Answering needs none of it, and it brings YAML and a second parser.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, cast

from flask import Flask
from flask_smorest import Api, Blueprint

from schemas.payload import Problem
from service.api.problems import MEDIA_TYPE
from service.api.routes import PREFIX, IdConverter, Route, Routes
from service.guard import CSRF_HEADER

TITLE = "Stepwell JSON API"
ABOUT = (
    "People reach it with the cookie of their sign-in; a change also needs the token of GET /api/v1/account in the "
    f"header {CSRF_HEADER}. Connected systems send a bearer token and reach FHIR data only. A versioned record goes "
    "out with an ETag; a change sends that version back, as `version` or as If-Match, and an outdated one answers 409 "
    "with both texts. A list answers with X-Total-Count and Link. Every failure is application/problem+json and names "
    "the field."
)


class JsonApi(Api):  # type: ignore[misc]  # flask-smorest ships no types
    """flask-smorest without its error handler: service/app.py asks service/api/problems.py for our addresses only."""

    def _register_error_handlers(self) -> None:
        return

    def _register_responses(self) -> None:
        told = {status.name: status.phrase for status in HTTPStatus} | {self.DEFAULT_ERROR_RESPONSE_NAME: "A problem"}
        for name, phrase in told.items():
            content = {MEDIA_TYPE: {"schema": Problem}}
            self.spec.components.response(name, {"description": phrase, "content": content}, lazy=True)

    def _register_pagination_header(self) -> None:
        return


def document(app: Flask, nouns: Sequence[Routes]) -> dict[str, Any]:
    """Every declared route of these nouns, with its shapes."""
    api = JsonApi(
        spec_kwargs={"title": TITLE, "version": "1", "openapi_version": "3.1.0", "info": {"description": ABOUT}}
    )
    api.register_converter(IdConverter, lambda _converter: {"type": "string", "format": "uuid"})
    api.init_app(app)
    for noun in nouns:
        edge = described(noun)
        edge.register_views_in_doc(api, app, api.spec, name=edge.name, parameters=None)
    made = cast(dict[str, Any], api.spec.to_dict())
    made["tags"] = [{"name": each.noun, "description": each.description} for each in nouns]
    made["components"]["securitySchemes"] = {
        "signed_in": {"type": "apiKey", "in": "cookie", "name": "stepwell"},
        "form_token": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
        "bearer": {"type": "http", "scheme": "bearer"},
    }
    made["security"] = [{"signed_in": [], "form_token": []}, {"bearer": []}]
    return made


def described(noun: Routes) -> Blueprint:
    """A blueprint of flask-smorest with the same routes; it only describes and never answers."""
    edge = Blueprint(noun.blueprint.name, __name__, url_prefix=PREFIX)
    for each in noun.declared:
        edge.route(each.path, methods=[each.method], tags=[noun.noun])(_told(edge, each))
    return edge


def _told(edge: Blueprint, route: Route) -> Any:
    view = edge.doc(operationId=route.view.__name__)(route.view)
    given = getattr(route.view, "__given__", None)
    if given is not None:
        schema, location = given
        view = edge.arguments(schema, location=location)(view)
    return edge.response(route.status, route.gives() if route.gives else None)(view)
