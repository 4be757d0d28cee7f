"""The client's screen: a code, then one form, page by page, on the practice's own device.

Rule: its cookie opens this form and nothing else, and no sign-in opens it. Neutral titles and addresses, no name, no
practice, nothing that was answered before this sitting; each page that was sent is kept, and none can be had back once
the form has ended. A question can always be left or skipped.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, g, jsonify, make_response, render_template, request, url_for
from flask.wrappers import Response

from schemas.handovers import ClientFormSchema, CodeSchema
from schemas.instruments.answer import Answers
from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Instrument, Item
from schemas.vocabulary import HandoverMode, HandoverState
from service import guard
from service.casework import accounts, client_screen
from service.casework.client_screen import Screen
from service.casework.forms import is_worked_through
from service.domain import clock
from service.errors import Invalid, NotAllowed, Why
from service.guard import public
from service.web import imported_form, times
from service.web.forms import current_form, form_after, form_page, read, typed_again, wants_json
from service.web.frame import Frame, go, static_prefix
from service.web.instrument_answers import answers_of, as_texts, parted
from service.web.instrument_form import Filled, Sheet, look_of, sheets
from service.web.intakes import answers_named
from service.web.problems import RETRY_AFTER

page = Blueprint("client_form", __name__)
OWN_PROOF = "the cookie of the client's screen is the proof; it opens one form and nothing else"
FORGET = '"cache"'
# What a client can say for themselves; a question left blank needs no reason.
SKIPS = (
    (str(NonAnswer.DECLINED), "I would rather not say"),
    (str(NonAnswer.UNSURE), "I am not sure"),
    (str(NonAnswer.NOT_APPLICABLE), "Does not apply to me"),
)


@dataclass(frozen=True)
class Shown:
    """One page of the form: what it asks (`keys` name every item of it), and where it stands. `at` is 0 where all
    stands on one page; `asked` are the places that an imported form asks about with the answers so far.
    """

    sheets: tuple[Sheet, ...]
    keys: tuple[str, ...]
    at: int
    last: int
    settled: int
    total: int
    asked: str = ""

    @property
    def asks(self) -> bool:
        return bool(self.sheets)

    @property
    def first(self) -> bool:
        return self.at <= 1

    @property
    def number(self) -> int:
        """Which question this is; the page after the last one stays with the last."""
        return min(self.at, self.total)


@page.get("/begin")
@public("where a code is typed; it names nobody")
def begin() -> Response:
    return _page("pages/client_form/begin.html", "Begin")


@page.post("/begin")
@public("the code is the proof")
@form_page(begin)
def open_form() -> Response:
    given = read(CodeSchema)
    try:
        token = client_screen.open_screen(
            given["code"], origin=request.remote_addr or "unknown", request_id=guard.request_id()
        )
    except NotAllowed as refusal:
        return _refused(refusal)
    _lock_whoever_is_signed_in()
    return opened(token)


@page.get("/form")
@public(OWN_PROOF)
def questions() -> Response:
    screen = _screen()
    if screen is None or screen.state is not HandoverState.OPEN:
        return _ended(time_over=screen is not None)
    response = _page(
        "pages/client_form/questions.html",
        "Questions for today",
        token=guard.form_token_of(screen.holder),
        screen=screen,
        shown=_shown(screen),
        skips=SKIPS,
        until=times.time_of_day(screen.until, screen.zone),
    )
    # A screen that nobody touches any more clears itself, with script or without.
    left = max(0, int((screen.until - clock.now() + timedelta(seconds=1)).total_seconds()))
    response.headers["Refresh"] = f"{left}; url={url_for('client_form.questions')}"
    return response


@page.post("/form")
@public(OWN_PROOF)
@form_page(questions)
def send() -> Response:
    screen = _screen()
    if screen is None or screen.state is not HandoverState.OPEN:
        return _ended(time_over=screen is not None)
    guard.check_form_token(screen.holder)
    if imported_form.is_round_trip():
        return typed_again(questions)
    given = read(ClientFormSchema)
    shown = _shown(screen)
    if given["then"] == "finish":
        return _finished(screen.instrument, given, shown)
    found = answers_of(screen.instrument, given["a"], given["skip"], screen.zone)
    client_screen.answer(_token(), _of_page(found, shown), shown=shown.keys, request_id=guard.request_id())
    if wants_json():
        return jsonify(saved_at=times.time_of_day(clock.now(), screen.zone))
    return _onwards(shown, given["then"])


@page.get("/form/leave")
@public("whoever holds the screen may always go; a plain link, so that it works without script")
def leave() -> Response:
    """The quick way out: ends the screen and shows a page that says nothing."""
    client_screen.leave(_token(), request_id=guard.request_id())
    return _left(go(url_for("client_form.away")))


@page.get("/away")
@public("says nothing")
def away() -> Response:
    return _page("pages/client_form/away.html", "Empty page")


def _lock_whoever_is_signed_in() -> None:
    """The device goes into the client's hands, so a sign-in of this browser is no longer open."""
    standing = guard.signed_in()
    if standing is not None and not standing.state.locked:
        accounts.lock(standing.actor)


def opened(token: str) -> Response:
    """Lead to the form, with the cookie of a screen that was just opened."""
    response = go(url_for("client_form.questions"))
    response.set_cookie(_cookie_name(), token, path="/", secure=_secure(), httponly=True, samesite="Strict")
    response.headers["Clear-Site-Data"] = FORGET
    return response


def _finished(instrument: Instrument, given: Mapping[str, Any], shown: Shown) -> Response:
    answers = _of_page(imported_form.answers_in(instrument, given), shown)
    with answers_named():
        client_screen.finish(_token(), answers, shown=shown.keys, request_id=guard.request_id())
    return _left(go(url_for("client_form.questions")))


def _of_page(found: Answers, shown: Shown) -> Answers:
    return {key: each for key, each in found.items() if key in shown.keys}


def _onwards(shown: Shown, then: str) -> Response:
    if then == "stop":
        client_screen.leave(_token(), request_id=guard.request_id())
        return _left(go(url_for("client_form.questions")))
    step = {"back": -1, "next": 1}.get(then, 0)
    at = min(max(shown.at + step, 1), shown.last)
    return go(url_for("client_form.questions", at=at) if shown.at else url_for("client_form.questions"))


def _shown(screen: Screen) -> Shown:
    """The page that was asked for, with what was typed or what this sitting holds."""
    pairs = [(section, item) for section in screen.sections for item in section.items]
    filled = _filled(screen)
    if screen.mode is HandoverMode.PAGE:
        counted = [each for _, item in pairs for each in item.walk() if _is_counted(each)]
        done = sum(1 for each in counted if each.key in screen.answers)
        keys, asked = _keys(item for _, item in pairs), " ".join(sorted(filled.asked or ()))
        return Shown(sheets(screen.sections, filled), keys, 0, 0, done, len(counted), asked)
    last = len(pairs) + 1
    at = min(max(_wanted(), 1), last)
    here = pairs[at - 1 : at]
    alone = [replace(section, items=(item,)) for section, item in here]
    done = sum(1 for _, item in pairs if any(each.key in screen.answers for each in item.asked()))
    return Shown(sheets(alone, filled), _keys(item for _, item in here), at, last, done, len(pairs))


def _is_counted(item: Item) -> bool:
    """Rows of words or digits from 0 up: what the script of the page counts too."""
    look = look_of(item.answer)
    return look.holds_skips and any(digit == "0" for _, digit, *_ in look.options)


def _keys(items: Iterable[Item]) -> tuple[str, ...]:
    """Every item that a page asks about, follow-ups included."""
    return tuple(each.key for item in items for each in item.asked())


def _wanted() -> int:
    """The number of the question asked for, in the address or in the form that was sent."""
    text = request.form.get("at") or request.args.get("at") or "1"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 1


def _filled(screen: Screen) -> Filled:
    """What this sitting holds, and over it what a page that came back had typed."""
    if is_worked_through(screen.instrument):
        stored = screen.answers or imported_form.opened(screen.instrument)
        return imported_form.filled(screen.instrument, current_form(), stored)
    texts, skips = as_texts(screen.answers)
    form = current_form()
    typed, reasons = parted(*imported_form.posted_in(form))
    touched = {*typed, *reasons}
    kept_texts: dict[str, Sequence[str]] = {key: each for key, each in texts.items() if key not in touched}
    kept_skips = {key: each for key, each in skips.items() if key not in touched}
    return Filled(kept_texts | dict(typed), kept_skips | reasons, form.fields)


def _screen() -> Screen | None:
    """The screen behind the cookie; its practice's clocks are the ones that times of answers are read by."""
    screen = client_screen.read_screen(_token(), request_id=guard.request_id())
    g.standing, g.actor = None, screen.actor if screen else None
    return screen


def _token() -> str:
    return request.cookies.get(_cookie_name(), "")


def _ended(*, time_over: bool) -> Response:
    """The same for a form that was finished, stopped or ended, and for whoever never had one."""
    response = _page("pages/client_form/ended.html", "Finished", time_over=time_over)
    response.status_code = 410
    return _left(response)


def _left(response: Response) -> Response:
    """Nothing of the form stays in the browser."""
    response.delete_cookie(_cookie_name(), path="/", secure=_secure(), httponly=True, samesite="Strict")
    response.headers["Clear-Site-Data"] = FORGET
    return response


def _refused(refusal: NotAllowed) -> Response:
    g.form = form_after(Invalid(refusal.message, {"code": refusal.message}))
    response = begin()
    response.status_code = 422
    if refusal.why is Why.TOO_MANY:
        response.status_code = 429
        response.headers["Retry-After"] = RETRY_AFTER
    return response


def _page(template: str, task: str, *, token: str = "", **context: object) -> Response:
    frame = Frame(page_task=task, static=static_prefix(), form=current_form(), csrf_token=token)
    return make_response(render_template(template, frame=frame, **context))


def _cookie_name() -> str:
    return "__Host-form" if _secure() else "form"


def _secure() -> bool:
    return bool(current_app.extensions["stepwell.settings"].secure_cookies)
