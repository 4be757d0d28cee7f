"""`Patient/$everything` and `DocumentReference/$docref`: what a practice system fetches about one client.

https://hl7.org/fhir/R4/patient-operation-everything.html,
http://hl7.org/fhir/us/core/OperationDefinition/docref. Rule: nothing that a read or a search would not give; the text
of a note stays behind its URL.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.casework import resource_reads
from service.casework.gate import reaches
from service.casework.resource_words import BY_ADDRESS_ALONE
from service.domain.actors import Actor
from service.domain.scopes import SEARCH
from service.fhir import RESOURCES, bundle, publish, results
from service.fhir.dates import Range, is_in, read_range
from service.fhir.search import Query, read_query, unreadable, values_in
from service.store.resources import Search, Stored

Pairs = Iterable[tuple[str, str]]
_LONGEST = len(b"Role/") + 65  # of an id with the quote after it, and what may stand before
_DIRECTORY = ("Practitioner", "Organization", "PractitionerRole")


@dataclass(frozen=True)
class Wanted:
    """Which resources of a client: of some types, changed since, of a stretch of time."""

    types: frozenset[str] | None
    since: datetime | None
    between: Range

    def is_of(self, resource_type: str) -> bool:
        return self.types is None or resource_type in self.types

    def holds(self, stored: Stored) -> bool:
        """What has no date of its own belongs to any time; the words of a note stay behind their address."""
        return (
            stored.type not in BY_ADDRESS_ALONE
            and self.is_of(stored.type)
            and (self.since is None or stored.updated_at >= self.since)
            and (stored.date is None or is_in(stored.date, self.between))
        )


def everything(actor: Actor, case_id: str, given: Pairs) -> bytes:
    """The current resources of a client with the people and the practice that they name. Raises NotFound."""
    wanted = wanted_by(dict(given))
    page = resource_reads.read_everything(actor, case_id)
    if page.behind:
        publish.catch_up(case_id)
        page = resource_reads.read_everything(actor, case_id)
    return packed(actor, case_id, [each for each in page.found if wanted.holds(each)], wanted)


def packed(actor: Actor, case_id: str, found: Sequence[Stored], wanted: Wanted) -> bytes:
    """What was read as a searchset, with the directory entries that it names."""
    named = _directory(actor, found, wanted)
    entries = [*bundle.entries_of(found), *(each._replace(mode="include") for each in bundle.entries_of(named))]
    itself = Query(Search("Patient"), path=f"Patient/{case_id}/$everything")
    return bundle.searchset(entries, len(found), itself, publish.addresses())


def wanted_by(asked: Mapping[str, str]) -> Wanted:
    """Raises Invalid naming the parameter."""
    types = frozenset(values_in("_type", asked["_type"])) if "_type" in asked else None
    if types is not None and not types <= RESOURCES.keys():
        raise unreadable("_type", "Name types of the capability statement.")
    since, low, high = (_moment(asked, *each) for each in (("_since", "ge"), ("start", "ge"), ("end", "le")))
    return Wanted(types, since, (low, high))


def _moment(asked: Mapping[str, str], name: str, prefix: str) -> datetime | None:
    """The beginning of a day or time, or the end of one that ends a stretch."""
    if name not in asked:
        return None
    if not asked[name][:1].isdigit():
        raise unreadable(name, "Give a date or time without a prefix.")
    low, high = read_range(name, f"{prefix}{asked[name]}")[1]
    return low or high


def _directory(actor: Actor, found: Sequence[Stored], wanted: Wanted) -> list[Stored]:
    """The people that these resources name, and the practice."""
    mentioned = mentioned_in(b"".join(each.body for each in found), actor.practice_id)
    named: list[Stored] = []
    for kind in _DIRECTORY:
        is_wanted = kind in RESOURCES and reaches(actor, kind, SEARCH) and wanted.is_of(kind)
        ids = mentioned[kind] if is_wanted else ()
        if ids:
            named += resource_reads.search_resources(actor, Search(kind, limit=results.ALL), ids=ids).found
    return named


def mentioned_in(text: bytes, practice_id: str) -> Mapping[str, frozenset[str]]:
    """The ids in the references of a text, by type. Cut, not parsed, and once for both that begin alike: most of the
    time of the answer goes here.

    A practice knows no other organization than itself, so one mention is enough.
    """
    parts = {each[:_LONGEST] for each in text.split(b'"Practitioner')[1:]}
    return {
        "Practitioner": _ids_after(b"/", parts),
        "Organization": frozenset({practice_id} if b'"Organization/' in text else ()),
        "PractitionerRole": _ids_after(b"Role/", parts),
    }


def _ids_after(mark: bytes, parts: Iterable[bytes]) -> frozenset[str]:
    named = (each.removeprefix(mark) for each in parts if each.startswith(mark))
    return frozenset(each.partition(b'"')[0].decode() for each in named)


def documents(actor: Actor, asked: Mapping[str, str]) -> bytes:
    """The current documents of a client, as a search. Raises Invalid without a patient."""
    if not asked.get("patient"):
        raise unreadable("patient", "Say whose documents.")
    names = {"patient": "patient", "start": "date", "end": "date", "type": "type"}
    prefixes = {"start": "ge", "end": "le"}
    given = [(names[name], prefixes.get(name, "") + value) for name, value in asked.items() if name in names and value]
    query = read_query("DocumentReference", [*given, ("status", "current")], publish.addresses())
    return results.search(actor, query)
