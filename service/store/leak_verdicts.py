"""What the leak guard found of stored versions, sealed, so that no version is read again for the same question.

Rule: a verdict names neither values nor words. It holds a keyed digest of what was looked for, and of each version the
tag of its seal, which nobody can make for other words without the key of the case.
"""

import hmac
from dataclasses import dataclass

import msgspec
from sqlalchemy import ForeignKey, LargeBinary, delete
from sqlalchemy.orm import Mapped, mapped_column

from service.errors import Unavailable
from service.store.base import Base, Id, db, insert_or_change
from service.store.keyring import Place, ring

MARK = 16
CLEAR, TELLING = b"\0", b"\1"


class LeakVerdictRow(Base):
    """One row a case. `body` is sealed with the key of the case."""

    __tablename__ = "leak_verdict"

    case_id: Mapped[str] = mapped_column(Id, ForeignKey("client_case.id"), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True)
class Verdicts:
    """By the digest of what was looked for: the marks of versions that tell nothing of it, and of those that do."""

    sought: bytes
    clear: frozenset[bytes] = frozenset()
    telling: frozenset[bytes] = frozenset()


class _Kept(msgspec.Struct):
    """Each mark with one byte that says which: the length tells how many were looked at, and not what was found."""

    sought: bytes
    marks: bytes


def digest_of(sought: object) -> bytes:
    """Keyed, because a plain digest would let whoever holds the opened row test guesses against it."""
    return hmac.digest(ring().derive("leak verdict"), msgspec.json.encode(sought), "sha256")


def mark_of(envelope: bytes) -> bytes:
    return envelope[-MARK:]


def of_case(case_id: str, sought: bytes) -> Verdicts:
    """What is known for this question; nothing where another was asked, or where what was kept cannot be opened."""
    row = db.session.get(LeakVerdictRow, case_id)
    try:
        kept = ring().box(case_id).open(_place(case_id), row.body, _Kept) if row else None
    except Unavailable:
        kept = None
    if kept is None or not hmac.compare_digest(kept.sought, sought):
        return Verdicts(sought)
    return Verdicts(sought, _marked(kept.marks, CLEAR), _marked(kept.marks, TELLING))


def put(case_id: str, found: Verdicts) -> None:
    """Joins the running transaction. In one statement, so that two exports of one case do not stop each other."""
    marks = b"".join([*(each + CLEAR for each in found.clear), *(each + TELLING for each in found.telling)])
    body = ring().box(case_id).seal(_place(case_id), _Kept(found.sought, marks))
    first = insert_or_change(LeakVerdictRow).values(case_id=case_id, body=body)
    db.session.execute(first.on_conflict_do_update(index_elements=["case_id"], set_={"body": body}))


def forget(case_id: str) -> None:
    db.session.execute(delete(LeakVerdictRow).where(LeakVerdictRow.case_id == case_id))


def _marked(marks: bytes, as_what: bytes) -> frozenset[bytes]:
    parts = (marks[place : place + MARK + 1] for place in range(0, len(marks), MARK + 1))
    return frozenset(each[:MARK] for each in parts if each[MARK:] == as_what)


def _place(case_id: str) -> Place:
    return Place("leak_verdict", case_id, "body")
