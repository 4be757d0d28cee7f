"""What a connected system sent waits until somebody who looks after the case has opened it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from schemas.actions import Action
from schemas.instruments.capture import CaptureChannel, CaptureContext, PenHolder
from schemas.note_codes import WorkKind
from schemas.vocabulary import AssignmentKind
from service.casework import caseloads, cases, intakes, overviews, walls, worklists
from service.casework.received import Arriving, receive_responses
from service.domain import clock
from service.domain.actors import Actor
from service.domain.intakes import Intake
from service.domain.scopes import SENDING
from service.domain.workload import ARRIVED, ARRIVED_OVERDUE, Kind
from service.errors import NotAllowed, NotFound
from service.store import audit, summary
from service.store import cases as case_store
from service.store.base import db
from service.store.intakes import IntakeRow
from service.store.summary import SummaryRow
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SENT = CaptureContext(CaptureChannel.SENT, held_pen=PenHolder.CLIENT)
SignIn = Callable[[Actor], FlaskClient]


@pytest.fixture
def case_id(app: Flask, house: House) -> str:
    """An open case that the system is linked to."""
    with app.app_context():
        case = builders.add_case(house.therapist)
        case_store.assign(case.id, house.machine.user_id, AssignmentKind.LINKED)
        db.session.commit()
        return case.id


def send(house: House, case_id: str, name: str = "7001") -> Intake:
    """A form that calls for nothing, as a system sends it."""
    system = replace(house.machine, scopes=f"system/*.rs {SENDING}")
    at = datetime(2026, 3, 2, 9, int(name[-1]), tzinfo=UTC)
    draft = builders.an_intake_draft(capture=SENT, authored_at=at)
    return receive_responses(system, case_id, [Arriving(draft, f"urn:portal|{name}")])[0].intake


def told(actor: Actor, case_id: str) -> tuple[list[str], list[str | None], int]:
    """What my day, the worklist and the case page say of arrived forms."""
    day = [each.words for each in caseloads.my_day(actor).due if each.kind is Kind.ARRIVED]
    work = [each.subject_id for each in worklists.read_worklist(actor) if each.kind is WorkKind.ARRIVED]
    return day, work, len(overviews.read_overview(actor, case_id).unseen)


def waits(house: House, case_id: str) -> int:
    return len(overviews.read_overview(house.therapist, case_id).unseen)


@pytest.mark.usefixtures("context")
def test_it_waits_in_every_list_until_it_was_opened(house: House, case_id: str) -> None:
    assert told(house.therapist, case_id) == ([], [], 0)
    first, second = send(house, case_id), send(house, case_id, "7002")
    assert told(house.therapist, case_id) == (
        ["2 forms arrived, not looked at yet"],
        [first.id, second.id],
        2,
    )
    before = intakes.list_intakes(house.therapist, case_id)
    assert waits(house, case_id) == 2, "a list of forms opens none of them"
    assert intakes.read_intake(house.therapist, second.id) == second, "and being looked at changes nothing of it"
    assert told(house.therapist, case_id) == ([ARRIVED], [first.id], 1)
    intakes.read_intake(house.therapist, first.id)
    assert told(house.therapist, case_id) == ([], [], 0)
    assert intakes.list_intakes(house.therapist, case_id) == before
    assert send(house, case_id).id == first.id
    assert told(house.therapist, case_id) == ([], [], 0), "sent again it is the one that was looked at"


@pytest.mark.usefixtures("context")
def test_what_people_record_waits_for_nobody(house: House, case_id: str) -> None:
    builders.add_intake(house.therapist, case_id)
    assert told(house.therapist, case_id) == ([], [], 0)


@pytest.mark.usefixtures("context")
def test_it_becomes_overdue_and_stays_when_the_case_is_closed(house: House, case_id: str) -> None:
    send(house, case_id)
    with clock.standing_at(clock.now() + ARRIVED_OVERDUE + timedelta(minutes=1)):
        (due,) = (each for each in caseloads.my_day(house.therapist).due if each.kind is Kind.ARRIVED)
        (work,) = (each for each in worklists.read_worklist(house.therapist) if each.kind is WorkKind.ARRIVED)
    assert (due.overdue, work.overdue, work.mine, work.case_id) == (True, True, True, case_id)
    row = case_store.row(case_id)
    assert row is not None
    row.status = "closed"
    summary.refresh(case_id)
    db.session.commit()
    assert [each.kind for each in caseloads.my_day(house.therapist).due if each.kind is Kind.ARRIVED]


def cover(house: House, case_id: str) -> None:
    cases.assign_cover(house.therapist, case_id, house.peer.user_id, clock.now().date() + timedelta(days=2))


def nothing(_house: House, _case_id: str) -> None:
    return


def emergency(house: House, case_id: str) -> None:
    row = case_store.row(case_id)
    assert row is not None
    walls.break_glass(house.peer, row.code, "The client stands at the door")


READERS: tuple[tuple[str, Callable[[House, str], None], int], ...] = (
    ("peer", cover, 0),
    ("supervisor", nothing, 0),
    ("peer", emergency, 1),
    ("peer", nothing, 1),
    ("admin", nothing, 1),
    ("stranger", nothing, 1),
    ("machine", nothing, 1),
)


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(("who", "before", "left"), READERS)
def test_whose_opening_counts(
    house: House, case_id: str, who: str, before: Callable[[House, str], None], left: int
) -> None:
    """A cover and a supervisor have looked at it; in an emergency it is read and goes on waiting; others cannot."""
    sent = send(house, case_id)
    before(house, case_id)
    if before is nothing and who != "supervisor":
        with pytest.raises((NotFound, NotAllowed)):
            intakes.read_intake(getattr(house, who), sent.id)
    else:
        assert intakes.read_intake(getattr(house, who), sent.id).id == sent.id
    assert waits(house, case_id) == left
    assert db.session.get_one(SummaryRow, case_id).unseen == left


@pytest.mark.usefixtures("context")
def test_whoever_covers_finds_it_in_their_day(house: House, case_id: str) -> None:
    send(house, case_id)
    assert caseloads.my_day(house.peer).due == ()
    cover(house, case_id)
    assert told(house.peer, case_id)[0] == [ARRIVED]
    assert WorkKind.ARRIVED not in {each.kind for each in worklists.read_worklist(house.supervisor)}
    assert Kind.ARRIVED in {each.kind for each in caseloads.team_caseload(house.supervisor).due}


@pytest.mark.usefixtures("context")
def test_the_mark_is_set_with_the_audit_row_or_not_at_all(
    house: House, case_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = send(house, case_id)

    def full(_entries: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr(audit, "append", full)
        with pytest.raises(OSError, match="no space"):
            intakes.read_intake(house.therapist, sent.id)
    assert waits(house, case_id) == 1
    intakes.read_intake(house.therapist, sent.id)
    newest = audit.recent(house.practice_id, None, 5)
    assert [each.subject for each in newest if each.action == Action.INTAKE_READ] == [f"case/{case_id}"]
    unseen = select(func.count()).where(IntakeRow.unseen_since.is_not(None))
    assert (db.session.scalar(unseen), db.session.get_one(IntakeRow, sent.id).version) == (0, sent.version)
    with pytest.raises(NotFound):
        intakes.read_intake(house.stranger, sent.id)


@pytest.mark.usefixtures("context")
def test_a_rebuilt_summary_says_the_same(house: House, case_id: str) -> None:
    send(house, case_id)
    kept = caseloads.my_day(house.therapist).due
    summary.rebuild(house.practice_id)
    db.session.commit()
    assert caseloads.my_day(house.therapist).due == kept


def test_the_pages_lead_to_the_form_and_the_api_names_it(
    app: Flask, house: House, case_id: str, sign_in: SignIn
) -> None:
    with app.app_context():
        sent = send(house, case_id)
    client, pages = sign_in(house.therapist), ("/day", "/worklist", f"/cases/{case_id}")
    for each in pages:
        page = client.get(each).text
        assert ARRIVED in page, each
        assert flaws(page) == [], each
    for each in pages[1:]:
        assert f'href="/intakes/{sent.id}"' in client.get(each).text
    work = client.get("/api/v1/worklist").get_json()
    listed = work if isinstance(work, list) else work["items"]
    assert [(each["kind"], each["subject_id"]) for each in listed] == [("arrived", sent.id)]
    assert ARRIVED in sign_in(house.supervisor).get("/team").text
    assert client.get(f"/api/v1/intakes/{sent.id}").status_code == 200
    assert not any(ARRIVED in client.get(each).text for each in pages)
