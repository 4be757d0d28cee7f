"""Summaries for another clinician: by which release, what stands on them, what is kept, and what ends with it."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from schemas.release_codes import ContentClass, Door, LegalBasis, ReleaseForm, ReleasePurpose, SaidHow
from schemas.request_codes import RequestStatus
from schemas.vocabulary import AssignmentKind, GoalDomain, Role
from service.casework import cases, goals, people, releases, requests, summaries
from service.casework.goals import GoalDraft
from service.domain import clock
from service.domain import requests as requests_rule
from service.domain.cases import TOLD_AREAS, Case
from service.domain.leaving import IN_REPORT
from service.domain.releases import Release
from service.domain.requests import UNDER_REPORTS, Request
from service.domain.summaries import ALWAYS, Section, SummaryWords
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.reports import treatment_summary
from service.reports.progress import Period
from service.reports.treatment_summary import Wanted
from service.store import accounts, disclosures, purges, treatment_summaries
from service.store import cases as case_store
from service.store import releases as release_store
from service.store import requests as request_store
from service.store.base import db
from tests import builders, prepared
from tests.builders import A_FILE, House

C = ContentClass
BY = {C.CARE: "Care", C.ATTENDANCE: "Sessions", C.GOALS: "Goals", C.LOGS: "Log", C.PLAN_DATES: "Topics worked on"}
NEEDS = "Somebody to sleep near"


@pytest.fixture
@prepared.once
def case(context: Flask, house: House) -> Case:
    """A case with something of every part, and a goal of each area."""
    case = builders.add_case(house.therapist)
    session = builders.add_session(house.therapist, case.id)
    builders.add_intake(house.therapist, case.id, session_id=session.id)
    for area in GoalDomain:
        goals.save_goal(house.therapist, case.id, GoalDraft(area, f"planted {area.value} goal"))
    builders.offer_step(house.therapist, case.id, active=True)
    return case


def drafted(house: House, case: Case, *classes: ContentClass) -> tuple[Release, SummaryWords]:
    release = builders.add_release(house.therapist, case.id, classes=classes)
    wanted = Wanted(builders.all_days(case), release.id, NEEDS)
    return release, treatment_summary.draft(house.therapist, case.id, wanted)[1]


def test_the_release_decides_what_stands_on_it_and_what_stands_on_it_is_covered(house: House, case: Case) -> None:
    for more in ((), *((each,) for each in BY if each is not C.CARE), tuple(BY)):
        release, words = drafted(house, case, *{*ALWAYS, *more})
        headings = [each.heading for each in words.sections]
        assert headings == [heading for content, heading in BY.items() if content in {C.CARE, *more}] + ["Care needs"]
        assert set(words.classes) <= set(release.terms.classes)
    told = str(words)
    assert {area for area in GoalDomain if f"planted {area.value} goal" in told} == set(TOLD_AREAS)


def test_no_section_is_of_a_class_that_a_report_may_not_hold(house: House, case: Case) -> None:
    _release, words = drafted(house, case, *(each for each in C if each is not C.PSYCHOTHERAPY))
    assert {each.content for each in words.sections} | set(ALWAYS) == set(IN_REPORT)


def test_what_leaves_is_kept_with_its_row_its_classes_and_its_digest(house: House, case: Case) -> None:
    release, words = drafted(house, case, *ALWAYS, C.ATTENDANCE)
    kept = summaries.keep_summary(house.therapist, case.id, release.id, words, A_FILE)
    (row,) = disclosures.of_case(case.id)
    assert (row.left.door, row.left.digest) == (Door.TREATMENT_SUMMARY, hashlib.sha256(A_FILE).hexdigest())
    assert row.left.classes == words.classes == (C.CARE, C.ATTENDANCE, C.SUMMARY)
    assert (row.departure.basis, row.departure.recipient) == (LegalBasis.RELEASE, release.terms.recipient)
    assert (kept.disclosure_id, kept.digest, kept.file) == (row.id, row.left.digest, A_FILE)
    assert summaries.read_summary(house.supervisor, kept.id) == kept
    assert summaries.read_summaries(house.therapist, case.id).summaries == (kept,)
    for stranger in (house.peer, house.stranger):
        with pytest.raises(NotFound):
            summaries.read_summary(stranger, kept.id)
    with pytest.raises(NotAllowed):
        summaries.keep_summary(house.supervisor, case.id, release.id, words, A_FILE)


def _revoked(house: House, case: Case) -> Release:
    release = builders.add_release(house.therapist, case.id, classes=IN_REPORT)
    return releases.revoke_release(house.therapist, release.id, SaidHow.VERBAL, version=release.version)


def _of(**changes: object) -> Callable[[House, Case], Release]:
    return lambda house, case: builders.add_release(house.therapist, case.id, **{"classes": IN_REPORT, **changes})  # type: ignore[arg-type]


def _of_another_case(house: House, _case: Case) -> Release:
    return builders.add_release(house.therapist, builders.add_case(house.therapist).id, classes=IN_REPORT)


def _of_working_notes(house: House, case: Case) -> Release:
    return builders.add_release(
        house.therapist, case.id, form=ReleaseForm.PSYCHOTHERAPY, classes=(ContentClass.PSYCHOTHERAPY,)
    )


@pytest.mark.parametrize(
    "release",
    [
        _revoked,
        _of_another_case,
        _of_working_notes,
        _of(signed=False),
        _of(classes=(C.CARE, C.ATTENDANCE)),
        _of(classes=(C.SUMMARY, C.ATTENDANCE)),
        _of(purpose=ReleasePurpose.INSURANCE),
        _of(purpose=ReleasePurpose.LEGAL),
    ],
)
def test_no_other_paper_lets_one_be_made_or_kept(
    house: House, case: Case, release: Callable[[House, Case], Release]
) -> None:
    _good, words = drafted(house, case, *IN_REPORT)
    paper = release(house, case)
    with pytest.raises(Invalid) as refused:
        treatment_summary.draft(house.therapist, case.id, Wanted(Period(words.since, words.until), paper.id))
    assert list(refused.value.fields) == ["release_id"]
    with pytest.raises(Invalid):
        summaries.keep_summary(house.therapist, case.id, paper.id, words, A_FILE)
    assert disclosures.of_case(case.id) == () and treatment_summaries.of_case(case.id) == ()


def test_words_that_hold_more_than_the_release_covers_are_not_kept(house: House, case: Case) -> None:
    release, words = drafted(house, case, *ALWAYS)
    more = replace(words, sections=(*words.sections, Section("Log", ("Latest total 15",), C.LOGS)))
    with pytest.raises(Invalid):
        summaries.keep_summary(house.therapist, case.id, release.id, more, A_FILE)
    assert treatment_summaries.of_case(case.id) == ()


def test_whoever_is_cosigned_makes_none(house: House, case: Case) -> None:
    release, words = drafted(house, case, *IN_REPORT)
    people.supervise(house.admin, house.supervisor.user_id, house.therapist.user_id, clock.now().date(), cosigns=True)
    with pytest.raises(Invalid, match="cosign"):
        summaries.keep_summary(house.therapist, case.id, release.id, words, A_FILE)
    assert summaries.read_summaries(house.therapist, case.id).cosigning.is_needed


def test_words_that_are_to_stay_do_not_leave(house: House, case: Case) -> None:
    case = cases.change_client(
        house.therapist, case.id, replace(case.client, address="12 Hidden Lane"), version=case.version
    )
    release, words = drafted(house, case, *ALWAYS)
    told = replace(words, sections=(*words.sections, Section("Care needs", ("She is at 12 Hidden Lane",), C.SUMMARY)))
    with pytest.raises(Invalid):
        summaries.keep_summary(house.therapist, case.id, release.id, told, A_FILE)
    assert treatment_summaries.of_case(case.id) == ()


def test_a_purge_destroys_what_was_kept(house: House, case: Case) -> None:
    kept = builders.add_summary(house.therapist, case.id)
    row, kept_row = case_store.row(case.id), treatment_summaries.row(kept.id)
    assert row is not None and kept_row is not None
    assert A_FILE not in kept_row.file and NEEDS.encode() not in kept_row.words
    purges.erase(row)
    db.session.commit()
    with pytest.raises(NotFound):
        treatment_summaries.value(kept_row)


@pytest.fixture
def cosigned(house: House, case: Case) -> Case:
    """A case whose therapist is cosigned by the supervisor of the house."""
    accounts.be_cosigned(house.supervisor.user_id, house.therapist.user_id)
    db.session.commit()
    return case


def agreed(house: House, case: Case, *, file: bytes = A_FILE) -> Request:
    sent = builders.send_summary(house.therapist, case.id, file=file)
    return requests.approve(house.supervisor, sent.id, version=sent.version)


def test_what_the_cosigner_read_is_what_leaves_and_is_kept(house: House, cosigned: Case) -> None:
    sent = builders.send_summary(house.therapist, cosigned.id)
    assert summaries.read_sent(house.supervisor, sent.id) == A_FILE
    assert (sent.asking.name, sent.proposal.items, sent.open_tasks) == ("Harbour Clinic", NEEDS, ())
    for early in (house.therapist, house.supervisor):
        with pytest.raises((Conflict, NotAllowed)):
            summaries.let_leave(early, sent.id, version=sent.version)
    with pytest.raises(Conflict):
        requests.approve(house.therapist, sent.id, version=sent.version)
    assert disclosures.of_case(cosigned.id) == () and treatment_summaries.of_case(cosigned.id) == ()
    found = requests.approve(house.supervisor, sent.id, version=sent.version)
    with pytest.raises(NotAllowed):
        summaries.let_leave(house.supervisor, found.id, version=found.version)
    kept = summaries.let_leave(house.therapist, found.id, version=found.version)
    (row,) = disclosures.of_case(cosigned.id)
    assert (kept.file, kept.digest, kept.disclosure_id) == (A_FILE, row.left.digest, row.id)
    assert (kept.author_name, kept.cosigner_name) == (house.therapist.name, house.supervisor.name)
    assert kept.words.cosign and kept.signed_at <= kept.words.cosign.cosigned_at <= kept.made_at
    assert kept.words.cosign.cosigned_at == found.updated_at
    assert row.left.sections[:2] == ("Summary of treatment", "Cosigned")
    over = requests.read_request(house.therapist, sent.id).request
    assert over.status is RequestStatus.CLOSED
    with pytest.raises(Conflict):
        summaries.read_sent(house.supervisor, sent.id)
    with pytest.raises(Conflict):
        summaries.let_leave(house.therapist, sent.id, version=over.version)
    assert treatment_summaries.of_case(cosigned.id) == (kept,)


def test_only_who_cosigns_its_author_agrees_to_one(house: House, cosigned: Case) -> None:
    case_store.assign(cosigned.id, house.peer.user_id, AssignmentKind.COVER, clock.now().date() + timedelta(days=2))
    db.session.commit()
    sent = builders.send_summary(house.therapist, cosigned.id)
    leads = builders.add_actor(house.practice_id, Role.SUPERVISOR, "Lena Lead")
    accounts.supervise(house.practice_id, leads.user_id, house.therapist.user_id, clock.now().date())
    db.session.commit()
    for other in (house.peer, leads, house.stranger):
        with pytest.raises((NotAllowed, NotFound)):
            requests.approve(other, sent.id, version=sent.version)
        with pytest.raises((NotAllowed, NotFound)):
            requests.send_back(other, sent.id, "Shorter", version=sent.version)
    with pytest.raises(NotFound):
        summaries.read_sent(house.stranger, sent.id)
    found = requests.approve(house.supervisor, sent.id, version=sent.version)
    for other in (house.peer, leads, house.supervisor):
        with pytest.raises(NotAllowed):
            summaries.let_leave(other, found.id, version=found.version)


def test_one_that_is_sent_back_keeps_its_words_and_no_file_and_is_sent_anew(house: House, cosigned: Case) -> None:
    sent = builders.send_summary(house.therapist, cosigned.id)
    back = requests.send_back(house.supervisor, sent.id, "Say less", version=sent.version)
    assert (back.status, back.back and back.back.words) == (RequestStatus.OPEN, "Say less")
    with pytest.raises(Conflict):
        summaries.read_sent(house.supervisor, sent.id)
    content = request_store.content(request_store.row(sent.id))  # type: ignore[arg-type]
    assert content.draft
    other = b"%PDF-1.7 said less"
    again = summaries.send_summary(house.therapist, cosigned.id, content.draft, "Less", other)
    assert (again.id, again.status, again.back) == (sent.id, RequestStatus.PROPOSED, None)
    assert summaries.read_sent(house.supervisor, sent.id) == other
    twice = summaries.send_summary(
        house.therapist, cosigned.id, replace(content.draft, signed_at=clock.now()), "Less", b"%PDF-1.7 again"
    )
    assert twice.version == again.version and summaries.read_sent(house.supervisor, sent.id) == other
    assert summaries.read_summaries(house.therapist, cosigned.id).cosigning.reports == (again,)


def _revokes(house: House, case: Case) -> None:
    for each in release_store.of_case(case.id):
        releases.revoke_release(house.therapist, each.id, SaidHow.VERBAL, version=each.version)


def _protects(house: House, case: Case) -> None:
    found = cases.read_case(house.therapist, case.id)
    lives = replace(found.client, address="Somebody to sleep near")
    cases.change_client(house.therapist, case.id, lives, version=found.version)


def _is_not_asked(_house: House, case: Case) -> None:
    builders.put_check(case.id, None)


@pytest.mark.parametrize("after", [_revokes, _protects, _is_not_asked])
def test_what_was_agreed_to_stays_where_it_may_not_leave_any_more(
    house: House, cosigned: Case, after: Callable[[House, Case], None]
) -> None:
    found = agreed(house, cosigned)
    after(house, cosigned)
    with pytest.raises(Invalid):
        summaries.let_leave(house.therapist, found.id, version=found.version)
    assert disclosures.of_case(cosigned.id) == () and treatment_summaries.of_case(cosigned.id) == ()
    closed = requests.close(house.therapist, found.id, version=found.version)
    assert closed.status is RequestStatus.CLOSED
    with pytest.raises(Conflict):
        summaries.read_sent(house.therapist, found.id)


def test_what_was_confirmed_by_name_when_it_was_sent_holds_when_it_leaves(house: House, cosigned: Case) -> None:
    _protects(house, cosigned)
    draft = builders.summary_draft(house.therapist, cosigned.id, NEEDS)
    with pytest.raises(Invalid) as refused:
        summaries.send_summary(house.therapist, cosigned.id, draft, NEEDS, A_FILE)
    named = replace(draft, words=replace(draft.words, confirmed=tuple(refused.value.fields)))
    sent = summaries.send_summary(house.therapist, cosigned.id, named, NEEDS, A_FILE)
    found = requests.approve(house.supervisor, sent.id, version=sent.version)
    kept = summaries.let_leave(house.therapist, found.id, version=found.version)
    assert len(kept.words.confirmed) == len(refused.value.fields)


def test_one_that_waits_or_was_agreed_to_carries_nothing_else_and_is_no_request_of_anybody(
    house: House, cosigned: Case
) -> None:
    found = agreed(house, cosigned)
    assert requests_rule.carries(found, found.asking.name, found.proposal.classes) == UNDER_REPORTS
    assert request_store.count_open(cosigned.id) == 0
    with pytest.raises(Invalid):
        requests.record_request(house.therapist, cosigned.id, replace(found.asking, received_on=clock.now().date()))


def test_whoever_nobody_cosigns_sends_none_there(house: House, case: Case) -> None:
    with pytest.raises(Conflict):
        builders.send_summary(house.therapist, case.id)
    assert request_store.of_case(case.id) == ()


def test_a_purge_destroys_the_file_that_waits(house: House, cosigned: Case) -> None:
    sent, row = builders.send_summary(house.therapist, cosigned.id), case_store.row(cosigned.id)
    kept = request_store.row(sent.id)
    assert row is not None and kept is not None and kept.file and A_FILE not in kept.file
    purges.erase(row)
    db.session.commit()
    with pytest.raises(NotFound):
        request_store.file(kept)
