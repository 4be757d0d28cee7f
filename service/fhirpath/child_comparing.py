"""Comparing in the child: equality, order and membership.

What cannot be told, as with dates of unlike precision, is empty.
"""

from typing import Any

from service.fhirpath.child_language import Context, Operator, Values, offset, single
from service.fhirpath.child_values import alike, order, plain, same, same_lists, text, unique


def _compared(wanted: frozenset[int]) -> Operator:
    def operator(context: Context, left: Values, right: Values) -> Values:
        one, other = single(left), single(right)
        found = None if one is None or other is None else order(one, other, offset(context))
        return [] if found is None else [found in wanted]

    return operator


def _equal(wanted: bool) -> Operator:
    def operator(context: Context, left: Values, right: Values) -> Values:
        found = same_lists(left, right, offset(context)) if left and right else None
        return [] if found is None else [found is wanted]

    return operator


def _equivalent(wanted: bool) -> Operator:
    def operator(context: Context, left: Values, right: Values) -> Values:
        rest = [plain(each) for each in right]
        for value in map(plain, left):
            match = next((place for place, each in enumerate(rest) if alike(value, each)), None)
            if match is None:
                return [not wanted]
            rest.pop(match)
        return [wanted is not bool(rest)]

    return operator


def within(value: Any, values: Values, minutes: int) -> bool:
    """Whether a collection holds an equal value."""
    return any(same(value, plain(each), minutes) for each in values)


def _in(context: Context, left: Values, right: Values) -> Values:
    value = single(left, "one value before `in`")
    return [] if value is None else [within(value, right, offset(context))]


def _joined_text(context: Context, left: Values, right: Values) -> Values:
    return ["".join("" if each is None else text(each) for each in (single(left), single(right)))]


TABLE: dict[str, Operator] = {
    "<": _compared(frozenset({-1})),
    "<=": _compared(frozenset({-1, 0})),
    ">": _compared(frozenset({1})),
    ">=": _compared(frozenset({0, 1})),
    "=": _equal(True),
    "!=": _equal(False),
    "~": _equivalent(True),
    "!~": _equivalent(False),
    "in": _in,
    "contains": lambda context, left, right: _in(context, right, left),
    "|": lambda context, left, right: unique([*left, *right]),
    "&": _joined_text,
}
