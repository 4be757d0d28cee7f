"""Nothing stands behind the reliable change index until a supervisor or an administrator answers for it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.actions import Action
from schemas.vocabulary import ReliabilityMethod, ReliabilitySource
from service.casework import instruments, records, reliabilities
from service.casework.instruments import Attestation
from service.domain import clock
from service.domain.reliable_change import UNAVAILABLE_NOTE
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.fhir.importing.form import read_form
from service.reports.log_series import NO_OTHER_INDEX
from service.web.course import course_of
from tests import builders
from tests.builders import House
from tests.forms import sample_bytes

pytestmark = pytest.mark.usefixtures("context")
DRAFT = builders.a_reliability_draft()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"instrument_key": "nothing"}, "instrument_key"),
        ({"part": "P1"}, "part"),
        ({"sd": 0.0}, "sd"),
        ({"r": 1.0}, "r"),
        ({"n": 1}, "n"),
        ({"population": " "}, "population"),
        ({"citation": " "}, "citation"),
        ({"approver": " "}, "approver"),
        ({"source": ReliabilitySource.LOCAL, "method": ReliabilityMethod.ALPHA}, "method"),
    ],
)
def test_what_is_missing_is_named_and_an_own_alpha_is_refused(
    house: House, changed: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        reliabilities.enter_reliability(house.admin, replace(DRAFT, **changed))  # type: ignore[arg-type]
    assert set(caught.value.fields) == {field}
    assert reliabilities.list_reliabilities(house.admin) == ()


def test_a_therapist_may_look_and_not_enter(house: House) -> None:
    reliabilities.enter_reliability(house.supervisor, DRAFT)
    assert len(reliabilities.list_reliabilities(house.therapist)) == 1
    with pytest.raises(NotAllowed):
        reliabilities.enter_reliability(house.therapist, DRAFT)


def test_it_stays_in_its_own_practice(house: House) -> None:
    entered = reliabilities.enter_reliability(house.admin, DRAFT)
    assert reliabilities.list_reliabilities(house.stranger) == ()
    other = builders.add_actor(house.stranger.practice_id, house.admin.role, "Olu Ade")
    with pytest.raises(NotFound):
        reliabilities.withdraw_reliability(other, entered.id)


def test_the_course_names_the_index_as_unavailable_until_there_is_one_and_after_it_is_withdrawn(house: House) -> None:
    case = builders.add_case(house.therapist)
    for days, level in ((14, 3), (7, 1)):
        at = clock.now() - timedelta(days=days)
        builders.add_intake(house.therapist, case.id, builders.wsl_answers(level), authored_at=at)

    def said() -> tuple[tuple[str, ...], tuple[str, ...]]:
        course = course_of(records.read_record(house.therapist, case.id, Action.INTAKE_READ), "wsl")
        assert course is not None
        return course.total.says, course.notes

    assert UNAVAILABLE_NOTE in said()[1]
    entered = reliabilities.enter_reliability(house.admin, replace(DRAFT, source=ReliabilitySource.LOCAL))
    index = next(each for each in said()[0] if each.startswith("Reliable change index"))
    # From 45 to 15 with an error of 10 * sqrt(2) * sqrt(0.18) = 6.
    assert UNAVAILABLE_NOTE not in said()[1] and NO_OTHER_INDEX in said()[1]
    assert "5.00 down, beyond 1.96 (local estimate, Adults in three practices, n = 60" in index
    reliabilities.withdraw_reliability(house.admin, entered.id)
    assert not any(each.startswith("Reliable change index") for each in said()[0])
    with pytest.raises(Conflict):
        reliabilities.withdraw_reliability(house.admin, entered.id)


def test_a_form_that_another_practice_brought_in_is_no_instrument_here(house: House) -> None:
    data = sample_bytes("calculator")
    form = read_form(data, house.practice_id).instrument
    assert form is not None
    brought = instruments.import_instrument(house.admin, form, data, Attestation("Pat Doe")).instrument
    draft = replace(DRAFT, instrument_key=brought.key)
    other = builders.add_actor(house.stranger.practice_id, house.admin.role, "Olu Ade")
    with pytest.raises(Invalid) as elsewhere:
        reliabilities.enter_reliability(other, draft)
    assert set(elsewhere.value.fields) == {"instrument_key"}
    with pytest.raises(Invalid) as here:
        reliabilities.enter_reliability(house.admin, draft)
    assert set(here.value.fields) == {"part"}
