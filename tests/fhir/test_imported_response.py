"""The response to an imported form as FHIR."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from schemas.instruments.capture import NonAnswer
from service.fhir.addresses import Addresses
from service.fhir.questionnaire_items import canonical
from service.fhir.questionnaire_response import answers_from, response_items
from service.fhir.shapes import from_bytes, to_bytes
from tests.imported import EVERY_KIND

AT = Addresses("https://stepwell.example.org", "https://stepwell.example.org/fhir/R4")


def test_answers_come_back_from_the_bytes_with_their_digits() -> None:
    answers: Any = {
        "decimal": Decimal("72.50"),
        "people": ({"name": "Zoë", "pets": ({"pet": "cat"}, {"pet": "dog"})}, {"name": "שרה"}),
        "yes": NonAnswer.DECLINED,
    }
    body = to_bytes({"item": response_items(EVERY_KIND, answers, None, AT)})
    assert b'"valueDecimal":72.50' in body
    read = from_bytes(body)
    assert answers_from(EVERY_KIND, read) == answers


def test_a_response_names_the_form_as_the_form_names_itself() -> None:
    assert canonical(EVERY_KIND, AT) == "http://example.org/forms/1|3"
    assert EVERY_KIND.origin is not None
    nameless = replace(EVERY_KIND, origin=replace(EVERY_KIND.origin, url=""))
    assert canonical(nameless, AT) == "https://stepwell.example.org/Questionnaire/form-1|1.0.0"
