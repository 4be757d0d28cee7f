"""Who is asking, and the coarse gate in front of every view.

    @needs(Action.NOTE_READ)      only roles that could ever do this pass; the verb asks again with the record in hand
    @public("sign-in page")       reachable without an account, with the reason written down

A view without one of the two fails tests/contracts/test_guards.py. People sign in with a cookie that names a
server-side sign-in;
connected systems send a bearer token and no cookie. Unsafe requests with a cookie must come from our own pages.
"""

import functools
import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from flask import current_app, g, request
from flask.wrappers import Response

from schemas.actions import Action
from service.casework import accounts
from service.casework.accounts import Standing
from service.domain.access import needs_step_up, role_may
from service.domain.accounts import Practice
from service.domain.actors import Actor
from service.errors import NotAllowed, Why
from service.settings import Settings
from service.store.keyring import ring
from service.store.transaction import record_refusal

P = ParamSpec("P")
R = TypeVar("R")

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
WHILE_LOCKED = frozenset({Action.UNLOCK, Action.LOCK, Action.SIGN_OUT})
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"


def needs(action: Action) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let the view run for signed-in actors whose role could ever do `action`."""

    def guarded(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            admit(action)
            return view(*args, **kwargs)

        checked.__needs__ = action  # type: ignore[attr-defined]
        return checked

    return guarded


def public(reason: str, *, cookieless: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let anybody run the view; `reason` says why that is right. A `cookieless` view looks at no cookie, so that it
    gains nobody anything to send another's browser there.
    """

    def guarded(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            if request.method not in SAFE_METHODS and not cookieless:
                check_same_site()
            return view(*args, **kwargs)

        checked.__public__ = reason  # type: ignore[attr-defined]
        return checked

    return guarded


def admit(action: Action) -> Actor:
    """Raises NotAllowed unless the asker is signed in, unlocked, from our own pages and of a fitting role."""
    actor, standing = _whoever_asks()
    if standing is not None:
        if standing.state.locked and action not in WHILE_LOCKED:
            raise NotAllowed("The screen is locked.", Why.LOCKED)
        if request.method not in SAFE_METHODS:
            check_same_site()
            check_form_token(standing.actor.sign_in_id)
    if not role_may(action, actor.role):
        _refuse(actor, action, NotAllowed("Your role does not allow this."))
    if needs_step_up(action) and not actor.stepped_up:
        _refuse(actor, action, NotAllowed("Confirm that it is you before doing this.", Why.STEP_UP))
    g.actor = actor
    return actor


def current_actor() -> Actor:
    """The admitted actor of this request."""
    return cast(Actor, g.actor)


def current_practice() -> Practice:
    """The practice of the admitted actor."""
    standing: Standing | None = g.get("standing")
    return standing.practice if standing else accounts.practice_of(current_actor())


def signed_in() -> Standing | None:
    """The sign-in behind the cookie, whether or not the view asks for one."""
    if "standing" not in g:
        token = request.cookies.get(cookie_name(), "")
        g.standing = accounts.standing(token, request_id=request_id()) if token else None
    return cast(Standing | None, g.standing)


def request_id() -> str:
    """A random reference for this request: in the audit, on error pages, in logs."""
    known: str | None = g.get("request_id")
    if known is None:
        known = g.request_id = secrets.token_hex(8)
    return known


def cookie_name() -> str:
    return "__Host-stepwell" if _settings().secure_cookies else "stepwell"


def set_cookie(response: Response, token: str) -> Response:
    """Put the sign-in's token into the browser: this host only, no script, not sent from other sites."""
    response.set_cookie(
        cookie_name(), token, path="/", secure=_settings().secure_cookies, httponly=True, samesite="Lax"
    )
    return response


def drop_cookie(response: Response) -> Response:
    response.delete_cookie(cookie_name(), path="/", secure=_settings().secure_cookies, httponly=True, samesite="Lax")
    return response


def form_token() -> str:
    """The token that every form of this sign-in carries ("" when nobody is signed in)."""
    standing = signed_in()
    return form_token_of(standing.actor.sign_in_id) if standing else ""


def check_same_site() -> None:
    """Refuse unsafe requests that another site started. Raises NotAllowed."""
    site = request.headers.get("Sec-Fetch-Site")
    if site in ("same-origin", "none"):
        return
    if site is None and request.headers.get("Origin") == request.host_url.rstrip("/"):
        return
    raise NotAllowed(
        "This request did not come from a page of Stepwell. Open the page again and repeat it.", Why.CROSS_SITE
    )


def check_form_token(holder: str) -> None:
    """Refuse an unsafe request without the token of its sign-in or client's screen. Raises NotAllowed."""
    given = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    if not hmac.compare_digest(given.encode(), form_token_of(holder).encode()):
        raise NotAllowed("The page was open for too long. Open it again and repeat what you did.", Why.CROSS_SITE)


def form_token_of(holder: str) -> str:
    """The token in the forms of one sign-in, or of one client's screen, named by the hash of its cookie."""
    return hmac.new(ring().derive("form"), holder.encode(), hashlib.sha256).hexdigest()


def _whoever_asks() -> tuple[Actor, Standing | None]:
    scheme, _, token = request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme.lower() == "bearer":
        machine = accounts.machine_actor(token.strip(), request_id=request_id())
        if machine is not None:
            return machine, None
        raise NotAllowed("The token is unknown, ended or expired.", Why.SIGN_IN)
    standing = signed_in()
    if standing is None:
        raise NotAllowed("Sign in first.", Why.SIGN_IN)
    return standing.actor, standing


def _refuse(actor: Actor, action: Action, error: NotAllowed) -> None:
    record_refusal(actor, action, request.endpoint or "", error)
    raise error


def _settings() -> Settings:
    return cast(Settings, current_app.extensions["stepwell.settings"])
