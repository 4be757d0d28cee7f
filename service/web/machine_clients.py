"""Connected systems of a practice, for its administrators: registering, changing keys and scopes, what each last did.

Rule: nothing secret passes through here; only the public half of a key is ever typed. Ending one is in people.py.
"""

from typing import Any

from flask import Blueprint, url_for
from flask.wrappers import Response

from schemas.actions import Action
from schemas.machine_clients import MachineClientChangePageSchema, MachineClientPageSchema
from service.casework import bulk_exports
from service.casework import machine_clients as shelf
from service.domain.machine_clients import ClientDraft, MachineClient
from service.domain.scopes import CREATE, SENDING, WRITTEN, allows, in_words, read_scopes, reading_only
from service.fhir import RESOURCES, publish
from service.guard import current_actor, needs
from service.web.forms import form_page, read
from service.web.frame import done, show

page = Blueprint("machine_clients", __name__)
USUAL = {"scopes": "system/*.rs", "sends": False, "key_url": "", "server_url": "", "server_client_id": ""}


@page.get("/people/systems")
@needs(Action.MACHINE_READ)
def clients() -> Response:
    found = shelf.list_clients(current_actor())
    return show("pages/machine_clients/clients.html", task="Connected systems", clients=found)


@page.get("/people/systems/new")
@needs(Action.MACHINE_REGISTER)
def new() -> Response:
    return show("pages/machine_clients/new.html", task="Register a system", shown=USUAL, types=tuple(RESOURCES))


@page.post("/people/systems/new")
@needs(Action.MACHINE_REGISTER)
@form_page(new)
def register() -> Response:
    given = read(MachineClientPageSchema)
    made = shelf.register_client(current_actor(), given["name"], given["email"], _draft(given))
    return done(
        url_for("machine_clients.client", client_id=made.id), "Registered. It reads no case until one is linked."
    )


@page.get("/people/systems/<client_id>")
@needs(Action.MACHINE_READ)
def client(client_id: str) -> Response:
    found = shelf.read_client(current_actor(), client_id)
    return show(
        "pages/machine_clients/client.html",
        task="Connected system",
        client=found,
        shown=_shown(found),
        server_keys=shelf.server_keys(current_actor(), client_id) if found.server_client_id else "",
        exports=bulk_exports.list_exports(current_actor(), client_id),
        base=publish.addresses().rest,
        types=tuple(RESOURCES),
    )


@page.post("/people/systems/<client_id>")
@needs(Action.MACHINE_CHANGE)
@form_page(client)
def change(client_id: str) -> Response:
    given = read(MachineClientChangePageSchema)
    shelf.change_client(current_actor(), client_id, _draft(given), version=given["version"])
    return done(url_for("machine_clients.client", client_id=client_id), "Changed. Older keys count no more.")


def _shown(client: MachineClient) -> dict[str, object]:
    """What stands in the fields of its form."""
    reads = in_words(reading_only(read_scopes(client.scopes)))
    return {**vars(client), "scopes": reads, "sends": allows(client.scopes, WRITTEN, CREATE)}


def _draft(given: dict[str, Any]) -> ClientDraft:
    scopes = f"{given['scope']} {SENDING if given['sends'] else ''}"
    names = ("key_url", "keys", "server_url", "server_client_id")
    return ClientDraft(read_scopes(scopes, RESOURCES), **{name: given[name] for name in names})
