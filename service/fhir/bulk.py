"""Works through bulk exports: which resources of a case go, line by line as they are stored.

Rule: a type goes where the release covers its class; what speaks of another as a whole only where that is covered, and
what merely refers to one that is not goes without the reference (references.py). Nothing is parsed that need not be,
nothing is built here, and no more than one case is in memory at a time.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from time import monotonic, sleep

import structlog

from schemas.release_codes import ContentClass, Door
from service import logs
from service.casework import bulk_exports
from service.casework.bulk_exports import Hold, Packed
from service.casework.resource_words import BY_ADDRESS_ALONE, REPORT_RECORDS
from service.domain.bulk_exports import BulkAsk, BulkJob
from service.domain.disclosures import Left
from service.domain.releases import Release
from service.errors import Unavailable
from service.fhir import RESOURCES, publish
from service.fhir.classes import CLASS_OF, PRACTICE_ONLY, class_of, held_by, in_order
from service.fhir.outcome import outcome
from service.fhir.package import IN_NUMBERS
from service.fhir.references import spoken_of, without_absent
from service.fhir.type_filters import sieve
from service.store.resources import Line, Sealed

SLICE = 0.5  # seconds of work, until the other chores of the sweep have their turn
# The text of a note stays behind the address in its DocumentReference; definitions are read from their own addresses.
SPEAKING = "Provenance"
NEVER = PRACTICE_ONLY | BY_ADDRESS_ALONE
EXPORTED = tuple(name for name, each in RESOURCES.items() if not each.defined and name not in NEVER)
TRIES = 3
NOT_UP_TO_DATE = outcome(
    "transient", "The data of one client could not be brought up to date and is not in this export."
)
NOT_EXPORTED = outcome("exception", "The data of one client could not be exported and is not in this export.")


def work(seconds: float = SLICE, *, pause: float = 0.0) -> int:
    """Do steps of exports for a while; returns how many. A `pause` after each lets others write."""
    until, done = monotonic() + seconds, 0
    job = bulk_exports.take()
    while job is not None:
        job = _step(job)
        done += 1
        if job is not None and monotonic() >= until:
            bulk_exports.let_go(job)
            break
        sleep(pause)
    return done


def _step(job: BulkJob) -> BulkJob | None:
    if job.case_id is None:
        bulk_exports.finish_export(job, sieve(job.ask.filters, publish.addresses()))
        return bulk_exports.take()
    for _ in range(TRIES):
        try:
            return _case(job, job.case_id)
        except Exception as error:  # noqa: BLE001 (one case must not hold up all that wait behind it)
            where = logs.places(error.__traceback__)
            structlog.get_logger("stepwell").error("bulk case failed", error=type(error).__name__, where=where)
    return bulk_exports.leave_out(job, NOT_EXPORTED)


def _case(job: BulkJob, case_id: str) -> BulkJob | None:
    try:
        publish.catch_up(case_id)
    except Unavailable:
        return bulk_exports.leave_out(job, NOT_UP_TO_DATE)
    return bulk_exports.export_case(job, lambda release, stored, hold: packed(job.ask, release, stored, hold))


def packed(ask: BulkAsk, release: Release, sealed: Sequence[Sealed], hold: Hold) -> Packed:
    """What goes of a case by this release, and how much of each class stays, whatever a filter leaves out."""
    classes = release.terms.classes
    known = frozenset(each for each, content in CLASS_OF.items() if content in classes)
    asked = [each for each in sealed if each.type in ask.types]
    may_go = [each for each in asked if _may_go(each, classes)]
    opened = hold(may_go)
    is_there = _presence(known, kept_back=_names(may_go) - _names(opened))
    told_of = [(each, _told_by(each)) for each in opened]
    covered = [(each, told) for each, told in told_of if told and told <= frozenset(classes)]
    passed = [each._replace(body=without_absent(each.body, is_there)) for each, _ in covered]
    stays = Counter(str(class_of(each.type, each.record_type)) for each in asked)
    stays.subtract(str(class_of(each.type, each.record_type)) for each in passed)
    is_wanted = sieve(ask.filters, publish.addresses())
    going = [(line, told) for line, (_, told) in zip(passed, covered, strict=True) if is_wanted(line)]
    return _told([line for line, _ in going], in_order(one for _, told in going for one in told), +stays)


def _may_go(each: Sealed, classes: Collection[ContentClass]) -> bool:
    """Whether it is worth opening; what speaks of another is looked at once it is open."""
    return each.type == SPEAKING or held_by(each.type, each.record_type) <= frozenset(classes)


def _presence(known: frozenset[str], *, kept_back: frozenset[str]) -> Callable[[str], bool]:
    """Whether a reference may stand: its class is covered, and the guard did not keep back what it names. What was not
    asked for, or did not change, was or will be fetched in another export.
    """
    return lambda name: _type_of(name) in known and name not in kept_back


def _names(lines: Iterable[Sealed | Line]) -> frozenset[str]:
    return frozenset(f"{each.type}/{each.id}" for each in lines)


def _told(passed: Sequence[Line], classes: tuple[ContentClass, ...], stays: Counter[str]) -> Packed:
    lines: defaultdict[str, list[bytes]] = defaultdict(list)
    digest = hashlib.sha256()
    for each in passed:
        lines[each.type].append(each.body)
        digest.update(each.body + b"\n")
    sections = tuple(f"{IN_NUMBERS[kind]}: {len(found)}" for kind, found in lines.items())
    return Packed(lines, Left(Door.BULK, classes, sections, digest.hexdigest()), stays)


def _told_by(line: Line) -> frozenset[ContentClass]:
    """The classes that a line tells of: its own and those of what it speaks of as a whole; of a Provenance these
    alone. None at all where it speaks of a type of no class, which nothing covers.
    """
    if line.record_type in REPORT_RECORDS:
        return held_by(line.type, line.record_type)
    types = {_type_of(each) for each in spoken_of(line.type, line.body)}
    types |= set() if line.type == SPEAKING else {line.type}
    return frozenset(CLASS_OF[each] for each in types) if types <= CLASS_OF.keys() else frozenset()


def _type_of(reference: str) -> str:
    return reference.rpartition("/")[0].rpartition("/")[2]
