"""The crisis lines of a practice and its named second readers, by their verbs."""

from datetime import timedelta

import pytest

from service.casework import crisis, intakes, operating
from service.casework.crisis import PanelDraft, Task
from service.domain import clock
from service.domain.actors import Actor
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.store import crisis as crisis_store
from service.store.base import db
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
LINES = builders.a_panel().lines


def change(house: House, draft: PanelDraft) -> None:
    crisis.change_panel(house.admin, draft, version=crisis.read_panel(house.admin).version)


def confirmed() -> PanelDraft:
    return PanelDraft(LINES, "Marta Łuczak", clock.now().date())


def test_nothing_is_recorded_or_corrected_while_the_lines_are_not_confirmed(house: House) -> None:
    case = builders.add_case(house.therapist)
    kept = builders.add_intake(house.therapist, case.id).intake
    change(house, PanelDraft(LINES))
    with pytest.raises(Invalid, match="administrator"):
        builders.add_intake(house.therapist, case.id)
    with pytest.raises(Invalid, match="administrator"):
        intakes.amend_intake(house.therapist, kept.id, builders.an_intake_draft(), reason="Two columns were swapped")
    assert len(intakes.list_intakes(house.therapist, case.id)) == 1
    change(house, confirmed())
    builders.add_intake(house.therapist, case.id)


def test_after_180_days_nothing_is_recorded_until_somebody_confirms_again(house: House) -> None:
    case = builders.add_case(house.therapist)
    with clock.standing_at(clock.now() + timedelta(days=182)):
        with pytest.raises(Invalid, match="180 days"):
            builders.add_intake(house.therapist, case.id)
        assert any("crisis lines" in each.words for each in crisis.left_to_do(house.admin))
        change(house, confirmed())
        builders.add_intake(house.therapist, case.id)


def test_another_practices_lines_say_nothing_about_ours(house: House) -> None:
    change(house, PanelDraft(()))
    case = builders.add_case(house.stranger)
    builders.add_intake(house.stranger, case.id)
    assert crisis.read_panel(house.stranger).lines == LINES


def test_a_changed_line_needs_a_confirmation_of_its_own(house: House) -> None:
    change(house, PanelDraft(LINES[:2]))
    panel = crisis.read_panel(house.therapist)
    assert (panel.lines, panel.confirmed_on, panel.changed_by) == (LINES[:2], None, house.admin.name)


@pytest.mark.parametrize("who", ["therapist", "supervisor"])
def test_only_an_administrator_changes_them(house: House, who: str) -> None:
    with pytest.raises(NotAllowed):
        crisis.change_panel(getattr(house, who), confirmed(), version=1)
    with pytest.raises(NotAllowed):
        crisis.name_reader(getattr(house, who), house.peer.user_id)


def test_two_administrators_do_not_overwrite_each_other(house: House) -> None:
    change(house, confirmed())
    with pytest.raises(Conflict):
        crisis.change_panel(house.admin, confirmed(), version=1)


def test_lines_and_names_are_not_readable_in_the_database(house: House) -> None:
    row = crisis_store.panel_row(house.practice_id)
    assert row is not None
    assert b"Harbour" not in row.content
    assert b"Marta" not in row.content


def test_a_new_practice_tells_its_administrator_what_to_do_first(house: House) -> None:
    added = operating.start_practice("New Practice", "Europe/Dublin", "first@new.example")
    admin: Actor = operating.actor_of(added.email)
    to_do = crisis.left_to_do(admin)
    assert len(to_do) == 2
    assert [each.task for each in to_do] == [Task.LINES, Task.READERS]
    assert "no log can be recorded" in to_do[0].words
    draft = confirmed()
    crisis.change_panel(admin, draft, version=0)
    assert len(crisis.left_to_do(admin)) == 1
    assert crisis.left_to_do(house.admin) == ()


@pytest.mark.parametrize("who", ["admin", "machine"])
def test_only_clinicians_are_named(house: House, who: str) -> None:
    with pytest.raises(Invalid):
        crisis.name_reader(house.admin, getattr(house, who).user_id)
    with pytest.raises(NotFound):
        crisis.name_reader(house.admin, house.stranger.user_id)


def test_a_named_reader_is_listed_once_and_can_be_ended(house: House) -> None:
    for _time in range(2):
        crisis.name_reader(house.admin, house.peer.user_id)
    assert [each.id for each in crisis.read_readers(house.admin).named] == [house.peer.user_id]
    crisis.end_reader(house.admin, house.peer.user_id)
    assert crisis.read_readers(house.admin).named == ()
    with pytest.raises(Conflict):
        crisis.end_reader(house.admin, house.peer.user_id)
    with pytest.raises(NotFound):
        crisis.end_reader(house.admin, house.stranger.user_id)
    db.session.rollback()
