"""The programme of a case as typed and as kept, and its definition as shown."""

from marshmallow import fields

from schemas.fields import CodedField, Ident, Instant, Keyed, Line, LocalDate, Version, Whole, Words
from schemas.payload import Payload, Replacement
from schemas.programme_codes import Barrier, Condition, EntryKind, StepState, TaskState

WHY_LONGEST, ANSWER_LONGEST = 2_000, 4_000


class ProgrammeMoveSchema(Payload):
    """Keyed like casework.programmes.MoveDraft; `version` is that of the step."""

    to = CodedField(StepState, required=True)
    why = Words(WHY_LONGEST, needed=True)
    answers = Keyed(Words(ANSWER_LONGEST), load_default=dict)
    version = Version()


class ProgrammeTaskSchema(Replacement):
    """`version` is that of the task."""

    state = CodedField(TaskState)
    note = Words(ANSWER_LONGEST)
    version = Version()


class ProgrammeRulersSchema(Payload):
    """0 to 10 in the client's own view; null where one was left out."""

    importance = Whole(0, 10, allow_none=True, load_default=None)
    confidence = Whole(0, 10, allow_none=True, load_default=None)
    safe_to_act = Whole(0, 10, allow_none=True, load_default=None)
    note = Words(WHY_LONGEST, load_default="")


class ProgrammeConfirmationSchema(Payload):
    """Which condition of step 5, who confirms it, and on which day it was so."""

    condition = CodedField(Condition, required=True)
    name = Line(needed=True)
    on = LocalDate(required=True)


class ProgrammeBarrierSchema(Payload):
    barrier = CodedField(Barrier, required=True)
    words = Words(WHY_LONGEST, load_default="")


class ProgrammeTouchedSchema(Payload):
    """Keys of the steps and tasks that a session touched: "3" or "3c"."""

    touched = fields.List(Line(4), required=True)


class ProgrammeEntryRecord(Payload):
    """One thing that happened. One taken back stays, with the time of that."""

    id = Ident()
    case_id = Ident()
    number = fields.Integer()
    kind = CodedField(EntryKind)
    step = fields.String()
    subject = fields.String()
    value = fields.String()
    why = fields.String(attribute="words.why")
    answers = fields.Dict(keys=fields.String(), values=fields.String(), attribute="words.answers")
    rulers = fields.Dict(keys=fields.String(), values=fields.Integer(), attribute="words.rulers")
    name = fields.String(attribute="words.name")
    on = LocalDate(attribute="words.on", allow_none=True)
    touched = fields.List(fields.String(), attribute="words.touched")
    at = Instant()
    by_name = fields.String()
    undone_at = Instant(allow_none=True)


class ProgrammeTaskRecord(Payload):
    """A task on a case; `state` is null where it was not offered."""

    key = fields.String(attribute="task.key")
    title = fields.String(attribute="task.title")
    elements = fields.List(fields.String(), attribute="task.elements")
    state = CodedField(TaskState, allow_none=True)
    note = fields.String()
    version = Version()


class ProgrammeStepRecord(Payload):
    """A step on a case. `ways` are the states it may go to from here."""

    key = fields.String(attribute="step.key")
    title = fields.String(attribute="step.title")
    state = CodedField(StepState)
    ways = fields.List(CodedField(StepState))
    tasks = fields.List(fields.Nested(ProgrammeTaskRecord))
    version = Version()


class ProgrammeConditionRecord(Payload):
    """A condition of step 5; `by` and `on` where a clinician confirmed it."""

    condition = CodedField(Condition)
    holds = fields.Boolean()
    says = fields.String()
    by = fields.String()
    on = LocalDate(allow_none=True)


class ProgrammeRecord(Payload):
    """The programme of a case."""

    definition_version = fields.String(attribute="programme.definition.version")
    fingerprint = fields.String(attribute="programme.definition.fingerprint")
    steps = fields.List(fields.Nested(ProgrammeStepRecord), attribute="programme.steps")
    conditions = fields.List(fields.Nested(ProgrammeConditionRecord))
    go_through_barriers = fields.Boolean()
    whereabouts = fields.String()


class ProgrammeTouchedRecord(Payload):
    touched = fields.List(fields.String())


class ProgrammePromptRecord(Payload):
    text = fields.String()
    elements = fields.List(fields.String())


class ProgrammeWayRecord(Payload):
    key = fields.String()
    label = fields.String()
    elements = fields.List(fields.String())


class ProgrammeTaskDefinitionRecord(Payload):
    key = fields.String()
    title = fields.String()
    about = fields.String()
    care = fields.String()
    place = fields.String()
    before = fields.String()
    after = fields.String()
    ways = fields.List(fields.Nested(ProgrammeWayRecord))
    elements = fields.List(fields.String())


class ProgrammeQuestionRecord(Payload):
    key = fields.String()
    text = fields.String()


class ProgrammeStepDefinitionRecord(Payload):
    key = fields.String()
    title = fields.String()
    about = fields.String()
    gated = fields.Boolean()
    entry = fields.List(fields.Nested(ProgrammeQuestionRecord))
    exit = fields.List(fields.Nested(ProgrammeQuestionRecord))
    prompts = fields.List(fields.Nested(ProgrammePromptRecord))
    tasks = fields.List(fields.Nested(ProgrammeTaskDefinitionRecord))
    elements = fields.List(fields.String())


class ProgrammeCardRecord(Payload):
    key = fields.String()
    title = fields.String()
    lines = fields.List(fields.String())
    elements = fields.List(fields.String())


class ProgrammeDefinitionRecord(Payload):
    """One version of the programme. `elements` name the parts of the source guide that something comes from."""

    key = fields.String()
    definition_version = fields.String(attribute="version")
    fingerprint = fields.String()
    title = fields.String()
    licence = fields.String()
    notices = fields.List(fields.Nested(ProgrammePromptRecord))
    steps = fields.List(fields.Nested(ProgrammeStepDefinitionRecord))
    cards = fields.List(fields.Nested(ProgrammeCardRecord))
