"""The capability statement, read off the shelf. https://hl7.org/fhir/R4/capabilitystatement.html

Rule: what it declares works; a type or parameter that is not on the shelf is not here.
"""

from service.domain.scopes import WRITTEN
from service.fhir import RESOURCES, Shelved
from service.fhir.addresses import Addresses
from service.fhir.labels import labels_for
from service.fhir.models import FHIR_VERSION
from service.fhir.parameters import Parameter
from service.fhir.shapes import Json, present

CHANGED_ON = "2026-11-28"
SDC_VERSION = "3.0.0"
"""Of Structured Data Capture. It stands here, not in meta.profile: nothing was validated against its profiles."""
_SDC = "http://hl7.org/fhir/uv/sdc"
_BULK = "http://hl7.org/fhir/uv/bulkdata"
_OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_SERVICE = "http://terminology.hl7.org/CodeSystem/restful-security-service"
_GROUP: Json = {
    "type": "Group",
    "documentation": "The clients of one clinician, by the id of the Practitioner; for export alone.",
    "operation": [{"name": "export", "definition": f"{_BULK}/OperationDefinition/group-export"}],
}
_FHIR, _US = "http://hl7.org/fhir/OperationDefinition", "http://hl7.org/fhir/us/core/OperationDefinition"
_DTR = "http://hl7.org/fhir/us/davinci-dtr/OperationDefinition"
_VALIDATE = ("validate", f"{_FHIR}/Resource-validate")
_OPERATIONS = {
    "Patient": (
        ("everything", f"{_FHIR}/Patient-everything"),
        ("export", f"{_BULK}/OperationDefinition/patient-export"),
    ),
    "Composition": (("document", f"{_FHIR}/Composition-document"),),
    "DocumentReference": (("docref", f"{_US}/docref"),),
    "Questionnaire": (
        ("populate", f"{_SDC}/OperationDefinition/Questionnaire-populate|{SDC_VERSION}"),
        ("questionnaire-package", f"{_DTR}/questionnaire-package"),
    ),
    "QuestionnaireResponse": (("extract", f"{_SDC}/OperationDefinition/QuestionnaireResponse-extract|{SDC_VERSION}"),),
}
_SECURITY = (
    "Connected systems ask for a token with a signed assertion; people are signed in with a cookie. "
    "Every read is audited. A system creates responses of linked clients by system/QuestionnaireResponse.c alone. "
    "Resources of a case are restricted and labelled."
)


def capability_statement(at: Addresses) -> Json:
    rest = {
        "mode": "server",
        "security": _security(at),
        "resource": [*(_resource(each) for each in RESOURCES.values()), _GROUP],
        "interaction": [{"code": "batch"}, {"code": "transaction"}],
        "operation": [
            {
                "name": "export",
                "definition": f"{_BULK}/OperationDefinition/export",
                "documentation": "With _since, _type, _typeFilter and _outputFormat.",
            }
        ],
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
        "instantiates": [f"{_BULK}/CapabilityStatement/bulk-data"],
        "implementationGuide": [f"{_SDC}/ImplementationGuide/hl7.fhir.uv.sdc|{SDC_VERSION}"],
        "format": ["application/fhir+json", "json"],
        "rest": [rest],
    }


def _security(at: Addresses) -> Json:
    endpoint = {"url": "token", "valueUri": f"{at.rest}/auth/token"}
    return {
        "extension": [{"url": _OAUTH_URIS, "extension": [endpoint]}],
        "cors": False,
        "service": [{"coding": [{"system": _SERVICE, "code": "SMART-on-FHIR"}]}],
        "description": _SECURITY,
    }


def _resource(shelved: Shelved) -> Json:
    codes = ["read", "vread", "history-instance", *(["search-type"] if shelved.searchable else [])]
    codes += ["create"] if shelved.type == WRITTEN else []
    return present(
        type=shelved.type,
        documentation=shelved.says,
        interaction=[{"code": code} for code in codes],
        versioning="versioned",
        readHistory=True,
        updateCreate=False,
        conditionalRead="full-support",
        searchInclude=[f"{shelved.type}:{each.name}" for each in shelved.parameters if each.targets],
        searchRevInclude=_backwards(shelved),
        searchParam=[_parameter(each) for each in shelved.parameters],
        operation=[
            {"name": name, "definition": definition}
            for name, definition in (*_OPERATIONS.get(shelved.type, ()), _VALIDATE)
        ],
    )


def _backwards(shelved: Shelved) -> list[str]:
    """What names this type, as Type:parameter."""
    found = ((other, each) for other in RESOURCES.values() for each in other.parameters)
    return [f"{other.type}:{each.name}" for other, each in found if shelved.type in each.targets]


def _parameter(each: Parameter) -> Json:
    return present(name=each.name, type=each.type, documentation=each.says)
