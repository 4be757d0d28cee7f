"""Consents and releases on a real database: what is kept, who may, and what each step needs."""

from datetime import timedelta

import pytest
from flask import Flask

from schemas.release_codes import ConsentAnswer, ConsentKind, ReleaseStatus, SaidHow
from service.casework import cases, releases
from service.domain import clock
from service.domain.releases import Discussed, Said
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.store import audit
from service.store.base import db
from service.store.releases import ConsentRow, ReleaseRow
from tests import builders
from tests.builders import House

ALL = Discussed(redisclosure=True, other_ways=True, no_condition=True)


@pytest.fixture
def case_id(context: Flask, house: House) -> str:
    return builders.add_case(house.therapist).id


def said(answer: ConsentAnswer = ConsentAnswer.GIVEN, days_ago: int = 0, note: str = "") -> Said:
    on = clock.now().date() - timedelta(days=days_ago)
    return Said(ConsentKind.RECORDING, answer, on, SaidHow.VERBAL, note)


def test_answers_are_added_and_the_note_is_sealed(house: House, case_id: str) -> None:
    releases.record_consent(house.therapist, case_id, said(days_ago=2, note="Only for supervision"))
    releases.record_consent(house.therapist, case_id, said(ConsentAnswer.WITHDRAWN))
    desk = releases.read_desk(house.therapist, case_id)
    assert [each.answer for each in desk.consents] == [ConsentAnswer.WITHDRAWN, ConsentAnswer.GIVEN]
    assert desk.consents[1].note == "Only for supervision"
    assert b"supervision" not in b"".join(row.note for row in db.session.query(ConsentRow))


def test_what_was_not_given_cannot_be_withdrawn_nor_given_tomorrow(house: House, case_id: str) -> None:
    with pytest.raises(Invalid) as refused:
        releases.record_consent(house.therapist, case_id, said(ConsentAnswer.WITHDRAWN))
    assert list(refused.value.fields) == ["answer"]
    with pytest.raises(Invalid) as early:
        releases.record_consent(house.therapist, case_id, said(days_ago=-1))
    assert list(early.value.fields) == ["on"]
    assert db.session.query(ConsentRow).count() == 0


def test_a_release_is_prepared_signed_and_revoked(house: House, case_id: str) -> None:
    draft = builders.add_release(house.therapist, case_id, signed=False)
    assert (draft.status, draft.signed_on) == (ReleaseStatus.DRAFT, None)
    with pytest.raises(Invalid):
        releases.sign_release(house.therapist, draft.id, Discussed(True, True, False), version=draft.version)
    signed = releases.sign_release(house.therapist, draft.id, ALL, version=draft.version)
    assert signed.status is ReleaseStatus.SIGNED
    with pytest.raises(Conflict):
        releases.drop_release(house.therapist, draft.id, version=signed.version)
    ended = releases.revoke_release(
        house.therapist, draft.id, SaidHow.VERBAL, note="On the phone", version=signed.version
    )
    assert (ended.status, ended.ended_how) == (ReleaseStatus.REVOKED, SaidHow.VERBAL)
    with pytest.raises(Conflict):
        releases.sign_release(house.therapist, draft.id, ALL, version=ended.version)
    whys = [row.why for row in audit.recent(house.practice_id, None, 20) if row.action == "release:write"]
    assert [why for why in reversed(whys) if why] == ["ordinary prepared", "sign", "revoke"]


def test_a_stale_signature_is_a_conflict(house: House, case_id: str) -> None:
    draft = builders.add_release(house.therapist, case_id, signed=False)
    with pytest.raises(Conflict):
        releases.sign_release(house.therapist, draft.id, ALL, version=draft.version + 1)


def test_who_receives_it_stands_in_no_column(house: House, case_id: str) -> None:
    builders.add_release(house.therapist, case_id, recipient="Quiet Harbour")
    rows = db.session.query(ReleaseRow).all()
    assert all(b"Quiet" not in value for row in rows for value in vars(row).values() if isinstance(value, bytes))


def test_a_client_may_revoke_after_the_case_is_closed(house: House, case_id: str) -> None:
    signed = builders.add_release(house.therapist, case_id)
    case = cases.read_case(house.therapist, case_id)
    builders.close_case(house.therapist, case_id, version=case.version)
    ended = releases.revoke_release(house.therapist, signed.id, SaidHow.WRITTEN, version=signed.version)
    assert ended.status is ReleaseStatus.REVOKED


def test_others_do_not_find_it_and_a_supervisor_only_reads(house: House, case_id: str) -> None:
    signed = builders.add_release(house.therapist, case_id)
    for actor in (house.peer, house.stranger):
        with pytest.raises(NotFound):
            releases.read_release(actor, signed.id)
    assert releases.read_release(house.supervisor, signed.id)[0].id == signed.id
    with pytest.raises(NotAllowed):
        releases.revoke_release(house.supervisor, signed.id, SaidHow.VERBAL, version=signed.version)
