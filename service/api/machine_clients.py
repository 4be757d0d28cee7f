"""Connected systems, for administrators. To end one is to end its account: POST /people/ID/end."""

from schemas.actions import Action
from schemas.machine_clients import MachineClientChangeSchema, MachineClientRecord, MachineClientSchema
from service.api.routes import Given, Routes, seen, takes
from service.casework import machine_clients
from service.domain.machine_clients import ClientDraft, MachineClient
from service.domain.scopes import read_scopes
from service.fhir import RESOURCES
from service.guard import current_actor, needs

routes = Routes(
    "Connected systems",
    "Programs that read FHIR data with a key of their own. Asks for a fresh confirmation of identity.",
)


@routes.get("/machine-clients", MachineClientRecord, many=True)
@needs(Action.MACHINE_READ)
def list_machine_clients() -> tuple[MachineClient, ...]:
    """Every connected system of the practice, those in use first."""
    return machine_clients.list_clients(current_actor())


@routes.post("/machine-clients", MachineClientRecord, status=201)
@needs(Action.MACHINE_REGISTER)
@takes(MachineClientSchema)
def register_machine_client(given: Given) -> MachineClient:
    """Register a system with its public keys, or the address of its key set, and the scopes that it may ask for."""
    return machine_clients.register_client(current_actor(), given.pop("name"), given.pop("email"), _draft(given))


@routes.get("/machine-clients/<id:client_id>", MachineClientRecord)
@needs(Action.MACHINE_READ)
def read_machine_client(client_id: str) -> MachineClient:
    """One connected system."""
    return machine_clients.read_client(current_actor(), client_id)


@routes.put("/machine-clients/<id:client_id>", MachineClientRecord)
@needs(Action.MACHINE_CHANGE)
@takes(MachineClientChangeSchema)
def change_machine_client(given: Given, client_id: str) -> MachineClient:
    """Replace its keys and scopes. An older key counts no more from now on."""
    version = seen(given)
    return machine_clients.change_client(current_actor(), client_id, _draft(given), version=version)


def _draft(given: Given) -> ClientDraft:
    names = ("key_url", "keys", "server_url", "server_client_id")
    return ClientDraft(read_scopes(given["scope"], RESOURCES), **{name: given[name] for name in names})
