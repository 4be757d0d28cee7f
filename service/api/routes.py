"""How a route of the JSON edge is declared, around flask-smorest: first the guard, then body, verb and dump.

    routes = Routes("Goals", "What the client wants to reach, in the client's words.")

    @routes.post("/cases/<id:case_id>/goals", GoalRecord, status=201)
    @needs(Action.GOAL_WRITE)
    @takes(GoalSchema)
    def add_goal(given: Given, case_id: str) -> Goal:
        '''Add a goal.'''
        return cases.save_goal(current_actor(), case_id, GoalDraft(**given))

A record with a version goes out with ETag W/"version"; a change sends that version back, as the field `version` or as
If-Match.
"""

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import urlencode

from flask import request
from flask.wrappers import Request
from flask_smorest import Api, Blueprint
from marshmallow import Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.routing import BaseConverter

from schemas.payload import Problem, flat
from service.api.problems import MEDIA_TYPE
from service.api.reader import Malformed, named, read_json
from service.errors import Invalid

PREFIX = "/api/v1"
LOOK_AGAIN = "Some of this cannot be taken as it is."
Given = dict[str, Any]
P = ParamSpec("P")
R = TypeVar("R")
View = Callable[P, R]
_SEEN = re.compile(r'(?:W/)?"([1-9][0-9]{0,9})"')


class IdConverter(BaseConverter):
    """Ids in an address: lower-case UUIDs, so that nothing else reaches the database."""

    regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


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


class Reader(FlaskParser):
    """webargs with our own JSON reader; every complaint becomes Invalid."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {}  # noqa: RUF012 - the schemas decide, and they refuse

    def load_json(self, req: Request, schema: Schema) -> object:
        return read_json(req)

    def load_querystring(self, req: Request, schema: Schema) -> dict[str, str]:
        several = next((name for name, values in req.args.lists() if len(values) > 1), None)
        if several is not None:
            raise Malformed("This is given twice.", named(several))
        return req.args.to_dict()

    def handle_error(self, error: ValidationError, req: Request, schema: Schema, **_: object) -> Any:
        by_location = cast(Mapping[str, Any], error.messages)
        raise Invalid(LOOK_AGAIN, {key: text for part in by_location.values() for key, text in flat(part).items()})


class Arguments(Blueprint):  # type: ignore[misc]  # flask-smorest ships no types
    ARGUMENTS_PARSER = Reader()


_arguments = Arguments("arguments", __name__)


def takes(schema: type[Schema]) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Hand the JSON body, read by `schema`, to the view as its first argument."""

    def around(view: Callable[..., R]) -> Callable[..., R]:
        return cast(Callable[..., R], _arguments.arguments(schema, location="json")(view))

    return around


def asks(schema: type[Schema]) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Hand the values after the question mark, read by `schema`, to the view as its first argument."""

    def around(view: Callable[..., R]) -> Callable[..., R]:
        return cast(Callable[..., R], _arguments.arguments(schema, location="query")(view))

    return around


@dataclass(frozen=True)
class Listed:
    """One page of a list, and how long the list is."""

    rows: Sequence[object]
    total: int
    page: int
    page_size: int


def listed(rows: Sequence[object], asked: Given) -> Listed:
    """The part of `rows` that was asked for (schemas.payload.Page)."""
    page, size = asked["page"], asked["page_size"]
    return Listed(rows[(page - 1) * size : page * size], len(rows), page, size)


class Routes:
    """The routes of one noun; the noun is their heading in the documentation."""

    def __init__(self, noun: str, description: str) -> None:
        self.noun, self.description = noun, description
        self.blueprint = Arguments(f"api_{noun.lower()}", __name__, url_prefix=PREFIX)

    def get(
        self, path: str, gives: type[Schema] | None = None, *, many: bool = False
    ) -> Callable[[View[P, R]], View[P, R]]:
        return self._route("GET", path, gives, many=many)

    def post(
        self, path: str, gives: type[Schema] | None = None, *, many: bool = False, status: int = 200
    ) -> Callable[[View[P, R]], View[P, R]]:
        return self._route("POST", path, gives, many=many, status=status)

    def put(
        self, path: str, gives: type[Schema] | None = None, *, status: int = 200
    ) -> Callable[[View[P, R]], View[P, R]]:
        return self._route("PUT", path, gives, status=status)

    def delete(self, path: str) -> Callable[[View[P, R]], View[P, R]]:
        return self._route("DELETE", path, None, status=204)

    def _route(
        self, method: str, path: str, gives: type[Schema] | None, *, many: bool = False, status: int = 200
    ) -> Callable[[View[P, R]], View[P, R]]:
        def declared(view: View[P, R]) -> View[P, R]:
            edge = self.blueprint
            shape = gives(many=many) if gives else None
            documented = edge.doc(operationId=view.__name__)(_with_headers(view))
            documented = edge.response(status, shape)(documented)
            edge.route(path, methods=[method], tags=[self.noun])(documented)
            return view

        return declared


def seen(given: Given) -> int:
    """Take the version that the sender saw out of the payload, or from If-Match. Raises Invalid."""
    version = seen_or_none(given)
    if version is None:
        raise Invalid(LOOK_AGAIN, {"version": "Send the version that you saw, here or as If-Match."})
    return version


def seen_or_none(given: Given) -> int | None:
    """The same for a first save, which has seen none."""
    typed: int | None = given.pop("version", None)
    header = request.headers.get("If-Match")
    if header is None:
        return typed
    match = _SEEN.fullmatch(header.strip())
    if match is None:
        raise Invalid(LOOK_AGAIN, {"If-Match": 'Send one version, such as W/"3".'})
    if typed is not None and typed != int(match[1]):
        raise Invalid(LOOK_AGAIN, {"version": "This differs from If-Match."})
    return int(match[1])


def _with_headers(view: View[P, R]) -> Callable[P, Any]:
    """Add ETag to a record with a version, and total and links to a page of a list."""

    @functools.wraps(view)
    def answered(*args: P.args, **kwargs: P.kwargs) -> Any:
        result: Any = view(*args, **kwargs)
        if isinstance(result, Listed):
            return list(result.rows), {"X-Total-Count": str(result.total), **_links(result)}
        if isinstance(result, tuple):
            return list(result)
        version = getattr(result, "version", None)
        return (result, {"ETag": f'W/"{version}"'}) if isinstance(version, int) else result

    return answered


def _links(shown: Listed) -> dict[str, str]:
    last = max(1, -(-shown.total // shown.page_size))
    wanted = {"first": 1, "prev": shown.page - 1, "next": shown.page + 1, "last": last}
    links = [f'<{_address(page)}>; rel="{rel}"' for rel, page in wanted.items() if 1 <= page <= last]
    return {"Link": ", ".join(links)}


def _address(page: int) -> str:
    return f"{request.path}?{urlencode({**request.args, 'page': page})}"
