"""Accounts: signing in, passwords, codes, the people of a practice and who supervises whom."""

from marshmallow import fields

from schemas.fields import CodedField, Ident, Instant, Line, LocalDate, Secret, Ticked, Version, Whole, WholeText, Words
from schemas.payload import PAGE_LARGEST, Payload
from schemas.vocabulary import Role, Verdict
from schemas.wall_codes import WallStatus


class CredentialsSchema(Payload):
    """The sign-in form; `code` stays empty for people without sign-in codes."""

    email = Line(320, needed=True)
    password = Secret(needed=True)
    code = Secret(20, load_default="")


class PasswordByLinkSchema(Payload):
    password = Secret(needed=True)
    code = Secret(20, load_default="")


class PasswordChangeSchema(Payload):
    current = Secret(load_default="")
    new = Secret(needed=True)


class ConfirmSchema(Payload):
    """Unlocking and confirming identity."""

    password = Secret(needed=True)
    code = Secret(20, load_default="")


class TotpSchema(Payload):
    secret = Secret(64, needed=True)
    code = Secret(20, needed=True)


class NewPersonSchema(Payload):
    name = Line(needed=True)
    email = Line(320, needed=True)
    role = CodedField(Role, required=True)
    qualification = Line(load_default="")


class SupervisionSchema(Payload):
    supervisor_id = Ident(required=True)
    therapist_id = Ident(required=True)
    since = LocalDate(required=True)
    cosigns = Ticked(load_default=False)


class NotePolicySchema(Payload):
    """After how many hours a note counts as a late entry."""

    late_after_hours = Whole(1, 24 * 90, required=True)


class FlagsSchema(Payload):
    """Whether connected systems are told to speak to a clinician first."""

    flags_leave = Ticked(required=True)


class SupervisionEndSchema(Payload):
    supervisor_id = Ident(required=True)
    therapist_id = Ident(required=True)


class SupervisionAnswerSchema(Payload):
    supervisor_id = Ident(required=True)
    agree = Ticked(required=True)


class DeviceEndSchema(Payload):
    id = Line(128, needed=True)


class AuditListSchema(Payload):
    """Newest first; `before` is the mark of the oldest row seen."""

    before = Line(load_default="")
    limit = WholeText(1, PAGE_LARGEST, load_default=100)


class PersonRecord(Payload):
    id = Ident()
    role = CodedField(Role)
    name = fields.String()
    email = fields.String()
    qualification = fields.String()
    active = Ticked()
    has_password = Ticked()
    has_totp = Ticked()
    version = Version()
    updated_at = Instant()


class DeviceRecord(Payload):
    id = fields.String()
    created_at = Instant()
    last_seen_at = Instant()
    device = fields.String()
    current = Ticked()


class AccountRecord(Payload):
    """`form_token` goes into the X-CSRF-Token header of every change that comes with the sign-in cookie."""

    person = fields.Nested(PersonRecord)
    devices = fields.List(fields.Nested(DeviceRecord))
    form_token = fields.String()


class SupervisionRecord(Payload):
    supervisor_id = Ident()
    supervisor_name = fields.String()
    therapist_id = Ident()
    therapist_name = fields.String()
    since = LocalDate()
    agreed = Ticked()
    cosigns = Ticked()


class PeopleRecord(Payload):
    people = fields.List(fields.Nested(PersonRecord))
    supervision = fields.List(fields.Nested(SupervisionRecord))


class InvitedRecord(Payload):
    """`token` is shown this once: it goes into the invitation link."""

    person = fields.Nested(PersonRecord)
    token = fields.String()


class ResetRecord(Payload):
    """`granted_at` is null while the reset waits for a second person."""

    id = Ident()
    account_id = Ident()
    name = fields.String()
    asked_by = Ident()
    asked_by_name = fields.String()
    asked_at = Instant()
    granted_by_name = fields.String()
    granted_at = Instant(allow_none=True)


class SuccessionSchema(Payload):
    """Who is to take over, and why."""

    successor_id = Ident(required=True)
    reason = Words(2_000, needed=True)


class SuccessionRecord(Payload):
    """It tells of no record. `ended_at` is null while it waits for a second person."""

    id = Ident()
    account_id = Ident()
    name = fields.String()
    successor_id = Ident()
    successor_name = fields.String()
    reason = fields.String()
    status = CodedField(WallStatus)
    asked_by = Ident()
    asked_by_name = fields.String()
    asked_at = Instant()
    second_name = fields.String()
    ended_at = Instant(allow_none=True)


class LinkRecord(Payload):
    token = fields.String()


class AuditRecord(Payload):
    mark = fields.String()
    at = Instant()
    actor_name = fields.String()
    role = fields.String()
    action = fields.String()
    subject = fields.String()
    verdict = CodedField(Verdict)
    why = fields.String()
