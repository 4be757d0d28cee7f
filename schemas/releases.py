"""Consents, releases and what left: what is typed and what is told. Keyed like the drafts of casework."""

from marshmallow import fields

from schemas.fields import CodedField, Ident, Instant, Line, LocalDate, Ticked, Version, Words
from schemas.leaks import confirmed_finds
from schemas.payload import Payload
from schemas.proxy_codes import Chart
from schemas.release_codes import (
    ClientTold,
    ConsentAnswer,
    ConsentKind,
    ContentClass,
    Door,
    LegalBasis,
    ReleaseForm,
    ReleasePurpose,
    ReleaseStatus,
    SaidHow,
    SendRoute,
)


class ConsentSchema(Payload):
    kind = CodedField(ConsentKind, required=True)
    answer = CodedField(ConsentAnswer, required=True)
    on = LocalDate(required=True)
    how = CodedField(SaidHow, required=True)
    note = Words(2_000, load_default="")


class ConsentRecord(Payload):
    id = Ident()
    case_id = Ident()
    kind = CodedField(ConsentKind)
    answer = CodedField(ConsentAnswer)
    on = LocalDate()
    how = CodedField(SaidHow)
    note = fields.String()
    author_name = fields.String()
    at = Instant()


class ReleaseSchema(Payload):
    """One recipient; `words` say the purpose as the client puts it."""

    form = CodedField(ReleaseForm, required=True)
    recipient = Line(200, needed=True)
    address = Words(500, load_default="")
    classes = fields.List(CodedField(ContentClass), load_default=list)
    purpose = CodedField(ReleasePurpose, required=True)
    words = Words(1_000, load_default="")
    route = CodedField(SendRoute, required=True)
    expires_on = LocalDate(required=True)
    confirmed = confirmed_finds()


class SignSchema(Payload):
    """What was said aloud before the client signed."""

    redisclosure = Ticked(load_default=False)
    other_ways = Ticked(load_default=False)
    no_condition = Ticked(load_default=False)
    version = Version()


class RevokeSchema(Payload):
    how = CodedField(SaidHow, required=True)
    note = Words(2_000, load_default="")
    version = Version()


class ReleaseRecord(Payload):
    """`status` is what is stored; a signed release counts through `expires_on`."""

    id = Ident()
    case_id = Ident()
    form = CodedField(ReleaseForm)
    status = CodedField(ReleaseStatus)
    recipient = fields.String(attribute="terms.recipient")
    address = fields.String(attribute="terms.address")
    classes = fields.List(CodedField(ContentClass), attribute="terms.classes")
    purpose = CodedField(ReleasePurpose, attribute="terms.purpose")
    words = fields.String(attribute="terms.words")
    route = CodedField(SendRoute, attribute="terms.route")
    expires_on = LocalDate()
    signed_on = LocalDate(allow_none=True)
    ended_on = LocalDate(allow_none=True)
    ended_how = CodedField(SaidHow, allow_none=True)
    author_name = fields.String()
    version = Version()
    updated_at = Instant()


class DepartureSchema(Payload):
    """To whom something leaves, why, on what ground, and how. An export must say in whose chart it ends up."""

    recipient = Line(200, needed=True)
    basis = CodedField(LegalBasis, required=True)
    purpose = CodedField(ReleasePurpose, required=True)
    route = CodedField(SendRoute, required=True)
    told = CodedField(ClientTold, required=True)
    address = Words(500, load_default="")
    why = Words(1_000, load_default="")
    redactions = Words(1_000, load_default="")
    release_id = Ident(allow_none=True, load_default=None)
    request_id = Ident(allow_none=True, load_default=None)
    chart = CodedField(Chart, allow_none=True, load_default=None)


class DisclosureSchema(DepartureSchema):
    """What left outside of Stepwell: `what` in words."""

    classes = fields.List(CodedField(ContentClass), load_default=list)
    what = Words(2_000, needed=True)


class CorrectionSchema(DepartureSchema):
    """What was wrong, and how it was. The first row stays."""

    what = Words(2_000, needed=True)


class DisclosureRecord(Payload):
    """`corrects` names the row that this one puts right; `digest` is the SHA-256 of what left, if it was a file."""

    id = Ident()
    case_id = Ident()
    at = Instant()
    door = CodedField(Door, attribute="left.door")
    classes = fields.List(CodedField(ContentClass), attribute="left.classes")
    sections = fields.List(fields.String(), attribute="left.sections")
    digest = fields.String(attribute="left.digest")
    recipient = fields.String(attribute="departure.recipient")
    address = fields.String(attribute="departure.address")
    basis = CodedField(LegalBasis, attribute="departure.basis")
    purpose = CodedField(ReleasePurpose, attribute="departure.purpose")
    route = CodedField(SendRoute, attribute="departure.route")
    told = CodedField(ClientTold, attribute="departure.told")
    why = fields.String(attribute="departure.why")
    redactions = fields.String(attribute="departure.redactions")
    release_id = Ident(attribute="departure.release_id", allow_none=True)
    request_id = Ident(attribute="departure.request_id", allow_none=True)
    chart = CodedField(Chart, attribute="departure.chart", allow_none=True)
    by_name = fields.String()
    corrects = Ident(allow_none=True)
