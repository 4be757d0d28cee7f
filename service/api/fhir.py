"""The FHIR edge: one router over RESOURCES. https://hl7.org/fhir/R4/http.html

Rule: nothing is written. Every answer under /fhir/R4 is FHIR JSON, refusals too. Whatever the asker may not see answers
exactly as what does not exist.
"""

import base64
import re
import traceback
from collections.abc import Callable, Iterable
from email.utils import format_datetime

import orjson
from flask import Blueprint, Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from schemas.actions import Action
from service.domain.actors import Actor
from service.errors import Conflict, Invalid, NotAllowed, NotFound, StepwellError, Why
from service.fhir import RESOURCES, operations, publish, reading, results
from service.fhir.capability import capability_statement
from service.fhir.outcome import outcome
from service.fhir.search import read_query, strictly
from service.fhir.shapes import to_bytes
from service.guard import current_actor, needs, public, request_id

PREFIX = "/fhir/R4"
FHIR_JSON = "application/fhir+json"
CONTENT_TYPE = f"{FHIR_JSON}; charset=utf-8; fhirVersion=4.0"
_JSON = frozenset({FHIR_JSON, "application/json", "json", "text/json"})
_ANY = frozenset({"*/*", "application/*"})
_PLAIN = _JSON | _ANY
_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")
_HTTP = {
    400: ("invalid", "The request could not be read."),
    404: ("not-found", NotFound().message),
    405: ("not-supported", "This service is read-only: this address does not take this method."),
    406: ("not-supported", "Answers are FHIR JSON; ask for application/fhir+json."),
    413: ("too-long", "This is larger than Stepwell takes."),
}

fhir = Blueprint("fhir", __name__, url_prefix=PREFIX)


def register(app: Flask) -> None:
    app.register_blueprint(fhir)
    app.extensions["stepwell.problems"][PREFIX] = answer_problem


@fhir.get("/metadata")
@public("a connecting system reads what this server can do before it has a token; it holds no record")
def metadata() -> Response:
    return _fhir(to_bytes(capability_statement(publish.addresses())))


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


@fhir.post("/Questionnaire/$populate")
@fhir.post("/Questionnaire/<form_id>/$populate")
@needs(Action.FHIR_READ)
def populate(form_id: str = "") -> Response:
    return _operation(operations.populate, "questionnaire", form_id)


@fhir.post("/QuestionnaireResponse/$extract")
@fhir.post("/QuestionnaireResponse/<intake_id>/$extract")
@needs(Action.FHIR_READ)
def extract(intake_id: str = "") -> Response:
    return _operation(operations.extract, "questionnaire-response", intake_id)


def answer_problem(error: Exception) -> Response:
    """The OperationOutcome for anything raised under /fhir/R4; a hidden record and a missing one give equal bytes."""
    if isinstance(error, StepwellError):
        return _refusal(error)
    if isinstance(error, HTTPException):
        return _http_refusal(error)
    places = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    current_app.logger.error("unexpected %s, reference %s, at %s", type(error).__name__, request_id(), places[-6:])
    return _fhir(outcome("exception", f"This could not be done. Reference: {request_id()}"), 500)


def _refusal(error: StepwellError) -> Response:
    match error:
        case NotFound():
            return _fhir(outcome("not-found", error.message), 404)
        case NotAllowed(why=Why.SIGN_IN):
            answer = _fhir(outcome("login", error.message), 401)
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        case NotAllowed():
            return _fhir(outcome("forbidden", error.message), 403)
        case Invalid():
            return _fhir(outcome("invalid", error.message, expression=next(iter(error.fields), "")), 400)
        case Conflict():
            return _fhir(outcome("conflict", error.message), 409)
        case _:
            return _fhir(outcome("transient", error.message), 503)


def _http_refusal(error: HTTPException) -> Response:
    """What the framework itself refuses: a method, a body that is too large, an address that is none."""
    code = error.code or 500
    kind, text = _HTTP.get(code, ("processing", error.name))
    answer = _fhir(outcome(kind, text), code)
    allowed = dict(error.get_headers()).get("Allow")
    if allowed:
        answer.headers["Allow"] = allowed
    return answer


class NotAcceptable(HTTPException):
    code = 406


def _resource(resource_type: str, resource_id: str, version: int | None = None) -> Response:
    native = resource_type == "Binary" and _wants_text()
    if not native:
        _check_format()
    if not _ID.fullmatch(resource_id):
        raise NotFound
    found = reading.read(current_actor(), resource_type, resource_id, version)
    answer = _text(found.body) if native else _fhir(found.body)
    answer.headers["ETag"] = f'W/"{found.version}"'
    if found.updated_at is not None:
        answer.headers["Last-Modified"] = format_datetime(found.updated_at, usegmt=True)
    return _unchanged(answer) if _knows(found.version) else answer


def _operation(work: Callable[[Actor, operations.Asked, str], bytes], bare: str, resource_id: str) -> Response:
    _check_format()
    if resource_id and not _ID.fullmatch(resource_id):
        raise NotFound
    return _fhir(work(current_actor(), operations.asked(request.get_data(), bare), resource_id))


def _search(resource_type: str, given: Iterable[tuple[str, str]]) -> Response:
    _check_format()
    shelved = RESOURCES.get(resource_type)
    if shelved is None or not shelved.searchable:
        raise NotFound
    query = read_query(resource_type, given, publish.addresses())
    strictly(query, _prefer())
    return _fhir(results.search(current_actor(), query))


def _fhir(body: bytes, status: int = 200) -> Response:
    answer = Response(body, status=status, content_type=CONTENT_TYPE)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _text(body: bytes) -> Response:
    """A Binary as what it is: the text itself."""
    held = orjson.loads(body)
    answer = Response(base64.b64decode(held["data"]), content_type=held["contentType"])
    answer.headers["X-Security-Context"] = held["securityContext"]["reference"]
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _check_format() -> None:
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


def _knows(version: str) -> bool:
    """Whether the asker holds this version already."""
    return "HTTP_IF_NONE_MATCH" in request.environ and request.if_none_match.contains_weak(version)


def _unchanged(answer: Response) -> Response:
    answer.status_code = 304
    answer.set_data(b"")
    return answer


def _prefer() -> dict[str, str]:
    pairs = (each.partition("=") for each in request.headers.get("Prefer", "").replace(",", ";").split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
