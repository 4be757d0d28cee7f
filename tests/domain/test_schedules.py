"""When an instrument is due on a case: the house's figures, what was agreed instead, and refusals as answers."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from schemas.instruments import find
from schemas.instruments.definition import Cadence
from schemas.vocabulary import CaseStatus, Rhythm
from service.domain.cases import CaseloadRow
from service.domain.schedules import Asked, Setting, Standing, next_due, standing_of
from service.domain.workload import Kind, due_of, measure_counts
from tests.builders import at

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
USUAL = Cadence(days=7)


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def standing(setting: Setting = Setting(), cadence: Cadence | None = USUAL, **told: object) -> Standing:  # noqa: B008
    asked = Asked("wsl", setting=setting, **told)  # type: ignore[arg-type]
    return standing_of(asked, cadence, NOW)


def test_the_log_carries_the_figures_of_the_house() -> None:
    cadence = find("wsl").cadence
    assert cadence is not None
    assert (cadence.remind_days, cadence.overdue_days, cadence.overdue_sessions) == (21, 28, 4)


@pytest.mark.parametrize(
    ("days", "expected"),
    [(20.9, Standing.WITHIN), (21, Standing.DUE), (27.9, Standing.DUE), (28, Standing.OVERDUE)],
)
def test_it_is_due_after_21_days_and_overdue_after_28(days: float, expected: Standing) -> None:
    assert standing(last_at=ago(days)) is expected


@pytest.mark.parametrize(("sessions", "expected"), [(3, Standing.WITHIN), (4, Standing.OVERDUE)])
def test_four_sessions_without_it_make_it_overdue(sessions: int, expected: Standing) -> None:
    assert standing(last_at=ago(10), sessions_since=sessions) is expected


def test_what_was_never_asked_is_offered_first() -> None:
    assert standing() is Standing.FIRST


@pytest.mark.parametrize(
    ("days", "sessions", "expected"),
    [
        (0, 0, Standing.DECLINED),
        (20.9, 9, Standing.DECLINED),
        (21, 0, Standing.DUE),
        (21, 4, Standing.OVERDUE),
        (28, 0, Standing.OVERDUE),
    ],
)
def test_a_refusal_clears_what_is_due_until_the_next_due_date(days: float, sessions: int, expected: Standing) -> None:
    assert standing(last_at=ago(90), declined_at=ago(days), sessions_since=sessions) is expected


def test_a_log_after_a_refusal_is_what_counts() -> None:
    assert standing(declined_at=ago(10), last_at=ago(5)) is Standing.WITHIN


@pytest.mark.parametrize(
    ("days", "expected"), [(13, Standing.WITHIN), (14, Standing.DUE), (20, Standing.DUE), (21, Standing.OVERDUE)]
)
def test_an_own_interval_keeps_the_week_between_due_and_overdue(days: int, expected: Standing) -> None:
    assert standing(Setting(Rhythm.OWN, 14), last_at=ago(days)) is expected


def test_a_longer_interval_does_not_count_sessions_and_a_shorter_one_does() -> None:
    assert standing(Setting(Rhythm.OWN, 90), last_at=ago(40), sessions_since=6) is Standing.WITHIN
    assert standing(Setting(Rhythm.OWN, 14), last_at=ago(5), sessions_since=4) is Standing.OVERDUE


def test_an_instrument_without_a_cadence_falls_due_only_at_an_interval_of_its_own() -> None:
    assert standing(cadence=None, last_at=ago(400)) is Standing.NOT_ASKED
    assert standing(Setting(Rhythm.OWN, 30), None, last_at=ago(31)) is Standing.DUE


@pytest.mark.parametrize(
    ("until", "expected"),
    [(None, Standing.NOT_ASKED), (NOW.date(), Standing.NOT_ASKED), (date(2026, 5, 31), Standing.OVERDUE)],
)
def test_a_pause_holds_through_its_last_day_and_then_ends_by_itself(until: date | None, expected: Standing) -> None:
    assert standing(Setting(Rhythm.PAUSED, until=until), last_at=ago(60)) is expected


def test_what_is_not_wanted_never_falls_due() -> None:
    assert standing(Setting(Rhythm.NOT_WANTED)) is Standing.NOT_ASKED
    assert next_due(Asked("wsl", ago(60), setting=Setting(Rhythm.NOT_WANTED)), USUAL, NOW) is None


def test_the_next_due_day_counts_from_whichever_answer_came_last() -> None:
    asked = Asked("wsl", ago(30), ago(2))
    assert next_due(asked, USUAL, NOW) == date(2026, 6, 20)


@pytest.mark.parametrize(
    ("zone", "due", "pausing"),
    [
        ("Pacific/Auckland", date(2026, 6, 2), Standing.OVERDUE),
        ("UTC", date(2026, 6, 1), Standing.NOT_ASKED),
        ("Pacific/Honolulu", date(2026, 5, 31), Standing.NOT_ASKED),
    ],
)
def test_the_day_is_the_one_that_people_in_the_practice_see(zone: str, due: date, pausing: Standing) -> None:
    """A pause through 1 June, and a log asked late on 11 May, both seen at one instant."""
    hours = {"Pacific/Auckland": 13, "UTC": 13, "Pacific/Honolulu": 5}
    asked = Asked("wsl", at(2026, 5, 11, hours[zone]), setting=Setting(Rhythm.PAUSED, until=date(2026, 6, 1)))
    seen = at(2026, 6, 1, 13).astimezone(ZoneInfo(zone))
    assert standing_of(replace(asked, last_at=ago(60)), USUAL, seen) is pausing
    assert next_due(replace(asked, setting=Setting()), USUAL, seen) == due


def a_row(*asked: Asked, code: str = "C-1") -> CaseloadRow:
    return CaseloadRow(
        case_id=code,
        code=code,
        chosen_name="Zoë",
        therapist_id="t",
        therapist_name="Ana",
        status=CaseStatus.OPEN,
        last_session_at=ago(3),
        next_session_at=NOW + timedelta(days=4),
        baseline_total=None,
        last_total=None,
        last_intake_at=None,
        plan_due=None,
        unsigned=0,
        oldest_unsigned_at=None,
        open_events=0,
        open_now_events=0,
        asked=asked,
    )


def test_every_instrument_that_is_due_stands_in_the_list_with_its_own_key() -> None:
    own = Setting(Rhythm.OWN, 14)
    row = a_row(Asked("wsl", ago(3)), Asked("spc", ago(30), setting=own))
    due = [each for each in due_of(row, NOW) if each.kind is Kind.LOG]
    assert [(each.instrument_key, each.overdue) for each in due] == [("spc", True)]


def test_refusals_are_counted_apart_from_what_is_missing() -> None:
    rows = [
        a_row(Asked("wsl", ago(3)), code="C-1"),
        a_row(Asked("wsl", ago(60), ago(3)), code="C-2"),
        a_row(Asked("wsl", ago(60)), code="C-3"),
        a_row(Asked("wsl", ago(60), setting=Setting(Rhythm.PAUSED)), code="C-4"),
        a_row(code="C-5"),
    ]
    log = measure_counts(rows, NOW)[0]
    assert (log.within, log.declined, log.due, log.overdue, log.first, log.not_asked) == (1, 1, 0, 1, 1, 1)
