"""A small instrument to build on, and a hypothesis strategy for answers to any instrument."""

from collections.abc import Iterable
from datetime import date, time
from decimal import Decimal
from typing import Any, assert_never

from hypothesis import strategies as st

from schemas.instruments.answer import Answers, Value
from schemas.instruments.capture import NonAnswer
from schemas.instruments.conditions import AtLeast, Trigger
from schemas.instruments.definition import (
    Cadence,
    Domain,
    Informant,
    Instrument,
    Item,
    Recall,
    Scoring,
    Section,
    Status,
    Validation,
)
from schemas.instruments.kinds import (
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
    scale,
)
from schemas.instruments.value import Amount

ANCHORS = scale("none", "some", "much")
DOMAIN = Domain("d", "Domain", (Item("a", "First", ANCHORS), Item("b", "Second", ANCHORS)))
EXTRA = Section("x", "Extra", (Item("n", "Number", WholeNumber(0, 10), follow_ups=(Item("y", "Yes?", YesNo()),)),))


def small(**changed: Any) -> Instrument:
    """Two scored items, a number with a follow-up, one trigger; any part can be given anew."""
    given: dict[str, Any] = {
        "key": "small",
        "version": "1.0.0",
        "title": "Small log",
        "banner": "A log.",
        "purpose": "Testing.",
        "recall": Recall(7, "In the last 7 days"),
        "question": "How much?",
        "licence": "own",
        "informant": Informant.CLIENT,
        "validation": Validation.UN_NORMED,
        "status": Status.DRAFT,
        "domains": (DOMAIN,),
        "extra": (EXTRA,),
        "scoring": Scoring(1, ("low", "middle", "high")),
        "triggers": (Trigger("TR-1", "a", AtLeast("a", 2), "Ask."),),
        "cadence": Cadence(7),
    }
    return Instrument(**(given | changed))


_PRINTABLE = st.characters(exclude_categories=("Cc", "Cs"), include_characters="\n\t")


def values_of(kind: AnswerKind) -> st.SearchStrategy[Value]:
    """Every value that fits the kind."""
    match kind:
        case Choice():
            return st.sampled_from(kind.codes) | _own_words(kind)
        case MultiChoice():
            return _several(kind)
        case WholeNumber():
            return st.integers(kind.low, kind.high)
        case Text():
            characters = st.characters(exclude_categories=("C", "Z")) if kind.link else _PRINTABLE
            least = max(1, kind.min_length)
            return st.text(characters, min_size=least, max_size=min(kind.max_length, least + 40)).filter(str.strip)
        case YesNo():
            return st.booleans()
        case Day():
            low, high = (date.fromisoformat(text) if len(text) == 10 else None for text in (kind.low, kind.high))
            days = st.dates(low or date.min, high or date.max).map(str)
            return days | (days.map(lambda day: day[:7]) if kind.partial else st.nothing())
        case Moment():
            first, last = (
                date.fromisoformat(text[:10] or other) for text, other in _bounds(kind, "1900-01-01", "2100-01-01")
            )
            return st.dates(first, last).map(lambda day: f"{day}T12:00:00+00:00")
        case TimeOfDay():
            early, late = (time.fromisoformat(text or other) for text, other in _bounds(kind, "00:00:00", "23:59:59"))
            return st.times(early, late).map(lambda at: at.replace(microsecond=0).isoformat())
        case DecimalNumber():
            lowest = Decimal(-(10**9)) if kind.low is None else kind.low
            highest = Decimal(10**9) if kind.high is None else kind.high
            return st.decimals(lowest, highest, allow_nan=False, allow_infinity=False, places=kind.places or 0)
        case Quantity():
            return st.builds(Amount, values_of(kind.number), st.sampled_from(kind.codes or ("",)))
        case Many():
            return _many(kind)
        case Group() | Note() | Rows():
            raise NotImplementedError("this kind holds no answer of its own")
        case _:
            assert_never(kind)


def _bounds(kind: Moment | TimeOfDay, low: str, high: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (kind.low, low), (kind.high, high)


def _many(kind: Many) -> st.SearchStrategy[Any]:
    return st.lists(values_of(kind.of), min_size=1, max_size=min(3, kind.most)).map(tuple)


def _several(kind: MultiChoice) -> st.SearchStrategy[Value]:
    together = [code for code in kind.codes if code not in kind.alone]
    many = st.lists(st.sampled_from(together) | _own_words(kind), min_size=1, unique=True).map(tuple)
    return st.one_of(many, *(st.just((code,)) for code in kind.alone))


def answers_to(instrument: Instrument) -> st.SearchStrategy[Answers]:
    """Answers in which every item may hold a value, any kind of non-answer, or be missing."""
    return _answers_to(instrument.asked())


def _answers_to(items: Iterable[Item]) -> st.SearchStrategy[Answers]:
    return st.fixed_dictionaries({}, optional={item.key: _of(item) | st.sampled_from(NonAnswer) for item in items})


def _of(item: Item) -> st.SearchStrategy[Value]:
    if not isinstance(item.answer, Rows):
        return values_of(item.answer)
    rows, least = item.answer, item.answer.least
    return st.lists(_answers_to(item.inside()), min_size=max(1, least), max_size=min(max(2, least), rows.most)).map(
        tuple
    )


def _own_words(kind: Choice | MultiChoice) -> st.SearchStrategy[str]:
    """What a person writes in place of an option, where the form takes it."""
    if not kind.open_length:
        return st.nothing()
    words = st.text(_PRINTABLE, min_size=1, max_size=min(20, kind.open_length)).filter(str.strip)
    return words.filter(lambda text: text not in kind.codes).map(lambda text: f"={text}")
