"""What follows from how a form was filled in: warnings that ask the clinician to stop and think before going on.

Source: domain model, sections 0.3 and 2.1. The reader who must never gain from the record is the other person, and the
one who writes or interprets hears every answer.
"""

from schemas.instruments.capture import CaptureContext, Interpreter, PenHolder

_CLOSE_INTERPRETERS = (Interpreter.PARTNER, Interpreter.RELATIVE)
_CLOSE_PEN_HOLDERS = (PenHolder.PARTNER, PenHolder.RELATIVE)

INTERPRETER_WARNING = (
    "Stop: a partner or relative is interpreting. Use a professional interpreter, "
    "or leave these questions for another time."
)
PEN_WARNING = (
    "Stop: a partner or relative is filling in the answers. See the client alone, "
    "or leave these questions for another time."
)


def stop_warnings(context: CaptureContext) -> tuple[str, ...]:
    """The warnings for this context, in the order in which to show them; empty when none applies."""
    warnings = (
        (context.interpreter in _CLOSE_INTERPRETERS, INTERPRETER_WARNING),
        (context.held_pen in _CLOSE_PEN_HOLDERS, PEN_WARNING),
    )
    return tuple(text for applies, text in warnings if applies)
