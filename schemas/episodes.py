"""The life of an episode of care: a move, the checklist of an ending, a supervisor's answer, taking care up again."""

from marshmallow import fields

from schemas.case_codes import DischargeState, EndReason, EpisodeState
from schemas.fields import CodedField, Ident, Instant, Line, LocalDate, Ticked, Version, Words
from schemas.payload import Payload


class MoveSchema(Payload):
    """`version` is that of the episode."""

    to = CodedField(EpisodeState, required=True)
    why = Words(2_000, needed=True)
    version = Version()


class HandedOverSchema(Payload):
    event_id = Ident(required=True)
    to = Line(load_default="")
    on = LocalDate(allow_none=True, load_default=None)


class ChecklistSchema(Payload):
    """A part that was not done has its reason; `contact_after` is empty for none."""

    reason = CodedField(EndReason, required=True)
    explanation = Words(2_000, load_default="")
    measures_taken = Ticked(load_default=False)
    measures_reason = Words(500, load_default="")
    plan_reviewed = Ticked(load_default=False)
    plan_reason = Words(500, load_default="")
    aftercare_made = Ticked(load_default=False)
    aftercare_reason = Words(500, load_default="")
    contact_after = Words(500, load_default="")
    door_open = Words(2_000, load_default="")
    handed_over = fields.List(fields.Nested(HandedOverSchema), load_default=list)


class CloseSchema(ChecklistSchema):
    """`version` is that of the case."""

    version = Version()


class CosignSchema(Payload):
    agreed = Ticked(required=True)
    words = Words(2_000, load_default="")


class ReopenSchema(Payload):
    to = CodedField(EpisodeState, required=True)
    why = Words(2_000, needed=True)
    version = Version()


class MoveRecord(Payload):
    before = CodedField(EpisodeState, allow_none=True)
    after = CodedField(EpisodeState)
    at = Instant()
    by = fields.String()
    why = fields.String()


class DischargeRecord(Payload):
    state = CodedField(DischargeState)
    checklist = fields.Nested(ChecklistSchema)
    at = Instant()
    by = fields.String()
    answered_by = fields.String()
    answered_at = Instant(allow_none=True)
    answer = fields.String()


class EpisodeStory(Payload):
    """An episode with its moves and how it ended."""

    id = Ident()
    status = CodedField(EpisodeState)
    started_on = LocalDate()
    ended_on = LocalDate(allow_none=True)
    earlier_id = Ident(allow_none=True)
    moves = fields.List(fields.Nested(MoveRecord))
    discharge = fields.Nested(DischargeRecord, allow_none=True)
    version = Version()
    updated_at = Instant()
