"""Bundles made by splicing stored bytes: search pages and the export of a case. https://hl7.org/fhir/R4/bundle.html

Rule: a stored resource goes out as the bytes that were checked when it was stored; only in an export that is narrowed,
one that refers to what stays is written anew (references.py). Every Bundle carries the highest label of what is in it.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast
from urllib.parse import urlencode

import orjson

from schemas.export_codes import PackageForm
from schemas.instruments import find
from schemas.release_codes import ContentClass, Door, LegalBasis
from service.casework import publishing
from service.casework.records import Record
from service.casework.resource_words import BY_ADDRESS_ALONE
from service.domain import clock
from service.domain.actors import Actor
from service.domain.disclosures import Departure, Left
from service.domain.packages import EVERYTHING, Carried, Scope
from service.errors import Conflict
from service.fhir import publish
from service.fhir.addresses import Addresses
from service.fhir.care_plan import with_lines
from service.fhir.classes import PRACTICE_ONLY
from service.fhir.definitions import originals_of, questionnaires
from service.fhir.entries import Entry
from service.fhir.goal import with_words
from service.fhir.labels import high_water
from service.fhir.left_out import left_out
from service.fhir.package import GOALS_IN_WORDS, PLANS_IN_WORDS, classes_told, narrowed, ndjson
from service.fhir.package import classes_of as classes_in
from service.fhir.questionnaire_items import version_name
from service.fhir.search import COUNT, CURSOR, Query, cursor
from service.fhir.shapes import Json, from_bytes, instant
from service.store.resources import Stored

CHANGED = "The record changed after the receipt was made. Look at the preview again, then confirm anew."


@dataclass(frozen=True)
class By:
    """What a package is made by: its scope, and the release that it would leave by where it is only looked at."""

    scope: Scope = EVERYTHING
    release_id: str | None = None


@dataclass(frozen=True)
class Narrowed:
    """All that could go, what of it goes, and by which scope."""

    there: Sequence[Entry]
    found: Sequence[Entry]
    scope: Scope


BY_NONE = By()


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
    scope = scope.leaving_by(record.carried.release)
    found = narrowed(there, scope)
    contents = _contents(found, at)
    told = _manifest(record, stored, Narrowed(there, found, scope)) | {"contents_sha256": _digest(contents)}
    return ndjson(found) if scope.form is PackageForm.NDJSON else _collection(found, contents), told


def preview(actor: Actor, case_id: str, scope: Scope = EVERYTHING) -> Json:
    """The manifest that an export would have now, without making one."""
    publish.catch_up(case_id)
    release_id = scope.release.id if scope.release else None
    record, stored = publishing.preview_export(actor, case_id, release_id)
    there = _exported(record, stored)
    return _manifest(record, stored, Narrowed(there, narrowed(there, scope), scope))


def _left(body: bytes, told: Json) -> Left:
    by_class = cast(Sequence[Mapping[str, Any]], told["by_class"])
    sections = tuple(f"{part['what']}: {part['sent']}" for each in by_class for part in each["parts"] if part["sent"])
    return Left(Door.EXPORT, classes_of(told), sections, _digest(body))


def classes_of(told: Json) -> tuple[ContentClass, ...]:
    """The classes of content that a manifest tells of."""
    return tuple(map(ContentClass, cast(Sequence[str], told["classes"])))


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _manifest(record: Record, stored: Sequence[Stored], of: Narrowed) -> Json:
    """Counts by type and by class, the labels of the whole, and what was left out; no content, no name."""
    record = replace(record, carried=_that_went(record.carried, of.found))
    stays = [{"what": what, "count": count, "why": why} for what, count, why in left_out(record, stored)]
    counts = Counter(each.type for each in of.found)
    return {
        "counts": dict(sorted(counts.items())),
        "classes": [str(each) for each in classes_in(of.found)],
        "labels": [label["code"] for label in high_water(each.type for each in of.found)],
        "audience": str(of.scope.audience),
        "by_class": classes_told(of.there, of.found, of.scope),
        "left_out": stays,
    }


def _that_went(carried: Carried, found: Iterable[Entry]) -> Carried:
    """What a release carries, as far as the package holds it."""
    sent = {each.what for each in found}
    return replace(
        carried,
        plan_lines=carried.plan_lines if PLANS_IN_WORDS in sent else {},
        goal_words=carried.goal_words if GOALS_IN_WORDS in sent else {},
    )


def _exported(record: Record, stored: Sequence[Stored]) -> list[Entry]:
    forms = questionnaires(publish.addresses())
    filled_in = (find(each.instrument_key, each.instrument_version) for each in record.intakes)
    used = {each: version_name(each) for each in filled_in if not each.stays_home}
    forms = forms | {used[each]: data for each, data in originals_of(record.case.practice_id, used).items()}
    definitions = [Entry("Questionnaire", each, forms[each]) for each in sorted(used.values())]
    kept = entries_of(each for each in stored if each.type not in BY_ADDRESS_ALONE | PRACTICE_ONLY)
    return [_in_words(each, record.carried) for each in kept] + _lines(record) + definitions


def _in_words(entry: Entry, carried: Carried) -> Entry:
    """A goal with the client's words, where a release carries them."""
    words = carried.goal_words.get(entry.id) if entry.type == "Goal" else None
    if words is None:
        return entry
    return replace(entry, body=publish.fit(with_words(from_bytes(entry.body), words)), what=GOALS_IN_WORDS)


def _lines(record: Record) -> list[Entry]:
    lines = record.carried.plan_lines
    found = [with_lines(each, lines[each.id], publish.addresses()) for each in record.plans if each.id in lines]
    content = ContentClass.PLAN_LINES
    return [Entry(each.type, each.id, publish.checked(each, 1), content=content, what=PLANS_IN_WORDS) for each in found]


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
