"""Practices, accounts, supervision and one-time links: tables and their queries.

Names and e-mail addresses of staff are sealed with the practice's key; signing in finds an account by a keyed hash of
the address.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ForeignKey, LargeBinary, Select, String, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from schemas.vocabulary import LinkKind, Role
from service.domain import clock
from service.domain.accounts import LINK_LASTS, Person, Practice, SupervisionLink
from service.domain.scopes import LONGEST
from service.errors import NotFound
from service.store.base import Base, Code, Id, UtcDateTime, Words, db, new_id
from service.store.keyring import Place, Scope, ring


class PracticeRow(Base):
    __tablename__ = "practice"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(Words)
    zone: Mapped[str] = mapped_column(Code)
    demo: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    late_after_hours: Mapped[int | None]
    flags_leave: Mapped[bool | None]

    __mapper_args__ = {"version_id_col": version}


@dataclass(frozen=True)
class Particulars:
    """The sealed part of an account."""

    name: str
    email: str
    qualification: str = ""


class AccountRow(Base):
    __tablename__ = "account"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    practice_id: Mapped[str] = mapped_column(Id, ForeignKey("practice.id"), index=True)
    role: Mapped[str] = mapped_column(Code)
    particulars: Mapped[bytes] = mapped_column(LargeBinary)
    email_hash: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str | None] = mapped_column(Words)
    totp_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_step: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Who supervises them, or is to.
    supervised: Mapped[list["SupervisionRow"]] = relationship(
        primaryjoin=lambda: AccountRow.id == SupervisionRow.therapist_id, viewonly=True
    )

    __mapper_args__ = {"version_id_col": version}


class SupervisionRow(Base):
    """An administrator proposes it; nothing can be read by it until the therapist has agreed (`agreed_at`)."""

    __tablename__ = "supervision"
    __table_args__ = (UniqueConstraint("supervisor_id", "therapist_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    practice_id: Mapped[str] = mapped_column(Id, ForeignKey("practice.id"), index=True)
    supervisor_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"))
    therapist_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), index=True)
    since: Mapped[date]
    agreed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cosigns: Mapped[bool | None]
    target_minutes: Mapped[int | None]


class LinkRow(Base):
    """A one-time link; only the hash of its token is kept."""

    __tablename__ = "one_time_link"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), index=True)
    kind: Mapped[str] = mapped_column(Code)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BearerRow(Base):
    """A bearer token of a connected system; only its hash is kept. Without `scopes` it reaches nothing."""

    __tablename__ = "bearer_token"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    scopes: Mapped[str | None] = mapped_column(String(LONGEST))


def token_hash(token: str) -> str:
    """sha-256 hex of an unguessable token: what the database keeps of it."""
    return hashlib.sha256(token.encode()).hexdigest()


def email_hash(email: str) -> str:
    """Keyed hash of a folded e-mail address: finds the account without storing the address in clear."""
    return hmac.new(ring().derive("email"), email.strip().casefold().encode(), hashlib.sha256).hexdigest()


def add_practice(name: str, zone: str, *, demo: bool = False) -> PracticeRow:
    row = PracticeRow(id=new_id(), name=name, zone=zone, demo=demo, version=1, updated_at=clock.now())
    db.session.add(row)
    ring().create(Scope.PRACTICE, row.id)
    db.session.flush()
    return row


def practices() -> list[Practice]:
    return [practice_value(row) for row in db.session.scalars(select(PracticeRow).order_by(PracticeRow.id))]


def practice(practice_id: str) -> Practice:
    row = db.session.get_one(PracticeRow, practice_id)
    _hold(row)
    return practice_value(row)


def practice_value(row: PracticeRow) -> Practice:
    settled = row.late_after_hours, bool(row.flags_leave)
    return Practice(row.id, row.name, row.zone, row.version, row.updated_at, row.demo, *settled)


def add_account(practice_id: str, role: Role, particulars: Particulars) -> AccountRow:
    account_id = new_id()
    row = AccountRow(
        id=account_id,
        practice_id=practice_id,
        role=role,
        particulars=ring().box(practice_id).seal(Place("account", account_id, "particulars"), particulars),
        email_hash=email_hash(particulars.email),
        totp_step=0,
        active=True,
        version=1,
        updated_at=clock.now(),
    )
    db.session.add(row)
    return row


def particulars(row: AccountRow) -> Particulars:
    return ring().box(row.practice_id).open(Place("account", row.id, "particulars"), row.particulars, Particulars)


def account(account_id: str) -> AccountRow | None:
    return db.session.get(AccountRow, account_id)


def can_sign_in(account_id: str) -> bool:
    """Whether there is such an account and it has not ended."""
    found = account(account_id)
    return found is not None and found.active


def account_by_email(email: str) -> AccountRow | None:
    return db.session.scalar(select(AccountRow).where(AccountRow.email_hash == email_hash(email)))


def person(row: AccountRow) -> Person:
    """The account as everybody else in the product sees it."""
    own = particulars(row)
    return Person(
        id=row.id,
        practice_id=row.practice_id,
        role=Role(row.role),
        name=own.name,
        email=own.email,
        qualification=own.qualification,
        active=row.active,
        has_password=row.password_hash is not None,
        has_totp=row.totp_secret is not None,
        version=row.version,
        updated_at=row.updated_at,
    )


def people(practice_id: str) -> list[Person]:
    rows = db.session.scalars(select(AccountRow).where(AccountRow.practice_id == practice_id))
    return sorted((person(row) for row in rows), key=lambda each: (each.role, each.name))


def name_of(account_id: str) -> str:
    """The name of an account, or "Stepwell" for the service itself."""
    row = db.session.get(AccountRow, account_id)
    if row is None:
        return "Stepwell"
    _hold(row)
    names = db.session.info.setdefault("names", {})
    sealed, name = names.get(account_id, (None, ""))
    if sealed is not row.particulars:
        name = particulars(row).name
        names[account_id] = (row.particulars, name)
    return str(name)


def _hold(row: AccountRow | PracticeRow) -> None:
    """The session forgets a row that nobody holds, and a page asks for the same few names a hundred times."""
    db.session.info.setdefault("held", {})[row.id] = row


def totp_place(account_id: str) -> Place:
    return Place("account", account_id, "totp_secret")


def put_late_after(practice_id: str, hours: int) -> PracticeRow:
    row = db.session.get_one(PracticeRow, practice_id)
    row.late_after_hours, row.updated_at = hours, clock.now()
    return row


def put_flags_leave(practice_id: str, on: bool) -> PracticeRow:
    row = db.session.get_one(PracticeRow, practice_id)
    row.flags_leave, row.updated_at = on, clock.now()
    return row


def propose_supervision(practice_id: str, supervisor_id: str, therapist_id: str, since: date) -> SupervisionRow:
    row = SupervisionRow(
        id=new_id(), practice_id=practice_id, supervisor_id=supervisor_id, therapist_id=therapist_id, since=since
    )
    db.session.add(row)
    return row


def supervise(practice_id: str, supervisor_id: str, therapist_id: str, since: date) -> None:
    """A supervision that the therapist has agreed to."""
    propose_supervision(practice_id, supervisor_id, therapist_id, since).agreed_at = clock.now()


def be_cosigned(supervisor_id: str, therapist_id: str) -> None:
    """From now on the supervisor cosigns what the therapist signs."""
    row = supervision_row(supervisor_id, therapist_id)
    if row is not None:
        row.cosigns = True


def is_cosigned(therapist_id: str) -> bool:
    """Whether a supervisor cosigns what this person signs."""
    begun = SupervisionRow.since <= clock.now().date(), SupervisionRow.cosigns.is_(True), AGREED
    query = select(SupervisionRow.id).where(SupervisionRow.therapist_id == therapist_id, *begun)
    return db.session.scalars(query.limit(1)).first() is not None


def supervision(practice_id: str) -> list[SupervisionLink]:
    rows = db.session.scalars(select(SupervisionRow).where(SupervisionRow.practice_id == practice_id))
    return [
        SupervisionLink(
            row.supervisor_id,
            name_of(row.supervisor_id),
            row.therapist_id,
            name_of(row.therapist_id),
            row.since,
            row.agreed_at is not None,
            bool(row.cosigns),
        )
        for row in rows
    ]


def supervision_row(supervisor_id: str, therapist_id: str) -> SupervisionRow | None:
    query = select(SupervisionRow).where(
        SupervisionRow.supervisor_id == supervisor_id,
        SupervisionRow.therapist_id == therapist_id,
    )
    return db.session.scalar(query)


def supervises(supervisor_id: str, therapist_id: str) -> bool:
    """Whether the one may read the cases of the other."""
    row = supervision_row(supervisor_id, therapist_id)
    return row is not None and row.agreed_at is not None


def is_supervised(therapist: AccountRow, supervisor_id: str) -> bool:
    """The same of a therapist in hand, whose supervisions may have come along with a case."""
    return any(each.supervisor_id == supervisor_id and each.agreed_at is not None for each in therapist.supervised)


def supervised_by(supervisor_id: str) -> list[str]:
    """Account ids of the therapists whom this person supervises."""
    begun = SupervisionRow.since <= clock.now().date()
    query = select(SupervisionRow.therapist_id).where(SupervisionRow.supervisor_id == supervisor_id, begun, AGREED)
    return list(db.session.scalars(query))


def cosigned_by(supervisor_id: str) -> list[str]:
    """Account ids of those whose notes this person cosigns."""
    return list(db.session.scalars(whom_cosigns(supervisor_id)))


def whom_cosigns(supervisor_id: str) -> Select[str]:
    """The same as a part of another question."""
    wanted = SupervisionRow.supervisor_id == supervisor_id, SupervisionRow.cosigns.is_(True), AGREED
    return select(SupervisionRow.therapist_id).where(*wanted, SupervisionRow.since <= clock.now().date())


def supervisors_of(therapist_id: str) -> list[str]:
    """Account ids of those who supervise this person and can still sign in."""
    return list(db.session.scalars(_supervisors(therapist_id)))


def cosigners_of(therapist_id: str) -> list[str]:
    """Account ids of those who cosign what this person writes and can still sign in."""
    return list(db.session.scalars(_supervisors(therapist_id).where(SupervisionRow.cosigns.is_(True))))


def _supervisors(therapist_id: str) -> Select[str]:
    begun = SupervisionRow.since <= clock.now().date()
    query = select(SupervisionRow.supervisor_id).join(AccountRow, AccountRow.id == SupervisionRow.supervisor_id)
    return query.where(SupervisionRow.therapist_id == therapist_id, begun, AGREED, AccountRow.active)


AGREED = SupervisionRow.agreed_at.is_not(None)


def issue_link(account_id: str, kind: LinkKind) -> str:
    """Make a one-time link; returns the token, which is stored nowhere else."""
    token = secrets.token_urlsafe(32)
    expires_at = clock.now() + LINK_LASTS[kind]
    db.session.add(
        LinkRow(token_hash=token_hash(token), account_id=account_id, kind=kind, expires_at=expires_at, used_at=None)
    )
    return token


def open_link(token: str) -> LinkRow | None:
    """The link of this token while it can still be used."""
    row = db.session.get(LinkRow, token_hash(token))
    if row is None or row.used_at is not None or row.expires_at <= clock.now():
        return None
    return row


def use_link(token: str, account_id: str) -> None:
    """Use a link up, and with it every other link of the account. Raises NotFound for whoever comes second."""
    unused = LinkRow.used_at.is_(None)
    mine = update(LinkRow).where(LinkRow.token_hash == token_hash(token), unused).values(used_at=clock.now())
    if db.session.execute(mine.returning(LinkRow.token_hash)).first() is None:
        raise NotFound
    others = update(LinkRow).where(LinkRow.account_id == account_id, unused)
    db.session.execute(others.values(used_at=clock.now()))


def bearer(token: str, account_id: str, expires_at: datetime, scopes: str) -> BearerRow:
    return BearerRow(
        token_hash=token_hash(token), account_id=account_id, expires_at=expires_at, ended_at=None, scopes=scopes
    )
