"""Consents, releases, what left and requests in the demo practice, for each case whose story has goals."""

from datetime import date, timedelta

from schemas.release_codes import (
    ConsentAnswer,
    ConsentKind,
    ContentClass,
    LegalBasis,
    ReleaseForm,
    ReleasePurpose,
    SaidHow,
    SendRoute,
)
from schemas.request_codes import AskedBy, RequestKind, RequestTask
from service.casework import disclosures, releases, requests
from service.casework.requests import TaskTold
from service.domain.actors import Actor
from service.domain.disclosures import Departure
from service.domain.releases import Discussed, ReleaseTerms, Said
from service.domain.requests import Asking, Proposal

GP = "Health centre at the canal"
SCHOOL = "Evening college, student support"
ATTENDED = (ContentClass.ATTENDANCE,)
SAID = Discussed(redisclosure=True, other_ways=True, no_condition=True)


def agree(actor: Actor, case_id: str, on: date) -> None:
    """What the client said to each question at the first session."""
    answers = {
        ConsentKind.TREATMENT: ConsentAnswer.GIVEN,
        ConsentKind.TELEHEALTH: ConsentAnswer.GIVEN,
        ConsentKind.RECORDING: ConsentAnswer.DECLINED,
        ConsentKind.OUTCOME_USE: ConsentAnswer.GIVEN,
    }
    for kind, answer in answers.items():
        releases.record_consent(actor, case_id, Said(kind, answer, on, SaidHow.WRITTEN))


def write(actor: Actor, case_id: str, today: date) -> None:
    """A release in force by which something left, one that runs out soon, one prepared; and a request for access."""
    _release(actor, case_id, _terms(GP, ReleasePurpose.COORDINATION), today + timedelta(days=24))
    soon = _release(actor, case_id, _terms(SCHOOL, ReleasePurpose.OTHER, "To have missed classes excused"), today)
    draft = releases.ReleaseDraft(ReleaseForm.ORDINARY, _terms("Housing advice", ReleasePurpose.HOUSING), today)
    releases.prepare_release(actor, case_id, draft)
    sent = Departure(SCHOOL, LegalBasis.RELEASE, ReleasePurpose.OTHER, SendRoute.POST, release_id=soon)
    disclosures.record_disclosure(actor, case_id, sent, ATTENDED, "A letter with the dates of four sessions")
    asked = Asking(RequestKind.ACCESS, AskedBy.CLIENT, "The client", "All dates of sessions this year", today)
    requests.record_request(actor, case_id, asked)


def propose(actor: Actor, case_id: str, today: date) -> None:
    """A court order whose tasks are done and which waits for a second person."""
    words = "The dates of all sessions from January to March"
    found = requests.record_request(
        actor, case_id, Asking(RequestKind.COURT_ORDER, AskedBy.COURT, "Family court", words, today)
    )
    for task, told in (
        (RequestTask.REVIEW, "The practice's lawyer read it: it orders the dates and nothing else"),
        (RequestTask.NOTICE, "Told the client at the session, who had heard of it from their own lawyer"),
    ):
        found = requests.finish_task(actor, found.id, TaskTold(task, told, order=True), version=found.version)
    requests.propose(actor, found.id, Proposal(ATTENDED, words), version=found.version)


def _terms(recipient: str, purpose: ReleasePurpose, words: str = "") -> ReleaseTerms:
    return ReleaseTerms(recipient, ATTENDED, purpose, SendRoute.POST, words=words)


def _release(actor: Actor, case_id: str, terms: ReleaseTerms, until: date) -> str:
    draft = releases.ReleaseDraft(ReleaseForm.ORDINARY, terms, until)
    found = releases.prepare_release(actor, case_id, draft)
    return releases.sign_release(actor, found.id, SAID, version=found.version).id
