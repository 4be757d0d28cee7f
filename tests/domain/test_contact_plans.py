"""The gate before a boundary that blocks or moves comes into use."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.card_codes import BoundaryKind, ContactMode
from schemas.vocabulary import FieldClass
from service.domain.contact_plans import (
    EVERY_PART,
    GATED,
    PARTS,
    Checks,
    ContactPlan,
    Ground,
    check_plan,
    missing_checks,
)
from service.errors import Invalid

TODAY = date(2026, 11, 2)
ALL = Checks(True, True, True, True)
ASKED = Ground(TODAY, now_open=False)


@pytest.mark.parametrize("kind", sorted(GATED))
@pytest.mark.parametrize("name", ["evidence_kept", "channels_kept", "order_agreed", "fits_now"])
def test_blocking_and_moving_wait_for_each_of_their_checks(kind: BoundaryKind, name: str) -> None:
    assert missing_checks(kind, ALL, ASKED, TODAY) == {}
    assert list(missing_checks(kind, replace(ALL, **{name: False}), ASKED, TODAY)) == [name]


@pytest.mark.parametrize(("days", "open_gate"), [(0, True), (14, True), (15, False), (None, False)])
def test_danger_was_asked_about_within_fourteen_days(days: int | None, open_gate: bool) -> None:
    asked = None if days is None else TODAY - timedelta(days=days)
    assert (missing_checks(BoundaryKind.MOVE, ALL, Ground(asked, now_open=False), TODAY) == {}) is open_gate


@pytest.mark.parametrize("kind", BoundaryKind)
def test_an_event_that_asks_for_a_response_now_keeps_what_blocks_or_moves_at_not_now(kind: BoundaryKind) -> None:
    missing = missing_checks(kind, ALL, Ground(TODAY, now_open=True), TODAY)
    assert list(missing) == (["events"] if kind in GATED else [])


@given(st.sampled_from(BoundaryKind), st.builds(Checks, *[st.booleans()] * 4), st.none() | st.dates(), st.booleans())
def test_nothing_comes_into_use_that_the_client_does_not_call_doable_now(
    kind: BoundaryKind, checks: Checks, asked: date | None, now_open: bool
) -> None:
    missing = missing_checks(kind, checks, Ground(asked, now_open), TODAY)
    assert checks.fits_now or "fits_now" in missing
    assert kind in GATED or set(missing) <= {"fits_now"}


def test_every_mode_has_its_parts_and_undecided_is_one() -> None:
    assert PARTS.keys() == set(ContactMode)
    stays = {each.key for each in EVERY_PART.values() if each.field_class is FieldClass.N}
    assert {"contact_routine", "contact_distance"} <= stays
    assert len(EVERY_PART) == sum(len(parts) for parts in PARTS.values())


def test_a_part_that_no_mode_has_is_named() -> None:
    with pytest.raises(Invalid) as caught:
        check_plan(ContactPlan(lines={"contact_block": "x", "bag_place": "y"}))
    assert list(caught.value.fields) == ["bag_place"]
