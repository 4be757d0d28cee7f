"""The part of an export that a scope lets through, and how a package is written.

Rule: what speaks of another resource goes only where all it speaks of goes; what merely refers to one goes without the
reference (references.py). Everything else is passed on as stored.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from schemas.release_codes import ContentClass
from service.domain.packages import Scope
from service.fhir.classes import CLASS_OF
from service.fhir.entries import Entry
from service.fhir.references import SPEAKS_OF, spoken_of, without_absent
from service.fhir.shapes import Json

DEFINED = frozenset({"Questionnaire", "PlanDefinition"})
BY_RELEASE = "They go by a release that names them alone."
WITH_OTHERS = "Some of it tells a session, a person or a form that stays, so it stays as well."
IN_NUMBERS: Mapping[str, str] = {
    "Patient": "Who the client is, by the chosen name",
    "EpisodeOfCare": "Episodes of care",
    "ServiceRequest": "Referrals, without who referred",
    "Organization": "The practice",
    "Practitioner": "Clinicians",
    "PractitionerRole": "Where they work",
    "Provenance": "Who wrote and signed what",
    "Encounter": "Sessions that took place",
    "Appointment": "Sessions that the client did not come to",
    "Goal": "Goals and how they stand, without their words",
    "QuestionnaireResponse": "Logs and forms, with every answer",
    "Observation": "Scores of logs and forms",
    "Questionnaire": "Forms as they were asked",
    "DocumentReference": "Signed notes and addenda: that there are some, with dates and hashes",
    "Procedure": "Ways of working in sessions, as codes",
    "Binary": "Text of signed notes",
    "Composition": "Signed notes by sections",
    "CarePlan": "Plans and the programme: that there are some, with dates",
    "Task": "Tasks and homework, without their words",
    "PlanDefinition": "The programme as a definition",
}
GOALS_IN_WORDS = "Goals, in the client's words"
PLANS_IN_WORDS = "Plans, with the parts that may be passed on"


def narrowed(found: Sequence[Entry], scope: Scope) -> list[Entry]:
    """The entries that the scope lets through, in their order, without references to what stays."""
    reach = scope.reach
    kept = [each for each in found if class_of(each) in reach]
    for kinds in (SPEAKS_OF.keys() - {"Provenance"}, {"Provenance"}):
        names = _names(kept)
        kept = [each for each in kept if each.type not in kinds or names.issuperset(spoken_of(each.type, each.body))]
    is_there = _names(kept).__contains__
    return [_cut(each, is_there) for each in kept]


def ndjson(found: Iterable[Entry]) -> bytes:
    """One resource a line."""
    return b"".join(each.body + b"\n" for each in found)


def classes_of(found: Iterable[Entry]) -> tuple[ContentClass, ...]:
    """The classes of what would leave, in the order of the closed list."""
    classes = {class_of(each) for each in found}
    return tuple(each for each in ContentClass if each in classes)


def classes_told(found: Sequence[Entry], kept: Sequence[Entry], scope: Scope) -> list[Json]:
    """For each class how many resources go and how many stay, why, and the same in `parts` as people count it; of
    psychotherapy notes none goes, ever, and nothing says how many there are.
    """
    there, sent = (Counter(map(class_of, entries)) for entries in (found, kept))
    return [
        {
            "class": str(each),
            "label": each.label,
            "sent": sent[each],
            "withheld": None if each is ContentClass.PSYCHOTHERAPY else there[each] - sent[each],
            "why": scope.why_not(each) or _why_some(each, there[each], sent[each]),
            "parts": _parts(each, found, kept),
        }
        for each in ContentClass
    ]


def class_of(entry: Entry) -> ContentClass:
    return entry.content or CLASS_OF[entry.type]


def _parts(wanted: ContentClass, found: Sequence[Entry], kept: Sequence[Entry]) -> list[Json]:
    there, sent = (Counter(what_of(each) for each in entries if class_of(each) is wanted) for entries in (found, kept))
    return [{"what": what, "sent": sent[what], "withheld": count - sent[what]} for what, count in there.items()]


def what_of(entry: Entry) -> str:
    """What an entry is, in people's words."""
    return entry.what or IN_NUMBERS[entry.type]


def _why_some(wanted: ContentClass, there: int, sent: int) -> str:
    if wanted is ContentClass.PLAN_LINES and not sent:
        return BY_RELEASE
    return WITH_OTHERS if there > sent else ""


def _cut(entry: Entry, is_there: Callable[[str], bool]) -> Entry:
    return entry if entry.type in DEFINED else replace(entry, body=without_absent(entry.body, is_there))


def _names(found: Iterable[Entry]) -> frozenset[str]:
    return frozenset(f"{each.type}/{each.id}" for each in found)
