"""One question of a form at a time, for the clinician's page: which one, out of how many, and what is carried along.

Rule: nothing is stored before the form is recorded. Each step posts everything that was typed and gets it back, so it
works without script; what the step does not show travels with it unseen.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from flask import request

from service.guard import CSRF_FIELD
from service.web.forms import Form
from service.web.instrument_form import Question, Sheet

MOVE, PLACE = "go", "at"
WAYS = {"next": 1, "back": -1}
# What the template of a step writes by itself on each page.
OF_THE_PAGE = frozenset({CSRF_FIELD, MOVE, PLACE, "module", "asked", "update", "add", "remove"})
CIRCUMSTANCES = ("capture.", "contact_context", "authored_at", "session_id", "before_going_on", "language")


@dataclass(frozen=True)
class Step:
    """Place 0 asks for the circumstances, 1 to `total` a question each, the one after them records. `carried` are
    (name, value) of everything that this step does not show.
    """

    at: int
    total: int
    title: str
    question: Question | None
    carried: tuple[tuple[str, str], ...]

    @property
    def is_last(self) -> bool:
        return self.at > self.total


def step_of(form: Form, sheets: Sequence[Sheet]) -> Step | None:
    """The step that was asked for, or the one with the first mistake; None where the form stands on one page."""
    pairs = [(sheet.title, each) for sheet in sheets for each in sheet.questions if _is_asked(each)]
    at = _place(form, [each for _, each in pairs])
    if at is None:
        return None
    title, question = pairs[at - 1] if 1 <= at <= len(pairs) else ("", None)
    return Step(at, len(pairs), title, question, tuple(_carried(form, [each for _, each in pairs], question, at)))


def _is_asked(question: Question) -> bool:
    return not question.fixed and question.look.control != "words"


def _place(form: Form, questions: Sequence[Question]) -> int | None:
    wanted, move = form.typed.get(PLACE) or request.args.get(PLACE, ""), form.typed.get(MOVE, "")
    if move in ("one", "page"):
        return 0 if move == "one" else None
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 5):
        return None
    if form.fields:
        return _first_mistake(form.fields, questions)
    return min(max(int(wanted) + WAYS.get(move, 0), 0), len(questions) + 1)


def _first_mistake(fields: Collection[str], questions: Sequence[Question]) -> int:
    found = (number for number, each in enumerate(questions, 1) if set(_names(each)) & set(fields))
    return 0 if any(not name.startswith("a.") for name in fields) else next(found, len(questions) + 1)


def _carried(form: Form, questions: Sequence[Question], shown: Question | None, at: int) -> Iterator[tuple[str, str]]:
    """What was typed, or on a form that was just opened what it offers, without the controls of this step."""
    here = set(_names(shown)) if shown else set()
    if not form.typed:
        yield from ((each.name, value) for each in questions if each.name not in here for value in each.values)
        return
    for name in form.typed:
        own = name in here or name in OF_THE_PAGE or (at == 0 and name.startswith(CIRCUMSTANCES))
        yield from () if own else ((name, value) for value in form.typed.getlist(name))


def _names(question: Question) -> Iterator[str]:
    """The names of every control that a question is drawn with, its follow-ups and rows included."""
    yield from (question.name, f"skip.{question.key}")
    for each in (*question.follow_ups, *(one for row in question.rows for one in row.questions)):
        yield from _names(each)
