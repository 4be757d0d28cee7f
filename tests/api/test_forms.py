"""Bringing in a form over the JSON edge, and reading it back byte for byte there and over FHIR."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from schemas.instruments import find
from service.domain.actors import Actor
from service.domain.disclosures import to_the_client
from service.fhir import bundle, publish
from tests import builders
from tests.builders import House
from tests.forms import NAMES, sample_bytes, small_form, to_bytes

SignIn = Callable[[Actor], FlaskClient]
JSON = "application/json"


def bring(client: FlaskClient, data: bytes, asked: str = "?attested_by=Marta", kind: str = JSON) -> TestResponse:
    return client.post(f"/api/v1/instruments{asked}", data=data, content_type=kind)


def brought(client: FlaskClient, name: str) -> dict[str, Any]:
    answer = bring(client, sample_bytes(name))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_comes_in_and_goes_out_byte_for_byte(house: House, sign_in: SignIn, name: str) -> None:
    client = sign_in(house.supervisor)
    made = brought(client, name)
    assert (made["accepted"], made["stored"], made["version"]) == (True, True, "1.0.0")
    original = client.get(f"/api/v1/instruments/{made['key']}/1.0.0/original")
    assert original.data == sample_bytes(name)
    over_fhir = client.get(f"/fhir/R4/Questionnaire/{made['key']}-1.0.0")
    assert over_fhir.status_code == 200
    assert over_fhir.data == sample_bytes(name)
    assert client.get(f"/api/v1/instruments/{made['key']}").get_json()["fingerprint"] == made["fingerprint"]


def test_a_dry_run_says_everything_and_stores_nothing(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.admin)
    answer = bring(client, sample_bytes("newer-and-beyond"), "?dry_run=true").get_json()
    assert (answer["accepted"], answer["stored"], answer["key"]) == (True, False, "")
    assert {each["link_id"] for each in answer["findings"] if each["weight"] == "unsupported"} >= {"file", "doctor"}
    refused = bring(client, b"{", "?dry_run=true").get_json()
    assert (refused["accepted"], refused["findings"][0]["weight"]) == (False, "refused")


def test_a_refused_form_names_its_item(house: House, sign_in: SignIn) -> None:
    item = {"linkId": "twice", "type": "string", "text": "Who"}
    answer = bring(sign_in(house.admin), to_bytes(small_form(item, item)))
    assert answer.status_code == 422
    assert "twice" in answer.get_json()["errors"]


def test_without_a_name_or_as_another_kind_of_file_it_is_refused(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.admin)
    assert bring(client, sample_bytes("calculator"), "").status_code == 422
    assert bring(client, sample_bytes("calculator"), kind="text/xml").status_code == 415
    assert bring(client, sample_bytes("calculator"), kind="application/fhir+json").status_code == 200


def test_a_therapist_may_not_bring_in_a_form(house: House, sign_in: SignIn) -> None:
    assert bring(sign_in(house.therapist), sample_bytes("calculator")).status_code == 403


def test_another_practice_finds_nothing_over_any_edge(house: House, sign_in: SignIn) -> None:
    key = brought(sign_in(house.supervisor), "calculator")["key"]
    client = sign_in(house.stranger)
    for path in (f"/api/v1/instruments/{key}", f"/api/v1/instruments/{key}/1.0.0/original"):
        assert client.get(path).status_code == 404
    assert client.get(f"/fhir/R4/Questionnaire/{key}-1.0.0").status_code == 404
    assert f"/Questionnaire/{key}" not in client.get("/fhir/R4/Questionnaire").text


def test_an_imported_form_is_found_by_the_url_it_gives_itself(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.supervisor)
    brought(client, "calculator")
    url = json.loads(sample_bytes("calculator"))["url"]
    found = client.get("/fhir/R4/Questionnaire", query_string={"url": url}).get_json()
    assert [each["resource"]["url"] for each in found["entry"]] == [url]


def test_an_export_holds_the_original_of_every_form_that_was_used(app: Flask, house: House, sign_in: SignIn) -> None:
    key = brought(sign_in(house.supervisor), "scored-screener")["key"]
    with app.app_context():
        case = builders.add_case(house.therapist)
        answers = {f"e{number}": "seldom" for number in range(1, 6)}
        builders.add_intake(house.therapist, case.id, answers, instrument_key=key)
        publish.catch_up(case.id)
        body, _manifest = bundle.export(house.therapist, case.id, to_the_client())
        url = find(key).origin
    resources = [each["resource"] for each in json.loads(body)["entry"]]
    assert json.loads(sample_bytes("scored-screener")) in resources
    assert url is not None
    (response,) = [each for each in resources if each["resourceType"] == "QuestionnaireResponse"]
    assert response["questionnaire"] == f"{url.url}|{url.version}"


@pytest.mark.parametrize(
    ("asked", "informant", "home"),
    [
        ("", "client_with_clinician", False),
        ("&informant=client", "client", False),
        ("&informant=clinician&stays_home=true", "clinician", True),
    ],
)
def test_who_answers_and_what_stays_here_are_chosen_in_the_query(
    house: House, sign_in: SignIn, asked: str, informant: str, home: bool
) -> None:
    client = sign_in(house.supervisor)
    made = bring(client, sample_bytes("calculator"), f"?attested_by=Marta{asked}").get_json()
    found = client.get(f"/api/v1/instruments/{made['key']}").get_json()
    assert found["definition"]["informant"] == informant
    assert bool(found["definition"].get("stays_home")) is home


def test_another_word_for_who_answers_is_refused(house: House, sign_in: SignIn) -> None:
    answer = bring(sign_in(house.admin), sample_bytes("calculator"), "?attested_by=Marta&informant=anybody")
    assert answer.status_code == 422
    assert "informant" in answer.get_json()["errors"]
