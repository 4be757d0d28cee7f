"""An expression cut into tokens, to see what it names without parsing or running it. Plain data, linear time.

It is not a parser: whether an expression is well formed is for the child to say. What it tells are the functions and
variables that an expression uses, the questions that it names by linkId, and how deep it nests.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

TOKEN = re.compile(
    r"""
    (?P<comment>//[^\r\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/|\Z))
    |(?P<string>'(?:\\.|[^'\\])*+(?:'|\\?\Z))
    |(?P<constant>%(?:\w+|`(?:\\.|[^`\\])*+(?:`|\\?\Z)|'(?:\\.|[^'\\])*+(?:'|\\?\Z)))
    |(?P<moment>@[0-9T:.Z]++(?:[+-][0-9:]++)*+)
    |(?P<name>[A-Za-z_]\w*|`(?:\\.|[^`\\])*+(?:`|\\?\Z))
    |(?P<special>\$\w+)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<space>\s++)
    |(?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
OPERATORS = frozenset({"and", "or", "xor", "implies", "div", "mod", "in", "contains", "is", "as"})
OPENING, CLOSING = frozenset("([{"), frozenset(")]}")

# What the child can do, which the tests compare with its tables: FHIRPath, what SDC adds, nothing that reaches out.
NAMES = """
    abs aggregate all allFalse allTrue answers anyFalse anyTrue as avg ceiling children coalesce combine contains
    convertsToBoolean convertsToDate convertsToDateTime convertsToDecimal convertsToInteger convertsToQuantity
    convertsToString convertsToTime count dateOf dayOf decode defineVariable descendants distinct empty encode endsWith
    exclude exists exp extension first floor getValue hasValue hourOf iif indexOf intersect is isDistinct join last
    lastIndexOf length ln log lower matches matchesFull max millisecondOf min minuteOf monthOf not now ofType ordinal
    power repeat replace replaceMatches round secondOf select single skip split sqrt startsWith subsetOf substring sum
    supersetOf tail take timeOf timeOfDay toBoolean toChars toDate toDateTime toDecimal toInteger toQuantity toString
    toTime today trace trim truncate type union upper weight where yearOf
"""
FUNCTIONS = frozenset(NAMES.split())


@dataclass(frozen=True)
class Tokens:
    """What an expression names."""

    functions: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    defined: tuple[str, ...] = ()
    depth: int = 0
    count: int = 0
    first: str = ""


@lru_cache(maxsize=2048)
def read(expression: str) -> Tokens:
    """Cut one expression up. Unclosed strings and comments run to the end; the child refuses those."""
    tokens = [(str(each.lastgroup), each[0]) for each in TOKEN.finditer(expression)]
    tokens = [each for each in tokens if each[0] not in {"space", "comment"}]
    return Tokens(
        functions=_functions(tokens),
        variables=tuple(unquoted(text[1:]) for kind, text in tokens if kind == "constant"),
        links=_links(tokens),
        defined=_defined(tokens),
        depth=_depth(tokens),
        count=len(tokens),
        first=unquoted(tokens[0][1]) if tokens else "",
    )


def unquoted(text: str) -> str:
    """A name or string without its quotes and with its escapes undone."""
    if text[:1] not in {"'", "`"}:
        return text
    return re.sub(r"\\(.)", r"\1", text[1:].removesuffix(text[0]), flags=re.DOTALL)


def _links(tokens: list[tuple[str, str]]) -> tuple[str, ...]:
    """The literals that linkId is equal to. One that it must differ from is not read: `linkId != 'total'`. Nor is one
    on a path that begins with %questionnaire: it names a question and not its answer.
    """
    steps = zip(tokens, tokens[1:], tokens[2:], _of_the_form(tokens), strict=False)
    return tuple(
        unquoted(text)
        for (_, name), (_, sign), (kind, text), of_the_form in steps
        if name == "linkId" and sign in {"=", "~"} and kind == "string" and not of_the_form
    )


def _of_the_form(tokens: list[tuple[str, str]]) -> Iterator[bool]:
    """For each token whether its path begins with %questionnaire. A bracket takes up the path before it."""
    around, at = [False], False
    for kind, text in tokens:
        if kind == "constant":
            at = text == "%questionnaire"
        elif text in OPENING:
            around.append(at)
        elif text in CLOSING:
            at = around.pop() if len(around) > 1 else False
        elif text in OPERATORS or (kind == "other" and text != "."):
            at = around[-1]
        yield at


def _functions(tokens: list[tuple[str, str]]) -> tuple[str, ...]:
    """Names before an opening bracket, but not an operator before a bracketed operand."""
    found = []
    for place, (kind, text) in enumerate(tokens[:-1]):
        called = kind == "name" and tokens[place + 1][1] == "("
        if called and (text not in OPERATORS or (place > 0 and tokens[place - 1][1] == ".")):
            found.append(unquoted(text))
    return tuple(found)


def _defined(tokens: list[tuple[str, str]]) -> tuple[str, ...]:
    """The variables that an expression makes for itself with defineVariable."""
    steps = zip(tokens, tokens[1:], tokens[2:], strict=False)
    return tuple(
        unquoted(name)
        for (_, called), (_, bracket), (kind, name) in steps
        if called == "defineVariable" and bracket == "(" and kind == "string"
    )


def _depth(tokens: list[tuple[str, str]]) -> int:
    deepest = depth = 0
    for kind, text in tokens:
        if kind == "other":
            depth += (text in OPENING) - (text in CLOSING)
            deepest = max(deepest, depth)
    return deepest
