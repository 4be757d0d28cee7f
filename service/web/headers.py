"""Headers of every answer, whichever edge gave it. Rule: nothing is kept, framed, sniffed or loaded from elsewhere.

ASVS 5.0 3.4.1-3.4.8. Shipped files are the one thing that a browser may keep: their address changes with their content.
"""

from typing import cast

from flask import Flask, current_app, request
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
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
TWO_YEARS = 63_072_000
ONE_YEAR = 31_536_000


def register(app: Flask) -> None:
    app.after_request(protect)


def protect(response: Response) -> Response:
    """Add what every answer carries; a view that has set Cache-Control itself knows why."""
    response.headers.update(ALWAYS)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    settings = cast(Settings, current_app.extensions["stepwell.settings"])
    if settings.secure_cookies:
        response.headers["Strict-Transport-Security"] = f"max-age={TWO_YEARS}; includeSubDomains"
    return response


def keep(response: Response, *, current: bool) -> Response:
    """Let browsers keep a shipped file for good, when it was asked for by the address of its present content."""
    fresh = f"public, max-age={ONE_YEAR}, immutable" if current and request.method == "GET" else "no-cache"
    response.headers["Cache-Control"] = fresh
    return response
