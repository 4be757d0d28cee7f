"""What arrives from another system, and how it stands to what is here.

Rule: nothing is taken over that was not shown, and the file must be about this client and nobody else: a Patient of
another day of birth, a minor, or one who is known there by another number is refused with everything beside it. How to
reach the client, and where they live, is asked in person and never taken over.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime

from schemas.takeover_codes import Meeting, OutsideType
from schemas.vocabulary import Gender
from service.domain.cases import Client, is_adult
from service.domain.proxies import Proxy

OTHER_DAY = "The person in the file was born on another day than this client. Nothing of the file is taken over."
MINOR = "This Patient is under 18. Nothing goes from or into the chart of a child."
OTHER_NUMBER = "The client is known there by another identifier. Nothing of the file is taken over."
NO_NUMBER = "Type one id, or one identifier as system|value, without a comma, a dollar sign or a backslash."
NAMES = {
    "legal_name": "Legal name",
    "birth_date": "Born",
    "gender": "Gender",
    "languages": "Languages",
    "name": "Name",
    "numbers": "Numbers",
    "emails": "E-mail",
    "addresses": "Address",
}


@dataclass(frozen=True)
class Facts:
    """What a Patient tells that can be taken over; what is not told is empty."""

    legal_name: str = ""
    birth_date: date | None = None
    gender: Gender | None = None
    languages: str = ""


@dataclass(frozen=True)
class Visit:
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Colleague:
    """A clinician elsewhere."""

    name: str
    qualification: str = ""


@dataclass(frozen=True)
class Arrival:
    """One thing in a file. `at` is where it stands, `refused` why it cannot be read. `value` is Facts, a Proxy, a
    Visit, a Colleague, or a response as casework keeps it.
    """

    at: str
    type: OutsideType
    title: str
    identifier: str = ""
    value: object = None
    refused: str = ""


@dataclass(frozen=True)
class Change:
    """One detail that differs."""

    name: str
    here: str
    there: str


@dataclass(frozen=True)
class Offer:
    """An arrival beside what is here."""

    arrival: Arrival
    meeting: Meeting
    reason: str = ""
    changes: tuple[Change, ...] = ()

    @property
    def can_be_taken(self) -> bool:
        return self.meeting in (Meeting.NEW, Meeting.DIFFERS)


@dataclass(frozen=True)
class Taken:
    """Something that was taken over: from which system, when, by whom, and the record that it became."""

    id: str
    case_id: str
    type: OutsideType
    title: str
    system: str
    identifier: str
    record_id: str | None
    at: datetime
    by_name: str


def why_not_this_client(facts: Facts, identifier: str, client: Client, taken: Iterable[Taken], on: date) -> str:
    """Why the file is not about this client; empty when nothing speaks against it."""
    if facts.birth_date and not is_adult(facts.birth_date, on):
        return MINOR
    if facts.birth_date and client.birth_date and facts.birth_date != client.birth_date:
        return OTHER_DAY
    space = identifier.rpartition("|")[0]
    known = {each.identifier for each in taken if each.type is OutsideType.PATIENT and each.identifier}
    same_space = {each for each in known if each.rpartition("|")[0] == space}
    return OTHER_NUMBER if identifier and same_space and identifier not in same_space else ""


def number_fault(number: str) -> str:
    """Why this cannot be one number of a client elsewhere; empty when it can. In a FHIR search a comma means "or"."""
    _system, bar, value = number.partition("|")
    whole = "|" not in value and (value.strip() or not bar)
    return "" if whole and not set(",$\\") & set(number) else NO_NUMBER


def with_facts(client: Client, facts: Facts) -> Client:
    """The client with what the facts tell; what they do not tell stays."""
    told = {each.name: getattr(facts, each.name) for each in fields(facts)}
    return replace(client, **{name: value for name, value in told.items() if value})


def changes_of(here: object, there: object) -> tuple[Change, ...]:
    """What differs between two descriptions, by the details that both have."""
    ours = {each.name for each in fields(here)}  # type: ignore[arg-type]
    names = [each.name for each in fields(there) if each.name in ours and each.name in NAMES]  # type: ignore[arg-type]
    pairs = ((name, _text(getattr(here, name)), _text(getattr(there, name))) for name in names)
    return tuple(Change(NAMES[name], one, other) for name, one, other in pairs if one != other)


def same_proxy(first: Proxy, second: Proxy) -> bool:
    """Whether two entries are of one person in one place: what is known of them may differ."""
    return (first.kind, first.name.casefold(), first.system) == (second.kind, second.name.casefold(), second.system)


def digest_of(offers: Iterable[Offer]) -> str:
    """What was shown, to hold against what is there when it is taken over."""
    told = "\x1f".join(repr((each.arrival, each.meeting, each.reason, each.changes)) for each in offers)
    return hashlib.sha256(told.encode()).hexdigest()


def _text(value: object) -> str:
    return "" if value is None else getattr(value, "label", None) or str(value)
