"""SDC $populate and $extract on the FHIR edge."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.instruments.capture import ContactContext
from schemas.vocabulary import AssignmentKind
from service.casework import instruments
from service.casework.instruments import Attestation
from service.domain.actors import Actor
from service.fhir import publish
from service.fhir.importing.form import read_form
from service.store import cases
from service.store.base import db
from tests import builders
from tests.builders import House
from tests.forms import CALCULATED, small_form, to_bytes

BASE = "/fhir/R4"
Post = Callable[[str, object], tuple[int, Mapping[str, Any]]]


@pytest.fixture
def linked(app: Flask, house: House) -> Mapping[str, str]:
    """A case linked to the connected system, with one log."""
    with app.app_context():
        case = builders.add_case(house.therapist)
        intake = builders.add_intake(house.therapist, case.id).intake
        cases.assign(case.id, house.machine.user_id, AssignmentKind.LINKED)
        db.session.commit()
        publish.drain()
    return {"case": case.id, "intake": intake.id}


@pytest.fixture
def post(client: FlaskClient, house: House) -> Post:
    def posted(path: str, body: object) -> tuple[int, Mapping[str, Any]]:
        given = {"data": body} if isinstance(body, bytes) else {"json": body}
        answer = client.post(f"{BASE}/{path}", headers={"Authorization": f"Bearer {house.machine_token}"}, **given)
        assert answer.content_type.startswith("application/fhir+json")
        return answer.status_code, answer.json or {}

    return posted


@pytest.fixture
def stored(client: FlaskClient, house: House, linked: Mapping[str, str]) -> dict[str, Any]:
    head = {"Authorization": f"Bearer {house.machine_token}"}
    answer = client.get(f"{BASE}/QuestionnaireResponse/{linked['intake']}", headers=head)
    return dict(answer.json or {})


def part(answer: Mapping[str, Any], name: str) -> dict[str, Any]:
    return dict(next(each["resource"] for each in answer["parameter"] if each["name"] == name))


def subject(case_id: str) -> dict[str, object]:
    return {"name": "subject", "valueReference": {"reference": f"Patient/{case_id}"}}


def parameters(*parts: object) -> dict[str, object]:
    return {"resourceType": "Parameters", "parameter": list(parts)}


def test_extracting_gives_the_scores_that_are_stored(
    client: FlaskClient, house: House, linked: Mapping[str, str], stored: dict[str, Any], post: Post
) -> None:
    head = {"Authorization": f"Bearer {house.machine_token}"}
    found = client.get(f"{BASE}/Observation?patient={linked['case']}", headers=head).json or {}
    wanted = sorted(each["resource"]["valueQuantity"]["value"] for each in found["entry"])
    for path, body in (
        (f"QuestionnaireResponse/{linked['intake']}/$extract", {}),
        ("QuestionnaireResponse/$extract", stored),
    ):
        status, answer = post(path, body)
        assert status == 200, answer
        bundle = part(answer, "return")
        assert bundle["type"] == "transaction"
        made = [each["resource"] for each in bundle["entry"]]
        assert sorted(each["valueQuantity"]["value"] for each in made) == wanted
        assert {each["request"]["method"] for each in bundle["entry"]} == {"POST"}
        assert all(each["fullUrl"].startswith("urn:uuid:") and "id" not in each["resource"] for each in bundle["entry"])
        assert {code["code"] for each in made for code in each["meta"]["security"]} >= {"R", "SDV"}


def test_populating_names_the_form_the_client_and_the_moment(linked: Mapping[str, str], post: Post) -> None:
    status, answer = post("Questionnaire/wsl-1.0.0/$populate", parameters(subject(linked["case"])))
    assert status == 200, answer
    made = part(answer, "response")
    assert made["status"] == "in-progress"
    assert made["questionnaire"].endswith("Questionnaire/wsl|1.0.0")
    assert made["subject"] == {"reference": f"Patient/{linked['case']}"}
    assert "authored" in made
    assert "item" not in made


def initially(text: str) -> dict[str, object]:
    return {"url": CALCULATED.replace("calculated", "initial"), "valueExpression": {"expression": text}}


ASKING = small_form(
    {
        "linkId": "now",
        "text": "How do things stand",
        "type": "choice",
        "answerOption": [{"valueCoding": {"code": code, "display": code}} for code in ("together", "on_off")],
        "extension": [initially("%contactContext.coding.code")],
    },
    {
        "linkId": "words",
        "text": "In words",
        "type": "string",
        "extension": [initially("%contactContext.coding.display")],
    },
)


def populated(client: FlaskClient, form_id: str, case_id: str) -> dict[str, Any]:
    answer = client.post(f"{BASE}/Questionnaire/{form_id}/$populate", json=parameters(subject(case_id)))
    assert answer.status_code == 200, answer.text
    return part(answer.json or {}, "response")


def record(app: Flask, actor: Actor, case_id: str, context: ContactContext, day: int) -> str:
    with app.app_context():
        found = builders.add_intake(
            actor, case_id, contact_context=context, authored_at=datetime(2026, 5, day, tzinfo=UTC)
        )
        return found.intake.id


def imported(app: Flask, house: House) -> str:
    with app.app_context():
        data = to_bytes(ASKING)
        instrument = read_form(data, house.supervisor.practice_id).instrument
        assert instrument is not None
        kept = instruments.import_instrument(house.supervisor, instrument, data, Attestation("Pat Doe")).instrument
        return f"{kept.key}-{kept.version}"


def test_the_last_known_context_is_offered_to_the_forms_that_ask_for_it(
    app: Flask, house: House, sign_in: Callable[[Actor], FlaskClient]
) -> None:
    with app.app_context():
        case_id = builders.add_case(house.therapist).id
    form_id, client = imported(app, house), sign_in(house.therapist)
    assert "extension" not in populated(client, "wsl-1.0.0", case_id)
    assert "item" not in populated(client, form_id, case_id)
    record(app, house.therapist, case_id, ContactContext.SEPARATED_NO_CONTACT, 4)
    record(app, house.therapist, case_id, ContactContext.TOGETHER, 11)
    (told,) = populated(client, "wsl-1.0.0", case_id)["extension"]
    assert told["url"].endswith("/contact-context")
    assert told["valueCodeableConcept"]["coding"][0]["code"] == "together"
    answered = {each["linkId"]: each["answer"][0] for each in populated(client, form_id, case_id)["item"]}
    assert answered["now"]["valueCoding"]["code"] == "together"
    assert answered["words"] == {"valueString": "Together"}
    assert "extension" not in populated(client, "spc-1.0.0", case_id)


def test_the_last_known_context_is_not_told_to_a_connected_system(
    app: Flask, house: House, linked: Mapping[str, str], post: Post
) -> None:
    record(app, house.therapist, linked["case"], ContactContext.TOGETHER, 11)
    for form_id in ("wsl-1.0.0", imported(app, house)):
        status, answer = post(f"Questionnaire/{form_id}/$populate", parameters(subject(linked["case"])))
        assert status == 200, answer
        assert not {"extension", "item"} & part(answer, "response").keys()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"questionnaire": "https://elsewhere.example.org/Questionnaire/wsl|1.0.0"}, "questionnaire"),
        ({"questionnaire": 7}, "questionnaire"),
        ({"subject": {"display": "somebody"}}, "subject"),
        ({"item": [{"linkId": "physical", "item": [{"linkId": "P1", "answer": [{"valueInteger": 3}]}]}]}, "P1"),
    ],
)
def test_a_response_that_does_not_fit_is_named_at_its_place(
    stored: dict[str, Any], post: Post, change: dict[str, object], named: str
) -> None:
    status, answer = post("QuestionnaireResponse/$extract", stored | change)
    assert status == 400
    assert answer["issue"][0]["expression"] == [named]


def test_another_version_of_the_form_is_refused(stored: dict[str, Any], post: Post) -> None:
    other = stored | {"questionnaire": stored["questionnaire"].replace("|1.", "|9.")}
    assert post("QuestionnaireResponse/$extract", other)[0] == 400


def test_a_client_that_is_not_the_askers_is_one_that_never_was(
    app: Flask, house: House, stored: dict[str, Any], post: Post
) -> None:
    with app.app_context():
        hidden = builders.add_case(house.therapist).id
        publish.drain()
    answers = []
    for case_id in (hidden, str(uuid4())):
        answers.append(post("Questionnaire/wsl-1.0.0/$populate", parameters(subject(case_id))))
        answers.append(
            post("QuestionnaireResponse/$extract", stored | {"subject": {"reference": f"Patient/{case_id}"}})
        )
    assert {status for status, _ in answers} == {404}
    assert all(answer == answers[0][1] for _, answer in answers)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"resourceType":"Parameters","parameter":"x"}', b"null"])
def test_nonsense_is_refused_in_words(linked: Mapping[str, str], post: Post, body: bytes) -> None:
    for path in ("Questionnaire/$populate", "QuestionnaireResponse/$extract", "Questionnaire/wsl-1.0.0/$populate"):
        status, answer = post(path, body)
        assert status == 400
        assert answer["resourceType"] == "OperationOutcome"
    assert post("Questionnaire/nothing/$populate", body)[0] in (400, 404)


def test_the_capability_statement_names_both(client: FlaskClient) -> None:
    told = (client.get(f"{BASE}/metadata").json or {})["rest"][0]["resource"]
    found = {each["type"]: [one["name"] for one in each.get("operation", ())] for each in told}
    assert found["Questionnaire"] == ["populate", "questionnaire-package", "validate"]
    assert found["QuestionnaireResponse"] == ["extract", "validate"]


def test_the_capability_statement_states_the_version_of_sdc(client: FlaskClient) -> None:
    told = client.get(f"{BASE}/metadata").json or {}
    assert [each.partition("|")[2] for each in told["implementationGuide"]] == ["3.0.0"]
    operations = [one["definition"] for each in told["rest"][0]["resource"] for one in each.get("operation", ())]
    assert {each.partition("|")[2] for each in operations if "/uv/sdc/" in each} == {"3.0.0"}
