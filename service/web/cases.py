"""The case: its page, its details by section, opening, cover and closing.

Rule: each section is a form of its own that posts the version it saw; what the reader may do comes from `case.may`,
which the permission table filled, and from nowhere else.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, TypeVar

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.case_codes import Concern, FormulationFactor, Weekday
from schemas.cases import (
    CaseOpenSchema,
    ClientChangeSchema,
    ContactChangeSchema,
    CoverSchema,
    OtherPersonChangeSchema,
    PresentationFormSchema,
    RecordSafetyChangeSchema,
)
from schemas.instruments.capture import ContactContext
from schemas.vocabulary import AskedAnswer, CaseStatus, Channel, ChannelRule, Coded, Gender
from service.casework import cases, circumstances, conflicts, overviews
from service.domain import clock
from service.domain.cases import (
    WR_1,
    Case,
    Client,
    ContactPreferences,
    OtherPerson,
    RecordSafetyCheck,
    channels_of,
    presentation_of,
    record_safety_due,
)
from service.domain.contact_rules import CALLER_SCRIPT, reach_of_case
from service.domain.episodes import STARTS
from service.domain.programme import whereabouts
from service.guard import current_actor, current_practice, needs
from service.web import overview
from service.web.case_frame import banner_of, tabs
from service.web.forms import form_page, read
from service.web.frame import done, show
from service.web.timeline_lines import lines_of

page = Blueprint("cases", __name__)
PartOfCase = TypeVar("PartOfCase")
RECORD_QUESTIONS = (
    ("portal_account", "Does the client have a patient portal account anywhere that could show this record?"),
    ("portal_proxies", "Can anybody else look into that account?"),
    ("shared_device", "Is the client's phone, computer or mailbox shared?"),
    ("insurance_held", "Does the other person hold the insurance that letters go to?"),
    ("household_here", "Is anybody of the household staff or patient of this practice?"),
)


@page.get("/cases/<case_id>")
@needs(Action.CASE_READ)
def case(case_id: str) -> Response:
    found = overviews.read_overview(current_actor(), case_id)
    shown, now = found.case, clock.now()
    return show(
        "pages/cases/case.html",
        task=f"Case {shown.code}",
        banner=banner_of(found.events),
        case=shown,
        may=may(shown),
        closed=shown.status is CaseStatus.CLOSED,
        covers=found.covers,
        tabs_of_case=tabs(shown, "cases.case"),
        reach=reach_of_case(shown, clock.local(now, found.practice.zone)),
        caller=CALLER_SCRIPT,
        tasks=overview.tasks(found, _today()),
        glance=overview.at_a_glance(found),
        goals=found.goals,
        plans=found.spines.plans,
        plan_marks=found.plan_marks,
        timeline_lines=lines_of(case_id, found.happened, found.practice.zone),
        last_session=found.spines.last_before(now),
        next_session=found.spines.next_after(now),
        context_label=ContactContext(shown.presentation.contact_context).label,
        whereabouts=whereabouts(found.spines.steps),
    )


@page.get("/cases/<case_id>/details")
@needs(Action.CASE_READ)
def details(case_id: str) -> Response:
    found, today = overviews.read_details(current_actor(), case_id), _today()
    shown = found.case
    return show(
        "pages/cases/details.html",
        task=f"Details {shown.code}",
        banner=banner_of(found.events),
        case=shown,
        may=may(shown),
        closed=shown.status is CaseStatus.CLOSED,
        covers=found.covers,
        tabs_of_case=tabs(shown, "cases.details"),
        reach=reach_of_case(shown, clock.local(clock.now(), found.practice.zone)),
        check_due=record_safety_due(shown.record_safety, today),
        check=_check_answers(shown.record_safety),
        context_label=ContactContext(shown.presentation.contact_context).label,
        concerns=_listed(shown.presentation.main_concerns),
        factors=_listed(shown.presentation.factors),
        circumstances=circumstances.read_circumstances(current_actor(), case_id),
    )


@page.get("/cases/new")
@needs(Action.CASE_OPEN)
def new() -> Response:
    starts = [(each.value, each.label) for each in STARTS]
    return show(
        "pages/cases/new.html",
        task="Open a case",
        genders=labels(Gender),
        starts=starts,
        today=_today(),
    )


@page.post("/cases/new")
@needs(Action.CASE_OPEN)
@form_page(new)
def open_case() -> Response:
    given = read(CaseOpenSchema)
    state, day = given.pop("state"), given["opened_on"] or _today()
    opened = cases.open_case(current_actor(), _part(Client, given), opened_on=day, state=state)
    return _after_check(opened.id, url_for("cases.case", case_id=opened.id), "The case is open.")


@page.get("/cases/<case_id>/client")
@needs(Action.CASE_CHANGE)
def client(case_id: str) -> Response:
    return _form_of("client", "Client", case_id, genders=labels(Gender))


@page.post("/cases/<case_id>/client")
@needs(Action.CASE_CHANGE)
@form_page(client)
def save_client(case_id: str) -> Response:
    given = read(ClientChangeSchema)
    cases.change_client(current_actor(), case_id, _part(Client, given), version=given["version"])
    back = url_for("cases.details", case_id=case_id, _anchor="client")
    return _after_check(case_id, back, "The client's details are saved.")


@page.get("/cases/<case_id>/contact")
@needs(Action.CASE_CHANGE)
def contact(case_id: str) -> Response:
    return _form_of(
        "contact",
        "Contact",
        case_id,
        rules=labels(ChannelRule),
        channels=list(Channel),
        days=labels(Weekday),
        today=_today(),
    )


@page.post("/cases/<case_id>/contact")
@needs(Action.CASE_CHANGE)
@form_page(contact)
def save_contact(case_id: str) -> Response:
    given = read(ContactChangeSchema)
    wanted = _part(ContactPreferences, given | {"channels": channels_of(given["channels"])})
    cases.change_contact(current_actor(), case_id, wanted, version=given["version"])
    return _back(case_id, "contact", "The ways to reach the client are saved.")


@page.get("/cases/<case_id>/record-check")
@needs(Action.RECORD_CHECK)
def record_check(case_id: str) -> Response:
    answers, today = labels(AskedAnswer), _today()
    return _form_of("record_check", "Record check", case_id, questions=RECORD_QUESTIONS, answers=answers, today=today)


@page.post("/cases/<case_id>/record-check")
@needs(Action.RECORD_CHECK)
@form_page(record_check)
def save_record_check(case_id: str) -> Response:
    given = read(RecordSafetyChangeSchema)
    cases.record_safety_check(current_actor(), case_id, _part(RecordSafetyCheck, given), version=given["version"])
    return _back(case_id, "record-check", "The answers are saved.")


@page.get("/cases/<case_id>/other-person")
@needs(Action.CASE_CHANGE)
def other_person(case_id: str) -> Response:
    return _form_of("other_person", "The other person", case_id, answers=labels(AskedAnswer))


@page.post("/cases/<case_id>/other-person")
@needs(Action.CASE_CHANGE)
@form_page(other_person)
def save_other_person(case_id: str) -> Response:
    given = read(OtherPersonChangeSchema)
    cases.change_other_person(current_actor(), case_id, _part(OtherPerson, given), version=given["version"])
    return _back(case_id, "other-person", "The circumstances are saved.")


@page.get("/cases/<case_id>/presentation")
@needs(Action.CASE_CHANGE)
def presentation(case_id: str) -> Response:
    options = {"contexts": labels(ContactContext), "concerns": labels(Concern), "factors": labels(FormulationFactor)}
    return _form_of("presentation", "Presenting status", case_id, options=options, wording=WR_1)


@page.post("/cases/<case_id>/presentation")
@needs(Action.CASE_CHANGE)
@form_page(presentation)
def save_presentation(case_id: str) -> Response:
    given = read(PresentationFormSchema)
    version = given.pop("version")
    cases.change_presentation(current_actor(), case_id, presentation_of(given), version=version)
    return _back(case_id, "presentation", "The presenting status is saved.")


@page.get("/cases/<case_id>/cover")
@needs(Action.CASE_ASSIGN)
def cover(case_id: str) -> Response:
    desk = cases.read_cover(current_actor(), case_id)
    return show("pages/cases/cover.html", task=f"Cover {desk.case.code}", case=desk.case, desk=desk)


@page.post("/cases/<case_id>/cover")
@needs(Action.CASE_ASSIGN)
@form_page(cover)
def assign_cover(case_id: str) -> Response:
    given = read(CoverSchema)
    cases.assign_cover(current_actor(), case_id, given["account_id"], given["until"])
    return done(url_for("cases.cover", case_id=case_id), "The cover is arranged.")


@page.post("/cases/<case_id>/cover/end")
@needs(Action.CASE_ASSIGN)
@form_page(cover)
def end_cover(case_id: str) -> Response:
    given = read(CoverSchema(only=("account_id",)))
    cases.end_cover(current_actor(), case_id, given["account_id"])
    return done(url_for("cases.cover", case_id=case_id), "The cover has ended.")


@page.get("/cases/<case_id>/pass/<account_id>")
@needs(Action.CASE_PASS)
def succession(case_id: str, account_id: str) -> Response:
    found = cases.read_successor(current_actor(), case_id, account_id)
    return show("pages/cases/pass.html", task=f"Pass {found.case.code}", case=found.case, successor=found)


@page.post("/cases/<case_id>/pass/<account_id>")
@needs(Action.CASE_PASS)
@form_page(succession)
def pass_on(case_id: str, account_id: str) -> Response:
    """On to the caseload: whoever passed it may see the case no more."""
    cases.pass_on(current_actor(), case_id, account_id)
    return done(url_for("caseload.caseload"), "The case has its new therapist.")


def may(case: Case) -> dict[str, bool]:
    """What this reader may do with the case, by the names that the templates use."""
    asked = {
        "change": Action.CASE_CHANGE,
        "check": Action.RECORD_CHECK,
        "assign": Action.CASE_ASSIGN,
        "close": Action.CASE_CLOSE,
        "cosign": Action.CASE_CLOSE_COSIGN,
        "reopen": Action.CASE_REOPEN,
        "move": Action.EPISODE_MOVE,
        "timeline": Action.TIMELINE_EXPORT,
        "goal": Action.GOAL_WRITE,
        "session": Action.SESSION_WRITE,
        "diagnoses": Action.DIAGNOSIS_READ,
        "conflicts": Action.CONFLICT_READ,
        "working_notes": Action.PSYCHOTHERAPY_READ,
        "log": Action.INTAKE_SUBMIT,
        "plan": Action.PLAN_WRITE,
        "event": Action.EVENT_OPEN,
        "follow_up": Action.EVENT_DISPOSE,
        "error": Action.EVENT_ERROR,
    }
    return {name: action in case.may for name, action in asked.items()}


def labels(codes: type[Coded]) -> list[tuple[str, str]]:
    """(code, label) of a closed list, as selects and choices take them."""
    return [(each.value, each.label) for each in codes]


def _form_of(template: str, title: str, case_id: str, **context: Any) -> Response:
    """The form of one section of a case."""
    shown = cases.read_case(current_actor(), case_id)
    return show(f"pages/cases/{template}.html", task=f"{title} {shown.code}", case=shown, **context)


def _part(kind: type[PartOfCase], given: dict[str, Any]) -> PartOfCase:
    """The part of a case that the given values describe; version and day of opening belong to no part."""
    return kind(**{name: value for name, value in given.items() if name not in ("version", "opened_on")})


def _back(case_id: str, section: str, words: str) -> Response:
    return done(url_for("cases.details", case_id=case_id, _anchor=section), words)


def _after_check(case_id: str, url: str, words: str) -> Response:
    """On to `url`, or to the conflict check where somebody of the staff has a name of this case."""
    if not conflicts.staff_of(current_actor(), case_id):
        return done(url, words)
    return done(url_for("conflicts.check", case_id=case_id), f"{words} Somebody on the staff has such a name.")


def _listed(codes: Iterable[Coded]) -> str:
    return ", ".join(each.label for each in codes)


def _check_answers(check: RecordSafetyCheck | None) -> list[tuple[str, str]]:
    return [(question, getattr(check, name).label) for name, question in RECORD_QUESTIONS] if check else []


def _today() -> date:
    return clock.today(current_practice().zone)
