"""The question on thoughts of self-harm in other makers' forms: in doubt it opens an event, and the import says so."""

from typing import Any

import pytest

from schemas.instruments.answer import Answers
from schemas.instruments.capture import NonAnswer
from schemas.instruments.conditions import Among, AtLeast
from schemas.instruments.definition import Instrument
from schemas.vocabulary import EventLevel
from service.domain.triggers import fired
from service.fhir.importing.findings import MOST, Weight
from service.fhir.importing.form import Reading, read_form
from service.fhir.importing.item_nine import NONE_OPENS, OPENS
from tests.forms import NAMES, PRACTICE, instrument_of, read_sample, small_form, to_bytes

HL7 = "http://hl7.org/fhir/StructureDefinition"


def read(form: object) -> Reading:
    return read_form(to_bytes(form), PRACTICE)


def nine(*options: dict[str, Any], link_id: str = "nine", coded: bool = True, **more: Any) -> Reading:
    """A form with the question on thoughts of self-harm."""
    code = {"code": [{"system": "http://loinc.org", "code": "44260-8"}]} if coded else {}
    item = {"linkId": link_id, "text": "Thoughts of being better off dead", "type": "choice", **code, **more}
    return read(small_form({**item, "answerOption": list(options)} if options else item))


def counting(code: str, points: float | None = None) -> dict[str, Any]:
    weighed = {"extension": [{"url": f"{HL7}/ordinalValue", "valueDecimal": points}]} if points is not None else {}
    return {**weighed, "valueCoding": {"system": "https://maker.example", "code": code, "display": code}}


def firing(reading: Reading) -> tuple[str | bool, ...]:
    assert reading.instrument is not None, reading.refusals
    (trigger,) = reading.instrument.triggers
    assert isinstance(trigger.when, Among)
    return trigger.when.values


def test_where_no_option_is_known_to_mean_none_every_answer_opens_an_event_with_a_warning() -> None:
    for options in ((counting("a"), counting("b")), (counting("a", 1), counting("b", 2))):
        reading = nine(*options)
        assert firing(reading) == ("a", "b")
        assert any(each.weight is Weight.WARNING and "every answer" in each.words for each in reading.findings)


def test_whatever_counts_above_0_opens_an_event_be_it_half_a_point() -> None:
    reading = nine(counting("never", 0), counting("hardly", 0.5), counting("often", 2))
    assert firing(reading) == ("hardly", "often")
    assert not any("every answer" in each.words for each in reading.findings)
    assert firing(nine(counting("never", 0), counting("unsure"))) == ("unsure",)


def test_the_known_code_for_not_at_all_goes_before_any_points() -> None:
    assert firing(nine(counting("LA6568-5", 3), counting("always", 0))) == ("always",)


@pytest.mark.parametrize("link_id", ["/44260-8", "44260-8", "phq/x/44260-8"])
def test_a_link_id_that_ends_in_the_code_counts_without_a_code(link_id: str) -> None:
    assert firing(nine(counting("no", 0), counting("yes", 1), link_id=link_id, coded=False)) == ("yes",)


def test_a_longer_number_is_another_item() -> None:
    reading = nine(counting("no", 0), counting("yes", 1), link_id="144260-8", coded=False)
    assert reading.instrument is not None
    assert reading.instrument.triggers == ()


def test_an_import_always_says_which_items_open_an_event_or_that_none_does() -> None:
    opening = [each for each in nine(counting("a", 0), counting("b", 1)).findings if each.weight is Weight.NOTE]
    assert [(each.link_id, each.words) for each in opening] == [("nine", OPENS)]
    for name in NAMES:
        notes = [each.words for each in read_sample(name).findings if each.weight is Weight.NOTE]
        assert notes == ([OPENS] if instrument_of(name).triggers else [NONE_OPENS])
    crowded = read(small_form(**{f"unknown{n}": 1 for n in range(MOST + 5)}))
    assert NONE_OPENS in [each.words for each in crowded.findings]


def test_where_the_question_cannot_open_an_event_a_warning_says_so() -> None:
    reading = read(small_form({"linkId": "/44260-8", "text": "Thoughts", "type": "string"}))
    found = [(each.weight, each.link_id) for each in reading.findings]
    assert found == [(Weight.NOTE, ""), (Weight.WARNING, "/44260-8")]


def rows(kind: str, *levels: str, **more: Any) -> Instrument:
    """A form that asks the question in groups that repeat, one inside the other."""
    item: dict[str, Any] = {"linkId": "/44260-8", "text": "Thoughts", "type": kind, **more}
    for name in levels:
        item = {"linkId": name, "text": "Each day", "type": "group", "repeats": True, "item": [item]}
    reading = read(small_form(item))
    assert [each.words for each in reading.findings if each.weight is Weight.NOTE] == [OPENS]
    assert reading.instrument is not None, reading.refusals
    return reading.instrument


def key_of(instrument: Instrument, name: str) -> str:
    return next(each.key for each in instrument.items() if each.name == name)


@pytest.mark.parametrize(("answers", "opens"), [((), False), ((0,), False), ((0, 0), False), ((0, 2), True)])
def test_any_row_of_a_group_opens_an_event(answers: tuple[int, ...], opens: bool) -> None:
    instrument = rows("integer", "day")
    nine, day = key_of(instrument, "/44260-8"), key_of(instrument, "day")
    given: Answers = {day: tuple({nine: each} for each in answers)} if answers else {}
    assert [each.level for each in fired(instrument, given)] == ([EventLevel.TODAY] if opens else [])


def test_rows_in_rows_open_an_event_and_another_answer_in_one_is_another() -> None:
    options = [counting("no", 0), counting("once", 1), counting("often", 2)]
    instrument = rows("choice", "hour", "day", answerOption=options)
    nine, hour, day = (key_of(instrument, name) for name in ("/44260-8", "hour", "day"))

    def behind(*found: str | NonAnswer) -> list[str]:
        hours = tuple({nine: each} for each in found)
        return [each.behind for each in fired(instrument, {day: ({hour: hours[:1]}, {hour: hours[1:]})})]

    assert behind("no", "no") == []
    assert behind(NonAnswer.DECLINED, "no") == []
    first, again, other = behind("no", "once"), behind("no", "once"), behind("once", "often")
    assert len(first) == len(other) == 1
    assert first == again != other


def test_whole_numbers_and_yes_open_an_event_and_own_words_leave_a_warning() -> None:
    counted = read(small_form({"linkId": "/44260-8", "text": "How often", "type": "integer"})).instrument
    assert counted is not None
    assert counted.triggers[0].when == AtLeast(counted.triggers[0].item, 1)
    told = nine(counting("no", 0), counting("yes", 1), type="open-choice")
    assert any("own words" in each.words for each in told.findings)
