"""What is wrong with the expressions of a form, said at import: item, expression, reason, and whether to refuse it all.

Refused is what could harm or never ends: expressions that are too long or too many, that need themselves, or that use
up the time on a trial run. Named, but no reason to refuse, is what will not be worked out: another language, a function
that reaches outside, an unknown variable, text that is not well formed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.fhirpath.engine import ALL, Form, Request, attempt, prepare, read_all
from service.fhirpath.expressions import STANDING, Expression, Expressions, Kind
from service.fhirpath.tokens import FUNCTIONS, read

LENGTH, DEPTH, TOKENS = 8_192, 100, 3_000  # of one expression
COUNT, ALL_TOKENS = 500, 10_000  # of a form
READING, TOGETHER, LEAST = 0.4, 0.5, 0.15  # processor seconds: to read a form's expressions, with the trial, of that
NAMES = {
    Kind.CALCULATED: "calculated value",
    Kind.INITIAL: "initial value",
    Kind.ENABLED: "enabling expression",
    Kind.VARIABLE: "variable",
    Kind.CONSTRAINT: "constraint",
}
SAMPLES: Mapping[str, dict[str, Any]] = {
    "boolean": {"valueBoolean": True},
    "decimal": {"valueDecimal": 1},
    "integer": {"valueInteger": 1},
    "date": {"valueDate": "2020-01-01"},
    "dateTime": {"valueDateTime": "2020-01-01T00:00:00Z"},
    "time": {"valueTime": "12:00:00"},
    "quantity": {"valueQuantity": {"value": 1}},
    "url": {"valueUri": "urn:x"},
    "string": {"valueString": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"},
    "text": {"valueString": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"},
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. `link_id` is None for an expression on the form itself."""

    link_id: str | None
    kind: Kind
    name: str
    expression: str
    reason: str
    refuse: bool = False

    @property
    def sentence(self) -> str:
        """For a person, with the item named."""
        what = f"variable %{self.name}" if self.kind is Kind.VARIABLE else NAMES[self.kind]
        return f"{self.link_id or 'The form'}, {what}: {self.reason}."


def check(questionnaire: Mapping[str, Any], now: datetime) -> tuple[Finding, ...]:
    """All findings of a form; those that refuse it come first. The later steps run only on what the earlier let pass.

    Takes less than a second whatever the form holds, and raises `Unavailable` when no child can be started.
    """
    form = prepare(questionnaire)
    refused = [*_outsized(form.expressions), *_circling(form.expressions)]
    if refused:
        return tuple(refused)
    readable = read_all((each for each in form.expressions.all if each.runs), seconds=READING)
    if readable.late:
        return tuple(_finding(each, reason, refuse=True) for each, reason in readable.late.items())
    ill_formed = (_finding(each, reason) for each, reason in readable.ill_formed.items())
    named = [*_foreign(form.expressions), *_unknown(form.expressions), *ill_formed]
    return (*_exploding(form, now, max(LEAST, TOGETHER - readable.spent)), *named)


def _finding(at: Expression, reason: str, *, refuse: bool = False) -> Finding:
    return Finding(at.link_id, at.kind, at.name, at.text, reason, refuse)


def _outsized(expressions: Expressions) -> Iterator[Finding]:
    if len(expressions.all) > COUNT:
        yield _finding(expressions.all[COUNT], f"the form has more than {COUNT} expressions", refuse=True)
        return
    total = 0
    for each in expressions.all:
        reason = _too_big(each.text)
        total += read(each.text).count if not reason else 0
        if reason or total > ALL_TOKENS:
            yield _finding(each, reason or "the expressions of the form are too long together", refuse=True)
            return


def _too_big(text: str) -> str:
    if len(text) > LENGTH:
        return f"it is longer than {LENGTH} characters"
    tokens = read(text)
    if tokens.depth > DEPTH:
        return f"it nests deeper than {DEPTH} brackets"
    return f"it has more than {TOKENS} parts" if tokens.count > TOKENS else ""


def _circling(expressions: Expressions) -> Iterator[Finding]:
    for circle in expressions.circles:
        others = ", ".join(each.label for each in circle[1:])
        yield _finding(circle[0], f"it needs itself{', by way of ' + others if others else ''}", refuse=True)


def _foreign(expressions: Expressions) -> Iterator[Finding]:
    for each in expressions.all:
        if not each.runs:
            yield _finding(each, f"it is written in {each.language[:60]}, which is not evaluated")
        elif each.link_id is None and each.kind in {Kind.INITIAL, Kind.ENABLED}:
            yield _finding(each, "it stands on the form itself, where it has no meaning")


def _unknown(expressions: Expressions) -> Iterator[Finding]:
    for each in expressions.all:
        if each.runs:
            yield from (_finding(each, reason) for reason in _unknown_in(expressions, each))


def _unknown_in(expressions: Expressions, at: Expression) -> Iterator[str]:
    tokens = read(at.text)
    for name in dict.fromkeys(tokens.functions):
        if name not in FUNCTIONS:
            yield f"the function {name[:60]} is not supported"
    for name in dict.fromkeys(tokens.variables):
        variable = expressions.variable(name, at)
        if variable and not variable.runs:
            yield f"%{name[:60]} is written in {variable.language[:60]}, which is not evaluated"
        elif not variable and not _standing(expressions, name, tokens.defined):
            yield f"%{name[:60]} is not known here"


def _standing(expressions: Expressions, name: str, defined: tuple[str, ...]) -> bool:
    return name in STANDING | expressions.launch or name in defined or name.startswith(("ext-", "vs-"))


def _exploding(form: Form, now: datetime, seconds: float) -> Iterator[Finding]:
    """A trial on a response in which every question has an answer; only what runs out of time or memory counts."""
    tried = attempt(Request(form, _filled(form), now, ALL | {Kind.INITIAL}), seconds=seconds)
    at = {each.label: each for each in reversed(form.expressions.all)}
    first = form.expressions.all[0]
    return (
        _finding(at.get(label, first), tried.failed.get(label, "it takes too much time"), refuse=True)
        for label in tried.exploded
    )


def _filled(form: Form) -> dict[str, Any]:
    return {"resourceType": "QuestionnaireResponse", "status": "in-progress", "item": _items(form.questionnaire)}


def _items(element: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [_item(each) for each in element.get("item", []) if isinstance(each, Mapping)]


def _item(question: Mapping[str, Any]) -> dict[str, Any]:
    below, asked = _items(question), str(question.get("type"))
    item = {"linkId": str(question.get("linkId"))}
    if asked in {"group", "display"}:
        return {**item, "item": below} if below else item
    return {**item, "answer": [{**_sample(question, asked), **({"item": below} if below else {})}]}


def _sample(question: Mapping[str, Any], asked: str) -> dict[str, Any]:
    options = [each for each in question.get("answerOption", []) if isinstance(each, Mapping)]
    chosen = {name: value for each in options[:1] for name, value in each.items() if name.startswith("value")}
    return chosen or SAMPLES.get(asked, {"valueCoding": {"code": "x"}})
