"""Imported forms as values, for tests that need no file."""

from decimal import Decimal

from schemas.instruments.definition import Informant, Instrument, Item, Recall, Section, Status, Validation
from schemas.instruments.kinds import (
    Choice,
    Coding,
    Day,
    DecimalNumber,
    Group,
    Many,
    Moment,
    MultiChoice,
    Note,
    Option,
    Plain,
    Quantity,
    Rows,
    Text,
    TimeOfDay,
    WholeNumber,
    YesNo,
)
from schemas.instruments.rules import Operator, Origin, Rules, Shown, Test

NO_RULES = Rules()
BOTHER = tuple(
    Option(code, words, weight, Coding("http://example.org/bother", code, words))
    for code, words, weight in (("LA1", "no", 0), ("LA2", "some", 1), ("LA3", "much", Decimal("2.5")))
)
KILOGRAM = Option("kg", "kg", None, Coding("http://unitsofmeasure.org", "kg", "kg"))


def item(key: str, answer: object, *follow_ups: Item, rules: Rules = NO_RULES, link_id: str = "") -> Item:
    return Item(key, f"What about {key}?", answer, follow_ups=follow_ups, rules=rules, link_id=link_id)  # type: ignore[arg-type]


def shown_when(key: str, operator: str, value: object, *more: Test, any_of: bool = False) -> Rules:
    return Rules(shown=Shown((Test(key, Operator(operator), value), *more), any=any_of))  # type: ignore[arg-type]


def form(*items: Item, key: str = "form-1", results: tuple[str, ...] = ()) -> Instrument:
    return Instrument(
        key=key,
        version="1.0.0",
        title="A form from elsewhere",
        banner="Brought by the clinic.",
        purpose="Tests.",
        recall=Recall(0, ""),
        question="",
        licence="invented",
        informant=Informant.CLIENT,
        validation=Validation.EXTERNAL,
        status=Status.ACTIVE,
        extra=(Section("form", "Questions", items),),
        origin=Origin("http://example.org/forms/1", "3"),
        results=results,
    )


EVERY_KIND = form(
    item("choice", Choice(BOTHER)),
    item("open", Choice(BOTHER, open_length=40)),
    item(
        "words", MultiChoice((Option("o1", "tea", None, Plain("string", "tea")), Option("o2", "soup")), open_length=40)
    ),
    item("whole", WholeNumber(-5, 500)),
    item("decimal", DecimalNumber(Decimal(0), Decimal(100), 2)),
    item("weight", Quantity((KILOGRAM,))),
    item("count", Quantity()),
    item("day", Day()),
    item("part", Day(partial=True)),
    item("moment", Moment()),
    item("time", TimeOfDay()),
    item("text", Text(200), item("why", Text(4_000))),
    item("link", Text(400, link=True), link_id="/a/link one"),
    item("yes", YesNo()),
    item("days", Many(Day(), most=3)),
    item("read", Note()),
    item("group", Group(), item("inner", WholeNumber(0, 9), item("deeper", YesNo()))),
    item("people", Rows(most=3), item("name", Text(80)), item("pets", Rows(), item("pet", Text(80)))),
)
