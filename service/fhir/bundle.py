"""Bundles made by splicing stored bytes: search pages and the export of a case. https://hl7.org/fhir/R4/bundle.html

Rule: a stored resource is never parsed and written again; it goes out as the bytes that were checked when it was
stored. Every Bundle carries the highest label of what is in it.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast
from urllib.parse import urlencode

import orjson

from schemas.export_codes import PackageForm
from schemas.instruments import find, newest
from schemas.release_codes import ContentClass, Door, LegalBasis
from schemas.vocabulary import ChannelRule, FieldClass, NoteStatus, PlanStatus
from service.casework import publishing
from service.casework.records import Record
from service.domain import clock
from service.domain.actors import Actor
from service.domain.disclosures import Departure, Left
from service.domain.intakes import Intake
from service.domain.packages import EVERYTHING, Scope
from service.domain.plan_types import FIELDS
from service.domain.sessions import was_held
from service.errors import Conflict
from service.fhir import publish
from service.fhir.addresses import Addresses
from service.fhir.care_plan import with_lines
from service.fhir.classes import PRACTICE_ONLY, classes_in
from service.fhir.definitions import originals_of, questionnaires
from service.fhir.entries import Entry
from service.fhir.labels import high_water
from service.fhir.package import classes_told, narrowed, ndjson
from service.fhir.patient import telecom
from service.fhir.questionnaire_items import version_name
from service.fhir.search import COUNT, CURSOR, Query, cursor
from service.fhir.shapes import Json, instant
from service.store.resources import Stored

HELD_BACK = "Words that tell a value that stays in this record were put aside. Change them where they stand."
CHANGED = "The record changed after the receipt was made. Look at the preview again, then confirm anew."


@dataclass(frozen=True)
class By:
    """What a package is made by: its scope, and the release that it would leave by where it is only looked at."""

    scope: Scope = EVERYTHING
    release_id: str | None = None


BY_NONE = By()
STAYS_BEHIND_URL = frozenset({"Binary"})
_WHY_LINE = {
    FieldClass.G: "It leaves on a copy that the client chose to take, or by a release that names it while in use.",
    FieldClass.R: "It is restricted, and no agreement to send it is on record.",
    FieldClass.N: "It never leaves the practice.",
}


def entries_of(stored: Iterable[Stored]) -> list[Entry]:
    return [Entry(each.type, each.id, each.body) for each in stored]


def searchset(found: Sequence[Entry], total: int, query: Query, at: Addresses, *, next_id: str = "") -> bytes:
    """One page of a search, with the links that say what was understood and where to go on."""
    address = f"{at.rest}/{query.path or query.wanted.type}"
    links = [{"relation": "self", "url": _with(address, query.used)}]
    if next_id:
        kept = [pair for pair in query.used if pair[0] not in (CURSOR, COUNT)]
        onward = [*kept, (COUNT, str(query.wanted.limit)), (CURSOR, cursor(next_id))]
        links.append({"relation": "next", "url": _with(address, onward)})
    return orjson.dumps(
        {
            "resourceType": "Bundle",
            "meta": {"security": high_water(each.type for each in found)},
            "type": "searchset",
            "total": total,
            "link": links,
            **_searched(found, at),
        }
    )


def history(found: Sequence[Stored], query: Query, total: int, at: Addresses) -> bytes:
    """The versions of one resource, the newest first. The first was made, the others put in its place."""
    address = f"{at.rest}/{found[0].type}/{found[0].id}" if found else at.rest
    entries = [
        {
            "fullUrl": at.full_url(each.type, each.id),
            "resource": orjson.Fragment(each.body),
            "request": {"method": "POST" if each.version == 1 else "PUT", "url": f"{each.type}/{each.id}"},
            "response": {
                "status": "201" if each.version == 1 else "200",
                "etag": f'W/"{each.version}"',
                "lastModified": instant(each.updated_at),
            },
        }
        for each in found
    ]
    return orjson.dumps(
        {
            "resourceType": "Bundle",
            "meta": {"security": high_water(each.type for each in found)},
            "type": "history",
            "total": total,
            "link": [{"relation": "self", "url": _with(f"{address}/_history", query.used)}],
            **({"entry": entries} if entries else {}),
        }
    )


def collection(found: Sequence[Entry], at: Addresses) -> bytes:
    return _collection(found, _contents(found, at))


def _contents(found: Sequence[Entry], at: Addresses) -> bytes:
    """The entries as they are written, a list."""
    return orjson.dumps(_entries(found, at).get("entry", []))


def _collection(found: Sequence[Entry], contents: bytes) -> bytes:
    return orjson.dumps(
        {
            "resourceType": "Bundle",
            "meta": {"security": high_water(each.type for each in found)},
            "type": "collection",
            "timestamp": instant(clock.now()),
            **({"entry": orjson.Fragment(contents)} if found else {}),
        }
    )


def export(
    actor: Actor,
    case_id: str,
    departure: Departure | None,
    *,
    confirmed: str = "",
    by: By = BY_NONE,
) -> tuple[bytes, Json]:
    """A case as the package that `by.scope` says, and the manifest of what is in it and what was left out and why.

    `departure` says to whom it leaves; without one it is only looked at, as it would leave by `by.release_id`. Raises
    Conflict when the contents are not the ones whose digest was `confirmed`, Invalid when they may not leave.
    """
    publish.catch_up(case_id)

    def packed(whole: publishing.Exported) -> tuple[tuple[bytes, Json], Left]:
        body, told = made_of(*whole, by.scope)
        if confirmed and confirmed != told["contents_sha256"]:
            raise Conflict(CHANGED)
        return (body, told), _left(body, told)

    release_id = release_of(departure) if departure else by.release_id
    return publishing.export_case(actor, case_id, packed, departure, release_id=release_id)


def release_of(departure: Departure) -> str | None:
    """The release that something leaves by; one that is merely named beside another ground carries nothing."""
    return departure.release_id if departure.basis is LegalBasis.RELEASE else None


def made_of(record: Record, stored: Sequence[Stored], scope: Scope = EVERYTHING) -> tuple[bytes, Json]:
    """The package and the manifest from what was read, with a digest of the contents without the time of making: of
    `entry` as compact JSON, so that whoever receives it can work it out again.
    """
    there, at = _exported(record, stored), publish.addresses()
    found = narrowed(there, scope)
    contents = _contents(found, at)
    told = manifest(record, stored, there, scope) | {"contents_sha256": _digest(contents)}
    return ndjson(found) if scope.form is PackageForm.NDJSON else _collection(found, contents), told


def preview(actor: Actor, case_id: str, scope: Scope = EVERYTHING) -> Json:
    """The manifest that an export would have now, without making one."""
    publish.catch_up(case_id)
    release_id = scope.release.id if scope.release else None
    record, stored = publishing.preview_export(actor, case_id, release_id)
    return manifest(record, stored, _exported(record, stored), scope)


def _left(body: bytes, told: Json) -> Left:
    counts = cast(Mapping[str, int], told["counts"])
    sections = tuple(f"{kind}: {count}" for kind, count in counts.items())
    return Left(Door.EXPORT, classes_of(told), sections, _digest(body))


def classes_of(told: Json) -> tuple[ContentClass, ...]:
    """The classes of content that a manifest tells of."""
    return tuple(map(ContentClass, cast(Sequence[str], told["classes"])))


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def manifest(record: Record, stored: Sequence[Stored], there: Sequence[Entry], scope: Scope) -> Json:
    """Counts by type and by class, the labels of the whole, and what was left out; no content, no name."""
    found = narrowed(there, scope)
    lines = {each.id for each in found if each.content is ContentClass.PLAN_LINES}
    record = record if lines else replace(record, plan_lines={})
    left_out = [{"what": what, "count": count, "why": why} for what, count, why in _left_out(record, stored)]
    counts = Counter(each.type for each in found)
    more = (ContentClass.PLAN_LINES,) if lines else ()
    return {
        "counts": dict(sorted(counts.items())),
        "classes": [str(each) for each in (*classes_in(counts), *more)],
        "labels": [label["code"] for label in high_water(each.type for each in found)],
        "audience": str(scope.audience),
        "by_class": classes_told(there, found, scope),
        "left_out": left_out,
    }


def _exported(record: Record, stored: Sequence[Stored]) -> list[Entry]:
    forms = questionnaires(publish.addresses())
    filled_in = (find(each.instrument_key, each.instrument_version) for each in record.intakes)
    used = {each: version_name(each) for each in filled_in if not each.stays_home}
    forms = forms | {used[each]: data for each, data in originals_of(record.case.practice_id, used).items()}
    definitions = [Entry("Questionnaire", each, forms[each]) for each in sorted(used.values())]
    kept = entries_of(each for each in stored if each.type not in STAYS_BEHIND_URL | PRACTICE_ONLY)
    return kept + _lines(record) + definitions


def _lines(record: Record) -> list[Entry]:
    sent = [each for each in record.plans if each.id in record.plan_lines]
    found = [with_lines(each, record.plan_lines[each.id], publish.addresses()) for each in sent]
    content = ContentClass.PLAN_LINES
    return [Entry(each.type, each.id, publish.checked(each, 1), content=content) for each in found]


def _left_out(record: Record, stored: Sequence[Stored]) -> list[tuple[str, int, str]]:
    """What this export does not hold, with how much of it there is."""
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
        ("Psychotherapy notes", 0, "Of these none is ever sent, and nothing here says whether there are any."),
        ("Supervision meetings", 0, "They are no part of this record, and none is ever sent."),
        (
            "Text of signed notes",
            texts,
            "The file says that there is a note, with its date and hash. Its text is read here, by those who may.",
        ),
        ("Draft notes", len(record.notes) - len(signed), "A draft is not finished."),
        ("Words of goals", len(record.goals), "They are the client's own."),
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
    held = sum(_stays_home(intake) for intake in record.intakes)
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


def _stays_home(intake: Intake) -> int:
    instrument = find(intake.instrument_key, intake.instrument_version)
    return 0 if instrument.stays_home else sum(instrument.item(key).stays_home for key in intake.answers)


def _left_out_lines(record: Record) -> list[tuple[str, int, str]]:
    """Plan lines by how far they may travel, without those that the release carries."""
    kinds = Counter(
        field.field_class
        for plan in record.plans
        for field in FIELDS[plan.type]
        if field.key in plan.lines and plan.lines[field.key].text.strip()
    )
    kinds[FieldClass.G] -= sum(map(len, record.plan_lines.values()))
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
        ("Legal name", int(bool(client.legal_name.strip())), "The name the client chose is sent in its place."),
        ("Address", int(bool(client.address.strip())), "It could lead somebody to the client."),
        ("The other person", 1, "Nothing about them leaves this record."),
    ]


def _entries(found: Sequence[Entry], at: Addresses) -> Json:
    """The entry list, or nothing: an empty list is not allowed."""
    if not found:
        return {}
    return {
        "entry": [
            {"fullUrl": at.full_url(each.type, each.id), "resource": orjson.Fragment(each.body)} for each in found
        ]
    }


def _searched(found: Sequence[Entry], at: Addresses) -> Json:
    if not found:
        return {}
    return {
        "entry": [
            {
                "fullUrl": at.full_url(each.type, each.id),
                "resource": orjson.Fragment(each.body),
                "search": {"mode": each.mode},
            }
            for each in found
        ]
    }


def _with(address: str, parameters: Iterable[tuple[str, str]]) -> str:
    written = urlencode(list(parameters))
    return f"{address}?{written}" if written else address
