"""Failures -> problem+json (RFC 9457): one table for the five kinds, one for HTTP, and a last resort.

Rule: what is missing and what is hidden give the same bytes, so only failures of ours carry a reference.
"""

import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import cast

from flask import current_app, json
from flask.wrappers import Response
from werkzeug.exceptions import HTTPException

from service.api.reader import DEEPEST, Malformed
from service.errors import Conflict, Invalid, NotAllowed, NotFound, StepwellError, Unavailable, Why
from service.guard import request_id

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = "900"
_NOT_COPIED = frozenset({"content-type", "content-length"})
_DETAILS: Mapping[int, str] = {
    400: "The request could not be read.",
    404: NotFound().message,
    405: "This address does not take this method.",
    413: "This is larger than Stepwell takes.",
    415: f"Send JSON as application/json, at most {DEEPEST} levels deep.",
}
_BY_REASON: Mapping[Why, HTTPStatus] = {
    Why.SIGN_IN: HTTPStatus.UNAUTHORIZED,
    Why.LOCKED: HTTPStatus.FORBIDDEN,
    Why.STEP_UP: HTTPStatus.FORBIDDEN,
    Why.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Why.SCOPE: HTTPStatus.FORBIDDEN,
    Why.STATE: HTTPStatus.FORBIDDEN,
    Why.CROSS_SITE: HTTPStatus.FORBIDDEN,
    Why.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
}


def answer(error: Exception) -> Response:
    """The problem for anything raised under an address of the JSON edge."""
    if isinstance(error, StepwellError):
        return _refusal(error)
    if isinstance(error, HTTPException):
        return _http(error)
    return _unexpected(error)


def status_of(error: StepwellError) -> HTTPStatus:
    """The HTTP status of each of the five kinds."""
    match error:
        case NotFound():
            return HTTPStatus.NOT_FOUND
        case NotAllowed():
            return _BY_REASON[error.why]
        case Conflict():
            return HTTPStatus.CONFLICT
        case Invalid():
            return HTTPStatus.UNPROCESSABLE_ENTITY
        case Unavailable():
            return HTTPStatus.SERVICE_UNAVAILABLE
        case _:
            return HTTPStatus.INTERNAL_SERVER_ERROR


def _refusal(error: StepwellError) -> Response:
    more: dict[str, object] = {}
    headers: dict[str, str] = {}
    match error:
        case NotAllowed():
            more = {"why": str(error.why)}
            headers = _ways_out(error.why)
        case Conflict():
            more = {"yours": error.yours, "theirs": error.theirs}
        case Invalid():
            more = {"errors": error.fields}
        case Unavailable():
            more = {"reference": request_id()}
        case _:
            pass
    return problem(status_of(error), error.message, more, headers)


def _ways_out(why: Why) -> dict[str, str]:
    if why is Why.SIGN_IN:
        return {"WWW-Authenticate": "Bearer"}
    return {"Retry-After": RETRY_AFTER} if why is Why.TOO_MANY else {}


def _http(error: HTTPException) -> Response:
    code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if HTTPStatus.MULTIPLE_CHOICES <= code < HTTPStatus.BAD_REQUEST:
        return cast(Response, Response.force_type(error.get_response()))
    headers = {name: value for name, value in error.get_headers() if name.lower() not in _NOT_COPIED}
    if isinstance(error, Malformed):
        return problem(HTTPStatus.BAD_REQUEST, error.detail, {"errors": error.errors}, headers)
    status = HTTPStatus(code)
    return problem(status, _DETAILS.get(code, status.description or status.phrase), headers=headers)


def _unexpected(error: Exception) -> Response:
    """Types and places only: the message of an unknown error may hold what somebody typed."""
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    current_app.logger.error("unexpected %s, reference %s, at %s", type(error).__name__, request_id(), places[-6:])
    detail = "Stepwell could not do this. Nothing was half-written."
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail, {"reference": request_id()})


def problem(
    status: HTTPStatus, detail: str, more: Mapping[str, object] | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """The response; `type` is about:blank, because the status and the named fields say it all."""
    body = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail, **(more or {})}
    return Response(json.dumps(body), status=status, headers=dict(headers or {}), mimetype=MEDIA_TYPE)
