"""Imported forms: the table, and finding a definition by key and version.

A definition never changes, so it is kept in memory once read; whether it is still in use is read apart each time. The
original lies beside it byte for byte.
"""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

from flask import has_app_context
from sqlalchemy import ForeignKey, LargeBinary, Select, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, defer, mapped_column

from schemas.instruments import INSTRUMENTS
from schemas.instruments import find as find_anywhere
from schemas.instruments.definition import VERSION, Instrument, Status, canonical
from schemas.instruments.kinds import CODE
from schemas.instruments.restoring import restored
from service.domain import clock
from service.domain.imported import Attested, Imported, Threshold
from service.store.base import Base, Code, Id, UtcDateTime, Words, db, new_id

KEPT_IN_MEMORY = 32


class InstrumentRow(Base):
    """`form_version` is the definition's; `version` counts changes of the row."""

    __tablename__ = "instrument"
    __table_args__ = (UniqueConstraint("practice_id", "key", "form_version"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    practice_id: Mapped[str] = mapped_column(Id, ForeignKey("practice.id"), index=True)
    key: Mapped[str] = mapped_column(Code)
    form_version: Mapped[str] = mapped_column(Code)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(Code)
    title: Mapped[str] = mapped_column(Words)
    definition: Mapped[str] = mapped_column(Text)
    original: Mapped[bytes] = mapped_column(LargeBinary)
    original_hash: Mapped[str] = mapped_column(String(64))
    attested_by: Mapped[str | None] = mapped_column(Id, ForeignKey("account.id"))
    attested_name: Mapped[str] = mapped_column(Words)
    attested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    licence: Mapped[str] = mapped_column(Text)
    thresholds: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __mapper_args__ = {"version_id_col": version}


@dataclass(frozen=True)
class Arrival:
    """A form that was read and attested, ready to be kept. `account_id` is None at the command line."""

    instrument: Instrument
    original: bytes
    attested: Attested
    account_id: str | None


def find(key: str, version: str | None = None) -> Instrument:
    """On the shelf first, then among the imported. Raises LookupError."""
    return find_anywhere(key, version)


def find_imported(key: str, version: str | None) -> Instrument:
    """What lies behind the shelf (schemas.instruments.look_behind). Raises LookupError."""
    if not has_app_context() or not _could_be(key, version):
        raise LookupError("no such instrument or version")
    was_open = db.session().in_transaction()
    try:
        return _definition(key, version or _newest(key))
    finally:
        if not was_open:
            db.session.rollback()


def _could_be(key: str, version: str | None) -> bool:
    """Whether these could name a form at all; what stands in an address may hold anything, a NUL too."""
    return CODE.fullmatch(key) is not None and (version is None or VERSION.fullmatch(version) is not None)


def visible(practice_id: str, key: str, version: str | None = None) -> Instrument:
    """The same for one practice: another's imported form is not there. Raises LookupError."""
    found = find(key, version)
    if found.origin is not None and not _belongs(practice_id, key):
        raise LookupError("no such instrument or version")
    return found


@lru_cache(maxsize=KEPT_IN_MEMORY)
def _definition(key: str, version: str) -> Instrument:
    text = db.session.scalar(
        select(InstrumentRow.definition).where(InstrumentRow.key == key, InstrumentRow.form_version == version)
    )
    if text is None:
        raise LookupError("no such instrument or version")
    return restored(json.loads(text))


def _newest(key: str) -> str:
    found = db.session.scalars(select(InstrumentRow.form_version).where(InstrumentRow.key == key)).all()
    if not found:
        raise LookupError("no such instrument or version")
    return max(found, key=_major)


def _major(version: str) -> int:
    return int(version.partition(".")[0])


def _belongs(practice_id: str, key: str) -> bool:
    query = select(InstrumentRow.id).where(InstrumentRow.key == key, InstrumentRow.practice_id == practice_id).limit(1)
    was_open = db.session().in_transaction()
    try:
        return db.session.scalar(query) is not None
    finally:
        if not was_open:
            db.session.rollback()


def of_key(practice_id: str, key: str) -> list[InstrumentRow]:
    """Every version of one form, newest first."""
    query = _of_practice(practice_id).where(InstrumentRow.key == key)
    return sorted(db.session.scalars(query), key=lambda each: -_major(each.form_version))


def of_practice(practice_id: str) -> list[InstrumentRow]:
    """Every version of every form, by title, newest version first."""
    found = db.session.scalars(_of_practice(practice_id))
    return sorted(found, key=lambda each: (each.title.lower(), each.key, -_major(each.form_version)))


def every_version(practice_id: str, key: str) -> tuple[Instrument, ...]:
    """The definitions of one form, newest first."""
    was_open = db.session().in_transaction()
    found = tuple(_definition(each.key, each.form_version) for each in of_key(practice_id, key))
    if not was_open:
        db.session.rollback()
    return found


def newest_active(practice_id: str) -> tuple[Imported, ...]:
    """The newest version of each form, where it is not retired."""
    was_open = db.session().in_transaction()
    first: dict[str, InstrumentRow] = {}
    for each in of_practice(practice_id):
        first.setdefault(each.key, each)
    found = tuple(value(each) for each in first.values() if each.status == Status.ACTIVE)
    if not was_open:
        db.session.rollback()
    return found


def row(practice_id: str, key: str, version: str) -> InstrumentRow | None:
    query = _of_practice(practice_id).where(InstrumentRow.key == key, InstrumentRow.form_version == version)
    return db.session.scalar(query) if _could_be(key, version) else None


def original(practice_id: str, key: str, version: str) -> bytes | None:
    """The file as it was received."""
    if not _could_be(key, version):
        return None
    return db.session.scalar(
        select(InstrumentRow.original).where(
            InstrumentRow.practice_id == practice_id,
            InstrumentRow.key == key,
            InstrumentRow.form_version == version,
        )
    )


def is_original(found: InstrumentRow, data: bytes) -> bool:
    return found.original_hash == hashlib.sha256(data).hexdigest()


def _of_practice(practice_id: str) -> Select[InstrumentRow]:
    kept_back = (defer(InstrumentRow.original), defer(InstrumentRow.definition))
    return select(InstrumentRow).options(*kept_back).where(InstrumentRow.practice_id == practice_id)


def add(practice_id: str, arrival: Arrival) -> InstrumentRow:
    instrument, now = arrival.instrument, clock.now()
    found = InstrumentRow(
        id=new_id(),
        practice_id=practice_id,
        key=instrument.key,
        form_version=instrument.version,
        fingerprint=instrument.fingerprint,
        status=Status.ACTIVE,
        title=instrument.title[:200],
        definition=json.dumps(canonical(instrument), ensure_ascii=False, separators=(",", ":")),
        original=arrival.original,
        original_hash=hashlib.sha256(arrival.original).hexdigest(),
        attested_by=arrival.account_id,
        attested_name=arrival.attested.name,
        attested_at=arrival.attested.at,
        licence=arrival.attested.licence,
        version=1,
        updated_at=now,
    )
    db.session.add(found)
    db.session.flush()
    return found


def retire(found: InstrumentRow) -> None:
    found.status, found.updated_at = Status.RETIRED, clock.now()
    db.session.flush()


def attach(found: InstrumentRow, threshold: Threshold) -> None:
    """Put a threshold beside the others; one about the same result takes the place of the older."""
    kept = [each for each in thresholds_of(found) if each.result != threshold.result]
    told = [
        {"result": each.result, "change": str(each.change), "citation": each.citation} for each in [*kept, threshold]
    ]
    found.thresholds, found.updated_at = json.dumps(told, ensure_ascii=False), clock.now()
    db.session.flush()


def thresholds_of(found: InstrumentRow) -> tuple[Threshold, ...]:
    told = json.loads(found.thresholds) if found.thresholds else []
    return tuple(Threshold(each["result"], Decimal(each["change"]), each["citation"]) for each in told)


def published(practice_id: str, keys: Collection[str]) -> dict[str, tuple[Threshold, ...]]:
    """The change thresholds attached to the newest version of each of these forms."""
    own = {each.key for each in INSTRUMENTS}
    rows = (of_key(practice_id, key) for key in sorted(set(keys) - own))
    return {found[0].key: thresholds_of(found[0]) for found in rows if found}


def value(found: InstrumentRow, instrument: Instrument | None = None) -> Imported:
    """`instrument` is given for a row that is not committed yet: memory holds only what will stay."""
    return Imported(
        id=found.id,
        practice_id=found.practice_id,
        instrument=instrument or _definition(found.key, found.form_version),
        status=Status(found.status),
        attested=Attested(found.attested_name, found.attested_at, found.licence),
        original_hash=found.original_hash,
        thresholds=thresholds_of(found),
        version=found.version,
        updated_at=found.updated_at,
    )
