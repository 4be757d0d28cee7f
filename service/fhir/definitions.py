"""The resources that are definitions and not records: one Questionnaire for each instrument version. Rule: the same
for every practice.
"""

from functools import lru_cache

from schemas.instruments import INSTRUMENTS
from service.errors import NotFound
from service.fhir.addresses import Addresses
from service.fhir.questionnaire import questionnaire
from service.fhir.questionnaire_items import version_name
from service.fhir.search import Query
from service.fhir.shapes import to_bytes


@lru_cache(maxsize=16)
def questionnaires(at: Addresses) -> dict[str, bytes]:
    """Id -> bytes of every form on the shelf of instruments."""
    return {version_name(each): to_bytes(questionnaire(each, at)) for each in INSTRUMENTS}


def questionnaire_bytes(resource_id: str, at: Addresses) -> bytes:
    """Raises NotFound."""
    found = questionnaires(at).get(resource_id)
    if found is None:
        raise NotFound
    return found


def matching(query: Query, at: Addresses) -> dict[str, bytes]:
    """The forms that fit a search by id or canonical address (with or without |version)."""
    ids, wanted = query.wanted.ids, query.url
    return {
        version_name(each): questionnaires(at)[version_name(each)]
        for each in INSTRUMENTS
        if (ids is None or version_name(each) in ids)
        and wanted in ("", at.questionnaire(each.key), f"{at.questionnaire(each.key)}|{each.version}")
    }
