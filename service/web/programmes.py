"""The programme of a case: seven steps as cards, one step in full, conditions, barriers, cards to read, and sessions.

Rule: a step's state is told in words. Nothing here counts, adds up, compares or praises.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.programme.definition import Question, Step
from schemas.programme_codes import Barrier, Condition, EntryKind, StepState, TaskState
from schemas.programmes import (
    ProgrammeBarrierSchema,
    ProgrammeConfirmationSchema,
    ProgrammeMoveSchema,
    ProgrammeRulersSchema,
    ProgrammeTaskSchema,
    ProgrammeTouchedSchema,
)
from service.casework import programmes as desks
from service.casework.programmes import ConfirmationDraft, Desk, MoveDraft, RulersDraft, TaskDraft
from service.domain import clock
from service.domain.cases import Case
from service.domain.programme import CONFIRMED_BY_HAND, Entry, Programme, StepStanding, questions_of
from service.errors import NotFound
from service.guard import current_actor, current_practice, needs
from service.reports.series import day
from service.web.case_frame import tabs
from service.web.cases import labels
from service.web.forms import form_page, read
from service.web.frame import done, quiet, show
from service.web.rulers import RULER_WORDS, SCALE, rulers_of
from service.web.times import moment

page = Blueprint("programmes", __name__)
PLANS = "plans.plans"
PLACES: dict[str, tuple[str, str]] = {
    "cycle log": ("intakes.log", "cyl"),
    "contact log": ("intakes.log", "ctl"),
    "safety screen": ("intakes.log", "sfs"),
    "pattern check": ("intakes.log", "rgf"),
    "person check": ("intakes.log", "spc"),
    "goals": ("goals.new", ""),
    "plans": (PLANS, ""),
    "urge plan": (PLANS, ""),
    "day plan": (PLANS, ""),
    "after-care plan": (PLANS, ""),
    "digital plan": (PLANS, ""),
    "contact plan": ("contact_plans.contact_plan", ""),
    "toolkit": ("toolkits.tools", ""),
    "support people": ("networks.network", ""),
    "relationship review": ("reviews.review", ""),
}
# Pages on which something is written down; the others can be read as well.
WRITTEN = frozenset({"intakes.log", "goals.new"})
TONES = {
    StepState.ACTIVE: "part",
    StepState.REVISITING: "part",
    StepState.OFFERED: "part",
    StepState.DONE_FOR_NOW: "done",
    StepState.PAUSED: "quiet",
    StepState.NOT_SUITABLE: "closed",
    StepState.NOT_STARTED: "quiet",
}
MOVE_WORDS = {
    StepState.OFFERED: "Offer it",
    StepState.ACTIVE: "Start working on it",
    StepState.PAUSED: "Pause it",
    StepState.DONE_FOR_NOW: "Done for the time being",
    StepState.NOT_SUITABLE: "Not suitable now",
    StepState.REVISITING: "Come back to it",
}


@dataclass(frozen=True)
class Way:
    """One move that may follow, with what is asked with it."""

    to: StepState
    words: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Told:
    """One entry of the history as the page shows it. `take_back` is its address where it can be taken back here."""

    when: str
    text: str
    why: str
    answers: tuple[tuple[str, str], ...]
    undone: bool
    take_back: str = ""


@page.get("/cases/<case_id>/programme")
@needs(Action.PROGRAMME_READ)
def programme(case_id: str) -> Response:
    desk = desks.read_programme(current_actor(), case_id)
    return show(
        "pages/programmes/programme.html",
        task=f"Programme {desk.case.code}",
        case=desk.case,
        desk=desk,
        tabs_of_case=tabs(desk.case, "programmes.programme"),
        may_write=_may_write(desk),
        tones=TONES,
        at_work=(TaskState.DOING, TaskState.OFFERED),
        rulers=rulers_of(desk.programme),
        barriers=_barriers(desk.programme),
        history=_told(desk.programme, reversed(desk.programme.entries)),
    )


@page.get("/cases/<case_id>/programme/steps/<step_key>")
@needs(Action.PROGRAMME_READ)
def step(case_id: str, step_key: str) -> Response:
    desk = desks.read_programme(current_actor(), case_id)
    stands = _step(desk.programme, step_key)
    return show(
        "pages/programmes/step.html",
        task=f"Step {step_key} {desk.case.code}",
        case=desk.case,
        desk=desk,
        stands=stands,
        tone=TONES[stands.state],
        ways=_ways(stands),
        may_write=_may_write(desk),
        places=_places(desk.case, stands.step),
        ruler_words=RULER_WORDS,
        rulers=rulers_of(desk.programme, stands.step),
        scale_of_ten=SCALE,
        conditions=desk.conditions if stands.step.gated else (),
        by_hand=[(str(each), each.label) for each in CONFIRMED_BY_HAND],
        today=clock.today(current_practice().zone),
        history=_told(desk.programme, _about(desk.programme, step_key)),
    )


@page.post("/cases/<case_id>/programme/steps/<step_key>/move")
@needs(Action.PROGRAMME_WRITE)
@form_page(step)
def move(case_id: str, step_key: str) -> Response:
    given = read(ProgrammeMoveSchema)
    version = given.pop("version")
    given["answers"] = {key: text for key, text in given["answers"].items() if text.strip()}
    moved = desks.move_step(current_actor(), case_id, step_key, MoveDraft(**given), version=version)
    undo = url_for("programmes.take_back", entry_id=moved.entries[-1].id)
    return done(_step_url(case_id, step_key), f"Step {step_key}: {given['to'].label}.", undo)


@page.get("/cases/<case_id>/programme/tasks/<task_key>")
@needs(Action.PROGRAMME_WRITE)
def task(case_id: str, task_key: str) -> Response:
    desk = desks.read_programme(current_actor(), case_id)
    stands = _step(desk.programme, task_key[:1])
    found = next((each for each in stands.tasks if each.task.key == task_key), None)
    if found is None:
        raise NotFound
    return show(
        "pages/programmes/task.html",
        task=f"Task {task_key} {desk.case.code}",
        case=desk.case,
        stands=found,
        step=stands.step,
        place=_places(desk.case, stands.step).get(task_key, ""),
        states=labels(TaskState),
    )


@page.post("/cases/<case_id>/programme/tasks/<task_key>")
@needs(Action.PROGRAMME_WRITE)
@form_page(task)
def set_task(case_id: str, task_key: str) -> Response:
    given = read(ProgrammeTaskSchema)
    version = given.pop("version")
    after = desks.set_task(current_actor(), case_id, task_key, TaskDraft(**given), version=version)
    undo = url_for("programmes.take_back", entry_id=after.entries[-1].id)
    return done(_step_url(case_id, task_key[0], "tasks"), f"The task is kept: {given['state'].label}.", undo)


@page.post("/cases/<case_id>/programme/steps/<step_key>/rulers")
@needs(Action.PROGRAMME_WRITE)
@form_page(step)
def rulers(case_id: str, step_key: str) -> Response:
    entry = desks.take_rulers(current_actor(), case_id, step_key, RulersDraft(**read(ProgrammeRulersSchema)))
    undo = url_for("programmes.take_back", entry_id=entry.id)
    return done(_step_url(case_id, step_key, "rulers"), "The reading is kept.", undo)


@page.post("/cases/<case_id>/programme/steps/<step_key>/confirmations")
@needs(Action.PROGRAMME_WRITE)
@form_page(step)
def confirm(case_id: str, step_key: str) -> Response:
    entry = desks.confirm_condition(current_actor(), case_id, ConfirmationDraft(**read(ProgrammeConfirmationSchema)))
    undo = url_for("programmes.take_back", entry_id=entry.id)
    return done(_step_url(case_id, step_key, "conditions"), "The condition is confirmed.", undo)


@page.get("/cases/<case_id>/programme/barriers")
@needs(Action.PROGRAMME_WRITE)
def barriers(case_id: str) -> Response:
    desk = desks.read_programme(current_actor(), case_id)
    return show(
        "pages/programmes/barriers.html",
        task=f"What makes it hard {desk.case.code}",
        case=desk.case,
        found=_barriers(desk.programme),
        barriers=labels(Barrier),
    )


@page.post("/cases/<case_id>/programme/barriers")
@needs(Action.PROGRAMME_WRITE)
@form_page(barriers)
def name_barrier(case_id: str) -> Response:
    given = read(ProgrammeBarrierSchema)
    entry = desks.name_barrier(current_actor(), case_id, given["barrier"], given["words"])
    words = "Written down. Look at the plan in the light of it."
    return done(url_for("programmes.barriers", case_id=case_id), words, _undo(entry))


@page.get("/cases/<case_id>/programme/cards/<card_key>")
@needs(Action.PROGRAMME_READ)
def card(case_id: str, card_key: str) -> Response:
    """On the screen between client and clinician: no name, no code, one text and the ways out of it."""
    _case, found = desks.read_card(current_actor(), case_id, card_key)
    back = url_for("programmes.programme", case_id=case_id)
    return quiet("pages/programmes/card.html", task="To read", card=found, back=back)


@page.post("/programme-entries/<entry_id>/take-back")
@needs(Action.PROGRAMME_WRITE)
def take_back(entry_id: str) -> Response:
    entry = desks.take_back(current_actor(), entry_id)
    where = url_for("programmes.programme", case_id=entry.case_id)
    return done(
        _step_url(entry.case_id, entry.step) if entry.step else where, "It is taken back; the history keeps it."
    )


@page.get("/sessions/<session_id>/steps")
@needs(Action.PROGRAMME_READ)
def session_steps(session_id: str) -> Response:
    desk = desks.read_session_steps(current_actor(), session_id)
    return show(
        "pages/programmes/session_steps.html",
        task=f"Steps in this session {desk.case.code}",
        case=desk.case,
        desk=desk,
        begun=[each for each in desk.programme.steps if each.state is not StepState.NOT_STARTED],
        others=[each for each in desk.programme.steps if each.state is StepState.NOT_STARTED],
        may_write=Action.PROGRAMME_WRITE in desk.case.may,
    )


@page.post("/sessions/<session_id>/steps")
@needs(Action.PROGRAMME_WRITE)
@form_page(session_steps)
def touch(session_id: str) -> Response:
    desks.touch(
        current_actor(), session_id, read(ProgrammeTouchedSchema)["touched"] if "touched" in request.form else ()
    )
    return done(url_for("sessions.session", session_id=session_id), "The steps of this session are kept.")


def _may_write(desk: Desk) -> bool:
    return Action.PROGRAMME_WRITE in desk.case.may


def _step(programme: Programme, key: str) -> StepStanding:
    found = next((each for each in programme.steps if each.step.key == key), None)
    if found is None:
        raise NotFound
    return found


def _ways(stands: StepStanding) -> list[Way]:
    return [Way(each, MOVE_WORDS[each], questions_of(stands.step, stands.state, each)) for each in stands.ways]


def _places(case: Case, step: Step) -> dict[str, str]:
    """Task key -> the page on which it is written down, where there is one that this reader may open."""
    known = {each.key: PLACES[each.place] for each in step.tasks if each.place in PLACES}
    return {
        key: url_for(endpoint, case_id=case.id, instrument_key=instrument or None)
        for key, (endpoint, instrument) in known.items()
        if Action.INTAKE_SUBMIT in case.may or endpoint not in WRITTEN
    }


def _step_url(case_id: str, step_key: str, anchor: str = "") -> str:
    return url_for("programmes.step", case_id=case_id, step_key=step_key, _anchor=anchor or None)


def _undo(entry: Entry) -> str:
    return url_for("programmes.take_back", entry_id=entry.id)


def _barriers(programme: Programme) -> list[tuple[str, str, str, str]]:
    """(barrier, words, when and by whom, address to take it back)."""
    zone = current_practice().zone
    return [
        (Barrier(each.subject).label, each.words.why, f"{moment(each.at, zone)}, {each.by_name}", _undo(each))
        for each in programme.barriers()
    ]


def _about(programme: Programme, step_key: str) -> list[Entry]:
    return [each for each in reversed(programme.entries) if each.step == step_key]


def _told(programme: Programme, entries: Iterable[Entry]) -> list[Told]:
    zone = current_practice().zone
    return [
        Told(
            when=f"{moment(each.at, zone)}, {each.by_name}",
            text=_text(programme, each),
            why=each.words.why,
            answers=_answers(programme, each),
            undone=not each.stands,
            take_back=_undo(each) if each.stands and each.kind is EntryKind.CONFIRMATION else "",
        )
        for each in entries
    ]


def _text(programme: Programme, entry: Entry) -> str:
    match entry.kind:
        case EntryKind.MOVE:
            return f"Step {entry.step}: {StepState(entry.value).label}"
        case EntryKind.TASK:
            return f"{programme.definition.task(entry.subject).title}: {TaskState(entry.value).label}"
        case EntryKind.RULERS:
            told = ", ".join(f"{RULER_WORDS[each].short} {number}" for each, number in entry.words.rulers.items())
            return f"Rulers for step {entry.step}: {told}"
        case EntryKind.CONFIRMATION:
            on = day(entry.words.on) if entry.words.on else ""
            return f"{Condition(entry.subject).label}: {entry.words.name}, {on}"
        case EntryKind.BARRIER:
            return f"What makes it hard: {Barrier(entry.subject).label}"
        case EntryKind.TOUCH:
            return f"Steps in a session: {', '.join(entry.words.touched) or 'none'}"


def _answers(programme: Programme, entry: Entry) -> tuple[tuple[str, str], ...]:
    if not entry.words.answers:
        return ()
    asked = {each.key: each.text for each in programme.definition.step(entry.step).questions()}
    return tuple((asked[key], text) for key, text in entry.words.answers.items())
