"""A small instrument to build on, and a hypothesis strategy for answers to any instrument."""

from typing import Any, assert_never

from hypothesis import strategies as st

from schemas.instruments.answer import Answers, Value
from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import (
    AtLeast,
    Cadence,
    Domain,
    Informant,
    Instrument,
    Item,
    Recall,
    Scoring,
    Section,
    Status,
    Trigger,
    Validation,
)
from schemas.instruments.kinds import AnswerKind, Choice, MultiChoice, Text, WholeNumber, YesNo, scale

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
            return st.sampled_from(kind.codes)
        case MultiChoice():
            return _several(kind)
        case WholeNumber():
            return st.integers(kind.low, kind.high)
        case Text():
            return st.text(_PRINTABLE, min_size=1, max_size=kind.max_length).filter(str.strip)
        case YesNo():
            return st.booleans()
        case _:
            assert_never(kind)


def _several(kind: MultiChoice) -> st.SearchStrategy[Value]:
    together = [code for code in kind.codes if code not in kind.alone]
    many = st.lists(st.sampled_from(together), min_size=1, unique=True).map(tuple)
    return st.one_of(many, *(st.just((code,)) for code in kind.alone))


def answers_to(instrument: Instrument) -> st.SearchStrategy[Answers]:
    """Answers in which every item may hold a value, any kind of non-answer, or be missing."""
    entries = {item.key: values_of(item.answer) | st.sampled_from(NonAnswer) for item in instrument.items()}
    return st.fixed_dictionaries({}, optional=entries)
