"""What goes into the client's progress report, what can never get in, and what the preview says about it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from schemas.instruments import find
from schemas.vocabulary import Attendance, GoalStatus, ReportPart
from service.casework.records import Record
from service.domain.cases import Goal
from service.errors import Invalid
from service.reports import progress
from service.reports.attendance import kind_of
from service.reports.outline import NEVER, NOT_CHOSEN, NOTHING_THERE, outline, traces
from service.reports.pages import fill
from service.reports.progress import Period, Wanted
from service.reports.report import DISCLAIMER, words
from tests.reports.records import END, SECRETS, START

ALL = frozenset(ReportPart)
TODAY = END.date()
WHOLE = Period(START.date(), TODAY)


def collected(record: Record, parts: frozenset[ReportPart] = ALL, period: Period = WHOLE) -> dict[str, Any]:
    return progress.collect(record, Wanted(period, parts, TODAY, author="Ana Núñez"))


def test_page_one_states_purpose_reader_period_sources_and_limits(record: Record) -> None:
    found = collected(record)
    assert found["purpose"] and found["audience"] == "the client" and found["informants"]
    assert found["period"] == "2 Mar 2026 to 4 May 2026"
    assert any("no norms" in limit for limit in found["limits"])


def test_nobody_is_named_until_that_is_chosen(record: Record) -> None:
    assert collected(record, progress.USUAL)["about"] == [("Date", "4 May 2026")]
    assert ("Name", "Zoë Okonkwo-Šimić") in collected(record)["about"]
    assert ("Prepared by", "Ana Núñez") in collected(record)["about"]


def test_notes_plans_events_and_the_other_person_have_no_way_in(record: Record) -> None:
    page = fill("progress", collected(record))
    assert [secret for secret in SECRETS if secret in page] == []
    assert "Separated" not in page and "Dropped-goal" not in page and "Restless hands" not in page


def test_a_session_cancelled_for_safety_counts_as_cancelled_and_never_says_why(record: Record) -> None:
    found = collected(record)
    assert found["attendance_dates"] == (
        ("Attended", "2 Mar, 9 Mar, 16 Mar, 30 Mar, 20 Apr 2026"),
        ("Came late", "23 Mar 2026"),
        ("Cancelled", "6 Apr 2026"),
        ("Not attended", "13 Apr 2026"),
    )
    assert "safety reasons" not in fill("progress", found)


@pytest.mark.parametrize("attendance", Attendance)
def test_every_attendance_is_drawn_or_still_planned(attendance: Attendance) -> None:
    assert (kind_of(attendance) is None) == (attendance is Attendance.PLANNED)


def test_the_log_tells_n_version_method_place_and_that_progress_comes_in_waves(record: Record) -> None:
    log = collected(record)["log"]
    assert "n = 8 scored of 8" in log.method and "No norms" in log.method
    assert f"version {find('wsl').version}" in log.method
    assert "Theil-Sen" in log.method and "arbitrary" in log.method
    assert "not compared with other people" in log.position
    assert "no clear direction" in log.change and "waves" in log.change
    assert [part.split(":")[0] for part in log.parts] == ["Body", "Feelings", "Thinking"]
    assert "cannot diagnose" in log.caveat


def test_only_the_period_counts(record: Record) -> None:
    first_weeks = collected(record, period=Period(START.date(), START.date() + timedelta(days=8)))
    assert "n = 2 scored of 2" in first_weeks["log"].method
    assert "Too few to tell" in first_weeks["log"].change
    before = collected(record, period=Period(date(2026, 1, 1), date(2026, 1, 31)))
    assert before["log"] is None and before["urge"] is None
    assert before["attendance"].text_equivalent == "No sessions in this period."


def test_what_helped_is_told_in_the_clients_own_rating(record: Record) -> None:
    strengths = collected(record)["strengths"]
    assert strengths[:2] == ("Kept a diary", "two steady friends")
    assert strengths[2] == "Time outdoors: helped a lot 8 times, in your own rating"


def test_the_words_about_the_way_ahead_hold_no_promise_and_no_timeline() -> None:
    words = progress.HOPE.casefold()
    assert [
        term for term in ("will", "week", "month", "year", "soon", "recover", "heal", "always") if term in words
    ] == []


def test_a_report_is_a_draft_until_its_author_stands_by_it(record: Record) -> None:
    wanted = Wanted(WHOLE, ALL, TODAY)
    assert progress.collect(record, wanted)["draft"] is True
    assert progress.collect(record, replace(wanted, signed=True))["draft"] is False


@pytest.mark.parametrize(
    ("since", "until"), [(TODAY, START.date()), (START.date(), TODAY + timedelta(days=1))], ids=["backwards", "future"]
)
def test_a_period_that_cannot_be_is_refused_by_name(record: Record, since: date, until: date) -> None:
    with pytest.raises(Invalid) as refused:
        collected(record, period=Period(since, until))
    assert list(refused.value.fields) == ["until"]


def test_every_part_is_either_in_or_out_and_what_is_out_has_its_reason(record: Record) -> None:
    chosen = frozenset({ReportPart.GOALS, ReportPart.LOG})
    seen = outline(collected(record, chosen), chosen)
    assert [line.label for line in seen.goes_in] == [ReportPart.GOALS.label, ReportPart.LOG.label]
    assert len(seen.goes_in) + len(seen.stays_out) == len(ReportPart) + len(NEVER)
    assert all(line.words for line in seen.stays_out)
    assert [line.words for line in seen.stays_out if line.label == ReportPart.URGE.label] == [NOT_CHOSEN]


def test_a_chosen_part_without_anything_in_it_says_so(record: Record) -> None:
    empty = replace(record, intakes=(), plans=())
    words = {line.label: line.words for line in outline(collected(empty), ALL).stays_out}
    assert {words[part.label] for part in (ReportPart.LOG, ReportPart.URGE, ReportPart.PLAN)} == {NOTHING_THERE}


def test_a_text_that_seems_to_give_a_way_to_somebody_is_pointed_out(record: Record) -> None:
    goal: Goal = replace(
        record.goals[0], status=GoalStatus.ACTIVE, measure="", next_step="", words="Ring +353 86 555 0147 before Friday"
    )
    seen = outline(collected(replace(record, goals=(goal,))), ALL)
    assert [line.words for line in seen.look_again] == [
        "Ring +353 86 555 0147 before Friday (looks like a phone number)"
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("write to z@example.org", ("an e-mail address",)),
        ("see www.example.org/x", ("a web address",)),
        ("14 Linden Street", ("a street address",)),
        ("Sleep 7 hours in 3 nights of 5", ()),
    ],
)
def test_traces_of_places_and_addresses(text: str, found: tuple[str, ...]) -> None:
    assert traces(text) == found


def test_topics_name_what_was_worked_on_and_never_how_far(record: Record) -> None:
    found = collected(record, frozenset({ReportPart.TOPICS}))["topics"]
    assert found == ("Trust what you see and feel again: Decide something small alone",)
    assert ReportPart.TOPICS not in progress.USUAL
    assert collected(record, progress.USUAL)["topics"] == ()


def test_the_words_of_a_report_are_all_that_is_printed_but_its_pictures(record: Record) -> None:
    context = collected(record)
    told = words(progress.REPORT, context)
    for each in (context["purpose"], *context["limits"], context["log"].position, context["hope"], DISCLAIMER):
        assert each in told
    assert "Attended: 2 Mar, 9 Mar" in told and "2 Mar 2026; 45; 15" in told and "\n\nGoals\n" in told
    assert "<" not in told and "polyline" not in told
    assert [secret for secret in SECRETS if secret in told] == []
