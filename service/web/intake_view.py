"""A filled-in form -> what its page tells: scores with their place, what answers call for, answers in groups, and
under which circumstances they were given.

Rule: nothing is left out because it is awkward, and nothing is said of an answer that the definition does not say.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for

from schemas.actions import Action
from schemas.instruments.answer import Answers, answer_to
from schemas.instruments.capture import ContactContext, NonAnswer
from schemas.instruments.definition import Instrument, Section
from schemas.instruments.kinds import Rows, YesNo, holds_answer
from service.casework.records import Record
from service.domain import clock
from service.domain.enabling import MARK, answered
from service.domain.events import SafetyEvent
from service.domain.intakes import Intake
from service.domain.scoring import DomainScore
from service.domain.standing import fired_by, outputs_of, telling_of
from service.domain.triggers import FiredTrigger, taken_up
from service.guard import current_practice
from service.web import times
from service.web.case_frame import event_url
from service.web.instrument_form import words_of

# The rules that ask for modules of the safety screen, and which ones.
MODULES_FOR = {"TR-1": ("A", "B"), "TR-3": ("A", "B"), "RGF-SFS": ("B",)}
SCREEN = "sfs"


@dataclass(frozen=True)
class CalledFor:
    """What an answer calls for: a prompt, the event that it opened or joined, the form to take up next, and other
    pages on which it gets done.
    """

    prompt: str
    level: str
    event_url: str
    form_url: str
    ways: tuple[tuple[str, str], ...] = ()


def score_rows(found: Intake, instrument: Instrument) -> tuple[tuple[str, DomainScore], ...]:
    """Nothing for a form that is not scored."""
    if found.score is None:
        return ()
    titles = {each.key: each.title for each in instrument.domains}
    return (*((titles[each.key], each) for each in found.score.domains), ("Total", found.score.total))


def called_for(found: Intake, record: Record) -> tuple[CalledFor, ...]:
    return tuple(_call(each, found, record) for each in fired_by(telling_of(found), record.intakes))


def _call(each: FiredTrigger, found: Intake, record: Record) -> CalledFor:
    event, modules = _event_of(each, found, record), MODULES_FOR.get(each.rule)
    form_url = ""
    if modules and Action.INTAKE_SUBMIT in record.case.may:
        form_url = url_for("intakes.log", case_id=found.case_id, instrument_key=SCREEN, module=list(modules))
    level, ways = each.level.label if each.level else "", _ways(each.rule, record)
    return CalledFor(each.prompt, level, event_url(event) if event else "", form_url, ways)


def _ways(rule: str, record: Record) -> tuple[tuple[str, str], ...]:
    """(words, address) of the pages on which what a rule offers gets done."""
    if rule == "TR-6":
        return (("Go through the relationship review", url_for("reviews.review", case_id=record.case.id)),)
    if rule == "TR-3":
        words = "Look at the plans within 7 days" if record.active_plans else "See which plan could be begun"
        return ((words, url_for("plans.plans", case_id=record.case.id)),)
    return ()


def _event_of(each: FiredTrigger, found: Intake, record: Record) -> SafetyEvent | None:
    """The event that this log opened, else the one that was open already and that it joined."""
    same = [event for event in record.events if (event.rule, event.item) == (each.rule, each.item)]
    own = [event for event in same if event.intake_id == found.id]
    before = [event for event in same if event.opened_at <= found.updated_at]
    return next(iter(own or before), None) if each.level else None


def outputs(found: Intake, record: Record) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(title, lines) of what a form without a score gives back."""
    return outputs_of(telling_of(found), record.intakes)


def nothing_told(found: Intake, instrument: Instrument) -> str:
    """The sentence for a form on which everything that was asked was answered in the way that tells of nothing."""
    quiet = instrument.quiet
    if quiet is None:
        return ""
    expected = dict(quiet.other_than_no)
    asked = [
        item
        for section in taken_up(instrument, found.answers)
        for item in section.items
        if isinstance(item.answer, YesNo) or item.key in expected
    ]
    if not asked or any(answer_to(found.answers, each.key) != expected.get(each.key, False) for each in asked):
        return ""
    zone = current_practice().zone
    private = {"yes": "yes", "no": "no"}.get(found.capture.private, "unknown")
    return quiet.sentence.format(
        day=times.day(clock.local(found.authored_at, zone).date(), today=clock.today(zone)), private=private
    )


def overlap(found: Intake, record: Record, instrument: Instrument) -> str:
    """The mark on a log that asks in part about the same days as the one before it."""
    if instrument.cadence is None:
        return ""
    earlier = [each for each in record.standing_intakes(instrument.key) if each.authored_at < found.authored_at]
    days = (found.authored_at - max(each.authored_at for each in earlier)).days if earlier else None
    if days is None or days >= instrument.cadence.overlap_days:
        return ""
    return (
        f"Less than {instrument.cadence.overlap_days} days after the log before: both ask in part about the same days."
    )


def answer_tables(answers: Answers, instrument: Instrument) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """(title, (prompt, answer)...) of each section that holds anything but "not asked", or was taken up."""
    if instrument.origin is not None:
        return ((instrument.title, tuple(_told_of_imported(instrument, answers))),)
    taken = {section.key for section in taken_up(instrument, answers)} if instrument.modules else set()
    tables = (
        (section.title, tuple(_told(section, answers)))
        for section in instrument.sections()
        if section.key in taken
        or any(answer_to(answers, item.key) is not NonAnswer.NOT_ASKED for item in section.walk())
    )
    return tuple(tables)


def _told_of_imported(instrument: Instrument, answers: Answers) -> Iterator[tuple[str, str]]:
    """What was answered or skipped; which questions were asked at all is the form's own business."""
    for at, item, answer in answered(instrument, answers):
        if not isinstance(item.answer, Rows) or isinstance(answer, NonAnswer):
            numbers = [str(int(part) + 1) for part in at.split(MARK)[1::2]]
            row = f" (number {', '.join(numbers)})" if numbers else ""
            yield f"{item.prompt}{row}", words_of(item, answer)


def _told(section: Section, answers: Answers) -> Iterator[tuple[str, str]]:
    """Every question of a section, and of the follow-ups those that were asked."""
    for item in filter(lambda each: holds_answer(each.answer), section.walk()):
        answer = answer_to(answers, item.key)
        if item in section.items or answer is not NonAnswer.NOT_ASKED:
            yield item.prompt, words_of(item, answer)


def facts(found: Intake) -> tuple[tuple[str, str], ...]:
    """Under which circumstances the answers were given."""
    zone, capture = current_practice().zone, found.capture
    device = {True: "Confirmed", False: "Not confirmed", None: ""}[capture.device_confirmed]
    return (
        ("Answered", times.moment(found.authored_at, zone)),
        ("Recorded by", found.author_name),
        ("How things stand", ContactContext(found.contact_context).label),
        ("Where", capture.channel.label),
        ("Privacy", capture.private.label),
        ("Who held the pen", capture.held_pen.label),
        ("Interpreter", capture.interpreter.label),
        *((("Client's device", device),) if device else ()),
        ("Version of the form", found.instrument_version),
    )
