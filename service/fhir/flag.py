"""Safety event -> Flag, only where the practice turned it on. https://hl7.org/fhir/R4/flag.html

Rule: that somebody should speak to a clinician first, since which day, and whether that still holds. Never how soon a
response is due, what opened it or what was done. An event counts until it has ended after a check: no passage of time
takes a Flag away.
"""

from collections.abc import Mapping

from schemas.vocabulary import EventStatus
from service.domain.accounts import Practice
from service.domain.events import SafetyEvent
from service.fhir.addresses import Addresses
from service.fhir.draft import Made
from service.fhir.shapes import coding, concept, day, identifier, present, reference

TEXT = "See clinician before contact"
WITHDRAWN = "entered-in-error"
_SAFETY = coding("http://terminology.hl7.org/CodeSystem/flag-category", "safety", "Safety")
_STATUS: Mapping[EventStatus, str] = {
    EventStatus.OPEN: "active",
    EventStatus.DISPOSED: "active",
    EventStatus.ENDED: "inactive",
    EventStatus.WRONG: WITHDRAWN,
}


def flag(event: SafetyEvent, practice: Practice, at: Addresses) -> Made:
    """Where it is off, those who read one before find that it was withdrawn, and nobody else finds anything."""
    told = practice.flags_leave
    content = present(
        resourceType="Flag",
        id=event.id,
        identifier=[identifier(at.identifier("flag"), event.id)],
        status=_STATUS[event.status] if told else WITHDRAWN,
        category=[concept(_SAFETY)] if told else None,
        code=concept(text=TEXT),
        subject=reference("Patient", event.case_id),
        period={"start": day(event.opened_at.date())} if told else None,
    )
    return Made(
        content,
        event.updated_at,
        date=event.opened_at if told else None,
        only_if_stored=not told or event.status is EventStatus.WRONG,
        forgets=not told,
    )
