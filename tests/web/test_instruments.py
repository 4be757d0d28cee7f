"""The register, and bringing in a form in two steps that need no script."""

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from schemas.actions import Action
from schemas.vocabulary import EventLevel
from service.casework import instruments, records
from service.casework.instruments import Attestation
from service.domain.actors import Actor
from service.domain.imported import Imported
from service.fhir.importing.form import read_form
from tests.builders import House, add_case, add_intake
from tests.forms import sample_bytes, small_form, to_bytes
from tests.web.markup import flaws

SignIn = Callable[[Actor], FlaskClient]


def upload(client: FlaskClient, data: bytes) -> TestResponse:
    given = {"file": (io.BytesIO(data), "form.json")}
    return client.post("/instruments/import", data=given, content_type="multipart/form-data")


def packed_in(page: TestResponse) -> str:
    found = re.search(r'name="packed" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


@pytest.fixture
def brought(app: Flask, house: House) -> Imported:
    data = sample_bytes("scored-screener")
    with app.app_context():
        form = read_form(data, house.practice_id).instrument
        assert form is not None
        return instruments.import_instrument(house.supervisor, form, data, Attestation("Siobhán Byrne"))


def test_the_register_shows_our_own_to_everybody(house: House, sign_in: SignIn) -> None:
    for actor in (house.therapist, house.supervisor, house.admin):
        page = sign_in(actor).get("/instruments")
        assert page.status_code == 200
        assert flaws(page.text) == []
        assert "/instruments/wsl?version=" in page.text


def test_one_of_our_own_shows_version_licence_worth_and_fingerprint(house: House, sign_in: SignIn) -> None:
    page = sign_in(house.therapist).get("/instruments/wsl")
    assert flaws(page.text) == []
    assert "un-normed tracking log" in page.text
    assert re.search(r"[0-9a-f]{64}", page.text)


def test_a_form_is_looked_at_before_it_is_accepted(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.supervisor)
    assert flaws(client.get("/instruments/import").text) == []
    looked = upload(client, sample_bytes("newer-and-beyond"))
    assert looked.status_code == 200
    assert flaws(looked.text) == []
    assert "A file cannot be attached" in looked.text
    assert "A form of a newer make" not in client.get("/instruments").text
    given = {"packed": packed_in(looked), "attested_by": "Siobhán Byrne", "licence": "Free"}
    accepted = client.post("/instruments/accept", data=given)
    assert accepted.status_code == 303
    page = client.get(accepted.headers["Location"])
    assert flaws(page.text) == []
    assert "Siobhán Byrne" in page.text
    assert "A form of a newer make" in client.get("/instruments").text


def test_without_a_name_the_form_is_not_accepted_and_the_preview_stays(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.supervisor)
    packed = packed_in(upload(client, sample_bytes("calculator")))
    refused = client.post("/instruments/accept", data={"packed": packed, "attested_by": "", "licence": "Bought"})
    assert refused.status_code == 422
    assert flaws(refused.text) == []
    assert packed_in(refused) == packed
    assert "Bought" in refused.text


def test_a_form_that_is_refused_says_so_and_has_no_button(house: House, sign_in: SignIn) -> None:
    item = {"linkId": "twice", "type": "string", "text": "Who"}
    page = upload(sign_in(house.admin), to_bytes(small_form(item, item)))
    assert "This form is refused" in page.text
    assert "twice" in page.text
    assert 'name="packed"' not in page.text
    assert flaws(page.text) == []


@pytest.mark.parametrize("packed", ["", "no base64 at all!", "AAAA"])
def test_a_file_that_got_lost_between_the_steps_stores_nothing(house: House, sign_in: SignIn, packed: str) -> None:
    given = {"packed": packed, "attested_by": "Marta", "licence": ""}
    assert sign_in(house.admin).post("/instruments/accept", data=given).status_code == 422


def test_no_file_is_said_at_the_field(house: House, sign_in: SignIn) -> None:
    refused = sign_in(house.admin).post("/instruments/import", data={}, content_type="multipart/form-data")
    assert refused.status_code == 422
    assert "Choose the file of a FHIR Questionnaire." in refused.text


def test_the_original_comes_back_byte_for_byte(house: House, sign_in: SignIn, brought: Imported) -> None:
    key = brought.instrument.key
    answer = sign_in(house.therapist).get(f"/instruments/{key}/1.0.0/original")
    assert answer.data == sample_bytes("scored-screener")
    assert key not in answer.headers["Content-Disposition"]


def test_a_threshold_is_attached_with_its_citation(house: House, sign_in: SignIn, brought: Imported) -> None:
    client, path = sign_in(house.supervisor), f"/instruments/{brought.instrument.key}"
    refused = client.post(f"{path}/1.0.0/threshold", data={"result": "total", "change": "four", "citation": "A"})
    assert refused.status_code == 422
    assert flaws(refused.text) == []
    given = {"result": "total", "change": "4", "citation": "A. Author 2020"}
    assert client.post(f"{path}/1.0.0/threshold", data=given).status_code == 303
    page = client.get(path)
    assert "A. Author 2020" in page.text
    assert flaws(page.text) == []


def test_a_retired_form_says_so(house: House, sign_in: SignIn, brought: Imported) -> None:
    client, path = sign_in(house.admin), f"/instruments/{brought.instrument.key}"
    assert client.post(f"{path}/1.0.0/retire", data={"seen": "1"}).status_code == 303
    page = client.get(path)
    assert "No longer used" in page.text
    assert "Retire this version" not in page.text


def test_a_therapist_sees_the_form_and_changes_nothing(house: House, sign_in: SignIn, brought: Imported) -> None:
    client, path = sign_in(house.therapist), f"/instruments/{brought.instrument.key}"
    assert "Retire this version" not in client.get(path).text
    assert client.get("/instruments/import").status_code == 403
    assert client.post(f"{path}/1.0.0/retire", data={"seen": "1"}).status_code == 403


def test_another_practice_finds_nothing(house: House, sign_in: SignIn, brought: Imported) -> None:
    client, path = sign_in(house.stranger), f"/instruments/{brought.instrument.key}"
    assert brought.instrument.title not in client.get("/instruments").text
    assert client.get(path).status_code == 404
    assert client.get(f"{path}/1.0.0/original").status_code == 404


def test_an_answer_to_the_item_on_self_harm_opens_an_event_that_names_the_sentence(
    app: Flask, house: House, sign_in: SignIn
) -> None:
    data = sample_bytes("mood-nine")
    with app.app_context():
        form = read_form(data, house.practice_id).instrument
        assert form is not None
        brought = instruments.import_instrument(house.supervisor, form, data, Attestation("Siobhán Byrne")).instrument
        case = add_case(house.therapist)
        (trigger,) = brought.triggers
        recorded = add_intake(house.therapist, case.id, {trigger.item: "LA6569-3"}, instrument_key=brought.key)
        (event,) = records.read_record(house.therapist, case.id, Action.INTAKE_READ).events
    assert (event.rule, event.level) == ("TR-1", EventLevel.TODAY)
    client = sign_in(house.therapist)
    for path in (f"/events/{event.id}", f"/intakes/{recorded.intake.id}", f"/cases/{case.id}"):
        page = client.get(path)
        assert page.status_code == 200
        assert flaws(page.text) == []
    assert brought.item(trigger.item).prompt in client.get(f"/events/{event.id}").text


def test_the_page_advises_on_danger_and_keeps_what_was_chosen(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.supervisor)
    looked = upload(client, sample_bytes("calculator"))
    assert "A form about danger, violence or suicide should stay here and be asked by a clinician." in looked.text
    assert re.findall(r'value="(\w+)"[^>]* checked', looked.text) == ["client_with_clinician"]
    given = {"packed": packed_in(looked), "attested_by": "", "informant": "clinician", "stays_home": "yes"}
    refused = client.post("/instruments/accept", data=given)
    assert flaws(refused.text) == []
    assert re.findall(r'value="(\w+)"[^>]* checked', refused.text) == ["clinician", "yes"]
    accepted = client.post("/instruments/accept", data=given | {"attested_by": "Marta"})
    assert accepted.status_code == 303
    page = client.get(accepted.headers["Location"]).text
    assert '<dd dir="auto">clinician</dd>' in page
    assert "The practice keeps the answers to this form here." in page


def test_without_a_choice_a_clinician_asks_and_the_answers_go_out(house: House, sign_in: SignIn) -> None:
    client = sign_in(house.supervisor)
    given = {"packed": packed_in(upload(client, sample_bytes("calculator"))), "attested_by": "Marta"}
    page = client.get(client.post("/instruments/accept", data=given).headers["Location"]).text
    assert '<dd dir="auto">clinician with client</dd>' in page
    assert "They go out with exports and over FHIR." in page
    assert client.post("/instruments/accept", data=given | {"informant": "nobody"}).status_code == 422
