"""SDC `$populate` and `$extract`: a form with what is known filled in, and Observations out of a filled-in form.

https://hl7.org/fhir/uv/sdc/populate.html and extraction.html, version 3.0.0, expression-based and observation-based.
Rule: nothing is stored. The client is looked up as by any read, so whoever may not read the Patient gets the answer
that a missing one gets. How things last stood with the other person is told to readers of single responses only.
"""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import orjson

from schemas.actions import Action
from schemas.instruments.answer import Answer, Answers
from schemas.instruments.capture import CaptureChannel, CaptureContext, ContactContext
from schemas.instruments.definition import Instrument
from schemas.vocabulary import ResponseStatus
from schemas.years import YEARS, is_year_taken
from service.casework import forms, instruments, intakes
from service.domain import clock
from service.domain.access import role_may
from service.domain.actors import Actor
from service.domain.enabling import MARK
from service.domain.intakes import Intake
from service.domain.scoring import score_if_any
from service.errors import Invalid, NotAllowed, NotFound
from service.fhir import bundle, publish, reading
from service.fhir.addresses import Addresses
from service.fhir.definitions import BYTE_ORDER_MARK
from service.fhir.entries import Entry
from service.fhir.extracted import extracted
from service.fhir.labels import labels_for
from service.fhir.observation import observations
from service.fhir.questionnaire_items import canonical, version_name
from service.fhir.questionnaire_response import answers_from, response_items
from service.fhir.shapes import Json, coding, concept, from_bytes, instant, present, reference, to_bytes
from service.fhirpath.form_items import questionnaire_of

CONTEXT, CONTEXT_NAME = "contactContext", "contact-context"
"""What expressions call it, and its code system and extension."""
NEWEST = "There is no such form, or not in this version."


@dataclass(frozen=True)
class Asked:
    """What an operation was given: parameters by name, resources and plain values alike."""

    parts: Mapping[str, Any]

    def resource(self, name: str, resource_type: str) -> Json:
        """Raises Invalid naming the parameter."""
        found = self.parts.get(name)
        if not isinstance(found, dict) or found.get("resourceType") != resource_type:
            raise Invalid(f"Give a {resource_type}.", {name: f"a {resource_type} is expected here"})
        return found

    def reference(self, name: str, resource_type: str) -> str:
        """The id in a reference. Raises Invalid naming the parameter."""
        found = self.parts.get(name)
        text = found.get("reference", "") if isinstance(found, dict) else ""
        kind, _, resource_id = str(text).rpartition("/")
        if kind.rpartition("/")[2] != resource_type or not resource_id:
            raise Invalid(f"Say which {resource_type}.", {name: f"a reference to a {resource_type} is expected here"})
        return resource_id


def asked(body: bytes, bare: str) -> Asked:
    """The parameters in a posted body; a resource that is no Parameters stands for the parameter `bare`.

    Raises Invalid for what is no JSON object.
    """
    try:
        orjson.loads(body or b"{}")  # stricter: no half of a surrogate pair, no endless nesting
        read = from_bytes(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise Invalid("The body is no JSON.", {"body": "no JSON"}) from error
    if not isinstance(read, dict):
        raise Invalid("The body is no resource.", {"body": "no resource"})
    if read.get("resourceType") != "Parameters":
        return Asked({bare: read} if read else {})
    given = read.get("parameter")
    parts = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    return Asked({str(each.get("name")): _held(each) for each in parts})


def _held(part: Json) -> Any:
    values = [value for name, value in part.items() if name.startswith("value")]
    return part.get("resource", values[0] if values else None)


def populate(actor: Actor, given: Asked, form_id: str = "") -> bytes:
    """A response in progress with what the form's own expressions give, for one client."""
    at = publish.addresses()
    instrument = _by_id(actor, form_id) if form_id else _by_canonical(actor, _form_named(given), at)
    case_id = given.reference("subject", "Patient")
    patient = from_bytes(reading.read(actor, "Patient", case_id).body)
    told = _told(_last_context(actor, case_id), at) if _asks_for_context(instrument) else None
    if instrument.origin is None:
        return _populated(_in_progress(instrument, {}, case_id, at), told, at)
    launch = {"patient": patient, **({CONTEXT: told} if told else {})}
    return _populated(_in_progress(instrument, forms.started(instrument, clock.now(), launch), case_id, at), None, at)


def _populated(response: Json, told: Json | None, at: Addresses) -> bytes:
    """`told` is how things last stood, for a form that has no question for it."""
    extension = [{"url": at.extension(CONTEXT_NAME), "valueCodeableConcept": told}] if told else []
    return to_bytes(_parameters(("response", {**response, **({"extension": extension} if extension else {})})))


def _asks_for_context(instrument: Instrument) -> bool:
    """Our own forms that read differently by it, and an imported one whose expressions name it."""
    if instrument.origin is None:
        return bool(instrument.titles)
    return CONTEXT in str(questionnaire_of(instrument))


def _last_context(actor: Actor, case_id: str) -> ContactContext | None:
    """As recorded with the last response that this reader may read."""
    if not role_may(Action.INTAKE_READ, actor.role):
        return None
    try:
        found = [each for each in intakes.list_intakes(actor, case_id) if not each.replaced]
    except (NotFound, NotAllowed):
        return None
    return ContactContext(found[-1].contact_context) if found else None


def _told(context: ContactContext | None, at: Addresses) -> Json | None:
    return concept(coding(at.system(CONTEXT_NAME), str(context), context.label)) if context else None


def _form_named(given: Asked) -> str:
    """`questionnaire` is a canonical address, a reference, or the form itself, which then names itself."""
    named = given.parts.get("questionnaire")
    if isinstance(named, dict):
        named = named.get("url") or named.get("reference")
    if not isinstance(named, str) or not named:
        raise Invalid("Say which form.", {"questionnaire": "a canonical address or a Questionnaire is expected here"})
    return named


def _in_progress(instrument: Instrument, answers: Answers, case_id: str, at: Addresses) -> Json:
    return present(
        resourceType="QuestionnaireResponse",
        meta={"security": labels_for("QuestionnaireResponse")},
        questionnaire=canonical(instrument, at),
        status="in-progress",
        subject=reference("Patient", case_id),
        authored=instant(clock.now()),
        item=response_items(instrument, answers, None, at) if instrument.origin else [],
    )


def extract(actor: Actor, given: Asked, response_id: str = "") -> bytes:
    """A transaction Bundle of the Observations in a response, stored or handed in. Raises Invalid naming the linkId."""
    at = publish.addresses()
    posted = "questionnaire-response", "QuestionnaireResponse"
    response = _stored(actor, response_id) if response_id else given.resource(*posted)
    instrument = form_of(actor, response, at)
    case_id = Asked({"subject": response.get("subject")}).reference("subject", "Patient")
    reading.read(actor, "Patient", case_id)
    intake = _as_intake(actor, instrument, response, case_id)
    found = [*observations(intake, instrument, at, encounter_id=""), *extracted(intake, instrument, encounter_id="")]
    entries = [_posted(each.content) for each in found]
    bundle: Json = {"resourceType": "Bundle", "type": "transaction", **({"entry": entries} if entries else {})}
    return to_bytes(_parameters(("return", bundle)))


def _stored(actor: Actor, response_id: str) -> Json:
    return cast(Json, from_bytes(reading.read(actor, "QuestionnaireResponse", response_id).body))


def _as_intake(actor: Actor, instrument: Instrument, response: Json, case_id: str) -> Intake:
    """The response as a record that was never kept."""
    answers = answers_in(instrument, response)
    authored = authored_of(response)
    return Intake(
        id=str(response.get("id") or uuid.uuid4()),
        case_id=case_id,
        session_id=None,
        instrument_key=instrument.key,
        instrument_version=instrument.version,
        fingerprint=instrument.fingerprint,
        status=ResponseStatus.COMPLETED,
        authored_at=authored,
        author_id=actor.user_id,
        author_name=actor.name,
        contact_context=ContactContext.UNSURE,
        capture=CaptureContext(CaptureChannel.IN_PERSON),
        answers=answers,
        score=score_if_any(instrument, answers),
        amends=None,
        reason="",
        replaced=False,
        version=1,
        updated_at=authored,
    )


def form_of(actor: Actor, response: Json, at: Addresses) -> Instrument:
    """The form that a response names. Raises Invalid for one that is not here."""
    named = response.get("questionnaire")
    return _by_canonical(actor, named if isinstance(named, str) else "", at)


def answers_in(instrument: Instrument, response: Json) -> Answers:
    """The answers in a response, with what the form works out. Raises Invalid naming the linkId."""
    try:
        answers = answers_from(instrument, response)
    except ValueError as error:
        link_id, _, words = str(error).partition(": ")
        raise Invalid(f"The response does not fit its form: {error}", {link_id: words}) from error
    if not forms.is_worked_through(instrument):
        return answers
    try:
        return forms.completed(instrument, _own(instrument, answers), clock.now())
    except Invalid as error:
        raise Invalid(error.message, {_link_id(instrument, at): words for at, words in error.fields.items()}) from error


def _own(instrument: Instrument, answers: Answers) -> Answers:
    """The answers without what the form sets itself, in rows too: it is worked out anew."""
    return {key: _own_in(instrument, each) for key, each in answers.items() if not _is_set_by_form(instrument, key)}


def _own_in(instrument: Instrument, answer: Answer) -> Answer:
    rows = [each for each in answer if isinstance(each, Mapping)] if isinstance(answer, tuple) else []
    return tuple(_own(instrument, row) for row in rows) if rows else answer


def _link_id(instrument: Instrument, at: str) -> str:
    """What the form calls the item at a place of the answers; a rule of the whole form keeps its own name."""
    place = at.removeprefix("answers.")
    keys = [each for each in place.split(MARK) if instrument.has(each)]
    return instrument.item(keys[-1]).name if keys else place


def _is_set_by_form(instrument: Instrument, key: str) -> bool:
    rules = instrument.item(key).rules
    return rules is not None and rules.fixed


def authored_of(response: Json) -> datetime:
    """When it says that it was answered, else now. Raises Invalid for a year that no edge takes."""
    try:
        found = datetime.fromisoformat(str(response.get("authored")))
    except ValueError:
        return clock.now()
    if not is_year_taken(found.year):
        raise Invalid("The time of the response does not fit.", {"authored": YEARS})
    return found.astimezone(UTC) if found.tzinfo else clock.now()


def _posted(content: Json) -> Json:
    resource = {name: value for name, value in content.items() if name != "id"}
    return {
        "fullUrl": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, str(content['id']))}",
        "resource": {**resource, "meta": {"security": labels_for("Observation")}},
        "request": {"method": "POST", "url": "Observation"},
    }


def package(actor: Actor, given: Asked, form_id: str = "") -> bytes:
    """A form with everything that is needed to show it: options and value sets stand inside it."""
    at = publish.addresses()
    instrument = _by_id(actor, form_id) if form_id else _by_canonical(actor, _form_named(given), at)
    name = version_name(instrument)
    body = reading.read(actor, "Questionnaire", name).body.removeprefix(BYTE_ORDER_MARK)
    return bundle.collection([Entry("Questionnaire", name, body)], at)


def _parameters(*named: tuple[str, Json]) -> Json:
    parts = [{"name": name, "resource": each} for name, each in named]
    return {"resourceType": "Parameters", "parameter": parts}


def _by_id(actor: Actor, form_id: str) -> Instrument:
    """Raises NotFound."""
    for each in instruments.definitions(actor):
        if version_name(each) == form_id:
            return each
    raise NotFound


def _by_canonical(actor: Actor, named: str, at: Addresses) -> Instrument:
    """url or url|version; without a version the newest. Raises Invalid for a form or version that is not here."""
    url, _, version = named.partition("|")
    known = [each for each in instruments.definitions(actor) if canonical(each, at).partition("|")[0] == url]
    fitting = [each for each in known if version in ("", canonical(each, at).partition("|")[2])]
    if not fitting:
        raise Invalid(NEWEST, {"questionnaire": NEWEST})
    return max(fitting, key=_age)


def _age(instrument: Instrument) -> tuple[int, ...]:
    """Versions in the order of their numbers: 1.10.0 is newer than 1.9.0."""
    return tuple(int(each) for each in re.findall(r"\d+", instrument.version))
