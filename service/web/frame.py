"""What every page has around its work: frame, notice, form state. The only way for a view to become a page.

    return show("pages/cases/case.html", task="Case 26-0007", case=case, banner=Banner(...))
    return done(url_for("cases.case", case_id=case.id), "Contact details saved.")

Rule: the task is a title that anybody may read over a shoulder, so it may hold a case's code and never a name. The same
goes for the words of a notice, which wait in a cookie for the next page.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlsplit

from flask import current_app, g, make_response, render_template, request, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.vocabulary import Role
from service import guard
from service.domain.access import role_may
from service.domain.accounts import LOCK_AFTER
from service.web.forms import Form, current_form

STATIC = Path(__file__).parent / "static"
NOTICE_COOKIE = "stepwell-notice"
NOTICE_LASTS = 30
WORDS_LONGEST = 200

# (label, endpoint, what one must be allowed to do)
WAYS = (
    ("My day", "day.day", Action.DAY_READ),
    ("Caseload", "caseload.caseload", Action.CASELOAD_READ),
    ("Team", "team.team", Action.TEAM_READ),
    ("Instruments", "instruments.register", Action.INSTRUMENT_READ),
    ("People", "people.people", Action.PEOPLE_READ),
    ("Practice", "practice.practice", Action.CRISIS_CHANGE),
    ("Audit", "audit.audit", Action.AUDIT_READ),
    ("Account", "account.account", Action.ACCOUNT_READ),
)


@dataclass(frozen=True)
class Banner:
    """The safety banner: neutral words, one link."""

    words: str
    label: str
    url: str


@dataclass(frozen=True)
class Said:
    """What just happened, told once on the next page; `undo_url` takes a POST."""

    words: str
    undo_url: str = ""


@dataclass(frozen=True)
class Frame:
    """What templates/layout/base.html asks for; the documentation of each name stands there."""

    page_task: str
    static: str
    form: Form
    csrf_token: str = ""
    theme: str = ""
    practice_name: str = ""
    user_name: str = ""
    nav: tuple[tuple[str, str, bool], ...] = ()
    lock_after_seconds: int = 0
    find_url: str = ""
    lock_url: str = ""
    sign_out_url: str = ""
    panel: bool = False
    case_label: str = ""
    banner: Banner | None = None
    said: Said | None = None


def show(template: str, *, task: str, banner: Banner | None = None, **context: object) -> Response:
    """The page of a signed-in person. The template gets `frame` and what is named in `context`."""
    said = _said()
    frame = Frame(
        page_task=task,
        static=static_prefix(),
        form=current_form(),
        csrf_token=guard.form_token(),
        practice_name=guard.current_practice().name,
        user_name=guard.current_actor().name,
        nav=_nav(guard.current_actor().role),
        lock_after_seconds=int(LOCK_AFTER.total_seconds()),
        find_url=_find_url(guard.current_actor().role),
        lock_url=url_for("login.lock", next=here()),
        sign_out_url=url_for("login.sign_out"),
        banner=banner,
        said=said,
    )
    response = make_response(render_template(template, frame=frame, **context))
    if said:
        response.delete_cookie(NOTICE_COOKIE, path="/")
    return response


def quiet(template: str, *, task: str, **context: object) -> Response:
    """A page with one thing on it and no ways around: sign-in, lock, problems. Works for anybody."""
    token = guard.form_token() if "standing" in g else ""
    frame = Frame(page_task=task, static=static_prefix(), form=current_form(), csrf_token=token)
    return make_response(render_template(template, frame=frame, **context))


def done(url: str, words: str, undo_url: str = "") -> Response:
    """Go to `url` after a POST and say there what happened. `words` never hold a name."""
    response = go(url)
    said = json.dumps({"words": words, "undo": undo_url}).encode()
    response.set_cookie(
        NOTICE_COOKIE,
        base64.urlsafe_b64encode(said).decode(),
        max_age=NOTICE_LASTS,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=guard.cookie_name().startswith("__Host-"),
    )
    return response


def go(path: str) -> Response:
    """Look at `path` next, whatever the method was."""
    return Response(status=303, headers={"Location": path})


def here() -> str:
    """The address of this page for coming back to it, or "/" where there is nothing to look at."""
    adapter = current_app.create_url_adapter(request)
    if adapter is None or not adapter.test(request.path, "GET"):
        return "/"
    query = request.query_string.decode("latin-1") if request.method == "GET" else ""
    return quote(request.path) + (f"?{query}" if query else "")


def local_path(wanted: str, otherwise: str = "/") -> str:
    """`wanted` when it is a path on this host, else `otherwise`: no link sends anybody elsewhere."""
    odd = any(ord(letter) < 0x21 or letter == "\\" or ord(letter) == 0x7F for letter in wanted)
    parts = urlsplit("" if odd else wanted)
    if odd or parts.scheme or parts.netloc or not wanted.startswith("/") or wanted.startswith("//"):
        return otherwise
    return wanted


def static_prefix() -> str:
    """Address prefix of the shipped files; it changes with their content, so browsers may keep them."""
    return f"/static/{static_digest()}"


@cache
def static_digest() -> str:
    """Short digest of all shipped files."""
    digest = hashlib.sha256()
    for path in sorted(each for each in STATIC.rglob("*") if each.is_file()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _nav(role: Role) -> tuple[tuple[str, str, bool], ...]:
    return tuple(
        (label, url, request.blueprint == endpoint.partition(".")[0])
        for label, endpoint, action in WAYS
        if role_may(action, role) and (url := _url_or_nothing(endpoint))
    )


def _find_url(role: Role) -> str:
    return _url_or_nothing("caseload.find") if role_may(Action.CASE_FIND, role) else ""


def _url_or_nothing(endpoint: str) -> str:
    return url_for(endpoint) if endpoint in current_app.view_functions else ""


def _said() -> Said | None:
    try:
        told = json.loads(base64.urlsafe_b64decode(request.cookies.get(NOTICE_COOKIE, "")))
    except (ValueError, binascii.Error):
        return None
    if not isinstance(told, Mapping) or not isinstance(told.get("words"), str):
        return None
    return Said(told["words"][:WORDS_LONGEST], local_path(str(told.get("undo") or ""), ""))
