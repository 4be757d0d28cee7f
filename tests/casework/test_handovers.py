"""A form in the client's hands: one code, one screen, one end; and no event waits for somebody to look."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from schemas.actions import Action
from schemas.instruments.answer import Answers
from schemas.instruments.capture import CaptureChannel, ContactContext, NonAnswer, PenHolder
from schemas.vocabulary import AssignmentKind, CaseStatus, EventLevel, HandoverMode, HandoverState, Role
from service.casework import client_screen, handovers, intakes, people, records
from service.casework.handovers import Made
from service.domain import clock
from service.domain.actors import Actor
from service.errors import Conflict, Invalid, NotAllowed, NotFound, StepwellError
from service.store import cases as case_store
from service.store import handovers as store
from service.store import sign_ins
from service.store.audit import AuditRow
from service.store.base import db
from service.store.handovers import HandoverRow
from tests import builders
from tests.builders import House

pytestmark = pytest.mark.usefixtures("context")
HALF_AN_HOUR = timedelta(minutes=30)


def hand_over(actor: Actor, case_id: str | None = None, **changes: object) -> Made:
    return builders.add_handover(actor, case_id or builders.add_case(actor).id, **changes)


def keep(token: str, answers: Answers, shown: Sequence[str] | None = None) -> None:
    client_screen.answer(token, answers, shown=shown if shown is not None else tuple(answers))


def state_of(made: Made) -> HandoverState:
    row = store.row(made.handover.id)
    assert row is not None
    return store.value(row).state


def trail(role: Role) -> list[tuple[str, str, str]]:
    """(action, verdict, why) of everything that this role did, in order."""
    query = select(AuditRow).where(AuditRow.role == role).order_by(AuditRow.number)
    return [(row.action, row.verdict, row.why) for row in db.session.scalars(query)]


def test_only_hashes_of_code_and_cookie_are_kept(house: House) -> None:
    made = hand_over(house.therapist)
    row = store.row(made.handover.id)
    assert row is not None
    assert row.code_hash is not None
    assert made.code not in row.code_hash
    token = client_screen.open_screen(made.code)
    db.session.expire_all()
    assert row.code_hash is None
    assert row.token_hash is not None
    assert token not in row.token_hash


def test_a_finished_form_is_recorded_in_the_name_of_who_handed_it_over(house: House) -> None:
    case = builders.add_case(house.therapist)
    session = builders.add_session(house.therapist, case.id)
    made = hand_over(house.therapist, case.id, session_id=session.id)
    token = client_screen.open_screen(made.code)
    keep(token, {"P1": "1", "P2": "2"})
    client_screen.finish(token, {"E2": "1"}, shown=("E2",))
    [intake] = intakes.list_intakes(house.therapist, case.id)
    assert (intake.author_id, intake.session_id) == (house.therapist.user_id, session.id)
    assert (intake.capture.channel, intake.capture.held_pen) == (CaptureChannel.CLINIC_DEVICE, PenHolder.CLIENT)
    assert intake.contact_context == ContactContext.ON_OFF
    told = {key: each for key, each in intake.answers.items() if each is not NonAnswer.ASKED_NO}
    assert told == {"P1": "1", "P2": "2", "E2": "1"}
    assert intake.answers["C5"] is NonAnswer.ASKED_NO
    review = handovers.read_handover(house.therapist, made.handover.id)
    assert (review.handover.state, review.handover.intake_id) == (HandoverState.FINISHED, intake.id)
    assert review.filling is None


def test_an_event_is_open_the_moment_the_client_finishes(house: House) -> None:
    case = builders.add_case(house.therapist)
    token = client_screen.open_screen(hand_over(house.therapist, case.id).code)
    client_screen.finish(token, builders.wsl_answers(1, E2="4"), shown=tuple(builders.wsl_answers()))
    found = records.read_record(house.therapist, case.id).open_events
    assert [(each.item, each.level) for each in found] == [("wsl.E2", EventLevel.TODAY)]


@pytest.mark.parametrize("ending", ["the client leaves", "the clinician closes", "the time runs out"])
def test_an_event_is_open_however_the_screen_ends(house: House, ending: str) -> None:
    case = builders.add_case(house.therapist)
    made = hand_over(house.therapist, case.id)
    token = client_screen.open_screen(made.code)
    keep(token, {"E2": "4"})
    assert records.read_record(house.therapist, case.id).open_events == ()
    if ending == "the client leaves":
        client_screen.leave(token)
    elif ending == "the clinician closes":
        handovers.end_handover(house.therapist, made.handover.id)
    else:
        with clock.standing_at(clock.now() + HALF_AN_HOUR):
            assert client_screen.end_overdue() == 1
    assert [each.item for each in records.read_record(house.therapist, case.id).open_events] == ["wsl.E2"]
    assert state_of(made) is HandoverState.UNFINISHED


def test_a_code_opens_one_screen_once(house: House) -> None:
    made = hand_over(house.therapist)
    client_screen.open_screen(made.code)
    with pytest.raises(NotAllowed, match="opens nothing"):
        client_screen.open_screen(made.code)


def test_two_devices_with_one_code_at_the_same_moment_open_one_screen(app: Flask, house: House) -> None:
    made = hand_over(house.therapist)
    db.session.rollback()

    def opened(number: int) -> str:
        with app.app_context():
            try:
                return client_screen.open_screen(made.code, origin=str(number))
            except StepwellError:
                return ""

    with ThreadPoolExecutor(6) as pool:
        tokens = [token for token in pool.map(opened, range(6)) if token]
    assert len(tokens) == 1


def test_two_devices_that_finish_at_the_same_moment_record_one_log(app: Flask, house: House) -> None:
    case = builders.add_case(house.therapist)
    token = client_screen.open_screen(hand_over(house.therapist, case.id).code)
    db.session.rollback()

    def finished(_number: int) -> bool:
        with app.app_context():
            try:
                client_screen.finish(token, {"P1": "1"}, shown=("P1",))
            except StepwellError:
                return False
            return True

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(finished, range(4)))
    assert sum(done) == 1
    assert len(intakes.list_intakes(house.therapist, case.id)) == 1


def test_pages_sent_at_the_same_moment_all_count(app: Flask, house: House) -> None:
    made = hand_over(house.therapist)
    token = client_screen.open_screen(made.code)
    keys = [f"P{number}" for number in range(1, 6)]
    db.session.rollback()

    def sent(key: str) -> None:
        with app.app_context():
            keep(token, {key: "2"})

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(sent, keys))
    screen = client_screen.read_screen(token)
    assert screen is not None
    assert screen.answers == dict.fromkeys(keys, "2")


@pytest.mark.parametrize("why", ["never made", "out of time", "called off", "renewed", "case closed", "account ended"])
def test_every_code_that_opens_nothing_is_refused_in_the_same_words(house: House, why: str) -> None:
    case = builders.add_case(house.therapist)
    made = hand_over(house.therapist, case.id)
    code, at = made.code, clock.now()
    if why == "never made":
        code = "ABCDEFGH"
    elif why == "out of time":
        at += HALF_AN_HOUR
    elif why == "called off":
        handovers.end_handover(house.therapist, made.handover.id)
    elif why == "renewed":
        handovers.renew_code(house.therapist, made.handover.id)
    elif why == "case closed":
        row = case_store.row(case.id)
        assert row is not None
        row.status = CaseStatus.CLOSED
        db.session.commit()
    else:
        people.end_account(house.admin, house.therapist.user_id)
    with clock.standing_at(at), pytest.raises(NotAllowed) as refused:
        client_screen.open_screen(code)
    assert refused.value.message == client_screen.NO_CODE


def test_guessing_codes_is_slowed_down_for_each_address(house: House) -> None:
    made = hand_over(house.therapist)
    for _ in range(sign_ins.ORIGIN_TRIES):
        with pytest.raises(NotAllowed, match="opens nothing"):
            client_screen.open_screen("ABCDEFGH", origin="192.0.2.7")
    with pytest.raises(NotAllowed, match="too many tries"):
        client_screen.open_screen(made.code, origin="192.0.2.7")
    assert client_screen.open_screen(made.code, origin="192.0.2.8")


def test_a_screen_holds_its_own_sitting_and_nothing_told_before(house: House) -> None:
    case = builders.add_case(house.therapist)
    builders.add_intake(house.therapist, case.id, builders.wsl_answers(3))
    screen = client_screen.read_screen(client_screen.open_screen(hand_over(house.therapist, case.id).code))
    assert screen is not None
    assert screen.answers == {}


def test_a_screen_ends_after_half_an_hour_and_keeps_what_it_had(house: House) -> None:
    made = hand_over(house.therapist)
    token = client_screen.open_screen(made.code)
    keep(token, {"P1": "2"})
    with clock.standing_at(clock.now() + HALF_AN_HOUR):
        screen = client_screen.read_screen(token)
        assert screen is not None
        assert screen.state is HandoverState.UNFINISHED
        with pytest.raises(Conflict):
            keep(token, {"P1": "4"})
        with pytest.raises(Conflict):
            client_screen.finish(token, {}, shown=())
        filling = handovers.read_handover(house.therapist, made.handover.id).filling
        assert filling is not None
        assert filling.answers == {"P1": "2"}


def test_a_screen_stops_when_its_clinician_may_no_longer_write(house: House) -> None:
    case = builders.add_case(house.therapist)
    made = hand_over(house.therapist, case.id)
    token = client_screen.open_screen(made.code)
    keep(token, {"P1": "2"})
    row = case_store.row(case.id)
    assert row is not None
    row.status = CaseStatus.CLOSED
    db.session.commit()
    with pytest.raises(NotAllowed):
        keep(token, {"P1": "3"})
    with pytest.raises(NotAllowed):
        client_screen.finish(token, {}, shown=())
    client_screen.leave(token)
    assert state_of(made) is HandoverState.UNFINISHED


def test_an_unfinished_form_is_taken_as_it_is(house: House) -> None:
    case = builders.add_case(house.therapist)
    made = hand_over(house.therapist, case.id)
    token = client_screen.open_screen(made.code)
    with clock.standing_at(clock.now() + timedelta(minutes=3)):
        keep(token, {"P1": "2"})
        answered_at = clock.now()
        client_screen.leave(token)
    with clock.standing_at(clock.now() + timedelta(days=2)):
        intake = handovers.take(house.therapist, made.handover.id)
    assert intake.answers == {"P1": "2"}
    assert intake.authored_at == answered_at
    assert intake.capture.channel is CaptureChannel.CLINIC_DEVICE
    assert state_of(made) is HandoverState.TAKEN
    with pytest.raises(Conflict):
        handovers.take(house.therapist, made.handover.id)
    with pytest.raises(Conflict):
        handovers.discard(house.therapist, made.handover.id)


def test_discarding_erases_the_answers_and_leaves_the_events(house: House) -> None:
    case = builders.add_case(house.therapist)
    made = hand_over(house.therapist, case.id)
    token = client_screen.open_screen(made.code)
    keep(token, {"E2": "4"})
    with pytest.raises(Conflict):
        handovers.discard(house.therapist, made.handover.id)
    client_screen.leave(token)
    handovers.discard(house.therapist, made.handover.id)
    row = store.row(made.handover.id)
    assert row is not None
    assert row.content is None
    assert intakes.list_intakes(house.therapist, case.id) == ()
    assert len(records.read_record(house.therapist, case.id).open_events) == 1


def test_discarding_in_the_minute_before_the_sweep_leaves_the_events_too(house: House) -> None:
    case = builders.add_case(house.therapist)
    made = hand_over(house.therapist, case.id)
    keep(client_screen.open_screen(made.code), {"E2": "4"})
    with clock.standing_at(clock.now() + HALF_AN_HOUR):
        handovers.discard(house.therapist, made.handover.id)
    assert len(records.read_record(house.therapist, case.id).open_events) == 1


def test_a_screen_that_was_left_or_finished_opens_nothing_any_more(house: House) -> None:
    for end in (client_screen.leave, lambda token: client_screen.finish(token, {}, shown=())):
        token = client_screen.open_screen(hand_over(house.therapist).code)
        end(token)
        assert client_screen.read_screen(token) is None
        with pytest.raises(NotFound):
            keep(token, {"P1": "1"})
        client_screen.leave(token)


def test_answers_so_far_are_sealed(house: House) -> None:
    made = hand_over(house.therapist, mode=HandoverMode.PAGE, with_once=True)
    keep(client_screen.open_screen(made.code), {"I_hopes": "heron99quill"})
    content = db.session.scalar(select(HandoverRow.content).where(HandoverRow.id == made.handover.id))
    assert content
    assert b"heron99quill" not in content


def test_every_step_leaves_its_row_in_the_name_of_the_screen(house: House) -> None:
    token = client_screen.open_screen(hand_over(house.therapist).code)
    client_screen.read_screen(token)
    keep(token, {"P1": "1"})
    client_screen.finish(token, {}, shown=())
    late = client_screen.open_screen(hand_over(house.therapist).code)
    keep(late, {"P1": "1"})
    with clock.standing_at(clock.now() + HALF_AN_HOUR):
        client_screen.end_overdue()
    assert trail(Role.HANDOVER) == [
        (Action.HANDOVER_OPEN, "allowed", ""),
        (Action.HANDOVER_READ, "allowed", ""),
        (Action.HANDOVER_ANSWER, "allowed", ""),
        (Action.HANDOVER_FINISH, "allowed", ""),
        (Action.HANDOVER_OPEN, "allowed", ""),
        (Action.HANDOVER_ANSWER, "allowed", ""),
        (Action.HANDOVER_LEAVE, "allowed", "time ran out"),
    ]
    actors = db.session.scalars(select(AuditRow.actor_id).where(AuditRow.role == Role.HANDOVER)).unique().all()
    assert actors == [house.therapist.user_id]


def test_time_ends_a_screen_whose_clinician_has_left_the_case(house: House) -> None:
    case = builders.add_case(house.therapist)
    made = hand_over(house.therapist, case.id)
    keep(client_screen.open_screen(made.code), {"E2": "4"})
    case_store.unassign(case.id, house.therapist.user_id)
    case_store.assign(case.id, house.peer.user_id, AssignmentKind.OWNER)
    db.session.commit()
    with clock.standing_at(clock.now() + HALF_AN_HOUR):
        assert client_screen.end_overdue() == 1
        assert client_screen.end_overdue() == 0
    assert state_of(made) is HandoverState.UNFINISHED
    left = [row for row in trail(Role.SYSTEM) if row[0] == Action.HANDOVER_LEAVE]
    assert left == [(Action.HANDOVER_LEAVE, "allowed", "time ran out")]


def test_what_is_not_yours_is_not_there(house: House) -> None:
    case = builders.add_case(house.therapist)
    made = hand_over(house.therapist, case.id)
    for actor in (house.peer, house.stranger, house.admin):
        for verb in (
            handovers.read_handover,
            handovers.end_handover,
            handovers.renew_code,
            handovers.take,
            handovers.discard,
        ):
            with pytest.raises((NotFound, NotAllowed)):
                verb(actor, made.handover.id)
        with pytest.raises((NotFound, NotAllowed)):
            hand_over(actor, case.id)
        with pytest.raises((NotFound, NotAllowed)):
            handovers.list_handovers(actor, case.id)
    assert state_of(made) is HandoverState.WAITING


def test_a_session_of_another_case_is_refused(house: House) -> None:
    elsewhere = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
    with pytest.raises(Invalid) as refused:
        hand_over(house.therapist, session_id=elsewhere.id)
    assert set(refused.value.fields) == {"session_id"}


def test_a_supervisor_sees_how_it_stands_and_no_unfinished_answers(house: House) -> None:
    made = hand_over(house.therapist)
    token = client_screen.open_screen(made.code)
    keep(token, {"P1": "2"})
    client_screen.leave(token)
    review = handovers.read_handover(house.supervisor, made.handover.id)
    assert (review.handover.state, review.filling) == (HandoverState.UNFINISHED, None)
    with pytest.raises(NotAllowed):
        handovers.take(house.supervisor, made.handover.id)


def test_answers_are_not_shown_while_the_client_writes(house: House) -> None:
    made = hand_over(house.therapist)
    keep(client_screen.open_screen(made.code), {"P1": "2"})
    assert handovers.read_handover(house.therapist, made.handover.id).filling is None


@pytest.mark.parametrize("key", ["sfs", "nothing"])
def test_a_form_that_a_clinician_asks_is_refused(house: House, key: str) -> None:
    with pytest.raises(Invalid) as refused:
        hand_over(house.therapist, instrument_key=key)
    assert set(refused.value.fields) == {"instrument_key"}
