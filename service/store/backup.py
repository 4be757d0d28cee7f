"""Backups: one file with everything in the database and a manifest that says what must come out again.

What is sealed stays sealed: the file holds ciphertext and wrapped keys, never the key file. A manifest carries row
counts, digests and a signature that only the same master keys make, so a wrong key or an altered file is refused
before anything is written.
"""

import hashlib
import hmac
import os
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import msgspec
from flask import current_app

from service.domain import clock
from service.errors import Conflict, Invalid, Unavailable
from service.settings import Settings
from service.store import condition, conflicts, dumps, schema
from service.store.base import db
from service.store.dumps import Contents
from service.store.keyring import prove_all, ring
from service.store.purges import bury

FORMAT = 1
MANIFEST = "manifest.json"
SIGNATURE = "manifest.mac"
PURPOSE = "backup"


@dataclass(frozen=True)
class Manifest:
    """What the file holds: `tables` maps a table to its rows and digest, `parts` a member to its sha-256."""

    format: int
    made_at: str
    database: str
    revision: str
    tables: dict[str, Contents]
    parts: dict[str, str]

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.tables.values())


@dataclass(frozen=True)
class Made:
    """A finished backup."""

    file: Path
    tables: dict[str, Contents]

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.tables.values())


def make(folder: Path) -> Made:
    """Write a backup of the running database into `folder`, while others go on writing. The name says only when."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"stepwell-{clock.now():%Y%m%dT%H%M%SZ}.backup"
    if file.exists():
        raise Conflict("A backup of this very second is there already.")
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as work:
        dump = dumps.copy_out(Path(work))
        parts = {name: _sha256(Path(work) / name) for name in dump.parts}
        manifest = Manifest(FORMAT, clock.now().isoformat(), dump.database, dump.revision, dump.tables, parts)
        unfinished = Path(work) / "file"
        _write(unfinished, Path(work), manifest)
        unfinished.rename(file)
    return Made(file, dump.tables)


def restore(file: Path, *, verify: bool = True) -> Manifest:
    """Put a backup into the empty database of the running application, then bring it to the newest schema.

    Raises Invalid (not a backup, altered, another kind of database, newer version), Unavailable (wrong key file),
    Conflict (the database holds rows).
    """
    with zipfile.ZipFile(_opened(file)) as archive:
        manifest = _checked_manifest(archive)
        _refuse_unfit(manifest)
        with tempfile.TemporaryDirectory(dir=_data_dir()) as work:
            _unpack(archive, manifest, Path(work))
            dumps.copy_in(Path(work), manifest.revision, manifest.tables if verify else {})
    prove_all()
    schema.upgrade()
    bury()
    conflicts.complete()
    return manifest


def _unpack(archive: zipfile.ZipFile, manifest: Manifest, work: Path) -> None:
    for name, digest in manifest.parts.items():
        archive.extract(name, work)
        if _sha256(work / name) != digest:
            raise Invalid("The backup was altered or cut short. Nothing was written.")


def _refuse_unfit(manifest: Manifest) -> None:
    if manifest.database != db.engine.dialect.name:
        raise Invalid(f"This backup is of {manifest.database}; the database here is {db.engine.dialect.name}.")
    if not schema.known(manifest.revision):
        raise Invalid("A newer version of Stepwell made this backup. Install that version first.")
    if schema.revision() is not None and condition.rows():
        raise Conflict("The database here holds rows. Restore into an empty one.")


def _write(target: Path, work: Path, manifest: Manifest) -> None:
    body = msgspec.json.format(msgspec.json.encode(manifest))
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(MANIFEST, body)
            archive.writestr(SIGNATURE, _mac(ring().derive(PURPOSE), body))
            for name in manifest.parts:
                archive.write(work / name, name)
        stream.flush()
        os.fsync(stream.fileno())


def _checked_manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        body, mac = archive.read(MANIFEST), archive.read(SIGNATURE)
    except (KeyError, zipfile.BadZipFile) as error:
        raise Invalid("This file is not a backup of Stepwell, or it was cut short.") from error
    if not any(hmac.compare_digest(_mac(key, body), mac) for key in ring().derive_all(PURPOSE)):
        raise Unavailable("The backup was made with another key file, or it was altered. Nothing was written.")
    manifest = msgspec.json.decode(body, type=Manifest)
    if manifest.format != FORMAT:
        raise Invalid("A newer version of Stepwell made this backup. Install that version first.")
    return manifest


def _opened(file: Path) -> Path:
    if not zipfile.is_zipfile(file):
        raise Invalid("This file is not a backup of Stepwell, or it was cut short.")
    return file


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, body, hashlib.sha256).hexdigest().encode()


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _data_dir() -> Path:
    """Where there is room, and where a file can be moved into place in one step."""
    settings: Settings = current_app.extensions["stepwell.settings"]
    return settings.data_dir
