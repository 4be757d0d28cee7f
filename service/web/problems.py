"""Failures -> pages: one table for the five kinds, one for HTTP, and a last resort that tells a reference only.

Rule: signing in, unlocking and confirming identity are ways out of a refusal, so those lead there and back. Everything
else is a quiet page that says what happened and what to do. Other edges answer for their own addresses: service/app.py
asks by prefix.
"""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import current_app, request, url_for
from flask.wrappers import Response
from werkzeug.exceptions import HTTPException, SecurityError

from service.errors import Conflict, Invalid, NotAllowed, NotFound, StepwellError, Unavailable, Why
from service.guard import SAFE_METHODS, request_id
from service.web.frame import go, here, quiet

LEADS_TO = {Why.SIGN_IN: "login.sign_in", Why.LOCKED: "login.unlock", Why.STEP_UP: "login.step_up"}
RETRY_AFTER = "900"
HOME = ("Go to the first page", "/")


@dataclass(frozen=True)
class Problem:
    """What a problem page says; templates/layout/error.html documents the names."""

    happened: str
    advice: str
    reference: str = ""
    ways: tuple[tuple[str, str], ...] = (HOME,)


_PAGES: Mapping[int, tuple[str, str, str]] = {
    400: ("Not understood", "The request could not be read.", "Go back, open the page again and repeat what you did."),
    403: ("Not allowed", "", "If you need this for your work, ask the administrator of your practice."),
    404: ("Not found", NotFound().message, "Check the address, or start from your first page."),
    405: ("Not possible here", "This address cannot do what was asked of it.", "Start from your first page."),
    409: ("Changed meanwhile", "", "Go back, load the page again and repeat what you did."),
    413: (
        "Too large",
        "This was more than Stepwell takes at once.",
        "Go back and send less: your text is still there.",
    ),
    422: ("Another look is needed", "", "Go back: what you typed is still there."),
    429: ("Too many tries", "", "Wait a quarter of an hour and try again."),
    500: ("Something went wrong", "This could not be done. Nothing was half-written.", "Go back and try once more."),
    503: ("Not possible just now", "", "Nothing was half-written. Try again in a few minutes."),
}
_TITLES = {Why.CROSS_SITE: ("Not accepted", "Go back, load the page again and repeat what you did.")}


def answer(error: Exception) -> Response:
    """The page, or the way out, for anything that was raised under an address of the HTML edge."""
    if isinstance(error, SecurityError):
        return _unknown_host()
    if isinstance(error, StepwellError):
        return _refusal(error)
    if isinstance(error, HTTPException):
        return _http(error)
    return _unexpected(error)


def _refusal(error: StepwellError) -> Response:
    if isinstance(error, NotAllowed) and error.why in LEADS_TO:
        return _way_out(error.why)
    response = _page(status_of(error), error.message, error.why if isinstance(error, NotAllowed) else None)
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = RETRY_AFTER
    return response


def status_of(error: StepwellError) -> int:
    """The HTTP status of each kind of failure."""
    match error:
        case NotFound():
            return 404
        case NotAllowed():
            return 429 if error.why is Why.TOO_MANY else 403
        case Conflict():
            return 409
        case Invalid():
            return 422
        case Unavailable():
            return 503
        case _:
            return 500


def _way_out(why: Why) -> Response:
    after = here() if why is not Why.SIGN_IN or request.method in SAFE_METHODS else "/"
    return go(url_for(LEADS_TO[why]) if after == "/" else url_for(LEADS_TO[why], next=after))


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    if 300 <= code < 400:
        return go(error.get_response().headers["Location"])
    response = _page(code if code in _PAGES else 400 if code < 500 else 500)
    response.status_code = code
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers.add(name, value)
    return response


def _unexpected(error: Exception) -> Response:
    """Types and places only: the message of an unknown error may hold what somebody typed."""
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    current_app.logger.error("unexpected %s, reference %s, at %s", type(error).__name__, request_id(), places[-6:])
    return _page(500)


def _page(status: int, happened: str = "", why: Why | None = None) -> Response:
    title, usual, advice = _PAGES[status]
    title, advice = _TITLES.get(why, (title, advice)) if why else (title, advice)
    reference = request_id() if status >= 500 else ""
    problem = Problem(happened or usual, advice, reference)
    response = quiet("layout/error.html", task=title, problem=problem)
    response.status_code = status
    return response


def _unknown_host() -> Response:
    """No page of ours: an address built for a host that is not ours would lead there."""
    return Response("This host name is not known here.\n", status=400, mimetype="text/plain")
