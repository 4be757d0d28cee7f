"""A posted form of an instrument -> answers, and answers -> the texts that a form shows.

A question is named `a.<place>`: its key, and inside a repeated group the way to it (`children~1~age`). A group that is
repeated posts the numbers of its rows under its own name. Where the answers are a row of choices, a skip is one more
choice of it (`skip:<reason>`), else it has a group of its own, `skip.<place>`.
Rule: an answer beside a skip is refused; nothing is guessed.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, assert_never

from marshmallow import ValidationError

from schemas.answers import load_answers
from schemas.instruments.answer import Answer, Answers
from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Instrument, Item
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
    Quantity,
    Rows,
    Text,
    TimeOfDay,
    WholeNumber,
    YesNo,
)
from schemas.instruments.value import Amount
from schemas.payload import flat
from service.domain.enabling import place
from service.errors import Invalid
from service.guard import current_practice
from service.web import times

SKIP_MARK = "skip:"
LOOK_AGAIN = "Some answers need another look."
BOTH = "Give an answer or a reason for skipping, not both."
UNKNOWN = "There is no such question."
Texts = Mapping[str, Sequence[str]]
Skips = Mapping[str, str]


def parted(posted: Texts, skips: Skips) -> tuple[dict[str, list[str]], dict[str, str]]:
    """What a form posted as (texts, skips): a skip that stood in a row goes to the others."""
    in_rows = {key: _last(texts).removeprefix(SKIP_MARK) for key, texts in posted.items() if _is_skip(texts)}
    texts = {key: list(texts) for key, texts in posted.items() if not _is_skip(texts) and any(texts)}
    return texts, {**{key: reason for key, reason in skips.items() if reason}, **in_rows}


def _is_skip(texts: Sequence[str]) -> bool:
    return _last(texts).startswith(SKIP_MARK)


def _last(texts: Sequence[str]) -> str:
    """The last that is not empty: beside a row of choices there may be a line for words of one's own."""
    return next((text for text in reversed(texts) if text), "")


def answers_of(instrument: Instrument, posted: Texts, skips: Skips, zone: str = "") -> Answers:
    """The answers in a posted form; what is neither answered nor skipped was not asked. Raises Invalid by field.

    Times of day with a date are read in `zone`, else in the practice's.
    """
    texts, skipped = parted(posted, skips)
    reader = _Reader(texts, skipped, zone)
    payload = reader.entries(instrument.tops(), "")
    wrong = dict.fromkeys(reader.both, BOTH)
    wrong |= {f"a.{at}": UNKNOWN for at in (*texts, *skipped) if at not in reader.seen}
    try:
        answers = load_answers(instrument, payload)
    except ValidationError as error:
        raise Invalid(LOOK_AGAIN, wrong | {f"a.{key}": words for key, words in flat(error.messages).items()}) from error
    if wrong:
        raise Invalid(LOOK_AGAIN, wrong)
    return answers


class _Reader:
    """Walks the form beside what was posted; `seen` are the places that the form knows, `both` the fields that hold an
    answer and a skip.
    """

    def __init__(self, texts: Texts, skips: Skips, zone: str) -> None:
        self.texts, self.skips, self.zone = texts, skips, zone
        self.seen: set[str] = set()
        self.both: list[str] = []

    def entries(self, items: Sequence[Item], at: str) -> dict[str, Any]:
        return dict(entry for item in items for entry in self._entries(item, at))

    def _entries(self, item: Item, at: str) -> Iterator[tuple[str, Any]]:
        here = place(at, item.key)
        self.seen.add(here)
        if isinstance(item.answer, Rows):
            yield from self._rows(item, here)
            return
        given = [text for text in self.texts.get(here, ()) if text]
        needed = 2 if isinstance(item.answer, Quantity) and item.answer.units else 1
        is_given = len(given) >= needed  # the unit is sent along whether or not there is a number
        if here in self.skips:
            self.both += [f"a.{here}"] if is_given else []
            yield item.key, {"skipped": self.skips[here]}
        elif is_given and not isinstance(item.answer, Group | Note):
            yield item.key, {"value": value_of_texts(item.answer, given, self.zone)}
        for each in item.follow_ups:
            yield from self._entries(each, at)

    def _rows(self, item: Item, here: str) -> Iterator[tuple[str, Any]]:
        """Rows that hold something; a row in which nothing was answered is none."""
        if here in self.skips:
            yield item.key, {"skipped": self.skips[here]}
            return
        rows = [self.entries(item.follow_ups, place(here, number)) for number in self.texts.get(here, ())]
        held = [row for row in rows if row]
        if held:
            yield item.key, {"value": held}


def value_of_texts(kind: AnswerKind, given: Sequence[str], zone: str = "") -> object:
    """Posted texts as the value of a kind; what does not fit is passed on, to be refused with its reason."""
    last = given[-1]
    match kind:
        case Choice():
            return _chosen(kind, _last(given))
        case MultiChoice():
            return [_chosen(kind, text) for text in given if text and text != OWN_WORDS]
        case WholeNumber():
            digits = last.removeprefix("-")
            return int(last) if digits.isascii() and digits.isdigit() and len(digits) < 11 else last
        case YesNo():
            return {"yes": True, "no": False}.get(last, last)
        case Quantity():
            return {"number": given[0].strip(), "unit": given[1] if len(given) > 1 else "".join(kind.codes[:1])}
        case Moment():
            return times.with_offset(last, zone or current_practice().zone)
        case TimeOfDay():
            return f"{last}:00" if len(last) == len("14:05") else last
        case Many():
            return [value_of_texts(kind.of, _parts(kind, line), zone) for line in _lines(given)]
        case Text() | Day():
            return last
        case DecimalNumber():
            return last.strip()
        case Group() | Note() | Rows():
            return last
        case _:
            assert_never(kind)


def _chosen(kind: Choice | MultiChoice, text: str) -> str:
    """An option's code; anything else is the person's own words, where the form takes them."""
    is_own = kind.open_length and text not in kind.codes and not text.startswith(OWN_WORDS)
    return f"{OWN_WORDS}{text}" if is_own else text


def _lines(given: Sequence[str]) -> list[str]:
    """Several answers to one question are typed one on each line."""
    return [line.strip() for text in given for line in text.splitlines() if line.strip()]


def _parts(kind: Many, line: str) -> list[str]:
    """The text of one answer; a number and its unit are parted by a space."""
    return line.split(None, 1) if isinstance(kind.of, Quantity) else [line]


def as_texts(answers: Answers) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Stored answers as a form holds them: texts, then skips."""
    texts: dict[str, tuple[str, ...]] = {}
    skips: dict[str, str] = {}
    for at, answer in _placed(answers, ""):
        if isinstance(answer, NonAnswer):
            skips[at] = str(answer)
        else:
            texts[at] = texts_of(answer)
    return texts, skips


def _placed(answers: Answers, at: str) -> Iterator[tuple[str, Answer]]:
    for key, answer in answers.items():
        yield place(at, key), answer
        for number, row in enumerate(answer if isinstance(answer, tuple) else ()):
            if isinstance(row, Mapping):
                yield from _placed(row, place(at, key, number))


def texts_of(answer: object) -> tuple[str, ...]:
    """One answer as the texts of its control; rows as their numbers."""
    match answer:
        case bool():
            return ("yes" if answer else "no",)
        case tuple():
            return tuple(_one_text(number, each) for number, each in enumerate(answer))
        case Amount():
            return (_plain(answer.number), answer.unit)
        case Decimal():
            return (_plain(answer),)
        case _:
            return (str(answer),)


def _one_text(number: int, value: object) -> str:
    return str(number) if isinstance(value, Mapping) else " ".join(texts_of(value)).strip()


def _plain(number: Decimal) -> str:
    return f"{number:f}"
