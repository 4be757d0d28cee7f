"""The audit chain: every kind of tampering is found, a cut tail by the head written down outside."""

import pytest
from flask import Flask

from schemas.actions import Action
from schemas.vocabulary import Verdict
from service.casework import caseloads
from service.domain.actors import Actor
from service.errors import NotAllowed
from service.settings import Settings
from service.store import audit, heads
from service.store.audit import AuditRow, Entry, Head
from service.store.base import db
from tests.builders import House
from tests.store.tampering import ADDED, CUT_TAIL, KINDS, tamper


@pytest.fixture
def chain(context: Flask, house: House) -> Head:
    """Six rows in a chain; the head as it was then."""
    for _ in range(6):
        audit.append([Entry(house.therapist, Action.CASE_READ, "case/one")])
    db.session.commit()
    audit.seal_pending()
    return audit.head()


def test_an_untouched_chain_holds(chain: Head) -> None:
    found = audit.verify(chain)
    assert (found.ok, found.count, found.unsealed) == (True, chain.count, 0)
    assert chain.count >= 6


@pytest.mark.parametrize("kind", KINDS)
def test_tampering_is_found(chain: Head, kind: str) -> None:
    tamper(KINDS[kind])
    assert not audit.verify().ok


def test_a_cut_tail_is_found_by_the_head_written_down_before(chain: Head) -> None:
    tamper(CUT_TAIL)
    assert audit.verify().ok
    found = audit.verify(chain)
    assert not found.ok
    assert "shorter" in found.problem


def test_a_chain_made_anew_with_other_rows_does_not_fit_its_head(chain: Head, house: House) -> None:
    tamper(CUT_TAIL)
    for _ in range(chain.count):
        audit.append([Entry(house.peer, Action.CASE_READ, "case/other")])
    db.session.commit()
    audit.seal_pending()
    assert audit.verify().ok
    assert not audit.verify(chain).ok


def test_a_row_added_at_the_end_without_a_seal_is_found_where_rows_are_sealed_at_once(
    chain: Head, settings: Settings
) -> None:
    tamper([ADDED.format(number=999)])
    found = audit.verify()
    assert found.ok is not settings.sqlite
    assert found.unsealed == 1


def test_rows_are_sealed_in_order_and_only_once(chain: Head, house: House) -> None:
    for _ in range(5):
        audit.append([Entry(house.therapist, Action.NOTE_READ, "case/one")])
    db.session.commit()
    audit.seal_pending(limit=2)
    audit.seal_pending()
    assert audit.seal_pending() == 0
    assert audit.verify().count == chain.count + 5


def test_another_key_does_not_verify_the_chain(chain: Head, context: Flask, settings: Settings) -> None:
    settings.key_file.write_text('{"current": "k1", "keys": {"k1": "' + "ab" * 32 + '"}}')
    context.extensions.pop("stepwell.keyring", None)
    assert audit.verify().broken_at == 1


def test_a_read_leaves_a_row_and_a_refusal_too(context: Flask, house: House) -> None:
    caseloads.my_caseload(house.therapist)
    with pytest.raises(NotAllowed):
        caseloads.my_caseload(house.admin)
    newest, before = db.session.query(AuditRow).order_by(AuditRow.number.desc()).limit(2)
    assert (before.actor_id, before.action, before.verdict) == (
        house.therapist.user_id,
        Action.CASELOAD_READ,
        Verdict.ALLOWED,
    )
    assert (newest.actor_id, newest.verdict) == (house.admin.user_id, Verdict.REFUSED)


def test_heads_are_appended_and_a_torn_line_is_passed_over(chain: Head, settings: Settings) -> None:
    file = heads.file_beside(settings.key_file)
    assert heads.latest(file) is None
    heads.publish(file)
    with file.open("a") as stream:
        stream.write('{"at": "2026-01-0')
    assert heads.latest(file) == chain
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_audit_of_one_practice_is_not_shown_to_another(context: Flask, house: House) -> None:
    caseloads.my_caseload(house.stranger)
    rows = audit.recent(house.practice_id, None, 100)
    assert house.stranger.user_id not in {row.actor_id for row in rows}
    assert isinstance(house.stranger, Actor)
