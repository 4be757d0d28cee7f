"""A session to which the client did not come -> Appointment. https://hl7.org/fhir/R4/appointment.html

Rule: a no-show is an Appointment, never an Encounter. What was called off, for the client's protection or by anybody,
is neither; if a no-show turns out to have been something else, those who read it find it `entered-in-error`.
"""

from schemas.vocabulary import Attendance
from service.domain.cases import Case
from service.domain.sessions import TherapySession
from service.fhir.addresses import Addresses
from service.fhir.draft import Made
from service.fhir.shapes import Json, identifier, instant, present, reference


def appointment(session: TherapySession, case: Case, at: Addresses) -> Made:
    missed = session.attendance is Attendance.NO_SHOW and not session.wrong
    content = present(
        resourceType="Appointment",
        id=session.id,
        identifier=[identifier(at.identifier("session"), session.id)],
        status="noshow" if missed else "entered-in-error",
        # Both stay when it was an error: R4 takes an appointment without them only while it is proposed or cancelled.
        start=instant(session.starts_at),
        end=instant(session.ends_at),
        participant=[_participant("Patient", case.id), _participant("Practitioner", session.author_id)],
    )
    date = session.starts_at if missed else None
    return Made(content, session.updated_at, date=date, only_if_stored=not missed, forgets=session.wrong)


def _participant(resource_type: str, resource_id: str) -> Json:
    return {"actor": reference(resource_type, resource_id), "status": "accepted"}
