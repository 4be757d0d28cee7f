"""Numbers in the child: operators, sums and roundings, in exact decimals, on numbers, quantities, dates and text.

What has no result (a division by nothing, the root of a negative number) is empty, as FHIRPath wants it. Halves round
up, as people round, not to even.
"""

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal, InvalidOperation, Overflow
from functools import reduce
from typing import Any

from service.fhirpath.child_language import Call, Context, Tree, Values, maybe, offset, single, value_of
from service.fhirpath.child_values import Mismatch, Moment, Quantity, is_number, kind_of, moment, order, plain

LIMIT = 100_000  # characters of a text that is put together
Operator = Callable[[Context, Values, Values], Values]


def summed(context: Context, data: Values) -> Values:
    """Nothing gives nothing: a score of no answers is no score."""
    values = [plain(each) for each in data]
    if values and all(map(is_number, values)):
        return [tidy(sum(values))]
    return reduce(lambda total, each: plus(1)(context, total, [each]), values[1:], values[:1])


def average(context: Context, data: Values) -> Values:
    return divided(context, summed(context, data), [len(data)]) if data else []


def extreme(sign: int) -> Call:
    def function(context: Context, data: Values) -> Values:
        def further(best: Any, each: Any) -> Any:
            return each if order(each, best, offset(context)) == sign else best

        return [reduce(further, map(plain, data))] if data else []

    return function


def numeric(rule: Callable[..., Any]) -> Call:
    """A rule on one number, and on one more if there is an argument; nothing gives nothing."""

    def function(context: Context, data: Values, *arguments: Tree) -> Values:
        value, *others = [single(data, "one number"), *(single(value_of(context, each)) for each in arguments)]
        if value is None or None in others:
            return []
        if isinstance(value, Quantity):
            return [Quantity(Decimal(rule(value.value, *others)), value.unit)]
        if not all(is_number(each) for each in (value, *others)):
            raise Mismatch(f"{kind_of(value)} is no number")
        return maybe(guarded(rule, Decimal(value), *others))

    return function


def guarded(rule: Callable[..., Any], *numbers: Any) -> Any:
    """What has no result, such as the root of a negative number, is empty."""
    try:
        return rule(*numbers)
    except (InvalidOperation, Overflow, ZeroDivisionError):
        return None


def rounded(value: Decimal, places: Decimal = Decimal(0)) -> Any:
    if not 0 <= places <= 28:
        raise Mismatch("a number is rounded to between 0 and 28 places")
    step = Decimal(1).scaleb(-int(places))
    found = (value + step / 2).quantize(step, ROUND_FLOOR)
    return int(found) if places == 0 else found


def power(value: Decimal, exponent: Decimal) -> Any:
    found = value ** Decimal(exponent)
    return int(found) if found == found.to_integral_value() and abs(found) < Decimal("1e28") else found


def whole_by(rounding: str) -> Callable[[Decimal], int]:
    return lambda value: int(value.quantize(Decimal(1), rounding))


def plus(sign: int) -> Operator:
    def operator(context: Context, left: Values, right: Values) -> Values:
        one, other = single(left), single(right)
        return [] if one is None or other is None else [_added(one, other, sign)]

    return operator


def _added(one: Any, other: Any, sign: int) -> Any:
    if isinstance(one, str) and isinstance(other, Quantity):
        one = moment(one) or moment(one, "time") or one
    if isinstance(one, Moment) and isinstance(other, Quantity):
        return one.plus(other, sign)
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        return _added_quantities(one, other, sign)
    if is_number(one) and is_number(other):
        return tidy(one + sign * other)
    if isinstance(one, str) and isinstance(other, str) and sign > 0 and len(one) + len(other) <= LIMIT:
        return one + other
    raise Mismatch(f"{kind_of(one)} and {kind_of(other)} cannot be {'added' if sign > 0 else 'subtracted'}")


def _added_quantities(one: Quantity, other: Quantity, sign: int) -> Quantity:
    """In the finer of the two units."""
    mine, theirs = one.into(other.unit), other.into(one.unit)
    if mine is None or theirs is None:
        raise Mismatch(f"{other} cannot be turned into the unit of {one}")
    if abs(mine.value) > abs(one.value):
        return Quantity(mine.value + sign * other.value, other.unit)
    return Quantity(one.value + sign * theirs.value, one.unit)


def times(context: Context, left: Values, right: Values) -> Values:
    one, other = single(left), single(right)
    if one is None or other is None:
        return []
    if isinstance(other, Quantity) and is_number(one):
        one, other = other, one
    if isinstance(one, Quantity) and is_number(other):
        return [Quantity(one.value * other, one.unit)]
    return [_numbers(one, other, lambda a, b: tidy(a * b))]


def divided(context: Context, left: Values, right: Values) -> Values:
    one, other = single(left), single(right)
    if one is None or other is None:
        return []
    if isinstance(one, Quantity) and is_number(other):
        return [Quantity(one.value / other, one.unit)] if other else []
    if isinstance(one, Quantity) and isinstance(other, Quantity) and (known := one.into(other.unit)):
        one, other = known.value, other.value
    return maybe(guarded(lambda: _numbers(one, other, lambda a, b: tidy(Decimal(a) / Decimal(b)))))


def tidy(value: Any) -> Any:
    """The result of a calculation without zeros that say nothing; a whole one is whole."""
    if isinstance(value, int):
        return value
    return int(value) if value == value.to_integral_value() and abs(value) < Decimal("1e28") else value.normalize()


def _numbers(one: Any, other: Any, rule: Callable[[Any, Any], Any]) -> Any:
    if not (is_number(one) and is_number(other)):
        raise Mismatch(f"{kind_of(one)} and {kind_of(other)} are not two numbers")
    return rule(one, other)


def remainder(rule: Callable[[Decimal, Decimal], Any]) -> Operator:
    def operator(context: Context, left: Values, right: Values) -> Values:
        one, other = single(left), single(right)
        if one is None or other is None:
            return []
        return maybe(guarded(lambda: tidy(_numbers(Decimal(one), Decimal(other), rule))))

    return operator


OPERATOR_TABLE: dict[str, Operator] = {
    "+": plus(1),
    "-": plus(-1),
    "*": times,
    "/": divided,
    "div": remainder(lambda a, b: (a / b).to_integral_value(ROUND_DOWN)),
    "mod": remainder(lambda a, b: a % b),
}
TABLE: dict[str, Call] = {
    "sum": summed,
    "avg": average,
    "min": extreme(-1),
    "max": extreme(1),
    "abs": numeric(lambda value: tidy(abs(value))),
    "ceiling": numeric(whole_by(ROUND_CEILING)),
    "floor": numeric(whole_by(ROUND_FLOOR)),
    "truncate": numeric(whole_by(ROUND_DOWN)),
    "round": numeric(rounded),
    "power": numeric(power),
    "sqrt": numeric(lambda value: tidy(value.sqrt())),
    "exp": numeric(lambda value: value.exp()),
    "ln": numeric(lambda value: value.ln()),
    "log": numeric(lambda value, base: tidy((value.ln() / Decimal(base).ln()).quantize(Decimal("1e-20")))),
}
