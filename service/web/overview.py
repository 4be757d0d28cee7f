"""An overview -> what its case page tells at a glance: what waits, and how the log moves.

Rule: only what the record says, in its order; nothing is scored, ranked or summed up in a word about the person.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from flask import url_for

from schemas.actions import Action
from schemas.case_codes import DeadlineKind
from schemas.vocabulary import Attendance, EventLevel
from service.casework.overviews import Overview
from service.domain import clock
from service.domain.cases import Case, goal_review_overdue, goal_review_since
from service.domain.deadlines import of_check
from service.domain.scoring import PLACE_SENTENCE
from service.domain.standing import to_begin_with
from service.domain.workload import ARRIVED, ARRIVED_OVERDUE, NOTE_OVERDUE, TO_RECORD, Kind
from service.web.case_frame import event_url, place_of
from service.web.course import Glance, glance_of

# What a case page takes from the caseload row as it is; of the rest it tells more.
DUE_ONLY = (Kind.REQUEST, Kind.AGREEMENT, Kind.LOG, Kind.RELEASE, Kind.QUIET)


@dataclass(frozen=True)
class Task:
    """One thing that waits on the case, and where it is done."""

    words: str
    when: date | None
    overdue: bool
    url: str


def tasks(overview: Overview, today: date) -> list[Task]:
    """What is open and what is due on the case, most pressing first, each leading to its page."""
    reading = Action.INTAKE_SUBMIT not in overview.case.may
    kinds = DUE_ONLY if overview.plan_marks else (Kind.PLAN, *DUE_ONLY)
    rest = [each for each in overview.due if each.kind in kinds]
    return [
        *_open_events(overview),
        *_arrived(overview),
        *_ending(overview),
        *_handed_over(overview),
        *_sessions_to_record(overview),
        *_notes_to_sign(overview),
        *_plans_to_look_at(overview, today),
        *(Task(each.words, each.since, each.overdue, place_of(each, reading=reading)) for each in rest),
        *_to_ask_again(overview.case, today),
        *_goals_to_look_at(overview, today),
        *_to_begin_with(overview),
    ]


def at_a_glance(overview: Overview) -> Glance | None:
    """How the log's total moves, where its latest value lies on the log, and whether the readings ask for a review
    (TR-8); None before the first log.
    """
    logs = overview.logs
    found = glance_of(logs, overview.practice.zone, refused=overview.spines.refused, stated=overview.reliabilities)
    score = logs[-1].score if found else None
    if found is None or score is None or not score.total.position:
        return found
    latest = f"Latest: {score.total.text}, {score.total.place} ({PLACE_SENTENCE})."
    return replace(found, picture=replace(found.picture, says=(*found.picture.says, latest)))


def _open_events(overview: Overview) -> Iterator[Task]:
    waiting = sorted(overview.events, key=lambda each: (list(EventLevel).index(each.level), each.waits_since))
    for each in waiting:
        now = each.level is EventLevel.NOW
        yield Task(f"{each.level.label}: {each.prompt}", each.waits_since, now, event_url(each))


def _arrived(overview: Overview) -> Iterator[Task]:
    """Forms that a connected system sent, each until it was opened."""
    for each in overview.unseen:
        late = clock.now() - each.since >= ARRIVED_OVERDUE
        yield Task(ARRIVED, each.since, late, url_for("intakes.intake", intake_id=each.id))


def _ending(overview: Overview) -> Iterator[Task]:
    """An ending that waits for a supervisor."""
    if overview.ending_waits:
        url = url_for("episodes.episode", case_id=overview.case.id)
        yield Task("The ending waits for a supervisor", None, False, url)


def _handed_over(overview: Overview) -> Iterator[Task]:
    """Forms in the client's hands, and answers of unfinished ones."""
    for each in overview.spines.handovers:
        url = url_for("handovers.handover", handover_id=each.id)
        yield Task(f"Handed over: {each.state.label}", each.made_at, False, url)


def _sessions_to_record(overview: Overview) -> Iterator[Task]:
    """Planned sessions whose hour has come: nothing else on the page leads to them."""
    for each in reversed(overview.spines.sessions):
        if each.attendance is Attendance.PLANNED and each.starts_at <= clock.now():
            late = clock.now() - each.starts_at >= NOTE_OVERDUE
            url = url_for("sessions.session", session_id=each.id)
            yield Task(TO_RECORD, each.starts_at, late, url)


def _notes_to_sign(overview: Overview) -> Iterator[Task]:
    for each in reversed(overview.spines.sessions):
        if each.wants_signing:
            late = clock.now() - each.ends_at >= NOTE_OVERDUE
            url = url_for("sessions.session", session_id=each.id)
            yield Task("Note to sign", each.starts_at, late, url)


def _plans_to_look_at(overview: Overview, today: date) -> Iterator[Task]:
    """Plans in use that something speaks for looking at, each with why (TR-3: within 7 days)."""
    marks = overview.plan_marks
    for each in (plan for plan in overview.spines.plans if plan.id in marks):
        url = url_for("plans.plan", plan_id=each.id)
        yield Task(f"{each.type.label}: {marks[each.id]}", each.next_review, each.next_review < today, url)


def _to_ask_again(case: Case, today: date) -> Iterator[Task]:
    """The two checks of every 90 days, by the clock of the lists."""
    record = case.record_safety.asked_on if case.record_safety else None
    for kind, last, words, name in (
        (DeadlineKind.CONTACT, case.contact.confirmed_on, "Ask again how to reach the client", "contact"),
        (DeadlineKind.RECORD, record, "Ask who else could see this record", "record_check"),
    ):
        deadline = of_check(kind, last, case.opened_on)
        if deadline.is_due(today):
            yield Task(words, deadline.named_day, deadline.is_overdue(today), _section(case, name))


def _goals_to_look_at(overview: Overview, today: date) -> Iterator[Task]:
    """One line for all active goals whose look together is due, since the first of them."""
    due = [(since, each) for each in overview.goals if (since := goal_review_since(each, today))]
    if due:
        late = any(goal_review_overdue(each, today) for _, each in due)
        url = url_for("cases.case", case_id=overview.case.id, _anchor="goals")
        yield Task("Look at the goals together", min(since for since, _ in due), late, url)


def _to_begin_with(overview: Overview) -> Iterator[Task]:
    """What the last rating wants talked about, until the next session began."""
    ratings = [overview.rating] if overview.rating else []
    for rating, each in to_begin_with(ratings, clock.now(), sessions=overview.spines.sessions):
        yield Task(each.prompt, None, False, url_for("intakes.intake", intake_id=rating.id))


def _section(case: Case, name: str) -> str:
    return url_for(f"cases.{name}", case_id=case.id)
