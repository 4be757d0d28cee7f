"""Safety events, their follow-ups and second readers, and the crisis lines of a practice."""

from marshmallow import fields

from schemas.accounts import PersonRecord
from schemas.event_codes import Awaiting, CrisisKind, Disposition, EventStep, ReadingVerdict
from schemas.fields import CodedField, Ident, Instant, Line, LocalDate, Ticked, Version, Whole, Words
from schemas.payload import Page, Payload
from schemas.vocabulary import EventLevel, EventStatus


class EventOpenSchema(Payload):
    level = CodedField(EventLevel, required=True)
    prompt = Line(needed=True)
    session_id = Ident(allow_none=True, load_default=None)


class EventReopenSchema(Payload):
    """What is new about an event that had its follow-up: a new event that names it."""

    level = CodedField(EventLevel, required=True)
    prompt = Line(needed=True)


class FollowUpSchema(Payload):
    """Keyed like domain.events.FollowUp. Which codes ask for `named`, `on` and `detail` is decided there."""

    code = CodedField(Disposition, required=True)
    offered = Words(2_000, needed=True)
    client_wish = Words(2_000, needed=True)
    decided_by = Line(needed=True)
    text = Words(needed=True)
    at = Instant(required=True)
    next_check = LocalDate(required=True, allow_none=True)
    named = Line(load_default="")
    on = LocalDate(allow_none=True, load_default=None)
    detail = Words(2_000, load_default="")
    ends = Ticked(load_default=False)


class DisposeSchema(FollowUpSchema):
    version = Version()


class EventErrorSchema(Payload):
    reason = Words(2_000, needed=True)
    version = Version()


class ReadingSchema(Payload):
    """A second reader's answer; anything but agreement says why."""

    verdict = CodedField(ReadingVerdict, required=True)
    text = Words(2_000, load_default="")
    version = Version()


class EventListSchema(Page):
    status = CodedField(EventStatus)


class EventRecord(Payload):
    """`opened_as` is the level it was opened with, `earlier_id` the event that it takes up again, `awaiting` what a
    second reader is asked for.
    """

    id = Ident()
    case_id = Ident()
    session_id = Ident(allow_none=True)
    intake_id = Ident(allow_none=True)
    level = CodedField(EventLevel)
    opened_as = CodedField(EventLevel)
    rule = fields.String()
    item = fields.String()
    answer = fields.String()
    prompt = fields.String()
    prompts = fields.List(fields.String())
    opened_at = Instant()
    opened_by = fields.String()
    status = CodedField(EventStatus)
    follow_up = fields.Nested(FollowUpSchema, allow_none=True)
    disposed_at = Instant(allow_none=True)
    disposed_by = fields.String()
    check_on = LocalDate(allow_none=True)
    earlier_id = Ident(allow_none=True)
    awaiting = CodedField(Awaiting, allow_none=True)
    awaiting_since = Instant(allow_none=True)
    version = Version()
    updated_at = Instant()


class HappenedRecord(Payload):
    step = CodedField(EventStep)
    at = Instant()
    by = fields.String()
    session_id = Ident(allow_none=True)
    intake_id = Ident(allow_none=True)
    text = fields.String()
    follow_up = fields.Nested(FollowUpSchema, allow_none=True)


class ReadingDeskRecord(Payload):
    """What a second reader sees; of the case the code only. `barred` says why the asker cannot answer, if so."""

    code = fields.String()
    event = fields.Nested(EventRecord)
    history = fields.List(fields.Nested(HappenedRecord))
    barred = fields.String()
    no_step = fields.String()


class WaitingReadingRecord(Payload):
    code = fields.String()
    event = fields.Nested(EventRecord)
    since = Instant()


class LateReadingRecord(Payload):
    """Something that waited over 24 hours for its second reader; of the case the code and the therapist only."""

    code = fields.String()
    therapist_name = fields.String()
    since = Instant()
    readers = fields.List(fields.Nested(PersonRecord))
    others = fields.List(fields.Nested(PersonRecord))


class LateReadingsRecord(Payload):
    """`restricted` counts those on restricted cases, which only the therapist and a cover can read."""

    lines = fields.List(fields.Nested(LateReadingRecord))
    restricted = Whole(0, 2**31 - 1)


class CrisisLineSchema(Payload):
    kind = CodedField(CrisisKind, required=True)
    name = Line(needed=True)
    number = Line(80, needed=True)
    hours = Line(load_default="")


class CrisisPanelSchema(Payload):
    """The whole panel each time; `version` is 0 before the first. Without name and day the lines are not confirmed."""

    lines = fields.List(fields.Nested(CrisisLineSchema), required=True)
    confirmed_by = Line(load_default="")
    confirmed_on = LocalDate(allow_none=True, load_default=None)
    version = Whole(0, 2**31 - 1, required=True)


class CrisisPanelRecord(Payload):
    """`confirm_by` is the last day on which the confirmation counts; `locked` says why no instrument can be used."""

    lines = fields.List(fields.Nested(CrisisLineSchema))
    confirmed_by = fields.String()
    confirmed_on = LocalDate(allow_none=True)
    confirm_by = LocalDate(allow_none=True)
    changed_by = fields.String()
    locked = fields.String()
    version = Whole(0, 2**31 - 1)


class ReaderSchema(Payload):
    account_id = Ident(required=True)


class ReadersRecord(Payload):
    named = fields.List(fields.Nested(PersonRecord))
    others = fields.List(fields.Nested(PersonRecord))
