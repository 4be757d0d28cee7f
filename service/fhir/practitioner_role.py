"""Account of a clinician -> PractitionerRole: in which practice. https://hl7.org/fhir/R4/practitionerrole.html

Rule: that somebody works here and as what; no address, no hours, no place.
"""

from service.domain.accounts import Person
from service.fhir.addresses import Addresses
from service.fhir.draft import Made
from service.fhir.shapes import coding, concept, identifier, present, reference


def practitioner_role(person: Person, at: Addresses) -> Made:
    content = present(
        resourceType="PractitionerRole",
        id=person.id,
        identifier=[identifier(at.identifier("account"), person.id)],
        active=person.active,
        practitioner=reference("Practitioner", person.id),
        organization=reference("Organization", person.practice_id),
        code=[concept(coding(at.system("role"), str(person.role), person.role.label))],
    )
    return Made(content, person.updated_at)
