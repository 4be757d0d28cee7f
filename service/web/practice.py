"""What holds for a whole practice: the crisis lines, who confirmed them, and the named second readers.

Rule: nothing of any case stands here; the lines are the practice's own words and numbers.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, url_for
from flask.wrappers import Response
from marshmallow import fields

from schemas.accounts import FlagsSchema
from schemas.actions import Action
from schemas.event_codes import CrisisKind
from schemas.events import ReaderSchema
from schemas.fields import CodedField, Line, LocalDate, Whole
from schemas.payload import Payload
from service.casework import crisis, people
from service.casework import late_readings as late
from service.casework.crisis import PanelDraft, Task, ToDo
from service.casework.records import Record
from service.domain import clock
from service.domain.access import role_may
from service.domain.crisis import CONFIRM_EVERY, CrisisLine, CrisisPanel
from service.domain.events import NOBODY_WATCHES
from service.domain.intakes import Intake
from service.errors import Invalid
from service.guard import current_actor, current_practice, needs
from service.web import times
from service.web.forms import current_form, form_page, read
from service.web.frame import done, show

page = Blueprint("practice", __name__)
FLAGS_ON = "Flags are on. Connected systems now show them to everybody who can open a chart there."
FLAGS_OFF = "Flags are off. Those that were read before are withdrawn."
TASK_PAGES = {
    Task.LINES: "practice.crisis_lines",
    Task.LATE: "practice.late_readings",
    Task.READERS: "practice.second_readers",
    Task.COSIGN: "people.supervision",
    Task.SUCCESSION: "successions.ended",
}


class TypedLineSchema(Payload):
    """A line of the form; one that holds nothing is left out."""

    kind = CodedField(CrisisKind, required=True)
    name = Line(load_default="")
    number = Line(80, load_default="")
    hours = Line(load_default="")


class PanelFormSchema(Payload):
    lines = fields.List(fields.Nested(TypedLineSchema), load_default=list)
    confirmed_by = Line(load_default="")
    confirmed_on = LocalDate(allow_none=True, load_default=None)
    version = Whole(0, 2**31 - 1, required=True)


@dataclass(frozen=True)
class Slot:
    """One line of the form and the start of its controls' names; the first of each kind is needed."""

    name: str
    line: CrisisLine
    needed: bool


@page.get("/practice")
@needs(Action.CRISIS_READ)
def practice() -> Response:
    panel, actor = crisis.read_panel(current_actor()), current_actor()
    may_change = role_may(Action.CRISIS_CHANGE, actor.role)
    return show(
        "pages/practice/practice.html",
        task="Practice",
        panel=panel,
        confirmed=confirmed_words(panel),
        locked=panel.locked(clock.today(current_practice().zone)),
        to_do=tasks_of(crisis.left_to_do(actor)) if may_change else (),
        may_change=may_change,
        sees_keeping=role_may(Action.RETENTION_READ, actor.role),
        flags=current_practice().flags_leave if role_may(Action.FLAGS_CHANGE, actor.role) else None,
    )


@page.post("/practice/flags")
@needs(Action.FLAGS_CHANGE)
@form_page(practice)
def set_flags() -> Response:
    on = read(FlagsSchema)["flags_leave"]
    people.set_flags(current_actor(), on)
    return done(url_for("practice.practice"), FLAGS_ON if on else FLAGS_OFF)


@page.get("/practice/crisis-lines")
@needs(Action.CRISIS_CHANGE)
def crisis_lines() -> Response:
    panel = crisis.read_panel(current_actor())
    return show(
        "pages/practice/crisis_lines.html",
        task="Crisis lines",
        panel=panel,
        groups=_groups(panel),
        today=clock.today(current_practice().zone),
        days=CONFIRM_EVERY.days,
    )


@page.post("/practice/crisis-lines")
@needs(Action.CRISIS_CHANGE)
@form_page(crisis_lines)
def save_crisis_lines() -> Response:
    given = read(PanelFormSchema)
    draft = PanelDraft(_lines(given["lines"]), given["confirmed_by"], given["confirmed_on"])
    panel = crisis.change_panel(current_actor(), draft, version=given["version"])
    locked = panel.locked(clock.today(current_practice().zone))
    return done(
        url_for("practice.practice"), "The crisis lines are saved." if not locked else "Saved. Not complete yet."
    )


@page.get("/practice/second-readers")
@needs(Action.READERS_CHANGE)
def second_readers() -> Response:
    found = crisis.read_readers(current_actor())
    choices = [(each.id, each.name) for each in found.others]
    return show("pages/practice/second_readers.html", task="Second readers", readers=found.named, choices=choices)


@page.post("/practice/second-readers")
@needs(Action.READERS_CHANGE)
@form_page(second_readers)
def name_reader() -> Response:
    crisis.name_reader(current_actor(), read(ReaderSchema)["account_id"])
    return done(url_for("practice.second_readers"), "Named as second reader.")


@page.post("/practice/second-readers/end")
@needs(Action.READERS_CHANGE)
@form_page(second_readers)
def end_reader() -> Response:
    crisis.end_reader(current_actor(), read(ReaderSchema)["account_id"])
    return done(url_for("practice.second_readers"), "No longer a second reader.")


@page.get("/practice/late-readings")
@needs(Action.READINGS_LATE)
def late_readings() -> Response:
    """What waited too long for a second reader: the escalation to whoever runs the practice."""
    found = late.late_readings(current_actor())
    nameable = {(each.id, each.name) for line in found.lines for each in line.others}
    return show(
        "pages/practice/late_readings.html",
        task="Late second readings",
        lines=found.lines,
        restricted=found.restricted,
        choices=sorted(nameable, key=lambda pair: pair[1]),
    )


@page.post("/practice/late-readings")
@needs(Action.READERS_CHANGE)
@form_page(late_readings)
def name_late_reader() -> Response:
    crisis.name_reader(current_actor(), read(ReaderSchema)["account_id"])
    return done(url_for("practice.late_readings"), "Named as second reader.")


def locked_page(record: Record) -> Response | None:
    """In place of a form: why no instrument can be used and who can mend it. None while they can, and for a form that
    came back, whose typing is not taken away.
    """
    locked = record.crisis.locked(clock.today(record.practice.zone))
    if not locked or current_form().typed:
        return None
    return show("pages/practice/locked.html", task=f"Log {record.case.code}", case=record.case, locked=locked)


def crisis_shown(record: Record, found: Intake) -> dict[str, Any]:
    """What the page of a log needs to show the crisis lines."""
    remote = NOBODY_WATCHES if found.capture.channel.is_remote else ""
    return {"crisis": record.crisis, "confirmed": confirmed_words(record.crisis), "remote": remote}


def confirmed_words(panel: CrisisPanel) -> str:
    """Who confirmed the lines and when, in a sentence."""
    if panel.confirmed_on is None:
        return "Not confirmed by anybody yet."
    day = times.day(panel.confirmed_on, today=clock.today(current_practice().zone))
    return f"Confirmed by {panel.confirmed_by} on {day}."


def tasks_of(found: Iterable[ToDo]) -> list[tuple[str, str]]:
    """(words, address) of what an administrator has to do."""
    return [(each.words, url_for(TASK_PAGES[each.task])) for each in found]


def _groups(panel: CrisisPanel) -> list[tuple[str, list[Slot]]]:
    """The lines of each kind and one more that is empty, numbered through."""
    groups: list[tuple[str, list[Slot]]] = []
    number = 0
    for kind in CrisisKind:
        lines = [each for each in panel.lines if each.kind is kind]
        slots = []
        for place, line in enumerate((*lines, CrisisLine(kind, "", ""))):
            slots.append(Slot(f"lines.{number}", line, needed=place == 0))
            number += 1
        groups.append((kind.label, slots))
    return groups


def _lines(typed: list[dict[str, str]]) -> tuple[CrisisLine, ...]:
    """What was typed, empty lines left out. Raises Invalid naming the half of a line that is missing."""
    wrong = {
        f"lines.{number}.{name}": "Fill this in, or leave the whole line empty."
        for number, line in enumerate(typed)
        for name in ("name", "number")
        if not line[name].strip() and any(line[each].strip() for each in ("name", "number", "hours"))
    }
    if wrong:
        raise Invalid("The crisis lines could not be kept.", wrong)
    return tuple(
        CrisisLine(CrisisKind(line["kind"]), line["name"].strip(), line["number"].strip(), line["hours"].strip())
        for line in typed
        if line["name"].strip()
    )
