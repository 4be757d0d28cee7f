"""A partner or relative who interprets or holds the pen stops the clinician; nobody else does."""

from itertools import product

import pytest

from schemas.instruments.capture import CaptureChannel, CaptureContext, Interpreter, PenHolder
from service.domain.capture import INTERPRETER_WARNING, PEN_WARNING, stop_warnings

CLOSE = {"partner", "relative"}


@pytest.mark.parametrize(("pen", "interpreter"), product(PenHolder, Interpreter))
def test_only_someone_close_raises_a_stop_warning(pen: PenHolder, interpreter: Interpreter) -> None:
    warnings = stop_warnings(CaptureContext(CaptureChannel.IN_PERSON, held_pen=pen, interpreter=interpreter))
    assert (INTERPRETER_WARNING in warnings) == (interpreter.value in CLOSE)
    assert (PEN_WARNING in warnings) == (pen.value in CLOSE)
    assert len(warnings) == (interpreter.value in CLOSE) + (pen.value in CLOSE)
