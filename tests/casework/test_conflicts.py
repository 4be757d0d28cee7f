"""The conflict check: what is found, who hears of it, and that nobody who works on a case does."""

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from schemas.actions import Action
from schemas.conflict_codes import ConflictAnswer, NamedAs
from schemas.vocabulary import CaseStatus, Role
from service.casework import cases, conflicts, walls
from service.domain import clock
from service.domain.conflicts import Match
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.store import accounts, purges
from service.store import cases as case_store
from service.store import conflicts as store
from service.store.audit import AuditRow
from service.store.base import db
from service.store.conflicts import ConflictRow, PersonHashRow
from tests import builders
from tests.builders import House

WHY = "Her brother works at the front desk here"
HER, HIM = "Maeve Tollund-Ó Briain", "Corvin Hale"
BORN = date(1984, 5, 6)


@pytest.fixture
def her_case(context: Flask, house: House) -> str:
    """A client of the therapist, whose other person is named."""
    case_id = builders.add_case(house.therapist, chosen_name=HER, birth_date=BORN).id
    conflicts.check_other(house.therapist, case_id, HIM, None)
    return case_id


def his_case(house: House) -> str:
    """The same other person, come to a colleague as a client."""
    return builders.add_case(house.peer, chosen_name="HALE, Corvín", birth_date=date(1980, 1, 1)).id


def found_by(house: House) -> tuple[Match, ...]:
    return conflicts.read_conflicts(house.supervisor)


def roles(match: Match) -> set[tuple[str, NamedAs]]:
    return {(side.case_id, side.named_as) for side in match.sides}


@pytest.mark.usefixtures("context")
def test_the_other_person_of_a_client_who_comes_as_a_client_is_found(house: House, her_case: str) -> None:
    his = his_case(house)
    (match,) = found_by(house)
    assert roles(match) == {(her_case, NamedAs.OTHER), (his, NamedAs.CLIENT)}
    assert not match.by_birth_date and match.answer is None


def test_each_who_names_the_other_is_found_both_ways(house: House, her_case: str) -> None:
    his = his_case(house)
    conflicts.check_other(house.peer, his, "o'briain maeve tollund", BORN)
    found = found_by(house)
    assert {frozenset(roles(each)) for each in found} == {
        frozenset({(her_case, NamedAs.OTHER), (his, NamedAs.CLIENT)}),
        frozenset({(her_case, NamedAs.CLIENT), (his, NamedAs.OTHER)}),
    }
    assert {each.by_birth_date for each in found} == {True, False}


def test_a_case_tells_its_people_the_same_whether_anything_was_found_or_not(house: House, her_case: str) -> None:
    with clock.standing_at(clock.now()):
        nobody = builders.add_case(house.peer, chosen_name="Odd Person").id
        conflicts.check_other(house.peer, nobody, "Nobody Anywhere", None)
        his = his_case(house)
        conflicts.check_other(house.peer, his, HER, BORN)
        assert len(found_by(house)) == 2
        blank, told = (replace(conflicts.read_check(house.peer, each), case=None) for each in (nobody, his))  # type: ignore[arg-type]
        assert told == blank
    for person in (house.therapist, house.peer, house.admin):
        with pytest.raises(NotAllowed):
            conflicts.read_conflicts(person)


def test_a_supervisor_who_is_the_therapist_of_one_hears_nothing_unless_they_read_both(
    house: House, her_case: str
) -> None:
    other = builders.add_actor(house.practice_id, Role.SUPERVISOR, "Orla Treating")
    builders.add_case(other, chosen_name=HIM)
    assert len(found_by(house)) == 1
    assert conflicts.read_conflicts(other) == ()
    own = builders.add_case(house.supervisor, chosen_name=HIM).id
    assert {(her_case, NamedAs.OTHER), (own, NamedAs.CLIENT)} in [roles(each) for each in found_by(house)]
    assert conflicts.count_waiting(house.supervisor) == 2
    db.session.rollback()


def test_a_supervisor_cannot_find_out_by_typing_names_who_comes_here(house: House, her_case: str) -> None:
    other = builders.add_actor(house.practice_id, Role.SUPERVISOR, "Orla Treating")
    own = builders.add_case(other, chosen_name="Odd Person").id
    conflicts.check_other(other, own, HER, BORN)
    assert conflicts.read_conflicts(other) == ()
    assert conflicts.read_check(other, own).staff == ()
    assert len(found_by(house)) == 1


@pytest.mark.parametrize("whose", ["hers", "his"])
def test_who_is_kept_away_from_either_hears_nothing(house: House, her_case: str, whose: str) -> None:
    his = his_case(house)
    actor, case_id = (house.therapist, her_case) if whose == "hers" else (house.peer, his)
    (match,) = found_by(house)
    walls.block(actor, case_id, house.supervisor.user_id, WHY)
    assert found_by(house) == ()
    with pytest.raises(NotFound):
        conflicts.answer_conflict(house.supervisor, match.id, ConflictAnswer.NAMESAKE, version=match.version)


def test_a_restricted_case_shows_in_no_match(house: House, her_case: str) -> None:
    his_case(house)
    walls.restrict(house.therapist, her_case, WHY, wanted=True)
    assert found_by(house) == ()
    walls.restrict(house.therapist, her_case, WHY, wanted=False)
    assert len(found_by(house)) == 1


def test_nothing_is_compared_with_another_practice(house: House, her_case: str) -> None:
    builders.add_case(house.stranger, chosen_name=HIM)
    assert found_by(house) == ()
    ours, theirs = store.keyed(house.practice_id), store.keyed(house.stranger.practice_id)
    assert ours(HIM) != theirs(HIM)
    assert ours(HIM) == store.keyed(house.practice_id)(HIM)
    db.session.rollback()


def test_an_answer_stands_and_a_stale_one_is_refused(house: House, her_case: str) -> None:
    his_case(house)
    (match,) = found_by(house)
    conflicts.answer_conflict(house.supervisor, match.id, ConflictAnswer.ARRANGED, version=match.version)
    with pytest.raises(Conflict):
        conflicts.answer_conflict(house.supervisor, match.id, ConflictAnswer.NAMESAKE, version=match.version)
    conflicts.check_other(house.therapist, her_case, HIM, None)
    (after,) = found_by(house)
    assert (after.answer, after.answered_by) == (ConflictAnswer.ARRANGED, house.supervisor.name)
    assert conflicts.count_waiting(house.supervisor) == 0
    db.session.rollback()


def test_a_name_that_is_put_right_or_taken_back_takes_its_match_along(house: House, her_case: str) -> None:
    his = his_case(house)
    client = cases.read_case(house.peer, his)
    changed = cases.change_client(
        house.peer, his, replace(client.client, chosen_name="Corvin Hall"), version=client.version
    )
    assert found_by(house) == ()
    cases.change_client(house.peer, his, replace(client.client, legal_name=HIM), version=changed.version)
    assert len(found_by(house)) == 1
    assert conflicts.check_other(house.therapist, her_case, "", None).other_at is None
    assert found_by(house) == ()


def test_birth_dates_that_differ_are_two_people(house: House, her_case: str) -> None:
    conflicts.check_other(house.therapist, her_case, HIM, date(1979, 1, 1))
    his_case(house)
    assert found_by(house) == ()


def test_staff_are_named_to_the_people_of_the_case(house: House, her_case: str) -> None:
    desk = conflicts.check_other(house.therapist, her_case, "Łuczak Marta", None)
    (match,) = desk.staff
    assert (match.account_id, match.named_as, match.kept_away) == (house.admin.user_id, NamedAs.OTHER, False)
    walls.block(house.therapist, her_case, house.admin.user_id, WHY)
    assert conflicts.read_check(house.supervisor, her_case).staff[0].kept_away
    row = accounts.account(house.admin.user_id)
    assert row is not None
    row.active = False
    db.session.commit()
    assert conflicts.read_check(house.therapist, her_case).staff == ()


@pytest.mark.parametrize(("name", "born", "field"), [("Corvin", None, "name"), (HIM, date(2999, 1, 1), "birth_date")])
def test_a_name_that_says_too_little_is_refused_at_its_field(
    house: House, her_case: str, name: str, born: date | None, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        conflicts.check_other(house.therapist, her_case, name, born)
    assert list(refused.value.fields) == [field]


def test_names_are_kept_nowhere_and_each_check_leaves_its_audit_row(house: House, her_case: str) -> None:
    kept = [value for row in db.session.scalars(select(PersonHashRow)) for value in vars(row).values()]
    assert not any(isinstance(value, str) and "hale" in value.casefold() for value in kept)
    assert all(len(row.name_hash) == 64 for row in db.session.scalars(select(PersonHashRow)))
    assert cases.read_case(house.therapist, her_case).other_person.label == "Person A"
    rows = db.session.scalars(select(AuditRow).where(AuditRow.action == Action.CONFLICT_CHECK)).all()
    assert [(row.subject, row.why) for row in rows] == [(f"case/{her_case}", "client"), (f"case/{her_case}", "other")]
    db.session.rollback()


def test_a_purge_takes_hashes_and_matches_along(house: House, her_case: str) -> None:
    his = his_case(house)
    row = case_store.row(her_case)
    assert row is not None
    purges.erase(row)
    db.session.commit()
    assert row.status == CaseStatus.PURGED
    assert db.session.scalar(select(func.count()).select_from(ConflictRow)) == 0
    assert set(db.session.scalars(select(PersonHashRow.case_id))) == {his}
    db.session.rollback()


def test_clients_from_before_are_compared_when_the_service_starts(house: House, her_case: str) -> None:
    his = his_case(house)
    with_one_word = builders.add_case(house.peer, chosen_name="Ash", birth_date=None).id
    for case_id in (his, with_one_word):
        store.forget(case_id)
    db.session.commit()
    assert found_by(house) == ()
    assert store.complete() == 2
    assert len(found_by(house)) == 1
    assert store.complete() == 0
