"""The people of a practice, for its administrators: invitations, reset links, ended accounts, supervision.

Rule: a link is shown once, to the administrator who made it; only its hash is kept.
"""

from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, request, url_for
from flask.wrappers import Response

from schemas.accounts import NewPersonSchema, NotePolicySchema, SupervisionSchema
from schemas.actions import Action
from schemas.vocabulary import Role
from service.casework import accounts, resets
from service.casework import people as staff
from service.casework.people import NewPerson
from service.domain import clock
from service.domain.accounts import LINK_LASTS, Person, SupervisionLink
from service.domain.actors import INVITED
from service.errors import NotFound
from service.guard import current_actor, current_practice, needs
from service.web.forms import form_page, read
from service.web.frame import done, show
from service.web.practice import tasks_of
from service.web.times import day

page = Blueprint("people", __name__)


@dataclass(frozen=True)
class PersonLine:
    """An account as the list shows it. `own` is the reader's; `signs_in` is false for connected systems."""

    id: str
    name: str
    email: str
    role_label: str
    qualification: str
    signs_in_with: str
    active: bool
    own: bool
    signs_in: bool
    updated_at: datetime


@page.get("/people")
@needs(Action.PEOPLE_READ)
def people() -> Response:
    found, links, to_do = staff.read_people(current_actor())
    today = clock.today(current_practice().zone)
    supervised = [_supervision_line(each, today) for each in links]
    lines = [_line(each) for each in found]
    return show("pages/people/people.html", task="People", people=lines, supervised=supervised, to_do=tasks_of(to_do))


@page.get("/people/invite")
@needs(Action.PEOPLE_INVITE)
def invite() -> Response:
    return show("pages/people/invite.html", task="Invite a person", roles=[(role, role.label) for role in INVITED])


@page.post("/people/invite")
@needs(Action.PEOPLE_INVITE)
@form_page(invite)
def send_invitation() -> Response:
    given = read(NewPersonSchema)
    person, token = staff.invite(current_actor(), NewPerson(**given))
    return issued(person.name, token, "Invitation link")


@page.get("/people/<account_id>/reset")
@needs(Action.PEOPLE_RESET)
def reset(account_id: str) -> Response:
    return show("pages/people/reset.html", task="Reset link", person=_person(account_id))


@page.post("/people/<account_id>/reset")
@needs(Action.PEOPLE_RESET)
def ask_reset(account_id: str) -> Response:
    resets.ask_reset(current_actor(), account_id)
    return done(url_for("people.people"), "Asked. Another administrator or a supervisor finds it under Account.")


@page.get("/people/<account_id>/end")
@needs(Action.PEOPLE_END)
def end(account_id: str) -> Response:
    return show("pages/people/end.html", task="End account", leaver=staff.read_leaver(current_actor(), account_id))


@page.post("/people/<account_id>/end")
@needs(Action.PEOPLE_END)
def end_account(account_id: str) -> Response:
    staff.end_account(current_actor(), account_id)
    return done(url_for("people.people"), "The account is ended and signed out everywhere.")


@page.get("/people/supervision")
@needs(Action.SUPERVISION_CHANGE)
def supervision() -> Response:
    found, links = staff.list_people(current_actor())
    active = [each for each in found if each.active]
    return show(
        "pages/people/supervision.html",
        task="Supervision",
        supervised=links,
        supervisors=[(each.id, each.name) for each in active if each.role is Role.SUPERVISOR],
        therapists=[(each.id, each.name) for each in active if each.role in (Role.THERAPIST, Role.SUPERVISOR)],
        today=clock.today(current_practice().zone),
        late_after=current_practice().late_after_hours or 72,
    )


@page.post("/people/supervision")
@needs(Action.SUPERVISION_CHANGE)
@form_page(supervision)
def supervise() -> Response:
    given = read(SupervisionSchema)
    who = given["supervisor_id"], given["therapist_id"], given["since"]
    staff.supervise(current_actor(), *who, cosigns=given["cosigns"])
    return done(url_for("people.supervision"), "Recorded. A new supervision counts once the therapist agrees.")


@page.post("/people/notes")
@needs(Action.NOTE_POLICY)
@form_page(supervision)
def set_note_policy() -> Response:
    staff.set_note_policy(current_actor(), read(NotePolicySchema)["late_after_hours"])
    return done(url_for("people.supervision"), "The hours are set. They count for notes signed from now on.")


@page.get("/people/supervision/<supervisor_id>/<therapist_id>/end")
@needs(Action.SUPERVISION_CHANGE)
def supervision_end(supervisor_id: str, therapist_id: str) -> Response:
    _, links = staff.list_people(current_actor())
    pair = supervisor_id, therapist_id
    link = next((each for each in links if (each.supervisor_id, each.therapist_id) == pair), None)
    if link is None:
        raise NotFound
    return show("pages/people/supervision_end.html", task="End supervision", link=link)


@page.post("/people/supervision/<supervisor_id>/<therapist_id>/end")
@needs(Action.SUPERVISION_CHANGE)
@form_page(supervision_end)
def end_supervision(supervisor_id: str, therapist_id: str) -> Response:
    staff.end_supervision(current_actor(), supervisor_id, therapist_id)
    return done(url_for("people.supervision"), "Supervision ended.")


def _supervision_line(link: SupervisionLink, today: date) -> tuple[str, str, str]:
    since = day(link.since, today=today) if link.agreed else "waits for the therapist to agree"
    return link.supervisor_name, link.therapist_name, since


def _person(account_id: str) -> Person:
    found, _ = staff.list_people(current_actor())
    for person in found:
        if person.id == account_id:
            return person
    raise NotFound


def _line(person: Person) -> PersonLine:
    signs_in = person.role is not Role.MACHINE
    means = "password and codes" if person.has_totp else "password" if person.has_password else "no password yet"
    return PersonLine(
        id=person.id,
        name=person.name,
        email=person.email,
        role_label=person.role.label,
        qualification=person.qualification,
        signs_in_with=means if signs_in else "signed requests",
        active=person.active,
        own=person.id == current_actor().user_id,
        signs_in=signs_in,
        updated_at=person.updated_at,
    )


def issued(name: str, token: str, task: str) -> Response:
    """The one page that shows a link. An invitation lasts days, a reset an hour."""
    kind = accounts.link_kind(token)
    hours = int(LINK_LASTS[kind].total_seconds() // 3600)
    url = request.host_url.rstrip("/") + url_for("login.link", token=token)
    lasts = f"{hours // 24} days" if hours >= 48 else "1 hour" if hours == 1 else f"{hours} hours"
    return show("pages/people/issued_link.html", task=task, name=name, url=url, lasts=lasts)
