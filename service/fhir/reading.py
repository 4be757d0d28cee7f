"""Reads and searches for an actor, over stored bytes. Rule: what is asked about a case is built first if its records
moved on.

No HTTP here: the edge turns what comes back into answers.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from service.casework import publishing
from service.domain.actors import Actor
from service.errors import Invalid, NotFound
from service.fhir import RESOURCES, bundle, publish
from service.fhir.addresses import Addresses
from service.fhir.bundle import Entry
from service.fhir.definitions import (
    imported_among,
    matching,
    plan_definitions_matching,
    read_plan_definition,
    read_questionnaire,
)
from service.fhir.questionnaire import FIRST_VERSION
from service.fhir.search import Query


@dataclass(frozen=True)
class Reading:
    """A resource as it goes out. `updated_at` is None for definitions."""

    body: bytes
    version: str
    updated_at: datetime | None


def read(actor: Actor, resource_type: str, resource_id: str, version: int | None = None) -> Reading:
    """Raises NotFound for what is unknown, missing, or not the actor's: the three are answered alike."""
    if resource_type not in RESOURCES:
        raise NotFound
    if RESOURCES[resource_type].defined:
        return _definition(actor, resource_type, resource_id, version)
    stored = publishing.read_resource(actor, resource_type, resource_id, version)
    if stored.behind and stored.case_id:
        publish.catch_up(stored.case_id)
        stored = publishing.read_resource(actor, resource_type, resource_id, version)
    return Reading(stored.body, str(stored.version), stored.updated_at)


def search(actor: Actor, query: Query) -> bytes:
    """A page of the search as a searchset Bundle. Raises Invalid for a search of case data that names neither
    patient nor id.
    """
    at, shelved = publish.addresses(), RESOURCES[query.wanted.type]
    if shelved.defined:
        return _definitions(actor, query, at)
    if query.identifier:
        query = _by_identifier(actor, query, at)
    if shelved.of_case:
        return _of_case(actor, query, at)
    if query.nothing:
        return bundle.searchset([], 0, query, "", at)
    return _answered(actor, query, at)


def _of_case(actor: Actor, query: Query, at: Addresses) -> bytes:
    """A case that is missing or not the actor's holds nothing, as far as the asker can tell."""
    wanted = query.wanted
    if wanted.case_ids is None and wanted.ids is None and not query.nothing:
        names = ", ".join(each.name for each in RESOURCES[wanted.type].parameters if each.kind in _NAMES_A_CASE)
        raise Invalid(f"Search for one client at a time. Give one of: {names}.", {"patient": "missing"})
    if query.nothing:
        return bundle.searchset([], 0, query, "", at)
    if wanted.case_ids is None:
        return _by_ids(actor, query, at)
    try:
        publish.catch_up(wanted.case_ids[0])
        return _answered(actor, query, at)
    except NotFound:
        return bundle.searchset([], 0, query, "", at)


_NAMES_A_CASE = frozenset({"id", "patient", "identifier"})


def _answered(actor: Actor, query: Query, at: Addresses) -> bytes:
    page = publishing.search_resources(actor, query.wanted, total_only=query.count_only)
    return bundle.searchset(bundle.entries_of(page.found), page.total, query, page.next_id, at)


def _by_ids(actor: Actor, query: Query, at: Addresses) -> bytes:
    """Case by case: the resources of a case that is not the actor's are simply not among the matches."""
    found: list[Entry] = []
    for case_id in publishing.cases_of(actor, query.wanted.type, query.wanted.ids or ()):
        try:
            page = publishing.search_resources(actor, replace(query.wanted, case_ids=(case_id,)))
        except NotFound:
            continue
        found += bundle.entries_of(page.found)
    shown = [] if query.count_only else sorted(found, key=lambda each: each.id)[: query.wanted.limit]
    return bundle.searchset(shown, len(found), query, "", at)


def _by_identifier(actor: Actor, query: Query, at: Addresses) -> Query:
    """The case code names a case; any other system names none of ours."""
    system, _, code = query.identifier.rpartition("|")
    case_id = publishing.case_with_code(actor, code) if system == at.identifier("case-code") else None
    ids = query.wanted.ids
    if case_id is None or (ids is not None and case_id not in ids):
        return replace(query, nothing=True)
    return replace(query, wanted=replace(query.wanted, case_ids=(case_id,), ids=(case_id,)))


def _definition(actor: Actor, resource_type: str, resource_id: str, version: int | None) -> Reading:
    if version not in (None, int(FIRST_VERSION)):
        raise NotFound
    read_one = read_plan_definition if resource_type == "PlanDefinition" else read_questionnaire
    return Reading(read_one(actor, resource_id, publish.addresses()), FIRST_VERSION, None)


def _definitions(actor: Actor, query: Query, at: Addresses) -> bytes:
    publishing.read_definitions(actor, query.wanted.type)
    forms = {} if query.nothing else _matching(actor, query, at)
    found = [] if query.count_only else [Entry(query.wanted.type, key, body) for key, body in forms.items()]
    return bundle.searchset(found[: query.wanted.limit or None], len(forms), query, "", at)


def _matching(actor: Actor, query: Query, at: Addresses) -> dict[str, bytes]:
    if query.wanted.type == "PlanDefinition":
        return plan_definitions_matching(query, at)
    return matching(query, at) | imported_among(actor.practice_id, query)
