"""Stored FHIR bytes: every version as it was written, sealed, with its hash and the columns that searches need.

The bytes are served as they are. The current version of a resource is the row with `current`; older versions stay for
`_history/N`.
"""

import hashlib
import hmac
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol, cast

from sqlalchemy import (
    Executable,
    Index,
    LargeBinary,
    String,
    bindparam,
    delete,
    exists,
    false,
    func,
    select,
    text,
    true,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from service.domain import clock
from service.store.base import POSTGRESQL_WHERE, Base, Code, Id, UtcDateTime, Words, db
from service.store.driver import Prepared
from service.store.keyring import Box, Place, ring
from service.store.outbox import OutboxRow

_CURRENT = text("is_current")
# SQLite takes a partial index only where the query repeats its condition as it is written here.
_CURRENT_SQLITE = text("is_current = 1")


class ResourceRow(Base):
    """`scope_id` names whose key seals the body: the case, or the practice for directory resources."""

    __tablename__ = "fhir_resource"
    __table_args__ = (
        Index(
            "ix_fhir_resource_current",
            "type",
            "id",
            unique=True,
            sqlite_where=_CURRENT_SQLITE,
            info={POSTGRESQL_WHERE: _CURRENT},
        ),
        Index(
            "ix_fhir_resource_case",
            "case_id",
            "type",
            "date",
            sqlite_where=_CURRENT_SQLITE,
            info={POSTGRESQL_WHERE: _CURRENT},
        ),
        Index(
            "ix_fhir_resource_practice",
            "practice_id",
            "type",
            "date",
            sqlite_where=_CURRENT_SQLITE,
            info={POSTGRESQL_WHERE: _CURRENT},
        ),
    )

    type: Mapped[str] = mapped_column(Code, primary_key=True)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    is_current: Mapped[bool]
    practice_id: Mapped[str] = mapped_column(Id)
    case_id: Mapped[str | None] = mapped_column(Id)
    scope_id: Mapped[str] = mapped_column(Id)
    record_type: Mapped[str] = mapped_column(Code)
    record_id: Mapped[str] = mapped_column(Id)
    date: Mapped[datetime | None] = mapped_column(UtcDateTime)
    code: Mapped[str] = mapped_column(Words, default="")
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    digest: Mapped[str] = mapped_column(String(64))
    body: Mapped[bytes] = mapped_column(LargeBinary)


class Found(Protocol):
    """The columns of one stored version, still sealed."""

    type: str
    id: str
    version: int
    case_id: str | None
    practice_id: str
    scope_id: str
    date: datetime | None
    updated_at: datetime
    digest: str
    body: bytes
    behind: bool
    record_type: str


class Stored(NamedTuple):
    """One stored version, opened. `body` is the exact JSON that was written; `behind` says that records of its
    case wait to be built, `record_type` what it was made of.
    """

    type: str
    id: str
    version: int
    case_id: str | None
    practice_id: str
    updated_at: datetime
    digest: str
    body: bytes
    behind: bool = False
    date: datetime | None = None
    record_type: str = ""


class Sealed(NamedTuple):
    """A current version on its way into an export, still sealed."""

    type: str
    id: str
    version: int
    body: bytes
    record_type: str


class Line(NamedTuple):
    """The same, opened."""

    type: str
    id: str
    body: bytes
    record_type: str = ""


@dataclass(frozen=True)
class Draft:
    """A resource ready to be stored. `date` is what `date` searches look at, `code` a "system|code" token for `code`
    searches.
    """

    type: str
    id: str
    practice_id: str
    case_id: str | None
    record_type: str
    record_id: str
    date: datetime | None = None
    code: str = ""


class Search(NamedTuple):
    """What a search may ask of the columns, inside one case or (without one) in the directory of a practice; None
    leaves a condition out. `but_of` is a kind of record of which nothing is to be found.
    """

    type: str
    practice_id: str = ""
    case_id: str | None = None
    after: datetime | None = None
    before: datetime | None = None
    updated_from: datetime | None = None
    updated_before: datetime | None = None
    offset_id: str | None = None
    limit: int = 50
    but_of: str | None = None


def digest_of(body: bytes) -> str:
    """Keyed, because a plain hash would let whoever holds the file test guessed names against it."""
    return hmac.new(ring().derive("resource"), body, hashlib.sha256).hexdigest()


def next_version(resource_type: str, resource_id: str) -> int:
    query = select(func.max(ResourceRow.version)).where(
        ResourceRow.type == resource_type, ResourceRow.id == resource_id
    )
    return (db.session.scalar(query) or 0) + 1


def put(draft: Draft, version: int, body: bytes, updated_at: datetime | None = None) -> None:
    """Store a version and make it the current one; joins the running transaction."""
    scope_id = draft.case_id or draft.practice_id
    same = (ResourceRow.type == draft.type) & (ResourceRow.id == draft.id)
    db.session.execute(update(ResourceRow).where(same & ResourceRow.is_current).values(is_current=False))
    db.session.add(
        ResourceRow(
            type=draft.type,
            id=draft.id,
            version=version,
            is_current=True,
            practice_id=draft.practice_id,
            case_id=draft.case_id,
            scope_id=scope_id,
            record_type=draft.record_type,
            record_id=draft.record_id,
            date=draft.date,
            code=draft.code,
            updated_at=updated_at or clock.now(),
            digest=digest_of(body),
            body=ring().box(scope_id).seal_bytes(_place(draft.type, draft.id, version), body),
        )
    )
    db.session.flush()


def forget_older(draft: Draft, version: int) -> None:
    """Remove the versions before this one: they hold what must not be read any more."""
    same = (ResourceRow.type == draft.type) & (ResourceRow.id == draft.id)
    db.session.execute(delete(ResourceRow).where(same & (ResourceRow.version < version)))


def current(resource_type: str, resource_id: str) -> Found | None:
    return _first(_NOW, {"type": resource_type, "id": resource_id})


def opened(row: Found) -> Stored:
    return _opened(row, ring().box(row.scope_id))


def opened_all(rows: Iterable[Found]) -> tuple[Stored, ...]:
    """The same for many: the keys are at hand once."""
    keys = ring()
    return tuple(_opened(each, keys.box(each.scope_id)) for each in rows)


def _opened(row: Found, box: Box) -> Stored:
    return Stored(
        row.type,
        row.id,
        row.version,
        row.case_id,
        row.practice_id,
        row.updated_at,
        row.digest,
        box.open_bytes(_place(row.type, row.id, row.version), row.body),
        row.behind,
        row.date,
        row.record_type,
    )


def of_case(case_id: str) -> list[Stored]:
    """Every current resource of a case, in a fixed order."""
    return _all(OF_CASE, {"case_id": case_id})


def lines_of_case(case_id: str, since: datetime | None) -> list[Sealed]:
    """Every current resource of a case that changed after `since`, still sealed. Plain rows of the driver: an export
    reads more of them than anything else does.
    """
    ready = _LINES.ready(db.engine.dialect)
    cursor = cast(Any, db.session.connection().connection).cursor()
    try:
        cursor.execute(ready.text, ready.values({"case_id": case_id, "since": since or BEFORE_ALL}))
        return sorted(Sealed(*row) for row in cursor.fetchall())
    finally:
        cursor.close()


def open_lines(case_id: str, sealed: Collection[Sealed]) -> list[Line]:
    """The same, opened, in the order of type and id."""
    box = ring().box(case_id)
    return [
        Line(kind, name, box.open_bytes(_place(kind, name, version), body), made_of)
        for kind, name, version, body, made_of in sealed
    ]


def of_types(case_id: str, types: Collection[str]) -> list[Stored]:
    """The current resources of these types of a case."""
    mine = (ResourceRow.case_id == case_id) & ResourceRow.is_current
    return _all(select(*COLUMNS).where(mine, ResourceRow.type.in_(types)))


def directory(practice_id: str, ids: Collection[str]) -> list[Stored]:
    """Current directory resources of a practice among these ids."""
    mine = (ResourceRow.practice_id == practice_id) & ResourceRow.case_id.is_(None) & ResourceRow.is_current
    return _all(select(*COLUMNS).where(mine, ResourceRow.id.in_(ids)).order_by(ResourceRow.type, ResourceRow.id))


def cases_of(practice_id: str, resource_type: str, ids: Collection[str]) -> tuple[str, ...]:
    """The cases that current resources with these ids belong to."""
    mine = (ResourceRow.practice_id == practice_id) & ResourceRow.is_current & ResourceRow.case_id.is_not(None)
    query = (
        select(ResourceRow.case_id).where(mine, ResourceRow.type == resource_type, ResourceRow.id.in_(ids)).distinct()
    )
    return tuple(each for each in db.session.scalars(query) if each)


# Columns and not rows: what is read here goes out as bytes, and the mapper's bookkeeping costs more than the database
# does.
STORED = (
    ResourceRow.type,
    ResourceRow.id,
    ResourceRow.version,
    ResourceRow.case_id,
    ResourceRow.practice_id,
    ResourceRow.scope_id,
    ResourceRow.date,
    ResourceRow.updated_at,
    ResourceRow.digest,
    ResourceRow.body,
    ResourceRow.record_type,
)
COLUMNS = (
    *STORED,
    # NULL = NULL holds for no row, so a directory resource is never behind.
    exists().where(OutboxRow.case_id == ResourceRow.case_id, OutboxRow.done_at.is_(None)).label("behind"),
)
# For pages, where the case is asked once whether it is behind.
OF_A_PAGE = (*STORED, false().label("behind"))
BEFORE_ALL = datetime(1900, 1, 1, tzinfo=UTC)
# In no order: to sort sealed bodies costs the database more than to read them.
_LINES = Prepared(
    select(ResourceRow.type, ResourceRow.id, ResourceRow.version, ResourceRow.body, ResourceRow.record_type).where(
        ResourceRow.case_id == bindparam("case_id"),
        ResourceRow.is_current,
        ResourceRow.updated_at > bindparam("since"),
    )
)
OF_TYPE_AND_ID = select(*COLUMNS).where(ResourceRow.type == bindparam("type"), ResourceRow.id == bindparam("id"))
CURRENT, VERSION = ResourceRow.is_current == true(), ResourceRow.version == bindparam("version")
_NOW = OF_TYPE_AND_ID.where(CURRENT)
OF_CASE = (
    select(*OF_A_PAGE)
    .where(ResourceRow.case_id == bindparam("case_id"), CURRENT)
    .order_by(ResourceRow.type, ResourceRow.id)
)


def _first(query: Executable, values: dict[str, object]) -> Found | None:
    return cast(Found | None, db.session.execute(query, values).first())


def _all(query: Executable, values: dict[str, object] | None = None) -> list[Stored]:
    return [opened(cast(Found, row)) for row in db.session.execute(query, values or {})]


def _place(resource_type: str, resource_id: str, version_number: int) -> Place:
    return Place("fhir_resource", f"{resource_type}/{resource_id}/{version_number}", "body")
