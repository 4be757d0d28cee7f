"""Purge: two people, after its time, never under a hold; and nothing opens the content again, from a backup neither."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from flask import Flask

from schemas.release_codes import ContentClass
from schemas.request_codes import AskedBy, RefusalReason, RequestKind
from schemas.vocabulary import CaseStatus
from schemas.wall_codes import WallStatus, WallStep
from service.casework import caseloads, cases, disclosures, operating, purging, requests, resource_reads, walls
from service.casework.purging import ASKED_FOR
from service.domain import clock
from service.domain.disclosures import to_the_client
from service.domain.requests import Asking
from service.domain.retention import RetentionRule, kept_until
from service.domain.walls import Certificate
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.fhir import publish
from service.store import cases as case_store
from service.store import keyring, purges
from service.store.base import db
from service.store.keyring import DataKey
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("published")

WHY = "Its years of keeping are over, nothing is open"
NAME = "Quill Featherstonehaugh"
FULL = timedelta(days=365 * 8)


@pytest.fixture
def case_id(context: Flask, house: House) -> str:
    case = builders.add_case(house.therapist, chosen_name=NAME, birth_date=None)
    builders.add_intake(house.therapist, case.id)
    session = builders.add_session(house.therapist, case.id)
    builders.add_note(house.therapist, session.id, signed=True)
    builders.add_working_note(house.therapist, session.id)
    publish.drain()
    row = cases.read_case(house.therapist, case.id)
    builders.close_case(house.therapist, case.id, version=row.version)
    publish.drain()
    return case.id


@contextmanager
def years_later() -> Iterator[None]:
    with clock.standing_at(clock.now() + FULL):
        yield


def purged(house: House, case_id: str) -> Certificate:
    with years_later():
        assert purging.purge(house.therapist, case_id, WHY) is None
        found = purging.purge(house.supervisor, case_id, WHY)
    assert found is not None
    return found


def test_the_clock_counts_from_the_last_service_or_from_majority() -> None:
    rule = RetentionRule()
    assert kept_until(rule, date(2026, 3, 1), date(1990, 1, 1)) == date(2033, 3, 1)
    assert kept_until(rule, date(2026, 3, 1), date(2015, 6, 1)) == date(2036, 6, 1)
    assert kept_until(rule, date(2024, 2, 29), None) == date(2031, 3, 1)


def test_a_purge_waits_for_its_time_a_second_person_and_a_lifted_hold(house: House, case_id: str) -> None:
    with pytest.raises(Conflict) as early:
        purging.purge(house.therapist, case_id, WHY)
    assert "kept until" in early.value.message
    with years_later():
        walls.hold(house.therapist, case_id, WHY)
        with pytest.raises(Conflict) as held:
            purging.purge(house.therapist, case_id, WHY)
        assert "legal hold" in held.value.message
        walls.lift_hold(house.therapist, case_id, WHY)
        walls.lift_hold(house.supervisor, case_id, WHY)
        assert purging.purge(house.therapist, case_id, WHY) is None
        with pytest.raises(Conflict):
            purging.purge(house.therapist, case_id, WHY)
    assert cases.read_case(house.therapist, case_id).client.chosen_name == NAME


def test_a_record_is_left_when_purging_is_taken_back_or_not_agreed_to(house: House, case_id: str) -> None:
    with years_later():
        for times, who in ((1, house.therapist), (2, house.supervisor)):
            purging.purge(house.therapist, case_id, WHY)
            walls.leave(who, case_id, WallStep.PURGE, WHY)
            found = walls.read_walls(house.therapist, case_id).walls
            assert [each.step for each in found].count(WallStep.KEEP_RECORD) == times
        asked = {each.status for each in found if each.step is WallStep.PURGE}
        assert asked == {WallStatus.WITHDRAWN, WallStatus.DECLINED}
        assert purging.purge(house.supervisor, case_id, WHY) is None
    assert cases.read_case(house.therapist, case_id).client.chosen_name == NAME


def test_a_record_is_kept_while_somebody_asks_for_it_and_as_long_as_what_left_is_accounted_for(
    house: House, case_id: str
) -> None:
    asking = Asking(RequestKind.COURT_ORDER, AskedBy.COURT, "A court", "All dates", clock.now().date())
    found = requests.record_request(house.therapist, case_id, asking)
    told = to_the_client()
    row = disclosures.record_disclosure(house.therapist, case_id, told, (ContentClass.ATTENDANCE,), "Dates")
    with clock.standing_at(clock.now() + timedelta(days=400)):
        disclosures.correct_disclosure(house.therapist, row.id, told, "Dates of May")
    purging.change_retention(house.admin, RetentionRule(after_service=1, source="The law of the place"))
    today = clock.now().date()
    with clock.standing_at(clock.now() + timedelta(days=365 * 5)), pytest.raises(Conflict) as early:
        purging.purge(house.supervisor, case_id, WHY)
    assert str(today.year + 6) in str(early.value)
    with clock.standing_at(clock.now() + timedelta(days=365 * 6 + 3)):
        with pytest.raises(Conflict) as asked:
            purging.purge(house.supervisor, case_id, WHY)
        assert str(asked.value) == ASKED_FOR
        words = "The case was dropped"
        requests.refuse(house.therapist, found.id, RefusalReason.SUBPOENA_ALONE, words=words, version=found.version)
        assert purging.purge(house.supervisor, case_id, WHY) is None


def test_an_open_case_is_not_purged_and_a_reason_is_needed(house: House, case_id: str) -> None:
    opened = builders.add_case(house.therapist)
    with years_later():
        with pytest.raises(NotAllowed):
            purging.purge(house.therapist, opened.id, WHY)
        with pytest.raises(Invalid):
            purging.purge(house.therapist, case_id, "Old")


def test_after_a_purge_every_key_of_the_case_is_gone_and_it_answers_as_missing(house: House, case_id: str) -> None:
    certificate = purged(house, case_id)
    keys = db.session.query(DataKey).filter_by(scope_id=case_id).all()
    assert len(keys) == certificate.keys == 2
    assert [key.wrapped for key in keys] == [None, None]
    assert keyring.ring().is_cut(case_id)
    row = case_store.row(case_id)
    assert row is not None and row.status == CaseStatus.PURGED
    with pytest.raises(NotFound):
        cases.read_case(house.therapist, case_id)
    assert caseloads.find_cases(house.therapist, NAME[:5]) == ()
    assert caseloads.my_caseload(house.therapist).rows == ()
    with pytest.raises(NotFound):
        resource_reads.read_resource(house.therapist, "Patient", case_id)


def test_work_over_the_whole_practice_passes_a_purged_case_by(house: House, case_id: str) -> None:
    purged(house, case_id)
    assert operating.rebuild_summaries() >= 0
    publish.rebuild(house.practice_id)


def test_the_certificate_names_no_client_and_is_read_by_those_who_answer_for_it(house: House, case_id: str) -> None:
    certificate = purged(house, case_id)
    assert NAME.split()[0] not in str(certificate)
    for person in (house.supervisor, house.admin):
        assert purging.read_retention(person).certificates[0].id == certificate.id
    with pytest.raises(NotAllowed):
        purging.read_retention(house.therapist)
    with pytest.raises(NotAllowed):
        purging.change_retention(house.supervisor, RetentionRule(5, 1, 18, "A law"))


def test_a_practice_sets_its_own_years_with_their_source(house: House, case_id: str) -> None:
    with pytest.raises(Invalid) as refused:
        purging.change_retention(house.admin, RetentionRule(5, 1, 18, " "))
    assert list(refused.value.fields) == ["source"]
    purging.change_retention(house.admin, RetentionRule(1, 0, 18, "An invented act, section 4"))
    until = walls.read_walls(house.therapist, case_id).kept_until
    assert until.year == clock.now().year + 1


def test_what_a_crash_left_half_done_is_finished_at_the_next_start(house: House, case_id: str) -> None:
    other = builders.add_case(house.therapist)
    keyring.puncture(case_id)
    row = case_store.row(other.id)
    assert row is not None
    purges.erase(row)
    db.session.commit()
    assert purges.bury() == 2
    assert keyring.ring().is_cut(other.id)
    assert [each.status for each in map(case_store.row, (case_id, other.id)) if each] == [CaseStatus.PURGED] * 2
    assert purges.bury() == 0


def test_other_cases_open_as_before(house: House, case_id: str) -> None:
    other = builders.add_case(house.therapist)
    purged(house, case_id)
    assert cases.read_case(house.therapist, other.id).client.chosen_name


def test_another_process_forgets_within_a_second(app: Flask, house: House, case_id: str) -> None:
    """A second application with the same key file had opened the case before."""
    ring = keyring.ring()
    ring.box(case_id)
    db.session.rollback()
    keyring.puncture(case_id)
    assert keyring.ring() is not ring
    with pytest.raises(NotFound):
        keyring.ring().box(case_id)
