"""The FHIR edge: one router over RESOURCES. https://hl7.org/fhir/R4/http.html

Rule: nothing is written. Every answer under /fhir/R4 is FHIR JSON, refusals too. Whatever the asker may not see answers
exactly as what does not exist.
"""

import base64
import re
import traceback
from collections.abc import Iterable
from email.utils import format_datetime
from types import ModuleType

import orjson
from flask import Blueprint, Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from schemas.actions import Action
from service.errors import Conflict, Invalid, NotAllowed, NotFound, NotOffered, StepwellError, Why
from service.fhir import RESOURCES, publish, reading, results
from service.fhir.capability import capability_statement
from service.fhir.outcome import outcome
from service.fhir.reading import Reading
from service.fhir.search import check_summary, read_query, strictly, values_in
from service.fhir.shapes import to_bytes
from service.fhir.subsets import subset
from service.guard import current_actor, needs, public, request_id

PREFIX = "/fhir/R4"
FHIR_JSON = "application/fhir+json"
CONTENT_TYPE = f"{FHIR_JSON}; charset=utf-8; fhirVersion=4.0"
_JSON = frozenset({FHIR_JSON, "application/json", "json", "text/json"})
_ANY = frozenset({"*/*", "application/*"})
_PLAIN = _JSON | _ANY
WAIT_SECONDS = 5
NO_HISTORY = (
    "Versions are told of one resource: Type/ID/_history. For what changed, search with _lastUpdated or export _since."
)
_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")
_HTTP = {
    400: ("invalid", "The request could not be read."),
    404: ("not-found", NotFound().message),
    405: ("not-supported", "This service is read-only: this address does not take this method."),
    406: ("not-supported", "Answers are FHIR JSON; ask for application/fhir+json."),
    413: ("too-long", "This is larger than Stepwell takes."),
}

fhir = Blueprint("fhir", __name__, url_prefix=PREFIX)


def register(app: Flask, *_more: ModuleType) -> None:
    """Add the edge; the modules that put further routes on it are named, so that they are loaded before."""
    app.register_blueprint(fhir)
    app.extensions["stepwell.problems"][PREFIX] = answer_problem


@fhir.get("/metadata")
@public("a connecting system reads what this server can do before it has a token; it holds no record")
def metadata() -> Response:
    return answer(to_bytes(capability_statement(publish.addresses())))


@fhir.get("/<resource_type>/<resource_id>")
@needs(Action.FHIR_READ)
def read(resource_type: str, resource_id: str) -> Response:
    return _resource(resource_type, resource_id)


@fhir.get("/<resource_type>/<resource_id>/_history/<number>")
@needs(Action.FHIR_READ)
def read_version(resource_type: str, resource_id: str, number: str) -> Response:
    if not re.fullmatch(r"[1-9]\d{0,8}", number):
        raise NotFound
    return _resource(resource_type, resource_id, int(number))


@fhir.get("/<resource_type>")
@needs(Action.FHIR_READ)
def search(resource_type: str) -> Response:
    return _search(resource_type, request.args.items(multi=True))


@fhir.post("/<resource_type>/_search")
@needs(Action.FHIR_READ)
def search_by_post(resource_type: str) -> Response:
    return _search(resource_type, [*request.args.items(multi=True), *request.form.items(multi=True)])


@fhir.get("/<resource_type>/<resource_id>/_history")
@needs(Action.FHIR_READ)
def history(resource_type: str, resource_id: str) -> Response:
    check_format()
    check_id(resource_id)
    return answer(reading.history(current_actor(), resource_type, resource_id, request.args.items(multi=True)))


@fhir.get("/_history")
@fhir.get("/<resource_type>/_history")
@needs(Action.FHIR_READ)
def whole_history(resource_type: str = "") -> Response:  # noqa: ARG001 - whatever the type
    """Not offered: versions are told of one resource."""
    raise WholeHistory


def answer_problem(error: Exception) -> Response:
    """The OperationOutcome for anything raised under /fhir/R4; a hidden record and a missing one give equal bytes."""
    if isinstance(error, StepwellError):
        return _refusal(error)
    if isinstance(error, HTTPException):
        return _http_refusal(error)
    places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    current_app.logger.error("unexpected %s, reference %s, at %s", type(error).__name__, request_id(), places[-6:])
    return answer(outcome("exception", f"This could not be done. Reference: {request_id()}"), 500)


def _refusal(error: StepwellError) -> Response:
    match error:
        case NotFound():
            return answer(outcome("not-found", error.message), 404)
        case NotAllowed(why=Why.SIGN_IN):
            asked_to_sign_in = answer(outcome("login", error.message), 401)
            asked_to_sign_in.headers["WWW-Authenticate"] = "Bearer"
            return asked_to_sign_in
        case NotAllowed(why=Why.TOO_MANY):
            asked_to_wait = answer(outcome("throttled", error.message), 429)
            asked_to_wait.headers["Retry-After"] = str(error.wait or WAIT_SECONDS)
            return asked_to_wait
        case NotAllowed():
            return answer(outcome("forbidden", error.message), 403)
        case Invalid():
            kind = "not-supported" if isinstance(error, NotOffered) else "invalid"
            return answer(outcome(kind, error.message, expression=next(iter(error.fields), "")), 400)
        case Conflict():
            return answer(outcome("conflict", error.message), 409)
        case _:
            return answer(outcome("transient", error.message), 503)


def _http_refusal(error: HTTPException) -> Response:
    """What the framework itself refuses: a method, a body that is too large, an address that is none."""
    code = error.code or 500
    known = _HTTP.get(code, ("processing", error.name))
    kind, text = ("not-supported", NO_HISTORY) if isinstance(error, WholeHistory) else known
    made = answer(outcome(kind, text), code)
    allowed = dict(error.get_headers()).get("Allow")
    if allowed:
        made.headers["Allow"] = allowed
    return made


class NotAcceptable(HTTPException):
    code = 406


class WholeHistory(HTTPException):
    code = 400


def _resource(resource_type: str, resource_id: str, version: int | None = None) -> Response:
    native = resource_type == "Binary" and _wants_text()
    if not native:
        check_format()
    check_id(resource_id)
    found = reading.read(current_actor(), resource_type, resource_id, version)
    made = _text(found.body) if native else answer(_part(resource_type, found.body))
    made.headers.add("ETag", f'W/"{found.version}"')
    if found.updated_at is not None:
        made.headers.add("Last-Modified", format_datetime(found.updated_at, usegmt=True))
    return _unchanged(made) if _knows(found) else made


def _part(resource_type: str, body: bytes) -> bytes:
    """The resource, or what of it was asked for. Raises Invalid."""
    if not request.environ.get("QUERY_STRING"):
        return body
    summary, elements = request.args.get("_summary", "false"), request.args.get("_elements", "")
    check_summary(summary)
    return subset(resource_type, body, summary=summary, elements=values_in("_elements", elements))


def check_id(resource_id: str) -> None:
    """Raises NotFound for what cannot be the id of anything."""
    if not _ID.fullmatch(resource_id):
        raise NotFound


def _search(resource_type: str, given: Iterable[tuple[str, str]]) -> Response:
    check_format()
    shelved = RESOURCES.get(resource_type)
    if shelved is None or not shelved.searchable:
        raise NotFound
    query = read_query(resource_type, given, publish.addresses())
    strictly(query, prefer())
    return answer(results.search(current_actor(), query))


def answer(body: bytes, status: int = 200) -> Response:
    """FHIR JSON that nobody may keep."""
    return Response(body, status, (("Content-Type", CONTENT_TYPE), ("Cache-Control", "no-store")))


def _text(body: bytes) -> Response:
    """A Binary as what it is: the text or the file itself, to be saved and never shown inside a page."""
    held = orjson.loads(body)
    made = Response(base64.b64decode(held["data"]), content_type=held["contentType"])
    made.headers["Content-Disposition"] = "attachment"
    made.headers["X-Security-Context"] = held["securityContext"]["reference"]
    made.headers["Cache-Control"] = "no-store"
    return made


def check_format() -> None:
    """Raises NotAcceptable when the asker takes no JSON."""
    environ = request.environ
    if not environ.get("QUERY_STRING") and environ.get("HTTP_ACCEPT", "*/*") in _PLAIN:
        return
    wanted = request.args.get("_format")
    offered = [wanted] if wanted else [mime for mime, _quality in request.accept_mimetypes] or ["*/*"]
    if not any(each.partition(";")[0].strip() in _PLAIN for each in offered):
        raise NotAcceptable


def _wants_text() -> bool:
    return "_format" not in request.args and not any(
        mime.partition(";")[0] in _JSON for mime, _ in request.accept_mimetypes
    )


def _knows(found: Reading) -> bool:
    """Whether the asker holds this version already: by its tag, else by its time."""
    environ = request.environ
    if "HTTP_IF_NONE_MATCH" in environ:
        return request.if_none_match.contains_weak(found.version)
    since = request.if_modified_since if "HTTP_IF_MODIFIED_SINCE" in environ else None
    return since is not None and found.updated_at is not None and found.updated_at.replace(microsecond=0) <= since


def _unchanged(made: Response) -> Response:
    made.status_code = 304
    made.set_data(b"")
    return made


def prefer() -> dict[str, str]:
    """What the asker prefers, by name."""
    pairs = (each.partition("=") for each in request.headers.get("Prefer", "").replace(",", ";").split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
