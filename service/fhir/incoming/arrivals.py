"""The bytes of a Bundle -> arrivals, each with the place where it stands. https://hl7.org/fhir/R4/bundle.html

Rule: one Patient a file, and everything else speaks of that Patient, or is refused: a reference that leads anywhere
else, out of the file, or into what a resource contains is not followed.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from schemas.proxy_codes import ProxyKind
from schemas.takeover_codes import OutsideType
from schemas.vocabulary import Gender
from service.domain.actors import Actor
from service.domain.takeovers import Arrival, Colleague, Facts, Visit
from service.errors import Invalid
from service.fhir.importing.source import Unreadable, read_object
from service.fhir.incoming.elements import Amiss, Element
from service.fhir.incoming.people import identifier_of, name_of, proxy_of
from service.fhir.writing import draft_of

MOST_ENTRIES = 500
DEEPEST = 40
T = OutsideType
ELSEWHERE = "It speaks of somebody who is not the Patient of this file."
NOT_HERE = "The file does not hold the person whom it names."
CONTAINED = "It holds resources inside itself, which are not taken over."
OWN = "The client holds it; there is nobody to compare."
NO_KIND = "This kind is not taken over."
NOT_BOOKED = "Only appointments that are booked are taken over."
_GENDERS = frozenset({"male", "female", "other", "unknown"})
_BOOKED = frozenset({"booked"})


@dataclass(frozen=True)
class File:
    """A Bundle that was read: its resources by the names under which others may speak of them."""

    actor: Actor
    system: str
    patient: Element
    by_name: dict[str, Element]

    def named(self, holder: Element, name: str) -> Element | None:
        """Whom a reference names; None where there is none. Raises Amiss for whoever is not in the file."""
        link = holder.only(name)
        if link is None or not link.has("reference"):
            return None
        found = self.by_name.get(link.text("reference"))
        if found is None:
            raise Amiss(link.at, NOT_HERE)
        return found

    def check_patient(self, holder: Element, name: str) -> None:
        if self.named(holder, name) is not self.patient:
            raise Amiss(f"{holder.at}.{name}", ELSEWHERE)


def read_arrivals(actor: Actor, data: bytes, system: str) -> tuple[Arrival, ...]:
    """Raises Invalid naming the place for a file that cannot be read as a whole."""
    try:
        found = _file(actor, read_object(data), system)
        return (*_every(found), *_else(found))
    except Unreadable as error:
        raise Invalid(str(error), {"file": str(error)}) from error
    except Amiss as error:
        raise Invalid(str(error), {error.at: error.words}) from error


def _file(actor: Actor, value: dict[str, Any], system: str) -> File:
    _check_depth(value)
    bundle = Element(value, "Bundle")
    if bundle.text("resourceType") != "Bundle":
        raise Amiss("Bundle.resourceType", "a Bundle is expected here.")
    entries = bundle.value.get("entry")
    if not isinstance(entries, list) or not 0 < len(entries) <= MOST_ENTRIES:
        raise Amiss("Bundle.entry", f"1 to {MOST_ENTRIES} entries are expected here.")
    by_name: dict[str, Element] = {}
    for entry in (Element(each, f"entry[{number}]") for number, each in enumerate(entries)):
        _add(by_name, entry)
    patients = {each.at: each for each in by_name.values() if each.text("resourceType") == T.PATIENT}
    if len(patients) != 1:
        raise Amiss("Bundle.entry", "exactly one Patient is expected in a file.")
    return File(actor, system, next(iter(patients.values())), by_name)


def _check_depth(value: dict[str, Any]) -> None:
    level: list[Any] = [value]
    for _depth in range(DEEPEST):
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each)]
        level = [each for each in level if isinstance(each, dict | list)]
    if level:
        raise Amiss("Bundle", f"at most {DEEPEST} levels are taken.")


def _add(by_name: dict[str, Element], entry: Element) -> None:
    """A name that two resources claim would let one stand in for the other."""
    resource = Element(entry.value.get("resource"), f"{entry.at}.resource")
    own = f"{resource.text('resourceType')}/{resource.text('id')}"
    for name in {entry.text("fullUrl"), own if resource.text("id") else ""} - {""} or {resource.at}:
        if name in by_name:
            raise Amiss(entry.at, "another entry has the same address.")
        by_name[name] = resource


def _every(file: File) -> Iterator[Arrival]:
    for each in _resources(file):
        kind = each.text("resourceType")
        if kind in _READERS:
            yield _read(file, each, OutsideType(kind))
        if kind == T.PATIENT:
            yield from _contacts(file, each)


def _resources(file: File) -> list[Element]:
    return list({each.at: each for each in file.by_name.values()}.values())


def _else(file: File) -> Iterator[Arrival]:
    kinds = Counter(each.text("resourceType") for each in _resources(file))
    for kind, count in sorted(kinds.items()):
        if kind not in _READERS:
            yield Arrival(f"{kind or 'without a type'} ({count})", T.ELSE, kind, refused=NO_KIND)


def _read(file: File, resource: Element, kind: OutsideType) -> Arrival:
    try:
        if resource.has("contained"):
            raise Amiss(f"{resource.at}.contained", CONTAINED)
        return _READERS[kind](file, resource)
    except Amiss as error:
        if kind is T.PATIENT:
            raise
        return Arrival(resource.at, kind, "", refused=f"{error.at}: {error.words}")


def _patient(_file: File, resource: Element) -> Arrival:
    told = resource.code("gender", _GENDERS)
    languages = [each.only("language") for each in resource.every("communication")]
    facts = Facts(
        legal_name=name_of(resource),
        birth_date=resource.day("birthDate"),
        gender=Gender(told) if told else None,
        languages=", ".join(filter(None, (each.text("text") for each in languages if each))),
    )
    return Arrival(resource.at, T.PATIENT, facts.legal_name, identifier_of(resource), facts)


def _contacts(file: File, resource: Element) -> Iterator[Arrival]:
    for each in resource.every("contact"):
        proxy = proxy_of(each, ProxyKind.CONTACT, file.system)
        yield Arrival(each.at, T.CONTACT, proxy.name, value=proxy)


def _related(file: File, resource: Element) -> Arrival:
    file.check_patient(resource, "patient")
    proxy = proxy_of(resource, ProxyKind.RELATED, file.system)
    return Arrival(resource.at, T.RELATED, proxy.name, identifier_of(resource), proxy)


def _coverage(file: File, resource: Element) -> Arrival:
    file.check_patient(resource, "beneficiary")
    holders = [file.named(resource, name) for name in ("subscriber", "policyHolder")]
    others = [each for each in holders if each is not None and each is not file.patient]
    if any(each is file.patient for each in holders) and not others:
        raise Amiss(resource.at, OWN)
    person = others[0] if others else None
    if person is None or person.text("resourceType") != T.RELATED:
        raise Amiss(f"{resource.at}.subscriber", NOT_HERE)
    proxy = proxy_of(person, ProxyKind.SUBSCRIBER, file.system)
    return Arrival(resource.at, T.COVERAGE, proxy.name, identifier_of(resource), proxy)


def _practitioner(_file: File, resource: Element) -> Arrival:
    known = [each.only("code") for each in resource.every("qualification")]
    words = ", ".join(filter(None, (each.text("text") for each in known if each)))
    colleague = Colleague(name_of(resource), words)
    if not colleague.name:
        raise Amiss(f"{resource.at}.name", "a name is expected here.")
    title = ", ".join(filter(None, (colleague.name, colleague.qualification)))
    return Arrival(resource.at, T.PRACTITIONER, title, identifier_of(resource), colleague)


def _appointment(file: File, resource: Element) -> Arrival:
    if resource.text("status") not in _BOOKED:
        raise Amiss(f"{resource.at}.status", NOT_BOOKED)
    if file.patient not in [file.by_name.get(_actor(each)) for each in resource.every("participant")]:
        raise Amiss(f"{resource.at}.participant", ELSEWHERE)
    visit = Visit(resource.moment("start"), resource.moment("end"))
    return Arrival(resource.at, T.APPOINTMENT, f"{visit.starts_at:%Y-%m-%d %H:%M} UTC", identifier_of(resource), visit)


def _actor(participant: Element) -> str:
    found = participant.only("actor")
    return found.text("reference") if found else ""


def _response(file: File, resource: Element) -> Arrival:
    file.check_patient(resource, "subject")
    own = {name: value for name, value in resource.value.items() if name not in ("encounter", "author", "source")}
    try:
        draft = draft_of(file.actor, own)
    except Invalid as error:
        at = next(iter(error.fields), "item")
        raise Amiss(f"{resource.at}.{at}", error.message) from error
    title = f"{draft.instrument_key}, {draft.authored_at:%Y-%m-%d %H:%M} UTC"
    link = resource.only("identifier")
    known = f"{link.text('system')}|{link.text('value')}" if link else ""
    return Arrival(resource.at, T.RESPONSE, title, known.strip("|") and known, draft)


_READERS: dict[str, Callable[[File, Element], Arrival]] = {
    T.PATIENT: _patient,
    T.RELATED: _related,
    T.COVERAGE: _coverage,
    T.PRACTITIONER: _practitioner,
    T.APPOINTMENT: _appointment,
    T.RESPONSE: _response,
}
