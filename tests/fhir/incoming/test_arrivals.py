"""A Bundle of another system is hostile until shown otherwise: each way in which it can be wrong, by its place."""

from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.proxy_codes import ProxyKind
from schemas.takeover_codes import OutsideType
from schemas.vocabulary import Gender
from service.domain.proxies import Proxy
from service.domain.takeovers import Arrival, Facts
from service.errors import Invalid
from service.fhir.incoming.arrivals import CONTAINED, ELSEWHERE, NO_KIND, NOT_BOOKED, NOT_HERE, OWN, read_arrivals
from tests.builders import House
from tests.incoming import HOLDER, NUMBER, PATIENT, as_bytes, bundle, resources

pytestmark = pytest.mark.usefixtures("context")
T = OutsideType


def arrivals(house: House, value: object) -> dict[str, Arrival]:
    found = read_arrivals(house.therapist, value if isinstance(value, bytes) else as_bytes(value), "Harbour records")
    return {each.at: each for each in found}


def with_patient(**changes: Any) -> dict[str, Any]:
    return bundle(resources(patient=resources()["patient"] | changes))


def with_part(name: str, changes: dict[str, Any]) -> dict[str, Any]:
    return bundle({"patient": resources()["patient"], name: resources()[name] | changes})


def test_what_a_file_holds_is_told_by_its_place(house: House, context: Flask) -> None:
    found = arrivals(house, bundle())
    assert {at: each.type for at, each in found.items()} == {
        "entry[0].resource": T.PATIENT,
        "entry[0].resource.contact[0]": T.CONTACT,
        "entry[1].resource": T.RELATED,
        "entry[2].resource": T.COVERAGE,
        "entry[3].resource": T.PRACTITIONER,
        "entry[4].resource": T.APPOINTMENT,
        "Observation (1)": T.ELSE,
    }
    patient = found["entry[0].resource"]
    assert (patient.identifier, patient.title) == (f"{NUMBER}|77-31", "Zoë Ada Okonkwo-Šimić")
    assert isinstance(patient.value, Facts)
    assert (patient.value.gender, patient.value.languages) == (Gender.FEMALE, "English, Igbo")
    contact = found["entry[0].resource.contact[0]"].value
    assert contact == Proxy(
        ProxyKind.CONTACT, "Tomás O'Brien", "086 123 4567", "", "12 Harbour Street, Howth", "Harbour records"
    )
    holder = found["entry[2].resource"].value
    assert isinstance(holder, Proxy) and (holder.kind, holder.name) == (ProxyKind.SUBSCRIBER, "Una Fernsby")
    assert found["Observation (1)"].refused == NO_KIND
    assert "Kept Away" not in str(found) and "000 0001" not in str(found)


DEEP: dict[str, Any] = {}
for _level in range(60):
    DEEP = {"x": DEEP}


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (b"", "file"),
        (b"no json", "file"),
        (b"[]", "file"),
        (b'{"resourceType": "Bundle", "resourceType": "Bundle"}', "file"),
        (b'{"a": NaN}', "file"),
        (b'{"a": "\\ud800"}', "file"),
        (b"\xff\xfe", "file"),
        (b"[" * 5000 + b"]" * 5000, "file"),
        (b'{"x": "' + b"y" * 2_000_001 + b'"}', "file"),
        ({"resourceType": "Patient"}, "Bundle.resourceType"),
        ({"resourceType": 7}, "Bundle.resourceType"),
        (bundle(entry=None), "Bundle.entry"),
        (bundle(entry={}), "Bundle.entry"),
        (bundle(entry=[]), "Bundle.entry"),
        (bundle(entry=[{}] * 501), "Bundle.entry"),
        (bundle(entry=["x"]), "entry[0]"),
        (bundle(entry=[{"resource": []}]), "entry[0].resource"),
        (bundle(entry=[{"resource": {"resourceType": ["Patient"]}}]), "entry[0].resource.resourceType"),
        (bundle(entry=[{"fullUrl": 3, "resource": {}}]), "entry[0].fullUrl"),
        (bundle({}), "Bundle.entry"),
        (bundle({"related": resources()["related"]}), "Bundle.entry"),
        (bundle({"a": resources()["patient"], "b": {"resourceType": "Patient", "id": "p2"}}), "Bundle.entry"),
        (bundle({"a": resources()["patient"], "b": resources()["patient"]}), "entry[1]"),
        (bundle(extension=DEEP), "Bundle"),
        (with_patient(birthDate="1990"), "entry[0].resource.birthDate"),
        (with_patient(birthDate="1990-02-31"), "entry[0].resource.birthDate"),
        (with_patient(birthDate=19900203), "entry[0].resource.birthDate"),
        (with_patient(gender="x"), "entry[0].resource.gender"),
        (with_patient(name="Zoë"), "entry[0].resource.name"),
        (with_patient(name=[{"given": "Zoë"}]), "entry[0].resource.name[0].given"),
        (with_patient(name=[{"given": [{}]}]), "entry[0].resource.name[0].given"),
        (with_patient(name=[{"family": "x" * 201}]), "entry[0].resource.name[0].family"),
        (with_patient(name=[{}] * 51), "entry[0].resource.name"),
        (with_patient(identifier=[{"system": {}, "value": "1"}]), "entry[0].resource.identifier[0].system"),
        (with_patient(contact={}), "entry[0].resource.contact"),
        (with_patient(contact=[7]), "entry[0].resource.contact[0]"),
        (with_patient(contact=[{"telecom": "0"}]), "entry[0].resource.contact[0].telecom"),
        (with_patient(contained=[{"resourceType": "Patient"}]), "entry[0].resource.contained"),
    ],
)
def test_a_file_that_is_no_file_about_one_client_is_refused_by_its_place(house: House, value: object, at: str) -> None:
    with pytest.raises(Invalid) as refused:
        arrivals(house, value)
    assert list(refused.value.fields) == [at]


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("related", {"patient": {"reference": "urn:uuid:somebody-else"}}, NOT_HERE),
        ("related", {"patient": {"reference": "http://evil.example/Patient/1"}}, NOT_HERE),
        ("related", {"patient": {"reference": "#inside"}}, NOT_HERE),
        ("related", {"patient": {}}, ELSEWHERE),
        ("related", {"patient": {"reference": HOLDER}}, ELSEWHERE),
        ("related", {"patient": "x"}, "an object is expected"),
        ("related", {"contained": [{}]}, CONTAINED),
        ("coverage", {"beneficiary": {"reference": HOLDER}}, NOT_HERE),
        ("coverage", {"subscriber": {"reference": PATIENT}}, OWN),
        ("coverage", {"subscriber": {"reference": "RelatedPerson/nowhere"}}, NOT_HERE),
        ("coverage", {"subscriber": {"display": "Somebody"}}, NOT_HERE),
        ("practitioner", {"name": []}, "a name is expected"),
        ("practitioner", {"qualification": [{"code": "x"}]}, "an object is expected"),
        ("appointment", {"status": "cancelled"}, NOT_BOOKED),
        ("appointment", {"status": None}, "text is expected"),
        ("appointment", {"start": "tomorrow"}, "a time with its offset"),
        ("appointment", {"start": "0001-01-01T00:00:00+14:00"}, "Give a year from 1900 to 2200."),
        ("appointment", {"participant": []}, ELSEWHERE),
        ("appointment", {"participant": [{"actor": {"reference": HOLDER}}]}, ELSEWHERE),
    ],
)
def test_what_does_not_fit_is_refused_by_itself_and_the_rest_stands(
    house: House, name: str, changes: dict[str, Any], words: str
) -> None:
    found = arrivals(house, with_part(name, changes))
    wrong = found["entry[1].resource"]
    assert words in wrong.refused and wrong.refused.startswith("entry[1].resource") and wrong.value is None
    assert isinstance(found["entry[0].resource"].value, Facts)


@pytest.mark.parametrize(
    "response",
    [
        {},
        {"status": "completed", "questionnaire": "https://nowhere.example/form"},
        {"status": "in-progress", "questionnaire": "wsl"},
        {"status": "completed", "item": "x"},
        {"status": "completed", "item": [{"linkId": 7, "answer": [{"valueCoding": []}]}]},
    ],
)
def test_a_response_to_no_form_of_ours_is_refused_by_itself(house: House, response: dict[str, Any]) -> None:
    filled = {"resourceType": "QuestionnaireResponse", "subject": {"reference": PATIENT}} | response
    found = arrivals(house, bundle({"patient": resources()["patient"], "response": filled}))
    assert found["entry[1].resource"].refused.startswith("entry[1].resource.")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(resources())), st.data())
def test_whatever_stands_in_an_element_it_is_taken_or_refused(house: House, name: str, data: st.DataObject) -> None:
    part = resources()[name]
    element = data.draw(st.sampled_from(sorted(part)))
    changed = resources(**{name: part | {element: data.draw(JSON)}})
    with suppress(Invalid):
        assert arrivals(house, bundle(changed))
