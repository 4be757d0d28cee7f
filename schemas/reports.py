"""What to put into a report: the stretch of time and the parts, chosen with the client."""

from marshmallow import fields

from schemas.fields import CodedField, LocalDate, Ticked
from schemas.leaks import confirmed_finds
from schemas.payload import Payload
from schemas.vocabulary import ReportPart


class ProgressSchema(Payload):
    """`signed` is the author's word that the report was read and stands; without it every page says draft."""

    since = LocalDate(required=True)
    until = LocalDate(required=True)
    parts = fields.List(CodedField(ReportPart), load_default=list)
    signed = Ticked(load_default=False)
    confirmed = confirmed_finds()
