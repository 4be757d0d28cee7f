"""How the house evaluates the expressions of an imported form: one form, one response, one answer, under caps.

    form = prepare(questionnaire)                     # once a version; frozen, may be kept
    result = evaluate(Request(form, response, now))   # as often as answers change

Nothing of fhirpathpy is loaded here: a child process of `pool.py` does the work. An expression that fails or runs too
long is named by its linkId in `failed`, and everything else is still worked out.
"""

import atexit
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from typing import Any

import orjson

from service.errors import Invalid, Unavailable
from service.fhirpath.expressions import Expression, Expressions, Kind, gather
from service.fhirpath.pool import Child, Overrun, Pool

Json = Any
ALL = frozenset({Kind.CALCULATED, Kind.ENABLED, Kind.CONSTRAINT})
SECONDS = 1.0
LOADING = 15.0  # wall time for reading a form that the child has not seen
INPUT = 4 * 1024 * 1024
SHARE = 0.7  # of the time: what the child may use of the processor, so that a second is a second
PATIENCE = 15  # times that long by the clock on the wall, for a busy machine; then the child is killed
KILLED = "it takes more time or memory than an expression may"
AGAIN = "The expressions of this form could not be worked out: {} takes more time or memory than an expression may."
NEED_FORM, LOADED = b"form", b"loaded"


@dataclass(frozen=True)
class Form:
    """A Questionnaire made ready: its JSON text, a key for it, and its expressions as data."""

    key: str
    text: bytes
    questionnaire: Mapping[str, Any]
    expressions: Expressions


@dataclass(frozen=True)
class Request:
    """What to evaluate. `response` is a QuestionnaireResponse as a dictionary, with enabled items only.

    `now` is what `now()` and `today()` give; it needs a time zone, that of the clinic. `kinds` chooses: calculated,
    enabling and constraint expressions by default; `Kind.INITIAL` for a new response. `launch` holds the resources that
    stand for %patient, %user and so on; a name that the form declares and `launch` lacks is empty.
    """

    form: Form
    response: Mapping[str, Any]
    now: datetime
    kinds: frozenset[Kind] = ALL
    launch: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Broken:
    """A constraint that does not hold: on which item (None: the form), at which of its places, and what it says."""

    link_id: str | None
    place: int
    key: str
    severity: str
    human: str


@dataclass(frozen=True)
class Evaluated:
    """What came out, by linkId. Each item has one tuple of values for each place that the response has for it: one,
    but for items of a repeating group, where there is one an instance, in order.

    Values are int, Decimal, bool, str (also dates and times, as FHIR writes them) or a dictionary (Coding, Quantity).
    No value is an empty tuple. `failed` maps linkId, or %name of a variable, or `the form`, to the reason in words;
    `exploded` names those of them that ran out of time or memory. `spent` is processor seconds in the child.
    """

    values: Mapping[str, tuple[tuple[Json, ...], ...]] = field(default_factory=dict)
    initial: Mapping[str, tuple[tuple[Json, ...], ...]] = field(default_factory=dict)
    enabled: Mapping[str, tuple[bool, ...]] = field(default_factory=dict)
    broken: tuple[Broken, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    exploded: tuple[str, ...] = ()
    spent: float = 0.0

    def value(self, link_id: str) -> Json:
        """The one value of an item that stands outside repeating groups, or None."""
        first = next(iter(self.values.get(link_id, ())), ())
        return first[0] if first else None


def prepare(questionnaire: Mapping[str, Any]) -> Form:
    """Make a Questionnaire ready. Equal Questionnaires give equal keys, so the child parses each once."""
    text = _written(questionnaire)
    return Form(sha256(text).hexdigest(), text, questionnaire, gather(questionnaire))


def evaluate(request: Request, *, seconds: float = SECONDS) -> Evaluated:
    """Work out what the request asks for.

    `seconds` caps the whole request; expressions that have to be given up may use part of
    that. Raises `Unavailable` when no result at all
    could be had (the child cannot start, or two expressions in a row had to be killed), `Invalid` for a request that is
    too large.
    """
    if not request.kinds & {each.kind for each in request.form.expressions.all}:
        return Evaluated()
    response = _written(request.response)
    try:
        return _told(request, _asked(request, response, (), seconds))
    except Overrun as problem:
        label = str(problem)
    try:
        told = _told(request, _asked(request, response, (label,) if label else (), seconds))
    except Overrun as problem:
        raise Unavailable(AGAIN.format(str(problem) or "an expression")) from problem
    return told if not label else _also_failed(told, label)


def attempt(request: Request, *, seconds: float) -> Evaluated:
    """The same for a form that nobody trusts yet: one go, and what kills the child is told as exploded."""
    try:
        return _told(request, _asked(request, _written(request.response), (), seconds))
    except Overrun as problem:
        label = str(problem) or "the form"
        return Evaluated(failed={label: KILLED}, exploded=(label,), spent=seconds)


@dataclass(frozen=True)
class Readable:
    """What reading expressions found: the ill-formed ones with the reason, those that took too long, and the time."""

    ill_formed: Mapping[Expression, str]
    late: Mapping[Expression, str]
    spent: float


def read_all(expressions: Iterable[Expression], *, seconds: float) -> Readable:
    """Whether expressions are well formed. Nothing is evaluated."""
    numbered = {str(number): each for number, each in enumerate(expressions)}
    request = {"parse": {key: each.text for key, each in numbered.items()}, "seconds": seconds}
    try:
        with _pool(os.getpid()).lent() as child:
            child.send(_written(request))
            told = json.loads(child.hear(seconds * PATIENCE))
    except Overrun as problem:
        killed = [numbered[str(problem)]] if str(problem) in numbered else list(numbered.values())
        return Readable({}, dict.fromkeys(killed, KILLED), seconds)
    late = set(told["late"])
    return Readable(
        {numbered[key]: reason for key, reason in told["failed"].items() if key not in late},
        {numbered[key]: reason for key, reason in told["failed"].items() if key in late},
        float(told["spent"]),
    )


def close() -> None:
    """End this process's children; the next request starts new ones."""
    _pool(os.getpid()).close()


@cache
def _pool(process: int) -> Pool:
    """One pool a process: a forked web worker must neither speak over its parent's pipes nor end its children."""
    pool = Pool()
    atexit.register(_end, pool, process)
    return pool


def _end(pool: Pool, process: int) -> None:
    if os.getpid() == process:
        pool.close()


def _asked(request: Request, response: bytes, skip: tuple[str, ...], seconds: float) -> dict[str, Any]:
    header = {
        "form": request.form.key,
        "now": request.now.isoformat(timespec="milliseconds"),
        "launch": request.launch,
        "kinds": sorted(request.kinds),
        "seconds": seconds * SHARE,
        "skip": skip,
    }
    with _pool(os.getpid()).lent() as child:
        child.send(_written(header), response)
        return dict(json.loads(_heard(child, request.form, seconds), parse_float=Decimal))


def _heard(child: Child, form: Form, seconds: float) -> bytes:
    told = child.hear(seconds * PATIENCE)
    if told == NEED_FORM:
        child.send(form.text)
        child.hear(LOADING)
        told = child.hear(seconds * PATIENCE)
    return told


def _told(request: Request, told: Mapping[str, Any]) -> Evaluated:
    return Evaluated(
        values=_places(told["values"]),
        initial=_places(told["initial"]),
        enabled={link_id: tuple(each) for link_id, each in told["enabled"].items()},
        broken=tuple(_broken(request.form.expressions, each) for each in told["broken"]),
        failed=told["failed"],
        exploded=tuple(told["exploded"]),
        spent=float(told["spent"]),
    )


def _places(told: Mapping[str, Any]) -> dict[str, tuple[tuple[Json, ...], ...]]:
    return {link_id: tuple(tuple(values) for values in places) for link_id, places in told.items()}


def _broken(expressions: Expressions, told: Mapping[str, Any]) -> Broken:
    link_id, key = told["link_id"], told["key"]
    rule = next(each for each in expressions.of(Kind.CONSTRAINT) if (each.link_id, each.name) == (link_id, key))
    return Broken(link_id, told["place"], key, rule.severity, rule.human)


def _also_failed(told: Evaluated, label: str) -> Evaluated:
    return replace(told, failed={**told.failed, label: KILLED}, exploded=(*told.exploded, label))


def _written(value: object) -> bytes:
    try:
        text = orjson.dumps(value, default=_exact)
    except orjson.JSONEncodeError as problem:
        raise Invalid("The form or its answers nest too deeply, or hold what is no JSON.") from problem
    if len(text) > INPUT:
        raise Invalid("The form or its answers are larger than a form may be.")
    return text


def _exact(value: object) -> Any:
    """Decimals as they are, digit for digit."""
    if isinstance(value, Decimal):
        return orjson.Fragment(f"{value:f}")
    raise TypeError
