"""Files that no maker would write: whatever is changed in a form, the outcome is a reading."""

import random
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.instruments.definition import canonical
from schemas.instruments.restoring import restored
from service.fhir.importing.form import CONTRADICTION, Reading, read_form
from tests.forms import NAMES, PRACTICE, sample, to_bytes

ODD: tuple[Any, ...] = (
    3,
    True,
    None,
    [],
    {},
    "text",
    [1],
    {"a": 1},
    "",
    [[]],
    -1,
    1.5,
    "\u202e",
    "x" * 30_000,
    {"extension": [{}]},
)
CHANGES = 6


def places(value: object) -> Iterator[tuple[Any, Any]]:
    """Every (holder, key or index) of a document."""
    pairs: Iterator[tuple[Any, Any]] = iter(())
    if isinstance(value, Mapping):
        pairs = iter(value.items())
    elif isinstance(value, list):
        pairs = iter(enumerate(value))
    for key, inner in list(pairs):
        yield value, key
        yield from places(inner)


def changed(form: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The form with something replaced, taken away, doubled or moved in a few places."""
    for _ in range(CHANGES):
        holder, key = chance.choice([each for each in places(form) if each[1] != "resourceType"])
        others = [holder[at] for holder, at in places(form)]
        act = chance.randrange(4)
        if act == 0:
            holder[key] = chance.choice(ODD)
        elif act == 1:
            del holder[key]
        elif act == 2 and isinstance(holder, list):
            holder.append(holder[key])
        else:
            holder[key] = chance.choice([each for each in others if each is not form["item"]] or [1])
        if not isinstance(form.get("item"), list):
            return form
    return form


def check_outcome(reading: Reading) -> None:
    assert (reading.instrument is None) == bool(reading.refusals)
    assert all(each.words and not each.words.startswith(CONTRADICTION) for each in reading.findings)
    if reading.instrument is not None:
        assert restored(canonical(reading.instrument)) == reading.instrument


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_changed_form_leads_to_a_reading(name: str) -> None:
    chance = random.Random(name)
    for _ in range(40):
        try:
            data = to_bytes(changed(sample(name), chance))
        except (ValueError, RecursionError):
            continue
        check_outcome(read_form(data, PRACTICE))


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_bytes_of_any_kind_lead_to_a_refusal(data: bytes) -> None:
    assert read_form(data, PRACTICE).refusals


NAMED = sorted(
    """linkId type text item extension url valueCoding code display enableWhen question operator answerBoolean
    answerOption initial required repeats contained valueDecimal valueExpression expression _text prefix
    maxLength answerValueSet modifierExtension""".split()  # noqa: SIM905 - a list of names reads better so
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMED), inner, max_size=5),
    max_leaves=20,
)


@given(st.lists(JSON, min_size=1, max_size=3), JSON)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_json_of_any_shape_leads_to_a_reading(items: list[Any], other: Any) -> None:
    form = {"resourceType": "Questionnaire", "item": items, "contained": other, "extension": other}
    check_outcome(read_form(to_bytes(form), PRACTICE))
