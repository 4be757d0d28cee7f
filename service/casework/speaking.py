"""Which records of a case speak in somebody's own words, and which of them are touched when other words are protected.

Rule: asked while resources are built, after the commit; a record that is not touched is not built again.
"""

import base64
from collections.abc import Iterator
from dataclasses import replace

from service.casework.leaks import guard_of
from service.casework.resource_words import narrative
from service.domain.cases import Episode, Goal
from service.domain.disclosures import Disclosure
from service.domain.events import SafetyEvent
from service.domain.intakes import Intake
from service.domain.leaks import Guard
from service.domain.notes import Note
from service.domain.programme import Programme
from service.domain.protected import of_intake
from service.domain.referrals import Referral
from service.domain.releases import Consent, Release
from service.domain.safety import Plan
from service.domain.sessions import TherapySession
from service.domain.summaries import Summary, stays
from service.domain.withholding import WITHHELD, passages_of, withheld_of
from service.store import diagnoses, intakes, notes, outbox, resources, treatment_summaries
from service.store.cases import CaseRow
from service.store.outbox import Task

_WORDLESS = (
    TherapySession,
    Episode,
    Plan,
    Programme,
    Goal,
    SafetyEvent,
    Referral,
    Release,
    Consent,
    Disclosure,
)
_SPEAKING = ("Binary", "QuestionnaireResponse", "Condition")
_MARKS = (WITHHELD.encode(), base64.b64encode(WITHHELD.encode()))


def speaks(record: object) -> bool:
    """Whether resources of this record may hold what a person typed; anything new does until it is named here."""
    return not isinstance(record, _WORDLESS)


def names_somebody(record: object) -> bool:
    """A form in which a person is named protects that name everywhere else."""
    return isinstance(record, Intake) and any(of_intake(record))


def texts_withheld(record: object, guard: Guard) -> frozenset[str]:
    """Ids of the texts of a note, or of a summary, that stay."""
    match record:
        case Note():
            return withheld_of(record, guard)
        case Summary():
            return frozenset({record.id} if stays(record.words, guard) else ())
        case _:
            return frozenset()


def touched_by(task: Task, case: CaseRow) -> Iterator[Task]:
    """After what is protected changed: building every record whose words must stay now, or were put aside before.
    Nothing while a later change waits to be looked at.
    """
    if outbox.overtaken(task):
        return
    guard, stored = guard_of(case), resources.of_types(case.id, _SPEAKING)
    aside = {each.id for each in stored if any(mark in each.body for mark in _MARKS)}
    telling = {each.id for each in stored if guard.tells(narrative(each.body))}
    yield replace(task, record_type="case", record_id=case.id)
    for note in notes.of_case(case.id):
        documents = {each.key for each in passages_of(note)}
        if note.signed_at and (documents & aside or withheld_of(note, guard)):
            yield replace(task, record_type="note", record_id=note.id)
    for intake in intakes.of_case(case.id):
        if intake.id in aside | telling:
            yield replace(task, record_type="intake", record_id=intake.id)
    for each in diagnoses.of_case(case.id):
        if each.id in aside | telling:
            yield replace(task, record_type="diagnosis", record_id=each.id)
    for summary in treatment_summaries.of_case(case.id):
        if summary.id in aside or stays(summary.words, guard):
            yield replace(task, record_type="summary", record_id=summary.id)
