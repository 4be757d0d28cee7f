"""How often an instrument is due on a case, and refusals to fill one in."""

from marshmallow import fields

from schemas.fields import CodedField, Ident, Instant, LocalDate, Version, Whole, Words
from schemas.payload import Payload, Replacement
from schemas.vocabulary import Rhythm


class ScheduleSchema(Replacement):
    """Keyed like casework.schedules.ScheduleDraft. `version` is null where nothing was agreed before."""

    rhythm = CodedField(Rhythm)
    days = Whole(1, 3_650, allow_none=True)
    until = LocalDate(allow_none=True)
    why = Words(1_000)
    version = Version(allow_none=True, load_default=None)


class RefusalSchema(Payload):
    """The client was asked and declined."""

    declined_at = Instant(required=True)


class ScheduleRecord(Payload):
    """One instrument on a case. `next_due` is null where nothing falls due, or where it was never asked."""

    instrument_key = fields.String(attribute="instrument.key")
    title = fields.String(attribute="instrument.title")
    rhythm = CodedField(Rhythm, attribute="schedule.setting.rhythm")
    days = fields.Integer(attribute="schedule.setting.days", allow_none=True)
    until = LocalDate(attribute="schedule.setting.until", allow_none=True)
    why = fields.String(attribute="schedule.why")
    set_by = fields.String(attribute="schedule.set_by")
    set_at = Instant(attribute="schedule.set_at", allow_none=True)
    last_at = Instant(allow_none=True)
    declined_at = Instant(allow_none=True)
    next_due = LocalDate(allow_none=True)
    standing = fields.Function(lambda line: line.standing.name.casefold(), metadata={"type": "string"})
    version = Version(allow_none=True)


class RefusalRecord(Payload):
    id = Ident()
    case_id = Ident()
    instrument_key = fields.String()
    declined_at = Instant()
    author_name = fields.String()
