"""The forms of a case: which there are, and the entries of each in time order.

Rule: every form of the shelf stands here, the ones nobody filled in yet too; who may not read single entries of a form
does not find them here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.instruments import find
from schemas.instruments.answer import value_of
from schemas.instruments.definition import Instrument
from schemas.instruments.kinds import Choice, Moment, MultiChoice, Text, YesNo
from service.casework import instruments, records
from service.casework.records import Record
from service.domain.intakes import Intake
from service.domain.trend import HELP
from service.domain.triggers import fired_by_course
from service.guard import current_actor, needs
from service.reports.charts import line_chart
from service.reports.result_series import Drawn, ResultSeries, results_of
from service.web.case_frame import banner_of, tabs
from service.web.course import NARROW, WIDE, Picture
from service.web.frame import show
from service.web.instrument_form import words_of

page = Blueprint("case_forms", __name__)
ANSWERS_SHOWN, WORDS_SHOWN = 4, 160


@dataclass(frozen=True)
class FormLine:
    """One form as the menu shows it."""

    title: str
    kind: str
    informant: str
    count: int
    latest: datetime | None
    list_url: str
    record_url: str


@dataclass(frozen=True)
class Entry:
    """One filled-in form. `at` is when it happened where the form asks for that, else when it was answered."""

    at: datetime
    by: str
    told: str
    state: str
    url: str


@page.get("/cases/<case_id>/forms")
@needs(Action.INTAKE_READ)
def forms(case_id: str) -> Response:
    record = records.read_record(current_actor(), case_id, Action.INTAKE_READ)
    return show(
        "pages/case_forms/forms.html",
        task=f"Forms {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        ways=tabs(record.case, "case_forms.forms"),
        forms=[_line(record, each) for each in instruments.in_use(current_actor())],
        may_record=Action.INTAKE_SUBMIT in record.case.may,
    )


@page.get("/cases/<case_id>/forms/<instrument_key>")
@needs(Action.INTAKE_READ)
def entries(case_id: str, instrument_key: str) -> Response:
    record = records.read_record(current_actor(), case_id, Action.INTAKE_READ)
    instrument = _instrument(instrument_key)
    pictures = _pictures(record, instrument)
    changes = [each.change for each in results_of(record, instrument) if each.change]
    return show(
        "pages/case_forms/entries.html",
        task=f"Entries {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        ways=tabs(record.case, "case_forms.forms"),
        instrument=instrument,
        entries=entries_of(record, instrument.key),
        pictures=pictures,
        prompts=[each.prompt for each in fired_by_course(instrument, changes)],
        help=HELP if changes else "",
        may_record=Action.INTAKE_SUBMIT in record.case.may,
        record_url=url_for("intakes.log", case_id=case_id, instrument_key=instrument.key),
    )


def to_entries(case_id: str, instrument_key: str) -> Response:
    """For a form that has no course to draw."""
    target = url_for("case_forms.entries", case_id=case_id, instrument_key=instrument_key)
    return Response(status=303, headers={"Location": target})


def menu(case_id: str, session_id: str = "") -> list[tuple[str, str]]:
    """(title, address) of every form to fill in."""
    more: dict[str, Any] = {"session": session_id} if session_id else {}
    return [
        (each.title, url_for("intakes.log", case_id=case_id, instrument_key=each.key, **more))
        for each in instruments.in_use(current_actor())
    ]


def entries_of(record: Record, instrument_key: str) -> list[Entry]:
    """Newest first; what a correction replaced stands here too."""
    found = [_entry(each) for each in record.intakes if each.instrument_key == instrument_key]
    return sorted(found, key=lambda each: each.at, reverse=True)


def _pictures(record: Record, instrument: Instrument) -> list[tuple[Picture, tuple[str, ...]]]:
    """Each number of an imported form as a picture with its sentences, and the notes below it."""
    drawn = results_of(record, instrument, Drawn(words=lambda context: context.label))
    return [(_picture(each), each.notes) for each in drawn]


def _picture(each: ResultSeries) -> Picture:
    wide, narrow = (
        line_chart(each.points, title=each.title, ceiling=each.ceiling, width=width) for width in (WIDE, NARROW)
    )
    return Picture(each.heading, wide, narrow, each.says)


def _line(record: Record, instrument: Instrument) -> FormLine:
    standing = record.standing_intakes(instrument.key)
    address: dict[str, Any] = {"case_id": record.case.id, "instrument_key": instrument.key}
    return FormLine(
        title=instrument.title,
        kind=instrument.validation.label,
        informant=instrument.informant.label,
        count=len(standing),
        latest=max((each.authored_at for each in standing), default=None),
        list_url=url_for("case_forms.entries", **address),
        record_url=url_for("intakes.log", **address),
    )


def _entry(intake: Intake) -> Entry:
    instrument = find(intake.instrument_key, intake.instrument_version)
    return Entry(
        at=happened_at(intake, instrument),
        by=intake.author_name,
        told=_in_short(intake, instrument),
        state="Replaced by a correction" if intake.replaced else "Correction" if intake.amends else "",
        url=url_for("intakes.intake", intake_id=intake.id),
    )


def happened_at(intake: Intake, instrument: Instrument) -> datetime:
    """The first moment that was told, else when the form was answered."""
    moments = (value_of(intake.answers, item.key) for item in instrument.items() if isinstance(item.answer, Moment))
    told = next((each for each in moments if isinstance(each, str)), None)
    return datetime.fromisoformat(told) if told else intake.authored_at


def _in_short(intake: Intake, instrument: Instrument) -> str:
    if intake.score is not None:
        total = intake.score.total
        return total.text if total.value is None else f"Total {total.text} of {total.ceiling}"
    words = list(_told(intake, instrument))
    shown = "; ".join(words[:ANSWERS_SHOWN])
    return f"{shown[:WORDS_SHOWN]}..." if len(shown) > WORDS_SHOWN else shown


def _told(intake: Intake, instrument: Instrument) -> Iterator[str]:
    """Answers in reading order, those of yes-or-no questions with their question where they are yes."""
    for item in instrument.items():
        answer = value_of(intake.answers, item.key)
        if answer is None:
            continue
        if isinstance(item.answer, YesNo):
            yield from (item.prompt,) if answer is True else ()
        elif isinstance(item.answer, Choice | MultiChoice | Text):
            yield words_of(item, answer)


def _instrument(key: str) -> Instrument:
    return instruments.visible(current_actor(), key)
