"""Answers -> the trigger rules they set off, read off the definition's own data (domain model, section 2.6).

A trigger fires on single answers, whether or not there is a score. A non-answer fires nothing: what to do about an item
that was declined or not asked is decided by the instrument's own rules, not here. Opening the safety event is the
caller's work.
"""

from dataclasses import dataclass
from typing import assert_never

from schemas.instruments.answer import Answers, answer_to, value_of
from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import AllOf, Among, AtLeast, Condition, Instrument
from schemas.vocabulary import EventLevel
from service.domain.scoring import weight_of


@dataclass(frozen=True)
class FiredTrigger:
    """`item` is qualified (`wsl.E2`); `level` is the response to open, None for a prompt only."""

    rule: str
    item: str
    level: EventLevel | None
    prompt: str


def fired(instrument: Instrument, answers: Answers, *, background: Answers | None = None) -> tuple[FiredTrigger, ...]:
    """Every trigger that holds, in the order of the definition.

    `background` holds what was told in the once-only items at an earlier sitting. An answer given now goes before it, a
    non-answer given now does not: what was told once is not taken back by skipping the question.
    """
    once = {item.key for section in instrument.once for item in section.walk()}
    told = {key: answer for key, answer in (background or {}).items() if key in once}
    known = told | {key: answer for key, answer in answers.items() if not isinstance(answer, NonAnswer)}
    return tuple(
        FiredTrigger(trigger.rule, f"{instrument.key}.{trigger.item}", trigger.opens, trigger.prompt)
        for trigger in instrument.triggers
        if holds(instrument, trigger.when, known)
    )


def holds(instrument: Instrument, condition: Condition, answers: Answers) -> bool:
    match condition:
        case AtLeast():
            weight = weight_of(instrument.item(condition.item).answer, answer_to(answers, condition.item))
            return weight is not None and weight >= condition.low
        case Among():
            return value_of(answers, condition.item) in condition.values
        case AllOf():
            return all(holds(instrument, part, answers) for part in condition.parts)
        case _:
            assert_never(condition)
