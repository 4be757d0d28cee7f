"""Connected systems as they are registered, the assertions that they used up, and their short-lived tokens.

Public keys are no secret and lie in clear; the name of a system is sealed with its account, and its own server with our
key there by the practice. Of a token and of the `jti`
of an assertion only a hash is kept.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import ForeignKey, LargeBinary, String, delete, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from service.domain import clock
from service.domain.machine_clients import TOKEN_LASTS, MachineClient, RecordServer
from service.domain.scopes import LONGEST
from service.domain.signatures import PublicKey
from service.store import accounts
from service.store.accounts import AccountRow, BearerRow, token_hash
from service.store.base import Base, Id, UtcDateTime, db
from service.store.keyring import Place, ring

LONGEST_URL = 500


class MachineClientRow(Base):
    """`keys` are those known now: registered ones, or the last that were fetched, which count until `keys_until`.
    `server` is sealed with the practice's key: the address of its own server, and the key by which we sign in there.
    """

    __tablename__ = "machine_client"

    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), primary_key=True)
    scopes: Mapped[str] = mapped_column(String(LONGEST))
    key_url: Mapped[str] = mapped_column(String(LONGEST_URL), default="")
    keys: Mapped[bytes] = mapped_column(LargeBinary)
    fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    keys_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    server: Mapped[bytes | None] = mapped_column(LargeBinary)

    __mapper_args__ = {"version_id_col": version}


class SeenAssertionRow(Base):
    """An assertion that was used, until it would have expired anyway."""

    __tablename__ = "seen_assertion"

    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), primary_key=True)
    jti_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


def add(account_id: str, scopes: str, key_url: str, keys: Sequence[PublicKey]) -> MachineClientRow:
    row = MachineClientRow(account_id=account_id, version=1)
    put(row, scopes, key_url, keys)
    db.session.add(row)
    db.session.flush()
    return row


def put(row: MachineClientRow, scopes: str, key_url: str, keys: Sequence[PublicKey]) -> None:
    row.scopes, row.key_url, row.updated_at = scopes, key_url, clock.now()
    row.keys, row.fetched_at, row.keys_until = msgspec.json.encode(keys), None, None


def put_fetched(account_id: str, keys: Sequence[PublicKey], *, at: datetime, until: datetime) -> None:
    """Keep what was fetched, or only that it was tried, when `keys` is empty. Commits."""
    given = {"keys": msgspec.json.encode(keys), "keys_until": until} if keys else {}
    mine = update(MachineClientRow).where(MachineClientRow.account_id == account_id)
    db.session.execute(mine.values(fetched_at=at, **given))
    db.session.commit()


def row(client_id: str) -> MachineClientRow | None:
    return db.session.get(MachineClientRow, client_id)


def keys_of(row: MachineClientRow) -> tuple[PublicKey, ...]:
    return msgspec.json.decode(row.keys, type=tuple[PublicKey, ...])


def put_server(row: MachineClientRow, practice_id: str, server: RecordServer | None) -> None:
    place = Place("machine_client", row.account_id, "server")
    row.server = ring().box(practice_id).seal(place, server) if server else None


def server_of(row: MachineClientRow, practice_id: str) -> RecordServer | None:
    """Its own server with the private half of our key there, for whoever asks it."""
    place = Place("machine_client", row.account_id, "server")
    return ring().box(practice_id).open(place, row.server, RecordServer) if row.server else None


def value(row: MachineClientRow, account: AccountRow) -> MachineClient:
    own, server = accounts.particulars(account), server_of(row, account.practice_id)
    return MachineClient(
        id=account.id,
        name=own.name,
        email=own.email,
        active=account.active,
        scopes=row.scopes,
        key_url=row.key_url,
        key_ids=tuple(each.kid for each in keys_of(row)),
        last_used_at=row.last_used_at,
        version=row.version,
        updated_at=row.updated_at,
        server_url=server.url if server else "",
        server_client_id=server.client_id if server else "",
    )


def of_practice(practice_id: str) -> tuple[MachineClient, ...]:
    query = select(MachineClientRow, AccountRow).join(AccountRow, AccountRow.id == MachineClientRow.account_id)
    found = db.session.execute(query.where(AccountRow.practice_id == practice_id)).all()
    return tuple(sorted((value(*each) for each in found), key=lambda each: (not each.active, each.name)))


def use_up(client_id: str, jti: str, expires_at: datetime) -> bool:
    """Whether this assertion was not used before; from now on it was. Two at the same moment: the database lets one
    in, and the commit of the other fails.
    """
    db.session.execute(
        delete(SeenAssertionRow).where(
            SeenAssertionRow.account_id == client_id, SeenAssertionRow.expires_at < clock.now()
        )
    )
    if db.session.get(SeenAssertionRow, (client_id, token_hash(jti))) is not None:
        return False
    db.session.add(SeenAssertionRow(account_id=client_id, jti_hash=token_hash(jti), expires_at=expires_at))
    return True


def issue_token(client_id: str, scopes: str) -> str:
    """A token for `TOKEN_LASTS`; those that ran out go at the same time."""
    at, token = clock.now(), secrets.token_urlsafe(32)
    db.session.execute(delete(BearerRow).where(BearerRow.account_id == client_id, BearerRow.expires_at < at))
    db.session.add(accounts.bearer(token, client_id, at + TOKEN_LASTS, scopes))
    return token


def end_tokens(client_id: str) -> None:
    """What was issued so far counts no more."""
    db.session.execute(delete(BearerRow).where(BearerRow.account_id == client_id))


def mark_used(client_id: str) -> None:
    """Without a new version: nobody's edit goes stale by it."""
    mine = update(MachineClientRow).where(MachineClientRow.account_id == client_id)
    db.session.execute(mine.values(last_used_at=clock.now()))


def issued_since(client_id: str, since: datetime) -> int:
    """How many of the tokens that still count were issued after `since`."""
    recent = BearerRow.expires_at > since + TOKEN_LASTS
    query = select(func.count()).select_from(BearerRow).where(BearerRow.account_id == client_id, recent)
    return db.session.scalar(query) or 0
