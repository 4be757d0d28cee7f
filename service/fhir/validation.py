"""`$validate`: a resource that somebody holds, checked as ours are before they are stored, and nothing kept.

https://hl7.org/fhir/R4/resource-operation-validate.html. Rule: problems name paths and never repeat a value. Profiles
are not checked, and the answer says so.
"""

from collections.abc import Iterator

from service.casework import publishing
from service.domain.actors import Actor
from service.errors import Invalid, NotFound
from service.fhir import RESOURCES, codes, models, publish
from service.fhir.operations import Asked, answers_in, form_of
from service.fhir.shapes import Json, to_bytes

FINE = "It is well formed, and its required codes are right."
_LABELS = ".meta.security: missing"


def validate(actor: Actor, given: Asked, resource_type: str) -> bytes:
    """An OperationOutcome with one issue for each problem. Raises NotFound for a type that is not on the shelf."""
    if resource_type not in RESOURCES:
        raise NotFound
    publishing.read_definitions(actor, f"{resource_type}/$validate")
    resource = given.resource("resource", resource_type)
    found = [*_problems(actor, resource), *_about_profile(given, resource)]
    return to_bytes(
        {"resourceType": "OperationOutcome", "issue": found or [_issue("information", "informational", FINE)]}
    )


def _problems(actor: Actor, resource: Json) -> Iterator[Json]:
    shape = models.problems_of(resource)
    for each in shape:
        yield _issue("error", "structure", each, f"{resource['resourceType']}.{each.partition(':')[0]}")
    for each in () if shape else codes.problems_of(resource):
        is_label = each.endswith(_LABELS)
        yield _issue("warning" if is_label else "error", "code-invalid", each, each.partition(":")[0])
    if resource["resourceType"] == "QuestionnaireResponse" and not shape:
        yield from _against_form(actor, resource)


def _against_form(actor: Actor, response: Json) -> Iterator[Json]:
    """Whether a response fits the form that it names."""
    try:
        answers_in(form_of(actor, response, publish.addresses()), response)
    except Invalid as error:
        yield _issue("error", "invalid", error.message, *error.fields)


def _about_profile(given: Asked, resource: Json) -> list[Json]:
    meta = resource.get("meta")
    claimed = given.parts.get("profile") or (meta.get("profile") if isinstance(meta, dict) else None)
    return [_issue("warning", "not-supported", "Profiles are not checked here.")] if claimed else []


def _issue(severity: str, code: str, text: str, *expression: str) -> Json:
    place: Json = {"expression": list(expression)} if expression else {}
    return {"severity": severity, "code": code, "diagnostics": text, **place}
