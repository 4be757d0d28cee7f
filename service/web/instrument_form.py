"""An instrument as a form to draw: one function for how an answer kind looks. Reading what was posted is
instrument_answers.py.

Rule: nothing is chosen beforehand but what an imported form itself offers, and every question can be skipped in five
ways. Of an imported form only the questions that are asked with the answers so far are drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from schemas.instruments.answer import Answer
from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Item, Section
from schemas.instruments.kinds import (
    OWN_WORDS,
    AnswerKind,
    Choice,
    Day,
    DecimalNumber,
    Group,
    Many,
    Moment,
    MultiChoice,
    Note,
    Option,
    Quantity,
    Rows,
    Text,
    TimeOfDay,
    WholeNumber,
    YesNo,
)
from schemas.instruments.rules import Rules
from service.domain.enabling import place
from service.guard import current_practice
from service.web import times
from service.web.instrument_answers import SKIP_MARK, Texts, texts_of

SKIPS = tuple((str(reason), reason.label) for reason in NonAnswer)
ROW_LONGEST = 6
LIST_LONGEST = 12
SCALE_WIDEST = 10
SHORT_TEXT = 200
YES_NO = (("yes", "", "yes"), ("no", "", "no"))
NO_RULES = Rules()
_DROPS = frozenset({"drop-down", "autocomplete", "lookup"})


@dataclass(frozen=True)
class Look:
    """How a kind is drawn. `control`: row, scale, list, drop, boxes, number, decimal, amount, day, moment, time, line,
    lines, several, heading, words or rows; options: (code, digit, words). `own`: room for words of one's own.
    """

    control: str
    options: tuple[tuple[str, str, str], ...] = ()
    low: int | str = 0
    high: int | str = 0
    unit: str = ""
    own: int = 0

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """(code, words) for lists and boxes."""
        return tuple((code, words) for code, _, words in self.options)

    @property
    def holds_skips(self) -> bool:
        """Whether a skip is one more choice of the same row."""
        return self.control in ("row", "scale")


@dataclass(frozen=True)
class Filled:
    """What a form shows: texts by place, the chosen skip by place, what is wrong by field name. `asked` holds the
    places that are drawn, None for all.
    """

    texts: Texts
    skips: Mapping[str, str]
    errors: Mapping[str, str]
    asked: frozenset[str] | None = None


@dataclass(frozen=True)
class Row:
    """One row of a repeated group."""

    number: str
    questions: tuple["Question", ...]


@dataclass(frozen=True)
class Question:
    """One item ready to be drawn. `key` is its place; `fixed` ones are shown, not answered."""

    key: str
    prompt: str
    look: Look
    values: tuple[str, ...]
    skip: str
    error: str
    follow_ups: tuple["Question", ...]
    rows: tuple[Row, ...] = ()
    rules: Rules = NO_RULES
    can_add: bool = False

    @property
    def name(self) -> str:
        return f"a.{self.key}"

    @property
    def value(self) -> str:
        return self.values[-1] if self.values else ""

    @property
    def own(self) -> str:
        """What a person wrote in place of an option."""
        return next((text.removeprefix(OWN_WORDS) for text in self.values if text.startswith(OWN_WORDS)), "")

    @property
    def fixed(self) -> bool:
        return self.rules.fixed

    @property
    def shown(self) -> str:
        """A fixed value as it reads."""
        told = {code: words for code, _, words in self.look.options}
        return "; ".join(told.get(text, text) for text in self.values)


@dataclass(frozen=True)
class Sheet:
    """The questions under one heading. `scored` ones count as progress."""

    key: str
    title: str
    questions: tuple[Question, ...]


def look_of(kind: AnswerKind) -> Look:
    """What the control of each kind looks like."""
    match kind:
        case Choice():
            return _choice_look(kind)
        case MultiChoice():
            return Look("boxes", _options(kind.options), own=kind.open_length)
        case WholeNumber():
            return _number_look(kind)
        case Text():
            return Look("line" if kind.max_length <= SHORT_TEXT else "lines", high=kind.max_length)
        case YesNo():
            return Look("row", YES_NO)
        case DecimalNumber():
            return Look("decimal", unit=kind.unit)
        case Quantity():
            return Look("amount", _options(kind.units))
        case Day():
            return Look("line", high=10) if kind.partial else Look("day", low=kind.low, high=kind.high)
        case Moment():
            return Look("moment")
        case TimeOfDay():
            return Look("time")
        case Many():
            return Look("several", high=4_000)
        case Group():
            return Look("heading")
        case Note():
            return Look("words")
        case Rows():
            return Look("rows")
        case _:
            assert_never(kind)


def _choice_look(kind: Choice) -> Look:
    options = _options(kind.options)
    control = "row" if len(options) <= ROW_LONGEST else "list" if len(options) <= LIST_LONGEST else "drop"
    return Look(control, options, own=kind.open_length)


def _options(options: Sequence[Option]) -> tuple[tuple[str, str, str], ...]:
    """Digits stand only where they count."""
    return tuple((each.code, "" if each.weight is None else str(each.weight), each.label) for each in options)


def _number_look(kind: WholeNumber) -> Look:
    """A row of digits where it fits, else a number to type."""
    if kind.high - kind.low > SCALE_WIDEST:
        return Look("number", low=kind.low, high=kind.high, unit=kind.unit)
    digits = tuple((str(each), str(each), "") for each in range(kind.low, kind.high + 1))
    return Look("scale", digits, kind.low, kind.high, kind.unit)


def sheets(sections: Sequence[Section], filled: Filled) -> tuple[Sheet, ...]:
    return tuple(Sheet(section.key, section.title, _questions(section.items, filled, "")) for section in sections)


def _questions(items: Sequence[Item], filled: Filled, at: str) -> tuple[Question, ...]:
    return tuple(_question(item, filled, at) for item in items if _is_drawn(item, filled, at))


def _is_drawn(item: Item, filled: Filled, at: str) -> bool:
    is_hidden = item.rules is not None and item.rules.hidden
    return not is_hidden and (filled.asked is None or place(at, item.key) in filled.asked)


def _question(item: Item, filled: Filled, at: str) -> Question:
    rules, here = item.rules or NO_RULES, place(at, item.key)
    look = _as_wished(look_of(item.answer), rules)
    skip = filled.skips.get(here, "")
    texts = tuple(_for_control(look, text) for text in filled.texts.get(here, ()))
    is_rows = isinstance(item.answer, Rows)
    rows = _rows(item, filled, here) if is_rows else ()
    return Question(
        key=here,
        prompt=f"{rules.prefix} {item.prompt}".strip(),
        look=look,
        values=(f"{SKIP_MARK}{skip}",) if skip and look.holds_skips else texts,
        skip=skip,
        error=filled.errors.get(f"a.{here}", ""),
        follow_ups=() if is_rows else _questions(item.follow_ups, filled, at),
        rows=rows,
        rules=rules,
        can_add=isinstance(item.answer, Rows) and len(rows) < item.answer.most,
    )


def _as_wished(look: Look, rules: Rules) -> Look:
    """An imported form may want a list that opens."""
    return replace(look, control="drop") if rules.control in _DROPS and look.control in ("row", "list") else look


def _for_control(look: Look, text: str) -> str:
    """A stored moment in the practice's own time; what was typed stays as it is."""
    if look.control != "moment" or not text[19:]:
        return text[:5] if look.control == "time" else text
    return times.for_input(datetime.fromisoformat(text), current_practice().zone)


def _rows(item: Item, filled: Filled, here: str) -> tuple[Row, ...]:
    """One empty row where there is none yet."""
    numbers = filled.texts.get(here, ()) or ("0",)
    return tuple(Row(number, _questions(item.follow_ups, filled, place(here, number))) for number in numbers)


def settled(questions: Sequence[Question]) -> int:
    """How many of them are answered or skipped."""
    return sum(1 for each in questions if each.values or each.skip)


def words_of(item: Item, answer: Answer) -> str:
    """An answer as it reads: words of the options, the kind of skip, or what was typed."""
    if isinstance(answer, NonAnswer):
        return answer.label
    look = look_of(item.answer)
    told = {code: f"{digit} {words}".strip() for code, digit, words in look.options}
    shown = "; ".join(told.get(text, text).removeprefix(OWN_WORDS) for text in _told_texts(look, answer))
    return f"{shown} {look.unit.removesuffix('s') if shown == '1' else look.unit}".strip()


def _told_texts(look: Look, answer: Answer) -> tuple[str, ...]:
    texts = texts_of(answer)
    if look.control == "moment":
        return tuple(times.moment(datetime.fromisoformat(text), current_practice().zone) for text in texts)
    if look.control == "amount":
        units = dict(look.pairs)
        return (" ".join(units.get(text, text) for text in texts).strip(),)
    return texts
