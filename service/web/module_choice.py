"""Which modules of a form this sitting takes up, and what that says of the questions left open.

Rule: no module is chosen beforehand; what is left open in one that was taken up counts as not asked.
"""

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from flask.wrappers import Response

from schemas.instruments.answer import Answers
from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Instrument, Module
from service.casework.records import Record
from service.domain.modules import shared
from service.web.case_frame import banner_of
from service.web.forms import current_form
from service.web.frame import show


def chosen_modules(instrument: Instrument) -> tuple[str, ...]:
    """The modules that were chosen for this sitting, in the address or in the form."""
    typed = current_form().typed
    wanted = typed.getlist("module") if typed else request.args.getlist("module")
    return tuple(module.key for module in instrument.modules if module.key in wanted)


def choose_modules(record: Record, instrument: Instrument) -> Response:
    session = request.args.get("session", "")
    ways = ((each.key,) for each in instrument.modules)
    whole = [tuple(each.key for each in instrument.modules if _adds_something(instrument, each))]
    return show(
        "pages/intakes/modules.html",
        task=f"Log {record.case.code}",
        banner=banner_of(record.events),
        case=record.case,
        instrument=instrument,
        ways=[(_named(instrument, each), _with_modules(record, instrument, each, session)) for each in (*whole, *ways)],
    )


def _adds_something(instrument: Instrument, module: Module) -> bool:
    """Whether its sections are not all those of a larger module."""
    return not any(set(module.sections) < set(other.sections) for other in instrument.modules)


def _named(instrument: Instrument, modules: Sequence[str]) -> str:
    return " and ".join(each.title for each in instrument.modules if each.key in modules)


def _with_modules(record: Record, instrument: Instrument, modules: Sequence[str], session: str) -> str:
    chosen: dict[str, Any] = {"module": list(modules)} | ({"session": session} if session else {})
    return url_for("intakes.log", case_id=record.case.id, instrument_key=instrument.key, **chosen)


def whole(instrument: Instrument, answers: Answers, modules: Sequence[str]) -> Answers:
    """What is left open in a module that was taken up was not asked, and says so."""
    if not instrument.modules:
        return answers
    own = [each for each in instrument.sections_of(modules) if each.key not in shared(instrument)]
    asked = {item.key for section in own for item in section.items}
    return {**dict.fromkeys(sorted(asked - set(answers)), NonAnswer.NOT_ASKED), **answers}
