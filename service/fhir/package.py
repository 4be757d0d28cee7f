"""The part of an export that a scope lets through, and how a package is written.

Rule: what speaks of another resource goes only where all it speaks of goes; what merely refers to one goes without the
reference (references.py). Everything else is passed on as stored.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter

from schemas.release_codes import ContentClass
from service.casework.resource_words import REPORT_RECORDS
from service.domain.packages import OTHER_DAYS, Scope
from service.fhir import classes
from service.fhir.entries import Entry
from service.fhir.references import SPEAKS_OF, named_in, speaks_within, without_absent
from service.fhir.shapes import Json

DEFINED = frozenset({"Questionnaire", "PlanDefinition"})
# What happens on a day, and goes of the days alone that an export is bound to. Who wrote it goes with it.
DAILY = frozenset(
    {
        "Encounter",
        "Appointment",
        "DocumentReference",
        "QuestionnaireResponse",
        "Observation",
        "Procedure",
        "Task",
    }
)
BY_RELEASE = "They go by a release that names them alone."
WITH_OTHERS = "Some of it tells a session, a person or a form that stays, so it stays as well."
IN_NUMBERS: Mapping[str, str] = {
    "Patient": "Who the client is, by the chosen name",
    "EpisodeOfCare": "Episodes of care",
    "Condition": "Diagnoses",
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
REPORTS = "Summaries for other clinicians, and who made them"
PLANS_IN_WORDS = "Plans, with the parts that may be passed on"
# What the class of an entry and its words follow from.
_KIND = attrgetter("type", "content", "what", "record_type")


def narrowed(found: Sequence[Entry], scope: Scope) -> list[Entry]:
    """The entries that the scope lets through, in their order, without references to what stays."""
    reach = scope.reach
    goes = {kind: class_of(alike) in reach for kind, alike in _kinds(found).items()}
    kept = [each for each in found if goes[_KIND(each)] and (each.day is None or scope.days.hold(each.day))]
    names = _names(kept)
    if names.issuperset(named_in(b"\n".join(each.body for each in kept if each.type not in DEFINED))):
        return kept  # nothing refers to what stays, as one look at the whole tells
    for kinds in (SPEAKS_OF.keys() - {"Provenance"}, {"Provenance"}):
        going = [each for each in kept if each.type not in kinds or speaks_within(names, each.type, each.body)]
        names = names if len(going) == len(kept) else _names(going)
        kept = going
    return [_cut(each, names.__contains__) for each in kept]


def ndjson(found: Iterable[Entry]) -> bytes:
    """One resource a line."""
    return b"".join(each.body + b"\n" for each in found)


def classes_of(found: Iterable[Entry]) -> tuple[ContentClass, ...]:
    """The classes of what would leave, in the order of the closed list."""
    return classes.in_order(map(class_of, _kinds(found).values()))


def classes_told(found: Sequence[Entry], kept: Sequence[Entry], scope: Scope) -> list[Json]:
    """For each class how many resources go and how many stay, why, and the same in `parts` as people count it; of
    psychotherapy notes none goes, ever, and nothing says how many there are.
    """
    there = _counted(found)
    sent = there if len(kept) == len(found) else _counted(kept)
    return [
        {
            "class": str(each),
            "label": each.label,
            "sent": sent[each].total(),
            "withheld": None if each is ContentClass.PSYCHOTHERAPY else there[each].total() - sent[each].total(),
            "why": scope.why_not(each) or _why_some(each, scope, there[each].total(), sent[each].total()),
            "parts": [
                {"what": what, "sent": sent[each][what], "withheld": count - sent[each][what]}
                for what, count in there[each].items()
            ],
        }
        for each in ContentClass
    ]


def class_of(entry: Entry) -> ContentClass:
    return entry.content or classes.class_of(entry.type, entry.record_type)


def _counted(entries: Sequence[Entry]) -> Mapping[ContentClass, Counter[str]]:
    """How many of each kind there are, class by class, kinds in the order in which they come."""
    found: dict[ContentClass, Counter[str]] = {each: Counter() for each in ContentClass}
    kinds = _kinds(entries)
    for kind, count in Counter(map(_KIND, entries)).items():
        found[class_of(kinds[kind])][what_of(kinds[kind])] += count
    return found


def _kinds(entries: Iterable[Entry]) -> Mapping[object, Entry]:
    """One entry of each kind: alike in all that class and words follow from."""
    return {_KIND(each): each for each in entries}


def what_of(entry: Entry) -> str:
    """What an entry is, in people's words."""
    return entry.what or (REPORTS if entry.record_type in REPORT_RECORDS else IN_NUMBERS[entry.type])


def _why_some(wanted: ContentClass, scope: Scope, there: int, sent: int) -> str:
    if wanted is ContentClass.PLAN_LINES and not sent:
        return BY_RELEASE
    if there == sent:
        return ""
    return OTHER_DAYS if scope.days.are_bound else WITH_OTHERS


def _cut(entry: Entry, is_there: Callable[[str], bool]) -> Entry:
    if entry.type in DEFINED:
        return entry
    body = without_absent(entry.body, is_there)
    return entry if body is entry.body else entry._replace(body=body)


def _names(found: Iterable[Entry]) -> frozenset[str]:
    return frozenset(f"{each.type}/{each.id}" for each in found)
