"""What must hold before a module of a form may be kept: who could hear, and on which device it was asked.

Source: domain model, section 2.5. Danger from the other person is asked about one to one, by the clinician; never on a
device in the client's own hands, and over a distance only on one that was confirmed with the client.
"""

from schemas.instruments.answer import Answers
from schemas.instruments.capture import CaptureChannel, CaptureContext
from schemas.instruments.conditions import named_items
from schemas.instruments.definition import Instrument, Module
from service.domain.triggers import holds, known_of, taken_up

ALONE = "These questions are asked one to one. Say who else could hear; leave them for a time when nobody can."
IN_HAND = "These questions are asked by the clinician and never handed over on a device."
UNCONFIRMED = "Over video or phone, ask these questions only on a device that was confirmed with the client."
NOTHING = "Nothing was answered or skipped. Take up one part of the form at least."


def modules_of(instrument: Instrument, answers: Answers) -> tuple[Module, ...]:
    """The modules that answers take up: those of which a section of their own holds something."""
    taken = {section.key for section in taken_up(instrument, answers)} - shared(instrument)
    return tuple(module for module in instrument.modules if taken & set(module.sections))


def refused(instrument: Instrument, answers: Answers, capture: CaptureContext) -> dict[str, str]:
    """Field -> sentence for each thing that stands against keeping these answers."""
    if not instrument.modules:
        return {}
    taken = modules_of(instrument, answers)
    if not taken:
        return {"answers": NOTHING}
    wrong: dict[str, str] = {}
    known = known_of(instrument, answers)
    for module in taken:
        if module.only_if is not None and not holds(known, module.only_if):
            wrong |= dict.fromkeys((f"answers.{item}" for item in named_items(module.only_if)), ALONE)
        if module.in_confidence:
            wrong |= _on_which_device(capture)
    return wrong


def _on_which_device(capture: CaptureContext) -> dict[str, str]:
    if capture.channel is CaptureChannel.CLINIC_DEVICE:
        return {"capture.channel": IN_HAND}
    if capture.channel.is_remote and capture.device_confirmed is not True:
        return {"capture.device_confirmed": UNCONFIRMED}
    return {}


def shared(instrument: Instrument) -> set[str]:
    """Sections that every module begins with; they take up none."""
    named = [set(module.sections) for module in instrument.modules]
    return set.intersection(*named) if named else set()
