"""Summary of treatment for another clinician (domain.md section 6, column "Referrer"), by a release.

Rule: the release decides what stands on it, the author adds care needs in own words. Notes, safety events, plans, the
other person, diagnoses, contact details and goals about safety, money or relationships have no way in.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.release_codes import ContentClass
from schemas.vocabulary import ReportPart
from service.casework import summaries
from service.casework.records import Record
from service.casework.summaries import Drafted
from service.domain import clock
from service.domain.actors import Actor
from service.domain.cases import TOLD_AREAS
from service.domain.releases import Release
from service.domain.requests import Request
from service.domain.summaries import Section, Summary, SummaryDraft, SummaryWords
from service.errors import Conflict, Invalid
from service.reports import progress, report
from service.reports.attendance import visits
from service.reports.progress import SHOWN_GOALS, Period
from service.reports.report import DISCLAIMER, Report
from service.reports.series import ATTENDANCE, day

C = ContentClass
REPORT = Report("treatment_summary", title="Summary", file_name="summary.pdf", template="treatment_summary")
PDF = "application/pdf"
PURPOSE = "To tell another clinician how the work here has gone, as far as the client released it."
LIMITS = (
    *progress.LIMITS[:3],
    "It was made for treatment by somebody else. It is not an assessment for a court, an insurer or an employer.",
    "What the client's release does not cover is left out, and nothing says whether there is any.",
)
DRAWN = " (hollow dot)"  # stands in pictures alone
NOT_READ = "Read it first, then say that you stand by it."
COSIGNED = "A supervisor of the practice read this and agreed to it before it was handed over."
CHANGED = "The record changed since you looked. Look at the summary again, then make it."


@dataclass(frozen=True)
class Wanted:
    """A summary as it was asked for. `needs` are care needs in the author's words; `seen` is the digest of what the
    author looked at, "" where nobody did; `signed` the author's word that it stands.
    """

    period: Period
    release_id: str
    needs: str = ""
    confirmed: tuple[str, ...] = ()
    seen: str = ""
    signed: bool = False


def wanted_by(given: Mapping[str, Any]) -> Wanted:
    """What schemas/summaries.py reads."""
    period = Period(given["since"], given["until"])
    return Wanted(
        period, given["release_id"], given["needs"], tuple(given["confirmed"]), given["seen"], signed=given["signed"]
    )


def draft(actor: Actor, case_id: str, wanted: Wanted) -> tuple[Drafted, SummaryWords]:
    """What it would say now. Raises Invalid naming the field."""
    drafted = summaries.draft_summary(actor, case_id, wanted.release_id)
    progress.check_period(wanted.period, clock.today(drafted.record.practice.zone))
    return drafted, _words(drafted, wanted)


def make(actor: Actor, case_id: str, wanted: Wanted) -> Summary:
    """Print it, let it leave and keep it. Raises Conflict where it is not what the author looked at, Invalid where it
    may not leave, Unavailable where no PDF can be made.
    """
    words, context = _stood_by(actor, case_id, wanted)
    return summaries.keep_summary(actor, case_id, wanted.release_id, words, report.pdf(REPORT, context))


def send(actor: Actor, case_id: str, wanted: Wanted) -> Request:
    """Print it and send that file to who cosigns its author. Raises as `make` does."""
    words, context = _stood_by(actor, case_id, wanted)
    file, told = report.pdf(REPORT, context), report.words(REPORT, context)
    return summaries.send_summary(actor, case_id, SummaryDraft(wanted.release_id, words, clock.now()), told, file)


def _stood_by(actor: Actor, case_id: str, wanted: Wanted) -> tuple[SummaryWords, dict[str, object]]:
    drafted, words = draft(actor, case_id, wanted)
    if not wanted.signed:
        raise Invalid(NOT_READ, {"signed": NOT_READ})
    if wanted.seen not in ("", digest_of(words)):
        raise Conflict(CHANGED)
    today = clock.today(drafted.record.practice.zone)
    return words, collect(words, drafted, author=actor.name, today=today)


def digest_of(words: SummaryWords) -> str:
    return hashlib.sha256(repr((words.recipient, words.since, words.until, words.sections)).encode()).hexdigest()


def collect(words: SummaryWords, drafted: Drafted, *, author: str, today: date) -> dict[str, object]:
    """The context of templates/reports/treatment_summary.xhtml."""
    record = drafted.record
    return {
        "lang": "en",
        "heading": "Summary for another clinician",
        "draft": False,
        "audience": words.recipient,
        "about": [
            ("For", record.case.client.chosen_name),
            ("Prepared by", f"{author}, {record.practice.name}"),
            ("Date", day(today)),
            ("Period", f"{day(words.since)} to {day(words.until)}"),
            ("Purpose", PURPOSE),
            ("Drawn from", progress.INFORMANTS),
            ("By a release until", day(drafted.release.expires_on)),
            *((("Cosigned", COSIGNED),) if drafted.is_cosigned else ()),
        ],
        "limits": LIMITS,
        "sections": words.sections,
        "disclaimer": DISCLAIMER,
    }


def sections(record: Record, release: Release, period: Period, needs: str = "") -> tuple[Section, ...]:
    """What the release lets stand on it, in the order in which it is read; what is not recorded has no heading."""
    covered = frozenset(release.terms.classes)
    found = (
        *_told(record, period),
        Section("Care needs", tuple(each.strip() for each in needs.splitlines()), C.SUMMARY),
    )
    kept = (Section(each.heading, tuple(filter(None, each.lines)), each.content) for each in found)
    return tuple(each for each in kept if each.content in covered and each.lines)


def _words(drafted: Drafted, wanted: Wanted) -> SummaryWords:
    period, release = wanted.period, drafted.release
    found = sections(drafted.record, release, period, wanted.needs)
    return SummaryWords(release.terms.recipient, period.since, period.until, found, wanted.confirmed)


def _told(record: Record, period: Period) -> Iterator[Section]:
    today = clock.today(record.practice.zone)
    parts = frozenset({ReportPart.LOG})
    context = progress.collect(record, progress.Wanted(period, parts, today))
    yield Section("Care", (_care(record),), C.CARE)
    yield Section("Sessions", _sessions(record, period), C.ATTENDANCE)
    yield Section("Goals", _goals(record), C.GOALS)
    yield Section("Log", _log(context), C.LOGS)
    # The steps alone: which tasks the client took up is between the two of them.
    yield Section("Topics worked on", progress.topics(record, period, with_tasks=False), C.PLAN_DATES)


def _care(record: Record) -> str:
    return f"In care since {day(record.case.opened_on)}, with {record.case.owner_name}, {record.practice.name}."


def _sessions(record: Record, period: Period) -> tuple[str, ...]:
    """How many of each kind; no day is named."""
    counts = Counter(each.kind for each in visits(record.sessions, period.holds, record.practice.zone))
    return tuple(f"{words.capitalize()}: {counts[kind]}" for kind, words in ATTENDANCE.items() if counts[kind])


def _goals(record: Record) -> tuple[str, ...]:
    told = (each for each in record.goals if each.domain in TOLD_AREAS and each.status in SHOWN_GOALS)
    return tuple(f"{each.words.strip()} ({each.status.label.casefold()})" for each in told if each.words.strip())


def _log(context: Mapping[str, Any]) -> tuple[str, ...]:
    """Sentences in place of pictures, each with its n, version, method and caveat."""
    log = context["log"]
    return (log.position, log.change, log.caveat, log.method.replace(DRAWN, "")) if log else ()
