"""`Composition/$document`. https://hl7.org/fhir/R4/composition-operation-document.html

Rule: nothing that a read of each part would not give, or no document at all; nothing is kept. What a connected system
takes as a document is written into the log of what left, with its digest, before the first byte goes out.
"""

from collections.abc import Mapping

import orjson

from schemas.release_codes import Door
from schemas.vocabulary import Role
from service.casework import documents
from service.domain.actors import Actor
from service.domain.disclosures import Left
from service.errors import Invalid
from service.fhir import publish, reading
from service.fhir.classes import held_by, in_order
from service.fhir.document_bundle import digest_of, parts_of, written
from service.fhir.entries import Entry

SAYS_NO = frozenset({"", "false"})
NOT_KEPT = "Documents are put together when asked for; none is kept here."


def document(actor: Actor, composition_id: str, asked: Mapping[str, str]) -> bytes:
    """The Bundle. Raises NotFound as a read does, NotAllowed where the scopes leave out a part, Invalid for `persist`
    and where it may not leave.
    """
    if asked.get("persist", "") not in SAYS_NO:
        raise Invalid(NOT_KEPT, {"persist": NOT_KEPT})
    found = parts_of(composition_id, lambda kind, name: _part(actor, kind, name))
    body = written(found, publish.addresses())
    if actor.role is Role.MACHINE:
        first = orjson.loads(found[0].body)
        held = in_order(each for part in found for each in held_by(part.type, part.record_type))
        left = Left(Door.LINK, held, (f"{first['title']}, as a document",), digest_of(body))
        documents.leave_by_link(actor, _id_of(first["subject"]), left)
    return body


def _part(actor: Actor, kind: str, name: str) -> Entry:
    found = reading.read(actor, kind, name)
    return Entry(kind, name, found.body, record_type=found.record_type)


def _id_of(reference: Mapping[str, str]) -> str:
    return reference["reference"].partition("/")[2]
