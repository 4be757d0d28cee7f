"""Pages of the contact plan, the toolkit and the network."""

import html
import re
from collections.abc import Callable
from typing import TypeVar

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.card_codes import BoundaryKind, ContactMode
from schemas.fields import LARGEST_VERSION
from service.casework import contact_plans, records
from service.domain.actors import Actor
from service.domain.contact_plans import PARTS, Boundary, Checks, ContactPlan
from service.domain.networks import Person
from service.domain.toolkits import Tool
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

T = TypeVar("T")
SignIn = Callable[[Actor], FlaskClient]


@pytest.fixture
def ids(app: Flask, house: House) -> dict[str, str]:
    with app.app_context():
        case_id = builders.add_case(house.therapist).id
        return {
            "case": case_id,
            "boundary": builders.add_boundary(house.therapist, case_id).id,
            "tool": builders.add_tool(house.therapist, case_id).id,
            "person": builders.add_person(house.therapist, case_id).id,
        }


def cards(app: Flask, house: House, case_id: str, kind: type[T]) -> list[T]:
    with app.app_context():
        return [each.words for each in records.read_record(house.therapist, case_id).cards_of(kind)]


PAGES = (
    "contact-plan",
    "contact-plan/versions",
    "boundaries/new",
    "boundaries/{boundary}",
    "boundaries/{boundary}/use",
    "tools",
    "tools/new",
    "tools/{tool}",
    "network",
    "network/new",
    "network/{person}",
)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_sound_and_its_title_names_nobody(
    ids: dict[str, str], house: House, sign_in: SignIn, path: str
) -> None:
    page = sign_in(house.therapist).get(f"/cases/{ids['case']}/{path.format_map(ids)}")
    assert page.status_code == 200 and flaws(page.text) == []
    head = page.text.partition("</head>")[0]
    assert "Okonkwo" not in head and "Auntie" not in head


@pytest.mark.parametrize("mode", ContactMode)
def test_the_client_sets_the_mode_and_each_part_says_how_far_it_may_travel(
    app: Flask, ids: dict[str, str], house: House, sign_in: SignIn, mode: ContactMode
) -> None:
    client, address = sign_in(house.therapist), f"/cases/{ids['case']}/contact-plan"
    page = client.get(address).text
    assert re.findall(r'name="mode" value="(\w+)" ?checked', page) == ["undecided"]
    posted = {"mode": str(mode)} | {f"lines.{each.key}": f"Said of {each.key}" for each in PARTS[mode]}
    assert client.post(address, data=posted).status_code == 303
    (kept,) = cards(app, house, ids["case"], ContactPlan)
    assert kept.mode is mode
    shown = html.unescape(client.get(address).text)
    assert all(f"Said of {each.key}" in shown and each.field_class.label in shown for each in PARTS[mode])


def test_what_the_contact_plan_said_before_is_read_with_its_differences(
    ids: dict[str, str], house: House, sign_in: SignIn
) -> None:
    client, address = sign_in(house.therapist), f"/cases/{ids['case']}/contact-plan"
    client.post(address, data={"mode": "limited", "lines.contact_channel": "Letters only"})
    assert "What it said before" not in client.get(address).text
    version = re.search(r'name="version" value="(\d+)"', client.get(address).text)
    assert version is not None
    changed = {"mode": "full", "lines.contact_channel": "Mail only", "version": version[1]}
    assert client.post(address, data=changed).status_code == 303
    assert f'href="{address}/versions">What it said before' in client.get(address).text
    page = client.get(f"{address}/versions").text
    assert '<ins><span class="hush">added: </span>Mail</ins>' in page and "Letters only" in page
    assert "What the client wants was set anew." in page and flaws(page) == []
    listed = client.get(f"/api/v1{address}/versions").get_json()
    assert [each["words"]["mode"] for each in listed] == ["full", "limited"]


def test_a_stale_contact_plan_shows_both_texts_by_the_name_of_the_part(
    ids: dict[str, str], house: House, sign_in: SignIn
) -> None:
    client, address = sign_in(house.therapist), f"/cases/{ids['case']}/contact-plan"
    client.post(address, data={"mode": "limited", "lines.contact_stop": "Theirs"})
    page = client.post(address, data={"mode": "limited", "lines.contact_stop": "Mine", "version": str(LARGEST_VERSION)})
    assert page.status_code == 409 and "<h3>Stop rule</h3>" in page.text
    assert "Theirs" in page.text and "Mine" in page.text


def test_blocking_stays_not_now_until_each_check_holds(
    app: Flask, ids: dict[str, str], house: House, sign_in: SignIn
) -> None:
    client, address = sign_in(house.therapist), f"/cases/{ids['case']}/boundaries/{ids['boundary']}/use"
    page = client.get(address).text
    assert "checked" not in page and "must be within 14 days" in page
    refused = client.post(address, data={"version": "1", "fits_now": "yes", "order_agreed": "yes"})
    assert refused.status_code == 422
    assert set(re.findall(r'href="#f-(\w+)"', refused.text)) == {"screen", "evidence_kept", "channels_kept"}
    every = dict.fromkeys(("evidence_kept", "channels_kept", "order_agreed", "fits_now"), "yes") | {"version": "1"}
    assert client.post(address, data=every).status_code == 422
    with app.app_context():
        builders.add_intake(house.therapist, ids["case"], builders.QUIET_B, instrument_key="sfs")
    assert client.post(address, data=every).status_code == 303
    (kept,) = cards(app, house, ids["case"], Boundary)
    assert kept.state == "active"


def test_a_boundary_in_use_is_said_to_fit_still_by_one_button(
    app: Flask, ids: dict[str, str], house: House, sign_in: SignIn
) -> None:
    with app.app_context():
        card = builders.add_boundary(house.therapist, ids["case"], kind=BoundaryKind.TOPIC, statement="Not by phone")
        contact_plans.use_boundary(house.therapist, card.id, Checks(fits_now=True), version=card.version)
    client, address = sign_in(house.therapist), f"/cases/{ids['case']}/contact-plan"
    page = client.get(address).text
    assert flaws(page) == []
    assert page.count("Still fits<") == 1
    way = f"/cases/{ids['case']}/boundaries/{card.id}/fits"
    assert client.post(way, data={"version": "2"}).location == address
    assert "It stays in use" in client.get(address).text
    assert client.post(way, data={"version": "2"}).status_code == 409
    not_in_use = client.post(f"/cases/{ids['case']}/boundaries/{ids['boundary']}/fits", data={"version": "1"})
    assert not_in_use.status_code == 409
    assert "not in use" in not_in_use.text


def test_a_tool_and_somebody_are_added_changed_and_put_away(
    app: Flask, ids: dict[str, str], house: House, sign_in: SignIn
) -> None:
    client, case = sign_in(house.therapist), f"/cases/{ids['case']}"
    assert (
        client.post(
            f"{case}/tools/new", data={"what": "Counting steps", "family": "movement", "use_for": ["panic", "sleep"]}
        ).status_code
        == 303
    )
    wrong = client.post(f"{case}/tools/new", data={"what": "Humming", "family": "breathing", "helped": "a_lot"})
    assert wrong.status_code == 422 and 'href="#f-tried_on"' in wrong.text and "Humming" in wrong.text
    assert client.post(f"{case}/network/new", data={"name": "Fr. M", "asked_for": ["witness"]}).status_code == 303
    away = client.post(f"{case}/tools/{ids['tool']}/away", data={"version": "1"}, follow_redirects=True)
    assert "It stays in the record" in away.text
    client.post(f"{case}/network/{ids['person']}", data={"name": "Auntie", "version": "1"})
    assert {each.what for each in cards(app, house, ids["case"], Tool)} == {"Counting steps"}
    assert {each.name for each in cards(app, house, ids["case"], Person)} == {
        "Fr. M",
        "Auntie",
    }


def test_who_may_only_read_is_offered_nothing_to_change(ids: dict[str, str], house: House, sign_in: SignIn) -> None:
    client, case = sign_in(house.supervisor), f"/cases/{ids['case']}"
    for path, words in (
        ("tools", "Add a tool"),
        ("network", "Add somebody"),
        ("contact-plan", "Save the contact plan"),
    ):
        page = client.get(f"{case}/{path}")
        assert page.status_code == 200 and words not in page.text and flaws(page.text) == []
    assert client.post(f"{case}/tools/new", data={"what": "x", "family": "nature"}).status_code == 403


def test_a_card_of_another_case_is_missing(app: Flask, ids: dict[str, str], house: House, sign_in: SignIn) -> None:
    with app.app_context():
        other = builders.add_case(house.therapist).id
    client = sign_in(house.therapist)
    assert client.get(f"/cases/{other}/tools/{ids['tool']}").status_code == 404
    assert client.get(f"/cases/{other}/boundaries/{ids['boundary']}/use").status_code == 404
