"""Records to FHIR and back. Rule: no routes, no HTTP, no writes but by publish.py.

RESOURCES is the shelf: every type that can be read or searched, with the parameters that really work. The capability
statement, the searches and the routes are read off it. Importing it loads no FHIR library.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from service.fhir import parameters as by
from service.fhir.parameters import Parameter


@dataclass(frozen=True)
class Shelved:
    """One type. `of_case` types belong to a patient, `defined` ones come from our own definitions, the rest are a
    practice's directory. `own` are the parameters beside those that every type of its kind has.
    """

    type: str
    says: str
    own: tuple[Parameter, ...] = ()
    of_case: bool = True
    defined: bool = False
    searchable: bool = True

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        if not self.searchable:
            return ()
        return (*by.COMMON, *((by.OF_CASE,) if self.of_case and self.type != "Patient" else ()), *self.own)

    def parameter(self, name: str) -> Parameter | None:
        return next((each for each in self.parameters if each.name == name), None)


_SHELF = (
    Shelved(
        "Patient",
        "Clients, by the name they chose.",
        (
            Parameter("identifier", by.CASE_CODE, "Case code", ("identifier",)),
            by.string("name", "Chosen name, of a client who is named by _id or identifier", "name.text"),
            by.dated("birthdate", "Day of birth, of a client who is named likewise", "birthDate"),
        ),
    ),
    Shelved("Practitioner", "Clinicians of the practice.", (by.IDENTIFIER,), of_case=False),
    Shelved(
        "PractitionerRole",
        "In which practice a clinician works, and as what.",
        (
            by.IDENTIFIER,
            by.refers("practitioner", "Who", ("practitioner",), "Practitioner"),
            by.refers("organization", "Where", ("organization",), "Organization"),
        ),
        of_case=False,
    ),
    Shelved("Organization", "The practice.", (by.IDENTIFIER,), of_case=False),
    Shelved(
        "EpisodeOfCare",
        "Episodes of care.",
        (by.stored_date("date", "Start of the episode", "period"), by.STATUS, by.IDENTIFIER),
    ),
    Shelved(
        "Encounter",
        "Sessions that took place.",
        (
            by.stored_date("date", "Start of the session", "period"),
            by.SUBJECT,
            by.STATUS,
            by.IDENTIFIER,
            by.token("type", "Kind of session"),
            by.token("class", "In the room or by video"),
            by.refers("episode-of-care", "The episode", ("episodeOfCare",), "EpisodeOfCare"),
            by.refers("participant", "The clinician", ("participant.individual",), "Practitioner"),
            by.refers("service-provider", "The practice", ("serviceProvider",), "Organization"),
        ),
    ),
    Shelved(
        "Appointment",
        "Sessions to which the client did not come.",
        (
            by.stored_date("date", "Start of the session", "start"),
            by.STATUS,
            by.IDENTIFIER,
            by.refers("actor", "Who was expected", ("participant.actor",), "Practitioner", "Patient"),
        ),
    ),
    Shelved(
        "Procedure",
        "Interventions of signed sessions, by code; safety planning and referrals to an advocate stay home.",
        (
            by.stored_date("date", "Start of the session", "performedPeriod"),
            by.SUBJECT,
            by.STATUS,
            by.CODE,
            by.ENCOUNTER,
            by.IDENTIFIER,
        ),
    ),
    Shelved(
        "Questionnaire",
        "The instruments in use. Expressions, item weights and observation extraction are written as in SDC 3.0.0; an "
        "imported form goes out as it came in.",
        (by.uri("url", "Canonical address"), by.STATUS, by.token("version", "Version"), by.IDENTIFIER),
        of_case=False,
        defined=True,
    ),
    Shelved(
        "QuestionnaireResponse",
        "Filled-in instruments.",
        (
            by.stored_date("authored", "When it was answered", "authored"),
            by.stored_date("date", "The same as authored", "authored"),
            by.SUBJECT,
            by.STATUS,
            by.ENCOUNTER,
            by.IDENTIFIER,
            by.uri("questionnaire", "Canonical address, with or without |version", "Questionnaire"),
            by.refers("author", "Who recorded it", ("author",), "Practitioner"),
            by.refers("source", "Who answered", ("source",), "Patient"),
        ),
    ),
    Shelved(
        "Observation",
        "Scores of filled-in instruments.",
        (
            by.stored_date("date", "When it was answered", "effectiveDateTime"),
            by.SUBJECT,
            by.STATUS,
            by.CODE,
            by.CATEGORY,
            by.ENCOUNTER,
            by.IDENTIFIER,
            by.refers("derived-from", "The response", ("derivedFrom",), "QuestionnaireResponse"),
            by.refers("has-member", "The parts of a total", ("hasMember",), "Observation"),
            by.refers("performer", "Who recorded it", ("performer",), "Practitioner"),
        ),
    ),
    Shelved(
        "CarePlan",
        "That a plan exists and when it is due for review; which topics of the programme were begun, and their state.",
        (
            by.stored_date("date", "When it was last reviewed or changed"),
            by.SUBJECT,
            by.STATUS,
            by.CATEGORY,
            by.IDENTIFIER,
        ),
    ),
    Shelved(
        "Goal",
        "How goals stand; the words, and more of what could tell plans, stay home.",
        (
            by.SUBJECT,
            by.token("lifecycle-status", "How it stands", "lifecycleStatus"),
            by.token("achievement-status", "In the client's view", "achievementStatus"),
            by.CATEGORY,
            by.dated("target-date", "Until when", "target.dueDate"),
            by.IDENTIFIER,
        ),
    ),
    Shelved(
        "Condition",
        "Diagnoses of the client, by code or in the clinician's words; a connected system reads them only by a release "
        "that names it and diagnoses.",
        (
            by.stored_date("recorded-date", "When it was first recorded", "recordedDate"),
            by.SUBJECT,
            by.CODE,
            by.CATEGORY,
            by.token("clinical-status", "How it goes", "clinicalStatus"),
            by.token("verification-status", "How sure the clinician is", "verificationStatus"),
            by.dated("onset-date", "Since when", "onsetDateTime"),
            by.IDENTIFIER,
        ),
    ),
    Shelved(
        "ServiceRequest",
        "Referrals without who referred and why; onward ones only to primary care, mental-health and medical services.",
        (
            by.SUBJECT,
            by.STATUS,
            by.token("intent", "Always order"),
            by.token("priority", "How soon"),
            by.CATEGORY,
            by.dated("authored", "When it came in or was made", "authoredOn"),
            by.IDENTIFIER,
        ),
    ),
    Shelved(
        "Flag",
        "That a clinician should be spoken to first; only where the practice turned it on.",
        (by.stored_date("date", "Since when", "period"), by.SUBJECT, by.IDENTIFIER),
    ),
    Shelved(
        "Consent",
        "Standing answers and signed releases: classes and days, never the recipient.",
        (
            by.stored_date("date", "The day of the answer or signature", "dateTime"),
            by.STATUS,
            by.CATEGORY,
            by.token("scope", "Treatment or privacy"),
            by.IDENTIFIER,
        ),
    ),
    Shelved(
        "AuditEvent",
        "That something left the practice, of which classes and with which digest; never to whom.",
        (
            by.stored_date("date", "When it left", "recorded"),
            by.token("type", "Always disclose"),
            by.token("action", "Always R"),
        ),
    ),
    Shelved(
        "PlanDefinition",
        "The programme: seven steps with their tasks.",
        (by.uri("url", "Canonical address"), by.STATUS, by.token("version", "Version")),
        of_case=False,
        defined=True,
    ),
    Shelved(
        "Task",
        "Tasks of the programme and homework: a code and how it stands, never the words.",
        (
            by.stored_date("authored-on", "When it was offered", "authoredOn"),
            by.stored_date("date", "The same as authored-on", "authoredOn"),
            by.SUBJECT,
            by.STATUS,
            by.CODE,
            by.ENCOUNTER,
            by.IDENTIFIER,
        ),
    ),
    Shelved(
        "DocumentReference",
        "Signed notes and addenda, and summaries that left; text or PDF is behind the attachment's URL.",
        (
            by.stored_date("date", "When it was signed", "date"),
            by.SUBJECT,
            by.STATUS,
            by.token("type", "Kind of document"),
            by.IDENTIFIER,
            by.refers("encounter", "The session", ("context.encounter",), "Encounter"),
            by.refers("author", "Who wrote it", ("author",), "Practitioner"),
            by.refers("relatesto", "The note that an addendum adds to", ("relatesTo.target",), "DocumentReference"),
        ),
    ),
    Shelved("Binary", "The text of a signed note, or the PDF of a summary that left.", searchable=False),
    Shelved(
        "Composition",
        "A signed note or a summary that left, by sections, and who signed; read by its address alone, as its text is.",
        searchable=False,
    ),
    Shelved(
        "Provenance",
        "Who signed or recorded what.",
        (
            by.stored_date("recorded", "When it was recorded", "recorded"),
            by.stored_date("date", "The same as recorded", "recorded"),
            by.refers(
                "target",
                "What it is about",
                ("target",),
                "DocumentReference",
                "QuestionnaireResponse",
                "Observation",
                "Encounter",
                "Appointment",
                "CarePlan",
            ),
            by.refers("agent", "Who did it", ("agent.who",), "Practitioner"),
        ),
    ),
)
RESOURCES: Mapping[str, Shelved] = {each.type: each for each in _SHELF}
