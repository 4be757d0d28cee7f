"""Who may reach a case, emergencies, keeping and purging, over HTTP."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.domain import clock
from service.domain.accounts import STEP_UP_LASTS
from service.domain.actors import Actor
from service.store import cases
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
WHY = {"reason": "Her brother works at the front desk here"}


@pytest.fixture
def case_id(app: Flask, house: House) -> str:
    with app.app_context():
        return builders.add_case(house.therapist).id


def test_each_step_has_a_page_that_names_the_consequence(case_id: str, house: House, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    assert flaws(client.get(f"/cases/{case_id}/walls").text) == []
    for step, words in (
        ("restrict", "supervisors too"),
        ("open-up", "can reach it again"),
        ("block", "the case is not there"),
        ("unblock", "as their role allows"),
        ("hold", "Nothing of this case can be purged"),
        ("lift-hold", "One person asks, another agrees"),
    ):
        page = client.get(f"/cases/{case_id}/walls/{step}").text
        assert words in page and flaws(page) == [], step


def test_a_step_without_a_reason_comes_back_and_one_with_it_is_kept(
    case_id: str, house: House, sign_in: SignIn
) -> None:
    client = sign_in(house.therapist)
    refused = client.post(f"/cases/{case_id}/walls/hold", data={"reason": "Court"})
    assert refused.status_code == 422 and "Court" in refused.text and flaws(refused.text) == []
    assert client.post(f"/cases/{case_id}/walls/hold", data=WHY).status_code == 303
    page = client.get(f"/cases/{case_id}/walls").text
    assert "Legal hold set" in page and WHY["reason"] in page and flaws(page) == []
    assert client.post(f"/cases/{case_id}/walls/hold", data=WHY).status_code == 409
    asked = client.post(f"/cases/{case_id}/walls/lift-hold", data=WHY)
    assert asked.status_code == 303
    assert client.post(f"/cases/{case_id}/walls/lift-hold", data=WHY).status_code == 409
    own = client.get(f"/cases/{case_id}/walls/lift-hold").text
    assert "Take it back" in own and "Do not agree" not in own and flaws(own) == []
    second = sign_in(house.supervisor)
    page = second.get(f"/cases/{case_id}/walls/lift-hold").text
    assert "Do not agree" in page and "Take it back" not in page and flaws(page) == []
    page = second.get(f"/cases/{case_id}/walls/leave-held").text
    assert house.therapist.name in page and WHY["reason"] in page and flaws(page) == []
    assert second.post(f"/cases/{case_id}/walls/leave-held", data={"reason": "No"}).status_code == 422
    assert second.post(f"/cases/{case_id}/walls/leave-held", data=WHY).status_code == 303
    page = client.get(f"/cases/{case_id}/walls").text
    assert "Legal hold stays" in page and "(not agreed to)" in page and flaws(page) == []
    assert client.post(f"/cases/{case_id}/walls/lift-hold", data=WHY).status_code == 303
    assert sign_in(house.supervisor).post(f"/cases/{case_id}/walls/lift-hold", data=WHY).status_code == 303
    assert "There is none." in client.get(f"/cases/{case_id}/walls").text


def test_a_restricted_case_lists_whom_it_names_and_its_therapist_names_them(
    case_id: str, house: House, sign_in: SignIn
) -> None:
    client, until = sign_in(house.therapist), clock.now().date() + timedelta(days=3)
    assert client.post(f"/cases/{case_id}/walls/restrict", data=WHY).status_code == 303
    page = client.get(f"/cases/{case_id}/walls").text
    assert "Only who is named here" in page and f"/cases/{case_id}/cover" in page and flaws(page) == []
    given = {"account_id": house.peer.user_id, "until": str(until)}
    assert client.post(f"/cases/{case_id}/cover", data=given).status_code == 303
    assert house.peer.name in client.get(f"/cases/{case_id}/walls").text
    named = sign_in(house.peer).get(f"/cases/{case_id}/walls").text
    assert house.peer.name in named and f"/cases/{case_id}/cover" not in named
    assert sign_in(house.supervisor).get(f"/cases/{case_id}/walls").status_code == 404


def test_a_step_asks_who_is_at_the_screen(case_id: str, house: House, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    with clock.standing_at(clock.now() + STEP_UP_LASTS + timedelta(minutes=1)):
        address = f"/cases/{case_id}/walls/restrict"
        assert client.post(address, data=WHY).location == f"/step-up?next={address}"


def test_who_is_kept_away_finds_nothing_and_a_wrong_person_is_named_at_the_field(
    case_id: str, house: House, sign_in: SignIn
) -> None:
    client = sign_in(house.therapist)
    wrong = client.post(f"/cases/{case_id}/walls/block", data=WHY | {"account_id": house.stranger.user_id})
    assert wrong.status_code == 422 and "of this practice" in wrong.text
    kept = client.post(f"/cases/{case_id}/walls/block", data=WHY | {"account_id": house.supervisor.user_id})
    assert kept.status_code == 303
    assert sign_in(house.supervisor).get(f"/cases/{case_id}").status_code == 404
    assert (
        client.post(f"/cases/{case_id}/walls/unblock", data=WHY | {"account_id": house.supervisor.user_id}).status_code
        == 303
    )


def test_an_emergency_is_told_on_the_day_of_who_answers_for_the_case(
    case_id: str, house: House, sign_in: SignIn, app: Flask
) -> None:
    with app.app_context():
        row = cases.row(case_id)
        assert row is not None
        code = row.code
    peer = sign_in(house.peer)
    assert flaws(peer.get("/emergency").text) == []
    unknown = peer.post("/emergency", data=WHY | {"code": "C-XXXXX"})
    assert unknown.status_code == 422 and flaws(unknown.text) == []
    opened = peer.post("/emergency", data=WHY | {"code": code})
    assert opened.location == f"/cases/{case_id}"
    page = peer.get(opened.location)
    assert page.status_code == 200 and flaws(page.text) == []
    assert peer.get(f"/cases/{case_id}/export").status_code == 403
    owner = sign_in(house.therapist)
    day = owner.get("/day").text
    assert "Opened in an emergency" in day and WHY["reason"] in day and flaws(day) == []
    seen = day.partition("/emergency/")[2].partition("/seen")[0]
    assert owner.post(f"/emergency/{seen}/seen").status_code == 303
    assert "Opened in an emergency" not in owner.get("/day").text


def test_a_purge_before_its_time_is_a_conflict_and_says_until_when(
    case_id: str, house: House, sign_in: SignIn, app: Flask
) -> None:
    with app.app_context():
        row = cases.row(case_id)
        assert row is not None
        builders.close_case(house.therapist, case_id, version=row.version)
    client = sign_in(house.therapist)
    assert flaws(client.get(f"/cases/{case_id}/purge").text) == []
    assert flaws(client.get(f"/cases/{case_id}/purge/leave").text) == []
    assert client.post(f"/cases/{case_id}/purge/leave", data=WHY).status_code == 409
    early = client.post(f"/cases/{case_id}/purge", data=WHY)
    assert early.status_code == 409 and "is kept until" in early.text
    assert client.post(f"/cases/{case_id}/walls/hold", data=WHY).status_code == 303
    held = client.post(f"/cases/{case_id}/purge", data=WHY)
    assert held.status_code == 409 and "legal hold" in held.text


def test_the_years_of_keeping_are_an_administrators_and_need_their_source(house: House, sign_in: SignIn) -> None:
    admin = sign_in(house.admin)
    assert flaws(admin.get("/practice/retention").text) == []
    years = {"after_service": "10", "after_majority": "5", "majority": "18", "source": ""}
    refused = admin.post("/practice/retention/change", data=years)
    assert refused.status_code == 422 and flaws(refused.text) == []
    assert admin.post("/practice/retention/change", data=years | {"source": "An invented act"}).status_code == 303
    assert "10 years after the last service" in sign_in(house.supervisor).get("/practice/retention").text
    assert sign_in(house.therapist).get("/practice/retention").status_code == 403
