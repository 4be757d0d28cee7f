"""Consents, releases and the log of what left."""

from schemas.actions import Action
from schemas.payload import Page, VersionOnly
from schemas.releases import (
    ConsentRecord,
    ConsentSchema,
    CorrectionSchema,
    DisclosureRecord,
    DisclosureSchema,
    ReleaseRecord,
    ReleaseSchema,
    RevokeSchema,
    SignSchema,
)
from service.api.routes import Given, Listed, Routes, asks, listed, seen, takes
from service.casework import disclosures, releases
from service.casework.releases import ReleaseDraft
from service.domain.disclosures import Departure, Disclosure
from service.domain.releases import Consent, Discussed, Release, ReleaseTerms, Said
from service.guard import current_actor, needs

routes = Routes("Releases", "What the client agreed to, what may leave to whom, and what left. Nothing is deleted.")


@routes.get("/cases/<id:case_id>/consents", ConsentRecord, many=True)
@needs(Action.RELEASE_READ)
@asks(Page)
def list_consents(asked: Given, case_id: str) -> Listed:
    """Every answer, newest first; the latest of a kind stands."""
    return listed(releases.read_desk(current_actor(), case_id).consents, asked)


@routes.post("/cases/<id:case_id>/consents", ConsentRecord, status=201)
@needs(Action.CONSENT_RECORD)
@takes(ConsentSchema)
def record_consent(given: Given, case_id: str) -> Consent:
    """Keep an answer of the client."""
    return releases.record_consent(current_actor(), case_id, Said(**given))


@routes.get("/cases/<id:case_id>/releases", ReleaseRecord, many=True)
@needs(Action.RELEASE_READ)
@asks(Page)
def list_releases(asked: Given, case_id: str) -> Listed:
    """Every release, newest first."""
    return listed(releases.read_desk(current_actor(), case_id).releases, asked)


@routes.post("/cases/<id:case_id>/releases", ReleaseRecord, status=201)
@needs(Action.RELEASE_WRITE)
@takes(ReleaseSchema)
def prepare_release(given: Given, case_id: str) -> Release:
    """Prepare a release; it carries nothing before the client signed."""
    form, expires_on, classes = given.pop("form"), given.pop("expires_on"), tuple(given.pop("classes"))
    confirmed = tuple(given.pop("confirmed"))
    draft = ReleaseDraft(form, ReleaseTerms(classes=classes, **given), expires_on, confirmed)
    return releases.prepare_release(current_actor(), case_id, draft)


@routes.get("/releases/<id:release_id>", ReleaseRecord)
@needs(Action.RELEASE_READ)
def read_release(release_id: str) -> Release:
    """One release."""
    return releases.read_release(current_actor(), release_id)[0]


@routes.post("/releases/<id:release_id>/sign", ReleaseRecord)
@needs(Action.RELEASE_WRITE)
@takes(SignSchema)
def sign_release(given: Given, release_id: str) -> Release:
    """The client signed, after three things were said aloud."""
    version = seen(given)
    return releases.sign_release(current_actor(), release_id, Discussed(**given), version=version)


@routes.post("/releases/<id:release_id>/drop", ReleaseRecord)
@needs(Action.RELEASE_WRITE)
@takes(VersionOnly)
def drop_release(given: Given, release_id: str) -> Release:
    """It was not signed."""
    return releases.drop_release(current_actor(), release_id, version=seen(given))


@routes.post("/releases/<id:release_id>/revoke", ReleaseRecord)
@needs(Action.RELEASE_WRITE)
@takes(RevokeSchema)
def revoke_release(given: Given, release_id: str) -> Release:
    """The client takes it back: from now on nothing leaves by it."""
    version = seen(given)
    return releases.revoke_release(current_actor(), release_id, given["how"], note=given["note"], version=version)


@routes.get("/cases/<id:case_id>/disclosures", DisclosureRecord, many=True)
@needs(Action.DISCLOSURE_READ)
@asks(Page)
def list_disclosures(asked: Given, case_id: str) -> Listed:
    """What left in the last six years, newest first; corrections follow the row that they put right."""
    found = disclosures.read_disclosures(current_actor(), case_id).accounted
    return listed([row for each in found for row in (each.disclosure, *each.corrections)], asked)


@routes.post("/cases/<id:case_id>/disclosures", DisclosureRecord, status=201)
@needs(Action.DISCLOSURE_RECORD)
@takes(DisclosureSchema)
def record_disclosure(given: Given, case_id: str) -> Disclosure:
    """Enter what left by another way: a call, a letter, a fax."""
    classes, what = tuple(given.pop("classes")), given.pop("what")
    return disclosures.record_disclosure(current_actor(), case_id, Departure(**given), classes, what)


@routes.post("/disclosures/<id:disclosure_id>/corrections", DisclosureRecord, status=201)
@needs(Action.DISCLOSURE_RECORD)
@takes(CorrectionSchema)
def correct_disclosure(given: Given, disclosure_id: str) -> Disclosure:
    """Put a row right by a further one; the first stays."""
    what = given.pop("what")
    return disclosures.correct_disclosure(current_actor(), disclosure_id, Departure(**given), what)
