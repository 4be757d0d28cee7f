"""Requests for the record: tasks first, two people, and a subpoena alone lets nothing out."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from schemas.note_codes import WorkKind
from schemas.release_codes import ContentClass, LegalBasis, ReleasePurpose
from schemas.request_codes import AskedBy, RefusalReason, RequestKind, RequestStatus, RequestStep, RequestTask
from schemas.vocabulary import AssignmentKind
from service.casework import cases, disclosures, people, requests, walls, worklists
from service.casework.requests import TaskTold
from service.domain import clock
from service.domain.disclosures import TO_CLIENT
from service.domain.requests import UNDER_REPORTS, Asking, Proposal, ReportChoice, Request, after, carries, tasks_of
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.store import accounts
from service.store import cases as case_store
from service.store import disclosures as disclosure_store
from service.store.base import db
from tests import builders
from tests.builders import House

C, K = ContentClass, RequestKind
ITEMS = Proposal((C.ATTENDANCE,), "The dates of all sessions in May")


@pytest.fixture
def case_id(context: Flask, house: House) -> str:
    return builders.add_case(house.therapist).id


def asking(kind: RequestKind = K.COURT_ORDER, by: AskedBy = AskedBy.COURT, **changes: object) -> Asking:
    given: dict[str, object] = {"name": "Harbour Clinic", "words": "All dates", "received_on": clock.now().date()}
    return Asking(kind, by, **{**given, **changes})  # type: ignore[arg-type]


def with_tasks_done(house: House, found: Request, *, order: bool = False) -> Request:
    for task in found.open_tasks:
        which = "Order 12/2026 of the district court" if order else ""
        told = TaskTold(task, "Spoke with the lawyer of the practice", order, which)
        found = requests.finish_task(house.therapist, found.id, told, version=found.version)
    return found


def test_a_subpoena_alone_opens_a_legal_review_and_lets_nothing_out(house: House, case_id: str) -> None:
    found = requests.record_request(house.therapist, case_id, asking(K.SUBPOENA, AskedBy.LAWYER))
    assert found.open_tasks == (RequestTask.REVIEW, RequestTask.NOTICE)
    found = with_tasks_done(house, found)
    with pytest.raises(Invalid) as refused:
        requests.propose(house.therapist, found.id, ITEMS, version=found.version)
    assert "A subpoena alone" in refused.value.fields["status"]
    assert requests.read_request(house.therapist, found.id).request.status is RequestStatus.OPEN
    by_request = builders.a_departure(basis=LegalBasis.ORDER, request_id=found.id)
    with pytest.raises(Invalid):
        disclosures.record_disclosure(house.therapist, case_id, by_request, (C.ATTENDANCE,), "Dates")
    assert disclosure_store.of_case(case_id) == ()


def test_whoever_proposed_cannot_release_and_a_second_person_can(house: House, case_id: str) -> None:
    found = with_tasks_done(house, requests.record_request(house.therapist, case_id, asking()))
    found = requests.propose(house.therapist, found.id, ITEMS, version=found.version)
    with pytest.raises(Conflict):
        requests.approve(house.therapist, found.id, version=found.version)
    with pytest.raises(NotFound):
        requests.approve(house.peer, found.id, version=found.version)
    by_request = builders.a_departure(basis=LegalBasis.ORDER, request_id=found.id)
    with pytest.raises(Invalid):
        disclosures.record_disclosure(house.therapist, case_id, by_request, (C.ATTENDANCE,), "Dates")
    found = requests.approve(house.supervisor, found.id, version=found.version)
    assert (found.status, found.approver_name) == (RequestStatus.APPROVED, house.supervisor.name)
    disclosures.record_disclosure(house.therapist, case_id, by_request, (C.ATTENDANCE,), "Dates")
    with pytest.raises(Invalid):
        disclosures.record_disclosure(house.therapist, case_id, by_request, (C.NOTES,), "A note")
    other = replace(by_request, recipient="Somebody else")
    with pytest.raises(Invalid):
        disclosures.record_disclosure(house.therapist, case_id, other, (C.ATTENDANCE,), "Dates")


def test_a_released_progress_report_carries_nothing_else(house: House, case_id: str) -> None:
    accounts.be_cosigned(house.supervisor.user_id, house.therapist.user_id)
    db.session.commit()
    choice = ReportChoice(clock.now().date(), clock.now().date(), ("goals",))
    proposal = Proposal((C.SUMMARY,), "Attended nine sessions", choice)
    sent = requests.send_to_cosign(house.therapist, case_id, proposal, "Nine weeks")
    released = requests.approve(house.supervisor, sent.id, version=sent.version)
    assert carries(released, TO_CLIENT, (C.SUMMARY,)) == UNDER_REPORTS
    for basis in (LegalBasis.ORDER, LegalBasis.ACCESS, LegalBasis.CLIENT):
        by_report = builders.a_departure(
            basis=basis, request_id=sent.id, recipient=TO_CLIENT, purpose=ReleasePurpose.LEGAL
        )
        with pytest.raises(Invalid):
            disclosures.record_disclosure(house.therapist, case_id, by_report, (C.SUMMARY,), "Report on custody")
    assert disclosure_store.of_case(case_id) == ()


def test_releasing_asks_for_who_is_at_the_screen(house: House, case_id: str) -> None:
    found = with_tasks_done(house, requests.record_request(house.therapist, case_id, asking()))
    found = requests.propose(house.therapist, found.id, ITEMS, version=found.version)
    with pytest.raises(NotAllowed):
        requests.approve(replace(house.supervisor, stepped_up=False), found.id, version=found.version)


def test_nothing_is_proposed_before_its_tasks_nor_with_psychotherapy_notes(house: House, case_id: str) -> None:
    found = requests.record_request(house.therapist, case_id, asking(K.WARRANT, AskedBy.POLICE))
    with pytest.raises(Invalid) as early:
        requests.propose(house.therapist, found.id, ITEMS, version=found.version)
    assert "First:" in early.value.fields["status"]
    found = with_tasks_done(house, found)
    with pytest.raises(Invalid) as notes:
        requests.propose(house.therapist, found.id, Proposal((C.PSYCHOTHERAPY,), "All"), version=found.version)
    assert "no request" in notes.value.fields["classes"]


def test_a_representative_can_be_refused_where_abuse_is_suspected(house: House, case_id: str) -> None:
    found = requests.record_request(house.therapist, case_id, asking(K.ACCESS, AskedBy.REPRESENTATIVE))
    assert RequestTask.AUTHORITY in found.open_tasks
    with pytest.raises(Invalid):
        requests.refuse(house.therapist, found.id, RefusalReason.REPRESENTATIVE, words=" ", version=found.version)
    words = "The client named this person as the one they fear"
    found = requests.refuse(house.therapist, found.id, RefusalReason.REPRESENTATIVE, words=words, version=found.version)
    assert (found.status, found.refusal and found.refusal.reason) == (
        RequestStatus.REFUSED,
        RefusalReason.REPRESENTATIVE,
    )
    with pytest.raises(Conflict):
        requests.propose(house.therapist, found.id, ITEMS, version=found.version)


def test_a_subpoena_with_an_order_can_be_proposed_and_sent_back(house: House, case_id: str) -> None:
    found = requests.record_request(house.therapist, case_id, asking(K.SUBPOENA, AskedBy.LAWYER))
    found = with_tasks_done(house, found, order=True)
    found = requests.propose(house.therapist, found.id, ITEMS, version=found.version)
    assert found.asking.order_words == "Order 12/2026 of the district court"
    with pytest.raises(Invalid) as silent:
        requests.send_back(house.supervisor, found.id, " ", version=found.version)
    assert list(silent.value.fields) == ["back"]
    found = requests.send_back(house.supervisor, found.id, "May only", version=found.version)
    assert (found.status, found.proposer_id) == (RequestStatus.OPEN, None)
    assert found.back and (found.back.words, found.back.by_name) == ("May only", house.supervisor.name)
    assert waiting(house) == {house.therapist.name: [WorkKind.SENT_BACK], house.supervisor.name: []}
    found = requests.propose(house.therapist, found.id, ITEMS, version=found.version)
    assert found.back is None
    assert waiting(house) == {house.therapist.name: [], house.supervisor.name: [WorkKind.LEAVING]}


def waiting(house: House) -> dict[str, list[WorkKind]]:
    """What of requests stands in whose worklist."""
    kinds = (WorkKind.SENT_BACK, WorkKind.LEAVING)
    readers = (house.therapist, house.supervisor)
    return {each.name: [w.kind for w in worklists.read_worklist(each) if w.kind in kinds] for each in readers}


@pytest.mark.parametrize("words", ["", "  "])
def test_an_order_that_nobody_can_name_is_none(house: House, case_id: str, words: str) -> None:
    with pytest.raises(Invalid) as unnamed:
        requests.record_request(
            house.therapist, case_id, asking(K.SUBPOENA, AskedBy.LAWYER, order=True, order_words=words)
        )
    assert list(unnamed.value.fields) == ["order_words"]
    found = requests.record_request(house.therapist, case_id, asking(K.SUBPOENA, AskedBy.LAWYER))
    told = TaskTold(RequestTask.REVIEW, "Spoke with the lawyer", order=True, order_words=words)
    with pytest.raises(Invalid) as untold:
        requests.finish_task(house.therapist, found.id, told, version=found.version)
    assert list(untold.value.fields) == ["order_words"]
    assert not requests.read_request(house.therapist, found.id).request.asking.order


def test_a_progress_report_waits_from_the_day_it_was_sent_and_comes_back_to_its_author(
    house: House, case_id: str
) -> None:
    accounts.be_cosigned(house.supervisor.user_id, house.therapist.user_id)
    until = clock.now().date() + timedelta(days=20)
    case_store.assign(case_id, house.peer.user_id, AssignmentKind.COVER, until)
    db.session.commit()
    choice = ReportChoice(clock.now().date(), clock.now().date(), ("goals",))

    def send(words: str) -> Request:
        return requests.send_to_cosign(house.therapist, case_id, Proposal((C.SUMMARY,), words, choice), "Nine weeks")

    first = send("Attended nine sessions")
    with clock.standing_at(first.updated_at + timedelta(days=8)):
        again = send("Attended ten sessions")
        assert again.id == first.id
        (waits,) = (each for each in worklists.read_worklist(house.supervisor) if each.kind is WorkKind.LEAVING)
        assert waits.since <= first.updated_at and waits.overdue
        requests.send_back(house.supervisor, again.id, "Nine it was", version=again.version)
        assert waiting(house)[house.therapist.name] == [WorkKind.SENT_BACK]
        assert WorkKind.SENT_BACK not in [each.kind for each in worklists.read_worklist(house.peer)]
        send("Attended nine sessions")
        (waits,) = (each for each in worklists.read_worklist(house.supervisor) if each.kind is WorkKind.LEAVING)
        assert not waits.overdue


def test_the_client_asks_for_access_without_tasks() -> None:
    assert tasks_of(asking(K.ACCESS, AskedBy.CLIENT)) == ()


def a_report(house: House, case_id: str) -> Request:
    """A report for an insurer, as its author proposed it."""
    wanted = asking(K.REPORT, AskedBy.CLIENT, name="Harbour Insurance")
    found = requests.record_request(house.therapist, case_id, wanted)
    words = Proposal((C.SUMMARY,), "Attended nine sessions between May and August.")
    return requests.propose(house.therapist, found.id, words, version=found.version)


@pytest.mark.parametrize("purpose", [ReleasePurpose.INSURANCE, ReleasePurpose.LEGAL])
def test_a_report_for_court_or_insurer_leaves_once_its_author_s_supervisor_cosigned(
    house: House, case_id: str, purpose: ReleasePurpose
) -> None:
    release = builders.add_release(house.therapist, case_id, recipient="Harbour Insurance", purpose=purpose)
    report = a_report(house, case_id)
    leaving = builders.a_departure(
        recipient="Harbour Insurance", purpose=purpose, release_id=release.id, request_id=report.id
    )
    with pytest.raises(Invalid) as refused:
        disclosures.record_disclosure(house.therapist, case_id, leaving, (C.SUMMARY,), "The report")
    assert list(refused.value.fields) == ["request_id"]
    covering(house, case_id)
    with pytest.raises(NotAllowed):
        requests.approve(house.peer, report.id, version=report.version)
    requests.approve(house.supervisor, report.id, version=report.version)
    disclosures.record_disclosure(house.therapist, case_id, leaving, (C.SUMMARY,), "The report")
    unnamed = replace(leaving, request_id=None)
    with pytest.raises(Invalid):
        disclosures.record_disclosure(house.therapist, case_id, unnamed, (C.SUMMARY,), "The report")
    disclosures.record_disclosure(house.therapist, case_id, unnamed, (C.ATTENDANCE,), "Dates alone")


def covering(house: House, case_id: str) -> None:
    case_store.assign(case_id, house.peer.user_id, AssignmentKind.COVER, clock.now().date() + timedelta(days=2))
    db.session.commit()


@pytest.mark.usefixtures("context")
def test_a_report_of_an_author_without_supervisor_is_released_by_another_person(house: House) -> None:
    found = requests.record_request(
        house.peer, builders.add_case(house.peer).id, asking(K.REPORT, AskedBy.CLIENT, name="Harbour Insurance")
    )
    with pytest.raises(Invalid) as wrong:
        requests.propose(house.peer, found.id, ITEMS, version=found.version)
    assert "A report is" in wrong.value.fields["classes"]
    found = requests.propose(house.peer, found.id, Proposal((C.SUMMARY,), "Came twice."), version=found.version)
    case_store.assign(found.case_id, house.therapist.user_id, AssignmentKind.COVER, clock.now().date())
    db.session.commit()
    assert requests.approve(house.therapist, found.id, version=found.version).status is RequestStatus.APPROVED


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("restricted", [False, True])
def test_on_a_closed_case_a_second_person_can_still_be_named(house: House, *, restricted: bool) -> None:
    """Whose case has no supervisor, or is restricted, has nobody else to release the record after its end."""
    case = builders.add_case(house.peer)
    builders.close_case(house.peer, case.id, version=case.version)
    if restricted:
        walls.restrict(house.peer, case.id, "A relative of hers works here", wanted=True)
    found = requests.record_request(house.peer, case.id, asking(K.ACCESS, AskedBy.CLIENT))
    found = requests.propose(house.peer, found.id, ITEMS, version=found.version)
    with pytest.raises(NotFound):
        requests.approve(house.therapist, found.id, version=found.version)
    cases.assign_cover(house.peer, case.id, house.therapist.user_id, clock.now().date() + timedelta(days=2))
    assert WorkKind.LEAVING in [each.kind for each in worklists.read_worklist(house.therapist)]
    assert requests.approve(house.therapist, found.id, version=found.version).status is RequestStatus.APPROVED
    with pytest.raises(NotFound):
        cases.assign_cover(house.stranger, case.id, house.stranger.user_id, clock.now().date())


REPORT = Proposal((C.SUMMARY, C.ATTENDANCE), "Words about her, and the dates")
ANY_KIND = [(K.ACCESS, AskedBy.CLIENT), (K.COURT_ORDER, AskedBy.COURT), (K.WARRANT, AskedBy.POLICE)]


@pytest.mark.parametrize(("kind", "by"), ANY_KIND)
def test_words_about_the_client_are_seconded_by_the_supervisor_whatever_asked_for_them(
    house: House, case_id: str, kind: RequestKind, by: AskedBy
) -> None:
    covering(house, case_id)
    found = with_tasks_done(house, requests.record_request(house.therapist, case_id, asking(kind, by)))
    found = requests.propose(house.therapist, found.id, REPORT, version=found.version)
    with pytest.raises(NotAllowed):
        requests.approve(house.peer, found.id, version=found.version)
    assert not worklists.read_worklist(house.peer)
    leaving = builders.a_departure(basis=LegalBasis.ORDER, purpose=ReleasePurpose.INSURANCE, request_id=found.id)
    with pytest.raises(Invalid):
        disclosures.record_disclosure(house.therapist, case_id, leaving, (C.SUMMARY,), "The report")
    requests.approve(house.supervisor, found.id, version=found.version)
    disclosures.record_disclosure(house.therapist, case_id, leaving, (C.SUMMARY,), "The report")


def test_the_therapist_does_not_second_a_report_that_whoever_covers_proposed(house: House, case_id: str) -> None:
    covering(house, case_id)
    found = requests.record_request(house.therapist, case_id, asking(K.REPORT, AskedBy.CLIENT))
    found = requests.propose(house.peer, found.id, Proposal((C.SUMMARY,), "Came twice."), version=found.version)
    with pytest.raises(NotAllowed):
        requests.approve(house.therapist, found.id, version=found.version)
    assert requests.approve(house.supervisor, found.id, version=found.version).approver_id == house.supervisor.user_id


def test_a_report_does_not_wait_for_a_supervisor_whose_account_has_ended(house: House, case_id: str) -> None:
    people.end_account(house.admin, house.supervisor.user_id)
    covering(house, case_id)
    report = a_report(house, case_id)
    assert requests.approve(house.peer, report.id, version=report.version).status is RequestStatus.APPROVED


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("recorded_by_owner", [True, False])
def test_without_a_supervisor_neither_therapist_nor_recorder_seconds_a_report(
    house: House, *, recorded_by_owner: bool
) -> None:
    owner, cover = house.peer, house.therapist
    case_id = builders.add_case(owner).id
    case_store.assign(case_id, cover.user_id, AssignmentKind.COVER, clock.now().date())
    db.session.commit()
    writer, other = (owner, cover) if recorded_by_owner else (cover, owner)
    found = requests.record_request(writer, case_id, asking(K.REPORT, AskedBy.CLIENT))
    words = Proposal((C.SUMMARY,), "Came twice.")
    proposed = requests.propose(other, found.id, words, version=found.version)
    with pytest.raises(NotAllowed):
        requests.approve(writer, found.id, version=proposed.version)


class Papers(RuleBasedStateMachine):
    """A request in any order of steps: nothing is carried but what two people released and nobody closed."""

    def __init__(self) -> None:
        super().__init__()
        self.status, self.steps = RequestStatus.OPEN, [""]

    @rule(step=st.sampled_from(list(RequestStep)))
    def take(self, step: RequestStep) -> None:
        reached = after(self.status, step)
        if reached is not None:
            self.status = reached
            self.steps.append(step)

    @invariant()
    def approval_follows_a_proposal(self) -> None:
        if self.status is RequestStatus.APPROVED:
            assert self.steps[-2:] == [RequestStep.PROPOSE, RequestStep.APPROVE]
        given = asking(), (), ITEMS, None, "Ana", "a", "Ana", "b", "Bo", clock.now(), 1, clock.now()
        found = Request("q", "c", self.status, *given)
        assert (carries(found, "Harbour Clinic", (C.ATTENDANCE,)) == "") == (self.status is RequestStatus.APPROVED)


TestPapers = Papers.TestCase
