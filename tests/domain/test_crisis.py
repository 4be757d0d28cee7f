"""The crisis lines lock the instruments while they are not whole, not confirmed, or confirmed too long ago."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from schemas.event_codes import CrisisKind
from service.domain.crisis import NO_PANEL, CrisisLine, check_confirmation, check_lines
from service.errors import Invalid
from tests.builders import a_panel

DAY = date(2026, 3, 2)
PANEL = a_panel(confirmed_on=DAY)


@pytest.mark.parametrize(("days", "locked"), [(0, False), (179, False), (180, False), (181, True), (400, True)])
def test_a_confirmation_counts_for_180_days(days: int, locked: bool) -> None:
    said = PANEL.locked(DAY + timedelta(days=days))
    assert bool(said) is locked
    assert ("administrator" in said) is locked


def test_empty_lines_lock_and_so_does_a_missing_confirmation() -> None:
    assert "not complete" in NO_PANEL.locked(DAY)
    assert "nobody has confirmed" in replace(PANEL, confirmed_on=None).locked(DAY)


@pytest.mark.parametrize("kind", list(CrisisKind))
def test_every_kind_of_line_is_needed(kind: CrisisKind) -> None:
    lines = tuple(each for each in PANEL.lines if each.kind is not kind)
    assert kind.label.lower() in replace(PANEL, lines=lines).locked(DAY)


@pytest.mark.parametrize(("days", "wanted"), [(165, False), (166, True), (180, True)])
def test_confirming_is_asked_for_two_weeks_ahead(days: int, wanted: bool) -> None:
    assert PANEL.wants_confirming(DAY + timedelta(days=days)) is wanted


def test_a_line_needs_a_name_and_a_number() -> None:
    with pytest.raises(Invalid) as caught:
        check_lines((*PANEL.lines, CrisisLine(CrisisKind.CRISIS, "Night line", " ")))
    assert list(caught.value.fields) == ["lines.3.number"]
    with pytest.raises(Invalid):
        check_lines(PANEL.lines * 5)


@pytest.mark.parametrize(
    ("by", "on", "field"),
    [
        ("", None, ""),
        ("Marta", DAY, ""),
        ("Marta", None, "confirmed_on"),
        (" ", DAY, "confirmed_by"),
        ("M", DAY + timedelta(days=1), "confirmed_on"),
    ],
)
def test_a_confirmation_is_a_name_and_a_day_that_has_come(by: str, on: date | None, field: str) -> None:
    try:
        check_confirmation(by, on, DAY)
        wrong: list[str] = []
    except Invalid as error:
        wrong = list(error.fields)
    assert wrong == ([field] if field else [])
