"""A frozen record -> the resources made of it. Rule: pure; the same record gives the same resources, and nothing is
read or written.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from schemas.instruments import find
from service.casework.resource_words import BY_ADDRESS_ALONE, without_protected
from service.casework.sources import Frozen
from service.domain.accounts import Person, Practice
from service.domain.cases import Case, Episode, Goal
from service.domain.diagnoses import Diagnosis
from service.domain.disclosures import Disclosure
from service.domain.events import SafetyEvent
from service.domain.intakes import Intake
from service.domain.leaks import Guard
from service.domain.notes import Note
from service.domain.programme import Programme
from service.domain.referrals import Referral
from service.domain.releases import Consent, Release
from service.domain.safety import Plan
from service.domain.sessions import TherapySession, was_held
from service.domain.summaries import Summary
from service.fhir.addresses import Addresses
from service.fhir.appointment import appointment
from service.fhir.audit_event import audit_event
from service.fhir.care_plan import care_plan
from service.fhir.composition import composition
from service.fhir.condition import condition
from service.fhir.consent import of_answer, of_release
from service.fhir.document_reference import binary, document_reference, documents
from service.fhir.draft import Made
from service.fhir.encounter import encounter
from service.fhir.episode_of_care import episode_of_care
from service.fhir.extracted import extracted
from service.fhir.flag import flag
from service.fhir.goal import goal
from service.fhir.homework import homework_tasks
from service.fhir.observation import observations
from service.fhir.organization import organization
from service.fhir.patient import patient
from service.fhir.practitioner import CLINICIANS, practitioner
from service.fhir.practitioner_role import practitioner_role
from service.fhir.procedure import procedures
from service.fhir.programme import programme_resources
from service.fhir.provenance import of_authors, of_document, of_response
from service.fhir.questionnaire_response import author_of, questionnaire_response
from service.fhir.service_request import service_request
from service.fhir.shapes import Json, reference
from service.fhir.summary import summary_resources


def resources_of(frozen: Frozen, at: Addresses) -> Sequence[Made]:
    """Every resource that this record stands for, without the words that must not leave. This is the one place through
    which everything goes that a connected system or an export can read.
    """
    return [_kept_back(each, frozen.guard) for each in _resources_of(frozen, at)]


def _kept_back(made: Made, guard: Guard) -> Made:
    """Versions before one that tells too much are forgotten: they told it as well. The texts of a Composition were
    looked at one by one, with what somebody confirmed by name.
    """
    if made.type in BY_ADDRESS_ALONE:
        return made
    content = cast(Json, without_protected(made.content, guard))
    return made if content == made.content else replace(made, content=content, forgets=True)


def _resources_of(frozen: Frozen, at: Addresses) -> Sequence[Made]:
    match frozen.record:
        case Practice():
            return [organization(frozen.record, at)]
        case Person():
            return _of_person(frozen.record, at)
        case _:
            return _of_case(frozen, _case_of(frozen), at)


def _of_case(frozen: Frozen, case: Case, at: Addresses) -> Sequence[Made]:
    match frozen.record:
        case Case():
            return [patient(case, at)]
        case Episode():
            return _sourced(
                episode_of_care(frozen.record, case, at), [each.by_id for each in frozen.record.moves], case
            )
        case TherapySession():
            return _of_session(frozen.record, case, at)
        case Note():
            return _of_note(frozen, frozen.record, at)
        case Intake():
            return _of_intake(frozen, frozen.record, at)
        case Plan():
            return _sourced(care_plan(frozen.record, at), [frozen.record.author_id], case)
        case Programme():
            return programme_resources(frozen.record, at)
        case Goal():
            return _sourced(goal(frozen.record, at), [frozen.record.author_id], case)
        case SafetyEvent():
            return [flag(frozen.record, frozen.practice, at)]
        case _:
            return _of_papers(frozen, case, at)


def _of_person(person: Person, at: Addresses) -> list[Made]:
    return [practitioner(person, at), practitioner_role(person, at)] if person.role in CLINICIANS else []


def _of_papers(frozen: Frozen, case: Case, at: Addresses) -> Sequence[Made]:
    match frozen.record:
        case Diagnosis():
            return [condition(frozen.record, at)]
        case Referral():
            return _sourced(service_request(frozen.record, case, at), [frozen.record.author_id], case)
        case Release():
            return of_release(frozen.record, case, at)
        case Consent():
            return [of_answer(frozen.record, case, at)]
        case Disclosure():
            return audit_event(frozen.record, case, at)
        case Summary():
            return summary_resources(frozen.record, case, at, stays=frozen.record.id in frozen.withheld)
        case _:
            raise TypeError(f"no resource is made of {type(frozen.record).__name__}")


def _of_session(session: TherapySession, case: Case, at: Addresses) -> list[Made]:
    found = [encounter(session, case, at), appointment(session, case, at)]
    return [*found, *_source(session.id, found, [session.author_id], case)]


def _sourced(made: Made, author_ids: Sequence[str], case: Case) -> list[Made]:
    """The one resource of a record, and who wrote it down."""
    return [made, *_source(made.id, [made], author_ids, case)]


def _source(record_id: str, made: Sequence[Made], author_ids: Sequence[str], case: Case) -> list[Made]:
    """Who wrote it down, as far as anything is told of it and as far as that was kept."""
    told = [each for each in made if not each.only_if_stored]
    known = list(dict.fromkeys(filter(None, author_ids)))
    return [of_authors(record_id, told, known, case.practice_id)] if told and known else []


def _of_note(frozen: Frozen, note: Note, at: Addresses) -> list[Made]:
    case, found = _case_of(frozen), []
    texts = documents(note, frozen.signer_id, frozen.withheld)
    for document in texts:
        found.append(document_reference(document, case, at, encounter_id=_encounter_id(frozen)))
        found.append(binary(document))
        found.append(of_document(document, case))
    if frozen.session is not None:
        found += _ways_of_working(frozen.session, case, at, wrong=note.wrong)
        found += homework_tasks(frozen.session, case, at, later=frozen.later, wrong=note.wrong)
    for document in texts:
        added = [each for each in texts if each.appends_to == document.id and not document.wrong]
        found.append(composition(document, note, case, at, added=added))
    return found


def _ways_of_working(session: TherapySession, case: Case, at: Addresses, *, wrong: bool) -> list[Made]:
    made = list(procedures(session, case, at, wrong=wrong))
    return [*made, *_source(f"{session.id}-p", made, [session.author_id], case)]


def _of_intake(frozen: Frozen, intake: Intake, at: Addresses) -> list[Made]:
    """Nothing for a form whose responses stay home: what was never made cannot be read or sent."""
    instrument = find(intake.instrument_key, intake.instrument_version)
    if instrument.stays_home:
        return []
    encounter_id = _encounter_id(frozen)
    changed_at = max(filter(None, (intake.updated_at, intake.named_at, frozen.replaced_at)))
    response = questionnaire_response(intake, instrument, at, encounter_id=encounter_id)
    scores = [
        *observations(intake, instrument, at, encounter_id=encounter_id),
        *extracted(intake, instrument, encounter_id=encounter_id),
    ]
    targets = [reference(each.type, each.id) for each in (response, *scores)]
    author = author_of(intake, at)
    provenance = of_response(intake, _case_of(frozen).practice_id, targets, author=author)
    return [*(each.changed(changed_at) for each in (response, *scores)), provenance]


def _encounter_id(frozen: Frozen) -> str:
    return frozen.session.id if frozen.session is not None and was_held(frozen.session) else ""


def _case_of(frozen: Frozen) -> Case:
    if frozen.case is None:
        raise TypeError(f"a {frozen.record_type} belongs to a case")
    return frozen.case
