"""Consents and releases of a case: what was agreed, preparing a release, signing it with the client, revoking it.

Rule: a release is read aloud before it is signed; nothing here depends on signing, and the page says so.
"""

from typing import Any

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.payload import VersionOnly
from schemas.release_codes import (
    ConsentAnswer,
    ConsentKind,
    ContentClass,
    ReleaseForm,
    ReleasePurpose,
    ReleaseState,
    SaidHow,
    SendRoute,
)
from schemas.releases import ConsentSchema, ReleaseSchema, RevokeSchema, SignSchema
from service.casework import releases as casework
from service.casework.releases import ConsentDesk, ReleaseDraft
from service.domain import clock
from service.domain.leaks import Leak
from service.domain.releases import LASTS, REDISCLOSURE, Discussed, Release, ReleaseTerms, Said, runs_out_soon, standing
from service.guard import current_actor, current_practice, needs
from service.web.case_frame import tabs
from service.web.cases import labels
from service.web.departures import words
from service.web.forms import current_form, form_page, read
from service.web.frame import done, go, show
from service.web.leaks import told_at_the_finds

page = Blueprint("releases", __name__)
TONES = {
    ReleaseState.DRAFT: "part",
    ReleaseState.IN_FORCE: "done",
    ReleaseState.EXPIRED: "closed",
    ReleaseState.REVOKED: "closed",
    ReleaseState.DROPPED: "quiet",
}


@page.get("/cases/<case_id>/releases")
@needs(Action.RELEASE_READ)
def releases(case_id: str) -> Response:
    desk = casework.read_desk(current_actor(), case_id)
    stands = standing(desk.consents)
    return show(
        "pages/releases/releases.html",
        task=f"Consent and releases {desk.case.code}",
        case=desk.case,
        tabs_of_case=tabs(desk.case, "releases.releases"),
        kinds=[(kind, stands.get(kind)) for kind in ConsentKind],
        history=desk.consents,
        releases=[_line(desk, each) for each in desk.releases],
        options={"kinds": labels(ConsentKind), "answers": labels(ConsentAnswer), "hows": labels(SaidHow)},
        today=desk.today,
        may_record=Action.CONSENT_RECORD in desk.case.may,
        may_write=Action.RELEASE_WRITE in desk.case.may,
    )


@page.post("/cases/<case_id>/consents")
@needs(Action.CONSENT_RECORD)
@form_page(releases)
def record_consent(case_id: str) -> Response:
    said = Said(**read(ConsentSchema))
    casework.record_consent(current_actor(), case_id, said)
    return done(url_for("releases.releases", case_id=case_id), f"{said.kind.label}: {said.answer.label.casefold()}.")


@page.get("/cases/<case_id>/releases/new")
@needs(Action.RELEASE_WRITE)
def new(case_id: str) -> Response:
    desk = casework.read_desk(current_actor(), case_id)
    return show(
        "pages/releases/new.html",
        task=f"New release {desk.case.code}",
        case=desk.case,
        forms=labels(ReleaseForm),
        classes=labels(ContentClass),
        purposes=labels(ReleasePurpose),
        routes=labels(SendRoute),
        expires_on=desk.today + LASTS,
        days=LASTS.days,
        leaks=_leaks(case_id),
    )


def _leaks(case_id: str) -> tuple[Leak, ...]:
    """What was found in the terms as they were typed."""
    form = current_form()
    if not form.typed:
        return ()
    terms = ReleaseTerms(
        recipient="",
        classes=(),
        purpose=ReleasePurpose.OTHER,
        route=SendRoute.HANDED,
        address=form.value("address"),
        words=form.value("words"),
    )
    return casework.find_in_terms(current_actor(), case_id, terms)


@page.post("/cases/<case_id>/releases/new")
@needs(Action.RELEASE_WRITE)
@form_page(new)
def prepare(case_id: str) -> Response:
    with told_at_the_finds():
        found = casework.prepare_release(current_actor(), case_id, draft_of(read(ReleaseSchema)))
    return go(url_for("releases.release", release_id=found.id))


@page.get("/releases/<release_id>")
@needs(Action.RELEASE_READ)
def release(release_id: str) -> Response:
    return _page("release", release_id)


@page.get("/releases/<release_id>/sign")
@needs(Action.RELEASE_READ)
def opened_anew(release_id: str) -> Response:
    """Where the address of a step is opened once more."""
    return _page("release", release_id)


@page.post("/releases/<release_id>/sign")
@needs(Action.RELEASE_WRITE)
@form_page(release)
def sign(release_id: str) -> Response:
    given = read(SignSchema)
    version = given.pop("version")
    casework.sign_release(current_actor(), release_id, Discussed(**given), version=version)
    return done(_url(release_id), "Signed. It counts through its last day, or until it is revoked.")


@page.get("/releases/<release_id>/drop")
@needs(Action.RELEASE_WRITE)
def drop(release_id: str) -> Response:
    return _page("drop", release_id)


@page.post("/releases/<release_id>/drop")
@needs(Action.RELEASE_WRITE)
@form_page(drop)
def put_aside(release_id: str) -> Response:
    found = casework.drop_release(current_actor(), release_id, version=read(VersionOnly)["version"])
    return done(url_for("releases.releases", case_id=found.case_id), "Dropped. Nothing leaves by it.")


@page.get("/releases/<release_id>/revoke")
@needs(Action.RELEASE_WRITE)
def revoke(release_id: str) -> Response:
    return _page("revoke", release_id)


@page.post("/releases/<release_id>/revoke")
@needs(Action.RELEASE_WRITE)
@form_page(revoke)
def take_back(release_id: str) -> Response:
    given = read(RevokeSchema)
    how, note = given["how"], given["note"]
    casework.revoke_release(current_actor(), release_id, how, note=note, version=given["version"])
    return done(_url(release_id), "Revoked. From now on nothing leaves by it.")


def draft_of(given: dict[str, Any]) -> ReleaseDraft:
    """The posted values as a release to prepare."""
    form, expires_on = given.pop("form"), given.pop("expires_on")
    classes, confirmed = tuple(given.pop("classes")), tuple(given.pop("confirmed"))
    return ReleaseDraft(form, ReleaseTerms(classes=classes, **given), expires_on, confirmed)


def _page(name: str, release_id: str) -> Response:
    found, case = casework.read_release(current_actor(), release_id)
    today = clock.today(current_practice().zone)
    state = found.state(today)
    return show(
        f"pages/releases/{name}.html",
        task=f"{found.form.label} {case.code}",
        case=case,
        release=found,
        facts=_facts(found),
        state=state,
        tone=TONES[state],
        warning=REDISCLOSURE,
        hows=labels(SaidHow),
        may_write=Action.RELEASE_WRITE in case.may,
    )


def _facts(found: Release) -> list[tuple[str, str]]:
    terms = found.terms
    return [
        ("One recipient", terms.recipient),
        ("Where to", terms.address),
        ("What may leave", words(terms.classes)),
        ("What for", terms.purpose.label),
        ("In the client's words", terms.words),
        ("How", terms.route.label),
    ]


def _line(desk: ConsentDesk, each: Release) -> tuple[Release, str, str, bool]:
    state = each.state(desk.today)
    return each, state.label, TONES[state], runs_out_soon(each, desk.today)


def _url(release_id: str) -> str:
    return url_for("releases.release", release_id=release_id)
