"""A supervision meeting: what is typed about it and what comes back. It is no part of any client's chart."""

from marshmallow import fields

from schemas.fields import CodedField, Ident, Instant, Line, LocalDate, Number, Ticked, Version, Whole, Words
from schemas.payload import Payload, Replacement
from schemas.supervision_codes import SupervisionMode

SHORTEST, LONGEST = 5, 480
WORDS_LONGEST = 8_000
ACTION_LONGEST = 500
HOURS_MOST = 100


class MeetingChangeSchema(Replacement):
    held_on = LocalDate()
    minutes = Whole(SHORTEST, LONGEST)
    mode = CodedField(SupervisionMode)
    words = Words(WORDS_LONGEST)
    version = Version()


class MeetingSchema(Payload):
    """`with_id` is the other of the two: supervisor or supervisee."""

    with_id = Ident(required=True)
    held_on = LocalDate(required=True)
    minutes = Whole(SHORTEST, LONGEST, required=True)
    mode = CodedField(SupervisionMode, required=True)
    words = Words(WORDS_LONGEST, load_default="")


class CaseTouchedSchema(Replacement):
    """What was said about one case. The first time it has no `version`."""

    case_id = Ident()
    decisions = Words(WORDS_LONGEST)
    risks = Words(WORDS_LONGEST)
    version = Version(allow_none=True, load_default=None)


class SupervisionActionSchema(Payload):
    """Something to do, by one of the two, until a day; about a case or about none."""

    owner_id = Ident(required=True)
    words = Line(ACTION_LONGEST, needed=True)
    due_on = LocalDate(required=True)
    case_id = Ident(allow_none=True, load_default=None)


class ActionDoneSchema(Payload):
    done = Ticked(required=True)


class DecisionCopySchema(Payload):
    """A decision on its way into the chart, as an addendum to a signed note of its case."""

    note_id = Ident(required=True)
    text = Words(WORDS_LONGEST, needed=True)


class TargetSchema(Payload):
    """Hours of supervision a month that one therapist should have; null for none agreed."""

    therapist_id = Ident(required=True)
    hours = Number(0, HOURS_MOST, allow_none=True, required=True)


class CaseTouchedRecord(Payload):
    id = Ident()
    case_id = Ident()
    code = fields.String()
    decisions = Words(WORDS_LONGEST)
    risks = Words(WORDS_LONGEST)
    version = Version()


class SupervisionActionRecord(Payload):
    id = Ident()
    case_id = Ident(allow_none=True)
    code = fields.String()
    owner_id = Ident()
    owner_name = fields.String()
    words = fields.String()
    due_on = LocalDate()
    done_at = Instant(allow_none=True)


class SupervisionRecordRecord(Payload):
    id = Ident()
    supervisor_id = Ident()
    supervisor_name = fields.String()
    therapist_id = Ident()
    therapist_name = fields.String()
    held_on = LocalDate()
    minutes = fields.Integer()
    mode = CodedField(SupervisionMode)
    words = Words(WORDS_LONGEST)
    touched = fields.List(fields.Nested(CaseTouchedRecord))
    actions = fields.List(fields.Nested(SupervisionActionRecord))
    version = Version()
    updated_at = Instant()
