"""The own account, the people of a practice, supervision and the audit."""

from dataclasses import dataclass

from schemas.accounts import (
    AccountRecord,
    AuditListSchema,
    AuditRecord,
    DeviceEndSchema,
    FlagsSchema,
    InvitedRecord,
    LinkRecord,
    NewPersonSchema,
    NotePolicySchema,
    PasswordChangeSchema,
    PeopleRecord,
    ResetRecord,
    SuccessionRecord,
    SuccessionSchema,
    SupervisionAnswerSchema,
    SupervisionEndSchema,
    SupervisionSchema,
)
from schemas.actions import Action
from service.api.routes import Given, Routes, asks, takes
from service.casework import accounts, people, resets, successions
from service.casework.people import NewPerson
from service.domain.accounts import AuditLine, Person, Reset, SignIn, Succession, SupervisionLink
from service.guard import current_actor, form_token, needs

routes = Routes("People", "Your own account, and what an administrator does. Nothing clinical.")


@dataclass(frozen=True)
class Account:
    person: Person
    devices: tuple[SignIn, ...]
    form_token: str


@dataclass(frozen=True)
class Practice:
    people: tuple[Person, ...]
    supervision: tuple[SupervisionLink, ...]


@dataclass(frozen=True)
class Invited:
    person: Person
    token: str


@dataclass(frozen=True)
class Link:
    token: str


@routes.get("/account", AccountRecord)
@needs(Action.ACCOUNT_READ)
def read_account() -> Account:
    """Your account, where it is signed in, and the token for changes."""
    return Account(*accounts.my_account(current_actor()), form_token())


@routes.put("/account/password", status=204)
@needs(Action.PASSWORD_SET)
@takes(PasswordChangeSchema)
def change_password(given: Given) -> None:
    """Change your password; every other sign-in of yours ends."""
    accounts.set_password(current_actor(), given["current"], given["new"])


@routes.post("/account/devices/end", status=204)
@needs(Action.SESSIONS_END)
@takes(DeviceEndSchema)
def end_device(given: Given) -> None:
    """End one of your sign-ins."""
    accounts.end_sign_in(current_actor(), given["id"])


@routes.get("/people", PeopleRecord)
@needs(Action.PEOPLE_READ)
def list_people() -> Practice:
    """The people of the practice and who supervises whom."""
    return Practice(*people.list_people(current_actor()))


@routes.post("/people", InvitedRecord, status=201)
@needs(Action.PEOPLE_INVITE)
@takes(NewPersonSchema)
def invite_person(given: Given) -> Invited:
    """Add a person; the token of the invitation is shown this once."""
    return Invited(*people.invite(current_actor(), NewPerson(**given)))


@routes.post("/people/<id:account_id>/reset", ResetRecord, status=202)
@needs(Action.PEOPLE_RESET)
def reset_person(account_id: str) -> Reset:
    """Ask for a reset link for somebody else's account; a second person has to grant it within a day."""
    return resets.ask_reset(current_actor(), account_id)


@routes.get("/resets", ResetRecord, many=True)
@needs(Action.RESET_LIST)
def list_resets() -> tuple[Reset, ...]:
    """Resets that wait for a second person, who is neither the asker nor the owner."""
    return resets.list_resets(current_actor())


@routes.post("/resets/<id:reset_id>/grant", LinkRecord)
@needs(Action.RESET_GRANT)
def grant_reset(reset_id: str) -> Link:
    """Make the link; its token is shown this once."""
    return Link(resets.grant_reset(current_actor(), reset_id)[1])


@routes.post("/resets/<id:reset_id>/refuse", status=204)
@needs(Action.RESET_REFUSE)
def refuse_reset(reset_id: str) -> None:
    """Let no link be made."""
    resets.refuse_reset(current_actor(), reset_id)


@routes.post("/resets/seen", status=204)
@needs(Action.RESET_SEEN)
def take_note() -> None:
    """Say that you know of the resets of your own account."""
    resets.take_note(current_actor())


@routes.post("/people/<id:account_id>/end", status=204)
@needs(Action.PEOPLE_END)
def end_person(account_id: str) -> None:
    """Close an account and end all its sign-ins at once."""
    people.end_account(current_actor(), account_id)


@routes.post("/people/<id:account_id>/succession", SuccessionRecord, status=201)
@needs(Action.SUCCESSION_ASK)
@takes(SuccessionSchema)
def ask_succession(given: Given, account_id: str) -> Succession:
    """Name a new therapist for what an ended account left and nobody can pass on; a second person has to confirm."""
    return successions.ask(current_actor(), account_id, given["successor_id"], given["reason"])


@routes.get("/successions", SuccessionRecord, many=True)
@needs(Action.SUCCESSION_READ)
def list_successions() -> tuple[Succession, ...]:
    """Those that wait for a second person, who is neither the asker nor the one who takes over."""
    return successions.list_waiting(current_actor())


@routes.post("/successions/<id:succession_id>/confirm", status=204)
@needs(Action.SUCCESSION_CONFIRM)
def confirm_succession(succession_id: str) -> None:
    """Pass everything on but what the new therapist is kept away from. Nobody is told of any record by this."""
    successions.confirm(current_actor(), succession_id)


@routes.post("/successions/<id:succession_id>/leave", status=204)
@needs(Action.SUCCESSION_LEAVE)
def leave_succession(succession_id: str) -> None:
    """Take back what you asked for, or do not agree as second person."""
    successions.leave(current_actor(), succession_id)


@routes.post("/supervision", status=204)
@needs(Action.SUPERVISION_CHANGE)
@takes(SupervisionSchema)
def supervise(given: Given) -> None:
    """Propose that a supervisor sees the caseload of a therapist, who has to agree."""
    who = given["supervisor_id"], given["therapist_id"], given["since"]
    people.supervise(current_actor(), *who, cosigns=given["cosigns"])


@routes.put("/practice/notes", status=204)
@needs(Action.NOTE_POLICY)
@takes(NotePolicySchema)
def set_note_policy(given: Given) -> None:
    """After how many hours a note counts as a late entry, for notes signed from now on."""
    people.set_note_policy(current_actor(), given["late_after_hours"])


@routes.put("/practice/flags", status=204)
@needs(Action.FLAGS_CHANGE)
@takes(FlagsSchema)
def set_flags(given: Given) -> None:
    """Whether connected systems read, as FHIR Flag, that a clinician should be spoken to first. Off until turned on."""
    people.set_flags(current_actor(), given["flags_leave"])


@routes.post("/supervision/end", status=204)
@needs(Action.SUPERVISION_CHANGE)
@takes(SupervisionEndSchema)
def end_supervision(given: Given) -> None:
    """End it."""
    people.end_supervision(current_actor(), given["supervisor_id"], given["therapist_id"])


@routes.post("/supervision/answer", status=204)
@needs(Action.SUPERVISION_ANSWER)
@takes(SupervisionAnswerSchema)
def answer_supervision(given: Given) -> None:
    """Let a proposed supervisor read your cases, or decline."""
    resets.answer_supervision(current_actor(), given["supervisor_id"], agree=given["agree"])


@routes.get("/audit", AuditRecord, many=True)
@needs(Action.AUDIT_READ)
@asks(AuditListSchema)
def read_audit(asked: Given) -> tuple[AuditLine, ...]:
    """The latest audit rows, newest first; cases by their code only."""
    return people.read_audit(current_actor(), before=asked["before"], limit=asked["limit"])
