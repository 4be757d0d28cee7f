"""The programme: its definition -> PlanDefinition, a case's programme -> CarePlan, its tasks -> Task.

https://hl7.org/fhir/R4/plandefinition.html, careplan.html and task.html

Rule: what is about a client holds codes, states and times, no words: neither what a step is called nor why it was left.
The words stand in the definition, which is about nobody. A programme and a safety plan are told apart by category and
identifier system.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from schemas.programme.definition import Programme as Definition
from schemas.programme.definition import Step, Task
from schemas.programme_codes import EntryKind, StepState, TaskState
from service.domain.programme import Entry, Programme
from service.fhir.addresses import Addresses
from service.fhir.care_plan import CATEGORY
from service.fhir.draft import Made
from service.fhir.labels import labels_for
from service.fhir.shapes import Json, coding, concept, identifier, instant, present, reference

TITLE = "Programme"
KIND, PROGRAMME = "care-plan-kind", "programme"
FIRST_VERSION = "1"
S = StepState
_ACTIVITY: Mapping[StepState, str] = {
    S.OFFERED: "not-started",
    S.ACTIVE: "in-progress",
    S.REVISITING: "in-progress",
    S.PAUSED: "on-hold",
    S.DONE_FOR_NOW: "completed",
    S.NOT_SUITABLE: "cancelled",
}
_TASK: Mapping[TaskState, str] = {
    TaskState.OFFERED: "requested",
    TaskState.DOING: "in-progress",
    TaskState.DONE: "completed",
    TaskState.SKIPPED: "cancelled",
}
# The first that some step is in says how the whole stands.
_STATUS = (
    ((S.OFFERED, S.ACTIVE, S.REVISITING), "active"),
    ((S.PAUSED,), "on-hold"),
    ((S.DONE_FOR_NOW,), "completed"),
    ((S.NOT_SUITABLE,), "revoked"),
)


def definition_name(definition: Definition) -> str:
    """The id that a version of the definition is read by."""
    return f"{definition.key}-{definition.version}"


def definition_url(definition: Definition, at: Addresses) -> str:
    return f"{at.canonical}/PlanDefinition/{definition.key}"


def plan_definition(definition: Definition, at: Addresses) -> Json:
    return present(
        resourceType="PlanDefinition",
        id=definition_name(definition),
        meta={"versionId": FIRST_VERSION, "security": labels_for("PlanDefinition")},
        url=definition_url(definition, at),
        version=definition.version,
        name="SevenSteps",
        title=definition.title,
        status="active",
        description=" ".join(each.text for each in definition.notices),
        copyright=definition.licence,
        action=[_step_action(each, at) for each in definition.steps],
    )


def programme_resources(programme: Programme, at: Addresses) -> list[Made]:
    """The plan and every task that was ever offered; what was taken back is withdrawn. Nothing before a move."""
    first = programme.first
    return [_care_plan(programme, first, at), *_tasks(programme, at)] if first else []


def _step_action(step: Step, at: Addresses) -> Json:
    return {
        "id": f"step-{step.key}",
        "title": step.title,
        "description": step.about,
        "code": [concept(coding(at.system("programme-step"), step.key))],
        "action": [_task_action(each, at) for each in step.tasks],
    }


def _task_action(task: Task, at: Addresses) -> Json:
    code = [concept(coding(at.system("programme-task"), task.key))]
    return {"id": f"task-{task.key}", "title": task.title, "description": task.about, "code": code}


def _care_plan(programme: Programme, first: Entry, at: Addresses) -> Made:
    changed_at, stands = programme.updated_at or first.at, bool(programme.of(EntryKind.MOVE))
    kind = coding(at.system(KIND), PROGRAMME)
    content = present(
        resourceType="CarePlan",
        id=programme.id,
        identifier=[identifier(at.identifier("programme"), programme.id)],
        instantiatesCanonical=[f"{definition_url(programme.definition, at)}|{programme.definition.version}"],
        status=_status(programme) if stands else "entered-in-error",
        intent="plan",
        category=[concept(CATEGORY), concept(kind)],
        title=TITLE,
        subject=reference("Patient", programme.case_id),
        created=instant(first.at),
        author=reference("Practitioner", first.by_id),
        activity=[_activity(each, programme.state(each.key), at) for each in _begun(programme)],
    )
    made = Made(content, changed_at, date=changed_at, code=f"{at.system(KIND)}|{PROGRAMME}", confidentiality="R")
    return made if stands else replace(made, only_if_stored=True)


def _begun(programme: Programme) -> tuple[Step, ...]:
    return programme.steps_in(*_ACTIVITY)


def _status(programme: Programme) -> str:
    return next(status for states, status in _STATUS if programme.steps_in(*states))


def _activity(step: Step, state: StepState, at: Addresses) -> Json:
    code = concept(coding(at.system("programme-step"), step.key), text=f"Topic {step.key}")
    return {"detail": {"kind": "Task", "code": code, "status": _ACTIVITY[state]}}


def _tasks(programme: Programme, at: Addresses) -> Iterator[Made]:
    known = [each for each in programme.entries if each.kind is EntryKind.TASK]
    for key in dict.fromkeys(each.subject for each in known):
        yield _task(programme, [each for each in known if each.subject == key], at)


def _task(programme: Programme, entries: list[Entry], at: Addresses) -> Made:
    """`entries`: everything about one task, in order; the first gives it its id."""
    first, standing = entries[0], [each for each in entries if each.stands]
    changed_at = max(each.undone_at or each.at for each in entries)
    status = _TASK[TaskState(standing[-1].value)] if standing else "entered-in-error"
    content = present(
        resourceType="Task",
        id=first.id,
        identifier=[identifier(at.identifier("programme-task"), first.id)],
        basedOn=[reference("CarePlan", programme.id)],
        status=status,
        intent="plan",
        code=concept(coding(at.system("programme-task"), first.subject), text=f"Task {first.subject}"),
        **{"for": reference("Patient", programme.case_id)},
        executionPeriod=_period(standing),
        authoredOn=instant(first.at),
        lastModified=instant(changed_at),
        requester=reference("Practitioner", first.by_id),
    )
    return Made(content, changed_at, date=first.at, only_if_stored=not standing)


def _period(standing: list[Entry]) -> Json:
    """From when it was begun until it was done; nothing while it is only offered."""
    begun = next((each.at for each in standing if each.value in (TaskState.DOING, TaskState.DONE)), None)
    ended = standing[-1].at if standing and standing[-1].value == TaskState.DONE else None
    return present(start=instant(begun) if begun else "", end=instant(ended) if ended else "")
