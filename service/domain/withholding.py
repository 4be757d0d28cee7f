"""What stands in the place of words that stay, and which texts of a signed note and which answers of a form go
(domain.md 3.1; issue: leak guard).

Rule: a text that tells a protected value goes nowhere as long as one find in it is not confirmed by name; what stays
here can never be confirmed. A note goes or stays text by text, a form answer by answer. The record is not touched.
"""

from collections.abc import Iterator, Mapping

from schemas.instruments import find
from schemas.instruments.answer import Answer
from schemas.instruments.capture import NonAnswer
from schemas.instruments.definition import Instrument, Item
from schemas.instruments.kinds import OWN_WORDS, Choice, MultiChoice, Quantity, holds_answer
from schemas.instruments.value import Amount
from schemas.note_codes import NoteStep
from service.domain.intakes import Intake
from service.domain.leaks import Guard, Leak, Passage, standing
from service.domain.note_life import SAID_ABOUT
from service.domain.notes import Note

WITHHELD = "Withheld: these words stay in the practice's record."


def passages_of(note: Note) -> tuple[Passage, ...]:
    """The note, each addendum and what was said about it: what leaves, or stays, as a whole. The key is the id of the
    document.
    """
    first = Passage(note.id, "The note", "\n\n".join(note.sections.values()))
    said = (Passage(each.id, each.step.label, each.words.text) for each in note.trail if each.step in SAID_ABOUT)
    return (first, *(Passage(each.id, "An addendum", each.text) for each in note.addenda), *said)


def named(note: Note) -> frozenset[str]:
    """The finds that somebody confirmed by name, as tokens."""
    return frozenset(key for each in note.trail if each.step is NoteStep.NAMED for key in each.words.covers)


def standing_finds(note: Note, guard: Guard) -> tuple[Leak, ...]:
    """What keeps texts of this note from leaving."""
    return standing(guard.leaks(passages_of(note)), named(note))


def withheld_of(note: Note, guard: Guard) -> frozenset[str]:
    """Ids of the documents whose text stays."""
    return frozenset(each.key.partition(":")[0] for each in standing_finds(note, guard))


def finds_in_form(intake: Intake, guard: Guard) -> tuple[Leak, ...]:
    """What keeps answers of a form from leaving, confirmed or not; nothing for a form that stays home as a whole."""
    instrument = find(intake.instrument_key, intake.instrument_version)
    return () if instrument.stays_home else guard.leaks(passages_of_form(intake, instrument))


def guard_over(intake: Intake, guard: Guard) -> Guard:
    """The guard for this form alone: without the values whose every find in it was confirmed by name."""
    if not intake.named:
        return guard
    found = finds_in_form(intake, guard)
    kept = {_value_of(each) for each in standing(found, intake.named)}
    return guard.but({_value_of(each) for each in found} - kept)


def _value_of(leak: Leak) -> str:
    return leak.key.rpartition(":")[2]


def passages_of_form(intake: Intake, instrument: Instrument) -> Iterator[Passage]:
    """Headings, then each question with its answer, as they are told outside."""
    yield Passage(intake.id, "Headings of the form", "\n".join(_headings(instrument)))
    for key, answer in intake.answers.items():
        item = instrument.item(key)
        if not item.stays_home:
            yield Passage(f"{intake.id}.{key}", item.prompt or item.name, "\n".join(_told(item, answer)))


def _headings(instrument: Instrument) -> Iterator[str]:
    for section in instrument.sections():
        yield section.title
        yield from (each.prompt for each in section.walk() if each.follow_ups or not holds_answer(each.answer))


def _told(item: Item, answer: Answer) -> Iterator[str]:
    yield item.prompt
    yield from _words(item, answer)


def _words(item: Item, answer: object) -> Iterator[str]:
    match answer:
        case bool():
            return
        case NonAnswer():
            yield f"{answer}\n{answer.label}"
        case tuple():
            for each in answer:
                yield from _words(item, each)
        case Mapping():
            inside = {each.key: each for each in item.inside()}
            for key, each in answer.items():
                yield from _told(inside[key], each)
        case Amount():
            yield f"{answer.number}\n{_labels(item).get(answer.unit, answer.unit)}"
        case _:
            text = str(answer).removeprefix(OWN_WORDS)
            yield f"{text}\n{_labels(item).get(text, '')}"


def _labels(item: Item) -> dict[str, str]:
    match item.answer:
        case Choice(options=options) | MultiChoice(options=options) | Quantity(units=options):
            return {each.code: each.label for each in options}
        case _:
            return {}
