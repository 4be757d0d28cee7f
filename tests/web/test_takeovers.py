"""Taking data over on pages: a file, what it holds beside what is here, a choice; and every way in which it fails."""

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.domain.actors import Actor
from tests import builders
from tests.builders import House
from tests.incoming import as_bytes, bundle, resources
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]


@pytest.fixture
def case_id(app: Flask, house: House) -> str:
    with app.app_context():
        return builders.add_case(house.therapist).id


def send(client: FlaskClient, case_id: str, data: bytes, system: str = "Harbour records") -> TestResponse:
    form = {"system": system, "file": (io.BytesIO(data), "bundle.json")}
    return client.post(f"/cases/{case_id}/import", data=form, content_type="multipart/form-data")


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(packed|system|seen)" value="([^"]*)">', page))


def test_a_file_is_shown_chosen_from_and_taken_over(case_id: str, house: House, sign_in: SignIn) -> None:
    client, place = sign_in(house.therapist), f"/cases/{case_id}/import"
    first = client.get(place).text
    assert flaws(first) == [] and "Nothing yet." in first
    shown = send(client, case_id, as_bytes(bundle()))
    assert shown.status_code == 200 and flaws(shown.text) == []
    assert "This kind is not taken over" in shown.text and "Differs from what is here" in shown.text
    assert 'value="Observation (1)"' not in shown.text and "checked" not in shown.text
    assert "Kept Away" not in shown.text
    nothing = client.post(f"{place}/take", data=hidden(shown.text))
    assert nothing.status_code == 422 and "Choose what to take over" in nothing.text
    assert hidden(nothing.text) == hidden(shown.text)
    chosen = hidden(shown.text) | {"take": ["entry[0].resource", "entry[0].resource.contact[0]"]}
    assert client.post(f"{place}/take", data=chosen).status_code == 303
    after = client.get(place).text
    assert flaws(after) == [] and "Details of the client" in after and "Harbour records" in after
    assert "Tomás O&#39;Brien" in client.get(f"/cases/{case_id}/elsewhere").text
    stale = client.post(f"{place}/take", data=chosen)
    assert stale.status_code == 409 and "changed since the file was shown" in stale.text
    assert client.get(f"{place}/take").status_code == 200


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Choose the file"),
        (b"[[", "not JSON"),
        (as_bytes({"resourceType": "Patient"}), "a Bundle is expected"),
        (as_bytes(bundle(resources(patient=None))), "exactly one Patient"),
        (
            as_bytes(bundle(resources(patient=resources()["patient"] | {"birthDate": "<b>"}))),
            "entry[0].resource.birthDate",
        ),
        (as_bytes(bundle(resources(patient=resources()["patient"] | {"birthDate": "2020-01-01"}))), "under 18"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_is_wrong_and_keeps_the_system(
    case_id: str, house: House, sign_in: SignIn, data: bytes, words: str
) -> None:
    answer = send(sign_in(house.therapist), case_id, data)
    assert answer.status_code == 422 and flaws(answer.text) == []
    assert words in answer.text and 'value="Harbour records"' in answer.text and "&lt;b" not in answer.text


@pytest.mark.parametrize("packed", ["", "no base64 %%", "AAAA", "eNoDAAAAAAE="])
def test_a_packed_file_that_was_tampered_with_is_refused(
    case_id: str, house: House, sign_in: SignIn, packed: str
) -> None:
    given = {"packed": packed, "system": "x", "seen": "0" * 64, "take": "entry[0].resource"}
    assert sign_in(house.therapist).post(f"/cases/{case_id}/import/take", data=given).status_code == 422


def test_nobody_else_takes_over(case_id: str, house: House, sign_in: SignIn) -> None:
    for actor, status in ((house.supervisor, 403), (house.peer, 404), (house.admin, 403)):
        assert send(sign_in(actor), case_id, as_bytes(bundle())).status_code == status
