"""Reads for an actor, over stored bytes. Rule: what is asked about a case is built first if its records
moved on.

No HTTP here: the edge turns what comes back into answers.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from service.casework import resource_reads
from service.domain.actors import Actor
from service.errors import NotFound
from service.fhir import RESOURCES, bundle, publish
from service.fhir.dates import read_range
from service.fhir.definitions import read_plan_definition, read_questionnaire
from service.fhir.questionnaire import FIRST_VERSION
from service.fhir.search import read_query
from service.store.resources import Stored

DEFINED_ON = datetime(2026, 11, 1, tzinfo=UTC)
"""Definitions have no time of their own in the record."""


class Reading(NamedTuple):
    """A resource as it goes out. `updated_at` is None for definitions; `record_type` is what it was made of."""

    body: bytes
    version: str
    updated_at: datetime | None
    record_type: str = ""


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
    return Reading(stored.body, str(stored.version), stored.updated_at, stored.record_type)


def history(actor: Actor, resource_type: str, resource_id: str, given: Iterable[tuple[str, str]]) -> bytes:
    """The versions that are kept of one resource as a history Bundle. Raises NotFound as a read does."""
    at, asked = publish.addresses(), [each for each in given if each[0] in ("_count", "_since")]
    query = read_query(resource_type, [("_count", value) for name, value in asked if name == "_count"], at)
    query = query._replace(used=tuple(asked))
    since = [read_range("_since", value)[1][0] for name, value in asked if name == "_since"]
    found = [each for each in _versions(actor, resource_type, resource_id) if not since or _is_since(each, since[-1])]
    return bundle.history(found[: query.wanted.limit], query, len(found), at)


def _is_since(stored: Stored, moment: datetime | None) -> bool:
    return moment is None or stored.updated_at >= moment


def _versions(actor: Actor, resource_type: str, resource_id: str) -> tuple[Stored, ...]:
    if resource_type not in RESOURCES:
        raise NotFound
    if RESOURCES[resource_type].defined:
        only = _definition(actor, resource_type, resource_id, None)
        made = Stored(resource_type, resource_id, 1, None, actor.practice_id, DEFINED_ON, "", only.body)
        return (made,)
    found = resource_reads.read_versions(actor, resource_type, resource_id)
    if found[0].behind and found[0].case_id:
        publish.catch_up(found[0].case_id)
        found = resource_reads.read_versions(actor, resource_type, resource_id)
    return found


def _definition(actor: Actor, resource_type: str, resource_id: str, version: int | None) -> Reading:
    if version not in (None, int(FIRST_VERSION)):
        raise NotFound
    read_one = read_plan_definition if resource_type == "PlanDefinition" else read_questionnaire
    return Reading(read_one(actor, resource_id, publish.addresses()), FIRST_VERSION, None)
