"""Headers of every answer, whichever edge gave it. Rule: nothing is kept, framed, sniffed or loaded from elsewhere.

ASVS 5.0 3.4.1-3.4.8. Shipped files are the one thing that a browser may keep: their address changes with their content.
They are put around the application and not on each answer: for a short answer that would be a third of Flask's work.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from flask import Flask, request
from flask.wrappers import Response

from service.settings import Settings

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
DEVICES = ("accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "microphone", "payment", "usb")
PERMISSIONS = ", ".join(f"{each}=()" for each in DEVICES)
ALWAYS = (
    ("Content-Security-Policy", POLICY),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", PERMISSIONS),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
)
NOT_KEPT = ("Cache-Control", "no-store")
TWO_YEARS = 63_072_000
ONE_YEAR = 31_536_000

Headers = Sequence[tuple[str, str]]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Protected:
    """The application with what every answer carries; a view that has set Cache-Control itself knows why."""

    def __init__(self, inner: Wsgi, always: Headers) -> None:
        self._inner, self._always = inner, always

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: Headers, *failure: Any) -> Any:
            knows_why = any(name.lower() == "cache-control" for name, _value in headers)
            added = self._always if knows_why else (*self._always, NOT_KEPT)
            return start_response(status, [*headers, *added], *failure)

        return self._inner(environ, start)


def register(app: Flask) -> None:
    settings = cast(Settings, app.extensions["stepwell.settings"])
    encrypted = (("Strict-Transport-Security", f"max-age={TWO_YEARS}; includeSubDomains"),)
    app.wsgi_app = Protected(app.wsgi_app, ALWAYS + encrypted * settings.secure_cookies)  # type: ignore[method-assign]


def keep(response: Response, *, current: bool) -> Response:
    """Let browsers keep a shipped file for good, when it was asked for by the address of its present content."""
    fresh = f"public, max-age={ONE_YEAR}, immutable" if current and request.method == "GET" else "no-cache"
    response.headers["Cache-Control"] = fresh
    return response
