"""Records to FHIR and back. Rule: no routes, no HTTP, no writes but by publish.py.

RESOURCES is the shelf: every type that can be read or searched, with the parameters that really work. The capability
statement and the routes are read off it. Importing it loads no FHIR library.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from service.fhir.search import Parameter


@dataclass(frozen=True)
class Shelved:
    """One type. `of_case` types belong to a patient, `defined` ones come from our own definitions, the rest are a
    practice's directory.
    """

    type: str
    says: str
    parameters: tuple[Parameter, ...] = ()
    of_case: bool = True
    defined: bool = False
    searchable: bool = True


_ID = Parameter("_id", "id", "Logical ids, separated by commas")
_PATIENT = Parameter("patient", "patient", "One patient, as ID or Patient/ID")


def _date(name: str, says: str) -> Parameter:
    return Parameter(name, "date", says)


def _fixed(name: str, system: str, code: str) -> Parameter:
    return Parameter(name, "fixed", f"{code}", frozenset({code, f"{system}|{code}"}))


_SHELF = (
    Shelved("Patient", "Clients, by the name they chose.", (_ID, Parameter("identifier", "identifier", "Case code"))),
    Shelved("Practitioner", "Clinicians of the practice.", (_ID,), of_case=False),
    Shelved("Organization", "The practice.", (_ID,), of_case=False),
    Shelved("EpisodeOfCare", "Episodes of care.", (_ID, _PATIENT, _date("date", "Start of the episode"))),
    Shelved("Encounter", "Sessions that took place.", (_ID, _PATIENT, _date("date", "Start of the session"))),
    Shelved(
        "Appointment",
        "Sessions to which the client did not come.",
        (_ID, _PATIENT, _date("date", "Start of the session")),
    ),
    Shelved(
        "Procedure",
        "Interventions of signed sessions, by code; safety planning and referrals to an advocate stay home.",
        (_ID, _PATIENT, _date("date", "Start of the session")),
    ),
    Shelved(
        "Questionnaire",
        "The instruments in use. Expressions, item weights and observation extraction are written as in SDC 3.0.0; an "
        "imported form goes out as it came in.",
        (_ID, Parameter("url", "url", "Canonical address")),
        of_case=False,
        defined=True,
    ),
    Shelved(
        "QuestionnaireResponse",
        "Filled-in instruments.",
        (
            _ID,
            _PATIENT,
            _date("authored", "When it was answered"),
            _date("date", "The same as authored"),
            Parameter("questionnaire", "response-of", "Canonical address"),
        ),
    ),
    Shelved(
        "Observation",
        "Scores of filled-in instruments.",
        (
            _ID,
            _PATIENT,
            _date("date", "When it was answered"),
            Parameter("code", "code", "Score, as system|code or code"),
            _fixed("category", "http://terminology.hl7.org/CodeSystem/observation-category", "survey"),
        ),
    ),
    Shelved(
        "CarePlan",
        "That a plan exists and when it is due for review; which topics of the programme were begun, and their state.",
        (
            _ID,
            _PATIENT,
            _date("date", "When it was last reviewed or changed"),
            Parameter(
                "category",
                "category",
                "assess-plan for every plan; programme, as code or care-plan-kind|code, for the programme alone",
                frozenset({"assess-plan", "http://hl7.org/fhir/us/core/CodeSystem/careplan-category|assess-plan"}),
            ),
        ),
    ),
    Shelved(
        "PlanDefinition",
        "The programme: seven steps with their tasks.",
        (_ID, Parameter("url", "url", "Canonical address")),
        of_case=False,
        defined=True,
    ),
    Shelved(
        "Task",
        "Tasks of the programme and homework: a code and how it stands, never the words.",
        (_ID, _PATIENT, _date("authored-on", "When it was offered"), _date("date", "The same as authored-on")),
    ),
    Shelved(
        "DocumentReference",
        "Signed notes and addenda; the text is behind the attachment's URL.",
        (_ID, _PATIENT, _date("date", "When it was signed"), _fixed("type", "http://loinc.org", "34904-3")),
    ),
    Shelved("Binary", "The text of a signed note.", searchable=False),
    Shelved(
        "Provenance",
        "Who signed or recorded what.",
        (_ID, _PATIENT, _date("recorded", "When it was recorded"), _date("date", "The same as recorded")),
    ),
)
RESOURCES: Mapping[str, Shelved] = {each.type: each for each in _SHELF}
