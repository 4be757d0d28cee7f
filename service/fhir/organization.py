"""Practice -> Organization. https://hl7.org/fhir/R4/organization.html"""

from service.domain.accounts import Practice
from service.fhir.addresses import Addresses
from service.fhir.draft import Made
from service.fhir.shapes import Json, identifier


def organization(practice: Practice, at: Addresses) -> Made:
    content: Json = {
        "resourceType": "Organization",
        "id": practice.id,
        "identifier": [identifier(at.identifier("practice"), practice.id)],
        "active": True,
        "name": practice.name,
    }
    return Made(content, practice.updated_at)
