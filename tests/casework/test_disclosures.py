"""The disclosures log: every door writes its row before anything is out, and no row changes."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from schemas.release_codes import ConsentKind, ContentClass, Door, LegalBasis, SaidHow
from service.casework import disclosures, operating, plans, releases
from service.casework.copies import CopyWish
from service.casework.operating import Access
from service.domain.disclosures import to_the_client
from service.domain.leaving import NOTHING_LEFT
from service.domain.safety import COPY_TITLES
from service.errors import Conflict, Invalid, NotFound
from service.fhir import RESOURCES, bundle
from service.fhir.classes import CLASS_OF
from service.store import disclosures as store
from service.store.base import db
from service.store.disclosures import DisclosureRow
from tests import builders
from tests.builders import House, email_of

pytestmark = pytest.mark.usefixtures("published")

C = ContentClass
EVERYTHING = tuple(each for each in C if each is not C.PSYCHOTHERAPY)


@pytest.fixture
def case_id(context: Flask, house: House) -> str:
    return builders.add_case(house.therapist).id


def doors(case_id: str) -> list[Door]:
    db.session.rollback()
    return [each.left.door for each in store.of_case(case_id)]


def test_an_export_leaves_its_row_with_the_hash_of_its_bytes(house: House, case_id: str) -> None:
    told: Any
    body, told = bundle.export(house.therapist, case_id, to_the_client())
    (row,) = store.of_case(case_id)
    assert row.left.digest == hashlib.sha256(body).hexdigest()
    parts = [part for each in told["by_class"] for part in each["parts"]]
    assert row.left.sections == tuple(f"{each['what']}: {each['sent']}" for each in parts if each["sent"])
    assert "Who the client is, by the chosen name: 1" in row.left.sections
    assert row.by_name == house.therapist.name


def test_looking_at_a_receipt_lets_nothing_leave(house: House, case_id: str) -> None:
    bundle.export(house.therapist, case_id, None)
    bundle.preview(house.therapist, case_id)
    assert doors(case_id) == []


def test_an_export_of_which_its_release_covers_nothing_stays_and_leaves_no_row(house: House, case_id: str) -> None:
    narrow = builders.add_release(house.therapist, case_id, classes=(C.ATTENDANCE,))
    with pytest.raises(Invalid) as refused:
        bundle.export(house.therapist, case_id, builders.a_departure(release_id=narrow.id))
    assert refused.value.fields == {"release_id": NOTHING_LEFT}
    wide = builders.add_release(house.therapist, case_id, classes=EVERYTHING)
    bundle.export(house.therapist, case_id, builders.a_departure(release_id=wide.id))
    assert doors(case_id) == [Door.EXPORT]
    releases.revoke_release(house.therapist, wide.id, SaidHow.VERBAL, version=wide.version)
    with pytest.raises(Invalid):
        bundle.export(house.therapist, case_id, builders.a_departure(release_id=wide.id))
    assert doors(case_id) == [Door.EXPORT]


def test_a_release_of_another_case_carries_nothing_here(house: House, case_id: str) -> None:
    other = builders.add_case(house.therapist)
    wide = builders.add_release(house.therapist, other.id, classes=EVERYTHING)
    with pytest.raises(Invalid) as refused:
        bundle.export(house.therapist, case_id, builders.a_departure(release_id=wide.id))
    assert list(refused.value.fields) == ["release_id"]


def test_every_type_that_can_leave_has_a_class() -> None:
    assert set(RESOURCES) <= set(CLASS_OF)


def test_a_copy_of_a_plan_leaves_its_row_and_reading_aloud_none(house: House, case_id: str) -> None:
    plan = builders.add_plan(house.therapist, case_id)
    plans.copy_plan(house.therapist, plan.id, CopyWish(COPY_TITLES[0], "At work"))
    assert doors(case_id) == [Door.PLAN_COPY]
    with pytest.raises(Invalid):
        plans.copy_plan(house.therapist, plan.id, CopyWish(COPY_TITLES[0], " "))
    assert doors(case_id) == [Door.PLAN_COPY]


def test_linking_a_system_is_one_standing_ground(house: House, case_id: str) -> None:
    code = disclosures.read_disclosures(house.therapist, case_id).case.code
    builders.add_consent(house.therapist, case_id, ConsentKind.RECORD_SYSTEM)
    operating.set_access(house.practice_id, code, Access(linked=email_of(house.machine)))
    (row,) = store.of_case(case_id)
    assert (row.left.door, row.departure.basis, row.departure.recipient) == (
        Door.LINK,
        LegalBasis.OWN_SYSTEM,
        house.machine.name,
    )


def test_what_left_by_hand_is_kept_and_corrected_by_a_further_row(house: House, case_id: str) -> None:
    first = disclosures.record_disclosure(house.therapist, case_id, to_the_client(), (C.ATTENDANCE,), "Three dates")
    right = replace(to_the_client(), recipient="Her sister")
    second = disclosures.correct_disclosure(house.therapist, first.id, right, "It was the sister who took it along")
    (accounted,) = disclosures.read_disclosures(house.therapist, case_id).accounted
    assert (accounted.disclosure, accounted.corrections) == (first, (second,))
    with pytest.raises(Conflict):
        disclosures.correct_disclosure(house.therapist, second.id, right, "Again")
    with pytest.raises(Invalid) as empty:
        disclosures.record_disclosure(house.therapist, case_id, to_the_client(), (), " ")
    assert set(empty.value.fields) == {"classes", "what"}


@pytest.mark.parametrize("change", ["UPDATE disclosure SET basis = 'client'", "DELETE FROM disclosure"])
def test_the_database_itself_refuses_to_change_a_row(house: House, case_id: str, change: str) -> None:
    disclosures.record_disclosure(house.therapist, case_id, to_the_client(), (C.ATTENDANCE,), "Three dates")
    with pytest.raises(DBAPIError):
        db.session.execute(text(change))
    db.session.rollback()
    assert len(doors(case_id)) == 1


def test_who_received_what_stands_in_no_column(house: House, case_id: str) -> None:
    given = replace(to_the_client(), recipient="Quiet Harbour", why="Because of the move")
    disclosures.record_disclosure(house.therapist, case_id, given, (C.ATTENDANCE,), "Three dates")
    row = db.session.query(DisclosureRow).one()
    shown = json.dumps({name: str(value) for name, value in vars(row).items()})
    assert "Harbour" not in shown and "move" not in shown and "Three" not in shown


def test_a_case_that_is_not_yours_has_no_log(house: House, case_id: str) -> None:
    row = disclosures.record_disclosure(house.therapist, case_id, to_the_client(), (C.CARE,), "A call")
    for actor in (house.peer, house.stranger):
        with pytest.raises(NotFound):
            disclosures.read_disclosures(actor, case_id)
        with pytest.raises(NotFound):
            disclosures.read_disclosure(actor, row.id)
