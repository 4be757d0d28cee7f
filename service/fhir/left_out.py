"""What an export of a case does not hold, with how much of it there is and why: for the preview, the receipt and the
manifest.

Rule: counts and reasons; no content, no name. Of psychotherapy notes and supervision not even whether there are any.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from schemas.instruments import find, newest
from schemas.vocabulary import ChannelRule, FieldClass, NoteStatus, PlanStatus
from service.casework.records import Record
from service.domain.intakes import Intake
from service.domain.packages import NEVER
from service.domain.plan_types import FIELDS
from service.domain.sessions import was_held
from service.fhir.patient import telecom
from service.store.resources import Stored

HELD_BACK = "Words that tell a value that stays in this record were put aside. Change them where they stand."
WORDS_OF_GOALS = (
    "They are the client's own. They leave only by a release that names goals, and never those about safety, money or "
    "relationships."
)
_WHY_LINE = {
    FieldClass.G: "It leaves on a copy that the client chose to take, or by a release that names it while in use.",
    FieldClass.R: "It is restricted, and no agreement to send it is on record.",
    FieldClass.N: "It never leaves the practice.",
}


def left_out(record: Record, stored: Sequence[Stored]) -> list[tuple[str, int, str]]:
    return [
        *_left_out_words(record),
        *_left_out_forms(record),
        *_left_out_lines(record),
        *_left_out_details(record),
        *_left_out_papers(stored),
    ]


def _left_out_words(record: Record) -> list[tuple[str, int, str]]:
    signed = [each for each in record.notes if each.status is NoteStatus.SIGNED]
    texts = len(signed) + sum(len(each.addenda) for each in signed)
    return [
        ("Words that are to stay here", len(record.held_back), HELD_BACK),
        ("Psychotherapy notes", 0, NEVER),
        ("Supervision meetings", 0, "They are no part of this record, and none is ever sent."),
        (
            "Text of signed notes",
            texts,
            "At most a file says that there is a note, with date and hash. Its text is read here, by those who may.",
        ),
        ("Draft notes", len(record.notes) - len(signed), "A draft is not finished."),
        ("Words of goals", len(record.goals) - len(record.carried.goal_words), WORDS_OF_GOALS),
        (
            "Words about steps and tasks",
            len(record.programme.entries),
            "They are between the client and the therapist.",
        ),
        ("Safety events", len(record.events), "They guide the practice's own response."),
        (
            "Sessions that did not take place",
            sum(not was_held(each) for each in record.sessions),
            "They are no encounters.",
        ),
    ]


def _left_out_papers(stored: Sequence[Stored]) -> list[tuple[str, int, str]]:
    """What an export itself adds to, the log of what left, is not counted: the manifest says the same twice."""
    count = sum(each.type == "Consent" for each in stored)
    return [("Consents and releases", count, "They are between the client and the practice.")]


def _left_out_forms(record: Record) -> list[tuple[str, int, str]]:
    """Every form that stays home, used or not, and the answers that stay home out of forms that are sent."""
    used = Counter(each.instrument_key for each in record.intakes)
    forms = [(each.title, used[each.key], each.stays_home) for each in newest() if each.stays_home]
    held = sum(map(_staying(record.intakes), record.intakes))
    return [
        *forms,
        *_left_out_imported(record),
        ("Answers about other people in forms that are sent", held, _WHY_LINE[FieldClass.N]),
    ]


def _left_out_imported(record: Record) -> list[tuple[str, int, str]]:
    """The practice's imported forms that stay home, those that were filled in for this case."""
    used = Counter(find(each.instrument_key, each.instrument_version) for each in record.intakes)
    kept = [(each, count) for each, count in used.items() if each.origin is not None and each.stays_home]
    return sorted((each.title, count, each.stays_home) for each, count in kept)


def _staying(intakes: Iterable[Intake]) -> Callable[[Intake], int]:
    """How many answers of a form stay home out of one that is sent; what stays of each version is looked up once."""
    used = {(each.instrument_key, each.instrument_version) for each in intakes}
    forms = {named: find(*named) for named in used}
    held = {
        named: frozenset(() if form.stays_home else (item.key for item in form.items() if item.stays_home))
        for named, form in forms.items()
    }
    return lambda intake: len(held[intake.instrument_key, intake.instrument_version].intersection(intake.answers))


def _left_out_lines(record: Record) -> list[tuple[str, int, str]]:
    """Plan lines by how far they may travel, without those that the release carries."""
    kinds = Counter(
        field.field_class
        for plan in record.plans
        for field in FIELDS[plan.type]
        if field.key in plan.lines and plan.lines[field.key].text.strip()
    )
    kinds[FieldClass.G] -= sum(map(len, record.carried.plan_lines.values()))
    drafts = sum(each.status is PlanStatus.DRAFT for each in record.plans)
    lines = [(f"Plan lines: {each.label}", kinds[each], _WHY_LINE[each]) for each in FieldClass]
    return [*lines, ("Draft plans", drafts, "A draft is not finished.")]


def _left_out_details(record: Record) -> list[tuple[str, int, str]]:
    client, channels = record.case.client, [each for each in record.case.contact.channels if each.value.strip()]
    never = sum(each.rule is ChannelRule.NEVER for each in channels)
    others = len(channels) - never - len(telecom(record.case))
    return [
        ("Contact details marked never", never, "The client said that they must not be used."),
        ("Other contact details", others, "Only channels that are fine to use at any time are sent."),
        (
            "Legal name",
            int(bool(client.legal_name.strip())),
            "Where a file says whose record it is, it gives the name that the client chose.",
        ),
        ("Address", int(bool(client.address.strip())), "It could lead somebody to the client."),
        ("The other person", 1, "Nothing about them leaves this record."),
    ]
