"""Forms of other makers: bringing in a FHIR Questionnaire, and reading it back as it was received."""

from dataclasses import dataclass

from flask import Response, request
from werkzeug.exceptions import UnsupportedMediaType

from schemas.actions import Action
from schemas.definitions import ImportedRecord, ImportSchema
from service.api.routes import Given, Routes, asks
from service.casework import instruments
from service.casework.instruments import Attestation
from service.errors import Invalid
from service.fhir.importing.findings import Finding
from service.fhir.importing.form import Reading, read_form
from service.guard import current_actor, needs

routes = Routes("Forms", "FHIR R4 Questionnaires of other makers. The body is the file itself, kept byte for byte.")
FHIR_JSON = "application/fhir+json"
TAKEN = ("application/json", FHIR_JSON)
MOST_NAMED = 50


@dataclass(frozen=True)
class Brought:
    """What became of a form. `accepted`: it could be used; `stored`: it is in the register now."""

    accepted: bool
    stored: bool
    findings: tuple[Finding, ...]
    key: str = ""
    version: str = ""
    fingerprint: str = ""


@routes.post("/instruments", ImportedRecord)
@needs(Action.INSTRUMENT_IMPORT)
@asks(ImportSchema)
def import_instrument(asked: Given) -> Brought:
    """Bring in a form. With `dry_run` it is read, everything is said about it, and nothing is stored."""
    if request.mimetype not in TAKEN:
        raise UnsupportedMediaType
    data, actor = request.get_data(), current_actor()
    reading = read_form(data, actor.practice_id)
    if asked["dry_run"]:
        return Brought(reading.instrument is not None, False, reading.findings)
    if reading.instrument is None:
        raise Invalid("The form is refused.", dict(_named(reading)))
    attestation = Attestation(asked["attested_by"], asked["licence"], asked["informant"], asked["stays_home"])
    found = instruments.import_instrument(actor, reading.instrument, data, attestation).instrument
    return Brought(True, True, reading.findings, found.key, found.version, found.fingerprint)


@routes.get("/instruments/<form_key>/<form_version>/original")
@needs(Action.INSTRUMENT_READ)
def read_original(form_key: str, form_version: str) -> Response:
    """The file of an imported form, byte for byte as it was received."""
    return Response(instruments.read_original(current_actor(), form_key, form_version), mimetype=FHIR_JSON)


def _named(reading: Reading) -> list[tuple[str, str]]:
    """(item or place, what is wrong) of the refusals."""
    return [(each.link_id or each.path or "body", each.words) for each in reading.refusals[:MOST_NAMED]]
