"""What holds for each instrument on the shelf, whatever it asks: a new one is one file and one line, and this proves it
whole.

A version in tests/golden/instruments.json is in use. Its fingerprint never changes; a change to it is a new version
with a row of its own.
"""

import json
import re
from pathlib import Path
from typing import Any, assert_never

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.answers import json_schema, load_answers, schema_for
from schemas.instruments import INSTRUMENTS, find
from schemas.instruments.answer import from_json, to_json
from schemas.instruments.capture import ContactContext
from schemas.instruments.conditions import (
    AllOf,
    Among,
    AnyOf,
    AtLeast,
    Condition,
    ContextIs,
    CountOf,
    NotAskedFor,
    Skipped,
    named_items,
)
from schemas.instruments.definition import Instrument
from schemas.instruments.kinds import AnswerKind, Choice, MultiChoice, WholeNumber, YesNo
from service.domain.scoring import score, score_if_any
from service.domain.triggers import Around, fired, told_by
from service.fhir.addresses import Addresses
from service.fhir.questionnaire import questionnaire
from service.fhir.questionnaire_response import answers_from, response_items
from tests.instruments import answers_to

GOLDEN = Path(__file__).parent.parent / "golden" / "instruments.json"
REASSURING = r"safe|low risk|no concern|cleared"
LABELLING = r"victim|abuser|narcissist|toxic|addict\w*|evidence-based|alleges?|claims?|denies|non-compliant"
EACH = pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda each: f"{each.key}-{each.version}")
ANY = st.sampled_from(INSTRUMENTS)
AT = Addresses("https://canonical.example/stepwell", "https://clinic.example/fhir")


def used_versions() -> dict[str, str]:
    found: dict[str, str] = json.loads(GOLDEN.read_text())
    return found


def words_of(instrument: Instrument) -> list[str]:
    """Everything that a person may read."""
    options = [
        o.label for i in instrument.items() if isinstance(i.answer, Choice | MultiChoice) for o in i.answer.options
    ]
    prompts = [item.prompt for item in instrument.items()] + [trigger.prompt for trigger in instrument.triggers]
    prompts += [
        line.words for output in instrument.outputs for line in (output, *output.lines) if hasattr(line, "words")
    ]
    prompts += [output.title for output in instrument.outputs] + [module.title for module in instrument.modules]
    prompts += [instrument.stays_home, instrument.quiet.sentence if instrument.quiet else ""]
    heads = [instrument.title, instrument.banner, instrument.purpose, instrument.question, instrument.recall.words]
    return (
        heads + [text for _, text in instrument.titles] + [s.title for s in instrument.sections()] + prompts + options
    )


@EACH
def test_a_used_version_keeps_its_fingerprint(instrument: Instrument) -> None:
    assert used_versions()[f"{instrument.key} {instrument.version}"] == instrument.fingerprint


@EACH
def test_sections_and_items_have_names_of_their_own(instrument: Instrument) -> None:
    """Both become items of one FHIR form, where a name may stand once."""
    assert not {each.key for each in instrument.sections()} & {each.key for each in instrument.items()}


def test_no_used_version_has_left_the_shelf() -> None:
    assert set(used_versions()) == {f"{each.key} {each.version}" for each in INSTRUMENTS}


@EACH
def test_it_is_found_by_key_and_version(instrument: Instrument) -> None:
    assert find(instrument.key, instrument.version) is instrument


@EACH
def test_its_words_neither_reassure_nor_label_nor_shout(instrument: Instrument) -> None:
    for text in words_of(instrument):
        assert not re.search(rf"\b({REASSURING}|{LABELLING})\b", text, re.IGNORECASE), text
        assert "!" not in text


@EACH
def test_schema_and_json_schema_know_every_item_and_nothing_else(instrument: Instrument) -> None:
    keys = [item.key for item in instrument.items()]
    published: Any = json_schema(instrument)["properties"]
    assert [field.data_key for field in schema_for(instrument).fields.values()] == keys
    assert list(published) == keys


@given(st.data())
def test_answers_are_accepted_and_survive_the_way_to_json_and_back(data: st.DataObject) -> None:
    instrument = data.draw(ANY)
    answers = data.draw(answers_to(instrument))
    plain = json.loads(json.dumps(to_json(answers)))
    assert load_answers(instrument, plain) == answers
    assert from_json(instrument, plain) == answers


@EACH
@pytest.mark.parametrize("at_ceiling", [False, True])
def test_it_scores_at_floor_and_ceiling(instrument: Instrument, at_ceiling: bool) -> None:
    scoring = instrument.scoring
    if scoring is None:
        with pytest.raises(ValueError, match="no scoring"):
            score(instrument, {})
        return
    end = -1 if at_ceiling else 0
    answers = {i.key: i.answer.codes[end] for i in instrument.scored_items() if isinstance(i.answer, Choice)}
    found = score(instrument, answers)
    for each in (*found.domains, found.total):
        assert each.value == (each.ceiling if at_ceiling else 0)
        assert each.position == scoring.positions[end]


def satisfying(instrument: Instrument, condition: Condition) -> dict[str, Any]:
    """What makes the condition hold: answers by item, with what stands of other instruments by qualified item, the
    context under `context` and sections asked about some days ago under `days`.
    """
    match condition:
        case AllOf():
            return _all_together(instrument, condition)
        case AnyOf():
            return satisfying(instrument, condition.parts[0])
        case AtLeast():
            return {condition.item: _of_weight(kind_of(instrument, condition.item), condition.low)}
        case Among():
            return {condition.item: _as_answer(kind_of(instrument, condition.item), condition.values[0])}
        case Skipped():
            return {condition.item: condition.reasons[0]}
        case CountOf():
            chosen = condition.items[: condition.at_least]
            return {
                key: value for item in chosen for key, value in answered(instrument, item, condition.values).items()
            }
        case ContextIs():
            return {"context": condition.contexts[0]}
        case NotAskedFor():
            return {}
        case _:
            assert_never(condition)


def _all_together(instrument: Instrument, condition: AllOf) -> dict[str, Any]:
    """A count is met by what the other parts answer already, as far as that goes."""
    found: dict[str, Any] = {}
    for part in sorted(condition.parts, key=lambda each: isinstance(each, CountOf)):
        if isinstance(part, CountOf) and sum(item in found for item in part.items) >= part.at_least:
            continue
        found |= satisfying(instrument, part)
    return found


def failing(instrument: Instrument, condition: Condition) -> dict[str, Any]:
    """What just fails to make the condition hold, laid over answers that do."""
    match condition:
        case AllOf():
            return failing(instrument, condition.parts[0])
        case AnyOf():
            return {key: value for part in condition.parts for key, value in failing(instrument, part).items()}
        case AtLeast():
            return {condition.item: _of_weight(kind_of(instrument, condition.item), condition.low - 1)}
        case Among():
            return {condition.item: _other_than(kind_of(instrument, condition.item), condition.values)}
        case Skipped():
            return {condition.item: _other_than(kind_of(instrument, condition.item), ())}
        case CountOf():
            if condition.at_most is None:
                return failing(instrument, Among(condition.items[0], condition.values))
            return satisfying(instrument, CountOf(condition.items, condition.values, condition.at_most + 1))
        case ContextIs():
            return {"context": next(each for each in ContactContext if each not in condition.contexts)}
        case NotAskedFor():
            return {"days": {condition.section: condition.days}}
        case _:
            assert_never(condition)


def answered(instrument: Instrument, item: str, values: tuple[str | bool, ...]) -> dict[str, Any]:
    return satisfying(instrument, Among(item, values))


def kind_of(instrument: Instrument, name: str) -> AnswerKind:
    """The kind of an item of this instrument, or of another one on the shelf."""
    if instrument.has(name):
        return instrument.item(name).answer
    key, _, item = name.partition(".")
    return find(key).item(item).answer


def _of_weight(kind: AnswerKind, weight: int) -> Any:
    if isinstance(kind, Choice):
        return next(option.code for option in kind.options if option.weight == weight)
    assert isinstance(kind, WholeNumber)
    return weight


def _as_answer(kind: AnswerKind, value: str | bool) -> Any:
    return (value,) if isinstance(kind, MultiChoice) else value


def _other_than(kind: AnswerKind, values: tuple[str | bool, ...]) -> Any:
    others = (True, False) if isinstance(kind, YesNo) else getattr(kind, "codes", ())
    return _as_answer(kind, next(each for each in others if each not in values))


def names(instrument: Instrument, given: dict[str, Any]) -> list[tuple[str, str]]:
    """(rule, item) of what fires with these answers, context and earlier forms."""
    own = {key: value for key, value in given.items() if instrument.has(key)}
    others: dict[str, dict[str, Any]] = {}
    for key, value in given.items():
        if "." in key and not instrument.has(key):
            others.setdefault(key.partition(".")[0], {})[key.partition(".")[2]] = value
    earlier = others.pop(instrument.key, {})
    around = Around(given.get("context"), others, given.get("days", {}))
    return [(each.rule, each.item) for each in fired(instrument, own, background=earlier, around=around)]


def parts_of(condition: Condition) -> list[Condition]:
    """Each part that alone keeps the whole from holding where it fails."""
    return (
        [leaf for part in condition.parts for leaf in parts_of(part)] if isinstance(condition, AllOf) else [condition]
    )


@EACH
def test_every_trigger_can_fire_and_each_part_of_its_condition_is_needed(instrument: Instrument) -> None:
    for trigger in instrument.triggers:
        same = [each for each in instrument.triggers if (each.rule, each.item) == (trigger.rule, trigger.item)]
        name = (trigger.rule, f"{instrument.key}.{trigger.item}")
        given = satisfying(instrument, trigger.when)
        assert name in names(instrument, given)
        for part in parts_of(trigger.when) if len(same) == 1 else ():
            assert name not in names(instrument, given | failing(instrument, part)), (name, part)


@EACH
def test_what_a_condition_names_is_on_the_shelf(instrument: Instrument) -> None:
    for condition in instrument.conditions():
        for name in named_items(condition):
            assert kind_of(instrument, name) is not None


@EACH
def test_a_section_that_a_condition_dates_is_on_the_shelf(instrument: Instrument) -> None:
    dated = [part for each in instrument.conditions() for part in parts_of(each) if isinstance(part, NotAskedFor)]
    for part in dated:
        key, _, section = part.section.partition(".")
        assert section in [each.key for each in find(key).sections()]


@EACH
def test_every_line_that_a_form_gives_back_can_be_given(instrument: Instrument) -> None:
    for output in instrument.outputs:
        for line in output.lines:
            given = satisfying(instrument, line.when)
            assert line.words in dict(told_by(instrument, given)).get(output.title, ())


@EACH
def test_a_form_without_a_score_is_stored_shown_and_sent_without_one(instrument: Instrument) -> None:
    if instrument.scoring is not None:
        return
    assert score_if_any(instrument, {}) is None
    form = questionnaire(instrument, AT)
    assert "variable" not in str(form)
    assert "calculatedExpression" not in str(form)
    answers = {"R1": "once"} if instrument.key == "rgf" else {}
    assert "subtotal" not in str(response_items(instrument, answers, None, AT))


@given(st.data())
def test_answers_survive_the_way_to_fhir_and_back(data: st.DataObject) -> None:
    instrument = data.draw(ANY)
    answers = data.draw(answers_to(instrument))
    sent = response_items(instrument, answers, score_if_any(instrument, answers), AT)
    assert answers_from(instrument, {"item": json.loads(json.dumps(sent))}) == answers


def test_words_about_a_person_stay_home_wherever_the_form_goes() -> None:
    for instrument in INSTRUMENTS:
        for item in instrument.items() if not instrument.stays_home else ():
            if item.key.endswith("_example"):
                assert item.stays_home
