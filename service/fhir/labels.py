"""Security labels: what is asked of everybody who receives a resource. Rule: no resource leaves without one
confidentiality code.

Labels are requests and many systems ignore them, so content is minimised first. Codes and displays: HL7
v3-Confidentiality and v3-ActCode. SDV covers a partner with psychological control who may try to reach the client
through records.
"""

from collections.abc import Iterable
from functools import lru_cache

from service.fhir.shapes import Json, coding

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
DIRECTORY_TYPES = frozenset(
    {
        "Practitioner",
        "PractitionerRole",
        "Organization",
        "Questionnaire",
        "PlanDefinition",
        "CapabilityStatement",
        "OperationOutcome",
    }
)
VERY_RESTRICTED_TYPES = frozenset({"CarePlan"})
_RANK = ("N", "R", "V")
_WORDS = {"N": "normal", "R": "restricted", "V": "very restricted"}
_SENSITIVE = (
    coding(ACT_CODE, "SDV", "sexual assault, abuse, or domestic violence information sensitivity"),
    coding(ACT_CODE, "MH", "mental health information sensitivity"),
)
# What the receiver is asked not to do: pass it on, or show it to family, carers or in a portal they look into.
_REFRAIN = (
    coding(ACT_CODE, "NORDSCLCD", "no redisclosure without consent directive"),
    coding(
        ACT_CODE,
        "NOPAT",
        "no disclosure to patient, family or caregivers without attending provider's authorization",
    ),
)
_OF_A_CASE = (*_SENSITIVE, *_REFRAIN)


def labels_for(resource_type: str, confidentiality: str = "") -> list[Json]:
    """N for directories and definitions; R with SDV, MH and both refrain codes for everything of a case, V for a
    safety plan.

    A resource that holds less than others of its type names its own confidentiality.
    """
    if resource_type in DIRECTORY_TYPES:
        return [_confidentiality("N")]
    usual = "V" if resource_type in VERY_RESTRICTED_TYPES else "R"
    return [_confidentiality(confidentiality or usual), *_OF_A_CASE]


def high_water(resource_types: Iterable[str]) -> list[Json]:
    """The labels of a set: the highest confidentiality that its types can have and every other label
    in it.
    """
    return list(_highest(frozenset(resource_types)))


@lru_cache(maxsize=256)
def _highest(resource_types: frozenset[str]) -> tuple[Json, ...]:
    return tuple(joined(labels_for(each) for each in resource_types))


def joined(labels: Iterable[list[Json]]) -> list[Json]:
    """The same for labels as they stand on resources; on their own they are those of a directory."""
    found = [each for each in labels if each] or [labels_for("Organization")]
    highest = max((str(each[0]["code"]) for each in found), key=_RANK.index)
    return [_confidentiality(highest), *(_OF_A_CASE if any(len(each) > 1 for each in found) else ())]


def _confidentiality(code: str) -> Json:
    return coding(CONFIDENTIALITY, code, _WORDS[code])
