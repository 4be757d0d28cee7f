"""Connected systems, as administrators register and change them."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.casework import machine_clients
from service.domain.actors import Actor
from service.domain.machine_clients import MachineClient
from tests.builders import House
from tests.machines import a_key_set
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]
GIVEN = {
    "name": "Ward bridge",
    "email": "ward@linden.example",
    "scope": "system/Patient.rs system/Encounter.rs",
    "key_url": "",
    "keys": a_key_set(),
}


def test_a_system_is_registered_changed_and_ended(app: Flask, house: House, sign_in: SignIn) -> None:
    client = sign_in(house.admin)
    assert "No system is connected." in client.get("/people/systems").text
    made = client.post("/people/systems/new", data=GIVEN)
    assert made.status_code == 303
    page = client.get(made.headers["Location"])
    assert flaws(page.text) == []
    assert "rsa-first, ec-first" in page.text
    assert "system/Encounter.rs system/Patient.rs" in page.text
    with app.app_context():
        (known,) = machine_clients.list_clients(house.admin)
    rotated = {"scope": known.scopes, "keys": a_key_set("second"), "key_url": "", "version": known.version}
    assert client.post(f"/people/systems/{known.id}", data=rotated).status_code == 303
    stale = client.post(f"/people/systems/{known.id}", data=rotated)
    assert stale.status_code == 409
    assert client.post(f"/people/{known.id}/end").status_code == 303
    listed = client.get("/people/systems").text
    assert "Ended" in listed
    assert flaws(listed) == []


def test_sending_is_a_box_of_its_own(app: Flask, house: House, sign_in: SignIn) -> None:
    """Nobody gives it by leaving the form as it is, and who takes it back takes nothing else."""
    client = sign_in(house.admin)
    box = 'name="sends" value="yes" aria-describedby="f-sends-error"'
    assert f"{box}>" in client.get("/people/systems/new").text
    at = client.post("/people/systems/new", data={**GIVEN, "scope": "system/*.rs"}).headers["Location"]
    keys = {"keys": "", "key_url": "https://keys.bridge.example/set"}

    def known() -> MachineClient:
        with app.app_context():
            return machine_clients.list_clients(house.admin)[0]

    def change(**given: str) -> str:
        assert client.post(at, data={**keys, **given, "version": known().version}).status_code == 303
        return known().scopes

    assert known().scopes == "system/*.rs"
    assert change(scope="system/*.rs", sends="yes") == "system/*.rs system/QuestionnaireResponse.c"
    page = client.get(at).text
    assert f"{box} checked>" in page
    assert 'value="system/*.rs"' in page
    assert flaws(page) == []
    assert change(scope="system/*.rs") == "system/*.rs"
    assert change(scope="", sends="yes") == "system/QuestionnaireResponse.c"
    typed = change(scope="system/QuestionnaireResponse.crs")
    assert (typed, 'value="system/QuestionnaireResponse.rs"' in client.get(at).text) == (typed, True)
    assert f"{box} checked>" in client.get(at).text
    refused = client.post(at, data={**keys, "scope": "", "version": known().version})
    assert (refused.status_code, known().scopes) == (422, typed)
    assert 'href="#f-scope"' in refused.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"email": "nobody"}, "email"),
        ({"scope": "user/*.rs"}, "scope"),
        ({"keys": ""}, "keys"),
        ({"keys": "{cut off"}, "keys"),
        ({"keys": '{"keys": [{"kty": "RSA", "kid": "a", "d": "x"}]}'}, "keys"),
        ({"key_url": "https://keys.bridge.example/set"}, "keys"),
        ({"keys": "", "key_url": "https://127.0.0.1/set"}, "key_url"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field_with_the_typing_kept(
    house: House, sign_in: SignIn, changes: dict[str, str], field: str
) -> None:
    refused = sign_in(house.admin).post("/people/systems/new", data={**GIVEN, **changes})
    assert refused.status_code == 422
    assert f'href="#f-{field}"' in refused.text
    assert (changes.get("email") or GIVEN["email"]) in refused.text
    assert "Expecting" not in refused.text
    assert flaws(refused.text) == []


def test_a_system_of_another_practice_is_not_there(app: Flask, house: House, sign_in: SignIn) -> None:
    client = sign_in(house.admin)
    client.post("/people/systems/new", data=GIVEN)
    for client_id in (house.stranger.user_id, house.peer.user_id, house.machine.user_id):
        assert client.get(f"/people/systems/{client_id}").status_code == 404
