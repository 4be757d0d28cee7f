"""Two people save the same record at the same moment: one wins, the other is told, nothing is lost."""

import threading
from collections.abc import Callable

from flask import Flask

from service.casework import cases, notes
from service.domain.actors import Actor
from service.errors import Conflict
from service.store import audit
from tests import builders
from tests.builders import House

ROUNDS = 8


def race(app: Flask, *works: Callable[[], object]) -> list[str]:
    """Run all at once, each with its own connection; the outcomes in no order."""
    gate, outcomes = threading.Barrier(len(works)), []

    def run(work: Callable[[], object]) -> None:
        with app.app_context():
            gate.wait()
            try:
                work()
                outcomes.append("saved")
            except Conflict:
                outcomes.append("conflict")

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def test_of_two_edits_of_one_version_exactly_one_is_saved(app: Flask, house: House) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist)
    for number in range(ROUNDS):
        works = [rename(house.therapist, case.id, f"Name {number} {side}", number + 1) for side in "ab"]
        assert race(app, *works) == ["conflict", "saved"]
    with app.app_context():
        assert cases.read_case(house.therapist, case.id).version == ROUNDS + 1


def rename(actor: Actor, case_id: str, name: str, version: int) -> Callable[[], object]:
    return lambda: cases.change_client(actor, case_id, builders.a_client(chosen_name=name), version=version)


def test_of_two_signatures_one_counts(app: Flask, house: House) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist)
        note = builders.add_note(house.therapist, builders.add_session(house.therapist, case.id).id)
    sign = [lambda: notes.sign_note(house.therapist, note.id, version=note.version)] * 2
    assert race(app, *sign) == ["conflict", "saved"]


def test_many_edits_that_repeat_after_a_conflict_lose_nothing(app: Flask, house: House) -> None:
    with app.app_context():
        case = builders.add_case(house.therapist)

    def persist() -> None:
        for _ in range(ROUNDS):
            save_until_accepted(house.therapist, case.id)

    assert race(app, persist, persist, persist) == ["saved"] * 3
    with app.app_context():
        assert cases.read_case(house.therapist, case.id).version == 1 + 3 * ROUNDS


def save_until_accepted(actor: Actor, case_id: str) -> None:
    saved = False
    while not saved:
        seen = cases.read_case(actor, case_id).version
        try:
            rename(actor, case_id, "Again", seen)()
            saved = True
        except Conflict:
            saved = False


def test_the_audit_stays_one_chain_under_writers(app: Flask, house: House) -> None:
    writers = 3
    app.extensions["stepwell.waker"] = None
    with app.app_context():
        before = chain_length()

    def write() -> None:
        for _ in range(ROUNDS):
            builders.add_case(house.therapist)

    assert race(app, *[write] * writers) == ["saved"] * writers
    with app.app_context():
        assert chain_length() == before + 2 * writers * ROUNDS  # the case and its conflict check


def chain_length() -> int:
    audit.seal_pending()
    found = audit.verify()
    assert found.ok, found.problem
    return found.count
