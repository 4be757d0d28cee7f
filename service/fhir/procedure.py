"""The interventions of a signed session -> Procedure, one each. https://hl7.org/fhir/R4/procedure.html

Rule: only what is frozen is told, by its code alone; free words stay home. So do safety planning and referrals to an
advocate: whoever reads the record elsewhere must not learn from it that somebody prepares to leave.
"""

from collections.abc import Iterator

from schemas.session_codes import Intervention
from service.domain.cases import Case
from service.domain.sessions import TherapySession, was_held
from service.fhir.addresses import Addresses
from service.fhir.draft import Made
from service.fhir.shapes import coding, concept, identifier, instant, present, reference

STAY_HOME = frozenset({Intervention.SAFETY_PLANNING, Intervention.ADVOCACY_REFERRAL})


def procedures(session: TherapySession, case: Case, at: Addresses, *, wrong: bool) -> Iterator[Made]:
    """`wrong`: the note was entered in error, and what was told is taken back."""
    if wrong:
        yield from (_taken_back(session, case, number) for number in range(1, len(Intervention) + 1))
    elif was_held(session):
        told = [each for each in session.work.interventions if each not in STAY_HOME]
        yield from (_procedure(session, case, at, number, each) for number, each in enumerate(told, 1))


def _procedure(session: TherapySession, case: Case, at: Addresses, number: int, intervention: Intervention) -> Made:
    content = present(
        resourceType="Procedure",
        id=_id(session, number),
        identifier=[identifier(at.identifier("intervention"), _id(session, number))],
        status="completed",
        code=concept(coding(at.system("intervention"), str(intervention), intervention.label)),
        subject=reference("Patient", case.id),
        encounter=reference("Encounter", session.id),
        performedPeriod={"start": instant(session.starts_at), "end": instant(session.ends_at)},
    )
    return Made(content, session.updated_at, date=session.starts_at)


def _taken_back(session: TherapySession, case: Case, number: int) -> Made:
    content = present(
        resourceType="Procedure",
        id=_id(session, number),
        status="entered-in-error",
        subject=reference("Patient", case.id),
    )
    return Made(content, session.updated_at, only_if_stored=True, forgets=True)


def _id(session: TherapySession, number: int) -> str:
    """Tells nothing of the intervention."""
    return f"{session.id}-p{number}"
