"""An instrument as frozen data that knows none of its uses.

It checks itself when it is built and names itself by a fingerprint over everything in it. A used version never changes:
a change of wording, scale or scoring is a new major version, a new unscored item a minor one, a typing error a patch
(domain model, section 2.1).
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from decimal import Decimal
from functools import cached_property

from schemas.instruments.capture import ContactContext
from schemas.instruments.conditions import Condition, Output, Trigger, check_condition
from schemas.instruments.kinds import (
    CODE,
    LATER,
    AnswerKind,
    Choice,
    Coding,
    Rows,
    holds_answer,
    require,
    require_distinct,
)
from schemas.instruments.rules import Origin, Rules
from schemas.vocabulary import Coded, Relation

VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
_EMPTY: tuple[object, ...] = (None, (), "")


class Status(Coded):
    DRAFT = "draft", "Draft"
    ACTIVE = "active", "In use"
    RETIRED = "retired", "No longer used"


class Validation(Coded):
    """What is known about an instrument's worth as a measure."""

    UN_NORMED = "un_normed", "un-normed tracking log"
    UNSCORED = "unscored", "unscored clinical checklist"
    EXTERNAL = "external", "external, imported"


class Informant(Coded):
    CLIENT = "client", "client"
    CLIENT_WITH_CLINICIAN = "client_with_clinician", "clinician with client"
    CLINICIAN = "clinician", "clinician"


@dataclass(frozen=True)
class Item:
    """One question. `element` is the row of the content table it stands for; follow-ups are never scored.

    What is told in an item that `stays_home` goes into no export. Only imported forms have `rules`, a `link_id` (where
    the form's own name of the item is no plain code), more than one code, and items without words of their own.
    """

    key: str
    prompt: str
    answer: AnswerKind
    element: str | None = None
    code: Coding | None = None
    follow_ups: tuple["Item", ...] = ()
    rules: Rules | None = None
    link_id: str = ""
    more_codes: tuple[Coding, ...] = ()
    stays_home: bool = field(default=False, metadata=LATER)

    def __post_init__(self) -> None:
        require(CODE.fullmatch(self.key) is not None, f"item key {self.key!r} is not a plain code")
        require(self.rules is not None or bool(self.prompt.strip()), f"item {self.key!r} has no prompt")
        require(not isinstance(self.answer, Rows) or bool(self.follow_ups), f"item {self.key!r} repeats nothing")

    def walk(self) -> Iterator["Item"]:
        """The item, then its follow-ups, in reading order."""
        yield self
        for item in self.follow_ups:
            yield from item.walk()

    def asked(self) -> Iterator["Item"]:
        """The items with an answer of their own: this one and its follow-ups; what is in a row belongs to the rows."""
        if holds_answer(self.answer):
            yield self
        if not isinstance(self.answer, Rows):
            yield from self.inside()

    def inside(self) -> Iterator["Item"]:
        """The items with an answer among the follow-ups: those of one row, if this item is asked in rows."""
        for item in self.follow_ups:
            yield from item.asked()

    @property
    def name(self) -> str:
        """What the form itself calls the item."""
        return self.link_id or self.key


@dataclass(frozen=True)
class Section:
    """Items under one heading, not scored."""

    key: str
    title: str
    items: tuple[Item, ...]

    def __post_init__(self) -> None:
        require(CODE.fullmatch(self.key) is not None, f"section key {self.key!r} is not a plain code")
        require(bool(self.items), f"section {self.key!r} has no items")

    def walk(self) -> Iterator[Item]:
        """Every item with its follow-ups, in reading order."""
        for item in self.items:
            yield from item.walk()


@dataclass(frozen=True)
class Domain(Section):
    """A section whose own items (not their follow-ups) are added up."""


@dataclass(frozen=True)
class Recall:
    """The stretch of time that the questions are about."""

    days: int
    words: str


@dataclass(frozen=True)
class Scoring:
    """Each domain is the sum of its items, the total the sum of all domains, and the total needs every domain.

    `missing_allowed` items of a domain may lack an answer: the domain is then its number of items times the mean of the
    answered ones. `positions` are the words for a place on the instrument's own range, one for each anchor of the scale
    from 0 up.
    """

    missing_allowed: int
    positions: tuple[str, ...]


@dataclass(frozen=True)
class Module:
    """Sections that are taken up together: a response may hold one module and leave the others for another time.

    `only_if` must hold before any of it may be kept; what is `in_confidence` is never filled in on a device that the
    client holds alone, and over a distance only on one that was confirmed.
    """

    key: str
    title: str
    sections: tuple[str, ...]
    only_if: Condition | None = None
    in_confidence: bool = False


@dataclass(frozen=True)
class Quiet:
    """When nothing was told: `sentence` with {day} and {private} in it. The quiet answer is no unless named here."""

    sentence: str
    other_than_no: tuple[tuple[str, str | bool], ...]


@dataclass(frozen=True)
class Cadence:
    """How often it is meant to be filled in. The numbers are house defaults and may differ per case."""

    days: int
    remind_days: int = 21
    overdue_days: int = 28
    overdue_sessions: int = 4
    overlap_days: int = 5


@dataclass(frozen=True)
class Instrument:
    """One version of one form. `domains` are scored, `extra` is asked each time, `once` at the first time only.

    An imported form has an `origin`; its `results` are the items whose worked-out numbers are its scores.
    A form with `modules` is taken up by them. `stays_home` says why its responses leave in no export, and readers who
    stand to a case as `hidden_from` says never see a single response. Of a log that is `one_by_one` each response tells
    of something that happened once, so none is an earlier answer given again.
    """

    key: str
    version: str
    title: str
    banner: str
    purpose: str
    recall: Recall
    question: str
    licence: str
    informant: Informant
    validation: Validation
    status: Status
    domains: tuple[Domain, ...] = ()
    extra: tuple[Section, ...] = ()
    once: tuple[Section, ...] = ()
    scoring: Scoring | None = None
    triggers: tuple[Trigger, ...] = ()
    cadence: Cadence | None = None
    titles: tuple[tuple[ContactContext, str], ...] = ()
    origin: Origin | None = None
    results: tuple[str, ...] = ()
    modules: tuple[Module, ...] = ()
    outputs: tuple[Output, ...] = ()
    quiet: Quiet | None = None
    stays_home: str = ""
    hidden_from: tuple[Relation, ...] = ()
    one_by_one: bool = field(default=False, metadata=LATER)
    _items: dict[str, Item] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        require(CODE.fullmatch(self.key) is not None, f"instrument key {self.key!r} is not a plain code")
        require(VERSION.fullmatch(self.version) is not None, f"version {self.version!r} is not of the form 1.0.0")
        sections = self.sections()
        require_distinct([section.key for section in sections], "section")
        require_distinct([item.key for section in sections for item in section.walk()], "item")
        require_distinct([context.value for context, _ in self.titles], "title for")
        self._items.update((item.key, item) for item in self.items())
        require(all(key in self._items for key in self.results), "a result is an item of the instrument")
        _check_scoring(self)
        for trigger in self.triggers:
            about = trigger.item in self._items or trigger.item in [section.key for section in sections]
            require(about, f"{trigger.rule} is about {trigger.item!r}, which is no item")
        for condition in self.conditions():
            check_condition(condition, self.kind_of)
        _check_modules(self)

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def sections(self) -> tuple[Section, ...]:
        """Everything in reading order: scored, then extra, then asked once."""
        return (*self.domains, *self.extra, *self.once)

    def items(self) -> Iterator[Item]:
        """Every item with its follow-ups, in reading order."""
        for section in self.sections():
            yield from section.walk()

    def asked(self) -> Iterator[Item]:
        """Every item that has an entry of its own among the answers, in reading order."""
        for section in self.sections():
            for item in section.items:
                yield from item.asked()

    @cached_property
    def asked_by_key(self) -> Mapping[str, Item]:
        """The same by key; worked out once, since every stored answer is read with it."""
        return {item.key: item for item in self.asked()}

    def tops(self) -> tuple[Item, ...]:
        """The items that stand directly in a section, in reading order."""
        return tuple(item for section in self.sections() for item in section.items)

    def scored_items(self) -> tuple[Item, ...]:
        return self._scored

    @cached_property
    def _scored(self) -> tuple[Item, ...]:
        return tuple(item for domain in self.domains for item in domain.items)

    def item(self, key: str) -> Item:
        """Raises KeyError for a key that this version does not have."""
        return self._items[key]

    def has(self, key: str) -> bool:
        return key in self._items

    def kind_of(self, key: str) -> AnswerKind | None:
        return self._items[key].answer if key in self._items else None

    def conditions(self) -> Iterator[Condition]:
        """Every condition that the definition holds."""
        yield from (trigger.when for trigger in self.triggers)
        yield from (line.when for output in self.outputs for line in output.lines)
        yield from (module.only_if for module in self.modules if module.only_if is not None)

    def sections_of(self, modules: Collection[str]) -> tuple[Section, ...]:
        """The sections of these modules in reading order; all where the form has no modules."""
        wanted = {key for module in self.modules if module.key in modules for key in module.sections}
        return tuple(each for each in self.sections() if not self.modules or each.key in wanted)

    def title_for(self, context: ContactContext | None) -> str:
        return dict(self.titles).get(context, self.title) if context else self.title

    @property
    def major(self) -> int:
        return int(self.version.split(".", 1)[0])

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the canonical JSON of the whole definition; what a response pins beside the version."""
        text = json.dumps(canonical(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: object) -> object:
    """Plain JSON data for a definition or a part of one.

    Optional fields that are empty are left out, so that the classes can gain such fields without changing the
    fingerprint of a used version. Defaults that say something (numbers of days) are written, so that changing one does
    change it.
    """
    if is_dataclass(value):
        shown = [f for f in fields(value) if f.init and not (_may_be_silent(f) and getattr(value, f.name) == f.default)]
        return {"is": type(value).__name__} | {f.name: canonical(getattr(value, f.name)) for f in shown}
    if isinstance(value, tuple):
        return [canonical(part) for part in value]
    return {"is": "Decimal", "text": str(value)} if isinstance(value, Decimal) else value


def _may_be_silent(field: Field[object]) -> bool:
    return field.default is not MISSING and ("later" in field.metadata or field.default in _EMPTY)


def _check_scoring(instrument: Instrument) -> None:
    scoring = instrument.scoring
    require((scoring is None) == (not instrument.domains), "scoring and domains come together or not at all")
    if scoring is None:
        return
    require(scoring.missing_allowed >= 0, "the number of items that may be missing is 0 or more")
    for domain in instrument.domains:
        require(scoring.missing_allowed < len(domain.items), f"domain {domain.key!r} would be scored without an answer")
        for item in domain.items:
            _check_scored(item, len(scoring.positions))


def _check_scored(item: Item, anchors: int) -> None:
    kind = item.answer
    weights = [option.weight for option in kind.options] if isinstance(kind, Choice) else []
    require(
        weights == list(range(anchors)), f"scored item {item.key!r} needs one option for each anchor, counted from 0"
    )


def _check_modules(instrument: Instrument) -> None:
    sections = {section.key for section in instrument.sections()}
    require_distinct([module.key for module in instrument.modules], "module")
    for module in instrument.modules:
        require(set(module.sections) <= sections, f"module {module.key!r} names a section that is not there")
    taken = {key for module in instrument.modules for key in module.sections}
    require(not instrument.modules or taken == sections, "a form with modules has no section outside them")
    for key, _ in instrument.quiet.other_than_no if instrument.quiet else ():
        require(instrument.has(key), f"a quiet answer is given for {key!r}, which is no item")
