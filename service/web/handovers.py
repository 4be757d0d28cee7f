"""Handing a form to the client: choosing it, the one-time code, how it stands, and what to do with unfinished answers.

Rule: the code waits in the clinician's own browser and nowhere else; before this device changes hands its sign-in is
locked. Answers are shown once the client's screen has ended, never while the client writes.
"""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.handovers import HandoverFormSchema
from schemas.instruments import find, newest
from schemas.instruments.capture import ContactContext, Interpreter, Privacy
from schemas.instruments.definition import Status
from schemas.vocabulary import HandoverMode, HandoverState
from service import guard
from service.casework import accounts, client_screen, handovers, instruments, records
from service.casework.handovers import HandoverDraft, Made, Review
from service.casework.instruments import Registered
from service.casework.records import Record
from service.domain.handovers import CODE_LASTS, Handover, may_be_handed_over, once_was_asked, spaced
from service.errors import NotAllowed
from service.guard import current_actor, current_practice, needs
from service.web import client_form, times
from service.web.case_frame import banner_of
from service.web.forms import form_page, read
from service.web.frame import done, go, show
from service.web.intake_view import answer_tables

page = Blueprint("handovers", __name__)
CODE_COOKIE = "stepwell-code"
CODE_PATH = "/handovers"
SESSIONS_OFFERED = 12


@dataclass(frozen=True)
class HandedOver:
    """A hand-over as a list shows it."""

    words: str
    state: HandoverState
    url: str
    waits: bool


def lines_of(found: tuple[Handover, ...]) -> tuple[HandedOver, ...]:
    """Form and state of each, with the way to its page."""
    return tuple(
        HandedOver(
            find(each.instrument_key, each.instrument_version).title,
            each.state,
            url_for("handovers.handover", handover_id=each.id),
            each.live or each.waits_for_review,
        )
        for each in found
    )


@page.get("/cases/<case_id>/handover")
@needs(Action.HANDOVER_MAKE)
def new(case_id: str) -> Response:
    record = records.read_record(current_actor(), case_id, Action.INTAKE_READ)
    if Action.HANDOVER_MAKE not in record.case.may:
        raise NotAllowed("You cannot hand over forms on this case.")
    return show(
        "pages/handovers/new.html",
        task=f"Hand over {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        options=_options(record),
        may_ask_once=_may_ask_once(record),
        session_id=request.args.get("session", ""),
        lasts=int(CODE_LASTS.total_seconds() // 60),
    )


@page.post("/cases/<case_id>/handover")
@needs(Action.HANDOVER_MAKE)
@form_page(new)
def make(case_id: str) -> Response:
    given = read(HandoverFormSchema)
    here = given.pop("where") == "here"
    made = handovers.hand_over(current_actor(), case_id, HandoverDraft(**given))
    return _here(made) if here else _with_code(made)


@page.get("/handovers/<handover_id>")
@needs(Action.HANDOVER_READ)
def handover(handover_id: str) -> Response:
    """How it stands; with the code while it waits and this browser has it, with the answers while they wait."""
    review = handovers.read_handover(current_actor(), handover_id)
    record = records.read_record(current_actor(), review.handover.case_id, Action.INTAKE_READ)
    waiting = review.handover.state is HandoverState.WAITING
    return show(
        "pages/handovers/handover.html",
        task=f"Handed over {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        handover=review.handover,
        title=review.instrument.title,
        code=_code_of(handover_id) if waiting else "",
        address=url_for("client_form.begin", _external=True),
        facts=_facts(review),
        answers=answer_tables(review.filling.answers, review.instrument) if review.filling else (),
        may_end=Action.HANDOVER_END in record.case.may and review.handover.live,
        may_renew=Action.HANDOVER_MAKE in record.case.may and waiting,
        may_take=Action.HANDOVER_TAKE in record.case.may and review.handover.waits_for_review,
        may_discard=Action.HANDOVER_END in record.case.may and review.handover.waits_for_review,
    )


@page.post("/handovers/<handover_id>/code")
@needs(Action.HANDOVER_MAKE)
@form_page(handover)
def renew(handover_id: str) -> Response:
    return _with_code(handovers.renew_code(current_actor(), handover_id))


@page.post("/handovers/<handover_id>/here")
@needs(Action.HANDOVER_MAKE)
@form_page(handover)
def here(handover_id: str) -> Response:
    """Turn this very device over; a fresh code is made and used up at once."""
    return _here(handovers.renew_code(current_actor(), handover_id))


@page.post("/handovers/<handover_id>/end")
@needs(Action.HANDOVER_END)
@form_page(handover)
def end(handover_id: str) -> Response:
    ended = handovers.end_handover(current_actor(), handover_id)
    return done(url_for("handovers.handover", handover_id=ended.id), f"{ended.state.label}.")


@page.post("/handovers/<handover_id>/take")
@needs(Action.HANDOVER_TAKE)
@form_page(handover)
def take(handover_id: str) -> Response:
    intake = handovers.take(current_actor(), handover_id)
    return done(url_for("intakes.intake", intake_id=intake.id), "Taken into the record.")


@page.get("/handovers/<handover_id>/discard")
@needs(Action.HANDOVER_END)
def discard(handover_id: str) -> Response:
    review = handovers.read_handover(current_actor(), handover_id)
    record = records.read_record(current_actor(), review.handover.case_id, Action.INTAKE_READ)
    task = f"Discard answers {record.case.code}"
    return show("pages/handovers/discard.html", task=task, case=record.case, handover=review.handover)


@page.post("/handovers/<handover_id>/discard")
@needs(Action.HANDOVER_END)
@form_page(handover)
def erase(handover_id: str) -> Response:
    discarded = handovers.discard(current_actor(), handover_id)
    return done(url_for("handovers.handover", handover_id=discarded.id), "The answers are discarded.")


def _here(made: Made) -> Response:
    """Lock this browser's sign-in, then let the client's screen take its place."""
    accounts.lock(current_actor())
    token = client_screen.open_screen(made.code, origin="", request_id=guard.request_id())
    return client_form.opened(token)


def _with_code(made: Made) -> Response:
    response = go(url_for("handovers.handover", handover_id=made.handover.id))
    response.set_cookie(
        CODE_COOKIE,
        f"{made.handover.id}.{made.code}",
        max_age=int(CODE_LASTS.total_seconds()),
        path=CODE_PATH,
        httponly=True,
        samesite="Strict",
        secure=guard.cookie_name().startswith("__Host-"),
    )
    return response


def _code_of(handover_id: str) -> str:
    """The code of this hand-over as it is shown, if this browser made it."""
    made_for, _, code = request.cookies.get(CODE_COOKIE, "").partition(".")
    return spaced(code) if made_for == handover_id else ""


def _options(record: Record) -> dict[str, list[tuple[str, str]]]:
    zone = current_practice().zone
    coded: dict[str, Any] = {
        "modes": HandoverMode,
        "contexts": ContactContext,
        "privacies": Privacy,
        "interpreters": Interpreter,
    }
    forms = {
        each.instrument.key: each.instrument.title for each in instruments.register(current_actor()) if _handed(each)
    }
    held = record.standing_sessions[:SESSIONS_OFFERED]
    return {
        **{name: [(str(code), code.label) for code in codes] for name, codes in coded.items()},
        "forms": list(forms.items()),
        "sessions": [(each.id, times.moment(each.starts_at, zone)) for each in held],
    }


def _handed(each: Registered) -> bool:
    return each.status is Status.ACTIVE and may_be_handed_over(each.instrument)


def _may_ask_once(record: Record) -> bool:
    """Whether some form still has first-time questions that were never asked."""
    return any(
        each.once and not once_was_asked(each, [log.answers for log in record.standing_intakes(each.key)])
        for each in newest()
        if may_be_handed_over(each)
    )


def _facts(review: Review) -> tuple[tuple[str, str], ...]:
    zone, handed = current_practice().zone, review.handover
    times_of = (
        ("Handed over", handed.made_at),
        ("Code works until", handed.code_until if handed.state is HandoverState.WAITING else None),
        ("Opened", handed.opened_at),
        ("Screen closes by itself at", handed.screen_until if handed.state is HandoverState.OPEN else None),
        ("Ended", handed.ended_at),
    )
    return (
        ("Form", f"{review.instrument.title}, version {handed.instrument_version}"),
        ("Asked", handed.mode.label),
        ("By", handed.author_name),
        *((label, times.moment(at, zone)) for label, at in times_of if at),
    )
