"""Session -> Encounter. https://hl7.org/fhir/R4/encounter.html

Rule: only a session that took place is an Encounter; a planned or cancelled one is none. If a session that was
recorded as held turns out not to have been, those who read it before find it as `entered-in-error`, and nobody else
finds anything. One whose note was entered in error is taken back with its history.
"""

from schemas.vocabulary import SessionType
from service.domain.cases import Case
from service.domain.sessions import TherapySession, was_held
from service.fhir.addresses import Addresses
from service.fhir.draft import Made
from service.fhir.labels import ACT_CODE
from service.fhir.shapes import Json, coding, concept, identifier, instant, present, reference

_VIRTUAL = frozenset({SessionType.VIDEO, SessionType.PHONE})


def encounter(session: TherapySession, case: Case, at: Addresses) -> Made:
    held = was_held(session)
    content = present(
        resourceType="Encounter",
        id=session.id,
        identifier=[identifier(at.identifier("session"), session.id)],
        status="finished" if held else "entered-in-error",
        **{"class": _class(session)},
        type=[concept(coding(at.system("session-type"), str(session.type), session.type.label))] if held else None,
        subject=reference("Patient", case.id),
        episodeOfCare=[reference("EpisodeOfCare", case.episode.id)],
        participant=[{"individual": reference("Practitioner", session.author_id)}] if held else None,
        period={"start": instant(session.starts_at), "end": instant(session.ends_at)} if held else None,
        serviceProvider=reference("Organization", case.practice_id),
    )
    date = session.starts_at if held else None
    return Made(content, session.updated_at, date=date, only_if_stored=not held, forgets=session.wrong)


def _class(session: TherapySession) -> Json:
    if session.type in _VIRTUAL:
        return coding(ACT_CODE, "VR", "virtual")
    return coding(ACT_CODE, "AMB", "ambulatory")
