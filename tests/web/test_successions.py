"""Ended accounts and who takes over what they left, over HTTP."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.vocabulary import Role
from service.casework import people, walls
from service.domain.actors import Actor
from tests import builders
from tests.builders import House
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
WHY = "They work in the same way and have room"


@pytest.fixture
def heir(app: Flask, house: House) -> Actor:
    with app.app_context():
        return builders.add_actor(house.practice_id, Role.THERAPIST, "Hana Heir")


def test_a_new_therapist_is_named_on_one_page_and_confirmed_on_another(
    app: Flask, house: House, heir: Actor, sign_in: SignIn
) -> None:
    with app.app_context():
        case = builders.add_case(house.peer)
        walls.restrict(house.peer, case.id, "His sister works at the front desk here", wanted=True)
        people.end_account(house.admin, house.peer.user_id)
    admin, second = sign_in(house.admin), sign_in(house.supervisor)
    assert 'href="/people/ended"' in admin.get("/people").text
    page = admin.get("/people/ended").text
    address = f"/people/{house.peer.user_id}/succession"
    assert "Nobody named" in page and f'href="{address}"' in page and flaws(page) == []
    assert flaws(admin.get(address).text) == []
    wrong = admin.post(address, data={"successor_id": house.admin.user_id, "reason": "Short"})
    assert wrong.status_code == 422 and "Short" in wrong.text and flaws(wrong.text) == []
    assert admin.post(address, data={"successor_id": heir.user_id, "reason": WHY}).location == "/people/ended"
    page = admin.get("/people/ended").text
    assert "Waits for a second person" in page and flaws(page) == []
    (at,) = re.findall(r'href="(/successions/[\w-]+)"', page)
    own = admin.get(at).text
    assert "Take it back" in own and "Confirm it" not in own and flaws(own) == []
    assert "Look at it" in admin.get(address).text and admin.post(f"{at}/confirm").status_code == 403
    assert f'href="{at}"' in second.get("/worklist").text and f'href="{at}"' in second.get("/account").text
    asked = second.get(at).text
    assert "Confirm it" in asked and WHY in asked and flaws(asked) == []
    assert second.post(f"{at}/confirm").location == "/account"
    over = second.get(at).text
    assert "Confirm it" not in over and house.supervisor.name in over and flaws(over) == []
    page = admin.get("/people/ended").text
    assert heir.name in page and "Name another one" in page and flaws(page) == []
    assert sign_in(heir).get(f"/cases/{case.id}").status_code == 200
    assert (admin.get(f"/cases/{case.id}").status_code, second.get(f"/cases/{case.id}").status_code) == (403, 404)


def test_what_a_page_says_is_the_same_for_an_account_that_left_nothing(
    app: Flask, house: House, heir: Actor, sign_in: SignIn
) -> None:
    with app.app_context():
        empty = builders.add_actor(house.practice_id, Role.THERAPIST, "Emer Empty")
        full = builders.add_actor(house.practice_id, Role.THERAPIST, "Fergus Full")
        walls.block(full, builders.add_case(full).id, heir.user_id, "His sister works at the front desk here")
        for each in (empty, full):
            people.end_account(house.admin, each.user_id)
    admin, second = sign_in(house.admin), sign_in(house.supervisor)
    seen: list[list[str]] = [[], []]
    for pages, gone in zip(seen, (empty, full), strict=True):
        address = f"/people/{gone.user_id}/succession"
        pages.append(admin.get(address).text)
        admin.post(address, data={"successor_id": heir.user_id, "reason": WHY})
        (at,) = re.findall(r'href="(/successions/[\w-]+)"', admin.get("/people/ended").text)
        pages += [admin.get(at).text, second.get(at).text]
        answer = second.post(f"{at}/confirm", follow_redirects=True)
        pages += [answer.text, admin.get(at).text, admin.get(address).text, admin.get("/people").text]
        pages[:] = [each.replace(gone.user_id, "ID").replace(gone.name, "NAME").replace(at, "AT") for each in pages]
    clean = re.compile(r"\b[0-9a-f]{16}\b|<time.*?</time>|<tr.*?</tr>", re.S)
    bare = [[clean.sub("", each) for each in pages] for pages in seen]
    assert bare[0] == bare[1]
