"""A progress note. Which sections a format has is decided in service/domain/notes.py."""

from marshmallow import fields

from schemas.fields import CodedField, Ident, Instant, Keyed, Line, LocalDate, Ticked, Version, Words
from schemas.note_codes import NoteStep, WorkKind
from schemas.payload import Payload
from schemas.vocabulary import NoteFormat, NoteStatus

SECTION_LONGEST = 20_000


class NoteSchema(Payload):
    """`sections` maps section key to text. A first save has no `version`."""

    format = CodedField(NoteFormat, required=True)
    sections = Keyed(Words(SECTION_LONGEST), required=True)
    version = Version(allow_none=True, load_default=None)


class AddendumSchema(Payload):
    text = Words(SECTION_LONGEST, needed=True)


class ReasonSchema(Payload):
    text = Words(SECTION_LONGEST, needed=True)


class ReturnSchema(ReasonSchema):
    version = Version()


class ErrorAnswerSchema(Payload):
    """`text` is needed where the second reader does not agree."""

    agreed = Ticked(required=True)
    text = Words(SECTION_LONGEST, load_default="")


class AmendmentAnswerSchema(Payload):
    """`text` is the addendum of a request that is accepted, or the reason why it is not."""

    accepted = Ticked(required=True)
    text = Words(SECTION_LONGEST, needed=True)


class JointSchema(Payload):
    """Each person was screened alone: when, and by whom."""

    client_on = LocalDate(required=True)
    client_by = Line(needed=True)
    other_on = LocalDate(required=True)
    other_by = Line(needed=True)
    reason = Words(SECTION_LONGEST, needed=True)


class JointDecisionSchema(Payload):
    allowed = Ticked(required=True)
    reason = Words(SECTION_LONGEST, needed=True)


class TakenRecord(Payload):
    """One row of the trail; `content_hash` is what a cosignature was given to."""

    id = Ident()
    step = CodedField(NoteStep)
    at = Instant()
    by_id = Ident()
    by = fields.String()
    text = fields.String(attribute="words.text")
    content_hash = fields.String(attribute="words.content_hash")
    answers = Ident(allow_none=True)


class AddendumRecord(Payload):
    id = Ident()
    author_id = Ident()
    author_name = fields.String()
    text = Words(SECTION_LONGEST)
    content_hash = fields.String()
    created_at = Instant()
    cosigned = Ticked()


class NoteRecord(Payload):
    id = Ident()
    case_id = Ident()
    session_id = Ident()
    author_id = Ident()
    author_name = fields.String()
    format = CodedField(NoteFormat)
    status = CodedField(NoteStatus)
    sections = fields.Dict(keys=fields.String(), values=fields.String())
    created_at = Instant()
    signed_at = Instant(allow_none=True)
    signed_by = fields.String()
    content_hash = fields.String()
    addenda = fields.List(fields.Nested(AddendumRecord))
    version = Version()
    updated_at = Instant()
    wrong = Ticked()
    trail = fields.List(fields.Nested(TakenRecord))


class NoteReadingRecord(Payload):
    """A note as its second reader or cosigner sees it; `barred` says why you cannot answer."""

    code = fields.String()
    note = fields.Nested(NoteRecord)
    held_at = Instant()
    reason = fields.String()
    barred = fields.String()


class WaitingNoteRecord(Payload):
    code = fields.String()
    note_id = Ident()
    by = fields.String()
    since = Instant()


class WorkRecord(Payload):
    """One thing that waits: where it is stuck, and which ends of the thread are loose."""

    kind = CodedField(WorkKind)
    case_id = Ident()
    code = fields.String()
    chosen_name = fields.String()
    session_id = Ident(allow_none=True)
    subject_id = Ident(allow_none=True)
    since = Instant()
    overdue = Ticked()
    escalated = Ticked()
    mine = Ticked()
    by = fields.String()
    stuck = fields.List(fields.String())
    gaps = fields.List(fields.String())
