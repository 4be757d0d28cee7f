"""Requests for the record: what is typed at each step, and what is told. Keyed like the values of domain/requests."""

from marshmallow import fields

from schemas.fields import CodedField, Ident, Instant, Line, LocalDate, Ticked, Version, Words
from schemas.payload import Payload
from schemas.release_codes import ContentClass
from schemas.request_codes import AskedBy, RefusalReason, RequestKind, RequestStatus, RequestTask


class AskingSchema(Payload):
    """`order`: a court order, or the client's own release, stands beside it; `order_words` say which."""

    kind = CodedField(RequestKind, required=True)
    by = CodedField(AskedBy, required=True)
    name = Line(200, needed=True)
    address = Words(500, load_default="")
    words = Words(4_000, needed=True)
    received_on = LocalDate(required=True)
    due_on = LocalDate(allow_none=True, load_default=None)
    order = Ticked(load_default=False)
    order_words = Words(500, load_default="")


class TaskSchema(Payload):
    task = CodedField(RequestTask, required=True)
    words = Words(2_000, needed=True)
    order = Ticked(load_default=False)
    order_words = Words(500, load_default="")
    version = Version()


class ProposalSchema(Payload):
    classes = fields.List(CodedField(ContentClass), load_default=list)
    items = Words(20_000, needed=True)
    since = LocalDate(allow_none=True, load_default=None)
    until = LocalDate(allow_none=True, load_default=None)
    version = Version()


class SendBackSchema(Payload):
    back = Words(2_000, needed=True)
    version = Version()


class SentBackRecord(Payload):
    words = fields.String()
    on = LocalDate()
    by_name = fields.String()


class RequestRefusalSchema(Payload):
    reason = CodedField(RefusalReason, required=True)
    words = Words(2_000, needed=True)
    version = Version()


class DoneRecord(Payload):
    task = CodedField(RequestTask)
    on = LocalDate()
    by_name = fields.String()
    words = fields.String()


class RequestRecord(Payload):
    """`open_tasks` must be done before anything can be proposed."""

    id = Ident()
    case_id = Ident()
    status = CodedField(RequestStatus)
    kind = CodedField(RequestKind, attribute="asking.kind")
    by = CodedField(AskedBy, attribute="asking.by")
    name = fields.String(attribute="asking.name")
    address = fields.String(attribute="asking.address")
    words = fields.String(attribute="asking.words")
    received_on = LocalDate(attribute="asking.received_on")
    due_on = LocalDate(attribute="asking.due_on", allow_none=True)
    order = fields.Boolean(attribute="asking.order")
    order_words = fields.String(attribute="asking.order_words")
    open_tasks = fields.List(CodedField(RequestTask))
    done = fields.List(fields.Nested(DoneRecord))
    classes = fields.List(CodedField(ContentClass), attribute="proposal.classes")
    items = fields.String(attribute="proposal.items")
    since = LocalDate(attribute="proposal.since", allow_none=True)
    until = LocalDate(attribute="proposal.until", allow_none=True)
    refused_because = CodedField(RefusalReason, attribute="refusal.reason", allow_none=True)
    refused_words = fields.String(attribute="refusal.words", allow_none=True)
    sent_back = fields.Nested(SentBackRecord, attribute="back", allow_none=True)
    author_name = fields.String()
    proposer_name = fields.String()
    approver_name = fields.String()
    version = Version()
    updated_at = Instant()
