"""The register of instruments, and bringing in a form of another maker in two steps: look at it, then answer for it.

Rule: nothing is stored before somebody has seen what is supported and what is not, and has given a name. Between the
two steps the file travels packed inside the form, and is read again when it comes back.
"""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.fields import CodedField, Line, Ticked, Words
from schemas.instruments.definition import Informant, Instrument, Status
from schemas.payload import Payload
from service.casework import instruments as shelf
from service.casework.instruments import Attestation, Registered, ThresholdDraft
from service.domain.access import role_may
from service.errors import Invalid, NotFound
from service.fhir.importing.form import Reading, read_form
from service.fhir.importing.telling import WORDS, what
from service.guard import current_actor, needs
from service.web.files import attachment
from service.web.forms import current_form, form_page, read
from service.web.frame import done, show
from service.web.packing import LARGEST_PACKED, packed, unpacked

page = Blueprint("instruments", __name__)
FILE_NAME = "questionnaire.json"
FHIR_JSON = "application/fhir+json"
INFORMANTS = (
    (Informant.CLIENT_WITH_CLINICIAN, "The client, with a clinician who asks"),
    (Informant.CLIENT, "The client alone: the form can be handed over on a screen"),
    (Informant.CLINICIAN, "The clinician"),
)
SENT = "They go out with exports and over FHIR."


class AcceptFormSchema(Payload):
    packed = Words(LARGEST_PACKED, needed=True)
    attested_by = Line(200, load_default="")
    licence = Words(2_000, load_default="")
    informant = CodedField(Informant, load_default=Informant.CLIENT_WITH_CLINICIAN)
    stays_home = Ticked(load_default=False)


class RetireFormSchema(Payload):
    seen = Line(10, needed=True)


class ThresholdFormSchema(Payload):
    result = Line(64, load_default="")
    change = Line(20, load_default="")
    citation = Words(1_000, load_default="")


@dataclass(frozen=True)
class Preview:
    """What a file would become: (place, remark, words) and (item, question, answered with)."""

    title: str
    refused: bool
    remarks: tuple[tuple[str, str, str], ...]
    items: tuple[tuple[str, str, str], ...]
    packed: str


@page.get("/instruments")
@needs(Action.INSTRUMENT_READ)
def register() -> Response:
    found = shelf.register(current_actor())
    return show(
        "pages/instruments/register.html",
        task="Instruments",
        own=[each for each in found if each.imported is None],
        brought=[each for each in found if each.imported is not None],
        may_import=role_may(Action.INSTRUMENT_IMPORT, current_actor().role),
    )


@page.get("/instruments/<instrument_key>")
@needs(Action.INSTRUMENT_READ)
def instrument(instrument_key: str) -> Response:
    """One version, the newest unless another is named after the question mark."""
    return _shown(instrument_key, request.args.get("version", ""))


def _shown(key: str, version: str) -> Response:
    found, every = _versions(key, version)
    return show(
        "pages/instruments/instrument.html",
        task="Instrument",
        found=found,
        versions=every,
        facts=_facts(found),
        results=_results(found.instrument),
        thresholds=_thresholds(found),
        may_change=role_may(Action.INSTRUMENT_RETIRE, current_actor().role),
        in_use=found.status is not Status.RETIRED,
    )


@page.get("/instruments/import")
@needs(Action.INSTRUMENT_IMPORT)
def bring() -> Response:
    return show("pages/instruments/bring.html", task="Import a form")


@page.post("/instruments/import")
@needs(Action.INSTRUMENT_IMPORT)
@form_page(bring)
def look() -> Response:
    """The first step: what is supported, what is not, and the form as it would be asked."""
    file = request.files.get("file")
    data = file.read() if file else b""
    if not data:
        raise Invalid("There is no file.", {"file": "Choose the file of a FHIR Questionnaire."})
    return _preview(data)


def again() -> Response:
    """The second step once more, with what was wrong with it."""
    return _preview(unpacked(current_form().value("packed")))


@page.post("/instruments/accept")
@needs(Action.INSTRUMENT_IMPORT)
@form_page(again)
def accept() -> Response:
    """The second step: a named person answers for the licence."""
    given, actor = read(AcceptFormSchema), current_actor()
    data = unpacked(given["packed"])
    reading = read_form(data, actor.practice_id)
    if reading.instrument is None:
        raise Invalid("The form is refused.", {})
    found = shelf.import_instrument(actor, reading.instrument, data, _attestation(given)).instrument
    return done(url_for("instruments.instrument", instrument_key=found.key), "The form is in use.")


def _attestation(given: dict[str, Any]) -> Attestation:
    return Attestation(given["attested_by"], given["licence"], given["informant"], given["stays_home"])


@page.get("/instruments/<form_key>/<form_version>/original")
@needs(Action.INSTRUMENT_READ)
def original(form_key: str, form_version: str) -> Response:
    """The file as it was received."""
    data = shelf.read_original(current_actor(), form_key, form_version)
    return attachment(data, FILE_NAME, FHIR_JSON)


@page.post("/instruments/<form_key>/<form_version>/retire")
@needs(Action.INSTRUMENT_RETIRE)
def retire(form_key: str, form_version: str) -> Response:
    seen = read(RetireFormSchema)["seen"]
    shelf.retire(current_actor(), form_key, form_version, seen=int(seen) if seen.isdecimal() else 0)
    return done(_address(form_key, form_version), "This version is retired. What was filled in with it stays.")


def told_again(form_key: str, form_version: str) -> Response:
    return _shown(form_key, form_version)


@page.post("/instruments/<form_key>/<form_version>/threshold")
@needs(Action.INSTRUMENT_THRESHOLD)
@form_page(told_again)
def attach(form_key: str, form_version: str) -> Response:
    given = read(ThresholdFormSchema)
    shelf.attach_threshold(current_actor(), form_key, form_version, ThresholdDraft(**given))
    return done(_address(form_key, form_version), "The threshold stands with its citation.")


def _address(key: str, version: str) -> str:
    return url_for("instruments.instrument", instrument_key=key, version=version)


def _versions(key: str, version: str) -> tuple[Registered, tuple[Registered, ...]]:
    """The version asked for (the newest without one), and all of them, newest first. Raises NotFound."""
    every = [each for each in shelf.register(current_actor()) if each.instrument.key == key]
    every.sort(key=lambda each: tuple(map(int, each.instrument.version.split("."))), reverse=True)
    found = next((each for each in every if version in ("", each.instrument.version)), None)
    if found is None:
        raise NotFound
    return found, tuple(every)


def _preview(data: bytes) -> Response:
    reading = read_form(data, current_actor().practice_id)
    return show(
        "pages/instruments/look.html", task="Import a form", preview=_told(reading, data), informants=INFORMANTS
    )


def _told(reading: Reading, data: bytes) -> Preview:
    found = reading.instrument
    remarks = (
        (each.link_id or each.path or "The file", WORDS[each.weight].capitalize(), each.words)
        for each in reading.findings
    )
    items = ((each.name, each.prompt, what(each.answer)) for each in (found.items() if found else ()))
    return Preview(found.title if found else "", found is None, tuple(remarks), tuple(items), packed(data))


def _results(instrument: Instrument) -> list[tuple[str, str]]:
    return [(key, instrument.item(key).prompt or key) for key in instrument.results]


def _thresholds(found: Registered) -> list[tuple[str, str, str]]:
    told = dict(_results(found.instrument))
    given = found.imported.thresholds if found.imported else ()
    return [(told.get(each.result, each.result), str(each.change), each.citation) for each in given]


def _facts(found: Registered) -> tuple[tuple[str, str], ...]:
    form, brought = found.instrument, found.imported
    shared = (
        ("Version", form.version),
        ("State", found.status.label),
        ("Worth as a measure", form.validation.label),
        ("Filled in by", form.informant.label),
        ("Its answers", form.stays_home or SENT),
        ("Licence", form.licence),
        ("Fingerprint", form.fingerprint),
    )
    if form.origin is None or brought is None:
        return shared
    return (
        *shared,
        ("Address of the form", form.origin.url),
        ("Its own version", form.origin.version),
        ("Publisher", form.origin.publisher),
        ("Languages", ", ".join(each.language for each in form.origin.translations)),
        ("Licence attested by", brought.attested.name),
        ("Digest of the file", brought.original_hash),
    )
