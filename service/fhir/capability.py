"""The capability statement, read off the shelf. https://hl7.org/fhir/R4/capabilitystatement.html

Rule: what it declares works; a type or parameter that is not on the shelf is not here.
"""

from service.fhir import RESOURCES, Shelved
from service.fhir.addresses import Addresses
from service.fhir.labels import labels_for
from service.fhir.models import FHIR_VERSION
from service.fhir.search import Parameter
from service.fhir.shapes import Json, present

CHANGED_ON = "2026-11-22"
_TYPES = {
    "id": "token",
    "patient": "reference",
    "date": "date",
    "code": "token",
    "identifier": "token",
    "fixed": "token",
    "category": "token",
    "url": "uri",
    "response-of": "reference",
}
SDC_VERSION = "3.0.0"
"""Of Structured Data Capture. It stands here, not in meta.profile: nothing was validated against its profiles."""
_SDC = "http://hl7.org/fhir/uv/sdc"
_OPERATIONS = {
    "Questionnaire": (("populate", f"{_SDC}/OperationDefinition/Questionnaire-populate|{SDC_VERSION}"),),
    "QuestionnaireResponse": (("extract", f"{_SDC}/OperationDefinition/QuestionnaireResponse-extract|{SDC_VERSION}"),),
}
_SECURITY = (
    "Connected systems send a bearer token that an administrator issued; people are signed in with a cookie. "
    "Every read is audited. Resources of a case are restricted and labelled."
)


def capability_statement(at: Addresses) -> Json:
    rest = {
        "mode": "server",
        "security": {"cors": False, "description": _SECURITY},
        "resource": [_resource(each) for each in RESOURCES.values()],
    }
    return {
        "resourceType": "CapabilityStatement",
        "id": "stepwell",
        "meta": {"security": labels_for("CapabilityStatement")},
        "url": f"{at.canonical}/CapabilityStatement/stepwell",
        "name": "Stepwell",
        "title": "Stepwell FHIR service",
        "status": "active",
        "date": CHANGED_ON,
        "kind": "instance",
        "software": {"name": "Stepwell"},
        "implementation": {"description": "Case management of a psychotherapy practice", "url": at.rest},
        "fhirVersion": FHIR_VERSION,
        "implementationGuide": [f"{_SDC}/ImplementationGuide/hl7.fhir.uv.sdc|{SDC_VERSION}"],
        "format": ["application/fhir+json", "json"],
        "rest": [rest],
    }


def _resource(shelved: Shelved) -> Json:
    codes = ["read", "vread", *(["search-type"] if shelved.searchable else [])]
    return present(
        type=shelved.type,
        documentation=shelved.says,
        interaction=[{"code": code} for code in codes],
        versioning="versioned",
        readHistory=True,
        updateCreate=False,
        searchParam=[_parameter(each) for each in shelved.parameters],
        operation=[{"name": name, "definition": definition} for name, definition in _OPERATIONS.get(shelved.type, ())],
    )


def _parameter(each: Parameter) -> Json:
    return present(name=each.name, type=_TYPES[each.kind], documentation=each.says)
