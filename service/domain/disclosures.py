"""Disclosures: one row for everything that leaves, which nobody changes; a correction is another row.

An accounting looks back six years (45 CFR 164.528, to be confirmed for each jurisdiction).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from schemas.proxy_codes import Chart
from schemas.release_codes import OWN_COPIES, ClientTold, ContentClass, Door, LegalBasis, ReleasePurpose, SendRoute
from service.domain.leaks import Passage
from service.domain.releases import Release, ReleaseTerms, why_not
from service.domain.requests import Request, carries

LOOK_BACK_YEARS = 6
# Grounds that name a paper of their own, which must be on record before anything leaves.
NEEDS_REQUEST = frozenset({LegalBasis.ORDER, LegalBasis.ACCESS})
TO_CLIENT = "The client"
SIGNED_FOR = "The client signed for"
OWN_COPY = "Client's own copy"
# What a court or an insurer reads as a report is cosigned before it leaves (domain.md 5).
FOR_COURT_OR_INSURER = frozenset({ReleasePurpose.INSURANCE, ReleasePurpose.LEGAL})


@dataclass(frozen=True)
class Departure:
    """To whom, why, on what ground and how, and in whose chart it ends up; typed by whoever lets it leave."""

    recipient: str
    basis: LegalBasis
    purpose: ReleasePurpose
    route: SendRoute
    told: ClientTold = ClientTold.BEFORE
    address: str = ""
    why: str = ""
    redactions: str = ""
    release_id: str | None = None
    request_id: str | None = None
    chart: Chart | None = None


@dataclass(frozen=True)
class Left:
    """What left: by which door, which classes, its parts in words, and the digest of the document if there is one."""

    door: Door
    classes: tuple[ContentClass, ...]
    sections: tuple[str, ...]
    digest: str = ""


@dataclass(frozen=True)
class Disclosure:
    """One row. `corrects` names the earlier row that this one puts right."""

    id: str
    case_id: str
    at: datetime
    left: Left
    departure: Departure
    by_id: str
    by_name: str
    corrects: str | None = None


@dataclass(frozen=True)
class Papers:
    """The papers that a departure names, as they stand in the same case."""

    release: Release | None = None
    request: Request | None = None


@dataclass(frozen=True)
class Accounted:
    """A row of the accounting with the rows that correct it, oldest first."""

    disclosure: Disclosure
    corrections: tuple[Disclosure, ...]


def to_the_client(route: SendRoute = SendRoute.HANDED) -> Departure:
    """What a client takes along."""
    return Departure(TO_CLIENT, LegalBasis.CLIENT, ReleasePurpose.CLIENT_USE, route, chart=Chart.NONE)


def by_release(release: Release) -> Departure:
    """As the release says: to whom, what for and by which way."""
    terms = release.terms
    return Departure(
        recipient=terms.recipient,
        basis=LegalBasis.RELEASE,
        purpose=terms.purpose,
        route=terms.route,
        address=terms.address,
        release_id=release.id,
    )


def faults(departure: Departure, classes: tuple[ContentClass, ...], papers: Papers, on: date) -> dict[str, str]:
    """Why this may not leave, by field; empty when it may."""
    wrong: dict[str, str] = {}
    if not departure.recipient.strip():
        wrong["recipient"] = "Say who receives it."
    if ContentClass.PSYCHOTHERAPY in classes and departure.basis is not LegalBasis.RELEASE:
        wrong["basis"] = "Psychotherapy notes leave only by a release of their own."
    if departure.basis is LegalBasis.RELEASE:
        wrong |= _of_release(departure, classes, papers.release, on)
    if departure.basis in (LegalBasis.TREATMENT, LegalBasis.DUTY) and not departure.why.strip():
        wrong["why"] = "Say why the law allows or asks for this without a release."
    if departure.basis in NEEDS_REQUEST or _is_report(departure, classes):
        reason = carries(papers.request, departure.recipient, classes)
        wrong |= {"request_id": reason} if reason else {}
    return wrong


def _is_report(departure: Departure, classes: Collection[ContentClass]) -> bool:
    """Whether this is a report that somebody else must have cosigned."""
    return ContentClass.SUMMARY in classes and departure.purpose in FOR_COURT_OR_INSURER


def within(disclosures: Iterable[Disclosure], today: date) -> tuple[Accounted, ...]:
    """The accounting: what left in the last six years, newest first, each with its corrections."""
    found = sorted(disclosures, key=lambda each: each.at)
    since = _years_before(today)
    rows = [each for each in found if each.corrects is None and each.at.date() >= since]
    return tuple(Accounted(each, _corrections(each.id, found)) for each in reversed(rows))


def accounting_passages(rows: Iterable[Accounted]) -> tuple[Passage, ...]:
    """What a person typed of an accounting, for the leak guard: it is printed and taken along."""
    typed = (
        (row.id, row.departure, row.left.sections) for each in rows for row in (each.disclosure, *each.corrections)
    )
    return tuple(
        Passage(key, given.recipient, "\n".join((given.address, given.why, given.redactions, *what)))
        for key, given, what in typed
    )


def in_log(row: Disclosure) -> tuple[str, str]:
    """What left and by which door."""
    return "; ".join(row.left.sections), row.left.door.label


def on_paper(row: Disclosure) -> tuple[str, str]:
    """The same for a printed accounting: of a client's own copy nothing but that it is one. What a correction says was
    typed, and stands.
    """
    what, door = in_log(row)
    if row.left.door not in OWN_COPIES:
        return what, door
    return what if row.corrects else OWN_COPY, OWN_COPY


def _corrections(disclosure_id: str, found: list[Disclosure]) -> tuple[Disclosure, ...]:
    return tuple(each for each in found if each.corrects == disclosure_id)


def _years_before(today: date) -> date:
    leap = today.month == 2 and today.day == 29
    return today.replace(year=today.year - LOOK_BACK_YEARS, day=28 if leap else today.day)


def _of_release(
    departure: Departure, classes: Collection[ContentClass], release: Release | None, on: date
) -> dict[str, str]:
    if release is None:
        return {"release_id": "Name the release that this leaves by."}
    if departure.recipient.strip().casefold() != release.terms.recipient.strip().casefold():
        return {"recipient": "The release names somebody else."}
    reason = why_not(release, classes, on)
    return _other_than_signed(departure, release.terms) | ({"release_id": reason} if reason else {})


def _other_than_signed(departure: Departure, terms: ReleaseTerms) -> dict[str, str]:
    """A release is signed for one purpose, one way and one address; anything else is another release."""
    wrong: dict[str, str] = {}
    if departure.purpose is not terms.purpose:
        wrong["purpose"] = f"{SIGNED_FOR}: {terms.purpose.label}. For anything else prepare another one."
    if departure.route is not terms.route:
        wrong["route"] = f"{SIGNED_FOR}: {terms.route.label}. For another way prepare another one."
    if _plain(departure.address) != _plain(terms.address) and departure.address.strip():
        wrong["address"] = f"{SIGNED_FOR} another address, or for none. Leave this empty, or prepare another one."
    return wrong


def _plain(text: str) -> str:
    """Without case, and but for an e-mail address without spaces and stops."""
    plain = text.strip().casefold()
    return plain if "@" in plain else "".join(filter(str.isalnum, plain))
