"""An imported form on the page: only what is asked with the answers so far, what the form works out, rows to add and
take out.

Without script a button asks the server again; with script each answer does (`data-asks-again`). Nothing typed is lost
on the way: what does not fit yet is shown as it was typed and only left out of the conditions.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from flask import request

from schemas.instruments.answer import Answer, Answers, read_answer
from schemas.instruments.definition import Instrument, Item
from schemas.instruments.kinds import Group, Note, Quantity, Rows
from schemas.instruments.translating import languages
from service.casework import forms
from service.domain import clock
from service.domain.enabling import MARK, all_places, key_at, place, with_answers
from service.errors import Invalid
from service.guard import current_practice
from service.web.forms import Form
from service.web.instrument_answers import LOOK_AGAIN, Skips, Texts, answers_of, as_texts, parted, value_of_texts
from service.web.instrument_form import Filled

ROUND_TRIPS = ("update", "add", "remove", "go")
CAME_UP = "This question came up with the answers above it."


def is_round_trip() -> bool:
    """Whether the person asks for the questions again rather than for the log to be recorded."""
    return any(name in request.form for name in ROUND_TRIPS)


def opened(instrument: Instrument) -> Answers:
    """What the form itself offers for a new log."""
    return forms.started(instrument, now()) if forms.is_worked_through(instrument) else {}


def language_of(instrument: Instrument, form: Form) -> str:
    """The language that was chosen, among those that the form knows."""
    wanted = form.value("language", request.args.get("language", ""))
    return wanted if wanted in languages(instrument) else next(iter(languages(instrument)), "")


def now() -> datetime:
    return clock.local(clock.now(), current_practice().zone)


def filled(instrument: Instrument, form: Form, stored: Answers) -> Filled:
    """What the page shows: what was typed, else what is stored; of an imported form with its results, and only what is
    asked.
    """
    if not forms.is_worked_through(instrument):
        own: tuple[Texts, Skips] = parted(*posted_in(form)) if form.typed else as_texts(stored)
        return Filled(own[0], own[1], form.fields)
    held: tuple[Texts, Skips] = _typed(instrument, form) if form.typed else as_texts(stored)
    texts, skips = held
    answers = _readable(instrument.tops(), texts, skips, "")
    worked = forms.work_through(instrument, answers, now())
    return Filled(
        {**texts, **_results(instrument, worked.answers)}, skips, {**_of_rules(worked), **form.fields}, worked.places
    )


def _results(instrument: Instrument, answers: Answers) -> Texts:
    """What the form set itself, by place."""
    fixed = {item.key for item in instrument.items() if _is_fixed(item)}
    return {at: texts for at, texts in as_texts(answers)[0].items() if key_at(at) in fixed}


def _is_fixed(item: Item) -> bool:
    return item.rules is not None and item.rules.fixed


def _of_rules(worked: forms.Worked) -> dict[str, str]:
    """Rules of the form that do not hold, at their questions."""
    return {f"a.{at}": words for at, words in {**worked.warnings, **worked.broken}.items()}


def answers_in(instrument: Instrument, given: Mapping[str, Any]) -> Answers:
    """The answers of a posted log. A browser also sends what was typed before a question went away; that is no answer.

    Raises Invalid naming the field, and questions that came up after the page was drawn: nobody records past them
    unseen.
    """
    answers = answers_of(instrument, given["a"], given["skip"])
    if not forms.is_worked_through(instrument):
        return answers
    worked = forms.work_through(instrument, answers, now())
    fresh = sorted(set(_to_be_seen(instrument, worked.places)) - set(given["asked"].split()))
    if fresh:
        raise Invalid(LOOK_AGAIN, {f"a.{at}": CAME_UP for at in fresh})
    places = all_places(instrument, answers)
    fixed = (at for item in instrument.items() if _is_fixed(item) for at in places.get(item.key, ()))
    return with_answers(instrument, worked.answers, dict.fromkeys(fixed))


def _to_be_seen(instrument: Instrument, places: frozenset[str]) -> Iterator[str]:
    """The questions among them that a person answers; those in rows stand under the rows."""
    for item in instrument.asked():
        is_closed = item.rules is not None and (item.rules.hidden or _is_fixed(item))
        if item.key in places and not is_closed and not isinstance(item.answer, Rows):
            yield item.key


def posted_in(form: Form) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Answers and reasons for skipping as a form that came back holds them."""
    posted = {name[2:]: form.typed.getlist(name) for name in form.typed if name.startswith("a.")}
    return posted, {name[5:]: form.typed[name] for name in form.typed if name.startswith("skip.")}


def _typed(instrument: Instrument, form: Form) -> tuple[dict[str, Sequence[str]], dict[str, str]]:
    """What was typed, rows added or taken out as asked, and then counted from 0 again."""
    posted, skips = posted_in(form)
    adding, leaving = form.typed.get("add", ""), form.typed.get("remove", "")
    if adding:
        rows = posted.get(adding, [])
        posted[adding] = [*rows, next(str(number) for number in count() if str(number) not in rows)]
    if leaving:
        owner, _, number = leaving.rpartition(MARK)
        posted[owner] = [each for each in posted.get(owner, []) if each != number]
    texts, skipped = parted(posted, skips)
    moves = dict(_moves(instrument.tops(), posted, "", ""))
    repeated = {item.key for item in instrument.items() if isinstance(item.answer, Rows)}
    kept = {at: each for at, each in posted.items() if key_at(at) in repeated} | texts
    return (
        {moves[at]: _counted(each) if key_at(at) in repeated else each for at, each in kept.items() if at in moves},
        {moves[at]: each for at, each in skipped.items() if at in moves},
    )


def _counted(rows: Sequence[str]) -> Sequence[str]:
    """Rows counted from 0, those too that stand there empty: a person who asked for one wants to fill it in."""
    return [str(number) for number, _row in enumerate(rows)]


def _moves(items: Sequence[Item], posted: Texts, old: str, new: str) -> Iterator[tuple[str, str]]:
    """(place as posted, place counted from 0) of every control."""
    for item in items:
        was, becomes = place(old, item.key), place(new, item.key)
        yield was, becomes
        if isinstance(item.answer, Rows):
            for number, each in enumerate(posted.get(was, ())):
                yield from _moves(item.follow_ups, posted, place(was, each), place(becomes, number))
        else:
            yield from _moves(item.follow_ups, posted, old, new)


def _readable(items: Sequence[Item], texts: Texts, skips: Skips, at: str) -> dict[str, Answer]:
    """The answers that can be read already."""
    found: dict[str, Answer] = {}
    for item in items:
        here = place(at, item.key)
        if isinstance(item.answer, Rows):
            rows = tuple(
                _readable(item.follow_ups, texts, skips, place(here, n)) for n, _ in enumerate(texts.get(here, ()))
            )
            found |= {item.key: rows} if rows else {}
            continue
        answer = _one(item, texts.get(here, ()), skips.get(here, ""))
        found |= {} if answer is None else {item.key: answer}
        found |= _readable(item.follow_ups, texts, skips, at)
    return found


def _one(item: Item, texts: Sequence[str], skip: str) -> Answer | None:
    entry: Mapping[str, object] = {"skipped": skip}
    if not skip:
        if not any(texts[:1] if isinstance(item.answer, Quantity) else texts) or isinstance(item.answer, Group | Note):
            return None
        entry = {"value": value_of_texts(item.answer, texts)}
    try:
        return read_answer(item, entry)
    except ValueError:
        return None
