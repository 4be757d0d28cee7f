"""What many tests begin with is written once an hour in each test process, and copied from then on.

Rule: a copy stands only where the same would have been written: into the SQLite file of a house that nobody has written
into yet, by the same person, with or without FHIR data. Everywhere else the verbs are asked, and so they are in every
room that tests/conftest.py does not name: there, writing a case may be what is tested.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

from flask import current_app

from service.domain import clock
from service.store.base import db

T = TypeVar("T")


@dataclass
class Shelf:
    """The answer and the file of what was written so far, by what it was, its hour, and whether FHIR data was built."""

    folder: Path
    kept: dict[Hashable, tuple[object, Path]] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """The file of the running test, as it was copied."""

    shelf: Shelf
    file: Path
    copied_at: int

    def is_untouched(self) -> bool:
        """Whether nobody has written since; what was written stands in the log until the last connection closes."""
        log = self.file.with_name(f"{self.file.name}-wal")
        return self.file.stat().st_mtime_ns == self.copied_at and not (log.exists() and log.stat().st_size)


def place_of(shelf: Shelf, file: Path) -> Place:
    return Place(shelf, file, file.stat().st_mtime_ns)


def copied(what: Hashable, write: Callable[[], T]) -> T:
    """The answer of `write`, with all that it writes in the database of the running test."""
    place: Place | None = current_app.extensions.get("tests.place")
    if place is None or db.session().in_transaction() or not place.is_untouched():
        return write()
    key = (what, clock.now().isoformat(timespec="hours"), "stepwell.waker" in current_app.extensions)
    if key in place.shelf.kept:
        answer, file = place.shelf.kept[key]
        _close()
        shutil.copyfile(file, place.file)
        return cast(T, answer)
    answer = write()
    _close()
    file = place.shelf.folder / f"{len(place.shelf.kept)}.sqlite3"
    shutil.copyfile(place.file, file)
    place.shelf.kept[key] = (answer, file)
    return answer


def once(write: Callable[..., T]) -> Callable[..., T]:
    """Let a function that writes what a test begins with be copied. It answers with values, not with rows."""

    @wraps(write)
    def written(*given: Any, **named: Any) -> T:
        what = (write.__module__, write.__qualname__, given, tuple(named.items()))
        return copied(what, lambda: write(*given, **named))

    return written


def _close() -> None:
    db.session.remove()
    db.engine.dispose()
