"""What holds for each instrument on the shelf, whatever it asks: a new one is one file and one line, and this proves it
whole.

A version in tests/golden/instruments.json is in use. Its fingerprint never changes; a change to it is a new version
with a row of its own.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.answers import json_schema, load_answers, schema_for
from schemas.instruments import INSTRUMENTS, find
from schemas.instruments.answer import from_json, to_json
from schemas.instruments.definition import AllOf, Among, AtLeast, Condition, Instrument
from schemas.instruments.kinds import Choice, MultiChoice, WholeNumber, YesNo
from service.domain.scoring import score
from service.domain.triggers import fired
from tests.instruments import answers_to

GOLDEN = Path(__file__).parent.parent / "golden" / "instruments.json"
REASSURING = r"safe|low risk|no concern|cleared"
LABELLING = r"victim|abuser|narcissist|toxic|addict\w*|evidence-based|alleges?|claims?|denies|non-compliant"
EACH = pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda each: f"{each.key}-{each.version}")
ANY = st.sampled_from(INSTRUMENTS)


def used_versions() -> dict[str, str]:
    found: dict[str, str] = json.loads(GOLDEN.read_text())
    return found


def words_of(instrument: Instrument) -> list[str]:
    """Everything that a person may read."""
    options = [
        o.label for i in instrument.items() if isinstance(i.answer, Choice | MultiChoice) for o in i.answer.options
    ]
    prompts = [item.prompt for item in instrument.items()] + [trigger.prompt for trigger in instrument.triggers]
    heads = [instrument.title, instrument.banner, instrument.purpose, instrument.question, instrument.recall.words]
    return (
        heads + [text for _, text in instrument.titles] + [s.title for s in instrument.sections()] + prompts + options
    )


@EACH
def test_a_used_version_keeps_its_fingerprint(instrument: Instrument) -> None:
    assert used_versions()[f"{instrument.key} {instrument.version}"] == instrument.fingerprint


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
    """Answers that make the condition hold."""
    if isinstance(condition, AllOf):
        return {key: value for part in condition.parts for key, value in satisfying(instrument, part).items()}
    if isinstance(condition, Among):
        return {condition.item: condition.values[0]}
    kind = instrument.item(condition.item).answer
    if isinstance(kind, Choice):
        return {condition.item: next(o.code for o in kind.options if o.weight == condition.low)}
    assert isinstance(kind, WholeNumber)
    return {condition.item: condition.low}


def below(instrument: Instrument, condition: AtLeast | Among) -> dict[str, Any]:
    """Answers that just fail to make the condition hold."""
    kind = instrument.item(condition.item).answer
    if isinstance(condition, Among):
        others = (True, False) if isinstance(kind, YesNo) else getattr(kind, "codes", ())
        return {condition.item: next(each for each in others if each not in condition.values)}
    return satisfying(instrument, AtLeast(condition.item, condition.low - 1))


def leaves(condition: Condition) -> list[AtLeast | Among]:
    return [leaf for part in condition.parts for leaf in leaves(part)] if isinstance(condition, AllOf) else [condition]


@EACH
def test_every_trigger_can_fire_and_each_part_of_its_condition_is_needed(instrument: Instrument) -> None:
    for trigger in instrument.triggers:
        name = (trigger.rule, f"{instrument.key}.{trigger.item}")
        answers = satisfying(instrument, trigger.when)
        assert name in [(each.rule, each.item) for each in fired(instrument, answers)]
        for leaf in leaves(trigger.when):
            missed = answers | below(instrument, leaf)
            assert name not in [(each.rule, each.item) for each in fired(instrument, missed)]
