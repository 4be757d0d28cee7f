"""The OpenAPI document, and a page of it for reading. Both are about shapes only and need no account."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, current_app, json, make_response, render_template
from flask.wrappers import Response

from service.api.routes import PREFIX
from service.guard import public

page = Blueprint("api", __name__, url_prefix=PREFIX)
STATIC = "/static/reference"
JSON = "application/json"
NOTHING = "nothing"


@dataclass(frozen=True)
class NoForm:
    """A page that takes nothing has nothing to complain about."""

    message: str = ""
    fields: tuple[()] = ()
    both: tuple[()] = ()

    def errors_on(self, work: str = "") -> tuple[()]:
        return ()


@dataclass(frozen=True)
class Frame:
    """What templates/layout/error.html asks for."""

    page_task: str
    static: str = STATIC
    theme: str = ""
    form: NoForm = NoForm()


@dataclass(frozen=True)
class Operation:
    """One method of one address; `takes` and `gives` name schemas."""

    id: str
    method: str
    path: str
    summary: str
    parameters: tuple[tuple[str, str, str], ...]
    takes: str
    gives: str


@dataclass(frozen=True)
class Chapter:
    name: str
    description: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Shape:
    """One schema: (field, kind, limits, needed) of each field."""

    name: str
    fields: tuple[tuple[str, str, str, str], ...]


@page.get("/openapi.json")
@public("the shape of the API holds nothing of anybody")
def document() -> Response:
    return Response(json.dumps(_openapi()), mimetype=JSON)


@page.get("/docs")
@public("the shape of the API holds nothing of anybody")
def docs() -> Response:
    """The document as a page, drawn here and without script."""
    found = _openapi()
    chapters, shapes = tuple(_chapters(found)), tuple(_shapes(found))
    info = found["info"]
    shown = render_template(
        "pages/api/docs.html", frame=Frame(info["title"]), about=info["description"], chapters=chapters, shapes=shapes
    )
    return make_response(shown)


def _openapi() -> dict[str, Any]:
    return cast(dict[str, Any], current_app.extensions["stepwell.openapi"](current_app))


def _chapters(document: Mapping[str, Any]) -> Iterator[Chapter]:
    for tag in document["tags"]:
        operations = tuple(each for each, name in _operations(document) if name == tag["name"])
        yield Chapter(tag["name"], tag["description"], operations)


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[Operation, str]]:
    for path, methods in document["paths"].items():
        shared = methods.get("parameters", [])
        for method, told in methods.items():
            if method != "parameters":
                yield _operation(method, path, told, shared), told["tags"][0]


def _operation(method: str, path: str, told: Mapping[str, Any], shared: list[Any]) -> Operation:
    return Operation(
        id=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told.get("summary", ""),
        parameters=tuple(_parameter(each) for each in (*shared, *told.get("parameters", []))),
        takes=_body(told.get("requestBody", {})),
        gives=next((f"{code} {_body(each)}" for code, each in told["responses"].items() if code.startswith("2")), ""),
    )


def _parameter(told: Mapping[str, Any]) -> tuple[str, str, str]:
    return told["name"], told["in"], _kind(told["schema"])


def _body(told: Mapping[str, Any]) -> str:
    schema = told.get("content", {}).get(JSON, {}).get("schema")
    return _kind(schema) if schema else NOTHING


def _shapes(document: Mapping[str, Any]) -> Iterator[Shape]:
    for name, schema in sorted(document["components"]["schemas"].items()):
        needed = schema.get("required", [])
        yield Shape(
            name,
            tuple(
                (field, _kind(told), _limits(told), "yes" if field in needed else "")
                for field, told in schema.get("properties", {}).items()
            ),
        )


def _kind(schema: Mapping[str, Any]) -> str:
    """The kind in a word or two: `string`, `list of Goal`, `string or null`."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    kind = schema.get("type", "any")
    kind = " or ".join(kind) if isinstance(kind, list) else str(kind)
    if kind == "array":
        return f"list of {_kind(schema['items'])}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"{kind} of {_kind(schema['additionalProperties'])}"
    return f"{kind} ({schema['format']})" if "format" in schema else kind


def _limits(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(str(each) for each in schema["enum"] if each is not None)
    named = {"minimum": "from", "maximum": "to", "minLength": "at least", "maxLength": "at most"}
    return " ".join(f"{word} {schema[key]}" for key, word in named.items() if key in schema)
