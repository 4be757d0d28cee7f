"""Where the audit's head is written down outside the database: one line a time, in a file beside the key file.

A chain cannot show that its own end was cut off; a head that was written down earlier does (service/store/audit.py).
"""

import json
import os
from pathlib import Path

from service.domain import clock
from service.store import audit
from service.store.audit import Head
from service.store.base import db

NAME = "audit-heads.jsonl"


def file_beside(key_file: Path) -> Path:
    return key_file.with_name(NAME)


def publish(file: Path, why: str = "hourly") -> Head:
    """Append the head as it stands, unless the chain lost what was published before: then `verify` goes on failing."""
    head, before = audit.head(), latest(file)
    kept = before is None or audit.holds(before)
    db.session.rollback()
    if before is not None and not kept:
        return before
    line = json.dumps({"at": clock.now().isoformat(), "count": head.count, "mac": head.mac, "why": why}) + "\n"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(line)
        stream.flush()
        os.fsync(stream.fileno())
    return head


def latest(file: Path) -> Head | None:
    """The head written down last; a line that a crash cut short is passed over."""
    if not file.exists():
        return None
    found = [head for line in file.read_text().splitlines() if (head := _read(line)) is not None]
    return found[-1] if found else None


def _read(line: str) -> Head | None:
    try:
        entry = json.loads(line)
        return Head(int(entry["count"]), str(entry["mac"]))
    except (ValueError, KeyError, TypeError):
        return None
