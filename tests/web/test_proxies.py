"""Who could see it elsewhere: keeping, comparing, ruling out, and the export that stays until then."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.casework import cases
from service.domain import clock
from service.domain.actors import Actor
from tests import builders
from tests.api import bodies
from tests.builders import House
from tests.web.markup import flaws

HIM = {"names": "Tomás O'Brien", "numbers": "+353 86 123 4567", "emails": "", "addresses": "", "version": "0"}
SEES = {"kind": "portal", "name": "T. OBrien", "system": "Harbour records"}

SignIn = Callable[[Actor], FlaskClient]


@pytest.fixture
def case_id(app: Flask, house: House) -> str:
    with app.app_context():
        return builders.add_case(house.therapist).id


def test_a_match_blocks_the_export_says_what_to_do_and_is_ruled_out_with_a_reason(
    case_id: str, house: House, sign_in: SignIn
) -> None:
    client, place = sign_in(house.therapist), f"/cases/{case_id}/elsewhere"
    empty = client.get(place).text
    assert flaws(empty) == [] and "nobody can be compared" in empty and "Nobody yet" in empty
    assert [flaws(client.get(f"{place}/{each}").text) for each in ("other-person", "new")] == [[], []]
    assert client.post(f"{place}/other-person", data=HIM).status_code == 303
    assert client.post(f"{place}/new", data=SEES).status_code == 303
    shown = client.get(place).text
    assert flaws(shown) == [] and "May be the other person" in shown and "Nothing leaves for now" in shown
    sent = bodies.a_departure(basis="treatment", why="Shared care", route="system", chart="own")
    refused = client.post(f"/cases/{case_id}/export/make", data=sent)
    assert refused.status_code == 422 and flaws(refused.text) == []
    assert "Somebody who could see it there may be the other person" in refused.text
    assert "Brien" not in refused.text and "OBrien" not in refused.text
    (address,) = re.findall(rf'href="({place}/[0-9a-f-]{{36}})"', shown)
    assert flaws(client.get(address).text) == []
    client.post(address, data=SEES | {"somebody_else": "Her uncle; she told so", "version": "1"})
    assert "Said to be somebody else" in client.get(place).text
    assert client.post(f"/cases/{case_id}/export/make", data=sent).status_code == 200
    assert client.post(f"{address}/away", data={"version": "2"}).status_code == 303
    assert "Nobody yet" in client.get(place).text


def test_a_proxy_of_nobody_and_a_stale_edit_come_back_with_what_was_typed(
    case_id: str, house: House, sign_in: SignIn
) -> None:
    client, place = sign_in(house.therapist), f"/cases/{case_id}/elsewhere"
    nobody = client.post(f"{place}/new", data={"kind": "portal", "system": "Harbour records"})
    assert nobody.status_code == 422 and "Say who it is" in nobody.text and "Harbour records" in nobody.text
    client.post(f"{place}/other-person", data=HIM)
    stale = client.post(f"{place}/other-person", data=HIM | {"names": "Another Name"})
    assert stale.status_code == 409 and "Another Name" in stale.text and "Tomás O&#39;Brien" in stale.text


def test_an_export_into_a_childs_chart_is_refused(case_id: str, house: House, sign_in: SignIn) -> None:
    client = sign_in(house.therapist)
    refused = client.post(f"/cases/{case_id}/export/make", data=bodies.a_departure(chart="other"))
    assert refused.status_code == 422 and "child&#39;s least of all" in refused.text
    unsaid = client.post(f"/cases/{case_id}/export/make", data=bodies.a_departure(chart=""))
    assert unsaid.status_code == 422 and "in whose chart" in unsaid.text


def test_nobody_else_sees_who_it_is(case_id: str, house: House, sign_in: SignIn) -> None:
    for actor, status in ((house.supervisor, 403), (house.peer, 404), (house.admin, 403)):
        assert sign_in(actor).get(f"/cases/{case_id}/elsewhere").status_code == status


def test_the_question_is_asked_again_where_the_case_is_closed_and_the_client_wants_something_sent(
    app: Flask, case_id: str, house: House, sign_in: SignIn
) -> None:
    with app.app_context():
        builders.put_check(case_id, None)
        builders.close_case(house.therapist, case_id, version=cases.read_case(house.therapist, case_id).version)
    client = sign_in(house.therapist)
    sent = bodies.a_departure(basis="treatment", why="Shared care", route="system", chart="own")
    assert client.post(f"/cases/{case_id}/export/make", data=sent).status_code == 422
    page = f"/cases/{case_id}/record-check"
    assert page in client.get(f"/cases/{case_id}/details").text
    version = re.findall(r'name="version" value="(\d+)"', client.get(page).text)[0]
    asked = ("portal_account", "portal_proxies", "shared_device", "insurance_held", "household_here")
    typed = {
        **dict.fromkeys(asked, "no"),
        "note": "",
        "asked_on": str(clock.today("Europe/Dublin")),
        "version": version,
    }
    kept = client.post(page, data=typed)
    assert kept.status_code == 303
    assert client.post(f"/cases/{case_id}/export/make", data=sent).status_code == 200


def test_an_export_waits_for_the_question_who_else_could_see_the_record(
    app: Flask, case_id: str, house: House, sign_in: SignIn
) -> None:
    with app.app_context():
        builders.put_check(case_id, None)
    client = sign_in(house.therapist)
    sent = bodies.a_departure(basis="treatment", why="Shared care", route="system", chart="own")
    refused = client.post(f"/cases/{case_id}/export/make", data=sent)
    assert refused.status_code == 422 and flaws(refused.text) == []
    assert "Ask the client first who else could see their record" in refused.text
    assert f'href="/cases/{case_id}/record-check"' in refused.text
    with app.app_context():
        builders.put_check(case_id, builders.a_check())
    assert client.post(f"/cases/{case_id}/export/make", data=sent).status_code == 200
