"""One form with one response in the child: where each expression stands, what it can see, and its results.

A response is worked through in rounds: calculated items in the order of their needs, then the enabling expressions;
the results go into the response, and that again until nothing changes. An item of a repeating group is worked out in
each instance of the group. What fails is named by linkId with a reason, and the rest goes on.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from service.fhirpath.child_language import Values, truth
from service.fhirpath.child_scores import ANSWER, ITEM, Scores, carried_as, carry
from service.fhirpath.child_tables import run
from service.fhirpath.child_typing import answers, value_in
from service.fhirpath.child_values import Mismatch, Moment, Node
from service.fhirpath.expressions import Expression, Expressions, Kind, gather
from service.fhirpath.tokens import read

ROUNDS = 12
CONSTANTS = {"ucum": "http://unitsofmeasure.org", "sct": "http://snomed.info/sct", "loinc": "http://loinc.org"}
DIGITS = 100  # before or after the point, of a number that is told
TOO_LONG = "its result is a number that no answer can hold"
UNSTABLE = "its value does not settle: it changes each time it is worked out"
FAULTS = (Mismatch, ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError)
Json = dict[str, Any]


class TooLong(BaseException):
    """The clock of an expression ran out. Not an `Exception`, so that nothing on the way takes it for a fault."""


@dataclass(frozen=True)
class Form:
    """What is worked out once for a Questionnaire."""

    questionnaire: Json
    expressions: Expressions
    scores: Scores
    carried: str

    @classmethod
    def of(cls, questionnaire: Json) -> "Form":
        expressions = gather(questionnaire)
        return cls(questionnaire, expressions, Scores(questionnaire), carried_as(each.text for each in expressions.all))


@dataclass(frozen=True)
class Task:
    """One request: a response as JSON text, the moment that `now()` is, and what stands for %patient and the like."""

    response: bytes
    now: Moment
    launch: Mapping[str, Any]
    clock: Callable[[str], AbstractContextManager[None]]
    skip: frozenset[str] = frozenset()


@dataclass(eq=False)
class Place:
    """An item of the form at one place of the response; `data` is not part of the response while `missing`."""

    question: Json
    above: "Place | None"
    holder: Json | None
    node: Node
    rank: int = 0
    missing: bool = False
    hidden: bool = False

    @property
    def link_id(self) -> str | None:
        return None if self.above is None else str(self.question.get("linkId"))

    @property
    def shown(self) -> bool:
        return not any(each.hidden for each in self.chain())

    def chain(self) -> Iterator["Place"]:
        at: Place | None = self
        while at:
            yield at
            at = at.above

    def ensure(self) -> bool:
        """Put the item where the form has it; not into a repeating group or under an answer that is not there."""
        above = self.above
        if not self.missing or above is None:
            return True
        if above.missing and (above.question.get("repeats") or not above.ensure()):
            return False
        if self.holder is None:
            if above.above and above.question.get("type") != "group":
                return False
            self.holder = above.node.data
        held = self.holder.setdefault("item", [])
        before = {each.get("linkId") for each in questions(above.question)[: self.rank]}
        at = max((place + 1 for place, each in enumerate(held) if each.get("linkId") in before), default=0)
        held.insert(at, self.node.data)
        self.missing = False
        return True

    def hide(self, hidden: bool) -> bool:
        """Take the item out of the response, or put it back; whether that changed anything."""
        if hidden is self.hidden:
            return False
        self.hidden = hidden
        if hidden and not self.missing and self.holder is not None:
            self.holder["item"] = [each for each in self.holder["item"] if each is not self.node.data]
            self.missing = True
        elif not hidden and len(self.node.data) > 1:
            self.ensure()
        return True

    def answer(self, given: list[Json]) -> bool:
        """Give these answers; whether they are others than before."""
        if self.node.data.get("answer", []) == given or not (self.ensure() or not given):
            return False
        self.node.data["answer"] = given
        return True


@dataclass
class Outcome:
    """What is told to the parent: linkId -> one list a place in the response."""

    values: dict[str, list[list[Any]]] = field(default_factory=dict)
    initial: dict[str, list[list[Any]]] = field(default_factory=dict)
    enabled: dict[str, list[bool]] = field(default_factory=dict)
    broken: list[Json] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    exploded: list[str] = field(default_factory=list)


class Scope:
    """What `%name` means to one expression at one place."""

    def __init__(self, round_: "Round", place: Place, at: Expression, own: Mapping[str, Values] | None = None) -> None:
        self.round, self.place, self.at, self.own = round_, place, at, own or {}
        self.now, self.scores = round_.task.now, round_.form.scores
        self.offset = self.now.offset or 0

    def also(self, name: str, value: Values) -> "Scope":
        return Scope(self.round, self.place, self.at, {**self.own, name: value})

    def value(self, name: str) -> Values:
        if name in self.own:
            return self.own[name]
        variable = self.round.form.expressions.variable(name, self.at)
        if variable:
            return self.round.variable(variable, self.place)
        return self._standing(name)

    def _standing(self, name: str) -> Values:
        match name:
            case "resource" | "rootResource":
                return [self.round.response]
            case "context":
                return [self.place.node]
            case "questionnaire":
                return [Node(self.round.form.questionnaire, "Questionnaire")]
            case "qitem":
                return [Node(self.place.question, "Questionnaire.item")]
            case _:
                return self._constant(name)

    def _constant(self, name: str) -> Values:
        if name in CONSTANTS:
            return [CONSTANTS[name]]
        if name.startswith(("ext-", "vs-")):
            kind, rest = name.split("-", 1)
            return [f"http://hl7.org/fhir/{'StructureDefinition' if kind == 'ext' else 'ValueSet'}/{rest}"]
        if name in self.round.task.launch:
            return [Node(self.round.task.launch[name], None)]
        if name in self.round.form.expressions.launch:
            return []
        raise Mismatch(f"%{name[:60]} is not known here")


class Round:
    """The response as it stands, and the variables that were worked out on it."""

    def __init__(self, form: Form, task: Task) -> None:
        self.form, self.task = form, task
        self.failed: dict[str, str] = {}
        self.late: dict[str, str] = {}
        data: Json = json.loads(task.response, parse_float=Decimal)
        if form.carried:
            carry(form.scores, data, form.carried)
        self.response = Node(data, "QuestionnaireResponse")
        self._known: dict[tuple[Expression, Place], Values | str] = {}
        self.root = Place(form.questionnaire, None, None, self.response)
        self.places: dict[str | None, list[Place]] = {None: [self.root]}
        for each in _places(data, self.root):
            self.places.setdefault(each.link_id, []).append(each)

    def forget(self) -> None:
        """The response changed, so no variable is known any more."""
        self._known.clear()

    def attempt(self, expression: Expression, place: Place) -> Values | None:
        """What an expression gives there; None, and the reason noted, when it fails."""
        label = expression.label
        if not expression.runs or label in self.late or label in self.task.skip:
            return None
        try:
            with self.task.clock(label):
                return _tellable(self._run(expression, place))
        except TooLong as why:
            self.late[label] = self.failed[label] = str(why)
        except FAULTS as why:
            self.failed[label] = _reason(why)
        return None

    def variable(self, variable: Expression, place: Place) -> Values:
        """A variable stands on an item around the place, and is worked out once there."""
        home = next((each for each in place.chain() if each.link_id == variable.link_id), self.root)
        key = (variable, home)
        known = self._known.get(key)
        if known is None:
            self._known[key] = f"%{variable.name} needs itself"
            self._known[key] = known = self._variable(variable, home)
        if isinstance(known, str):
            raise Mismatch(known)
        return known

    def _variable(self, variable: Expression, home: Place) -> Values | str:
        if not variable.runs:
            return f"{variable.label} is not written in FHIRPath"
        if variable.label in self.late:
            return f"{variable.label}: {self.late[variable.label]}"
        try:
            return self._run(variable, home)
        except TooLong as why:
            self.late[variable.label] = str(why)
            return f"{variable.label}: {why}"
        except FAULTS as why:
            return f"{variable.label}: {_reason(why)}"

    def _run(self, expression: Expression, place: Place) -> Values:
        return run(expression.text, [self._base(expression, place)], Scope(self, place, expression))

    def _base(self, expression: Expression, place: Place) -> Node:
        """The item; the response where only that can be meant: a question without items that begins with `item`; the
        client where an initial value begins with `Patient`.
        """
        first = read(expression.text).first
        if first == "Patient" and expression.kind is Kind.INITIAL and "patient" in self.task.launch:
            return Node(self.task.launch["patient"], "Patient")
        leaf = first == "item" and not place.question.get("item")
        return self.response if leaf or first == "QuestionnaireResponse" else place.node


def _tellable(values: Values) -> Values:
    """Raises Mismatch for a number that would take pages to write down; the other results of the form stay."""
    if any(isinstance(each, int | Decimal) and abs(Decimal(each).adjusted()) >= DIGITS for each in values):
        raise Mismatch(TOO_LONG)
    return values


def questions(element: Json) -> list[Json]:
    """The items of a form or of an item in it."""
    held = element.get("item")
    return [each for each in held if isinstance(each, dict)] if isinstance(held, list) else []


def _places(holder: Json | None, above: Place) -> Iterator[Place]:
    """Every item of the form at every place that the response has for it, in the order of the form."""
    outer = above.node
    node_above = outer if holder is None or holder is outer.data else Node(holder, ANSWER, outer)
    held: dict[str, list[Json]] = {}
    for each in questions(holder or {}):
        held.setdefault(str(each.get("linkId")), []).append(each)
    for rank, question in enumerate(questions(above.question)):
        link_id = str(question.get("linkId"))
        present: list[Json | None] = [*held.get(link_id, [])]
        for data in present or [None]:
            node = Node({"linkId": link_id} if data is None else data, ITEM, node_above)
            place = Place(question, above, holder, node, rank, missing=data is None)
            yield place
            for inner in _holders(question, data):
                yield from _places(inner, place)


def _holders(question: Json, data: Json | None) -> list[Json | None]:
    """What holds the items below: a group itself, or each answer of a question."""
    if not question.get("item"):
        return []
    if question.get("type") == "group" or data is None:
        return [data]
    return data.get("answer") or [None]


def work_out(form: Form, task: Task, kinds: frozenset[str]) -> Outcome:
    """All that was asked for: calculated and enabling expressions settled first, then what looks at the result."""
    round_ = Round(form, task)
    outcome = Outcome()
    calculated, enabled = _settle(round_, kinds)
    outcome.values = _told(calculated)
    for place, is_enabled in enabled.items():
        outcome.enabled.setdefault(str(place.link_id), []).append(is_enabled)
    if Kind.INITIAL in kinds:
        outcome.initial = _told({place: given for place, given in _worked(round_, Kind.INITIAL) if _is_open(place)})
    if Kind.CONSTRAINT in kinds:
        outcome.broken = list(_broken(round_))
    outcome.failed, outcome.exploded = round_.failed, list(round_.late)
    return outcome


def _settle(round_: Round, kinds: frozenset[str]) -> tuple[dict[Place, list[Json]], dict[Place, bool]]:
    """Again and again until nothing changes. What still changes after so many rounds has failed."""
    calculated: dict[Place, list[Json]] = {}
    enabled: dict[Place, bool] = {}
    for _ in range(ROUNDS):
        round_.failed = dict(round_.late)
        calculated, moved = _calculate(round_) if Kind.CALCULATED in kinds else ({}, set())
        enabled = _enable(round_) if Kind.ENABLED in kinds else {}
        moved |= {place for place, is_enabled in enabled.items() if place.hide(not is_enabled)}
        if not moved:
            return calculated, enabled
        round_.forget()
    round_.failed |= {str(place.link_id): UNSTABLE for place in moved}
    return {place: given for place, given in calculated.items() if place not in moved}, enabled


def _calculate(round_: Round) -> tuple[dict[Place, list[Json]], set[Place]]:
    """The answers of calculated items, put into the response at once; and the places where they are new."""
    found: dict[Place, list[Json]] = {}
    moved: set[Place] = set()
    for expression in round_.form.expressions.calculated_in_order:
        for place in round_.places.get(expression.link_id, []):
            given = round_.attempt(expression, place) if place.shown else []
            found[place] = answers(place.question, given or [])
            if place.answer(found[place]):
                moved.add(place)
                round_.forget()
    return found, moved


def _enable(round_: Round) -> dict[Place, bool]:
    """Whether each item is enabled. One whose expression fails stays, so that no question is lost by a fault."""
    found: dict[Place, bool] = {}
    for expression in round_.form.expressions.of(Kind.ENABLED):
        for place in round_.places.get(expression.link_id, []) if expression.link_id is not None else []:
            given = round_.attempt(expression, place)
            found[place] = True if given is None else _holds(given)
    return found


def _holds(values: Values) -> bool:
    return len(values) == 1 and truth(values) is True


def _worked(round_: Round, kind: Kind) -> Iterator[tuple[Place, list[Json]]]:
    for expression in round_.form.expressions.of(kind):
        for place in round_.places.get(expression.link_id, []):
            yield place, answers(place.question, round_.attempt(expression, place) or [])


def _is_open(place: Place) -> bool:
    return place.above is not None and not place.node.data.get("answer")


def _broken(round_: Round) -> Iterator[Json]:
    """Constraints that are false; one that gives nothing, or stands on an item that is not there, is not broken."""
    for expression in round_.form.expressions.of(Kind.CONSTRAINT):
        for number, place in enumerate(round_.places.get(expression.link_id, [])):
            given = round_.attempt(expression, place) if place.shown and not place.missing else []
            if given and not _holds(given):
                yield {"link_id": expression.link_id, "place": number, "key": expression.name}


def _told(given: Mapping[Place, list[Json]]) -> dict[str, list[list[Any]]]:
    """linkId -> the values, one list a place."""
    found: dict[str, list[list[Any]]] = {}
    for place, each in given.items():
        found.setdefault(str(place.link_id), []).append([value_in(answer) for answer in each])
    return found


def _reason(why: Exception) -> str:
    """Words for a person; the text of a program fault could hold an answer, so it is left out."""
    if isinstance(why, Mismatch):
        return str(why)
    return "it nests too deeply" if isinstance(why, RecursionError) else "it cannot be worked out on these answers"
