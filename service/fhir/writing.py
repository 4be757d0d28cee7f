"""QuestionnaireResponse -> a response to keep. https://hl7.org/fhir/R4/questionnaireresponse.html

Rule: it must pass both gates and fit the form that it names, in the version in use; what a person at the screen could
not record cannot be sent either. Who sends it is its author, whatever it says. Nothing else can be written.
A connected system sends what the client answered alone, and says so: nobody else's answers are taken from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from schemas.instruments.capture import CaptureChannel, CaptureContext, ContactContext, PenHolder
from schemas.instruments.definition import Instrument
from schemas.vocabulary import Role
from service.casework.instruments import usable
from service.casework.intakes import IntakeDraft
from service.casework.received import Arriving, Received, receive_responses
from service.domain.actors import Actor
from service.errors import Invalid
from service.fhir import codes, models, publish
from service.fhir.addresses import Addresses
from service.fhir.operations import CONTEXT_NAME, Asked, answers_in, authored_of, form_of
from service.fhir.shapes import Json

TYPE = "QuestionnaireResponse"
LONGEST_NAME = 400
OWN_ANSWERS = "A connected system may send what the client alone answered: source is the Patient of the subject."
_LABELS = ".meta.security: missing"


@dataclass(frozen=True)
class Sent:
    """A response as it was sent, read: whose it is and what is to be kept."""

    case_id: str
    arriving: Arriving


def write(actor: Actor, responses: Sequence[Json]) -> tuple[Received, ...]:
    """Keep them all or none. Raises Invalid naming the element, NotFound for a client who is not the actor's."""
    sent = [_read(actor, each) for each in responses]
    cases = {each.case_id for each in sent}
    if len(cases) != 1:
        raise Invalid("Send the responses of one client at a time.", {f"{TYPE}.subject": "one client at a time"})
    return receive_responses(actor, cases.pop(), [each.arriving for each in sent])


def check(resource: Json) -> None:
    """Both gates; labels are ours to set. Raises Invalid naming the first path."""
    found = models.problems_of(resource) or [each for each in codes.problems_of(resource) if not each.endswith(_LABELS)]
    if found:
        path, _, kind = found[0].partition(": ")
        raise Invalid(f"This is no sound {TYPE}: {found[0]}.", {path.removeprefix(f"{TYPE}."): kind})


def _read(actor: Actor, response: Json) -> Sent:
    draft = draft_of(actor, response)
    given = Asked({"subject": response.get("subject"), "encounter": response.get("encounter")})
    session_id = given.reference("encounter", "Encounter") if "encounter" in response else None
    case_id, draft = given.reference("subject", "Patient"), replace(draft, session_id=session_id)
    if actor.role is not Role.MACHINE:
        return Sent(case_id, Arriving(draft))
    _check_alone(response, case_id)
    draft = replace(draft, capture=CaptureContext(CaptureChannel.SENT, held_pen=PenHolder.CLIENT))
    return Sent(case_id, Arriving(draft, _identifier(response)))


def _check_alone(response: Json, case_id: str) -> None:
    """Raises Invalid where the answers are not said to be the client's own, or somebody close wrote them down."""
    source = Asked({"source": response.get("source")}).reference("source", "Patient")
    author = response.get("author")
    if source != case_id:
        raise Invalid(OWN_ANSWERS, {"source": OWN_ANSWERS})
    if isinstance(author, dict) and "RelatedPerson" in (*str(author.get("reference")).split("/"), author.get("type")):
        raise Invalid(OWN_ANSWERS, {"author": OWN_ANSWERS})
    if "T" not in str(response.get("authored")):
        raise Invalid("Say when it was answered.", {"authored": "a moment with its time zone is expected here"})


def _identifier(response: Json) -> str:
    """As system|value; "" where one of the two is missing."""
    given = response.get("identifier")
    system, value = (
        (str(given.get(name) or "") for name in ("system", "value")) if isinstance(given, dict) else ("", "")
    )
    if len(system) + len(value) > LONGEST_NAME:
        raise Invalid("The identifier is too long.", {"identifier": f"at most {LONGEST_NAME} characters"})
    return f"{system}|{value}" if system.strip() and value.strip() else ""


def draft_of(actor: Actor, response: Json) -> IntakeDraft:
    """What is to be kept of a response, whoever it is about. Raises Invalid naming the element."""
    check(response)
    at = publish.addresses()
    instrument = _writable(actor, response, at)
    return IntakeDraft(
        instrument.key,
        answers_in(instrument, response),
        CaptureContext(CaptureChannel.IN_PERSON, held_pen=_pen(response)),
        _context(response, at),
        authored_of(response),
    )


def _writable(actor: Actor, response: Json, at: Addresses) -> Instrument:
    """Raises Invalid for what is unfinished, for an old version, and for a form whose responses stay home."""
    if response.get("status") != "completed":
        raise Invalid("Send a response when it is complete.", {"status": "completed is expected here"})
    instrument = form_of(actor, response, at)
    if usable(actor, instrument.key).version != instrument.version:
        raise Invalid("This version of the form is no longer filled in.", {"questionnaire": "not the version in use"})
    if instrument.stays_home:
        raise Invalid("Responses to this form are recorded in Stepwell only.", {"questionnaire": "not taken here"})
    return instrument


def _pen(response: Json) -> PenHolder:
    source = response.get("source")
    named = str(source.get("reference", "")) if isinstance(source, dict) else ""
    return PenHolder.CLIENT if named.startswith("Patient/") else PenHolder.CLINICIAN


def _context(response: Json, at: Addresses) -> ContactContext:
    """How things stand with the other person, where the response tells as `$populate` does."""
    extensions = response.get("extension")
    for each in extensions if isinstance(extensions, list) else ():
        if each.get("url") == at.extension(CONTEXT_NAME):
            told = each.get("valueCodeableConcept", {}).get("coding", [{}])[0].get("code")
            return ContactContext(told) if told in set(ContactContext) else ContactContext.UNSURE
    return ContactContext.UNSURE
