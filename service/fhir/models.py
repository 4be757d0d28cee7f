"""The one door to fhir.resources, and the name of the FHIR release: R4.

Its R4B classes have the same elements as R4 4.0.1 for every type we write. They and pydantic are loaded at the first
build, because importing one costs a quarter of a second and 27 MB. They check shapes only; required codes are
checked by service/fhir/codes.py.
"""

import importlib
from functools import cache
from typing import Any

from service.fhir.shapes import Json

FHIR_VERSION = "4.0.1"
_PACKAGE = "fhir.resources.R4B"


def problems_of(resource: Json) -> list[str]:
    """What is wrong with the shape of a resource, as `path: kind`; never repeats a value."""
    try:
        _model(str(resource["resourceType"])).model_validate(resource)
    except importlib.import_module("pydantic").ValidationError as error:
        return [f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in error.errors(include_input=False)]
    return []


@cache
def summary_of(resource_type: str) -> frozenset[str]:
    """The elements of a type that a summary shows."""
    return frozenset(_model(resource_type).summary_elements_sequence()) | needed_of(resource_type)


@cache
def needed_of(resource_type: str) -> frozenset[str]:
    """The elements of a type that must be there."""
    fields = _model(resource_type).model_fields.values()
    return frozenset(each.alias for each in fields if _is_needed(each))


def _is_needed(field: Any) -> bool:
    extra = field.json_schema_extra or {}
    return bool(field.is_required() or extra.get("element_required"))


@cache
def _model(resource_type: str) -> Any:
    return getattr(importlib.import_module(f"{_PACKAGE}.{resource_type.lower()}"), resource_type)
