"""Required code bindings of the resources we write, which fhir.resources does not check (R4 4.0.1 value sets).

A path names elements from the resource down; lists are walked through. `check` gives the paths that hold another code.
"""

from collections.abc import Iterator, Mapping

from service.fhir.shapes import Json

_GENDER = frozenset({"male", "female", "other", "unknown"})
_NAME_USE = frozenset({"usual", "official", "temp", "nickname", "anonymous", "old", "maiden"})
_PUBLICATION = frozenset({"draft", "active", "retired", "unknown"})
_OBSERVATION = frozenset(
    {"registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown"}
)
_EPISODE = frozenset({"planned", "waitlist", "active", "onhold", "finished", "cancelled", "entered-in-error"})
_ITEM_TYPES = frozenset(
    [
        "group",
        "display",
        "boolean",
        "decimal",
        "integer",
        "date",
        "dateTime",
        "time",
        "string",
        "text",
        "url",
        "choice",
        "open-choice",
        "attachment",
        "reference",
        "quantity",
    ]
)

BINDINGS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "Patient": {
        "gender": _GENDER,
        "name.use": _NAME_USE,
        "telecom.system": frozenset({"phone", "fax", "email", "pager", "url", "sms", "other"}),
        "telecom.use": frozenset({"home", "work", "temp", "old", "mobile"}),
    },
    "Practitioner": {"gender": _GENDER, "name.use": _NAME_USE},
    "PractitionerRole": {},
    "Organization": {},
    "EpisodeOfCare": {
        "status": _EPISODE,
        "statusHistory.status": _EPISODE,
    },
    "Encounter": {
        "status": frozenset(
            [
                "planned",
                "arrived",
                "triaged",
                "in-progress",
                "onleave",
                "finished",
                "cancelled",
                "entered-in-error",
                "unknown",
            ]
        )
    },
    "Appointment": {
        "status": frozenset(
            [
                "proposed",
                "pending",
                "booked",
                "arrived",
                "fulfilled",
                "cancelled",
                "noshow",
                "entered-in-error",
                "checked-in",
                "waitlist",
            ]
        ),
        "participant.status": frozenset({"accepted", "declined", "tentative", "needs-action"}),
    },
    "Procedure": {
        "status": frozenset(
            [
                "preparation",
                "in-progress",
                "not-done",
                "on-hold",
                "stopped",
                "completed",
                "entered-in-error",
                "unknown",
            ]
        )
    },
    "Questionnaire": {
        "status": _PUBLICATION,
        "item.type": _ITEM_TYPES,
        "item.item.type": _ITEM_TYPES,
        "item.item.enableWhen.operator": frozenset({"exists", "=", "!=", ">", "<", ">=", "<="}),
        "item.item.enableBehavior": frozenset({"all", "any"}),
    },
    "PlanDefinition": {"status": _PUBLICATION},
    "Task": {
        "status": frozenset(
            [
                "draft",
                "requested",
                "received",
                "accepted",
                "rejected",
                "ready",
                "cancelled",
                "in-progress",
                "on-hold",
                "failed",
                "completed",
                "entered-in-error",
            ]
        ),
        "intent": frozenset(
            [
                "unknown",
                "proposal",
                "plan",
                "order",
                "original-order",
                "reflex-order",
                "filler-order",
                "instance-order",
                "option",
            ]
        ),
    },
    "QuestionnaireResponse": {
        "status": frozenset({"in-progress", "completed", "amended", "entered-in-error", "stopped"})
    },
    "Observation": {"status": _OBSERVATION},
    "CarePlan": {
        "status": frozenset({"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"}),
        "intent": frozenset({"proposal", "plan", "order", "option"}),
        "activity.detail.kind": frozenset(
            [
                "Appointment",
                "CommunicationRequest",
                "DeviceRequest",
                "MedicationRequest",
                "NutritionOrder",
                "Task",
                "ServiceRequest",
                "VisionPrescription",
            ]
        ),
        "activity.detail.status": frozenset(
            [
                "not-started",
                "scheduled",
                "in-progress",
                "on-hold",
                "completed",
                "cancelled",
                "stopped",
                "unknown",
                "entered-in-error",
            ]
        ),
    },
    "Goal": {
        "lifecycleStatus": frozenset(
            [
                "proposed",
                "planned",
                "accepted",
                "active",
                "on-hold",
                "completed",
                "cancelled",
                "entered-in-error",
                "rejected",
            ]
        )
    },
    "ServiceRequest": {
        "status": frozenset({"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"}),
        "intent": frozenset(
            [
                "proposal",
                "plan",
                "directive",
                "order",
                "original-order",
                "reflex-order",
                "filler-order",
                "instance-order",
                "option",
            ]
        ),
        "priority": frozenset({"routine", "urgent", "asap", "stat"}),
    },
    "Condition": {
        "clinicalStatus.coding.code": frozenset(
            {"active", "recurrence", "relapse", "inactive", "remission", "resolved"}
        ),
        "verificationStatus.coding.code": frozenset(
            {"unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error"}
        ),
    },
    "Flag": {"status": frozenset({"active", "inactive", "entered-in-error"})},
    "Consent": {
        "status": frozenset({"draft", "proposed", "active", "rejected", "inactive", "entered-in-error"}),
        "provision.type": frozenset({"deny", "permit"}),
    },
    "AuditEvent": {
        "action": frozenset({"C", "R", "U", "D", "E"}),
        "outcome": frozenset({"0", "4", "8", "12"}),
    },
    "DocumentReference": {
        "status": frozenset({"current", "superseded", "entered-in-error"}),
        "docStatus": frozenset({"preliminary", "final", "amended", "entered-in-error"}),
        "relatesTo.code": frozenset({"replaces", "transforms", "signs", "appends"}),
    },
    "Binary": {},
    "Composition": {
        "status": frozenset({"preliminary", "final", "amended", "entered-in-error"}),
        "attester.mode": frozenset({"personal", "professional", "legal", "official"}),
        "relatesTo.code": frozenset({"replaces", "transforms", "signs", "appends"}),
        "section.text.status": frozenset({"generated", "extensions", "additional", "empty"}),
    },
    "Provenance": {
        "entity.role": frozenset({"derivation", "revision", "quotation", "source", "removal"}),
    },
    "OperationOutcome": {"issue.severity": frozenset({"fatal", "error", "warning", "information"})},
    "CapabilityStatement": {"status": _PUBLICATION, "kind": frozenset({"instance", "capability", "requirements"})},
    "Bundle": {"type": frozenset({"collection", "searchset", "document"})},
}
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "EpisodeOfCare": ("status",),
    "Encounter": ("status", "class"),
    "Appointment": ("status", "participant"),
    "Procedure": ("status", "subject"),
    "Questionnaire": ("status", "url", "version"),
    "QuestionnaireResponse": ("status", "questionnaire", "subject"),
    "Observation": ("status", "code", "subject"),
    "CarePlan": ("status", "intent", "subject"),
    "Goal": ("lifecycleStatus", "description", "subject"),
    "ServiceRequest": ("status", "intent", "subject"),
    "Condition": ("verificationStatus", "subject"),
    "Flag": ("status", "code", "subject"),
    "Consent": ("status", "scope", "category", "patient", "policyRule"),
    "AuditEvent": ("type", "recorded", "agent", "source"),
    "PlanDefinition": ("status", "url", "version"),
    "Task": ("status", "intent", "for"),
    "Composition": ("status", "type", "subject", "date", "author", "title", "section"),
    "DocumentReference": ("status", "docStatus", "content"),
    "Provenance": ("target", "recorded", "agent"),
}


def problems_of(resource: Json) -> list[str]:
    """Paths with a code outside its required value set, missing elements, and missing labels; never the values."""
    kind = str(resource["resourceType"])
    bound = BINDINGS[kind]
    wrong = [
        f"{kind}.{path}: code"
        for path, allowed in bound.items()
        if any(found not in allowed for found in _walk(resource, path.split(".")))
    ]
    wrong += [f"{kind}.{name}: missing" for name in REQUIRED.get(kind, ()) if not resource.get(name)]
    return wrong if _is_labelled(resource) else [*wrong, f"{kind}.meta.security: missing"]


def _walk(value: object, path: list[str]) -> Iterator[object]:
    if isinstance(value, list):
        for each in value:
            yield from _walk(each, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _walk(value[path[0]], path[1:])


def _is_labelled(resource: Json) -> bool:
    meta = resource.get("meta")
    return resource["resourceType"] == "OperationOutcome" or (isinstance(meta, dict) and bool(meta.get("security")))
