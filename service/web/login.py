"""Signing in and out, one-time links, the lock, and confirming identity.

Rule: whatever was wrong with a sign-in, the page is the same. A link is used up by the button on its page, never by
looking at it.
"""

from flask import Blueprint, g, request, url_for
from flask.wrappers import Response

from schemas.accounts import ConfirmSchema, CredentialsSchema, PasswordByLinkSchema
from schemas.actions import Action
from schemas.vocabulary import LinkKind
from service import guard
from service.casework import accounts
from service.casework.accounts import Credentials, SignedIn
from service.domain.access import role_may
from service.errors import Invalid, NotAllowed, NotFound, Why
from service.guard import current_actor, needs, public
from service.web.devices import device_name
from service.web.forms import form_after, form_page, read
from service.web.frame import go, local_path, quiet
from service.web.problems import RETRY_AFTER

page = Blueprint("login", __name__)
FIRST_PAGES = ((Action.DAY_READ, "/day"), (Action.PEOPLE_READ, "/people"))
FORGET = '"cache", "cookies", "storage"'


@page.get("/")
@public("leads to the first page of whoever asks")
def home() -> Response:
    standing = guard.signed_in()
    role = standing.actor.role if standing else None
    first = [path for action, path in FIRST_PAGES if role and role_may(action, role)]
    return go(first[0] if first else url_for("login.sign_in"))


@page.get("/sign-in")
@public("where one proves who one is")
def sign_in() -> Response:
    return quiet("pages/login/sign_in.html", task="Sign in", after=_wanted())


@page.post("/sign-in")
@public("where one proves who one is")
@form_page(sign_in)
def start() -> Response:
    given = read(CredentialsSchema)
    device = device_name(request.user_agent.string)
    credentials = Credentials(given["email"], given["password"], given["code"], request.remote_addr or "", device)
    try:
        signed_in = accounts.sign_in(credentials, request_id=guard.request_id())
    except NotAllowed as refusal:
        return _refused(refusal)
    return _let_in(signed_in, _wanted())


@page.get("/link/<token>")
@public("the token in the address is the proof; looking does not use it up")
def link(token: str) -> Response:
    kind = _kind_of(token)
    if kind is LinkKind.SIGN_IN:
        return quiet("pages/login/link.html", task="Sign in", token=token)
    task = "Choose a password"
    return quiet("pages/login/choose_password.html", task=task, token=token, invited=kind is LinkKind.INVITE)


@page.post("/link/<token>")
@public("the token in the address is the proof")
@form_page(link)
def redeem(token: str) -> Response:
    device = device_name(request.user_agent.string)
    if _kind_of(token) is LinkKind.SIGN_IN:
        return _let_in(accounts.sign_in_by_link(token, device=device, request_id=guard.request_id()), "/")
    given = accounts.NewPassword(**read(PasswordByLinkSchema))
    return _let_in(accounts.set_password_by_link(token, given, device=device, request_id=guard.request_id()), "/")


@page.post("/sign-out")
@needs(Action.SIGN_OUT)
def sign_out() -> Response:
    accounts.sign_out(current_actor())
    response = guard.drop_cookie(go(url_for("login.sign_in")))
    response.headers["Clear-Site-Data"] = FORGET
    return response


@page.post("/lock")
@needs(Action.LOCK)
def lock() -> Response:
    accounts.lock(current_actor())
    return go(url_for("login.unlock", next=_wanted()))


@page.get("/unlock")
@needs(Action.UNLOCK)
def unlock() -> Response:
    return quiet("pages/login/unlock.html", task="Locked", after=_wanted(), name=current_actor().name)


@page.post("/unlock")
@needs(Action.UNLOCK)
@form_page(unlock)
def open_again() -> Response:
    given = read(ConfirmSchema(only=("password",)))
    accounts.unlock(current_actor(), given["password"])
    return go(_wanted())


@page.get("/step-up")
@needs(Action.STEP_UP)
def step_up() -> Response:
    person, _ = accounts.my_account(current_actor())
    return quiet("pages/login/step_up.html", task="Confirm that it is you", after=_wanted(), has_codes=person.has_totp)


@page.post("/step-up")
@needs(Action.STEP_UP)
@form_page(step_up)
def confirm() -> Response:
    given = read(ConfirmSchema)
    token = accounts.step_up(current_actor(), given["password"], given["code"])
    return guard.set_cookie(go(_wanted()), token)


def _kind_of(token: str) -> LinkKind:
    try:
        return accounts.link_kind(token)
    except NotFound as gone:
        raise NotFound(f"{gone.message} Ask for a new one, or sign in with your password.") from gone


def _wanted() -> str:
    return local_path(request.args.get("next", "/"))


def _let_in(signed_in: SignedIn, path: str) -> Response:
    """A new sign-in with a new token; the one that this browser had before ends."""
    former = guard.signed_in()
    if former is not None:
        accounts.sign_out(former.actor)
    return guard.set_cookie(go(path), signed_in.token)


def _refused(refusal: NotAllowed) -> Response:
    g.form = form_after(Invalid(refusal.message))
    response = sign_in()
    response.status_code = 422
    if refusal.why is Why.TOO_MANY:
        response.status_code = 429
        response.headers["Retry-After"] = RETRY_AFTER
    return response
