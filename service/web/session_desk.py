"""What lies on the desk while a session is written up: session and note, and beside them what came before and waits.

Rule: nothing is decided here; the close order is service/domain/sessions.py, what is due service/domain/workload.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for

from schemas.actions import Action
from schemas.event_codes import NoteState
from schemas.instruments.safety_screen import SFS
from schemas.vocabulary import GoalStatus, NoteFormat, NoteStatus
from service.casework import records, sessions
from service.casework.records import Record
from service.casework.sessions import SessionView
from service.domain.actors import Actor
from service.domain.cases import Case, Goal
from service.domain.events import SafetyEvent
from service.domain.handovers import Handover
from service.domain.note_life import Taken
from service.domain.notes import SECTIONS, Note, in_format
from service.domain.programme import titles_of
from service.domain.safety import Plan
from service.domain.session_work import Gap, Reviewed, reviewing
from service.domain.sessions import CHANGED, CloseStep, TherapySession
from service.domain.standing import to_begin_with
from service.domain.workload import Due
from service.web.forms import Form

USUAL_FORMAT = NoteFormat.SOAP
PLACES = {
    "attendance": "#f-attendance",
    "risk": "#f-risk",
    "events": "#open-events",
    "plan": "#f-plan_right",
    "next": "#f-next_on",
}
Step = tuple[str, str, str]  # label, address, state


@dataclass(frozen=True)
class Bar:
    """The close order as the footer draws it, why signing is out of reach, if it is, and where that is mended."""

    steps: tuple[Step, ...]
    blocked: str
    url: str = ""


@dataclass(frozen=True)
class Before:
    """The session before this one, and what its note planned."""

    session: TherapySession
    planned: str


@dataclass(frozen=True)
class Desk:
    """One session in its case. `first` is what the last rating wants talked about at its start, `before` is the last
    session that was written up before it; `goals` are those worked on now or touched in it, `reviewed` the homework of
    last time, `touched` the steps and tasks of the programme in words.
    """

    case: Case
    session: TherapySession
    note: Note | None
    steps: tuple[CloseStep, ...]
    events: tuple[SafetyEvent, ...]
    note_state: NoteState | None
    open_events: tuple[SafetyEvent, ...]
    before: Before | None
    goals: tuple[Goal, ...]
    plans: tuple[Plan, ...]
    plan_marks: Mapping[str, str]
    due: tuple[Due, ...]
    handovers: tuple[Handover, ...]
    usual_format: NoteFormat
    first: tuple[str, ...]
    gaps: tuple[Gap, ...]
    reviewed: tuple[Reviewed, ...]
    touched: tuple[str, ...]
    trail: tuple[Taken, ...]

    @property
    def token(self) -> str:
        return token(self.session, self.note)

    @property
    def blocked(self) -> str:
        """The words over a note that an event to respond to now keeps from being signed."""
        return NoteState.DRAFT_BLOCKED.label if self.note_state is NoteState.DRAFT_BLOCKED else ""

    @property
    def is_signed(self) -> bool:
        return self.note is not None and self.note.status is NoteStatus.SIGNED

    @property
    def is_wrong(self) -> bool:
        return self.note is not None and self.note.wrong

    @property
    def is_open_to_writing(self) -> bool:
        return Action.SESSION_WRITE in self.case.may and not self.is_signed

    @property
    def is_open_to_addenda(self) -> bool:
        return Action.NOTE_ADDENDUM in self.case.may and self.is_signed and not self.is_wrong

    def bar(self) -> Bar:
        return bar(self.steps, self.note, self.session)


def desk_of(actor: Actor, session_id: str) -> Desk:
    """Everything about one session that its pages show. Raises NotFound."""
    view = sessions.read_session(actor, session_id)
    around = records.read_surroundings(actor, view.case.id)
    record, named = around.record, view.session.work.goal_ids
    return Desk(
        case=record.case,
        session=view.session,
        note=view.note,
        steps=view.steps,
        events=view.events,
        note_state=view.note_state,
        open_events=view.to_answer,
        before=_before(view, record),
        goals=tuple(each for each in record.goals if each.status is GoalStatus.ACTIVE or each.id in named),
        plans=record.active_plans,
        plan_marks=record.plan_marks,
        due=around.due,
        handovers=tuple(each for each in around.handovers if each.session_id == session_id),
        usual_format=_usual_format(view, record.notes),
        first=_first(view, record),
        gaps=view.gaps,
        reviewed=reviewing(view.session.work, view.carried),
        touched=titles_of(view.touched),
        trail=view.trail,
    )


def _first(view: SessionView, record: Record) -> tuple[str, ...]:
    found = to_begin_with(record.intakes, view.session.starts_at, sessions=record.sessions)
    return tuple(each.prompt for _, each in found)


def token(session: TherapySession, note: Note | None) -> str:
    """What the editor saw: the version of the session and that of the note, 0 for none."""
    return f"{session.version}-{note.version if note else 0}"


def bar(steps: Sequence[CloseStep], note: Note | None, session: TherapySession) -> Bar:
    """Named steps in their order, the first that does not hold marked as next."""
    following = next((step.key for step in steps if not step.done), "")
    drawn = tuple((step.label, PLACES[step.key], _state(step, following)) for step in steps)
    missing = [step.missing for step in steps if not step.done]
    if note is None or not any(text.strip() for text in note.sections.values()):
        missing.append("Write the note.")
    if not missing:
        return Bar(drawn, "")
    url = screen_url(session) if missing[0] == CHANGED else PLACES.get(following, "#note")
    return Bar(drawn, f"Before signing: {missing[0]}{_others(len(missing) - 1)}", url)


def screen_url(session: TherapySession) -> str:
    """The safety screen, to be filled in within this session."""
    return url_for("intakes.log", case_id=session.case_id, instrument_key=SFS.key, session=session.id)


def typed_format(desk: Desk, form: Form) -> NoteFormat:
    """The format in which the editor shows the note: typed, stored, or the one used last."""
    stored = desk.note.format if desk.note else desk.usual_format
    wanted = form.value("format", stored)
    return NoteFormat(wanted) if wanted in set(NoteFormat) else stored


def note_fields(desk: Desk, form: Form) -> tuple[tuple[str, str, str], ...]:
    """(key, label, text) of each section; what was typed under another format has moved along."""
    note_format = typed_format(desk, form)
    texts = typed_sections(form) if form.typed else dict(desk.note.sections) if desk.note else {}
    shown = in_format(note_format, texts)
    return tuple((key, label, shown[key]) for key, label in SECTIONS[note_format])


def texts_of(note: Note) -> tuple[tuple[str, str], ...]:
    """(label, text) of each section."""
    return tuple((label, note.sections.get(key, "")) for key, label in SECTIONS[note.format])


def typed_sections(form: Form, head: str = "sections") -> dict[str, str]:
    """The sections of a note as they came back from a form."""
    start = f"{head}."
    return {
        name.removeprefix(start): text.replace("\r\n", "\n")
        for name, text in form.typed.items()
        if name.startswith(start)
    }


def _state(step: CloseStep, following: str) -> str:
    return "done" if step.done else "now" if step.key == following else "open"


def _others(count: int) -> str:
    return f" Then {count} more {'step' if count == 1 else 'steps'}." if count else ""


def _before(view: SessionView, record: Record) -> Before | None:
    earlier = (each for each in record.standing_sessions if each.starts_at < view.session.starts_at)
    notes = {note.session_id: note for note in record.notes}
    found = next((each for each in earlier if each.id in notes or each.homework_given), None)
    if found is None:
        return None
    note = notes.get(found.id)
    return Before(found, note.sections.get("plan", "") if note else "")


def _usual_format(view: SessionView, notes: Sequence[Note]) -> NoteFormat:
    return next((note.format for note in notes if note.session_id != view.session.id), USUAL_FORMAT)
