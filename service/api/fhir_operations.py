"""The operations of the FHIR edge: `$everything`, `$document`, `$docref`, `$validate`, Structured Data Capture.

Rule: each reads its parameters and calls one verb of service/fhir; nothing is kept.
"""

from collections.abc import Callable

from flask import Response, request

from schemas.actions import Action
from service.api.fhir import answer, check_format, check_id, fhir
from service.domain.actors import Actor
from service.fhir import document, everything, operations, validation
from service.fhir.operations import Asked, asked
from service.guard import current_actor, needs


@fhir.get("/Patient/<resource_id>/$everything")
@needs(Action.FHIR_READ)
def read_everything(resource_id: str) -> Response:
    check_format()
    check_id(resource_id)
    return answer(everything.everything(current_actor(), resource_id, request.args.items()))


@fhir.get("/Composition/<document_id>/$document")
@fhir.post("/Composition/<document_id>/$document")
@needs(Action.FHIR_READ)
def read_document(document_id: str) -> Response:
    check_format()
    check_id(document_id)
    given = dict(request.args.items())
    if request.method == "POST":
        given |= {name: _word(value).lower() for name, value in asked(request.get_data(), "persist").parts.items()}
    return answer(document.document(current_actor(), document_id, given))


@fhir.get("/DocumentReference/$docref")
@fhir.post("/DocumentReference/$docref")
@needs(Action.FHIR_READ)
def find_documents() -> Response:
    check_format()
    given = dict(request.args.items())
    if request.method == "POST":
        given |= {name: _word(value) for name, value in asked(request.get_data(), "patient").parts.items()}
    return answer(everything.documents(current_actor(), given))


@fhir.post("/<resource_type>/$validate")
@needs(Action.FHIR_READ)
def validate(resource_type: str) -> Response:
    check_format()
    return answer(validation.validate(current_actor(), asked(request.get_data(), "resource"), resource_type))


@fhir.post("/Questionnaire/$populate")
@fhir.post("/Questionnaire/<form_id>/$populate")
@needs(Action.FHIR_READ)
def populate(form_id: str = "") -> Response:
    return _operation(operations.populate, "questionnaire", form_id)


@fhir.get("/Questionnaire/$questionnaire-package")
@fhir.post("/Questionnaire/$questionnaire-package")
@fhir.get("/Questionnaire/<form_id>/$questionnaire-package")
@needs(Action.FHIR_READ)
def package(form_id: str = "") -> Response:
    if request.method == "GET":
        check_format()
        return answer(operations.package(current_actor(), Asked(dict(request.args.items())), form_id))
    return _operation(operations.package, "questionnaire", form_id)


@fhir.post("/QuestionnaireResponse/$extract")
@fhir.post("/QuestionnaireResponse/<intake_id>/$extract")
@needs(Action.FHIR_READ)
def extract(intake_id: str = "") -> Response:
    return _operation(operations.extract, "questionnaire-response", intake_id)


def _operation(work: Callable[[Actor, Asked, str], bytes], bare: str, resource_id: str) -> Response:
    check_format()
    if resource_id:
        check_id(resource_id)
    return answer(work(current_actor(), asked(request.get_data(), bare), resource_id))


def _word(value: object) -> str:
    """A parameter as it would stand in an address; a reference by what it names."""
    return str(value.get("reference", "")) if isinstance(value, dict) else str(value)
