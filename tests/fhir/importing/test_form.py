"""Questionnaires of different makes become instruments; what cannot is named with its item."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from schemas.instruments.conditions import Among
from schemas.instruments.definition import Informant, Instrument, Item, Validation
from schemas.instruments.kinds import (
    OWN_WORDS,
    Choice,
    Coding,
    Day,
    DecimalNumber,
    Group,
    Many,
    Moment,
    MultiChoice,
    Note,
    Plain,
    Quantity,
    Rows,
    Text,
    TimeOfDay,
    WholeNumber,
    YesNo,
)
from schemas.instruments.rules import Operator, Rules, Severity, Shown
from schemas.instruments.value import Amount
from schemas.vocabulary import EventLevel
from service.fhir.importing.findings import Weight
from service.fhir.importing.form import Reading, read_form
from service.fhir.importing.item_nine import NONE_OPENS
from service.fhir.importing.telling import lines
from tests.forms import NAMES, PRACTICE, hundred_items, instrument_of, read_sample, sample, small_form, to_bytes

HL7 = "http://hl7.org/fhir/StructureDefinition"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition"


def read(form: object) -> Reading:
    return read_form(to_bytes(form), PRACTICE)


def accepted(form: object) -> Instrument:
    reading = read(form)
    assert reading.instrument is not None, [each.words for each in reading.refusals]
    return reading.instrument


def refused(form: object) -> list[tuple[str, str]]:
    """(linkId, words) of each refusal."""
    reading = read(form)
    assert reading.instrument is None
    return [(each.link_id, each.words) for each in reading.refusals]


def named(instrument: Instrument, link_id: str) -> Item:
    return next(item for item in instrument.items() if item.name == link_id)


def rules(instrument: Instrument, link_id: str) -> Rules:
    found = named(instrument, link_id).rules
    assert found is not None
    return found


def shown(instrument: Instrument, link_id: str) -> Shown:
    found = rules(instrument, link_id).shown
    assert found is not None
    return found


def question(link_id: str = "a", kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"linkId": link_id, "text": "A question", "type": kind, **more}


def extension(name: str, **value: Any) -> dict[str, Any]:
    return {"url": f"{SDC if name.startswith('sdc-') else HL7}/{name}", **value}


def weights(item: Item) -> list[int | Decimal | None]:
    assert isinstance(item.answer, Choice | MultiChoice)
    return [option.weight for option in item.answer.options]


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_becomes_an_instrument_that_names_each_item_once(name: str) -> None:
    instrument = instrument_of(name)
    assert instrument.validation is Validation.EXTERNAL
    assert instrument.origin is not None
    asked = {each["linkId"] for each in _items(sample(name)) if isinstance(each.get("linkId"), str)}
    kept = {item.name for item in instrument.items()}
    helped = {each for each in asked - kept if each.endswith(("-help", "-unit"))}
    assert asked - helped <= kept


def _items(form: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [found for each in form.get("item", []) for found in (each, *_items(each))]


def test_a_scored_screener_keeps_points_sums_help_and_codes() -> None:
    instrument = instrument_of("scored-screener")
    assert weights(named(instrument, "e1")) == [0, 1, 2, 3]
    assert rules(instrument, "e1").help == "Any thought about the day counts."
    assert rules(instrument, "e1").prefix == "1."
    assert rules(instrument, "e1").control == "radio-button"
    assert rules(instrument, "e1").required
    assert instrument.results == ("total",)
    assert rules(instrument, "total").calculated == "%points"
    assert rules(instrument, "total").extract
    assert not rules(instrument, "e1").extract
    assert instrument.origin is not None
    assert [each.name for each in instrument.origin.variables] == ["points"]


def test_groups_nest_and_questions_stand_under_questions() -> None:
    instrument = instrument_of("nested-developmental")
    assert [each.key for each in named(instrument, "hearing").follow_ups] == ["hearing-when", "hearing-how"]
    assert isinstance(named(instrument, "move-deep").answer, Group)
    assert isinstance(named(instrument, "move-note").answer, Note)
    assert weights(named(instrument, "talk1")) == [0, 5, 10]
    assert shown(instrument, "hearing-how").any is False
    assert shown(instrument, "worry").any is True


def test_quantities_have_their_units_limits_and_digits() -> None:
    instrument = instrument_of("quantities-and-units")
    weight, waist = named(instrument, "weight").answer, named(instrument, "waist").answer
    assert isinstance(weight, Quantity)
    assert isinstance(waist, Quantity)
    assert [each.label for each in weight.units] == ["kilograms", "pounds"]
    assert weight.codes == ("kg", "u1")
    assert weight.places == 1
    assert waist.low == 20
    assert [each.stands_for for each in waist.units] == [
        Coding("http://unitsofmeasure.org", "cm", "centimetres"),
        Coding("http://unitsofmeasure.org", "[in_i]", "inches"),
    ]
    assert rules(instrument, "temp").initial == (Amount(Decimal("36.5"), "Cel"),)
    assert named(instrument, "sleep").answer == DecimalNumber(Decimal(0), Decimal(24), 2, "hours")
    steps = named(instrument, "steps").answer
    assert isinstance(steps, WholeNumber)
    assert (steps.low, steps.unit) == (0, "walks")
    assert named(instrument, "readings").answer == Many(DecimalNumber(), 7)
    assert shown(instrument, "heavy").tests[0].value == Amount(Decimal(80), "kg")


def test_options_come_from_value_sets_that_lie_in_the_file() -> None:
    instrument = instrument_of("open-choice")
    person, ways = named(instrument, "person").answer, named(instrument, "ways").answer
    assert isinstance(person, Choice)
    assert isinstance(ways, MultiChoice)
    assert (person.codes, person.open_length) == (("friend", "family", "helpline"), 80)
    assert weights(named(instrument, "ways")) == [1, Decimal("2.5")]
    assert named(instrument, "place").answer.codes == ("home", "out", "sea")  # type: ignore[union-attr]
    none = named(instrument, "none").answer
    assert isinstance(none, MultiChoice)
    assert none.options[0].stands_for == Plain("string", "A walk")
    assert none.alone == (none.codes[2],)
    assert weights(named(instrument, "times")) == [0, 1, 2, 10]
    assert isinstance(named(instrument, "town").answer, Text)


def test_a_comparison_with_an_option_is_spelled_out() -> None:
    tests = shown(instrument_of("open-choice"), "often")
    assert tests.any
    assert {(each.operator, each.value) for each in tests.tests} == {
        (Operator.EQUALS, "2"),
        (Operator.EQUALS, "10"),
    }


def test_every_language_of_a_form_is_kept_by_place() -> None:
    origin = instrument_of("many-languages").origin
    assert origin is not None
    texts = {each.language: dict(each.texts) for each in origin.translations}
    assert sorted(texts) == ["ar", "de", "pl"]
    assert texts["de"]["title"] == "Drei Fragen am Morgen"
    assert texts["pl"]["item.rest"] == "Jak bardzo czujesz się wypoczęta"
    assert texts["de"]["help.rest"] == "Nur heute."
    assert texts["ar"]["option.rest.well"] == "جيدا"
    assert texts["de"]["option.ways.eat"] == "Frühstück"


def test_repeated_groups_become_rows_and_repeated_questions_lists() -> None:
    instrument = instrument_of("repeating-groups")
    assert named(instrument, "children").answer == Rows(0, 8)
    assert isinstance(named(instrument, "stays").answer, Rows)
    assert isinstance(named(instrument, "phones").answer, Many)
    assert instrument.results == ("oldest", "count")


def test_conditions_keep_every_operator_in_the_form_of_our_answers() -> None:
    instrument = instrument_of("deep-conditions")
    first = {item: shown(instrument, item).tests[0] for item in ("e1", "e2", "e3", "e4", "e6", "e9", "e10")}
    assert {key: (each.operator, each.value) for key, each in first.items()} == {
        "e1": (Operator.EXISTS, True),
        "e2": (Operator.ABOVE, 3),
        "e3": (Operator.EQUALS, "call"),
        "e4": (Operator.BELOW, "12:00:00"),
        "e6": (Operator.DIFFERS, "call"),
        "e9": (Operator.ABOVE, Amount(Decimal(5), "km")),
        "e10": (Operator.EQUALS, "enough"),
    }
    assert [each.value for each in shown(instrument, "e7").tests] == [Decimal("2.5"), "2026-03-01T20:00:00Z"]
    assert shown(instrument, "e11").expression.startswith("%resource")


def test_dates_and_times_keep_their_limits() -> None:
    instrument = instrument_of("dates-and-times")
    assert named(instrument, "on").answer == Day("2020-01-01", "2030-12-31")
    assert named(instrument, "month").answer == Day(partial=True)
    assert named(instrument, "at").answer == Moment("2020-01-01T00:00:00Z", "2030-12-31T23:59:59Z")
    assert named(instrument, "woke").answer == TimeOfDay("03:00:00", "12:00:00")
    assert named(instrument, "days").answer == Many(Day())


def test_constraints_are_read_in_their_older_and_their_present_form() -> None:
    instrument = instrument_of("constraints")
    (order,) = rules(instrument, "most").constraints
    assert (order.key, order.severity) == ("order", Severity.ERROR)
    assert instrument.origin is not None
    (wide,) = instrument.origin.constraints
    assert (wide.key, wide.severity, wide.human) == ("wide", Severity.WARNING, "The two numbers lie far apart.")
    assert named(instrument, "word").answer == Text(12, 3)
    assert named(instrument, "page").answer == Text(4_000, link=True)


def test_an_older_broken_form_is_kept_as_far_as_its_meaning_is_plain() -> None:
    reading = read_sample("older-and-broken")
    instrument = instrument_of("older-and-broken")
    assert weights(named(instrument, "1.1")) == [0, 1]
    assert rules(instrument, "1.1").required
    assert named(instrument, "1.2").answer.codes == ("good", "poor")  # type: ignore[union-attr]
    assert rules(instrument, "1.3").initial == (3,)
    assert shown(instrument, "1.4").any
    assert isinstance(named(instrument, "1.5").answer, Choice)
    assert rules(instrument, "1.5").initial == ("left",)
    assert rules(instrument, "2").calculated
    paths = {each.path for each in reading.findings if each.weight is Weight.WARNING}
    assert {"url", "madeBy", "item[0].item[0].option", "item[0].item[3].maxLength"} <= paths


def test_the_item_on_self_harm_opens_an_event_today() -> None:
    instrument = instrument_of("mood-nine")
    (trigger,) = instrument.triggers
    assert (trigger.rule, trigger.opens) == ("TR-1", EventLevel.TODAY)
    assert trigger.when == Among(trigger.item, ("LA6569-3", "LA6570-1", "LA6571-9"))
    assert instrument.item(trigger.item).name == "/44260-8"
    assert any(
        each.link_id == "/44260-8" and "safety event" in each.words for each in read_sample("mood-nine").findings
    )


def test_what_a_terminal_would_obey_never_reaches_a_remark() -> None:
    hostile = "\x1b[2J\x9b\nrefused: \u202e"
    item = {"linkId": f"a{hostile}", "text": "Q", "type": "string", f"odd{hostile}": 1}
    contained = [{"resourceType": f"Library{hostile}", "id": "x"}, {"resourceType": "ValueSet", f"k{hostile}": 1}]
    reading = read(small_form(item, **{f"root{hostile}": 1}, contained=contained))
    told = list(lines(reading))
    assert len([each for each in told if "[2J" in each]) >= 4
    assert all(each.isprintable() for each in told)
    assert all(f"{each.path}{each.link_id}{each.words}".isprintable() for each in reading.findings)


def test_a_form_as_read_is_not_for_the_clients_hands() -> None:
    assert accepted(small_form()).informant is Informant.CLIENT_WITH_CLINICIAN


def test_a_key_holds_sixteen_digits_of_the_digest_and_fits_the_tables() -> None:
    key = accepted(small_form(url=f"https://forms.example/{'a-long-name-' * 9}")).key
    assert re.fullmatch(r"[a-z-]+-[0-9a-f]{16}", key)
    assert len(key) <= 40


def test_what_the_form_offers_from_the_start_is_kept_and_nothing_else() -> None:
    instrument = instrument_of("hidden-and-initial")
    assert rules(instrument, "made").hidden
    assert rules(instrument, "made").initial == ("workshop",)
    assert rules(instrument, "mood").initial == ("fair",)
    assert rules(instrument, "boxes").initial == ("keys", "papers")
    assert rules(instrument, "several").initial == (1, 2)
    assert rules(instrument, "agree").initial == (False,)
    assert rules(instrument, "today").initial_expression == "today()"
    assert rules(instrument_of("scored-screener"), "e1").initial == ()
    assert instrument.results == ("secret",)


def test_what_is_not_supported_is_named_item_by_item_and_shown_as_a_note() -> None:
    reading = read_sample("newer-and-beyond")
    unsupported = {each.link_id for each in reading.findings if each.weight is Weight.UNSUPPORTED}
    assert unsupported == {"file", "doctor", "far", "cql"}
    item = named(instrument_of("newer-and-beyond"), "file")
    assert isinstance(item.answer, Note)
    assert item.prompt.endswith("(not asked in Stepwell)")
    told = list(lines(reading))
    assert "supported: pick: one of 2 options" in told
    assert any(line.startswith("not supported: item file") for line in told)


@pytest.mark.parametrize(
    "item",
    [
        question(kind="attachment", required=True),
        question(kind="reference", required=True),
        question(kind="choice", required=True, answerValueSet="https://elsewhere.example/set"),
    ],
)
def test_an_item_that_must_be_answered_and_cannot_be_refuses_the_form(item: dict[str, Any]) -> None:
    assert refused(small_form(question("b"), item)) == [("a", _words(refused(small_form(question("b"), item))))]


def _words(found: list[tuple[str, str]]) -> str:
    (link_id, words) = found[0]
    assert link_id == "a"
    assert words.endswith("the form requires an answer.")
    return words


def test_a_name_of_an_item_that_is_no_plain_code_gets_a_number() -> None:
    instrument = accepted(small_form(question("1.1"), question("i1"), question("/x y"), question("A"), question("a")))
    assert [(each.key, each.link_id) for each in instrument.items()] == [
        ("i2", "1.1"),
        ("i1", ""),
        ("i3", "/x y"),
        ("A", ""),
        ("a", ""),
    ]


def test_the_same_form_has_one_key_in_a_practice_and_another_elsewhere() -> None:
    data = to_bytes(small_form())
    here, again = read_form(data, "p1").instrument, read_form(to_bytes(small_form(version="9")), "p1").instrument
    there = read_form(data, "p2").instrument
    assert here is not None
    assert again is not None
    assert there is not None
    assert here.key == again.key
    assert here.key != there.key
    assert here.key.startswith("small-")


def test_an_own_word_is_what_an_open_choice_is_compared_with() -> None:
    option = {"valueCoding": {"code": "x", "display": "X"}}
    test = {"question": "a", "operator": "=", "answerString": "other"}
    form = small_form(question(kind="open-choice", answerOption=[option]), question("b", enableWhen=[test]))
    assert shown(accepted(form), "b").tests[0].value == f"{OWN_WORDS}other"


REFUSED_FILES = {
    "no JSON": b"{",
    "not UTF-8": b'{"resourceType": "\xff"}',
    "a list": b"[]",
    "another resource": b'{"resourceType": "Patient"}',
    "no items": b'{"resourceType": "Questionnaire"}',
    "nothing that can be asked": b"""{"resourceType": "Questionnaire", "item": [
        {"linkId": "a", "type": "display", "text": "Read this."},
        {"linkId": "b", "type": "choice", "text": "How?", "answerValueSet": "https://elsewhere.example/set"},
        {"linkId": "c", "type": "attachment", "text": "A file"}]}""",
    "NaN": b'{"resourceType": "Questionnaire", "item": [NaN]}',
    "key twice": b'{"resourceType": "Questionnaire", "item": [], "item": []}',
    "half a character": b'{"resourceType": "Questionnaire", "title": "\\ud800", "item": [{}]}',
    "deep": b'{"item":' * 100_000,
    "deep lists": b"[" * 1_000_000,
    "too large": b" " * 2_000_001,
    "huge number": b'{"resourceType": "Questionnaire", "item": [{"linkId": "a", "x": 1e999999}]}',
    "long number": b'{"resourceType": "Questionnaire", "item": [{"x": ' + b"9" * 5_000 + b"}]}",
}


@pytest.mark.parametrize("name", REFUSED_FILES)
def test_a_file_that_is_no_questionnaire_is_refused_in_one_sentence(name: str) -> None:
    reading = read_form(REFUSED_FILES[name], PRACTICE)
    assert reading.instrument is None
    assert len(reading.refusals) == 1
    assert reading.refusals[0].words.endswith((".", "'."))


def test_a_name_that_stands_twice_refuses_the_form_and_is_named() -> None:
    assert {link_id for link_id, _ in refused(small_form(question("twice"), question("twice"), question("b")))} == {
        "twice"
    }


def test_a_question_without_a_name_refuses_the_form() -> None:
    ((_, words),) = refused(small_form({"text": "Who", "type": "string"}))
    assert "no linkId" in words


def test_conditions_that_need_each_other_refuse_the_form_with_the_item_named() -> None:
    circle = [
        question("a", enableWhen=[{"question": "b", "operator": "exists", "answerBoolean": True}]),
        question("b", enableWhen=[{"question": "c", "operator": "exists", "answerBoolean": True}]),
        question("c", enableWhen=[{"question": "a", "operator": "exists", "answerBoolean": True}]),
    ]
    ((link_id, words),) = refused(small_form(*circle))
    assert link_id == "a"
    assert "'a', 'b', 'c'" in words


def test_worked_out_values_that_need_each_other_refuse_the_form_with_the_item_named() -> None:
    def sum_of(link_id: str, other: str) -> dict[str, Any]:
        expression = {"language": "text/fhirpath", "expression": f"%resource.item.where(linkId='{other}').answer.value"}
        told = extension("sdc-questionnaire-calculatedExpression", valueExpression=expression)
        return question(link_id, "decimal", readOnly=True, extension=[told])

    found = refused(small_form(sum_of("x", "y"), sum_of("y", "x")))
    assert found[0][0] in ("x", "y")


def test_an_expression_that_explodes_refuses_the_form_with_the_item_named() -> None:
    endless = "repeat(iif(true, %resource.descendants() | %resource.descendants()))"
    many = "(" + " | ".join(["%resource.descendants().descendants()"] * 400) + ")." + endless
    told = extension(
        "sdc-questionnaire-calculatedExpression", valueExpression={"language": "text/fhirpath", "expression": many}
    )
    assert refused(small_form(question("boom", "decimal", extension=[told])))[0][0] == "boom"


@pytest.mark.parametrize("place", ["root", "item", "option"])
def test_a_modifier_extension_that_is_not_known_refuses_the_form(place: str) -> None:
    unknown: dict[str, Any] = {"modifierExtension": [{"url": "https://maker.example/not-really", "valueBoolean": True}]}
    option = {"valueString": "x", **(unknown if place == "option" else {})}
    item = question(kind="choice", answerOption=[option], **(unknown if place == "item" else {}))
    found = refused(small_form(item, **(unknown if place == "root" else {})))
    assert found[0][0] == ("" if place == "root" else "a")
    assert "not-really" in found[0][1]


def test_more_items_than_a_form_may_have_are_refused() -> None:
    assert refused(small_form(*(question(f"q{n}") for n in range(10_000))))[0][1].startswith("The form has more than")


def test_items_that_nest_too_deep_are_refused_with_one_named() -> None:
    item = question("bottom")
    for level in range(13):
        item = {"linkId": f"g{level}", "type": "group", "text": "G", "item": [item]}
    assert refused(small_form(item))[0][1].endswith("levels deep.")
    assert accepted(small_form(item["item"][0]["item"][0])).extra


def test_a_hundred_items_with_twenty_sums_are_read_without_a_remark() -> None:
    reading = read(hundred_items())
    assert [each.words for each in reading.findings] == [NONE_OPENS]
    assert reading.instrument is not None
    assert len(reading.instrument.results) == 20


def test_an_unknown_item_in_a_condition_is_named_and_hides_nothing() -> None:
    test = {"question": "gone", "operator": "=", "answerString": "x"}
    reading = read(small_form(question(enableWhen=[test])))
    assert reading.instrument is not None
    assert rules(reading.instrument, "a").shown is None
    assert any("names no item" in each.words for each in reading.findings)


def test_what_is_read_is_the_same_each_time() -> None:
    for name in NAMES:
        data = json.dumps(sample(name)).encode()
        first, second = read_form(data, PRACTICE).instrument, read_form(data, PRACTICE).instrument
        assert first is not None
        assert second is not None
        assert first.fingerprint == second.fingerprint


def test_yes_or_no_is_asked_as_such() -> None:
    assert named(accepted(small_form(question(kind="boolean"))), "a").answer == YesNo()


def test_one_value_set_that_many_items_share_cannot_grow_beyond_measure() -> None:
    codes = [{"code": f"c{n}", "display": f"Code {n}"} for n in range(2_000)]
    shared = {"resourceType": "ValueSet", "id": "v", "compose": {"include": [{"system": "x", "concept": codes}]}}
    items = [question(f"q{n}", "choice", answerValueSet="#v") for n in range(500)]
    assert refused(small_form(*items, contained=[shared])) == [
        ("q6", "With this item the form has more than 12000 options altogether.")
    ]


def test_a_limit_that_is_worked_out_each_time_is_said_and_not_taken_from_its_stand_in() -> None:
    moving = {"extension": [{"url": f"{HL7}/cqf-expression", "valueExpression": {"expression": "today()"}}]}
    limit = extension("maxValue", valueDate="2024-01-01", _valueDate=moving)
    reading = read(small_form(question(kind="date", extension=[limit])))
    assert reading.instrument is not None
    assert named(reading.instrument, "a").answer == Day()
    assert any("no fixed value" in each.words and each.link_id == "a" for each in reading.findings)


def test_nothing_on_options_or_texts_is_dropped_in_silence() -> None:
    marked = {"url": "https://maker.example/fhir/colour", "valueString": "green"}
    option = {"valueString": "x", "extension": [marked]}
    item = question(kind="choice", answerOption=[option], _text={"extension": [extension("rendering-xhtml")]})
    found = {each.path: each.weight for each in read(small_form(item)).findings if each.weight is not Weight.NOTE}
    assert found == {
        "item[0].answerOption[0].extension[0]": Weight.KEPT,
        "item[0]._text.extension[0]": Weight.KEPT,
    }


def test_a_hidden_choice_that_fixes_a_value_has_that_one_option() -> None:
    fixed = {"valueCoding": {"system": "http://loinc.org", "code": "29463-7", "display": "Weight"}}
    hidden = extension("questionnaire-hidden", valueBoolean=True)
    form = small_form(question(kind="choice", required=True, initial=[fixed], extension=[hidden]), question("b"))
    item = named(accepted(form), "a")
    assert isinstance(item.answer, Choice)
    assert item.answer.codes == ("29463-7",)
    assert rules(accepted(form), "a").initial == ("29463-7",)


def test_a_hidden_item_that_cannot_be_answered_does_not_refuse_the_form() -> None:
    hidden = extension("questionnaire-hidden", valueBoolean=True)
    form = small_form(question(kind="reference", required=True, extension=[hidden]), question("b"))
    assert isinstance(named(accepted(form), "a").answer, Note)


def test_a_whole_number_written_with_a_point_is_the_same_option() -> None:
    data = (
        b'{"resourceType":"Questionnaire","title":"T","item":[{"linkId":"a","text":"Q","type":"choice","answerOption":'
    )
    reading = read_form(data + b'[{"valueInteger":1.0},{"valueInteger":2}]}]}', PRACTICE)
    assert reading.instrument is not None
    assert [each.stands_for for each in named(reading.instrument, "a").answer.options] == [  # type: ignore[union-attr]
        Plain("integer", "1"),
        Plain("integer", "2"),
    ]


def test_a_unit_without_code_and_words_is_left_out() -> None:
    units = {"resourceType": "ValueSet", "id": "u", "compose": {"include": [{"concept": [{}, {"code": "kg"}]}]}}
    item = question(kind="quantity", extension=[extension("questionnaire-unitValueSet", valueCanonical="#u")])
    kind = named(accepted(small_form(item, contained=[units])), "a").answer
    assert isinstance(kind, Quantity)
    assert kind.codes == ("kg",)
