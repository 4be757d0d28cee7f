"""Goals over HTTP."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.vocabulary import GoalDomain, GoalStatus
from service.casework import goals, records
from service.casework.goals import GoalDraft
from service.domain.actors import Actor
from service.domain.cases import Goal
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
TYPED = {
    "words": "Ring my sister on Sundays",
    "measure": "Two calls a month",
    "next_step": "",
    "domain": "relationships",
    "status": "active",
    "target_on": "",
    "review_on": "2026-09-01",
    "reviewed_on": "",
    "review": "",
}


@pytest.fixture
def goal(app: Flask, house: House) -> Goal:
    with app.app_context():
        case = builders.add_case(house.therapist)
        return goals.save_goal(house.therapist, case.id, GoalDraft(GoalDomain.PERSONAL, "Sleep through the night"))


def goals_of(app: Flask, house: House, case_id: str) -> tuple[Goal, ...]:
    with app.app_context():
        return records.read_record(house.therapist, case_id).goals


def test_a_goal_is_added_in_the_clients_words(app: Flask, house: House, goal: Goal, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    assert client.post(f"/cases/{goal.case_id}/goals/new", data=TYPED).status_code == 303
    assert [each.words for each in goals_of(app, house, goal.case_id)][-1] == "Ring my sister on Sundays"
    assert "Ring my sister on Sundays" in client.get(f"/cases/{goal.case_id}").text


def test_a_goal_without_words_comes_back_with_the_rest(house: House, goal: Goal, sign_in: SignIn) -> None:
    answer = sign_in(house.therapist).post(f"/cases/{goal.case_id}/goals/new", data=TYPED | {"words": "  "})
    assert answer.status_code == 422
    assert "Two calls a month" in answer.text
    assert flaws(answer.text) == []


def test_a_goal_changes_its_standing(app: Flask, house: House, goal: Goal, sign_in: SignIn) -> None:
    client, url = sign_in(house.therapist), f"/cases/{goal.case_id}/goals/{goal.id}"
    page = client.get(url).text
    assert "Sleep through the night" in page
    assert flaws(page) == []
    typed = TYPED | {"words": "Sleep through the night", "status": "reached", "version": goal.version}
    assert client.post(url, data=typed).status_code == 303
    assert goals_of(app, house, goal.case_id)[0].status is GoalStatus.REACHED


def test_a_stale_goal_shows_both_texts(house: House, goal: Goal, sign_in: SignIn) -> None:
    client, url = sign_in(house.therapist), f"/cases/{goal.case_id}/goals/{goal.id}"
    assert client.post(url, data=TYPED | {"words": "Mine", "version": goal.version}).status_code == 303
    answer = client.post(url, data=TYPED | {"words": "Yours", "version": goal.version})
    assert answer.status_code == 409
    both = answer.text.split("This was changed elsewhere")[1].partition("</section>")[0]
    assert "Mine" in both and "Yours" in both
    assert flaws(answer.text) == []


def test_a_goal_is_found_only_in_its_own_case(app: Flask, house: House, goal: Goal, sign_in: SignIn) -> None:
    with app.app_context():
        other = builders.add_case(house.therapist)
    assert sign_in(house.therapist).get(f"/cases/{other.id}/goals/{goal.id}").status_code == 404


def test_what_the_client_said_before_and_each_look_stay_readable(
    app: Flask, house: House, goal: Goal, sign_in: SignIn
) -> None:
    client, url = sign_in(house.therapist), f"/cases/{goal.case_id}/goals/{goal.id}"
    looked = {"reviewed_on": "2026-03-02", "review": "harder"}
    assert client.post(url, data=TYPED | looked | {"version": str(goal.version)}).status_code == 303
    again = TYPED | {"reviewed_on": "2026-04-02", "review": "moving", "version": str(goal.version + 1)}
    assert client.post(url, data=again).status_code == 303
    assert f"{url}/versions" in client.get(url).text
    page = client.get(f"{url}/versions").text
    assert flaws(page) == []
    for words in ("Sleep through the night", "Harder than before", "Moving, in the client&#39;s view", "Ana Núñez"):
        assert words in page
    reader = sign_in(house.supervisor)
    assert f"{url}/versions" in reader.get(f"/cases/{goal.case_id}").text
    assert "Sleep through the night" in reader.get(f"{url}/versions").text
    assert sign_in(house.stranger).get(f"{url}/versions").status_code == 404
    told = client.get(f"/api/v1{url}/versions").json
    assert told is not None
    assert [each["look"] for each in told] == ["moving", "harder", None]
    assert [each["said"]["words"] for each in told][-1] == "Sleep through the night"
