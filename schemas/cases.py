"""A case and its parts: client, contact preferences, record-safety check, the other person, presentation, goals, lists.

A part schema serves both ways: the API and the forms load it, the API dumps it.
"""

from marshmallow import ValidationError, fields
from marshmallow.validate import Regexp

from schemas.case_codes import Concern, EpisodeState, FormulationFactor, GoalReview, WayState, Weekday
from schemas.fields import CodedField, Ident, Instant, Line, LocalDate, Ticked, Version, Words
from schemas.instruments.capture import ContactContext
from schemas.payload import Page, Payload, Replacement
from schemas.vocabulary import (
    AskedAnswer,
    CaseStatus,
    Channel,
    ChannelRule,
    Gender,
    GoalDomain,
    GoalStatus,
)


class ClientSchema(Payload):
    chosen_name = Line(needed=True)
    legal_name = Line(load_default="")
    pronouns = Line(80, load_default="")
    gender = CodedField(Gender, load_default=Gender.UNKNOWN)
    gender_identity = Line(load_default="")
    birth_date = LocalDate(allow_none=True, load_default=None)
    languages = Line(load_default="")
    interpreter = Line(load_default="")
    access_needs = Words(2_000, load_default="")
    address = Words(500, load_default="")


class CaseOpenSchema(ClientSchema):
    """What opening a case takes: the client, the day if it is not today, and where the episode of care starts."""

    opened_on = LocalDate(allow_none=True, load_default=None)
    state = CodedField(EpisodeState, load_default=EpisodeState.ACTIVE)


class ClientChangeSchema(Replacement, ClientSchema):
    version = Version()


def _clock_time() -> Line:
    return Line(
        5, load_default="", validate=Regexp(r"^$|^([01][0-9]|2[0-3]):[0-5][0-9]$", error="Give a time as HH:MM.")
    )


class ChannelSchema(Payload):
    """`days` without any means every day; `start` and `end` are HH:MM."""

    channel = CodedField(Channel, required=True)
    rule = CodedField(ChannelRule, load_default=ChannelRule.NEVER)
    value = Line(load_default="")
    times = Line(load_default="")
    leave_message = Ticked(load_default=False)
    name_clinic = Ticked(load_default=False)
    days = fields.List(CodedField(Weekday), load_default=list)
    start = _clock_time()
    end = _clock_time()


def _each_once(channels: list[dict[str, object]]) -> None:
    if len({channel["channel"] for channel in channels}) < len(channels):
        raise ValidationError("Name each channel once.")


class ContactSchema(Payload):
    channels = fields.List(fields.Nested(ChannelSchema), load_default=list, validate=_each_once)
    code_word = Line(80, load_default="")
    ask_for = Line(load_default="")
    call_as = Line(load_default="")
    never_contact_by = Words(500, load_default="")
    confirmed_on = LocalDate(allow_none=True, load_default=None)


class ContactChangeSchema(Replacement, ContactSchema):
    version = Version()


class WayRecord(Payload):
    """One channel at this moment; `value` is empty where it may not be used."""

    channel = CodedField(Channel)
    state = CodedField(WayState)
    value = fields.String()
    why = fields.String()
    says = fields.List(fields.String())


class ReachRecord(Payload):
    never_by = fields.String()
    code_word = fields.String()
    confirmed_on = LocalDate(allow_none=True)
    due = Ticked()
    ways = fields.List(fields.Nested(WayRecord))


class RecordSafetySchema(Payload):
    asked_on = LocalDate(required=True)
    portal_account = CodedField(AskedAnswer, required=True)
    portal_proxies = CodedField(AskedAnswer, required=True)
    shared_device = CodedField(AskedAnswer, required=True)
    insurance_held = CodedField(AskedAnswer, required=True)
    household_here = CodedField(AskedAnswer, required=True)
    note = Words(2_000, load_default="")


class RecordSafetyChangeSchema(Replacement, RecordSafetySchema):
    version = Version()


class OtherPersonSchema(Payload):
    label = Line(40, needed=True)
    relationship = Line(load_default="")
    current = CodedField(AskedAnswer, load_default=AskedAnswer.NOT_ASKED)
    cohabiting = CodedField(AskedAnswer, load_default=AskedAnswer.NOT_ASKED)


class OtherPersonChangeSchema(Replacement, OtherPersonSchema):
    version = Version()


class PresentationSchema(Payload):
    contact_context = CodedField(ContactContext, load_default=ContactContext.UNSURE)
    concerns = Words(load_default="")
    functional_summary = Words(load_default="")
    co_occurring_care = Words(load_default="")
    medication = Words(load_default="")
    strengths = Words(load_default="")
    main_concerns = fields.List(CodedField(Concern), load_default=list)
    factors = fields.List(CodedField(FormulationFactor), load_default=list)
    formulation = Words(load_default="")


class PresentationChangeSchema(Replacement, PresentationSchema):
    version = Version()


class PresentationFormSchema(PresentationSchema):
    """The same from a form, where a list of which nothing is ticked is not sent."""

    version = Version(required=True)


class GoalSchema(Payload):
    """`words` are the client's own."""

    domain = CodedField(GoalDomain, required=True)
    words = Words(2_000, needed=True)
    measure = Words(2_000, load_default="")
    next_step = Words(2_000, load_default="")
    status = CodedField(GoalStatus, load_default=GoalStatus.ACTIVE)
    target_on = LocalDate(allow_none=True, load_default=None)
    review_on = LocalDate(allow_none=True, load_default=None)
    reviewed_on = LocalDate(allow_none=True, load_default=None)
    review = CodedField(GoalReview, allow_none=True, load_default=None)


class GoalChangeSchema(Replacement, GoalSchema):
    version = Version()


class CoverSchema(Payload):
    account_id = Ident(required=True)
    until = LocalDate(required=True)


class FindSchema(Payload):
    """Goes in a body: a part of a name must not stand in an address."""

    text = Line(80, needed=True)


class CaseListSchema(Page):
    """Which of the own cases; all of them without a status."""

    status = CodedField(CaseStatus)


class EpisodeRecord(Payload):
    id = Ident()
    status = CodedField(EpisodeState)
    started_on = LocalDate()
    ended_on = LocalDate(allow_none=True)
    earlier_id = Ident(allow_none=True)
    version = Version()
    updated_at = Instant()


class GoalRecord(GoalSchema):
    id = Ident()
    case_id = Ident()
    version = Version()
    updated_at = Instant()


class GoalVersionRecord(Payload):
    """What a goal said as of one save; `look` is what a look together brought, where this save told of one."""

    number = fields.Integer()
    at = Instant()
    by = fields.String()
    look = CodedField(GoalReview, allow_none=True)
    said = fields.Nested(GoalSchema)


class CaseRecord(Payload):
    """One case, opened for reading."""

    id = Ident()
    code = fields.String()
    status = CodedField(CaseStatus)
    sealed = Ticked()
    held = Ticked()
    opened_on = LocalDate()
    owner_id = Ident()
    owner_name = fields.String()
    client = fields.Nested(ClientSchema)
    contact = fields.Nested(ContactSchema)
    record_safety = fields.Nested(RecordSafetySchema, allow_none=True)
    other_person = fields.Nested(OtherPersonSchema)
    presentation = fields.Nested(PresentationSchema)
    episode = fields.Nested(EpisodeRecord)
    version = Version()
    updated_at = Instant()


class CoursePointRecord(Payload):
    at = Instant()
    value = fields.Float(allow_none=True)
    prorated = Ticked()


class CaseloadRowRecord(Payload):
    case_id = Ident()
    code = fields.String()
    chosen_name = fields.String()
    therapist_id = Ident()
    therapist_name = fields.String()
    status = CodedField(CaseStatus)
    last_session_at = Instant(allow_none=True)
    next_session_at = Instant(allow_none=True)
    baseline_total = fields.Float(allow_none=True)
    last_total = fields.Float(allow_none=True)
    last_intake_at = Instant(allow_none=True)
    plan_due = LocalDate(allow_none=True)
    unsigned = fields.Integer()
    oldest_unsigned_at = Instant(allow_none=True)
    open_events = fields.Integer()
    open_now_events = fields.Integer()
    course = fields.List(fields.Nested(CoursePointRecord))


class DueRecord(Payload):
    """One thing that waits; `since` is an instant or a day, as ISO 8601 text."""

    kind = fields.Function(lambda due: due.kind.name.casefold(), metadata={"type": "string"})
    case_id = Ident()
    code = fields.String()
    chosen_name = fields.String()
    words = fields.String()
    since = fields.Function(
        lambda due: due.since.isoformat() if due.since else None, metadata={"type": ["string", "null"]}
    )
    overdue = Ticked()


class CaseloadRecord(Payload):
    rows = fields.List(fields.Nested(CaseloadRowRecord))
    due = fields.List(fields.Nested(DueRecord))
