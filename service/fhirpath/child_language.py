"""The language in the child: expressions parsed strictly by fhirpathpy's grammar, its tree walked with sound scopes.

fhirpathpy gives the grammar, the tree, the tables of R4 and the plain parts of the walk. Replaced here is what it gets
wrong for forms: `$this` is restored after an inner `where`, `and` and `or` stop early, collections are compared whole,
each node knows its parent (scores need the question), numbers are decimals, and text after the expression is an error.
Functions stand in `child_functions.py`. Variables come from a `Scope`, which the form provides.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol

from antlr4 import CommonTokenStream, InputStream
from antlr4.atn.PredictionMode import PredictionMode
from antlr4.error.ErrorListener import ErrorListener
from antlr4.tree.Tree import ParseTreeWalker
from fhirpathpy import engine
from fhirpathpy.engine.evaluators import evaluators
from fhirpathpy.models import models
from fhirpathpy.parser.ASTPathListener import ASTPathListener
from fhirpathpy.parser.generated.FHIRPathLexer import FHIRPathLexer
from fhirpathpy.parser.generated.FHIRPathParser import FHIRPathParser

from service.fhirpath.child_values import (
    Mismatch,
    Moment,
    Node,
    Quantity,
    is_number,
    kind_of,
    moment,
    plain,
)

Tree = dict[str, Any]
Context = dict[str, Any]
Values = list[Any]
Call = Callable[..., Values]  # the context, the values it is called on, then its arguments as trees
Operator = Callable[[Context, Values, Values], Values]
R4 = models["r4"]
walk: Callable[[Context, Values, Tree], Values] = engine.do_eval
ESCAPES = {"f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class Scope(Protocol):
    """Where `%name` is looked up."""

    offset: int

    def value(self, name: str) -> Values: ...


FUNCTIONS: dict[str, Call] = {}
OPERATORS: dict[str, Operator] = {}


class _Strict(ErrorListener):  # type: ignore[misc]
    """The parser would mend what it can; a form must be told instead."""

    def syntaxError(  # noqa: N802, PLR0913 - the base class has it so
        self, recognizer: object, symbol: object, line: int, column: int, msg: str, e: object
    ) -> None:
        raise Mismatch(f"it is not well formed at line {line}, character {column + 1}")


@lru_cache(maxsize=4096)
def parse(expression: str) -> Tree:
    """The tree of an expression; Mismatch says where it is not well formed.

    The quick way to predict suffices nearly always; only what it refuses is read again in the full way.
    """
    try:
        return _parsed(expression, PredictionMode.SLL)
    except Mismatch:
        return _parsed(expression, PredictionMode.LL)


def _parsed(expression: str, mode: PredictionMode) -> Tree:
    lexer = FHIRPathLexer(InputStream(expression))
    lexer.removeErrorListeners()
    lexer.addErrorListener(_Strict())
    parser = FHIRPathParser(CommonTokenStream(lexer))
    parser._interp.predictionMode = mode
    parser.removeErrorListeners()
    parser.addErrorListener(_Strict())
    listener = ASTPathListener()  # type: ignore[no-untyped-call]
    ParseTreeWalker().walk(listener, parser.entireExpression())  # type: ignore[no-untyped-call]
    whole: Tree = listener.parentStack[0]["children"][0]
    return whole["children"][0]  # type: ignore[no-any-return]


def run(expression: str, base: Values, scope: Scope) -> Values:
    """What an expression gives on a base: nodes and values."""
    context: Context = {"dataRoot": base, "$this": base, "vars": scope, "model": R4, "userInvocationTable": {}}
    return walk(context, base, parse(expression))


def value_of(context: Context, tree: Tree) -> Values:
    """An argument that is worked out where the function is called."""
    return walk(context, context["$this"], tree)


def each_of(context: Context, tree: Tree, item: Any, index: int = 0) -> Values:
    """An argument worked out for one item; what `$this` and `$index` meant before, they mean again afterwards."""
    before = context["$this"], context.get("$index")
    context["$this"], context["$index"] = [item], index
    try:
        return walk(context, context["$this"], tree)
    finally:
        context["$this"], context["$index"] = before


def single(values: Values, what: str = "one value") -> Any:
    """The one plain value of a collection, None for none; more than one is a mistake in the expression."""
    if len(values) > 1:
        raise Mismatch(f"{what} is needed where there are {len(values)}")
    return plain(values[0]) if values else None


def truth(values: Values) -> bool | None:
    """A collection as a condition: a single value that is no boolean counts as true."""
    value = single(values, "one true or false")
    return value if isinstance(value, bool) or value is None else True


def string(context: Context, tree: Tree) -> str:
    value = single(value_of(context, tree), "one text")
    if not isinstance(value, str):
        raise Mismatch("text is needed")
    return value


def whole(context: Context, tree: Tree) -> int:
    value = single(value_of(context, tree), "one whole number")
    if not is_number(value) or int(value) != value:
        raise Mismatch("a whole number is needed")
    return int(value)


def offset(context: Context) -> int:
    """Minutes from UTC where the form is filled in."""
    return int(context["vars"].offset)


def maybe(value: Any) -> Values:
    return [] if value is None else [value]


def _binary(context: Context, data: Values, tree: Tree) -> Values:
    left, right = tree["children"]
    return OPERATORS[tree["terminalNodeText"][0]](context, walk(context, data, left), walk(context, data, right))


def _logic(context: Context, data: Values, tree: Tree) -> Values:
    left, right = tree["children"]
    name, first = tree["terminalNodeText"][0], truth(walk(context, data, left))
    settled = {("and", False): False, ("or", True): True, ("implies", False): True}.get((name, first))  # type: ignore[arg-type]
    found = settled if settled is not None else _joined(name, first, truth(walk(context, data, right)))
    return [] if found is None else [found]


def _joined(name: str, first: bool | None, second: bool | None) -> bool | None:
    if name == "and":
        return False if second is False else None if None in (first, second) else True
    if name == "or":
        return True if second else None if None in (first, second) else False
    if name == "implies":
        return True if second else None if None in (first, second) else False
    return None if first is None or second is None else first is not second


def _member(context: Context, data: Values, tree: Tree) -> Values:
    key = _name(tree["children"][0])
    found: Values = []
    for item in data:
        node = item if isinstance(item, Node) else Node(_fields(item), None)
        if isinstance(node.data, dict) and node.data.get("resourceType") == key:
            found.append(node)
        else:
            _step(node, key, found)
    return found


def _fields(value: Any) -> Any:
    return {"value": value.value, "unit": value.unit, "code": value.unit} if isinstance(value, Quantity) else value


def _step(node: Node, key: str, found: Values) -> None:
    """Go down one name; a name such as `value` stands for whichever type the element has."""
    source = node.data if isinstance(node.data, dict) else node.beside
    if not isinstance(source, dict):
        return
    for name, path in _steps(node.path, key):
        value = source.get(name)
        if value is not None:
            _add(node, value, (path, source.get(f"_{name}")), found)
            return


def _add(node: Node, value: Any, kind: tuple[str | None, Any], found: Values) -> None:
    path, beside = kind
    if isinstance(value, list):
        found += [Node(each, path, node) for each in value if each is not None]
    else:
        found.append(Node(value, path, node, beside))


@lru_cache(maxsize=2048)
def _steps(path: str | None, key: str) -> tuple[tuple[str, str | None], ...]:
    """The names under which a part may stand, each with its type: `value` is `valueInteger` and so on."""
    if path is None:
        return ((key, None),)
    step = R4["pathsDefinedElsewhere"].get(f"{path}.{key}", f"{path}.{key}")
    kinds = R4["choiceTypePaths"].get(step, ())
    return ((key, _resolved(step)), *((f"{key}{kind}", _resolved(f"{step}{kind}")) for kind in kinds))


@lru_cache(maxsize=2048)
def _resolved(path: str | None) -> str | None:
    """The data type at a path, or the path itself for a group of elements."""
    if path is None or path.endswith(".extension"):
        return path and "Extension"
    return str(R4["path2Type"].get(path, path))


def below(path: str | None, key: str) -> str | None:
    """The type of a part that is named as it stands in the resource."""
    return _steps(path, key)[0][1]


def _name(tree: Tree) -> str:
    written = str(tree["text"])
    return written if written[0] not in "`'" else _unescaped(written[1:-1])


def _unescaped(written: str) -> str:
    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", _escape, written, flags=re.DOTALL)


def literal(written: str) -> str | None:
    """What a string literal says; None for any other expression."""
    return _unescaped(written[1:-1]) if re.fullmatch(r"'(?:\\.|[^'\\])*'", written, re.DOTALL) else None


def _escape(found: re.Match[str]) -> str:
    code = found[1]
    return chr(int(code[1:], 16)) if len(code) > 1 else ESCAPES.get(code, code)


def _call(context: Context, data: Values, tree: Tree) -> Values:
    name, *rest = tree["children"][0]["children"]
    function = FUNCTIONS.get(_name(name))
    if function is None:
        raise Mismatch(f"the function {_name(name)[:60]} is not supported")
    arguments = rest[0]["children"] if rest else []
    try:
        return function(context, data, *arguments)
    except TypeError as problem:
        if "argument" not in str(problem):
            raise
        raise Mismatch(f"the function {_name(name)} is called with {len(arguments)} arguments") from problem


def _path(context: Context, data: Values, tree: Tree) -> Values:
    for child in tree["children"]:
        data = walk(context, data, child)
    return data


def _variable(context: Context, data: Values, tree: Tree) -> Values:
    constant = tree["children"][0]
    written = constant["children"][0] if "children" in constant else {"text": constant["terminalNodeText"][1]}
    found: Values = context["vars"].value(_name(written))
    return found


def _indexed(context: Context, data: Values, tree: Tree) -> Values:
    values = walk(context, data, tree["children"][0])
    index = single(walk(context, context["$this"], tree["children"][1]), "one position")
    if index is None:
        return []
    if not is_number(index) or int(index) != index:
        raise Mismatch("a position is a whole number")
    return [values[int(index)]] if 0 <= index < len(values) else []


def _signed(context: Context, data: Values, tree: Tree) -> Values:
    value = single(walk(context, data, tree["children"][0]), "one number")
    if value is None:
        return []
    negative = tree["terminalNodeText"][0] == "-"
    if isinstance(value, Quantity):
        return [Quantity(-value.value, value.unit) if negative else value]
    if not is_number(value):
        raise Mismatch(f"{kind_of(value)} has no sign")
    return [-value if negative else value]


def _type_test(context: Context, data: Values, tree: Tree) -> Values:
    values = walk(context, data, tree["children"][0])
    return typed(values, tree["children"][1], tree["terminalNodeText"][0])


def typed(values: Values, named: Tree, how: str) -> Values:
    """`is` says whether the one value has a type, `as` and `ofType` keep the values that have it."""
    wanted = str(named["text"]).replace("`", "").removeprefix("FHIR.").removeprefix("System.")
    if how == "is":
        return [has_type(values[0], wanted)] if single(values, "one value to test") is not None else []
    return [each for each in values if has_type(each, wanted)]


def has_type(value: Any, wanted: str) -> bool:
    """Whether a value has a type or one that stands below it. `integer` and `Integer` are not told apart."""
    name = type_name(value)
    while name:
        if name.lower() == wanted.lower():
            return True
        name = R4["type2Parent"].get(name, "")
    return False


def type_name(value: Any) -> str:
    if isinstance(value, Node) and value.path and "." not in value.path:
        return str(value.path)
    value = plain(value)
    if isinstance(value, Moment):
        return value.kind
    names = {bool: "boolean", int: "integer", Decimal: "decimal", str: "string", Quantity: "Quantity"}
    return names.get(type(value), "BackboneElement")


def _number(context: Context, data: Values, tree: Tree) -> Values:
    written = str(tree["text"])
    return [Decimal(written) if "." in written else int(written)]


def _text(context: Context, data: Values, tree: Tree) -> Values:
    return [_unescaped(str(tree["text"])[1:-1])]


def _moment(context: Context, data: Values, tree: Tree) -> Values:
    written = str(tree["text"])[1:]
    found = moment(written, "time") if written.startswith("T") else moment(written)
    if found is None:
        raise Mismatch(f"@{written} is no date or time")
    return [found]


def _quantity(context: Context, data: Values, tree: Tree) -> Values:
    quantity = tree["children"][0]
    unit = quantity["children"][0]
    written = (unit.get("children") or [unit])[0]["terminalNodeText"][0]
    return [Quantity(Decimal(quantity["terminalNodeText"][0]), written.strip("'"))]


EVALUATORS: Mapping[str, Callable[[Context, Values, Tree], Values]] = {
    "MemberInvocation": _member,
    "FunctionInvocation": _call,
    "InvocationExpression": _path,
    "ExternalConstantTerm": _variable,
    "IndexerExpression": _indexed,
    "PolarityExpression": _signed,
    "TypeExpression": _type_test,
    "NumberLiteral": _number,
    "StringLiteral": _text,
    "DateTimeLiteral": _moment,
    "TimeLiteral": _moment,
    "QuantityLiteral": _quantity,
    **{f"{kind}Expression": _binary for kind in ("Inequality", "Additive", "Multiplicative", "Union", "Equality")},
    "MembershipExpression": _binary,
    **{f"{kind}Expression": _logic for kind in ("And", "Or", "Implies")},
}
evaluators.update(EVALUATORS)  # fhirpathpy walks by this table
