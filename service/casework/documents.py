"""Documents on their way to a connected system. Rule: the gate is asked for each, though its link stands."""

from schemas.actions import Action
from schemas.release_codes import ClientTold, LegalBasis, ReleasePurpose, SendRoute
from service.casework.disclosures import disclose
from service.casework.gate import case_unit
from service.domain.actors import Actor
from service.domain.disclosures import Departure, Disclosure, Left
from service.store import accounts

BY_THE_LINK = "Taken as a document by a linked system."


def leave_by_link(actor: Actor, case_id: str, left: Left) -> Disclosure:
    """The row of a document that a connected system takes. Raises Invalid where it may not leave."""
    with case_unit(actor, Action.FHIR_READ, case_id) as (unit, row):
        unit.why = "document"
        given = (accounts.name_of(actor.user_id), LegalBasis.OWN_SYSTEM, ReleasePurpose.TREATMENT, SendRoute.SYSTEM)
        return disclose(unit, row, left, Departure(*given, told=ClientTold.NOT_YET, why=BY_THE_LINK))
