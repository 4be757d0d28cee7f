"""The team page over HTTP."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from schemas.instruments.session_rating import LINES
from schemas.note_codes import WorkKind
from schemas.release_codes import ConsentAnswer, ConsentKind
from schemas.vocabulary import EventLevel
from service.casework import caseloads, events, people, schedules
from service.domain import clock
from service.domain.actors import Actor
from service.domain.ratings import NO_RATINGS, ONE_CLINICIAN, TOO_FEW_ANSWERS, TOO_FEW_CLIENTS, Rated, ratings_of
from service.store import accounts as account_store
from service.store import cases as case_store
from service.store import summary
from service.store.base import db
from tests import builders
from tests.builders import House
from tests.casework.test_episodes import to_be_answered
from tests.casework.test_requests import a_report
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]


@pytest.fixture
def case_id(app: Flask, house: House) -> str:
    with app.app_context():
        case = builders.add_case(house.therapist)
        builders.add_session(house.therapist, case.id)
        events.open_event(house.therapist, case.id, EventLevel.NOW, prompt="Somebody waited outside")
        return case.id


def test_a_supervisor_sees_the_cases_of_the_therapists_by_name(house: House, case_id: str, sign_in: SignIn) -> None:
    html = sign_in(house.supervisor).get("/team").text
    assert "Ana Núñez" in html
    assert f'href="/cases/{case_id}"' in html
    assert "1 open, 1 with something waiting" in html
    assert flaws(html) == []


def test_a_queue_says_why_something_is_in_it(house: House, case_id: str, sign_in: SignIn) -> None:
    html = sign_in(house.supervisor).get("/team").text
    assert html.index("Respond now: 1") < html.index("Notes: 1")
    assert "Overdue 72 hours after the end" in html
    assert "Overdue after 28" in html


def test_a_case_of_somebody_who_is_not_supervised_is_not_in_it(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        builders.add_case(house.peer, chosen_name="Quiet Person")
    html = sign_in(house.supervisor).get("/team").text
    assert "Quiet Person" not in html
    assert flaws(html) == []


def test_a_restricted_case_is_neither_shown_nor_counted(
    app: Flask, house: House, case_id: str, sign_in: SignIn
) -> None:
    with app.app_context():
        row = case_store.row(case_id)
        assert row is not None
        row.sealed = True
        summary.refresh(case_id)
        db.session.commit()
    html = sign_in(house.supervisor).get("/team").text
    assert case_id not in html
    assert "Respond now" not in html


def test_the_view_can_be_sorted_and_narrowed(app: Flask, house: House, case_id: str, sign_in: SignIn) -> None:
    with app.app_context():
        quiet = builders.add_case(house.therapist, chosen_name="Quiet Person").id
        builders.add_intake(house.therapist, quiet)
        schedules.record_refusal(house.therapist, quiet, "sfs", clock.now())
    client = sign_in(house.supervisor)
    assert "Quiet Person" in client.get("/team?sort=-name").text
    assert "Quiet Person" not in client.get("/team?show=waiting").text


def test_a_therapist_has_no_team_page(house: House, sign_in: SignIn) -> None:
    assert sign_in(house.therapist).get("/team").status_code == 403


def rate(house: House, clients: int, *, of: Actor, **changes: str) -> None:
    answers = {key: "4" for key, _prompt in LINES} | changes
    for _client in range(clients):
        case = builders.add_case(of)
        builders.add_intake(of, case.id, answers, instrument_key="ssr")


def test_what_waits_for_a_signature_leads_to_where_it_is_given(app: Flask, house: House, sign_in: SignIn) -> None:
    with app.app_context():
        ending = to_be_answered(house)
        report = a_report(house, builders.add_case(house.therapist).id)
    client = sign_in(house.supervisor)
    for html in (client.get("/team").text, client.get("/worklist").text):
        assert flaws(html) == []
        assert f"/cases/{ending.id}/close/answer" in html
        assert f"/requests/{report.id}" in html
    page = client.get(f"/requests/{report.id}").text
    assert "Attended nine sessions" in page
    assert "puts your signature under the report" in page


@pytest.mark.parametrize(
    ("of_one", "of_other", "why_not"), [(4, 5, TOO_FEW_CLIENTS), (12, 0, ONE_CLINICIAN), (4, 6, "")]
)
def test_ratings_are_counts_for_the_team_from_ten_clients_of_two_clinicians_on(
    app: Flask, house: House, sign_in: SignIn, of_one: int, of_other: int, why_not: str
) -> None:
    with app.app_context():
        account_store.supervise(house.practice_id, house.supervisor.user_id, house.peer.user_id, clock.now().date())
        db.session.commit()
        rate(house, of_one, of=house.therapist, heard="2", change="Speak slower, please")
        rate(house, of_other, of=house.peer)
    html = sign_in(house.supervisor).get("/team").text
    part = html.split('id="ratings"')[1].partition("</section>")[0]
    assert (escape(why_not) in part) if why_not else ("You felt heard" in part)
    assert ("You felt heard" in part) is (not why_not)
    assert "Speak slower" not in html
    assert flaws(html) == []


def test_who_refuses_to_be_counted_is_in_no_figure_until_that_is_given_again(app: Flask, house: House) -> None:
    """Declined, or given and withdrawn; what was never asked is counted."""
    uses, actor = ConsentKind.OUTCOME_USE, house.therapist
    with app.app_context():
        account_store.supervise(house.practice_id, house.supervisor.user_id, house.peer.user_id, clock.now().date())
        db.session.commit()
        rate(house, 6, of=house.peer)
        rate(house, 6, of=actor)
        one, two, *_rest = (row.case_id for row in caseloads.my_caseload(actor).rows)
        counted = [figures(house)]
        builders.add_consent(actor, one, uses, ConsentAnswer.DECLINED)
        counted.append(figures(house))
        builders.add_consent(actor, two, uses)
        counted.append(figures(house))
        builders.add_consent(actor, two, uses, ConsentAnswer.WITHDRAWN)
        counted.append(figures(house))
        builders.add_consent(actor, one, uses)
        builders.add_consent(actor, two, ConsentKind.RECORDING, ConsentAnswer.DECLINED)
        counted.append(figures(house))
        assert len(caseloads.team_caseload(house.supervisor).rows) == 12
    assert counted == [(12, 12), (11, 11), (11, 11), (10, 10), (11, 11)]


def figures(house: House) -> tuple[int, int]:
    """How many clients the ratings count, and the log."""
    found = caseloads.team_caseload(house.supervisor)
    log = next(each for each in found.measures if "log" in each.title.casefold())
    return found.ratings.clients, log.within + log.declined + log.due + log.overdue + log.first + log.not_asked


def test_a_line_that_fewer_than_ten_answered_has_no_numbers() -> None:
    rated = [Rated(f"t{at % 2}", {"heard": "5"} | ({"pace": "1"} if at else {})) for at in range(10)]
    found = {row[0]: row[1:] for row in ratings_of(rated).rows}
    assert found["You felt heard"] == ("0", "0", "0", "0", "10", "10")
    assert found["The pace felt right"] == ("", "", "", "", "", TOO_FEW_ANSWERS)


def test_a_therapists_own_lists_hold_no_ratings(app: Flask, house: House) -> None:
    with app.app_context():
        rate(house, 10, of=house.therapist)
        assert caseloads.my_caseload(house.therapist).ratings == NO_RATINGS


def test_whatever_waits_leads_a_supervisor_to_a_page_that_opens(app: Flask, house: House, sign_in: SignIn) -> None:
    """A case that is new and quiet waits for its forms and for a session; only the therapist may record either."""
    with app.app_context():
        case = builders.add_case(house.therapist)
    with time_machine.travel(clock.now() + timedelta(days=40)):
        supervisor = sign_in(house.supervisor)
        pages = [supervisor.get("/team").text, supervisor.get(f"/cases/{case.id}").text]
        ways = {way for page in pages for way in re.findall(rf'href="(/cases/{case.id}[^"]*)"', page)}
        assert f"/cases/{case.id}/course" in ways
        assert {way: supervisor.get(way).status_code for way in ways} == dict.fromkeys(ways, 200)


def test_a_supervisor_s_day_names_what_waits_for_a_second_person(house: House, app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        people.supervise(
            house.admin, house.supervisor.user_id, house.therapist.user_id, clock.now().date(), cosigns=True
        )
        case = builders.add_case(house.therapist, chosen_name="Zoë Okonkwo-Šimić")
        builders.add_note(house.therapist, builders.add_session(house.therapist, case.id).id, signed=True)
    html = sign_in(house.supervisor).get("/day").text
    assert "Zoë Okonkwo-Šimić" in html and WorkKind.COSIGN.label in html
    assert "Nothing is waiting." not in html
    assert flaws(html) == []
    assert "as the second person" not in sign_in(house.therapist).get("/day").text
