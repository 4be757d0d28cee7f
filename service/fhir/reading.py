"""Reads for an actor, over stored bytes. Rule: what is asked about a case is built first if its records
moved on.

No HTTP here: the edge turns what comes back into answers.
"""

from dataclasses import dataclass
from datetime import datetime

from service.casework import resource_reads
from service.domain.actors import Actor
from service.errors import NotFound
from service.fhir import RESOURCES, publish
from service.fhir.definitions import read_plan_definition, read_questionnaire
from service.fhir.questionnaire import FIRST_VERSION


@dataclass(frozen=True)
class Reading:
    """A resource as it goes out. `updated_at` is None for definitions."""

    body: bytes
    version: str
    updated_at: datetime | None


def read(actor: Actor, resource_type: str, resource_id: str, version: int | None = None) -> Reading:
    """Raises NotFound for what is unknown, missing, or not the actor's: the three are answered alike."""
    if resource_type not in RESOURCES:
        raise NotFound
    if RESOURCES[resource_type].defined:
        return _definition(actor, resource_type, resource_id, version)
    stored = resource_reads.read_resource(actor, resource_type, resource_id, version)
    if stored.behind and stored.case_id:
        publish.catch_up(stored.case_id)
        stored = resource_reads.read_resource(actor, resource_type, resource_id, version)
    return Reading(stored.body, str(stored.version), stored.updated_at)


def _definition(actor: Actor, resource_type: str, resource_id: str, version: int | None) -> Reading:
    if version not in (None, int(FIRST_VERSION)):
        raise NotFound
    read_one = read_plan_definition if resource_type == "PlanDefinition" else read_questionnaire
    return Reading(read_one(actor, resource_id, publish.addresses()), FIRST_VERSION, None)
