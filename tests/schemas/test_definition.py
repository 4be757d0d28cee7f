"""An instrument checks itself when it is built, and its fingerprint moves with every part of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from schemas.instruments.capture import ContactContext
from schemas.instruments.conditions import AllOf, Among, AtLeast, Trigger
from schemas.instruments.definition import (
    Cadence,
    Domain,
    Item,
    Recall,
    Scoring,
    Section,
    Status,
    canonical,
)
from schemas.instruments.kinds import Choice, MultiChoice, Option, Text, WholeNumber, YesNo
from schemas.vocabulary import EventLevel
from tests.instruments import DOMAIN, EXTRA, small


def test_items_come_in_reading_order_with_follow_ups_after_their_item() -> None:
    assert [item.key for item in small().items()] == ["a", "b", "n", "y"]
    assert [item.key for item in small().scored_items()] == ["a", "b"]


def test_an_item_is_found_by_its_key_and_an_unknown_key_is_refused() -> None:
    assert small().item("y").answer == YesNo()
    assert small().has("y")
    with pytest.raises(KeyError):
        small().item("z")


def trigger(condition: AtLeast | Among | AllOf, item: str = "a") -> tuple[Trigger, ...]:
    return (Trigger("TR-1", item, condition, "Ask."),)


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"key": "two words"}, "plain code"),
        ({"version": "1.0"}, "of the form"),
        ({"version": "01.0.0"}, "of the form"),
        ({"extra": (EXTRA, EXTRA)}, "section 'x' occurs twice"),
        ({"extra": (Section("x", "Extra", (Item("a", "Again", YesNo()),)),)}, "item 'a' occurs twice"),
        ({"titles": ((ContactContext.TOGETHER, "A"), (ContactContext.TOGETHER, "B"))}, "occurs twice"),
        ({"scoring": None}, "come together"),
        ({"domains": ()}, "come together"),
        ({"scoring": Scoring(2, ("low", "middle", "high"))}, "without an answer"),
        ({"scoring": Scoring(-1, ("low", "middle", "high"))}, "0 or more"),
        ({"scoring": Scoring(1, ("low", "high"))}, "one option for each anchor"),
        ({"domains": (Domain("d", "D", (Item("a", "Yes?", YesNo()), DOMAIN.items[1])),)}, "one option for each anchor"),
        ({"triggers": trigger(AtLeast("a", 2), item="z")}, "which is no item"),
        ({"triggers": trigger(AtLeast("z", 2))}, "which is no item"),
        ({"triggers": trigger(AtLeast("a", 3))}, "can never hold"),
        ({"triggers": trigger(AtLeast("n", 11))}, "can never hold"),
        ({"triggers": trigger(AtLeast("y", 1))}, "can never hold"),
        ({"triggers": trigger(Among("a", ("9",)))}, "can never hold"),
        ({"triggers": trigger(Among("y", ("yes",)))}, "can never hold"),
        ({"triggers": trigger(Among("a", ()))}, "can never hold"),
        ({"triggers": trigger(AllOf(()))}, "always hold"),
        ({"triggers": trigger(AllOf((AtLeast("a", 1), AtLeast("a", 3))))}, "can never hold"),
    ],
)
def test_a_definition_that_contradicts_itself_is_refused(changed: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        small(**changed)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Choice(()),
        lambda: Choice((Option("1", "a"), Option("1", "b"))),
        lambda: MultiChoice((Option("1", "a"),), alone=("2",)),
        lambda: Option("a b", "label"),
        lambda: Option("a", "  "),
        lambda: WholeNumber(3, 3),
        lambda: Text(0),
        lambda: Item("a", " ", YesNo()),
        lambda: Item("", "Prompt", YesNo()),
        lambda: Section("s", "Section", ()),
        lambda: Section("s s", "Section", DOMAIN.items),
    ],
)
def test_a_part_that_contradicts_itself_is_refused(build: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        build()


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Small Log"},
        {"question": "How much then?"},
        {"recall": Recall(14, "In the last 7 days")},
        {"status": Status.ACTIVE},
        {"scoring": Scoring(0, ("low", "middle", "high"))},
        {"triggers": trigger(AtLeast("a", 1))},
        {"triggers": (Trigger("TR-1", "a", AtLeast("a", 2), "Ask.", EventLevel.NEXT),)},
        {"cadence": Cadence(7, overdue_days=30)},
        {"extra": ()},
        {"once": (Section("o", "Once", (Item("t", "Text", Text(10)),)),)},
        {"titles": ((ContactContext.TOGETHER, "Log"),)},
        {"domains": (replace(DOMAIN, items=DOMAIN.items[::-1]),)},
    ],
)
def test_the_fingerprint_moves_with_every_part(changed: dict[str, Any]) -> None:
    assert small(**changed).fingerprint != small().fingerprint


def test_the_same_definition_built_twice_is_equal_and_has_one_fingerprint() -> None:
    assert small() == small()
    assert small().fingerprint == small().fingerprint
    assert len({small(), small()}) == 1


def test_empty_optional_fields_stay_out_of_the_fingerprint_and_house_numbers_stay_in() -> None:
    assert canonical(Item("a", "First", YesNo())) == {
        "is": "Item",
        "key": "a",
        "prompt": "First",
        "answer": {"is": "YesNo"},
    }
    assert canonical(Cadence(7)) == {
        "is": "Cadence",
        "days": 7,
        "remind_days": 21,
        "overdue_days": 28,
        "overdue_sessions": 4,
        "overlap_days": 5,
    }


def test_a_title_may_depend_on_how_things_stand_with_the_other_person() -> None:
    titled = small(titles=((ContactContext.TOGETHER, "Other title"),))
    assert titled.title_for(ContactContext.TOGETHER) == "Other title"
    assert titled.title_for(ContactContext.UNSURE) == "Small log"
    assert titled.title_for(None) == "Small log"
