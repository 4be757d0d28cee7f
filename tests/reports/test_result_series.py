"""The numbers of imported forms as series: their axis, what the rules of change say, and what is never drawn."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from schemas.instruments.definition import Instrument
from schemas.instruments.kinds import Choice, DecimalNumber, Option, Plain, WholeNumber
from schemas.instruments.rules import Rules
from schemas.vocabulary import ReportPart
from service.casework import instruments, records, schedules
from service.casework.instruments import Attestation, ThresholdDraft
from service.casework.records import Record
from service.domain import clock
from service.domain.imported import range_of
from service.reports import progress
from service.reports.pages import fill
from service.reports.progress import Period, Wanted
from service.reports.result_series import UNKNOWN_RANGE, ResultSeries, counted_forms, results_of
from tests import builders
from tests.builders import House
from tests.imported import form, item

STEPS = tuple(Option(f"w{weight}", str(weight), weight, Plain("string", str(weight))) for weight in range(28))
SUM = "%resource.item.where(linkId='a').answer.value.weight().sum()"


def counting(calculated: str = SUM, kind: object = None, key: str = "counted-1") -> Instrument:
    total = item("sum", kind or WholeNumber(0, 27), rules=Rules(calculated=calculated))
    return form(item("a", Choice(STEPS)), total, key=key, results=("sum",))


COUNTED = counting()
pytestmark = pytest.mark.usefixtures("context")
CITATION = "Invented and others 2020"


def bring(house: House, instrument: Instrument = COUNTED, data: bytes = b"{}") -> Instrument:
    found = instruments.import_instrument(house.supervisor, instrument, data, Attestation("Pat Doe"))
    return found.instrument


def course(house: House, values: Sequence[int], instrument: Instrument = COUNTED, *, every: int = 7) -> Record:
    """A case on which the form was filled in with these totals, the last of them just now."""
    case = builders.add_case(house.therapist)
    bring(house, instrument)
    fill_in(house, case.id, values, instrument, every=every)
    return records.read_record(house.therapist, case.id)


def fill_in(house: House, case_id: str, values: Sequence[int], instrument: Instrument, *, every: int = 7) -> None:
    for place, value in enumerate(values):
        at = clock.now() - timedelta(days=every * (len(values) - 1 - place), hours=1)
        answers = {"a": f"w{value}"}
        builders.add_intake(house.therapist, case_id, answers, instrument_key=instrument.key, authored_at=at)


def one(record: Record, instrument: Instrument = COUNTED) -> ResultSeries:
    (found,) = results_of(record, instrument)
    return found


def test_two_readings_are_too_few_and_name_the_published_threshold(house: House) -> None:
    case = builders.add_case(house.therapist)
    bring(house)
    instruments.attach_threshold(house.supervisor, COUNTED.key, "1.0.0", ThresholdDraft("sum", "6", CITATION))
    fill_in(house, case.id, (20, 15), COUNTED)
    found = one(records.read_record(house.therapist, case.id))
    assert found.ceiling == 27
    assert "about the same (5 points lower)" in found.says[0]
    assert "Too few to tell change" in found.says[0]
    assert any(
        f"under 6 of 27 are called about the same; that limit comes from {CITATION}" in each for each in found.notes
    )


def test_five_falling_over_28_days_are_called_falling(house: House) -> None:
    found = one(course(house, (20, 17, 14, 11, 8)))
    assert found.change is not None
    assert (found.change.rule, found.change.direction.value) == ("R2", "falling")


def test_a_raised_course_asks_for_a_review_with_the_own_earlier_range(house: House) -> None:
    found = one(course(house, (8, 9, 8, 10, 9, 8, 9, 8, 20, 21)))
    assert found.change is not None
    assert found.change.review
    assert any(each.startswith("Own earlier range") for each in found.says)


def test_without_a_range_no_rule_is_applied_and_the_page_says_so(house: House) -> None:
    doubled = counting(f"{SUM} * 2", DecimalNumber(), key="doubled-1")
    found = one(course(house, (20, 15), doubled), doubled)
    assert (found.change, found.ceiling) == (None, 50)
    assert found.notes[0] == UNKNOWN_RANGE
    assert found.says[0].startswith("Down by 10 since the first time.")


def test_refusals_are_ticks_and_gaps_are_named(house: House) -> None:
    record = course(house, (20, 15), every=40)
    schedules.record_refusal(house.therapist, record.case.id, COUNTED.key, clock.now())
    found = one(records.read_record(house.therapist, record.case.id))
    assert [each.declined for each in found.points] == [False, False, True]
    assert found.change is not None
    assert len(found.change.gaps) == 1


def test_another_version_breaks_the_line_and_only_the_latest_is_compared(house: House) -> None:
    record = course(house, (20, 15))
    newer = bring(house, counting(SUM + ".select($this)"), b"{ }")
    assert newer.version == "2.0.0"
    fill_in(house, record.case.id, (10,), newer)
    found = one(records.read_record(house.therapist, record.case.id), newer)
    assert [each.version for each in found.points] == ["1.0.0", "1.0.0", "2.0.0"]
    assert found.change is not None
    assert found.change.n == 1


@pytest.mark.parametrize(
    ("calculated", "kind", "high"),
    [
        (SUM, DecimalNumber(), 27),
        (SUM, WholeNumber(0, 60), 60),
        ("%resource.item.answer.value.weight().sum()", DecimalNumber(), 27),
        (f"{SUM} / 2", DecimalNumber(), None),
        (f"{SUM}.avg()", DecimalNumber(), None),
        ("3", DecimalNumber(), None),
        ("%resource.item.where(linkId='b').answer.value.weight().sum()", DecimalNumber(), None),
    ],
)
def test_the_range_is_the_forms_own_or_what_its_options_add_up_to(
    calculated: str, kind: object, high: int | None
) -> None:
    found = range_of(counting(calculated, kind), "sum")
    assert (found.high if found else None) == high


def test_checklists_and_own_forms_are_never_among_what_is_drawn(house: House) -> None:
    record = course(house, (20,))
    for key in ("sfs", "rgf", "ctl"):
        answers = {"present": "nobody", "A1": False} if key == "sfs" else {}
        builders.add_intake(house.therapist, record.case.id, answers, instrument_key=key)  # type: ignore[arg-type]
    assert [each.key for each in counted_forms(records.read_record(house.therapist, record.case.id))] == [COUNTED.key]


@pytest.mark.parametrize("stays", [False, True])
def test_the_report_draws_it_where_chosen_unless_its_answers_stay_here(house: House, stays: bool) -> None:
    case = builders.add_case(house.therapist)
    instruments.import_instrument(house.supervisor, COUNTED, b"{}", Attestation("Pat Doe", stays_home=stays))
    fill_in(house, case.id, (20, 15), COUNTED)
    record, today = records.read_record(house.therapist, case.id), clock.now().date()
    period = Period(today - timedelta(days=60), today)
    for parts, drawn in ((frozenset(ReportPart), not stays), (progress.USUAL, False)):
        page = fill("progress", progress.collect(record, Wanted(period, parts, today)))
        assert ("A form from elsewhere: What about sum?, 0 to 27" in page) is drawn
        assert ("n = 2; A form from elsewhere, version 1.0.0." in page) is drawn
