"""Per-case and per-practice data keys, and the envelope that seals a column.

Some words of a case have a key of their own beside its main one (a `scope`), so that they can be withheld or destroyed
apart. The master keys lie in a file outside the data folder. Each data key is wrapped by a key derived from the current
master (AES-KW,
RFC 3394), that of a case by its leaf of a key tree as well (key_tree.py), so that a purge reaches backups: it deletes
the wrapped bytes here and cuts the leaf there. A sealed value is
    format (1 byte) | data key id (16) | key version (2) | nonce (12) | AES-256-GCM ciphertext and tag
with "table|row|column" as additional data, so that a value moved to another place does not open.
"""

import fcntl
import hmac
import json
import os
import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Self, TypeVar, cast

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from flask import current_app
from sqlalchemy import LargeBinary, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from service.domain import clock
from service.errors import NotFound, Unavailable
from service.store import key_tree
from service.store.base import Base, Code, Id, UtcDateTime, db, new_id
from service.store.key_tree import Cut, KeyTree

FORMAT = 1
HEADER = 1 + 16 + 2
NONCE = 12
KEY_BYTES = 32
BY_LEAF = "/leaf"
LOOK_AGAIN = 1.0  # seconds until a change of the key file is noticed

T = TypeVar("T")


class Scope(StrEnum):
    """What a data key is for. The first two are the main keys, one a record."""

    PRACTICE = "practice"
    CASE = "case"
    PSYCHOTHERAPY = "psychotherapy"
    SUPERVISION = "supervision"
    CONFLICT = "conflict"


MAIN = (Scope.PRACTICE, Scope.CASE)
OF_PRACTICE = (Scope.PRACTICE, Scope.CONFLICT)


class DataKey(Base):
    """One wrapped key. `scope` is practice, case, or what else of a case has its own; `scope_id` is the record;
    `wrapped` is None once destroyed.
    """

    __tablename__ = "data_key"
    __table_args__ = (UniqueConstraint("scope_id", "scope"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    scope: Mapped[str] = mapped_column(Code)
    scope_id: Mapped[str] = mapped_column(Id)
    key_version: Mapped[int] = mapped_column(default=1)
    master: Mapped[str] = mapped_column(Code)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    destroyed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Place(bytes):
    """Where a sealed value stands, as it is authenticated."""

    def __new__(cls, table: str, row: str, column: str) -> Self:
        return super().__new__(cls, f"{table}|{row}|{column}".encode())


class Box:
    """Seals and opens values with one data key."""

    def __init__(self, key_id: str, key_version: int, key: bytes) -> None:
        self._header = bytes([FORMAT]) + uuid.UUID(key_id).bytes + key_version.to_bytes(2, "big")
        self._cipher = AESGCM(key)

    def seal_bytes(self, place: Place, plain: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        return self._header + nonce + self._cipher.encrypt(nonce, plain, place)

    def open_bytes(self, place: Place, envelope: bytes) -> bytes:
        """Raises Unavailable when the value was altered, moved, or sealed by another key."""
        if not envelope.startswith(self._header):
            raise Unavailable("A stored value names another key.")
        nonce, body = envelope[HEADER : HEADER + NONCE], envelope[HEADER + NONCE :]
        try:
            return self._cipher.decrypt(nonce, body, place)
        except InvalidTag as error:
            raise Unavailable("A stored value could not be opened.") from error

    def seal(self, place: Place, value: Any) -> bytes:
        """Seal anything that msgspec can write: text, dataclasses, dates, enums, containers."""
        return self.seal_bytes(place, msgspec.json.encode(value))

    def open(self, place: Place, envelope: bytes, kind: type[T]) -> T:
        return msgspec.json.decode(self.open_bytes(place, envelope), type=kind)


class Keyring:
    """The master keys in memory, and the boxes opened so far in this process."""

    def __init__(self, masters: Mapping[str, bytes], current: str, tree: KeyTree) -> None:
        self._masters = dict(masters)
        self._current = current
        self._tree = tree
        self._boxes: dict[tuple[str, Scope | None], Box] = {}
        self._derived: dict[tuple[str, str], bytes] = {}
        self._begun: dict[str, hmac.HMAC] = {}

    def derive(self, purpose: str, master: str | None = None) -> bytes:
        """A 32-byte key for one purpose ("wrap", "audit", "form" ...), HKDF-SHA-256."""
        name = master or self._current
        known = self._derived.get((purpose, name))
        if known is None:
            info = f"stepwell {purpose}".encode()
            known = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(self._masters[name])
            self._derived[purpose, name] = known
        return known

    def derive_all(self, purpose: str) -> list[bytes]:
        """The keys for one purpose from every master in the file, retired ones too."""
        return [self.derive(purpose, name) for name in self._masters]

    def begun(self, purpose: str) -> hmac.HMAC:
        """HMAC-SHA-256 with the key for a purpose, to be copied and gone on with: to begin is most of a short one."""
        known = self._begun.get(purpose)
        if known is None:
            known = self._begun[purpose] = hmac.new(self.derive(purpose), digestmod="sha256")
        return known

    def create(self, scope: Scope, scope_id: str) -> Box:
        """Make the data key of a new practice or case, or one more of a case; the row joins the running transaction."""
        key = secrets.token_bytes(KEY_BYTES)
        row = DataKey(
            id=new_id(),
            scope=scope,
            scope_id=scope_id,
            key_version=1,
            master=self._naming(scope),
            wrapped=self._wrapped(scope, scope_id, key),
            created_at=clock.now(),
        )
        db.session.add(row)
        return Box(row.id, row.key_version, key)

    def box(self, scope_id: str, scope: Scope | None = None) -> Box:
        """The box of a case or practice, or of what has a key of its own there. Raises NotFound when its key was
        destroyed or never made.
        """
        known = self._boxes.get((scope_id, scope))
        if known is None:
            known = self._boxes[scope_id, scope] = self._unwrap(scope_id, scope)
        return known

    def own_box(self, scope: Scope, scope_id: str) -> Box:
        """The box of what has a key of its own; the key is made at the first use. Raises NotFound once destroyed."""
        row = db.session.scalar(_key_of(scope_id, scope))
        return self.create(scope, scope_id) if row is None else self.box(scope_id, scope)

    def secret(self, scope: Scope, scope_id: str) -> bytes:
        """The bytes of a key that hashes and seals nothing; it is made at the first use."""
        row = db.session.scalar(_key_of(scope_id, scope))
        if row is None:
            self.create(scope, scope_id)
            db.session.flush()
        return self.unwrapped(row or db.session.scalars(_key_of(scope_id, scope)).one())

    def forget(self, scope_id: str) -> None:
        self._boxes = {place: box for place, box in self._boxes.items() if place[0] != scope_id}

    def destroy(self, scope_id: str, *scopes: Scope) -> int:
        """Destroy the keys of a case, all or those of these scopes; joins the running transaction. What they sealed can
        never be opened again, in backups neither. Returns how many there were.
        """
        rows = db.session.scalars(select(DataKey).where(DataKey.scope_id == scope_id, DataKey.wrapped.is_not(None)))
        found = [row for row in rows if not scopes or row.scope in scopes]
        for row in found:
            row.wrapped, row.destroyed_at = None, clock.now()
        self.forget(scope_id)
        return len(found)

    def _unwrap(self, scope_id: str, scope: Scope | None) -> Box:
        row = db.session.scalar(_key_of(scope_id, scope))
        if row is None or row.wrapped is None:
            raise NotFound
        return Box(row.id, row.key_version, self.unwrapped(row))

    def is_cut(self, scope_id: str) -> bool:
        """Whether the key file can no longer open anything of this case."""
        return self._tree.is_cut(scope_id)

    def unwrapped(self, row: DataKey) -> bytes:
        """Raises NotFound once the case was purged, Unavailable when the key file is not the one that wrapped it."""
        try:
            return aes_key_unwrap(self._wrapper(row.master, row.scope_id), row.wrapped or b"")
        except Cut as error:
            raise NotFound from error
        except (InvalidUnwrap, KeyError, ValueError) as error:
            raise Unavailable(
                "A data key does not open with this key file. Put the right key file in its place."
            ) from error

    def renew(self, row: DataKey) -> None:
        """Wrap a key of a case by its leaf, which keys from before the tree were not."""
        if row.master != self._naming(Scope(row.scope)):
            key = self.unwrapped(row)
            row.master, row.wrapped = self._naming(Scope(row.scope)), self._wrapped(Scope(row.scope), row.scope_id, key)

    def _wrapped(self, scope: Scope, scope_id: str, key: bytes) -> bytes:
        return aes_key_wrap(self._wrapper(self._naming(scope), scope_id), key)

    def _naming(self, scope: Scope) -> str:
        """How the row says what wraps it: the master alone for a practice, its leaf of the tree, too, for a case."""
        return self._current if scope in OF_PRACTICE else self._current + BY_LEAF

    def _wrapper(self, naming: str, scope_id: str) -> bytes:
        wrap = self.derive("wrap", naming.removesuffix(BY_LEAF))
        return hmac.digest(self._tree.leaf(scope_id), wrap, "sha256") if naming.endswith(BY_LEAF) else wrap


def _key_of(scope_id: str, scope: Scope | None) -> Select[DataKey]:
    wanted = MAIN if scope is None else (scope,)
    return select(DataKey).where(DataKey.scope_id == scope_id, DataKey.scope.in_(wanted))


def ring() -> Keyring:
    """The keyring of the running application. The key file is read at the first use, so that `serve` can create it,
    and again when it changed: then another process purged a case, and this one must forget its keys, too.
    """
    extensions = current_app.extensions
    known, due = extensions.get("stepwell.keyring"), extensions.get("stepwell.keyring.look", 0.0)
    if known is None or time.monotonic() >= due:
        key_file = extensions["stepwell.settings"].key_file
        stamp = _stamp(key_file)
        if known is None or stamp != extensions["stepwell.keyring.stamp"]:
            known = extensions["stepwell.keyring"] = load(key_file)
        extensions["stepwell.keyring.stamp"] = stamp
        extensions["stepwell.keyring.look"] = time.monotonic() + LOOK_AGAIN
    return cast(Keyring, known)


def check_writable() -> None:
    """Raises Unavailable where the key file cannot be changed: a purge would not be one."""
    key_file = current_app.extensions["stepwell.settings"].key_file
    if not os.access(key_file.parent, os.W_OK):
        raise Unavailable("The key file cannot be changed here, so nothing can be purged. Make its folder writable.")


def puncture(scope_id: str) -> None:
    """Cut what opens the keys of this case out of the key file, for every backup of the database that was ever made.

    Copies of the key file made before must be replaced by hand.
    """
    _replant(lambda tree: tree.without(scope_id))


def renew_all() -> None:
    """Give a key file from before the tree its tree, and wrap the keys of its cases anew; else nothing happens."""
    if "tree" not in json.loads(current_app.extensions["stepwell.settings"].key_file.read_text()):
        _replant(lambda _none: key_tree.plant())
    rows = select(DataKey).where(DataKey.wrapped.is_not(None), DataKey.scope.not_in(OF_PRACTICE))
    for row in db.session.scalars(rows.where(~DataKey.master.endswith(BY_LEAF))).all():
        ring().renew(row)
    db.session.commit()


def _replant(change: Callable[[KeyTree], KeyTree]) -> None:
    """Put a changed tree into the key file, on the disk and in one step, one process at a time."""
    key_file = current_app.extensions["stepwell.settings"].key_file
    with (key_file.parent / f".{key_file.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        data = json.loads(key_file.read_text())
        tree = change(key_tree.read(data.get("tree", {})))
        unfinished = key_file.with_name(f".{key_file.name}.new")
        unfinished.unlink(missing_ok=True)
        _write(unfinished, data | {"tree": tree.written()})
        unfinished.replace(key_file)
    current_app.extensions.pop("stepwell.keyring", None)


def _stamp(key_file: Path) -> tuple[int, int] | None:
    """What changes when the file is replaced; None while it is away, which a running process outlives."""
    try:
        found = key_file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def prove_all() -> int:
    """Open every data key that was not destroyed; returns how many. Raises Unavailable."""
    rows = db.session.scalars(select(DataKey).where(DataKey.wrapped.is_not(None)))
    opened = [ring().unwrapped(row) for row in rows if not ring().is_cut(row.scope_id)]
    db.session.rollback()
    return len(opened)


def load(key_file: Path) -> Keyring:
    """Read the master key file. Raises Unavailable when it is missing or can be read by others."""
    if not key_file.exists():
        raise Unavailable("The key file is missing. Restore it, or start anew with an empty data folder.")
    if key_file.stat().st_mode & 0o077:
        raise Unavailable("The key file can be read by others. Set its mode to 0600.")
    data = json.loads(key_file.read_text())
    masters = {name: bytes.fromhex(value) for name, value in data["keys"].items()}
    return Keyring(masters, data["current"], key_tree.read(data.get("tree", {})))


def create_file(key_file: Path) -> None:
    """Write a new master key file with mode 0600; refuses to overwrite one."""
    key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key_file.parent.chmod(0o700)
    keys = {"k1": secrets.token_hex(KEY_BYTES)}
    _write(key_file, {"current": "k1", "keys": keys, "tree": key_tree.plant().written()})


def _write(key_file: Path, data: Mapping[str, object]) -> None:
    """On the disk when this returns."""
    descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(json.dumps(data))
        stream.flush()
        os.fsync(stream.fileno())
