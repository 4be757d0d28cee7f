"""Answers -> the trigger rules they set off, read off the definition's own data (domain model, sections 2.5 and 2.6).

A trigger fires on single answers, whether or not there is a score. A non-answer is never read as a no: it fires nothing
unless the definition names the reason (`Skipped`), and what belongs to a module that was not taken up was not left out.
Opening the safety event is the caller's work.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import assert_never

from schemas.instruments import find
from schemas.instruments.answer import Answer, Answers, answer_to, answers_to
from schemas.instruments.beside import CourseSign, beside
from schemas.instruments.capture import ContactContext, NonAnswer
from schemas.instruments.conditions import (
    AllOf,
    Among,
    AnyOf,
    AtLeast,
    Condition,
    ContextIs,
    CountOf,
    NotAskedFor,
    Output,
    Skipped,
    Trigger,
    named_items,
)
from schemas.instruments.definition import Instrument, Item, Section
from schemas.instruments.kinds import Rows, Text, holds_answer
from schemas.vocabulary import EventLevel
from service.domain.scoring import weight_of
from service.domain.trend import Change

_URGENCY = {EventLevel.NOW: 3, EventLevel.TODAY: 2, EventLevel.NEXT: 1, None: 0}


@dataclass(frozen=True)
class FiredTrigger:
    """`item` is qualified (`wsl.E2`); `level` is the response to open, None for a prompt only. `behind` is what was
    answered, to tell an unchanged answer from another.
    """

    rule: str
    item: str
    level: EventLevel | None
    prompt: str
    behind: str = ""


@dataclass(frozen=True)
class Around:
    """What stands beside a response: how things stand, the standing answers of the other instruments by key, and how
    many days ago something of a section (`sfs.danger`) was last asked.
    """

    context: ContactContext | None = None
    others: Mapping[str, Answers] = field(default_factory=dict)
    days_since: Mapping[str, int] = field(default_factory=dict)


NOTHING_AROUND = Around()


@dataclass(frozen=True)
class Known:
    """All that a condition may be asked of. `taken_up` are the sections of this sitting, `own` is what stands of this
    instrument: what was told earlier, with this sitting's answers in its place.
    """

    instrument: Instrument
    answers: Answers
    taken_up: frozenset[str]
    around: Around
    own: Answers


def fired(
    instrument: Instrument, answers: Answers, *, background: Answers | None = None, around: Around = NOTHING_AROUND
) -> tuple[FiredTrigger, ...]:
    """Every trigger that holds, in the order of the definition; of several responses about one item the most pressing.

    `background` holds what was told in the once-only items at an earlier sitting. An answer given now goes before it, a
    non-answer given now does not: what was told once is not taken back by skipping the question. A trigger about such
    an item itself fires in the sitting in which it was told.
    """
    known = known_of(instrument, answers, background=background, around=around)
    held = [
        trigger
        for trigger in instrument.triggers
        if holds(known, trigger.when) and answer_to(known.answers, trigger.item) == answer_to(answers, trigger.item)
    ]
    most: dict[str, int] = {}
    for trigger in held:
        most[trigger.item] = max(most.get(trigger.item, 0), _URGENCY[trigger.opens])
    return tuple(
        FiredTrigger(
            rule=trigger.rule,
            item=f"{instrument.key}.{trigger.item}",
            level=trigger.opens,
            prompt=trigger.prompt,
            behind=_behind(known, trigger),
        )
        for trigger in held
        if trigger.opens is None or _URGENCY[trigger.opens] == most[trigger.item]
    )


def fired_by_course(instrument: Instrument, changes: Iterable[Change]) -> tuple[FiredTrigger, ...]:
    """The rules on a course that hold for one of its series at least: each once, a prompt and never an event."""
    found = tuple(changes)
    return tuple(
        FiredTrigger(each.rule, instrument.key, None, each.prompt)
        for each in beside(instrument).course
        if any(_shows(change, each.sign) for change in found)
    )


def _shows(change: Change, sign: CourseSign) -> bool:
    match sign:
        case CourseSign.RAISED:
            return change.review
        case _:
            assert_never(sign)


def told_by(
    instrument: Instrument, answers: Answers, *, around: Around = NOTHING_AROUND
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(title, lines) of what a form without a score gives back, titles without lines left out."""
    known = known_of(instrument, answers, around=around)
    found = ((output.title, _lines(known, output)) for output in instrument.outputs)
    return tuple((title, lines) for title, lines in found if lines)


def _lines(known: Known, output: Output) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.words for line in output.lines if holds(known, line.when)))


def known_of(
    instrument: Instrument, answers: Answers, *, background: Answers | None = None, around: Around = NOTHING_AROUND
) -> Known:
    once = {item.key for section in instrument.once for item in section.walk()}
    told = {
        key: answer
        for key, answer in (background or {}).items()
        if key in once and not isinstance(answer, NonAnswer) and isinstance(answer_to(answers, key), NonAnswer)
    }
    taken = frozenset(section.key for section in taken_up(instrument, answers))
    now = {key: answer for key, answer in answers.items() if not isinstance(answer, NonAnswer)}
    return Known(instrument, {**answers, **told}, taken, around, {**(background or {}), **now})


def taken_up(instrument: Instrument, answers: Answers) -> tuple[Section, ...]:
    """The sections that this sitting is about: all of them, or those of a form with modules of which something stands
    in the answers, be it "not asked".
    """
    return tuple(
        section
        for section in instrument.sections()
        if not instrument.modules or any(item.key in answers for item in section.walk())
    )


def holds(known: Known, condition: Condition) -> bool:
    match condition:
        case AtLeast():
            return _weighs(known, condition)
        case Among():
            return _is_among(known, condition)
        case Skipped():
            return _is_skipped(known, condition)
        case CountOf():
            count = sum(_is_among(known, Among(item, condition.values)) for item in condition.items)
            return count >= condition.at_least and (condition.at_most is None or count <= condition.at_most)
        case ContextIs():
            return known.around.context in condition.contexts
        case NotAskedFor():
            days = known.around.days_since.get(condition.section)
            return days is None or days > condition.days
        case AllOf():
            return all(map(partial(holds, known), condition.parts))
        case AnyOf():
            return any(map(partial(holds, known), condition.parts))
        case _:
            assert_never(condition)


def _found(known: Known, name: str) -> tuple[Instrument, str, tuple[Answer, ...]]:
    """Whose item it is, its key there, and the answers, one for each row that asks it: this sitting's, or for a name
    with an instrument's key before it what stands of that instrument.
    """
    if known.instrument.has(name):
        return known.instrument, name, answers_to(known.answers, name)
    key, _, item = name.partition(".")
    if key == known.instrument.key:
        return known.instrument, item, answers_to(known.own, item)
    return find(key), item, answers_to(known.around.others.get(key, {}), item)


def _weighs(known: Known, condition: AtLeast) -> bool:
    instrument, key, answers = _found(known, condition.item)
    weights = (weight_of(instrument.item(key).answer, each) for each in answers)
    return any(weight is not None and weight >= condition.low for weight in weights)


def _is_among(known: Known, condition: Among) -> bool:
    _instrument, _key, answers = _found(known, condition.item)
    given = (one for each in answers for one in (each if isinstance(each, tuple) else (each,)))
    return any(each in condition.values for each in given if not isinstance(each, NonAnswer))


def _is_skipped(known: Known, condition: Skipped) -> bool:
    instrument, key, answers = _found(known, condition.item)
    if not any(each in condition.reasons for each in answers):
        return False
    section = next(each for each in instrument.sections() if any(item.key == key for item in each.walk()))
    return instrument is not known.instrument or section.key in known.taken_up


def _behind(known: Known, trigger: Trigger) -> str:
    """The answers behind a trigger: those to the whole question it is about, free text left out, and to every item that
    its condition names. Any other answer among them makes it another answer.
    """
    walked = _question(known.instrument.tops(), trigger.item)
    asked = (item.key for item in walked if not isinstance(item.answer, Text | Rows))
    names = dict.fromkeys((*asked, *named_items(trigger.when)))
    return "; ".join(f"{name}={' / '.join(map(_plain, _found(known, name)[2]))}" for name in names)


def _question(items: tuple[Item, ...], key: str) -> tuple[Item, ...]:
    """The question that holds this item, with what is asked further; nothing for a whole section or a heading."""
    for item in items:
        walked = tuple(item.walk())
        if any(each.key == key for each in walked):
            return walked if holds_answer(item.answer) else _question(item.follow_ups, key)
    return ()


def _plain(answer: Answer) -> str:
    """Options in an order of their own: the order in which they were ticked says nothing."""
    return ", ".join(sorted(map(str, answer))) if isinstance(answer, tuple) else str(answer)
