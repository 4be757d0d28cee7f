"""What an imported form asks of its answers before they are a response: nothing answered that is not asked, nothing
required left open. Own instruments require nothing: every item of theirs can be left.

Rule: a reason for skipping settles a required question, since nobody is made to answer.
"""

from collections.abc import Iterator

from schemas.instruments.answer import Answer, Answers
from schemas.instruments.definition import Instrument, Item
from schemas.instruments.kinds import Group, Many, MultiChoice, Note, Rows
from service.domain.enabling import answered, key_at

REQUIRED = "The form asks for an answer here. Answer, or choose a reason for skipping."
NOT_ASKED_NOW = "With these answers the form does not ask this."
WORKED_OUT = "The form works this out by itself."


def offered(instrument: Instrument) -> dict[str, Answer]:
    """The answers that the form itself offers when it is opened."""
    return {item.key: _initial(item) for item in instrument.asked() if item.rules and item.rules.initial}


def _initial(item: Item) -> Answer:
    values = item.rules.initial if item.rules else ()
    return values if isinstance(item.answer, MultiChoice | Many) else values[0]


def wrongly_answered(instrument: Instrument, answers: Answers, places: frozenset[str]) -> dict[str, str]:
    """place -> sentence for each answer to what is not asked, or to what the form works out."""
    found = {at: NOT_ASKED_NOW for at, _item, _answer in answered(instrument, answers) if at not in places}
    return found | {
        at: WORKED_OUT
        for at, item, _answer in answered(instrument, answers)
        if at in places and item.rules and item.rules.fixed
    }


def still_open(instrument: Instrument, answers: Answers, places: frozenset[str]) -> dict[str, str]:
    """place -> sentence for each required question that is asked and neither answered nor skipped."""
    given = {at for at, _item, _answer in answered(instrument, answers)}
    return {at: REQUIRED for at, item in _asked(instrument, places) if _is_needed(item) and at not in given}


def _is_needed(item: Item) -> bool:
    rules = item.rules
    is_question = not isinstance(item.answer, Group | Note | Rows)
    return is_question and rules is not None and rules.required and not rules.fixed


def _asked(instrument: Instrument, places: frozenset[str]) -> Iterator[tuple[str, Item]]:
    """(place, item) of all that is asked, inside rows too."""
    by_key = {item.key: item for item in instrument.items()}
    return ((at, by_key[key_at(at)]) for at in places)
