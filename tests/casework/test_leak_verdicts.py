"""Verdicts of the leak guard that are kept: used again for the same question, and for no other."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select, update

from service.casework import leak_verdicts, proxies, resource_words
from service.casework.leak_verdicts import lines_that_may_go
from service.domain.proxies import Concern
from service.store import cases, purges, resources
from service.store.base import db
from service.store.leak_verdicts import LeakVerdictRow
from service.store.resources import Draft
from tests.builders import House, add_case

pytestmark = pytest.mark.usefixtures("published")

TOLD = "Since the move to HARBOUR lane 14"
PLAIN = "Slept well for once"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What the guard reads; the reading itself is the real one."""
    bodies: list[bytes] = []
    real = resource_words.narrative

    def noting(body: bytes) -> str:
        bodies.append(body)
        return real(body)

    monkeypatch.setattr(resource_words, "narrative", noting)
    return bodies


@pytest.fixture
def case_id(app: Flask, house: House) -> Iterator[str]:
    with app.app_context():
        made = add_case(house.therapist).id
        for name, words in (("told", TOLD), ("plain", PLAIN)):
            tell(house, made, name, words)
        yield made


def tell(house: House, case_id: str, name: str, words: str, version: int = 1) -> None:
    body = json.dumps({"resourceType": "Observation", "id": name, "note": [{"text": words}]}).encode()
    draft = Draft("Observation", f"{name}-{case_id}", house.practice_id, case_id, "intake", case_id)
    resources.put(draft, version, body)
    db.session.commit()


def gone(case_id: str) -> list[str]:
    """The names of what may leave now."""
    row = cases.row(case_id)
    assert row is not None
    chosen = [each for each in resources.lines_of_case(case_id, None) if each.type == "Observation"]
    lines = lines_that_may_go(row, chosen)
    db.session.commit()
    return [str(json.loads(each.body)["id"]) for each in lines]


def protect(house: House, case_id: str, addresses: str, version: int = 0) -> None:
    proxies.save_concern(house.therapist, case_id, Concern(addresses=addresses), version=version)


def test_what_was_read_once_is_not_read_again(house: House, case_id: str, read: list[bytes]) -> None:
    protect(house, case_id, "Harbour lane 14")
    assert gone(case_id) == ["plain"]
    assert len(read) == 2
    assert gone(case_id) == ["plain"]
    assert len(read) == 2


def test_a_value_that_is_protected_after_a_clean_verdict_stays_at_once(
    house: House, case_id: str, read: list[bytes]
) -> None:
    assert gone(case_id) == gone(case_id) == ["plain", "told"]
    protect(house, case_id, "Harbour lane 14")
    assert gone(case_id) == ["plain"]
    protect(house, case_id, "Somewhere else 15", version=1)
    assert gone(case_id) == ["plain", "told"]
    protect(house, case_id, "Harbour lane 14", version=2)
    assert gone(case_id) == ["plain"]
    assert len(read) == 8


def test_a_new_version_is_read_and_an_old_verdict_says_nothing_of_it(
    house: House, case_id: str, read: list[bytes]
) -> None:
    protect(house, case_id, "Harbour lane 14")
    assert gone(case_id) == ["plain"]
    tell(house, case_id, "plain", TOLD, version=2)
    tell(house, case_id, "told", PLAIN, version=2)
    assert gone(case_id) == ["told"]
    assert len(read) == 4


def test_another_way_of_looking_looks_again(case_id: str, read: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    gone(case_id)
    monkeypatch.setattr(leak_verdicts, "_way_of_looking", lambda: ("a later release",))
    gone(case_id)
    assert len(read) == 4


def test_no_more_are_kept_than_a_case_needs(
    house: House, case_id: str, read: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leak_verdicts, "MOST", 2)
    gone(case_id)
    tell(house, case_id, "plain", PLAIN, version=2)
    gone(case_id)
    (length,) = {len(each) for each in bodies()}
    tell(house, case_id, "plain", PLAIN, version=3)
    assert gone(case_id) == ["plain", "told"]
    assert {len(each) for each in bodies()} == {length}
    assert len(read) == 4


def test_a_verdict_that_was_moved_or_altered_counts_for_nothing(house: House, case_id: str, read: list[bytes]) -> None:
    other = add_case(house.therapist).id
    tell(house, other, "told", TOLD)
    gone(other)
    gone(case_id)
    protect(house, case_id, "Harbour lane 14")
    (kept,) = db.session.scalars(select(LeakVerdictRow.body).where(LeakVerdictRow.case_id == other))
    for torn in (kept, kept[:-1] + bytes([kept[-1] ^ 1]), b""):
        db.session.execute(update(LeakVerdictRow).where(LeakVerdictRow.case_id == case_id).values(body=torn))
        db.session.commit()
        read.clear()
        assert gone(case_id) == ["plain"]
        assert len(read) == 2


def test_a_row_tells_nothing_and_goes_with_its_case(house: House, case_id: str) -> None:
    gone(case_id)
    before = bodies()
    protect(house, case_id, "Harbour lane 14")
    gone(case_id)
    after = bodies()
    assert [len(each) for each in before] == [len(each) for each in after], "the length says what was found"
    held = b"".join(before + after)
    for each in resources.lines_of_case(case_id, None):
        assert each.body[-16:] not in held
    row = cases.row(case_id)
    assert row is not None
    purges.erase(row)
    db.session.commit()
    assert bodies() == []


def bodies() -> list[bytes]:
    found = list(db.session.scalars(select(LeakVerdictRow.body)))
    db.session.rollback()
    return found
