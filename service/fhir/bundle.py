"""Bundles made by splicing stored bytes: search pages and the export of a case. https://hl7.org/fhir/R4/bundle.html

Rule: a stored resource goes out as the bytes that were checked when it was stored; only in an export that is narrowed,
one that refers to what stays is written anew (references.py). Every Bundle carries the highest label of what is in it.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast
from urllib.parse import quote_plus

import orjson

from schemas.export_codes import PackageForm
from schemas.instruments import find
from schemas.release_codes import ContentClass, Door, LegalBasis
from service.casework import publishing
from service.casework.publishing import NO_PAPERS, Named
from service.casework.records import Record
from service.casework.resource_words import BY_ADDRESS_ALONE
from service.domain import clock
from service.domain.actors import Actor
from service.domain.disclosures import NEEDS_REQUEST, Departure, Left
from service.domain.packages import EVERYTHING, Carried, Days, Scope
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
from service.fhir.package import DAILY, GOALS_IN_WORDS, PLANS_IN_WORDS, classes_told, narrowed, ndjson
from service.fhir.package import classes_of as classes_in
from service.fhir.questionnaire_items import version_name
from service.fhir.search import COUNT, CURSOR, Query, cursor
from service.fhir.shapes import Json, from_bytes, instant
from service.fhir.transaction import transaction_entries
from service.store.resources import Stored

CHANGED = "The record changed after the receipt was made. Look at the preview again, then confirm anew."


@dataclass(frozen=True)
class By:
    """What a package is made by: its scope, and the papers that it would leave by where it is only looked at."""

    scope: Scope = EVERYTHING
    papers: Named = NO_PAPERS


@dataclass(frozen=True)
class Narrowed:
    """All that could go, what of it goes, and by which scope."""

    there: Sequence[Entry]
    found: Sequence[Entry]
    scope: Scope


BY_NONE = By()
_WRITTEN_AS_IT_IS = re.compile(r"[A-Za-z0-9_.~-]*")
_IN_NO_EXPORT = BY_ADDRESS_ALONE | PRACTICE_ONLY


def entries_of(stored: Iterable[Stored]) -> list[Entry]:
    return [Entry(each.type, each.id, each.body, record_type=each.record_type) for each in stored]


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
    return _written(found, at, PackageForm.BUNDLE)[0]


def _written(found: Sequence[Entry], at: Addresses, form: PackageForm) -> tuple[bytes, memoryview]:
    """The whole, and where in it the list of its entries stands; of resources a line those of the collection."""
    is_transaction = form is PackageForm.TRANSACTION
    head: Json = {
        "resourceType": "Bundle",
        "meta": {"security": high_water(each.type for each in found)},
        "type": "transaction" if is_transaction else "collection",
        "timestamp": instant(clock.now()),
    }
    if not found:
        return orjson.dumps(head), memoryview(b"[]")
    entries = {"entry": transaction_entries(found, at)} if is_transaction else _entries(found, at)
    whole, start = orjson.dumps(head | entries), len(orjson.dumps(head | {"entry": 0})) - len(b"0}")
    return whole, memoryview(whole)[start : -len(b"}")]


def export(
    actor: Actor,
    case_id: str,
    departure: Departure | None,
    *,
    confirmed: str = "",
    by: By = BY_NONE,
) -> tuple[bytes, Json]:
    """A case as the package that `by.scope` says, and the manifest of what is in it and what was left out and why.

    `departure` says to whom it leaves; without one it is only looked at, as it would leave by `by.papers`. Raises
    Conflict when the contents are not the ones whose digest was `confirmed`, Invalid when they may not leave.
    """
    publish.catch_up(case_id)

    def packed(whole: publishing.Exported) -> tuple[tuple[bytes, Json], Left]:
        body, told = made_of(*whole, by.scope)
        if confirmed and confirmed != told["contents_sha256"]:
            raise Conflict(CHANGED)
        return (body, told), _left(body, told)

    papers = papers_of(departure) if departure else by.papers
    return publishing.export_case(actor, case_id, packed, departure, papers=papers)


def papers_of(departure: Departure) -> Named:
    """The release or the request that something leaves by; one that is merely named beside another ground carries
    nothing, and bounds nothing.
    """
    by_release, by_request = departure.basis is LegalBasis.RELEASE, departure.basis in NEEDS_REQUEST
    return Named(departure.release_id if by_release else None, departure.request_id if by_request else None)


def made_of(record: Record, stored: Sequence[Stored], scope: Scope = EVERYTHING) -> tuple[bytes, Json]:
    """The package and the manifest from what was read, with a digest of the contents without the time of making: of
    `entry` as compact JSON, so that whoever receives it can work it out again.
    """
    scope, at = scope.leaving_by(record.carried), publish.addresses()
    there = _exported(record, stored, scope.days)
    found = narrowed(there, scope)
    whole, contents = _written(found, at, scope.form)
    told = _manifest(record, stored, Narrowed(there, found, scope)) | {"contents_sha256": _digest(contents)}
    return ndjson(found) if scope.form is PackageForm.NDJSON else whole, told


def preview(actor: Actor, case_id: str, scope: Scope = EVERYTHING) -> Json:
    """The manifest that an export would have now, without making one."""
    publish.catch_up(case_id)
    release_id = scope.release.id if scope.release else None
    record, stored = publishing.preview_export(actor, case_id, Named(release_id))
    scope = scope.leaving_by(record.carried)
    there = _exported(record, stored, scope.days)
    return _manifest(record, stored, Narrowed(there, narrowed(there, scope), scope))


def _left(body: bytes, told: Json) -> Left:
    by_class = cast(Sequence[Mapping[str, Any]], told["by_class"])
    sections = tuple(f"{part['what']}: {part['sent']}" for each in by_class for part in each["parts"] if part["sent"])
    return Left(Door.EXPORT, classes_of(told), sections, _digest(body))


def classes_of(told: Json) -> tuple[ContentClass, ...]:
    """The classes of content that a manifest tells of."""
    return tuple(map(ContentClass, cast(Sequence[str], told["classes"])))


def _digest(body: bytes | memoryview) -> str:
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
        "days": [str(each) if each else None for each in (of.scope.days.since, of.scope.days.until)],
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


def _exported(record: Record, stored: Sequence[Stored], days: Days) -> list[Entry]:
    forms = questionnaires(publish.addresses())
    filled_in = (find(each.instrument_key, each.instrument_version) for each in record.intakes)
    used = {each: version_name(each) for each in filled_in if not each.stays_home}
    forms = forms | {used[each]: data for each, data in originals_of(record.case.practice_id, used).items()}
    definitions = [Entry("Questionnaire", each, forms[each]) for each in sorted(used.values())]
    kept = entries_of(each for each in stored if each.type not in _IN_NO_EXPORT)
    if days.are_bound:
        kept = _dated(kept, record, stored)
    words = record.carried.goal_words
    return [_in_words(each, words) if words else each for each in kept] + _lines(record) + definitions


def _dated(found: Sequence[Entry], record: Record, stored: Iterable[Stored]) -> list[Entry]:
    """With the day of what happens on one, by the practice's clocks. What nobody dated is of no day, and stays."""
    days = {(each.type, each.id): clock.local(each.date, record.practice.zone).date() for each in stored if each.date}
    return [
        each._replace(day=days.get((each.type, each.id), date.min)) if each.type in DAILY else each for each in found
    ]


def _in_words(entry: Entry, words: Mapping[str, str]) -> Entry:
    """A goal with the client's words, where a release carries them."""
    if entry.type != "Goal" or entry.id not in words:
        return entry
    return entry._replace(body=publish.fit(with_words(from_bytes(entry.body), words[entry.id])), what=GOALS_IN_WORDS)


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
    written = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in parameters)
    return f"{address}?{written}" if written else address


def _quoted(text: str) -> str:
    """Most names and values are written as they are."""
    return text if _WRITTEN_AS_IT_IS.fullmatch(text) else quote_plus(text)
