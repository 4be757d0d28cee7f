"""Cases and who is assigned to them: tables and their queries.

Everything that says who somebody is or what they told is sealed with the case's own key; code, status and dates are
not.
"""

import secrets
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Select, UniqueConstraint, false, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from schemas.case_codes import EpisodeState
from schemas.vocabulary import (
    AssignmentKind,
    CaseState,
    CaseStatus,
    Relation,
    Role,
)
from service.domain import clock
from service.domain.access import CaseFacts
from service.domain.actors import Actor
from service.domain.cases import (
    Case,
    Client,
    ContactPreferences,
    Cover,
    OtherPerson,
    Presentation,
    RecordSafetyCheck,
)
from service.store import accounts, crisis, episodes, events, note_steps, walls
from service.store.accounts import AccountRow, PracticeRow
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.keyring import Place, Scope, ring

# No vowels and no look-alikes: a code is read aloud and must not spell anything.
CODE_LETTERS = "23456789BCDFGHJKMNPQRSTVWXZ"


class CaseRow(Base):
    __tablename__ = "client_case"
    __table_args__ = (
        UniqueConstraint("practice_id", "code"),
        CheckConstraint("status IN ('open', 'closed', 'purged')", name="status"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    practice_id: Mapped[str] = mapped_column(Id, ForeignKey("practice.id"), index=True)
    code: Mapped[str] = mapped_column(Code)
    status: Mapped[str] = mapped_column(Code)
    sealed: Mapped[bool] = mapped_column(default=False)
    held: Mapped[bool] = mapped_column(default=False)
    opened_on: Mapped[date]
    client: Mapped[bytes] = mapped_column(LargeBinary)
    contact: Mapped[bytes] = mapped_column(LargeBinary)
    record_safety: Mapped[bytes | None] = mapped_column(LargeBinary)
    other_person: Mapped[bytes] = mapped_column(LargeBinary)
    presentation: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Looked up once a transaction, however often it is asked who stands how to the case.
    practice: Mapped[PracticeRow] = relationship(viewonly=True)
    assigned: Mapped[list["AssignmentRow"]] = relationship(viewonly=True)

    __mapper_args__ = {"version_id_col": version}


class CaseChangeRow(Base):
    """Which part of a case was changed, when and by whom; what it said before is not kept."""

    __tablename__ = "case_change"
    __table_args__ = (Index("ix_case_change_case_time", "case_id", "at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"))
    part: Mapped[str] = mapped_column(Code)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))


class AssignmentRow(Base):
    """How an account stands to a case. A `blocked` row beats every other."""

    __tablename__ = "case_assignment"
    __table_args__ = (
        UniqueConstraint("case_id", "account_id"),
        Index("ix_case_assignment_account", "account_id", "kind"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"))
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(Code)
    until: Mapped[date | None]
    account: Mapped[AccountRow] = relationship(viewonly=True)


def new_code() -> str:
    """A case code to be read aloud, such as "C-7KD2M"."""
    return "C-" + "".join(secrets.choice(CODE_LETTERS) for _ in range(5))


def add_case(
    practice_id: str, owner_id: str, client: Client, opened_on: date, *, state: EpisodeState = EpisodeState.ACTIVE
) -> CaseRow:
    """A new case with its own key, its owner and a first episode; joins the running transaction."""
    case_id, at = new_id(), clock.now()
    box = ring().create(Scope.CASE, case_id)
    row = CaseRow(
        id=case_id,
        practice_id=practice_id,
        code=_free_code(practice_id),
        status=CaseStatus.OPEN,
        sealed=False,
        held=False,
        opened_on=opened_on,
        client=box.seal(_place(case_id, "client"), client),
        contact=box.seal(_place(case_id, "contact"), ContactPreferences()),
        record_safety=None,
        other_person=box.seal(_place(case_id, "other_person"), OtherPerson()),
        presentation=box.seal(_place(case_id, "presentation"), Presentation()),
        version=1,
        updated_at=at,
    )
    db.session.add(row)
    db.session.flush()
    assign(case_id, owner_id, AssignmentKind.OWNER)
    begun = episodes.add(case_id, state, opened_on)
    episodes.add_move(begun, None, state, "Case opened", owner_id)
    db.session.flush()
    return row


def reseal(row: CaseRow, column: str, value: object, by_id: str) -> None:
    """Put a new value into a sealed column of the case."""
    setattr(row, column, ring().box(row.id).seal(_place(row.id, column), value))
    row.updated_at = clock.now()
    db.session.add(CaseChangeRow(id=new_id(), case_id=row.id, part=column, at=row.updated_at, by_id=by_id))


def pass_on(row: CaseRow, account_id: str, by_id: str) -> None:
    """Make this account the therapist of the case; whoever was stands to it no more."""
    unassign(row.id, owner_id(row.id))
    db.session.flush()
    assign(row.id, account_id, AssignmentKind.OWNER)
    row.updated_at = clock.now()
    db.session.add(CaseChangeRow(id=new_id(), case_id=row.id, part="therapist", at=row.updated_at, by_id=by_id))


def assign(case_id: str, account_id: str, kind: AssignmentKind, until: date | None = None) -> None:
    """Set how this account stands to the case, replacing what stood before."""
    query = select(AssignmentRow).where(AssignmentRow.case_id == case_id, AssignmentRow.account_id == account_id)
    row = db.session.scalar(query)
    if row is None:
        row = AssignmentRow(id=new_id(), case_id=case_id, account_id=account_id, kind=kind, until=until)
        db.session.add(row)
        _look_again(case_id)
    row.kind, row.until = kind, until


def unassign(case_id: str, account_id: str) -> None:
    query = select(AssignmentRow).where(AssignmentRow.case_id == case_id, AssignmentRow.account_id == account_id)
    row = db.session.scalar(query)
    if row is not None:
        db.session.delete(row)
        _look_again(case_id)


def row(case_id: str, *, lock: bool = False) -> CaseRow | None:
    """The case; with `lock`, held still until the transaction ends (SQLite holds everything still anyway). To be read
    it comes with its practice and whoever is assigned to it; held, these are asked for afterwards, as they are then.
    """
    if lock:
        return db.session.get(CaseRow, case_id, with_for_update=True, populate_existing=True)
    return db.session.get(CaseRow, case_id, options=WITH_PEOPLE)


def code_of(case_id: str) -> str:
    return db.session.get_one(CaseRow, case_id).code


def owner_id(case_id: str) -> str:
    (owner,) = (each.account_id for each in assignments(case_id) if each.kind == AssignmentKind.OWNER)
    return owner


def assignments(case_id: str) -> list[AssignmentRow]:
    return list(db.session.get_one(CaseRow, case_id).assigned)


def covers(case_id: str) -> tuple[Cover, ...]:
    """Who covers the case today or later, the earliest end first."""
    rows = [each for each in assignments(case_id) if each.kind == AssignmentKind.COVER]
    found = [Cover(each.account_id, accounts.name_of(each.account_id), each.until) for each in rows if each.until]
    running = [each for each in found if each.until >= last_day_anywhere()]
    return tuple(sorted(running, key=lambda each: (each.until, each.name)))


class CaseStates(Protocol):
    """What says in which states a case is."""

    status: Any
    sealed: Any
    held: Any


def facts(actor: Actor, case: CaseRow) -> CaseFacts:
    """What the permission table must know: how the actor stands to this case, and the case's states."""
    return CaseFacts(_relation(actor, case), states(case))


def states(case: CaseStates) -> frozenset[CaseState]:
    found = {CaseState(case.status)}
    found |= {CaseState.SEALED} if case.sealed else set()
    found |= {CaseState.HELD} if case.held else set()
    return frozenset(found)


def relation(
    actor: Actor, practice_id: str, mine: tuple[str | None, date | None], *, zone: str, supervises: bool
) -> Relation:
    """How an actor stands to a case of `practice_id`, whose clocks are in `zone`; `mine` is the kind of their own
    assignment and until when it holds.
    """
    kind, until = mine
    if practice_id != actor.practice_id:
        return Relation.STRANGER
    if actor.role is Role.SYSTEM:
        return Relation.NONE
    if kind is not None and (until is None or until >= _last_day(kind, zone)):
        return Relation(kind)
    return Relation.SUPERVISES if actor.role is Role.SUPERVISOR and supervises else Relation.COLLEAGUE


def _relation(actor: Actor, case: CaseRow) -> Relation:
    by_account = {each.account_id: each for each in case.assigned}
    mine = by_account.get(actor.user_id)
    owning = [each for each in by_account.values() if each.kind == AssignmentKind.OWNER]
    supervises = actor.role is Role.SUPERVISOR and any(
        accounts.is_supervised(each.account, actor.user_id) for each in owning
    )
    own = (mine.kind, mine.until) if mine else (None, None)
    found = relation(actor, case.practice_id, own, zone=case.practice.zone, supervises=supervises)
    if found is not Relation.COLLEAGUE:
        return found
    return let_in(db.session.execute(select(*doors(actor, case.id))).one()) or found


def doors(actor: Actor, case_id: str) -> tuple[Any, ...]:
    """What lets somebody in who has no part in a case, as columns to be asked: an emergency, something that waits for
    a second reader or for their cosignature.
    """
    reading = crisis.is_reader(actor.user_id) & (events.reader_is_awaited(case_id) | note_steps.error_waits(case_id))
    cosigned = accounts.whom_cosigns(actor.user_id) if actor.role is Role.SUPERVISOR else None
    return (
        walls.glass_is_open(case_id, actor.user_id).label("glass"),
        reading.label("reads"),
        (false() if cosigned is None else note_steps.cosign_waits(case_id, cosigned)).label("cosigns"),
    )


def let_in(found: Any) -> Relation | None:
    """The first door that stands open, read off the answer to `doors`."""
    standing = ((Relation.GLASS, found.glass), (Relation.READER, found.reads), (Relation.COSIGNER, found.cosigns))
    return next((each for each, holds in standing if holds), None)


def opened(case: CaseRow) -> Case:
    """The case with its sealed parts opened."""
    box, owner = ring().box(case.id), owner_id(case.id)
    return Case(
        id=case.id,
        practice_id=case.practice_id,
        code=case.code,
        status=CaseStatus(case.status),
        sealed=case.sealed,
        held=case.held,
        opened_on=case.opened_on,
        owner_id=owner,
        owner_name=accounts.name_of(owner),
        client=client_of(case),
        contact=box.open(_place(case.id, "contact"), case.contact, ContactPreferences),
        record_safety=record_safety_of(case),
        other_person=box.open(_place(case.id, "other_person"), case.other_person, OtherPerson),
        presentation=box.open(_place(case.id, "presentation"), case.presentation, Presentation),
        episode=episodes.value(episodes.current(case.id)),
        version=case.version,
        updated_at=case.updated_at,
    )


def checked_on(case: CaseRow) -> tuple[date | None, date | None]:
    """When the contact preferences were confirmed last, and when the record-safety check was asked last."""
    contact = ring().box(case.id).open(_place(case.id, "contact"), case.contact, ContactPreferences)
    check = record_safety_of(case)
    return contact.confirmed_on, check.asked_on if check else None


def record_safety_of(case: CaseRow) -> RecordSafetyCheck | None:
    place, checked = _place(case.id, "record_safety"), case.record_safety
    return ring().box(case.id).open(place, checked, RecordSafetyCheck) if checked else None


def client_of(case: CaseRow) -> Client:
    return ring().box(case.id).open(_place(case.id, "client"), case.client, Client)


WORKING = (AssignmentKind.OWNER, AssignmentKind.COVER)


def case_ids_of(account_id: str, kinds: tuple[AssignmentKind, ...] = WORKING) -> list[str]:
    """Cases that the account owns or covers today."""
    today = last_day_anywhere()
    query = select(AssignmentRow.case_id).where(
        AssignmentRow.account_id == account_id,
        AssignmentRow.kind.in_(kinds),
        (AssignmentRow.until.is_(None)) | (AssignmentRow.until >= today),
    )
    return list(db.session.scalars(query))


def blocked_case_ids(account_id: str) -> list[str]:
    query = select(AssignmentRow.case_id).where(
        AssignmentRow.account_id == account_id, AssignmentRow.kind == AssignmentKind.BLOCKED
    )
    return list(db.session.scalars(query))


def sealed_case_ids(practice_id: str) -> list[str]:
    return list(db.session.scalars(of_practice(practice_id).where(CaseRow.sealed.is_(True))))


def blocked_of(case_id: str) -> set[str]:
    """Who is kept away from a case."""
    return {each.account_id for each in assignments(case_id) if each.kind == AssignmentKind.BLOCKED}


def leave_only_owner(case_id: str) -> None:
    """Nobody covers or reads a purged case, and who was kept away stays so."""
    for each in assignments(case_id):
        if each.kind in (AssignmentKind.COVER, AssignmentKind.LINKED):
            db.session.delete(each)
    _look_again(case_id)


def all_ids(practice_id: str) -> list[str]:
    """The cases that can be opened: what was purged is left out."""
    return list(db.session.scalars(of_practice(practice_id).where(CaseRow.status != CaseStatus.PURGED)))


def of_practice(practice_id: str) -> Select[str]:
    """The ids of its cases, to ask other tables with."""
    return select(CaseRow.id).where(CaseRow.practice_id == practice_id)


def by_code(practice_id: str, code: str) -> CaseRow | None:
    query = select(CaseRow).where(CaseRow.practice_id == practice_id, CaseRow.code == code.strip().upper())
    return db.session.scalar(query)


WITH_PEOPLE = (
    joinedload(CaseRow.practice, innerjoin=True),
    joinedload(CaseRow.assigned).joinedload(AssignmentRow.account).joinedload(AccountRow.supervised),
)


def _look_again(case_id: str) -> None:
    """What was looked up of the assignments no longer holds in this transaction."""
    db.session.expire(db.session.get_one(CaseRow, case_id), ["assigned"])


def _place(case_id: str, column: str) -> Place:
    return Place("client_case", case_id, column)


def _free_code(practice_id: str) -> str:
    code = new_code()
    while by_code(practice_id, code) is not None:
        code = new_code()
    return code


def _last_day(kind: str, zone: str) -> date:
    """What an assignment must reach to hold. A link is a system's: it ends with the release's day at the practice."""
    return clock.today(zone) if kind == AssignmentKind.LINKED else last_day_anywhere()


def last_day_anywhere() -> date:
    """The earliest calendar day that some practice's clocks still show: cover ends with its day, not hours before."""
    return (clock.now() - timedelta(hours=12)).date()
