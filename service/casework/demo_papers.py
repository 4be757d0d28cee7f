"""Consents, releases, what left and requests in the demo practice, for each case whose story has goals."""

from datetime import date, datetime, timedelta

from schemas.case_codes import EndReason
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
from service.domain import clock
from service.domain.actors import Actor
from service.domain.disclosures import Departure
from service.domain.episodes import Checklist
from service.domain.releases import Discussed, ReleaseTerms, Said
from service.domain.requests import Asking, Proposal

GP = "Health centre at the canal"
SCHOOL = "Evening college, student support"
WHY = "To have missed classes excused"
ORDER = "Order of the family court, read in the original"
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


def write(actor: Actor, case_id: str, at: datetime) -> None:
    """A release in force, one that runs out soon and by which something left, one prepared; a request for access."""
    with clock.standing_at(at):
        _release(actor, case_id, _terms(GP, ReleasePurpose.COORDINATION), days=30)
        soon = _release(actor, case_id, _terms(SCHOOL, ReleasePurpose.OTHER, WHY), days=9)
        until = at.date() + timedelta(days=30)
        draft = releases.ReleaseDraft(ReleaseForm.ORDINARY, _terms("Housing advice", ReleasePurpose.HOUSING), until)
        releases.prepare_release(actor, case_id, draft)
    with clock.standing_at(at + timedelta(days=1)):
        sent = Departure(SCHOOL, LegalBasis.RELEASE, ReleasePurpose.OTHER, SendRoute.POST, why=WHY, release_id=soon)
        disclosures.record_disclosure(actor, case_id, sent, ATTENDED, "A letter with the dates of four sessions")
        asked = Asking(RequestKind.ACCESS, AskedBy.CLIENT, "The client", "All dates of sessions this year", at.date())
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
        found = requests.finish_task(actor, found.id, TaskTold(task, told, True, ORDER), version=found.version)
    requests.propose(actor, found.id, Proposal(ATTENDED, words), version=found.version)


def _terms(recipient: str, purpose: ReleasePurpose, words: str = "") -> ReleaseTerms:
    return ReleaseTerms(recipient, ATTENDED, purpose, SendRoute.POST, words=words)


def _release(actor: Actor, case_id: str, terms: ReleaseTerms, *, days: int) -> str:
    draft = releases.ReleaseDraft(ReleaseForm.ORDINARY, terms, clock.now().date() + timedelta(days=days))
    found = releases.prepare_release(actor, case_id, draft)
    return releases.sign_release(actor, found.id, SAID, version=found.version).id


def ending(*, called_after: bool) -> Checklist:
    """A planned ending, as a therapist fills it in."""
    return Checklist(
        EndReason.PLANNED,
        door_open="A call or a note is enough to begin again, without a waiting list.",
        explanation="Agreed over three sessions",
        measures_taken=False,
        measures_reason="The client did not want a last one",
        plan_reason="The client keeps the plan and did not want to go through it again",
        aftercare_reason="The plan for strong urges is enough for the client",
        contact_after="One call after three months, by the agreed way" if called_after else "",
    )
