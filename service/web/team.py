"""The team of a supervisor: what waits, in queues that say why, and the open cases of each therapist.

Rule: counts lead to cases and rank nobody; restricted cases are neither shown nor counted (casework/caseloads.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint
from flask.wrappers import Response

from schemas.actions import Action
from schemas.instruments import find
from schemas.instruments.definition import Cadence
from service.casework import caseloads, supervision_records, worklists
from service.casework.caseloads import Caseload
from service.casework.worklists import Work
from service.domain.cases import CaseloadRow
from service.domain.deadlines import (
    AGREEMENT_REMINDER,
    GOAL_OVERDUE,
    GOAL_REMINDER,
    RECHECK_AFTER,
    RECHECK_REMINDER,
    REQUEST_REMINDER,
)
from service.domain.events import READER_OVERDUE
from service.domain.note_life import COSIGN_ESCALATED, COSIGN_OVERDUE
from service.domain.releases import EXPIRES_SOON
from service.domain.supervision_records import Hours
from service.domain.workload import (
    ARRIVED_OVERDUE,
    LOG,
    NOTE_OVERDUE,
    PLAN_REMINDER,
    QUIET_OVERDUE,
    QUIET_REMINDER,
    Due,
    Kind,
)
from service.guard import current_actor, needs
from service.web.case_frame import HEADINGS, place_of
from service.web.caseload import CaseLine, asked_view, columns_of, filters_of, lines_of
from service.web.frame import show
from service.web.supervision_records import told
from service.web.worklist import page_of

page = Blueprint("team", __name__)
USUAL = find(LOG).cadence or Cadence(days=7)

REASONS = {
    Kind.NOW_EVENT: "Somebody must respond before the session closes. A recorded follow-up takes it off this list.",
    Kind.READING: (
        "A follow-up to something to respond to now, or an event said to be entered in error, that nobody else has "
        f"read yet. Overdue after {READER_OVERDUE.total_seconds() / 3600:.0f} hours."
    ),
    Kind.EVENT: (
        "Opened by an answer in a log or by a therapist, or followed up with a check date that has come. "
        "Overdue at the end of the day, or once a session was held."
    ),
    Kind.MISSED: "Two sessions in a row that the client did not come to, while a safety event is open. Look at it now.",
    Kind.ARRIVED: (
        "Forms that a connected system sent and that nobody who looks after the case has opened. "
        f"Overdue after {ARRIVED_OVERDUE.total_seconds() / 3600:.0f} hours."
    ),
    Kind.NOTE: (
        "Sessions that took place and whose note is not signed. "
        f"Overdue {NOTE_OVERDUE.total_seconds() / 3600:.0f} hours after the end of the oldest of them."
    ),
    Kind.SESSION: "Planned sessions that are over and say nothing yet about attendance.",
    Kind.REQUEST: (
        f"Requests for a record whose day comes within {REQUEST_REMINDER.days} days. Overdue once it has passed; "
        "refusing or closing one takes it off this list."
    ),
    Kind.AGREEMENT: (
        f"Contact plans, and boundaries in use, whose day comes within {AGREEMENT_REMINDER.days} days. Overdue once it "
        "has passed; saying that it still fits starts the clock anew."
    ),
    Kind.RECHECK: (
        f"How to reach the client, and who else could see the record: due {RECHECK_REMINDER.days} days after it was "
        f"asked last, overdue after {RECHECK_AFTER.days}."
    ),
    Kind.GOAL: (
        f"Active goals that were not looked at for {GOAL_REMINDER.days} days, or whose day has come. Overdue after "
        f"{GOAL_OVERDUE.days} days."
    ),
    Kind.RELEASE: f"Releases in their last {EXPIRES_SOON.days} days. Afterwards nothing leaves by them.",
    Kind.PLAN: (
        f"Plans in use whose review falls within {PLAN_REMINDER.days} days. "
        "Overdue once the day has passed; saying in a session that the plan still fits starts the clock anew."
    ),
    Kind.LOG: (
        f"Not asked for as long as agreed on the case, else as the instrument says: the log is due after "
        f"{USUAL.remind_days} days. Overdue after {USUAL.overdue_days} or {USUAL.overdue_sessions} sessions. A client "
        "who declined was asked: that clears it until the next due date."
    ),
    Kind.QUIET: f"No session for {QUIET_REMINDER.days} days and none booked. Overdue after {QUIET_OVERDUE.days}.",
}

SIGNING = (
    "Notes to cosign, joint sessions, errors, endings with an open event, and reports for a court or an insurer. "
    f"Overdue after {COSIGN_OVERDUE.days} days; after {COSIGN_ESCALATED.days} an administrator is told how many wait."
)
MEASURED = {
    "within": "Within its time",
    "declined": "Declined",
    "due": "Due",
    "overdue": "Overdue",
    "first": "Not asked yet",
    "not_asked": "Paused or not wanted",
}


@dataclass(frozen=True)
class QueueLine:
    """One waiting thing of one therapist."""

    due: Due
    therapist_name: str
    url: str


@dataclass(frozen=True)
class Queue:
    """Everything of one kind that waits, and why it is here."""

    heading: str
    reason: str
    lines: tuple[QueueLine, ...]
    overdue: int


@dataclass(frozen=True)
class Member:
    """One therapist with the cases of this view; `open_cases` and `waiting` count all of theirs."""

    id: str
    name: str
    lines: tuple[CaseLine, ...]
    open_cases: int
    waiting: int


@page.get("/team")
@needs(Action.TEAM_READ)
def team() -> Response:
    found, view = caseloads.team_caseload(current_actor()), asked_view()
    return show(
        "pages/team/team.html",
        task="Team",
        queues=[*_queues(found), *_signing()],
        members=_members(found, lines_of(found, view)),
        measures=_measure_rows(found),
        hours=[(each.therapist_name, told(each)) for each in _supervised_hours()],
        measure_heads=["Instrument", *MEASURED.values()],
        ratings=found.ratings,
        columns=columns_of(view, "team.team"),
        filters=filters_of(found, view, "team.team", ("open", "waiting")),
    )


def _supervised_hours() -> list[Hours]:
    """Hours of this month of those whom the reader supervises."""
    mine = current_actor().user_id
    return [each for each in supervision_records.list_hours(current_actor()) if each.supervisor_id == mine]


def _queues(found: Caseload) -> list[Queue]:
    rows = {row.case_id: row for row in found.rows}
    return [
        _queue(kind, [each for each in found.due if each.kind is kind], rows)
        for kind in Kind
        if any(each.kind is kind for each in found.due)
    ]


def _measure_rows(found: Caseload) -> list[tuple[str, ...]]:
    return [(each.title, *(str(getattr(each, name)) for name in MEASURED)) for each in found.measures]


def _signing() -> list[Queue]:
    """What waits for the reader's second signature, whatever it stands under."""
    found = worklists.read_signing(current_actor())
    lines = tuple(QueueLine(_as_due(each), each.by, page_of(each)) for each in found)
    return [Queue("Waits for your signature", SIGNING, lines, sum(each.overdue for each in found))] if lines else []


def _as_due(work: Work) -> Due:
    return Due(Kind.READING, work.case_id, work.code, work.chosen_name, work.kind.label, work.since, work.overdue)


def _queue(kind: Kind, due: Sequence[Due], rows: dict[str, CaseloadRow]) -> Queue:
    lines = tuple(QueueLine(each, rows[each.case_id].therapist_name, place_of(each, reading=True)) for each in due)
    return Queue(HEADINGS[kind], REASONS[kind], lines, sum(each.overdue for each in due))


def _members(found: Caseload, lines: Sequence[CaseLine]) -> list[Member]:
    waiting = {each.case_id for each in found.due}
    names = {row.therapist_id: row.therapist_name for row in found.rows}
    return [
        Member(
            id=therapist_id,
            name=name,
            lines=tuple(line for line in lines if line.row.therapist_id == therapist_id),
            open_cases=sum(row.therapist_id == therapist_id for row in found.rows),
            waiting=sum(row.therapist_id == therapist_id and row.case_id in waiting for row in found.rows),
        )
        for therapist_id, name in sorted(names.items(), key=lambda pair: (pair[1].casefold(), pair[0]))
    ]
