"""Progress report for the client (domain.md section 6, column "Client"): collects, never decides what is true.

Rule: the client chooses what goes in; who is named, the plan's date, urges and topics stay out until chosen. Nothing
of notes, safety events, plans' lines, contact details or the other person has a way in.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from schemas.instruments.answer import value_of
from schemas.instruments.definition import Instrument
from schemas.programme_codes import EntryKind, StepState, TaskState
from schemas.vocabulary import GoalStatus, PlanStatus, ReportPart
from service.casework.records import Record
from service.domain import clock, trend
from service.domain.cases import Goal
from service.domain.intakes import Intake
from service.domain.reliable_change import StatedReliability
from service.domain.scoring import PLACE_SENTENCE
from service.errors import Invalid
from service.reports.attendance import dates_by_kind, visits
from service.reports.charts import (
    Chart,
    attendance_strip,
    domain_row,
    heat_strip,
    line_chart,
    urge_chart,
)
from service.reports.log_series import LogSeries, Told, log_series, told_of
from service.reports.report import DISCLAIMER, Report
from service.reports.result_series import Drawn, ResultSeries, counted_forms, results_of
from service.reports.series import day, side_by_side

REPORT = Report("progress", title="Progress summary", file_name="summary.pdf", template="progress")
USUAL = frozenset(
    {ReportPart.ATTENDANCE, ReportPart.GOALS, ReportPart.LOG, ReportPart.HELPED, ReportPart.STEPS, ReportPart.HOPE}
)
INSTRUMENT, STRATEGIES = "wsl", "strategies"
PURPOSE = "To look back together on the work so far and choose what comes next."
INFORMANTS = "The client, in sessions and in the log filled in with the therapist."
LIMITS = (
    "It holds what was said and written down in sessions, as told by one person.",
    "The log has no norms and no cut-offs. Its numbers show a place on the log's own range and nothing else.",
    "It cannot say what caused a change, or what comes next.",
    "It was made for looking back together. It is not an assessment for a court, an insurer or an employer.",
)
WAVES = "Progress comes in waves, not in a straight line: a harder week after easier ones is part of the picture."
HOPE = (
    "Many people find their way through times like this. Information, people who stand by them and small steps, taken "
    "again and again, have helped many of them. How it goes is different for each person, and the pace is yours: each "
    "choice counts more than how fast it comes."
)
SCORING = (
    "Each part is the sum of its five answers (0 to 20), the total the sum of the three parts (0 to 60). "
    "Where one answer of a part is missing, it is worked out from the other four (hollow dot); "
    "where more are missing, there is no score."
)
NO_NORMS = "No norms, no cut-offs, not compared with other people."
SLOPE = "The direction is a Theil-Sen slope with a rank-based 95 % interval."
HELPED = {"a_lot": "a lot", "a_little": "a little"}
WORKED_ON = (StepState.ACTIVE, StepState.REVISITING, StepState.DONE_FOR_NOW)
TAKEN_UP = (TaskState.DOING, TaskState.DONE)
SHOWN_GOALS = (GoalStatus.ACTIVE, GoalStatus.REACHED, GoalStatus.ONHOLD)


@dataclass(frozen=True)
class Period:
    """From `since` up to and including `until`, days of the practice."""

    since: date
    until: date

    def holds(self, at: datetime, zone: str) -> bool:
        return self.since <= clock.local(at, zone).date() <= self.until

    @property
    def words(self) -> str:
        return f"{day(self.since)} to {day(self.until)}"


@dataclass(frozen=True)
class Wanted:
    """What the report is to hold. `author` and `cosigner` are named only where the part AUTHOR is chosen; `confirmed`
    are finds of the leak guard that the client confirmed by name.
    """

    period: Period
    parts: frozenset[ReportPart]
    today: date
    author: str = ""
    cosigner: str = ""
    signed: bool = False
    confirmed: tuple[str, ...] = ()


@dataclass(frozen=True)
class GoalLine:
    """`change` is the client's own sign that something moves."""

    words: str
    change: str
    status: str


@dataclass(frozen=True)
class LogSection:
    """What templates/reports/progress.xhtml shows of the log. `parts` are sentences about the three parts."""

    title: str
    total: Chart
    domains: Chart
    heat: Chart
    position: str
    change: str
    parts: tuple[str, ...]
    caveat: str
    method: str
    reading: str


@dataclass(frozen=True)
class Numbers:
    """The numbers behind the pictures. `answers` holds each item with its answers in the order of the logs, in
    fives.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ResultFigure:
    """One number of an imported form: its picture, what may be said, the notes, and the numbers behind it."""

    heading: str
    chart: Chart
    says: str
    notes: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def collect(record: Record, wanted: Wanted) -> dict[str, object]:
    """The context of templates/reports/progress.xhtml. Raises Invalid for a period that cannot be."""
    check_period(wanted.period, wanted.today)
    parts, found = wanted.parts, _series_of(record, wanted.period)
    held = visits(record.sessions, wanted.period.holds, record.practice.zone) if ReportPart.ATTENDANCE in parts else ()
    return {
        "lang": "en",
        "heading": REPORT.title,
        "draft": not wanted.signed,
        "audience": "the client",
        "about": _about(record, wanted),
        "purpose": PURPOSE,
        "period": wanted.period.words,
        "informants": INFORMANTS,
        "limits": LIMITS,
        "attendance": attendance_strip(held, text="html") if ReportPart.ATTENDANCE in parts else None,
        "attendance_dates": dates_by_kind(held),
        "goals": _goals(record.goals) if ReportPart.GOALS in parts else (),
        "log": _log(found, record.reliabilities) if found and ReportPart.LOG in parts else None,
        "urge": _urge(found) if found and ReportPart.URGE in parts else None,
        "numbers": _numbers(found, parts) if found and parts & {ReportPart.LOG, ReportPart.URGE} else None,
        "results": _results(record, wanted.period) if ReportPart.RESULTS in parts else (),
        "strengths": _helped(record, wanted.period) if ReportPart.HELPED in parts else (),
        "topics": topics(record, wanted.period) if ReportPart.TOPICS in parts else (),
        "plan_note": _plan_note(record) if ReportPart.PLAN in parts else None,
        "next_steps": _steps(record.goals) if ReportPart.STEPS in parts else (),
        "hope": HOPE if ReportPart.HOPE in parts else None,
        "disclaimer": DISCLAIMER,
    }


def check_period(period: Period, today: date) -> None:
    """Raises Invalid naming the field."""
    wrong = {}
    if period.until > today:
        wrong["until"] = "The period cannot end after today."
    if period.until < period.since:
        wrong["until"] = "The period ends before it begins."
    if wrong:
        raise Invalid("The report needs another period.", wrong)


def _about(record: Record, wanted: Wanted) -> list[tuple[str, str]]:
    lines = [
        (ReportPart.NAME in wanted.parts, "Name", record.case.client.chosen_name),
        (ReportPart.AUTHOR in wanted.parts, "Prepared by", wanted.author),
        (ReportPart.AUTHOR in wanted.parts and bool(wanted.cosigner), "Cosigned by", wanted.cosigner),
        (True, "Date", day(wanted.today)),
    ]
    return [(name, text) for chosen, name, text in lines if chosen]


def _logs(record: Record, period: Period) -> tuple[Intake, ...]:
    standing = record.standing_intakes(INSTRUMENT)
    return tuple(each for each in standing if period.holds(each.authored_at, record.practice.zone))


def _series_of(record: Record, period: Period) -> LogSeries | None:
    zone = record.practice.zone
    refused = [each.declined_at for each in record.refusals if each.instrument_key == INSTRUMENT]
    return log_series(_logs(record, period), zone, refused=[at for at in refused if period.holds(at, zone)])


def _goals(goals: Iterable[Goal]) -> tuple[GoalLine, ...]:
    shown = (each for each in goals if each.status in SHOWN_GOALS)
    return tuple(GoalLine(each.words, each.measure, each.status.label) for each in shown)


def _steps(goals: Iterable[Goal]) -> tuple[str, ...]:
    active = (each for each in goals if each.status is GoalStatus.ACTIVE)
    return tuple(each.next_step for each in active if each.next_step.strip())


def topics(record: Record, period: Period, *, with_tasks: bool = True) -> tuple[str, ...]:
    """Each step that was worked on in the period, with the tasks that the client took up; never how far."""
    programme, zone = record.programme, record.practice.zone
    told = [each for each in programme.entries if each.stands and period.holds(each.at, zone)]
    worked = {each.step for each in told if each.kind is EntryKind.MOVE and each.value in WORKED_ON}
    taken_up = {each.subject for each in told if each.kind is EntryKind.TASK and each.value in TAKEN_UP}
    steps = ((each, [task.title for task in each.tasks if task.key in taken_up]) for each in programme.definition.steps)
    return tuple(
        ": ".join(filter(None, (step.title, "; ".join(tasks) if with_tasks else "")))
        for step, tasks in steps
        if tasks or step.key in worked
    )


def _plan_note(record: Record) -> str | None:
    reviewed = [each.reviewed_on for each in record.plans if each.status is PlanStatus.ACTIVE]
    return f"The plan was last looked at together on {day(max(reviewed))}." if reviewed else None


def _log(found: LogSeries, stated: Iterable[StatedReliability]) -> LogSection:
    """Charts with their sentences, the method and the caveat."""
    ceiling = found.score.total.ceiling
    told = told_of(found, stated)
    overall = told.total
    return LogSection(
        title=found.title,
        total=line_chart(found.total, title=f"{found.title}, total", ceiling=ceiling, text="html"),
        domains=domain_row(found.domains, text="html"),
        heat=heat_strip(found.heat, found.dates, title="Each answer over time", text="html"),
        position=_position(found),
        change=" ".join(filter(None, (overall.sentence, overall.range_sentence, overall.index_sentence, WAVES))),
        parts=_part_sentences(found, told),
        caveat=found.instrument.banner,
        method=_method(found, told),
        reading=trend.HELP,
    )


def _position(found: LogSeries) -> str:
    total = found.score.total
    if total.tenths is None:
        return f"The log of {day(found.dates[-1])} has no total, because too many answers are missing."
    aside = " (one answer in a part worked out from the others)" if total.prorated else ""
    return f"Latest total {total.text} on {day(found.dates[-1])}{aside}: {total.place}, a {PLACE_SENTENCE}."


def _part_sentences(found: LogSeries, told: Told) -> tuple[str, ...]:
    """n and the sentences of the change rules for each part, with the place of the latest score."""
    parts = zip(found.domains, found.score.domains, told.parts, strict=True)
    return tuple(
        f"{title}: latest {score.text}{f', {score.place}' if score.place else ''}. "
        + " ".join(filter(None, (change.sentence, change.index_sentence)))
        for (title, _), score, change in parts
    )


def _method(found: LogSeries, told: Told) -> str:
    versions = f"version{'s' if len(found.versions) > 1 else ''} {', '.join(found.versions)}"
    count = (
        f"n = {found.scored} scored of {len(found.readings)} in this period; log {found.instrument.key}, {versions}."
    )
    return " ".join((count, NO_NORMS, SCORING, *((SLOPE,) if told.total.slope else ()), *told.notes))


def _numbers(found: LogSeries, parts: Collection[ReportPart]) -> Numbers:
    """What the pictures of the chosen parts show, a row a date and a row an item."""
    log = (("Total", found.total), *found.domains) if ReportPart.LOG in parts else ()
    urge = (("Urge", found.urges), ("Confidence", found.confidence)) if ReportPart.URGE in parts else ()
    heads, *rows = side_by_side((*log, *(pair for pair in urge if pair[1])))
    answers = tuple((row.label, _in_fives(row.values)) for row in found.heat) if log else ()
    return Numbers(heads, tuple(rows), answers)


def _results(record: Record, period: Period) -> tuple[ResultFigure, ...]:
    """Forms whose answers stay here are not among them: paper travels."""
    drawn = Drawn(holds=lambda at: period.holds(at, record.practice.zone))
    forms = (each for each in counted_forms(record) if not each.stays_home)
    return tuple(_figure(form, each) for form in forms for each in results_of(record, form, drawn))


def _figure(form: Instrument, each: ResultSeries) -> ResultFigure:
    chart = line_chart(each.points, title=each.title, ceiling=each.ceiling, text="html")
    heads, *rows = chart.table
    n = sum(point.value is not None for point in each.points)
    versions = ", ".join(dict.fromkeys(point.version for point in each.points))
    method = f"n = {n}; {form.title}, version {versions}. {form.licence}."
    return ResultFigure(
        f"{form.title}: {each.heading}", chart, " ".join(each.says), " ".join((method, *each.notes)), heads, tuple(rows)
    )


def _in_fives(values: Sequence[int | None]) -> str:
    digits = "".join("–" if value is None else str(value) for value in values)
    return " ".join(digits[start : start + 5] for start in range(0, len(digits), 5))


def _urge(found: LogSeries) -> Chart | None:
    if not found.urges and not found.confidence:
        return None
    return urge_chart(found.urges, found.confidence, text="html")


def _helped(record: Record, period: Period) -> tuple[str, ...]:
    """Strengths as written down with the client, then what the client's own logs say helped, most often first."""
    written = [line.strip(" -•\t") for line in record.case.presentation.strengths.replace(";", "\n").splitlines()]
    return (*filter(None, written), *_strategies(_logs(record, period)))


def _strategies(logs: Sequence[Intake]) -> tuple[str, ...]:
    found = log_series(logs, "UTC")
    sections = [each for each in found.instrument.extra if each.key == STRATEGIES] if found else []
    rated = [(item.prompt, _ratings(item.key, logs)) for section in sections for item in section.items]
    rated.sort(key=lambda pair: -sum(pair[1].values()))
    return tuple(f"{prompt}: {_rating_words(counts)}" for prompt, counts in rated if counts)


def _ratings(key: str, logs: Sequence[Intake]) -> Counter[str]:
    answers = (value_of(log.answers, key) for log in logs)
    return Counter(HELPED[each] for each in answers if isinstance(each, str) and each in HELPED)


def _rating_words(counts: Counter[str]) -> str:
    told = [f"{words} {_times(counts[words])}" for words in HELPED.values() if counts[words]]
    return f"helped {' and '.join(told)}, in your own rating"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
