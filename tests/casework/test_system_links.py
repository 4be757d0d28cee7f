"""Who lets a connected system read a case, on what ground, and how it is cut off."""

from dataclasses import replace

import pytest
from flask import Flask

from schemas.actions import Action
from schemas.release_codes import ConsentAnswer, ConsentKind
from schemas.vocabulary import AssignmentKind, Role
from service.casework import resource_reads, system_links, walls
from service.domain import clock
from service.domain.system_links import SystemLink
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.fhir import publish
from service.store import audit, cases
from service.store import disclosures as store
from service.store.base import db
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("published")

GIVEN = ConsentKind.RECORD_SYSTEM


@pytest.fixture
def case_id(context: Flask, house: House) -> str:
    case_id = builders.add_case(house.therapist).id
    builders.add_consent(house.therapist, case_id, GIVEN)
    return case_id


def reads(house: House, case_id: str) -> bool:
    publish.catch_up(case_id)
    try:
        resource_reads.read_resource(house.machine, "Patient", case_id)
    except NotFound:
        return False
    return True


def test_a_link_counts_from_the_next_request_and_so_does_its_end(house: House, case_id: str) -> None:
    assert not reads(house, case_id)
    made = system_links.link_system(house.therapist, case_id, house.machine.user_id)
    assert made.linked and reads(house, case_id)
    assert [each.departure.recipient for each in store.of_case(case_id)] == [house.machine.name]
    assert not system_links.unlink_system(house.therapist, case_id, house.machine.user_id).linked
    assert not reads(house, case_id)
    with pytest.raises(Conflict):
        system_links.unlink_system(house.therapist, case_id, house.machine.user_id)


def test_a_second_link_is_refused_and_writes_no_second_row(house: House, case_id: str) -> None:
    system_links.link_system(house.therapist, case_id, house.machine.user_id)
    with pytest.raises(Conflict):
        system_links.link_system(house.therapist, case_id, house.machine.user_id)
    assert len(store.of_case(case_id)) == 1


def test_without_a_ground_nothing_is_linked_and_no_row_is_written(house: House, case_id: str) -> None:
    builders.add_consent(house.therapist, case_id, GIVEN, ConsentAnswer.WITHDRAWN)
    with pytest.raises(Invalid) as refused:
        system_links.link_system(house.therapist, case_id, house.machine.user_id)
    assert "basis" in refused.value.fields
    assert not reads(house, case_id) and store.of_case(case_id) == ()


def test_nobody_links_a_case_that_they_do_not_answer_for(house: House, case_id: str) -> None:
    cover = builders.add_actor(house.practice_id, Role.THERAPIST, "Covering Colleague")
    cases.assign(case_id, cover.user_id, AssignmentKind.COVER, clock.now().date())
    db.session.commit()
    refusals = {
        NotFound: (house.peer, house.stranger, house.admin, house.machine),
        NotAllowed: (house.supervisor, cover, replace(house.therapist, stepped_up=False)),
    }
    for kind, actors in refusals.items():
        for actor in actors:
            with pytest.raises(kind):
                system_links.link_system(actor, case_id, house.machine.user_id)
    assert not reads(house, case_id)
    system_links.link_system(house.therapist, case_id, house.machine.user_id)
    assert not system_links.unlink_system(replace(cover, stepped_up=False), case_id, house.machine.user_id).linked


def test_only_a_system_of_the_practice_that_is_in_use_is_linked(house: House, case_id: str) -> None:
    elsewhere = builders.add_house()
    for client_id in (elsewhere.machine.user_id, house.peer.user_id, "00000000-0000-4000-8000-00000000dead"):
        with pytest.raises(NotFound):
            system_links.link_system(house.therapist, case_id, client_id)


def test_a_restricted_case_is_linked_to_nothing(house: House, case_id: str) -> None:
    walls.restrict(house.therapist, case_id, "Her brother works at the front desk here", wanted=True)
    with pytest.raises(NotAllowed):
        system_links.link_system(house.therapist, case_id, house.machine.user_id)
    assert not reads(house, case_id)


def test_each_step_leaves_its_row_in_the_audit(house: House, case_id: str) -> None:
    system_links.link_system(house.therapist, case_id, house.machine.user_id)
    system_links.unlink_system(house.therapist, case_id, house.machine.user_id)
    system_links.read_systems(house.supervisor, case_id)
    wanted = (Action.SYSTEM_LINK, Action.SYSTEM_UNLINK, Action.SYSTEM_READ)
    rows = db.session.query(audit.AuditRow).filter(audit.AuditRow.action.in_(wanted)).all()
    assert {each.action for each in rows} == set(wanted)


@pytest.mark.parametrize(
    ("scopes", "reads_types"),
    [("system/*.rs", ("*",)), ("system/Goal.s system/Patient.rs", ("Goal", "Patient")), ("", ())],
)
def test_the_consequence_names_what_the_scopes_cover(scopes: str, reads_types: tuple[str, ...]) -> None:
    assert SystemLink("id", "Bridge", scopes, active=True, linked=False).reads == reads_types
