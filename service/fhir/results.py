"""A Query -> a searchset Bundle. One way for every type: ask the store, look into what is opened, order, page, include.

Rule: everything comes through service/casework/resource_reads.py, case by case, so nothing of another case can be
matched, chained to, included or counted. A search that names nothing takes the way of one that names a hidden case.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from service.casework import resource_reads
from service.casework.resource_reads import Page
from service.domain.actors import Actor
from service.errors import Invalid, NotFound
from service.fhir import RESOURCES, bundle, publish
from service.fhir.addresses import Addresses
from service.fhir.definitions import every_definition
from service.fhir.entries import Entry
from service.fhir.matching import Hit, canonical_of, fits, hit_of, is_canonical, ordered, references_in
from service.fhir.parameters import NAMES_A_CASE
from service.fhir.search import CURSOR, Condition, Include, Query, unreadable
from service.fhir.subsets import subset
from service.store.resources import Search, Stored

ALL = 1_000_000
NO_CASE = "-"
Found = tuple[list[Hit], int, str]


def search(actor: Actor, query: Query) -> bytes:
    """A page of the search. Raises Invalid for a search of case data that names neither patient nor id."""
    at, cases = publish.addresses(), _cases(actor, query)
    if query.is_plain and not query.count_only and len(cases) == 1 and not RESOURCES[query.wanted.type].defined:
        page = _page(actor, query.wanted._replace(case_id=cases[0]))
        entries = [_entry(each, query, "match") for each in page.found]
        return bundle.searchset(entries, page.total, query, at, next_id=page.next_id)
    found, total, next_id = _found(actor, query, cases, at)
    entries = [_entry(each, query, "match") for each in found]
    entries += [_entry(each, query, "include") for each in _included(actor, query.includes, found, at)]
    return bundle.searchset(entries, total, query, at, next_id=next_id)


def _found(actor: Actor, query: Query, cases: Sequence[str | None], at: Addresses) -> Found:
    """The matches of this page, how many there are on all pages, and the id to go on from."""
    found: list[Hit] = []
    for case_id in cases:
        hits = _hits(actor, query.wanted._replace(case_id=case_id, limit=ALL, offset_id=None), query.ids, at)
        conditions = [_resolved(actor, each, case_id, at) for each in query.conditions]
        found += [each for each in hits if fits(each, conditions)]
    return _paged(ordered(found, query.order), query)


def _cases(actor: Actor, query: Query) -> Sequence[str | None]:
    """The cases to look in; None stands for a directory, NO_CASE for a case that nobody has."""
    wanted, shelved = query.wanted, RESOURCES[query.wanted.type]
    if not shelved.of_case:
        return (None,)
    if query.nothing:
        return (NO_CASE,)
    if query.code:
        case_id = resource_reads.case_with_code(actor, query.code)
        return (case_id if case_id and wanted.case_id in (None, case_id) else NO_CASE,)
    if wanted.case_id is not None:
        return (wanted.case_id,)
    if query.ids is None:
        names = ", ".join(each.name for each in shelved.parameters if each.kind in NAMES_A_CASE)
        raise Invalid(f"Search for one client at a time. Give one of: {names}.", {"patient": "missing"})
    if wanted.type == "Patient":
        return tuple(sorted(query.ids))
    return resource_reads.cases_of(actor, wanted.type, sorted(query.ids)) or (NO_CASE,)


def _page(actor: Actor, wanted: Search) -> Page:
    """What the columns alone answer. A case that is missing or not the actor's holds nothing."""
    try:
        return _current(actor, wanted)
    except NotFound:
        return Page((), 0, "")


def _hits(actor: Actor, wanted: Search, ids: Iterable[str] | None, at: Addresses) -> list[Hit]:
    """Everything of a type in one case or directory that the columns let through."""
    kept = None if ids is None else frozenset(ids)
    if RESOURCES[wanted.type].defined:
        return [each for each in _definitions(actor, wanted.type, at) if kept is None or each.id in kept]
    try:
        return [hit_of(each) for each in _current(actor, wanted, kept).found]
    except NotFound:
        return []


def _current(actor: Actor, wanted: Search, ids: frozenset[str] | None = None) -> Page:
    """Brought up to date first, if its records moved on. Permission is asked before that."""
    page = resource_reads.search_resources(actor, wanted, ids=ids)
    if page.behind and wanted.case_id is not None:
        publish.catch_up(wanted.case_id)
        page = resource_reads.search_resources(actor, wanted, ids=ids)
    return page


def _definitions(actor: Actor, resource_type: str, at: Addresses) -> list[Hit]:
    return [Hit(resource_type, key, body) for key, body in every_definition(actor, resource_type, at).items()]


def _paged(found: list[Hit], query: Query) -> Found:
    if query.count_only:
        return [], len(found), ""
    start, limit = _start(found, query), query.wanted.limit
    shown = found[start : start + limit]
    return shown, len(found), shown[-1].id if shown and start + limit < len(found) else ""


def _start(found: list[Hit], query: Query) -> int:
    after = query.wanted.offset_id
    if after is None:
        return 0
    if not query.order:
        return sum(each.id <= after for each in found)
    places = [number for number, each in enumerate(found, start=1) if each.id == after]
    if not places:
        raise unreadable(CURSOR, "Take it from the next link of a page.")
    return places[0]


def _resolved(actor: Actor, condition: Condition, case_id: str | None, at: Addresses) -> Condition:
    """A chain as a plain condition: the references to what fits at its end, in the same case."""
    if condition.then is None:
        return condition
    names: list[str] = []
    for kind in condition.of:
        hits = _hits(actor, _all_of(kind, case_id), None, at)
        names += [each.name for each in hits if fits(each, [condition.then])]
    parameter = replace(condition.parameter, kind="reference")
    return replace(condition, parameter=parameter, values=tuple(names), then=None)


def _all_of(kind: str, case_id: str | None) -> Search:
    return Search(kind, case_id=case_id if RESOURCES[kind].of_case else None, limit=ALL)


def _included(actor: Actor, includes: Sequence[Include], found: Sequence[Hit], at: Addresses) -> list[Hit]:
    """What goes along, each once; nothing that is among the matches."""
    seen, more = {each.name for each in found}, []
    for include in includes:
        gather: Callable[..., list[Hit]] = _naming if include.back else _named
        for hit in gather(actor, include, found, at):
            if hit.name not in seen:
                seen.add(hit.name)
                more.append(hit)
    return more


def _named(actor: Actor, include: Include, found: Sequence[Hit], at: Addresses) -> list[Hit]:
    """The targets that the matches name, in their own case or in the directory."""
    gathered: list[Hit] = []
    for case_id in dict.fromkeys(each.case_id for each in found):
        names = {name for each in found if each.case_id == case_id for name in references_in(each, include.parameter)}
        for kind in include.targets:
            ids = {name.rpartition("/")[2] for name in names if name.startswith(f"{kind}/")}
            if ids:
                gathered += _hits(actor, _all_of(kind, case_id), ids, at)
            elif RESOURCES[kind].defined and names:
                gathered += _definitions_named(actor, kind, names, at)
    return gathered


def _definitions_named(actor: Actor, kind: str, names: Iterable[str], at: Addresses) -> list[Hit]:
    """Definitions are named by url|version."""
    hits = _definitions(actor, kind, at)
    wanted = set(names)
    return [each for each in hits if any(is_canonical(own, name) for own in canonical_of(each) for name in wanted)]


def _naming(actor: Actor, include: Include, found: Sequence[Hit], at: Addresses) -> list[Hit]:
    """The resources that name a match, in the case of the match."""
    names, gathered = {each.name for each in found}, []
    for case_id in dict.fromkeys(each.case_id for each in found):
        hits = _hits(actor, _all_of(include.type, case_id), None, at)
        gathered += [each for each in hits if names & references_in(each, include.parameter)]
    return gathered


def _entry(found: Hit | Stored, query: Query, mode: str) -> Entry:
    body = subset(found.type, found.body, summary=query.summary, elements=query.elements)
    return Entry(found.type, found.id, body, mode)
