"""Working through an imported form: which questions are asked, what the form works out, what stands against a response.

Expressions run in a child process (service/fhirpath/engine.py). One that fails is named and hides nothing: its
question stays, its result stays empty. Own instruments have no expressions and pass through unchanged.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from schemas.instruments.answer import Answer, Answers
from schemas.instruments.definition import Instrument, Item
from schemas.instruments.rules import Severity
from service.domain.completion import offered, still_open, wrongly_answered
from service.domain.enabling import all_places, asked_places, kept, with_answers
from service.errors import Invalid
from service.fhirpath.engine import Evaluated, Form, Request, evaluate, prepare
from service.fhirpath.expressions import Kind
from service.fhirpath.form_items import questionnaire_of
from service.fhirpath.response_items import read_result, response_items

TURNS = 4
LOOK_AGAIN = "Some answers need another look."
UNFIT = "What the form worked out here does not fit its own question."


@dataclass(frozen=True)
class Worked:
    """Answers to what is asked, with what the form worked out; `broken` and `warnings` are the form's own rules that do
    not hold, by place; `failed` the expressions without a result, by linkId.
    """

    answers: Answers
    places: frozenset[str]
    broken: Mapping[str, str] = field(default_factory=dict)
    warnings: Mapping[str, str] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)


def is_worked_through(instrument: Instrument) -> bool:
    """Whether the instrument has rules of its own about what is asked."""
    return instrument.origin is not None


def started(instrument: Instrument, now: datetime, launch: Mapping[str, Any] | None = None) -> Answers:
    """What the form itself offers when it is opened. `launch` is what %patient and the like stand for."""
    answers = offered(instrument)
    form = _prepared(instrument)
    told = evaluate(Request(form, _response(instrument, answers), now, frozenset({Kind.INITIAL}), launch or {}))
    given, _unfit = _by_place(instrument, answers, told.initial)
    return with_answers(instrument, answers, {at: answer for at, answer in given.items() if answer is not None})


def work_through(instrument: Instrument, answers: Answers, now: datetime) -> Worked:
    """Raises Unavailable when the expressions could not be run at all."""
    own = with_answers(instrument, answers, dict.fromkeys(_worked_out(instrument, answers)))
    given = {**_set_by_form(instrument, now), **own}
    found, whole = asked_places(instrument, given, {}), given
    for _ in range(TURNS):
        places, asked = found, kept(instrument, whole, found)
        told = evaluate(Request(_prepared(instrument), _response(instrument, asked), now))
        results, unfit = _by_place(instrument, asked, told.values)
        whole = with_answers(instrument, given, results)
        found = asked_places(instrument, whole, _truths(instrument, asked, told.enabled))
        if found == places:
            break
    told_places = all_places(instrument, asked)
    return Worked(
        answers=kept(instrument, with_answers(instrument, asked, results), found),
        places=found,
        broken=dict(_broken(instrument, told, told_places, Severity.ERROR)),
        warnings=dict(_broken(instrument, told, told_places, Severity.WARNING)),
        failed={**told.failed, **unfit},
    )


def completed(instrument: Instrument, answers: Answers, now: datetime) -> Answers:
    """The answers as they are recorded. Raises Invalid that names each item that stands against it."""
    if not is_worked_through(instrument):
        return answers
    worked = work_through(instrument, answers, now)
    wrong = (
        wrongly_answered(instrument, answers, worked.places)
        | still_open(instrument, worked.answers, worked.places)
        | dict(worked.broken)
    )
    if wrong:
        raise Invalid(LOOK_AGAIN, {f"answers.{at}": words for at, words in wrong.items()})
    return worked.answers


@lru_cache(maxsize=64)
def _prepared(instrument: Instrument) -> Form:
    return prepare(questionnaire_of(instrument))


def _response(instrument: Instrument, answers: Answers) -> dict[str, Any]:
    url = instrument.origin.url if instrument.origin else ""
    return {
        "resourceType": "QuestionnaireResponse",
        "status": "in-progress",
        **({"questionnaire": url} if url else {}),
        "item": response_items(instrument, answers),
    }


def _worked_out(instrument: Instrument, answers: Answers) -> Iterator[str]:
    """The places of what the form works out by itself."""
    places = all_places(instrument, answers)
    for item in instrument.items():
        if item.rules and item.rules.calculated:
            yield from places.get(item.key, ())


def _set_by_form(instrument: Instrument, now: datetime) -> Answers:
    """What stands in questions that nobody can answer, because the form hides them or keeps them to itself."""
    closed = {item.key for item in instrument.items() if item.rules and (item.rules.hidden or item.rules.read_only)}
    return {key: answer for key, answer in started(instrument, now).items() if key in closed} if closed else {}


def _truths(instrument: Instrument, answers: Answers, enabled: Mapping[str, Sequence[bool]]) -> dict[str, bool]:
    keys = {item.name: item.key for item in instrument.items()}
    places = all_places(instrument, answers)
    pairs = (zip(places.get(keys.get(name, ""), ()), each, strict=False) for name, each in enabled.items())
    return dict(pair for each in pairs for pair in each)


def _by_place(
    instrument: Instrument, answers: Answers, values: Mapping[str, Sequence[Sequence[Any]]]
) -> tuple[dict[str, Answer | None], dict[str, str]]:
    """Results by place, and by linkId what did not fit its question."""
    items = {item.name: item for item in instrument.items()}
    places = all_places(instrument, answers)
    found: dict[str, Answer | None] = {}
    unfit: dict[str, str] = {}
    for name, item in items.items():
        for at, each in zip(places.get(item.key, ()), values.get(name, ()), strict=False):
            try:
                found[at] = read_result(item, each)
            except ValueError:
                found[at], unfit[name] = None, UNFIT
    return found, unfit


def _broken(
    instrument: Instrument, told: Evaluated, places: Mapping[str, Sequence[str]], severity: Severity
) -> Iterator[tuple[str, str]]:
    """(place, sentence); a rule of the whole form stands under "form"."""
    items: dict[str | None, Item] = {item.name: item for item in instrument.items()}
    for each in told.broken:
        if (each.severity == Severity.WARNING) is not (severity is Severity.WARNING):
            continue
        item = items.get(each.link_id)
        at = places.get(item.key, ()) if item else ()
        yield (at[each.place] if each.place < len(at) else "form"), each.human or "A rule of the form does not hold."
