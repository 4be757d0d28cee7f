"""The expressions of one Questionnaire, as data: which there are, where each stands, what needs what.

Pure: a dictionary in, frozen values out; nothing is evaluated. What real files do is read where its meaning is plain:
an expression in `valueString`, older addresses of the same extension, a constraint in its R4 or its R5 form.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from service.fhirpath.tokens import read

LANGUAGES = frozenset({"text/fhirpath", ""})
LAUNCH = frozenset(
    {"patient", "user", "encounter", "location", "practitioner", "client", "source", "study", "contactContext"}
)
CIRCLES = 20  # more need not be named
STANDING = frozenset({"resource", "rootResource", "context", "questionnaire", "qitem", "ucum", "sct", "loinc"})


class Kind(StrEnum):
    """What an expression is for; the value is the end of its extension's address."""

    CALCULATED = "calculatedExpression"
    INITIAL = "initialExpression"
    ENABLED = "enableWhenExpression"
    VARIABLE = "variable"
    CONSTRAINT = "constraint"


ADDRESSES = {
    "sdc-questionnaire-calculatedExpression": Kind.CALCULATED,
    "questionnaire-calculatedExpression": Kind.CALCULATED,
    "sdc-questionnaire-initialExpression": Kind.INITIAL,
    "questionnaire-initialExpression": Kind.INITIAL,
    "sdc-questionnaire-enableWhenExpression": Kind.ENABLED,
    "questionnaire-enableWhenExpression": Kind.ENABLED,
    "variable": Kind.VARIABLE,
    "questionnaire-constraint": Kind.CONSTRAINT,
    "targetConstraint": Kind.CONSTRAINT,
}


@dataclass(frozen=True, eq=False)
class Expression:
    """One expression. `link_id` is the item it stands on, None for the form itself; `name` is a variable's name or a
    constraint's key; `severity` and `human` belong to constraints."""

    kind: Kind
    text: str
    link_id: str | None = None
    name: str = ""
    language: str = ""
    severity: str = "error"
    human: str = ""

    @property
    def runs(self) -> bool:
        """Whether it is FHIRPath; CQL and queries are not evaluated here."""
        return self.language in LANGUAGES

    @property
    def label(self) -> str:
        """How a person finds it: %name for a variable, else the linkId."""
        return f"%{self.name}" if self.kind is Kind.VARIABLE else self.link_id or "the form"


@dataclass(frozen=True)
class Expressions:
    """All of them, in the order of the form. `ancestors` names the items that each item stands in, outermost first."""

    all: tuple[Expression, ...] = ()
    launch: frozenset[str] = LAUNCH
    ancestors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, kind: Kind) -> tuple[Expression, ...]:
        return tuple(each for each in self.all if each.kind is kind)

    def scopes(self, link_id: str | None) -> tuple[str | None, ...]:
        """Where to look for a variable, nearest first: the item, the items around it, the form."""
        return (None,) if link_id is None else (link_id, *reversed(self.ancestors.get(link_id, ())), None)

    @cached_property
    def variables(self) -> dict[str | None, dict[str, Expression]]:
        """Scope -> name -> variable."""
        found: dict[str | None, dict[str, Expression]] = {}
        for each in self.of(Kind.VARIABLE):
            found.setdefault(each.link_id, {})[each.name] = each
        return found

    def variable(self, name: str, at: Expression) -> Expression | None:
        """The variable that a name means there: the nearest one that is not the expression itself."""
        nearest = (self.variables.get(scope, {}).get(name) for scope in self.scopes(at.link_id))
        return next((each for each in nearest if each and each is not at), None)

    @cached_property
    def needs(self) -> dict[Expression, tuple[Expression, ...]]:
        """Variable or calculated item -> the variables it names and the calculated items it names by linkId."""
        calculated = {each.link_id: each for each in self.of(Kind.CALCULATED)}
        return {
            each: tuple(
                dict.fromkeys(
                    self._named_by(each) + [calculated[text] for text in read(each.text).links if text in calculated]
                )
            )
            for each in self.all
            if each.kind in {Kind.VARIABLE, Kind.CALCULATED}
        }

    def _named_by(self, at: Expression) -> list[Expression]:
        found = (self.variable(name, at) for name in read(at.text).variables)
        return [each for each in found if each]

    @cached_property
    def calculated_in_order(self) -> tuple[Expression, ...]:
        """Calculated items, those that others need first; else in the order of the form."""
        return tuple(each for each in self._sorted[0] if each.kind is Kind.CALCULATED)

    @property
    def circles(self) -> tuple[tuple[Expression, ...], ...]:
        """Variables and calculated items that need themselves, one tuple a circle."""
        return self._sorted[1]

    @cached_property
    def _sorted(self) -> tuple[tuple[Expression, ...], tuple[tuple[Expression, ...], ...]]:
        """One walk, each expression once: what is needed comes first, and a way back to the path walked is a circle."""
        done: dict[Expression, None] = {}
        circles: list[tuple[Expression, ...]] = []
        for start in self.needs:
            path: dict[Expression, Iterator[Expression]] = {} if start in done else {start: iter(self.needs[start])}
            while path:
                at, rest = next(reversed(path.items()))
                following = next(rest, None)
                if following is None:
                    done[at] = path.pop(at, None)  # type: ignore[assignment]
                elif following in path and len(circles) < CIRCLES:
                    circles.append(tuple(path)[list(path).index(following) :])
                elif following not in done and following not in path:
                    path[following] = iter(self.needs[following])
        return tuple(done), tuple(circles)


def gather(questionnaire: Mapping[str, Any]) -> Expressions:
    """Every expression of a Questionnaire, and what it is allowed to name."""
    ancestors: dict[str, tuple[str, ...]] = {}
    found = [*_of(questionnaire, None)]
    for item, above in _items(questionnaire, ()):
        link_id = str(item.get("linkId", ""))
        ancestors[link_id] = above
        found += _of(item, link_id)
    launched = {name for each in _extensions(questionnaire, "launchContext") for name in _launch_names(each)}
    return Expressions(tuple(found), LAUNCH | launched, ancestors)


def _items(element: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[Mapping[str, Any], tuple[str, ...]]]:
    """Each item with the linkIds above it, in the order of the form; a long way down costs no stack."""
    waiting = [(each, above) for each in reversed(_list(element.get("item")))]
    while waiting:
        item, above = waiting.pop()
        yield item, above
        below = (*above, str(item.get("linkId", "")))
        waiting += [(each, below) for each in reversed(_list(item.get("item")))]


def _of(element: Mapping[str, Any], link_id: str | None) -> Iterator[Expression]:
    for extension in _list(element.get("extension")):
        kind = ADDRESSES.get(str(extension.get("url", "")).rsplit("/", 1)[-1])
        if kind is Kind.CONSTRAINT:
            yield _constraint(extension, link_id)
        elif kind:
            text, language, name = _expression(extension)
            yield Expression(_kind(kind, link_id), text, link_id, name=name, language=language)


def _kind(kind: Kind, link_id: str | None) -> Kind:
    """A value that is calculated for the form itself is one that others name: a variable."""
    return Kind.VARIABLE if kind is Kind.CALCULATED and link_id is None else kind


def _constraint(extension: Mapping[str, Any], link_id: str | None) -> Expression:
    parts = {str(each.get("url")): each for each in _list(extension.get("extension"))}
    words = {name: str(_first_value(part)) for name, part in parts.items() if name != "expression"}
    text, language, _ = _expression(parts.get("expression", {}))
    return Expression(
        Kind.CONSTRAINT,
        text,
        link_id,
        name=words.get("key", ""),
        language=language,
        severity=words.get("severity", "error"),
        human=words.get("human", words.get("requirements", "")),
    )


def _expression(extension: Mapping[str, Any]) -> tuple[str, str, str]:
    """Text, language and name of an extension's Expression; older files have the bare text in a string."""
    value = extension.get("valueExpression")
    if not isinstance(value, Mapping):
        return str(extension.get("valueString", "")), "", ""
    return tuple(str(value.get(key) or "") for key in ("expression", "language", "name"))  # type: ignore[return-value]


def _launch_names(extension: Mapping[str, Any]) -> list[str]:
    parts = [each for each in _list(extension.get("extension")) if each.get("url") == "name"]
    values = [_first_value(each) for each in parts]
    return [str(value.get("code", "")) if isinstance(value, Mapping) else str(value) for value in values]


def _first_value(extension: Mapping[str, Any]) -> Any:
    return next((value for key, value in extension.items() if key.startswith("value")), "")


def _extensions(element: Mapping[str, Any], ending: str) -> list[Mapping[str, Any]]:
    return [each for each in _list(element.get("extension")) if str(each.get("url", "")).endswith(ending)]


def _list(value: object) -> Sequence[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []
