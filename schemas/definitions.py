"""An instrument's definition as the API shows it."""

from marshmallow import fields

from schemas.fields import CodedField, Line, Words
from schemas.instruments.definition import Informant, canonical
from schemas.payload import Payload


class InstrumentVersionSchema(Payload):
    """Which version; the newest without it."""

    version = Line(20, load_default=None)


class InstrumentRecord(Payload):
    """What to know before opening the whole definition."""

    key = fields.String()
    version = fields.String()
    title = fields.String()
    banner = fields.String()
    status = fields.String()
    validation = fields.String()
    fingerprint = fields.String()


class DefinitionRecord(InstrumentRecord):
    """`definition` is the canonical form that the fingerprint is taken of."""

    definition = fields.Function(canonical, metadata={"type": "object"})


class ImportSchema(Payload):
    """Who answers for the right to use a form, and on which grounds; who answers its questions; and whether the answers
    stay here, so that they go into no export. `dry_run` reads the form and stores nothing.
    """

    attested_by = Line(200, load_default="")
    licence = Words(2_000, load_default="")
    informant = CodedField(Informant, load_default=Informant.CLIENT_WITH_CLINICIAN)
    stays_home = fields.Boolean(load_default=False, truthy={"true", "1", ""}, falsy={"false", "0"})
    dry_run = fields.Boolean(load_default=False, truthy={"true", "1", ""}, falsy={"false", "0"})


class FindingRecord(Payload):
    """One remark on a form: refused, unsupported, warning, kept (in the original, without effect here), or a note on
    what the form will do here, such as open a safety event.
    """

    weight = fields.String()
    path = fields.String()
    link_id = fields.String()
    words = fields.String()


class ImportedRecord(Payload):
    """What became of a form. `key` and `version` are empty where nothing was stored."""

    accepted = fields.Boolean()
    stored = fields.Boolean()
    key = fields.String()
    version = fields.String()
    fingerprint = fields.String()
    findings = fields.List(fields.Nested(FindingRecord))
