"""Functions that choose and walk, in the child, one a row in `TABLE`.

A function gets the values it is called on and its arguments as trees, and gives values. Numbers, text and conversions
have files of their own. `trace()` gives back what it is given and says nothing.
"""

from typing import Any

from service.fhirpath.child_comparing import within
from service.fhirpath.child_language import (
    Call,
    Context,
    Tree,
    Values,
    below,
    each_of,
    literal,
    offset,
    single,
    string,
    truth,
    type_name,
    typed,
    value_of,
    whole,
)
from service.fhirpath.child_values import Mismatch, Node, fingerprint, plain, unique

LIMIT = 100_000  # no collection or text of a form is longer


def where(context: Context, data: Values, condition: Tree) -> Values:
    wanted = wanted_link_id(condition)
    if wanted and all(isinstance(each, Node) and isinstance(each.data, dict) for each in data):
        return [each for each in data if each.data.get("linkId") == wanted]
    return [each for place, each in enumerate(data) if truth(each_of(context, condition, each, place))]


def wanted_link_id(condition: Tree) -> str:
    """The question that `linkId = '...'` asks for, which nearly all expressions do; worked out once a tree."""
    if "wanted" not in condition:
        written = condition["children"] if condition["type"] == "EqualityExpression" else []
        plainly = [each.get("text", "") for each in written] if condition["terminalNodeText"] == ["="] else []
        found = literal(plainly[1]) if plainly[:1] == ["linkId"] else None
        condition["wanted"] = found or ""
    return str(condition["wanted"])


def select(context: Context, data: Values, projection: Tree) -> Values:
    found: Values = []
    for place, each in enumerate(data):
        found += each_of(context, projection, each, place)
        bounded(found)
    return found


def bounded(values: Values) -> Values:
    if len(values) > LIMIT:
        raise Mismatch("it gathers more values than a form may")
    return values


def repeat(context: Context, data: Values, projection: Tree) -> Values:
    """Go down as long as something new turns up; what equals something found before is not new."""
    found: dict[Any, Any] = {}
    waiting = data
    while waiting:
        fresh = unique(select(context, waiting, projection))
        waiting = [each for each in fresh if fingerprint(each) not in found]
        found |= {fingerprint(each): each for each in waiting}
    return list(found.values())


def every(context: Context, data: Values, condition: Tree) -> Values:
    return [all(truth(each_of(context, condition, each, place)) for place, each in enumerate(data))]


def exists(context: Context, data: Values, condition: Tree | None = None) -> Values:
    return [bool(data if condition is None else where(context, data, condition))]


def iif(context: Context, data: Values, condition: Tree, then: Tree, otherwise: Tree | None = None) -> Values:
    """Only the branch that is taken is worked out."""
    inner = {**context, "$this": data}
    chosen = then if truth(value_of(inner, condition)) else otherwise
    return [] if chosen is None else value_of(inner, chosen)


def aggregate(context: Context, data: Values, step: Tree, start: Tree | None = None) -> Values:
    before = context.get("$total")
    context["$total"] = [] if start is None else value_of(context, start)
    for place, each in enumerate(data):
        context["$total"] = each_of(context, step, each, place)
    total, context["$total"] = context["$total"], before
    return list(total)


def coalesce(context: Context, data: Values, *choices: Tree) -> Values:
    return next((found for each in choices if (found := value_of(context, each))), [])


def define_variable(context: Context, data: Values, name: Tree, value: Tree | None = None) -> Values:
    """Known from here to the end of the expression."""
    context["vars"] = context["vars"].also(string(context, name), data if value is None else value_of(context, value))
    return data


def children(context: Context, data: Values) -> Values:
    return [below for each in data if isinstance(each, Node) for below in _below(each)]


def _below(node: Node) -> list[Node]:
    fields = node.data if isinstance(node.data, dict) else {}
    named = [(key, value) for key, value in fields.items() if key != "resourceType" and not key.startswith("_")]
    pairs = [(key, each) for key, value in named for each in (value if isinstance(value, list) else [value])]
    return [Node(each, below(node.path, key), node) for key, each in pairs if each is not None]


def descendants(context: Context, data: Values) -> Values:
    found: Values = []
    waiting = children(context, data)
    while waiting:
        found += waiting
        bounded(found)
        waiting = children(context, waiting)
    return found


def extension(context: Context, data: Values, url: Tree) -> Values:
    wanted = string(context, url)
    held = [
        (each, each.data if isinstance(each.data, dict) else each.beside) for each in data if isinstance(each, Node)
    ]
    pairs = [
        (each, found) for each, fields in held if isinstance(fields, dict) for found in fields.get("extension", [])
    ]
    return [Node(found, "Extension", each) for each, found in pairs if found.get("url") == wanted]


def of_type(context: Context, data: Values, name: Tree) -> Values:
    return typed(data, name, "as")


def is_type(context: Context, data: Values, name: Tree) -> Values:
    return typed(data, name, "is")


def type_of(context: Context, data: Values) -> Values:
    return [{"namespace": "FHIR" if isinstance(each, Node) else "System", "name": type_name(each)} for each in data]


def only(context: Context, data: Values) -> Values:
    single(data)
    return data


def skip(context: Context, data: Values, count: Tree) -> Values:
    return data[max(0, whole(context, count)) :]


def take(context: Context, data: Values, count: Tree) -> Values:
    return data[: max(0, whole(context, count))]


def intersect(context: Context, data: Values, other: Tree) -> Values:
    kept = {fingerprint(each) for each in value_of(context, other)}
    return unique(each for each in data if fingerprint(each) in kept)


def exclude(context: Context, data: Values, other: Tree) -> Values:
    left_out = {fingerprint(each) for each in value_of(context, other)}
    return [each for each in data if fingerprint(each) not in left_out]


def subset_of(context: Context, data: Values, other: Tree) -> Values:
    return [_covers(context, value_of(context, other), data)]


def superset_of(context: Context, data: Values, other: Tree) -> Values:
    return [_covers(context, data, value_of(context, other))]


def _covers(context: Context, wide: Values, narrow: Values) -> bool:
    return all(within(plain(each), wide, offset(context)) for each in narrow)


def negate(context: Context, data: Values) -> Values:
    value = truth(data)
    return [] if value is None else [not value]


def all_are(wanted: bool) -> Call:
    return lambda context, data: [all(truth([each]) is wanted for each in data)]


def any_is(wanted: bool) -> Call:
    return lambda context, data: [any(truth([each]) is wanted for each in data)]


def has_value(context: Context, data: Values) -> Values:
    return [len(data) == 1 and not isinstance(plain(data[0]), dict | list)]


TABLE: dict[str, Call] = {
    "where": where,
    "select": select,
    "repeat": repeat,
    "all": every,
    "exists": exists,
    "empty": lambda context, data: [not data],
    "count": lambda context, data: [len(data)],
    "iif": iif,
    "aggregate": aggregate,
    "coalesce": coalesce,
    "defineVariable": define_variable,
    "children": children,
    "descendants": descendants,
    "extension": extension,
    "ofType": of_type,
    "as": of_type,
    "is": is_type,
    "type": type_of,
    "single": only,
    "first": lambda context, data: data[:1],
    "last": lambda context, data: data[-1:],
    "tail": lambda context, data: data[1:],
    "skip": skip,
    "take": take,
    "intersect": intersect,
    "exclude": exclude,
    "subsetOf": subset_of,
    "supersetOf": superset_of,
    "distinct": lambda context, data: unique(data),
    "isDistinct": lambda context, data: [len(unique(data)) == len(data)],
    "union": lambda context, data, other: unique([*data, *value_of(context, other)]),
    "combine": lambda context, data, other: bounded([*data, *value_of(context, other)]),
    "not": negate,
    "allTrue": all_are(True),
    "allFalse": all_are(False),
    "anyTrue": any_is(True),
    "anyFalse": any_is(False),
    "trace": lambda context, data, name, projection=None: data,
    "hasValue": has_value,
    "getValue": lambda context, data: [plain(data[0])] if has_value(context, data)[0] else [],
}
