"""The conflict check: the name to check, what its case is told, and the matches that supervisors look into."""

from marshmallow import fields

from schemas.conflict_codes import ConflictAnswer, NamedAs
from schemas.fields import CodedField, Ident, Instant, Line, LocalDate, Ticked, Version
from schemas.payload import Payload, Replacement


class OtherNameSchema(Replacement):
    """The other person's real name; none takes back what was checked. It is hashed and not kept."""

    name = Line(load_default="")
    birth_date = LocalDate(allow_none=True, load_default=None)


class OtherNameForm(Payload):
    """The same from a form."""

    name = Line(load_default="")
    birth_date = LocalDate(allow_none=True, load_default=None)


class ConflictAnswerSchema(Payload):
    answer = CodedField(ConflictAnswer, required=True)
    version = Version()


class StaffMatchRecord(Payload):
    account_id = Ident()
    name = fields.String()
    named_as = CodedField(NamedAs)
    kept_away = Ticked()


class ConflictCheckRecord(Payload):
    """What the people of a case are told: when a name was checked, and who of the staff has it. Never whether another
    case names the person.
    """

    client_at = Instant(allow_none=True)
    other_at = Instant(allow_none=True)
    staff = fields.List(fields.Nested(StaffMatchRecord))


class SideRecord(Payload):
    code = fields.String()
    therapist_name = fields.String()
    named_as = CodedField(NamedAs)


class ConflictRecord(Payload):
    """Two cases that name one person; `by_birth_date`: the dates of birth are the same, too."""

    id = Ident()
    sides = fields.List(fields.Nested(SideRecord))
    by_birth_date = Ticked()
    found_at = Instant()
    answer = CodedField(ConflictAnswer, allow_none=True)
    answered_by = fields.String()
    answered_at = Instant(allow_none=True)
    version = Version()


class ConflictListRecord(Payload):
    conflicts = fields.List(fields.Nested(ConflictRecord))
