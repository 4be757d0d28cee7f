"""A progress note. Which sections a format has is decided in service/domain/notes.py."""

from marshmallow import fields

from schemas.fields import CodedField, Ident, Instant, Keyed, Version, Words
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


class AddendumRecord(Payload):
    id = Ident()
    author_id = Ident()
    author_name = fields.String()
    text = Words(SECTION_LONGEST)
    content_hash = fields.String()
    created_at = Instant()


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
