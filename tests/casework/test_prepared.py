"""What tests begin with: a copy is like what was written, and nothing that stood there is lost for it."""

import pytest

from schemas.vocabulary import Role
from service.casework import cases
from service.store import accounts, audit
from service.store.base import db
from tests import builders, prepared
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
ASKED: list[str] = []


@prepared.once
def begun(house: House) -> str:
    ASKED.append(house.practice_id)
    return builders.add_case(house.therapist, chosen_name="Copied Heron").id


@pytest.mark.parametrize("turn", ["written", "copied"])
def test_a_copy_is_like_what_was_written(house: House, turn: str) -> None:
    ASKED.clear()
    case_id = begun(house)
    was_asked = len(ASKED)
    assert begun(house) != case_id, "the second of a house is written"
    assert len(ASKED) == was_asked + 1
    assert cases.read_case(house.therapist, case_id).client.chosen_name == "Copied Heron"
    assert audit.verify().ok


def test_what_stands_there_stays(house: House) -> None:
    ASKED.clear()
    added = builders.add_actor(house.practice_id, Role.THERAPIST, "Here Before")
    db.session.commit()
    begun(house)
    assert len(ASKED) == 1
    assert accounts.account(added.user_id) is not None
