"""Reliabilities for the reliable change index."""

from marshmallow import fields

from schemas.fields import CodedField, Ident, Instant, Line, Number, Whole, Words
from schemas.payload import Payload
from schemas.vocabulary import ReliabilityMethod, ReliabilitySource


class ReliabilitySchema(Payload):
    """Keyed like casework.reliabilities.ReliabilityDraft. `part` is the key of a domain, or `total`."""

    instrument_key = Line(64, needed=True)
    part = Line(40, needed=True)
    sd = Number(0.01, 10_000, required=True)
    r = Number(0, 0.9999, required=True)
    n = Whole(2, 10_000_000, required=True)
    population = Line(200, needed=True)
    citation = Words(2_000, needed=True)
    approver = Line(200, needed=True)
    source = CodedField(ReliabilitySource, required=True)
    method = CodedField(ReliabilityMethod, required=True)


class ReliabilityRecord(Payload):
    """One entry; `withdrawn_at` is null while it may stand behind an index."""

    id = Ident()
    instrument_key = fields.String()
    major = fields.Integer()
    part = fields.String()
    sd = fields.Float(attribute="reliability.sd")
    r = fields.Float(attribute="reliability.r")
    n = fields.Integer(attribute="reliability.n")
    population = fields.String(attribute="reliability.population")
    citation = fields.String(attribute="reliability.citation")
    approver = fields.String(attribute="reliability.approver")
    source = CodedField(ReliabilitySource, attribute="reliability.source")
    method = CodedField(ReliabilityMethod, attribute="reliability.method")
    entered_by = fields.String()
    entered_at = Instant()
    withdrawn_at = Instant(allow_none=True)
