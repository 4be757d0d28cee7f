"""Account of a clinician -> Practitioner. https://hl7.org/fhir/R4/practitioner.html

Rule: a name and a qualification; no address of any kind. Administrators and connected systems are no practitioners.
"""

from schemas.vocabulary import Role
from service.domain.accounts import Person
from service.fhir.addresses import Addresses
from service.fhir.draft import Made
from service.fhir.shapes import concept, identifier, present

CLINICIANS = frozenset({Role.THERAPIST, Role.SUPERVISOR})


def practitioner(person: Person, at: Addresses) -> Made:
    content = present(
        resourceType="Practitioner",
        id=person.id,
        identifier=[identifier(at.identifier("account"), person.id)],
        active=person.active,
        name=[{"use": "usual", "text": person.name}],
        qualification=[{"code": concept(text=person.qualification)}] if person.qualification.strip() else None,
    )
    return Made(content, person.updated_at)
