"""The resources that are definitions and not records: one Questionnaire for each instrument version.

Our own are the same for every practice. An imported form goes out byte for byte as it was received, so the id inside
it may be another than the one it is read by here; it is named by its own url in every response.
"""

from collections.abc import Iterable
from functools import lru_cache

from schemas.instruments import INSTRUMENTS
from schemas.instruments.definition import Instrument
from schemas.programme import PROGRAMMES
from service.casework import publishing
from service.domain.actors import Actor
from service.errors import NotFound
from service.fhir.addresses import Addresses
from service.fhir.programme import definition_name, plan_definition
from service.fhir.questionnaire import questionnaire
from service.fhir.questionnaire_items import version_name
from service.fhir.shapes import to_bytes

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@lru_cache(maxsize=16)
def questionnaires(at: Addresses) -> dict[str, bytes]:
    """Id -> bytes of every form on the shelf of instruments."""
    return {version_name(each): to_bytes(questionnaire(each, at)) for each in INSTRUMENTS}


def read_questionnaire(actor: Actor, resource_id: str, at: Addresses) -> bytes:
    """Our own form, or the file of one that the practice imported. Raises NotFound."""
    subject, own = f"Questionnaire/{resource_id}", questionnaires(at).get(resource_id)
    if own is None:
        key, _, version = resource_id.rpartition("-")
        return publishing.read_form(actor, subject, key, version)
    publishing.read_definitions(actor, subject)
    return own


@lru_cache(maxsize=16)
def plan_definitions(at: Addresses) -> dict[str, bytes]:
    """Id -> bytes of every version of the programme."""
    return {definition_name(each): to_bytes(plan_definition(each, at)) for each in PROGRAMMES}


def read_plan_definition(actor: Actor, resource_id: str, at: Addresses) -> bytes:
    """Raises NotFound."""
    publishing.read_definitions(actor, f"PlanDefinition/{resource_id}")
    found = plan_definitions(at).get(resource_id)
    if found is None:
        raise NotFound
    return found


def every_definition(actor: Actor, resource_type: str, at: Addresses) -> dict[str, bytes]:
    """Id -> bytes of all definitions of a type that the actor's practice has."""
    publishing.read_definitions(actor, resource_type)
    if resource_type == "PlanDefinition":
        return plan_definitions(at)
    imported = originals_of(actor.practice_id, publishing.imported_forms(actor.practice_id))
    return questionnaires(at) | {version_name(each): data for each, data in imported.items()}


def originals_of(practice_id: str, forms: Iterable[Instrument]) -> dict[Instrument, bytes]:
    """The files of imported forms, ready to stand inside other JSON."""
    found = publishing.originals(practice_id, (each for each in forms if each.origin is not None))
    return {each: data.removeprefix(BYTE_ORDER_MARK) for each, data in found.items()}
