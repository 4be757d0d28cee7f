"""A therapy session as typed and as kept, and the lists of a day."""

from marshmallow import fields

from schemas.cases import DueRecord
from schemas.event_codes import NoteState
from schemas.events import EventRecord
from schemas.fields import WORDS_LONGEST, CodedField, Ident, Instant, Keyed, Line, LocalDate, Several, Version, Words
from schemas.notes import SECTION_LONGEST, NoteRecord, TakenRecord
from schemas.payload import Payload, Replacement
from schemas.session_codes import HomeworkDone, Intervention
from schemas.vocabulary import AskedAnswer, Attendance, NoteFormat, PlanRight, RiskStatus, SessionType


class ReviewedSchema(Payload):
    """An item of earlier homework; without `done` nobody has said yet how it went."""

    item = Line(WORDS_LONGEST, needed=True)
    done = CodedField(HomeworkDone, allow_none=True, load_default=None)
    note = Line(500, load_default="")


class WorkSchema(Replacement):
    """Keyed like domain.session_work.Work."""

    interventions = Several(CodedField(Intervention))
    modality = Line()
    goal_ids = Several(Ident())
    reviewed = Several(fields.Nested(ReviewedSchema))


class SessionSchema(Payload):
    """Keyed like casework.sessions.SessionDraft."""

    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    type = CodedField(SessionType, load_default=SessionType.INDIVIDUAL)
    place = Line(load_default="")
    private = CodedField(AskedAnswer, load_default=AskedAnswer.NOT_ASKED)
    attendance = CodedField(Attendance, load_default=Attendance.PLANNED)
    risk = CodedField(RiskStatus, load_default=RiskStatus.UNRECORDED)
    risk_reason = Words(2_000, load_default="")
    plan_right = CodedField(PlanRight, load_default=PlanRight.UNRECORDED)
    homework_given = Words(load_default="")
    homework_reviewed = Words(load_default="")
    next_on = LocalDate(allow_none=True, load_default=None)
    next_reason = Words(2_000, load_default="")
    work = fields.Nested(WorkSchema, load_default=dict)


class SessionChangeSchema(Replacement, SessionSchema):
    version = Version()


class AttendeeSchema(Payload):
    """`own` goes into this record alone. Without `attendance` the client was not part of the group."""

    attendance = CodedField(Attendance, allow_none=True, load_default=None)
    own = Words(load_default="")


class GroupSchema(Payload):
    """`text` goes into the record of each who came and names nobody. `attendees` by case id."""

    starts_at = Instant(required=True)
    ends_at = Instant(required=True)
    place = Line(load_default="")
    format = CodedField(NoteFormat, required=True)
    text = Words(SECTION_LONGEST, load_default="")
    attendees = Keyed(fields.Nested(AttendeeSchema), required=True)


class AttendanceSchema(Payload):
    attendance = CodedField(Attendance, required=True)
    version = Version()


class SessionRecord(SessionSchema):
    id = Ident()
    case_id = Ident()
    author_id = Ident()
    author_name = fields.String()
    wrong = fields.Boolean()
    version = Version()
    updated_at = Instant()


class CloseStepRecord(Payload):
    """`missing` says what to do; empty when the step holds."""

    key = fields.String()
    label = fields.String()
    missing = fields.String()


class GapRecord(Payload):
    """A loose end of the thread; it blocks nothing."""

    key = fields.String()
    label = fields.String()
    words = fields.String()


class SessionViewRecord(Payload):
    """A session with its note, the events of its case, the steps to signing, the loose ends of the thread, and the
    homework carried over from the session before. `touched`: keys of steps and tasks of the programme.
    """

    session = fields.Nested(SessionRecord)
    note = fields.Nested(NoteRecord, allow_none=True)
    note_state = CodedField(NoteState, allow_none=True)
    events = fields.List(fields.Nested(EventRecord))
    steps = fields.List(fields.Nested(CloseStepRecord))
    gaps = fields.List(fields.Nested(GapRecord))
    carried = fields.List(fields.String())
    touched = fields.List(fields.String())
    trail = fields.List(fields.Nested(TakenRecord))


class AppointmentRecord(Payload):
    session_id = Ident()
    case_id = Ident()
    code = fields.String()
    chosen_name = fields.String()
    type = CodedField(SessionType)
    starts_at = Instant()
    ends_at = Instant()
    attendance = CodedField(Attendance)
    version = Version()


class DayRecord(Payload):
    on = LocalDate()
    zone = fields.String(attribute="practice.zone")
    appointments = fields.List(fields.Nested(AppointmentRecord))
    due = fields.List(fields.Nested(DueRecord))
