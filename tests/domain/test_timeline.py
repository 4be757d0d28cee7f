"""Words of a timeline, its opaque marks, and its table."""

import contextlib
import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.case_codes import TimelineKind
from service.domain.timeline import FORMULA, WORDS, Happening, Key, as_table, read_key, written
from service.errors import Invalid
from service.store.timeline import SOURCES
from service.web.timeline_lines import PLACES

THEN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def test_every_kind_has_its_words_its_rows_and_its_page() -> None:
    kinds = set(TimelineKind)
    assert kinds == WORDS.keys() == PLACES.keys() == {kind for kind, _rows in SOURCES}


@given(st.datetimes(timezones=st.just(UTC)), st.uuids().map(str))
def test_a_mark_leads_back_to_where_it_was_made(at: datetime, row: str) -> None:
    assert read_key(written(Key(at, row))) == Key(at, row)


@given(st.text(max_size=40))
def test_a_mark_that_nobody_made_is_refused_or_read_but_breaks_nothing(mark: str) -> None:
    with contextlib.suppress(Invalid):
        assert isinstance(read_key(mark), Key)


def test_the_table_holds_days_kinds_and_words_of_ours_in_local_time() -> None:
    rows = (Happening(THEN, TimelineKind.SESSION, "r", "s", "individual", "attended"),)
    table = list(csv.reader(io.StringIO(as_table(rows, "Europe/Berlin").decode("utf-8-sig"))))
    assert table == [
        ["Day", "Time", "Kind", "What"],
        ["2026-03-02", "10:30", "Sessions", "Individual session: Attended"],
    ]


@pytest.mark.parametrize("start", FORMULA)
def test_a_form_whose_title_looks_like_a_formula_runs_nowhere(start: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WORDS, TimelineKind.FORM, lambda key, _version: f"{start}{key}")
    told = as_table((Happening(THEN, TimelineKind.FORM, "r", "i", "1+1", ""),), "UTC").decode("utf-8-sig")
    cell = list(csv.reader(io.StringIO(told, newline="")))[1][3]
    assert cell == f"'{start}1+1"
