"""What the store keeps of a form comes back as the same value."""

import json

import pytest

from schemas.instruments import INSTRUMENTS
from schemas.instruments.definition import Instrument, canonical
from schemas.instruments.restoring import restored
from tests.forms import read_samples

SAMPLES = {each.key: each for each in read_samples()}


@pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda each: each.key)
def test_an_instrument_of_the_shelf_comes_back_equal(instrument: Instrument) -> None:
    again = restored(json.loads(json.dumps(canonical(instrument))))
    assert again == instrument
    assert again.fingerprint == instrument.fingerprint
    assert canonical(again) == canonical(instrument)


@pytest.mark.parametrize("key", SAMPLES)
def test_an_imported_form_comes_back_equal(key: str) -> None:
    again = restored(json.loads(json.dumps(canonical(SAMPLES[key]))))
    assert again == SAMPLES[key]
    assert again.fingerprint == SAMPLES[key].fingerprint
    assert canonical(again) == canonical(SAMPLES[key])


@pytest.mark.parametrize("data", [None, [], {"is": "Item"}, {"is": "Popen"}, {"is": "Decimal", "text": "1"}])
def test_what_is_no_instrument_is_refused(data: object) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        restored(data)
