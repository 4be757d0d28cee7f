"""A case with one of everything, and addresses to send bad input to."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.vocabulary import EventLevel, GoalDomain
from service.casework import events, goals, requests
from service.casework.goals import GoalDraft
from service.domain.actors import Actor
from tests import builders
from tests.builders import House
from tests.contracts.route_ids import AN_ORDER


@dataclass(frozen=True)
class Furnished:
    """Ids of one case and what hangs on it."""

    case_id: str
    goal_id: str
    session_id: str
    note_id: str
    intake_id: str
    plan_id: str
    event_id: str
    handover_id: str
    referral_id: str
    release_id: str
    request_id: str


def furnish(actor: Actor) -> Furnished:
    """Needs an application context."""
    case = builders.add_case(actor)
    session = builders.add_session(actor, case.id)
    return Furnished(
        case_id=case.id,
        goal_id=goals.save_goal(actor, case.id, GoalDraft(GoalDomain.PERSONAL, "Sleep")).id,
        session_id=session.id,
        note_id=builders.add_note(actor, session.id).id,
        intake_id=builders.add_intake(actor, case.id).intake.id,
        plan_id=builders.add_plan(actor, case.id, active=False).id,
        event_id=events.open_event(actor, case.id, EventLevel.TODAY, prompt="Missed call").id,
        handover_id=builders.add_handover(actor, case.id).handover.id,
        referral_id=builders.add_referral(actor, case.id).id,
        release_id=builders.add_release(actor, case.id, signed=False).id,
        request_id=requests.record_request(actor, case.id, AN_ORDER).id,
    )


@pytest.fixture
def furnished(app: Flask, house: House) -> Furnished:
    with app.app_context():
        return furnish(house.therapist)


@pytest.fixture
def client(house: House, sign_in: Callable[[Actor], FlaskClient]) -> FlaskClient:
    """The therapist of the furnished case."""
    return sign_in(house.therapist)
