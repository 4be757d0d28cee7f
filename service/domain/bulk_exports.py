"""Bulk exports: what was asked for, how far one is, and which of a case it may hold.

Rule: a case is in an export only by a release in force that the client signed for this very system, from one record
system to another; each resource only where its class is ticked there. What was held back is told by class and never as
a count that could be somebody. https://hl7.org/fhir/uv/bulkdata/export.html
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from schemas.release_codes import ContentClass, ReleaseForm, ReleaseState, SendRoute
from schemas.vocabulary import Coded
from service.domain.releases import Release

LASTS = timedelta(hours=24)
LEASE = timedelta(seconds=20)
POLL_EVERY = timedelta(seconds=1)
MOST_RUNNING = 2
MOST_STARTED = 12
WITHIN = timedelta(hours=1)
FEWEST_TOLD = 5
FEW = f"fewer than {FEWEST_TOLD}"


class BulkLevel(Coded):
    """What an export is of."""

    SYSTEM = "system", "Everything"
    PATIENT = "patient", "Clients"
    GROUP = "group", "The clients of one clinician"


class BulkState(Coded):
    """How an export stands. All but the first two have no files."""

    RUNNING = "running", "Being made"
    DONE = "done", "Ready"
    DELETED = "deleted", "Deleted by the system"
    ENDED = "ended", "Run out, or no longer covered"


@dataclass(frozen=True)
class TypeFilter:
    """The resources of a type that fit all of these search parameters, as name and value."""

    type: str
    asked: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class BulkAsk:
    """What a system asked for. `types` are those that its scopes cover; `group` is a clinician's id, `patients` names
    cases (None: all). Of a type that `filters` name, one of them must fit.
    """

    level: BulkLevel
    request: str
    types: tuple[str, ...]
    since: datetime | None = None
    group: str = ""
    patients: tuple[str, ...] | None = None
    filters: tuple[TypeFilter, ...] = ()


@dataclass(frozen=True)
class BulkFile:
    """One file of an export; `length` is that of the lines, not of what lies sealed on the disk."""

    type: str
    count: int
    length: int


@dataclass(frozen=True)
class BulkExport:
    """An export as its system sees it. `tenths` says how far it is; `withheld` holds a count for each class."""

    id: str
    state: BulkState
    ask: BulkAsk
    started_at: datetime
    tenths: int
    files: tuple[BulkFile, ...]
    withheld: Mapping[str, int]
    expires_at: datetime | None


@dataclass(frozen=True)
class BulkJob:
    """The next step of an export, in the hands of whoever holds `lease`. No case: the directory, then the end."""

    export_id: str
    practice_id: str
    client_id: str
    lease: str
    ask: BulkAsk
    case_id: str | None
    ordinal: int


def release_for(releases: Iterable[Release], recipient: str, today: date) -> Release | None:
    """The newest release by which a case may go to this system."""
    wanted = recipient.strip().casefold()
    fits = (
        each
        for each in releases
        if each.state(today) is ReleaseState.IN_FORCE
        and each.form is ReleaseForm.ORDINARY
        and each.terms.route is SendRoute.SYSTEM
        and each.terms.recipient.strip().casefold() == wanted
    )
    return max(fits, key=lambda each: each.created_at, default=None)


def counts_told(withheld: Mapping[str, int]) -> dict[str, int | str]:
    """Counts by class as they may be told; small ones only as such, and none for what is never counted."""
    known = [str(each) for each in ContentClass if each is not ContentClass.PSYCHOTHERAPY]
    found = {each: withheld.get(each, 0) for each in known}
    return {each: count if count >= FEWEST_TOLD or count == 0 else FEW for each, count in found.items()}


def tenths_of(position: int, total: int) -> int:
    """How far, in tenths: finer steps would tell how many clients there are."""
    return 10 if total == 0 else position * 10 // total
