"""Files of bulk exports: lines of NDJSON in sealed frames, one file a type, beside the database and never in clear.

A frame holds lines of one case and is sealed with that case's key (directory data: the practice's), so a purge closes
it wherever it lies. A frame is
    length (4 bytes) | name of the key (36) | envelope of service/store/keyring.py
with file and place as additional data, so that no frame can be moved or left out before another.

Rule: what lies beyond the committed end of a file is nothing. Whoever goes on after a crash cuts it off first, so no
line is lost or doubled.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from flask import current_app

from service.errors import NotFound, Unavailable
from service.settings import Settings
from service.store.driver import leave_session
from service.store.keyring import Place, ring

FRAME = 262_144  # bytes of lines in one frame, or one line where that is longer
NAMED = 36
LENGTH = 4
GONE = "This export cannot be read any more."


@dataclass(frozen=True)
class Tail:
    """Where a file is to go on: its committed end."""

    export_id: str
    type: str
    end: int


def append(tail: Tail, lines: Iterable[bytes], scope_id: str, *, is_synced: bool = True) -> int:
    """Write lines after the committed end of a file, on the disk when this returns; returns the new end."""
    path, end = _path(tail.export_id, tail.type), tail.end
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    box = ring().box(scope_id)
    with os.fdopen(descriptor, "r+b", buffering=0) as stream:
        stream.truncate(end)
        stream.seek(end)
        for frame in _frames(lines):
            sealed = box.seal_bytes(_place(tail.export_id, tail.type, end), frame)
            os.writev(descriptor, (len(sealed).to_bytes(LENGTH, "big"), scope_id.encode(), sealed))
            end += LENGTH + NAMED + len(sealed)
        if is_synced:
            os.fsync(descriptor)
    return end


def read(export_id: str, kind: str, end: int) -> Iterator[bytes]:
    """The lines up to the committed `end`, frame by frame. Raises NotFound when a key is gone, Unavailable when a file
    is not what was written.
    """
    if not _path(export_id, kind).is_file():
        raise NotFound
    return _read(export_id, kind, end)


def remove(export_id: str) -> None:
    shutil.rmtree(_folder() / export_id, ignore_errors=True)


def stored() -> Sequence[str]:
    """The exports that have files."""
    return [each.name for each in _folder().iterdir()] if _folder().is_dir() else []


def _read(export_id: str, kind: str, end: int) -> Iterator[bytes]:
    with _path(export_id, kind).open("rb") as stream:
        place = 0
        while place < end:
            length = int.from_bytes(stream.read(LENGTH), "big")
            scope_id, sealed = stream.read(NAMED).decode(errors="replace"), stream.read(length)
            if length == 0 or len(sealed) != length:
                raise Unavailable(GONE)
            lines = ring().box(scope_id).open_bytes(_place(export_id, kind, place), sealed)
            leave_session()  # whoever reads slowly holds up nobody
            yield lines
            place += LENGTH + NAMED + length


def _frames(lines: Iterable[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    size = 0
    for line in lines:
        waiting += (line, b"\n")
        size += len(line) + 1
        if size >= FRAME:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _path(export_id: str, kind: str) -> Path:
    return _folder() / export_id / f"{kind}.sealed"


def _folder() -> Path:
    return cast(Settings, current_app.extensions["stepwell.settings"]).data_dir / "bulk"


def _place(export_id: str, kind: str, place: int) -> Place:
    return Place("bulk_file", f"{export_id}/{kind}/{place}", "frame")
