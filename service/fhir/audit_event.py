"""Disclosure -> AuditEvent. https://hl7.org/fhir/R4/auditevent.html

Rule: that something left, when, by whose hand, of which classes and with which digest. Who received it and by which way
stays in the practice's own log. A client's own copies and psychotherapy notes are not told: the entry would say
that there are any.
"""

from collections.abc import Sequence

from schemas.release_codes import OWN_COPIES, ContentClass
from service.domain.cases import Case
from service.domain.disclosures import Disclosure
from service.fhir.addresses import Addresses
from service.fhir.consent import PURPOSES
from service.fhir.draft import Made
from service.fhir.shapes import Json, coding, concept, identifier, instant, present, reference

_HL7 = "http://terminology.hl7.org/CodeSystem"
_DISCLOSE = coding(f"{_HL7}/iso-21089-lifecycle", "disclose", "Disclose Record Lifecycle Event")
_HUMAN = coding(f"{_HL7}/extra-security-role-type", "humanuser", "human user")
_SERVER = coding(f"{_HL7}/security-source-type", "4", "Application Server")
_PERSON = coding(f"{_HL7}/audit-entity-type", "1", "Person")
_THING = coding(f"{_HL7}/audit-entity-type", "2", "System Object")
_PATIENT, _REPORT = coding(f"{_HL7}/object-role", "1", "Patient"), coding(f"{_HL7}/object-role", "3", "Report")
_LIFECYCLE = f"{_HL7}/dicom-audit-lifecycle"
_DISCLOSED = coding(_LIFECYCLE, "11", "Disclosure")
_AMENDED = coding(_LIFECYCLE, "3", "Amendment")


def audit_event(disclosure: Disclosure, case: Case, at: Addresses) -> list[Made]:
    classes = [each for each in disclosure.left.classes if each is not ContentClass.PSYCHOTHERAPY]
    if disclosure.left.door in OWN_COPIES or not classes:
        return []
    purpose = PURPOSES.get(disclosure.departure.purpose)
    content = present(
        resourceType="AuditEvent",
        id=disclosure.id,
        type=_DISCLOSE,
        action="R",
        recorded=instant(disclosure.at),
        outcome="0",
        purposeOfEvent=[concept(purpose)] if purpose else None,
        agent=[
            {
                "type": concept(_HUMAN),
                "who": {"identifier": identifier(at.identifier("account"), disclosure.by_id)},
                "requestor": True,
            }
        ],
        source={"observer": reference("Organization", case.practice_id), "type": [_SERVER]},
        entity=_entities(disclosure, classes, at),
    )
    return [Made(content, disclosure.at, date=disclosure.at)]


def _entities(disclosure: Disclosure, classes: Sequence[ContentClass], at: Addresses) -> list[Json]:
    """Whose record, what left of it, and for a correction the row that it puts right."""
    digest = disclosure.left.digest
    left = present(
        what={"identifier": identifier(at.identifier("document-digest"), digest)} if digest else None,
        type=_THING,
        role=_REPORT,
        lifecycle=_DISCLOSED,
        detail=[{"type": at.system("content-class"), "valueString": str(each)} for each in classes],
    )
    corrected: Json = {
        "what": reference("AuditEvent", disclosure.corrects or ""),
        "type": _THING,
        "lifecycle": _AMENDED,
    }
    whose: Json = {"what": reference("Patient", disclosure.case_id), "type": _PERSON, "role": _PATIENT}
    return [whose, left, *([corrected] if disclosure.corrects else [])]
