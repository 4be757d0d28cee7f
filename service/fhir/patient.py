"""Case -> Patient. https://hl7.org/fhir/R4/patient.html

Rule: what could lead somebody to the client stays here. The legal name, the address and the other person are never
written; a telephone number or e-mail address only where the client said that the channel is fine to use.
"""

from schemas.vocabulary import CaseStatus, Channel
from service.domain.cases import Case, Client
from service.domain.contact_rules import always_usable
from service.fhir.addresses import Addresses
from service.fhir.draft import Made
from service.fhir.shapes import Json, absent, concept, day, identifier, present, reference

GENDER_IDENTITY = "http://hl7.org/fhir/StructureDefinition/patient-genderIdentity"
_SYSTEMS = {Channel.PHONE: "phone", Channel.TEXT: "sms", Channel.EMAIL: "email"}


def patient(case: Case, at: Addresses) -> Made:
    content = present(
        resourceType="Patient",
        id=case.id,
        extension=_identity(case.client),
        identifier=[identifier(at.identifier("case-code"), case.code)],
        active=case.status is CaseStatus.OPEN,
        name=[{"use": "usual", "text": case.client.chosen_name}],
        telecom=telecom(case),
        gender=str(case.client.gender),
        birthDate=day(case.client.birth_date) if case.client.birth_date else None,
        address=[{"extension": [absent("masked")]}],
        communication=_communication(case.client),
        generalPractitioner=[reference("Practitioner", case.owner_id)],
        managingOrganization=reference("Organization", case.practice_id),
    )
    return Made(content, case.updated_at, code=f"{at.identifier('case-code')}|{case.code}")


def telecom(case: Case) -> list[Json]:
    """Channels that are fine to use at any time, in the client's order; none where some way must never be used."""
    usable = [each for each in always_usable(case.contact) if each.channel in _SYSTEMS]
    return [
        {"system": _SYSTEMS[each.channel], "value": each.value, "rank": rank}
        for rank, each in enumerate(usable, start=1)
    ]


def _identity(client: Client) -> list[Json]:
    if not client.gender_identity.strip():
        return []
    return [{"url": GENDER_IDENTITY, "valueCodeableConcept": concept(text=client.gender_identity)}]


def _communication(client: Client) -> list[Json]:
    return [{"language": concept(text=client.languages)}] if client.languages.strip() else []
