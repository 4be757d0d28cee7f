"""How a route of the JSON edge is declared: first the guard, then body, verb and dump.

    routes = Routes("Goals", "What the client wants to reach, in the client's words.")

    @routes.post("/cases/<id:case_id>/goals", GoalRecord, status=201)
    @needs(Action.GOAL_WRITE)
    @takes(GoalSchema)
    def add_goal(given: Given, case_id: str) -> Goal:
        '''Add a goal.'''
        return goals.save_goal(current_actor(), case_id, GoalDraft(**given))

A record with a version goes out with ETag W/"version"; a change sends that version back, as the field `version` or as
If-Match. service/api/openapi.py reads the declarations when somebody asks for the document.
"""

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import urlencode

from flask import Blueprint, jsonify, request
from flask.wrappers import Request, Response
from marshmallow import Schema, ValidationError
from werkzeug.routing import BaseConverter

from schemas.payload import flat
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


@dataclass(frozen=True)
class Route:
    """A declared route, for service/api/openapi.py. `status` and `gives` tell what comes when all goes well."""

    method: str
    path: str
    view: Callable[..., Any]
    gives: Callable[[], Schema] | None
    status: int


def takes(schema: type[Schema]) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Hand the JSON body, read by `schema`, to the view as its first argument."""
    return _given(schema, "json", read_json)


def asks(schema: type[Schema]) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Hand the values after the question mark, read by `schema`, to the view as its first argument."""
    return _given(schema, "query", _asked)


def _given(
    schema: type[Schema], location: str, read: Callable[[Request], object]
) -> Callable[[Callable[..., R]], Callable[..., R]]:
    shape = functools.cache(schema)

    def around(view: Callable[..., R]) -> Callable[..., R]:
        @functools.wraps(view)
        def filled(*args: Any, **kwargs: Any) -> R:
            return view(_loaded(shape(), read(request)), *args, **kwargs)

        filled.__given__ = (schema, location)  # type: ignore[attr-defined]
        return filled

    return around


def _loaded(shape: Schema, sent: object) -> Given:
    try:
        return cast(Given, shape.load(cast(Mapping[str, Any], sent)))
    except ValidationError as error:
        raise Invalid(LOOK_AGAIN, flat(error.messages)) from error


def _asked(asked: Request) -> dict[str, str]:
    several = next((name for name, values in asked.args.lists() if len(values) > 1), None)
    if several is not None:
        raise Malformed("This is given twice.", named(several))
    return asked.args.to_dict()


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
        self.blueprint = Blueprint(f"api_{noun.lower()}", __name__, url_prefix=PREFIX)
        self.declared: list[Route] = []

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
            shape = functools.cache(functools.partial(gives, many=many)) if gives else None
            self.declared.append(Route(method, path, view, shape, status))
            answered = _answered(view, shape, status)
            self.blueprint.add_url_rule(path, view.__name__, answered, methods=[method])
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


def _answered(view: View[P, R], shape: Callable[[], Schema] | None, status: int) -> Callable[P, Response]:
    """The view with its result as JSON; a view may also give a finished response."""

    @functools.wraps(view)
    def answered(*args: P.args, **kwargs: P.kwargs) -> Response:
        result: Any = view(*args, **kwargs)
        if isinstance(result, Response):
            return result
        shown = result.rows if isinstance(result, Listed) else result
        response = jsonify(shape().dump(shown) if shape else shown)
        response.headers.extend(_headers(result))
        response.status_code = status
        return response

    return answered


def _headers(result: object) -> dict[str, str]:
    """ETag of a record with a version; total and links of a page of a list."""
    if isinstance(result, Listed):
        return {"X-Total-Count": str(result.total), **_links(result)}
    version = getattr(result, "version", None)
    return {"ETag": f'W/"{version}"'} if isinstance(version, int) else {}


def _links(shown: Listed) -> dict[str, str]:
    last = max(1, -(-shown.total // shown.page_size))
    wanted = {"first": 1, "prev": shown.page - 1, "next": shown.page + 1, "last": last}
    links = [f'<{_address(page)}>; rel="{rel}"' for rel, page in wanted.items() if 1 <= page <= last]
    return {"Link": ", ".join(links)}


def _address(page: int) -> str:
    return f"{request.path}?{urlencode({**request.args, 'page': page})}"
