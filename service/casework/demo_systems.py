"""The connected system of the demo practice: a hospital's portal that may read one case, and a log that the client
filled in there and that nobody looked at yet.
"""

from datetime import datetime, timedelta

from schemas.instruments.capture import CaptureChannel, CaptureContext, ContactContext, PenHolder
from schemas.release_codes import ConsentAnswer, ConsentKind, SaidHow
from schemas.vocabulary import Role
from service.casework import machine_clients, received, releases, system_links
from service.casework.intakes import IntakeDraft
from service.casework.received import Arriving
from service.domain import clock
from service.domain.actors import Actor
from service.domain.machine_clients import ClientDraft
from service.domain.releases import Said
from service.domain.scopes import read_scopes

NAME, EMAIL = "Harbour hospital portal", "portal@harbour.example"
KEYS = "https://portal.harbour.example/keys"
NUMBER = "https://portal.harbour.example/responses|2207"
SCOPES = "system/*.rs system/QuestionnaireResponse.c"
DOMAINS = {"P": (1, 2, 1, 1, 2), "E": (2, 1, 1, 2, 1), "C": (1, 1, 2, 1, 1)}


def write(admin: Actor, actor: Actor, case_id: str, at: datetime) -> None:
    """The system is linked by the client's consent, and sends a log on the evening of the same day."""
    with clock.standing_at(at):
        made = machine_clients.register_client(admin, NAME, EMAIL, ClientDraft(read_scopes(SCOPES), key_url=KEYS))
        said = Said(ConsentKind.RECORD_SYSTEM, ConsentAnswer.GIVEN, at.date(), SaidHow.WRITTEN)
        releases.record_consent(actor, case_id, said)
        system_links.link_system(actor, case_id, made.id)
    with clock.standing_at(at + timedelta(hours=5)):
        system = Actor(made.id, actor.practice_id, Role.MACHINE, NAME, scopes=SCOPES)
        received.receive_responses(system, case_id, (Arriving(_log(), NUMBER),))


def _log() -> IntakeDraft:
    answers = {f"{domain}{number}": str(each) for domain, row in DOMAINS.items() for number, each in enumerate(row, 1)}
    capture = CaptureContext(CaptureChannel.SENT, held_pen=PenHolder.CLIENT)
    contact = ContactContext.SEPARATED_LIMITED_CONTACT
    return IntakeDraft("wsl", dict(answers), capture, contact, clock.now() - timedelta(minutes=10))
