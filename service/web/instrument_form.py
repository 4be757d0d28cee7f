"""An instrument as a form, and the form as answers: one function for how an answer kind looks, one for how it reads.

A question is named `a.<item>`; where the answers are a row, a skip is one more choice of it (`skip:<reason>`), else it
has a group of its own, `skip.<item>`.
Rule: nothing is chosen beforehand, every question can be skipped in five ways, and an answer beside a skip is refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from marshmallow import ValidationError

from schemas.answers import load_answers
from schemas.instruments.answer import Answer, Answers
from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Instrument, Item, Section
from schemas.instruments.kinds import AnswerKind, Choice, MultiChoice, Option, Text, WholeNumber, YesNo
from schemas.payload import flat
from service.errors import Invalid

SKIPS = tuple((str(reason), reason.label) for reason in NonAnswer)
SKIP_MARK = "skip:"
ROW_LONGEST = 6
SCALE_WIDEST = 10
SHORT_TEXT = 200
LOOK_AGAIN = "Some answers need another look."
BOTH = "Give an answer or a reason for skipping, not both."
YES_NO = (("yes", "", "yes"), ("no", "", "no"))
Texts = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Look:
    """How a kind is drawn. `control`: row, scale, list, boxes, number, line or lines; options: (code, digit, words)."""

    control: str
    options: tuple[tuple[str, str, str], ...] = ()
    low: int = 0
    high: int = 0
    unit: str = ""

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
    """What a form shows: texts by item key, the chosen skip by item key, what is wrong by field name."""

    texts: Texts
    skips: Mapping[str, str]
    errors: Mapping[str, str]


@dataclass(frozen=True)
class Question:
    """One item ready to be drawn."""

    key: str
    prompt: str
    look: Look
    values: tuple[str, ...]
    skip: str
    error: str
    follow_ups: tuple["Question", ...]

    @property
    def name(self) -> str:
        return f"a.{self.key}"

    @property
    def value(self) -> str:
        return self.values[-1] if self.values else ""


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
            options = _options(kind.options)
            return Look("row" if len(options) <= ROW_LONGEST else "list", options)
        case MultiChoice():
            return Look("boxes", _options(kind.options))
        case WholeNumber():
            return _number_look(kind)
        case Text():
            return Look("line" if kind.max_length <= SHORT_TEXT else "lines", high=kind.max_length)
        case YesNo():
            return Look("row", YES_NO)
        case _:
            assert_never(kind)


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
    return tuple(
        Sheet(section.key, section.title, tuple(_question(item, filled) for item in section.items))
        for section in sections
    )


def _question(item: Item, filled: Filled) -> Question:
    look = look_of(item.answer)
    skip = filled.skips.get(item.key, "")
    texts = tuple(filled.texts.get(item.key, ()))
    return Question(
        key=item.key,
        prompt=item.prompt,
        look=look,
        values=(f"{SKIP_MARK}{skip}",) if skip and look.holds_skips else texts,
        skip=skip,
        error=filled.errors.get(f"a.{item.key}", ""),
        follow_ups=tuple(_question(each, filled) for each in item.follow_ups),
    )


def settled(questions: Sequence[Question]) -> int:
    """How many of them are answered or skipped."""
    return sum(1 for each in questions if each.values or each.skip)


def as_texts(answers: Answers) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Stored answers as a form holds them: texts, then skips."""
    texts = {key: _texts(answer) for key, answer in answers.items() if not isinstance(answer, NonAnswer)}
    return texts, {key: str(answer) for key, answer in answers.items() if isinstance(answer, NonAnswer)}


def _texts(answer: Answer) -> tuple[str, ...]:
    match answer:
        case bool():
            return ("yes" if answer else "no",)
        case tuple():
            return answer
        case _:
            return (str(answer),)


def parted(posted: Texts, skips: Mapping[str, str]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """What a form posted as (texts, skips): a skip that stood in a row goes to the others."""
    in_rows = {key: texts[-1].removeprefix(SKIP_MARK) for key, texts in posted.items() if _is_skip(texts)}
    texts = {key: list(texts) for key, texts in posted.items() if not _is_skip(texts) and any(texts)}
    return texts, {**{key: reason for key, reason in skips.items() if reason}, **in_rows}


def _is_skip(texts: Sequence[str]) -> bool:
    return bool(texts) and texts[-1].startswith(SKIP_MARK)


def answers_of(instrument: Instrument, posted: Texts, skips: Mapping[str, str]) -> Answers:
    """The answers in a posted form; what is neither answered nor skipped was not asked. Raises Invalid by field."""
    texts, skipped = parted(posted, skips)
    both = {f"a.{key}": BOTH for key in texts if key in skipped}
    payload = dict(_entries(instrument, texts)) | {key: {"skipped": reason} for key, reason in skipped.items()}
    try:
        answers = load_answers(instrument, payload)
    except ValidationError as error:
        raise Invalid(LOOK_AGAIN, both | {f"a.{key}": words for key, words in flat(error.messages).items()}) from error
    if both:
        raise Invalid(LOOK_AGAIN, both)
    return answers


def _entries(instrument: Instrument, texts: Texts) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, given in texts.items():
        kind = instrument.item(key).answer if instrument.has(key) else Text(1)
        yield key, {"value": _value(kind, given)}


def _value(kind: AnswerKind, given: Sequence[str]) -> object:
    """Posted texts as the value of a kind; what does not fit is passed on, to be refused with its reason."""
    match kind:
        case Choice() | Text():
            return given[-1]
        case MultiChoice():
            return list(given)
        case WholeNumber():
            return int(given[-1]) if given[-1].isascii() and given[-1].isdigit() and len(given[-1]) < 9 else given[-1]
        case YesNo():
            return {"yes": True, "no": False}.get(given[-1], given[-1])
        case _:
            assert_never(kind)


def words_of(item: Item, answer: Answer) -> str:
    """An answer as it reads: words of the options, the kind of skip, or what was typed."""
    if isinstance(answer, NonAnswer):
        return answer.label
    look = look_of(item.answer)
    told = {code: f"{digit} {words}".strip() for code, digit, words in look.options}
    shown = "; ".join(told.get(text, text) for text in _texts(answer))
    return f"{shown} {look.unit.removesuffix('s') if shown == '1' else look.unit}".strip()
