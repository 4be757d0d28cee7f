"""A backup made while others write comes back with equal digests; a wrong key or a full target is refused."""

import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from service.app import create_app
from service.casework import cases
from service.errors import Conflict, Invalid, NotFound, Unavailable
from service.settings import Settings
from service.store import audit, backup, dumps, keyring, purges, schema
from service.store import cases as case_store
from service.store.backup import Made
from service.store.base import db
from tests import builders
from tests.builders import House
from tests.conftest import close, settings_for


@pytest.fixture
def fresh(settings: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """An application on another, empty machine that was given the same key file."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    url = f"sqlite:///{folder / 'stepwell.sqlite3'}"
    if not settings.sqlite:
        create: Callable[[], str] = request.getfixturevalue("new_postgres_database")
        url = create()
    key_file = tmp_path / "other-keys" / "master.json"
    keyring.create_file(key_file)
    key_file.write_text(settings.key_file.read_text())
    app = create_app(settings_for(folder, key_file, url))
    yield app
    close(app)


def fill(house: House) -> str:
    """A case with something of everything; returns its id."""
    case = builders.add_case(house.therapist)
    session = builders.add_session(house.therapist, case.id)
    builders.add_intake(house.therapist, case.id)
    builders.add_note(house.therapist, session.id, text="Heliotrope umbrella.", signed=True)
    builders.add_plan(house.therapist, case.id)
    return case.id


def made(app: Flask, folder: Path) -> Made:
    with app.app_context():
        return backup.make(folder)


def test_everything_comes_back_and_the_digests_agree(app: Flask, house: House, fresh: Flask, tmp_path: Path) -> None:
    with app.app_context():
        case_id = fill(house)
        held = dumps.contents()
        before = cases.read_case(house.therapist, case_id)
        audit.seal_pending()
        head = audit.head()
    copy = made(app, tmp_path / "backups")
    with fresh.app_context():
        manifest = backup.restore(copy.file, verify=True)
        found = dumps.contents()
        assert audit.verify(head).ok
        assert cases.read_case(house.therapist, case_id) == before
    assert manifest.tables == found
    assert {name: held[name] for name in ("note", "intake", "client_case")} == {
        name: found[name] for name in ("note", "intake", "client_case")
    }
    assert copy.rows == manifest.rows > 20


def test_a_backup_made_before_a_purge_does_not_open_what_was_purged(
    app: Flask, house: House, fresh: Flask, settings: Settings, tmp_path: Path
) -> None:
    with app.app_context():
        case_id, other_id = fill(house), fill(house)
        before = made(app, tmp_path / "backups")
        row = case_store.row(case_id)
        assert row is not None
        purges.erase(row)
        db.session.commit()
        keyring.puncture(case_id)
    other_keys = tmp_path / "other-keys" / "master.json"
    other_keys.write_text(settings.key_file.read_text())
    with fresh.app_context():
        backup.restore(before.file)
        assert cases.read_case(house.therapist, other_id).client.chosen_name
        with pytest.raises(NotFound):
            cases.read_case(house.therapist, case_id)
        with pytest.raises(NotFound):
            keyring.ring().box(case_id)
        key = db.session.query(keyring.DataKey).filter_by(scope_id=case_id).one()
        assert key.wrapped is None


def test_the_wrapped_key_of_a_backup_opens_with_no_key_of_today(app: Flask, house: House) -> None:
    """Not by obedience: what unwraps it cannot be worked out from the key file any more."""
    with app.app_context():
        case_id = fill(house)
        key = db.session.query(keyring.DataKey).filter_by(scope_id=case_id).one()
        assert keyring.ring().unwrapped(key)
        db.session.expunge(key)
        db.session.rollback()
        keyring.puncture(case_id)
        with pytest.raises(NotFound):
            keyring.ring().unwrapped(key)


def test_work_goes_on_after_a_restore(app: Flask, house: House, fresh: Flask, tmp_path: Path) -> None:
    with app.app_context():
        fill(house)
    copy = made(app, tmp_path)
    with fresh.app_context():
        backup.restore(copy.file)
        fill(house)
        audit.seal_pending()
        assert audit.verify().ok
        assert schema.revision() == schema.newest()


def test_a_backup_can_be_made_while_others_write(app: Flask, house: House, fresh: Flask, tmp_path: Path) -> None:
    stop, written = threading.Event(), []

    def write() -> None:
        with app.app_context():
            while not stop.is_set():
                written.append(builders.add_case(house.therapist).id)

    writer = threading.Thread(target=write)
    writer.start()
    copies = [backup_named(app, tmp_path / str(number)) for number in range(3)]
    stop.set()
    writer.join()
    with fresh.app_context():
        manifest = backup.restore(copies[-1].file, verify=True)
        assert manifest.tables["client_case"] == dumps.contents()["client_case"]
    kept = manifest.tables
    assert kept["client_case"].rows == kept["case_summary"].rows == kept["episode"].rows
    assert len(written) >= kept["client_case"].rows


def backup_named(app: Flask, folder: Path) -> Made:
    return made(app, folder)


def test_a_backup_holds_no_key_and_nothing_in_clear(app: Flask, house: House, tmp_path: Path) -> None:
    with app.app_context():
        fill(house)
        master = app.extensions["stepwell.settings"].key_file.read_text()
    copy = made(app, tmp_path)
    with zipfile.ZipFile(copy.file) as archive:
        held = b"".join(archive.read(name) for name in archive.namelist())
    key = master.split('"k1": "')[1][:64]
    for secret in (key.encode(), bytes.fromhex(key), b"Heliotrope", "Zoë".encode(), "Núñez".encode()):
        assert secret not in held
    assert "Zo" not in copy.file.name
    assert copy.file.stat().st_mode & 0o777 == 0o600


def test_a_wrong_key_file_is_refused_before_anything_is_written(
    app: Flask, house: House, fresh: Flask, tmp_path: Path
) -> None:
    copy = made(app, tmp_path)
    key_file: Path = fresh.extensions["stepwell.settings"].key_file
    key_file.unlink()
    keyring.create_file(key_file)
    with fresh.app_context():
        with pytest.raises(Unavailable, match="another key file"):
            backup.restore(copy.file)
        assert schema.revision() is None


def test_a_missing_key_file_is_refused(app: Flask, house: House, fresh: Flask, tmp_path: Path) -> None:
    copy = made(app, tmp_path)
    fresh.extensions["stepwell.settings"].key_file.unlink()
    with fresh.app_context(), pytest.raises(Unavailable, match="missing"):
        backup.restore(copy.file)


@pytest.mark.parametrize("member", ["manifest.json", "rows"])
def test_an_altered_backup_is_refused(app: Flask, house: House, fresh: Flask, tmp_path: Path, member: str) -> None:
    copy = made(app, tmp_path)
    altered = tmp_path / "altered.backup"
    with zipfile.ZipFile(copy.file) as archive, zipfile.ZipFile(altered, "w") as target:
        for name in archive.namelist():
            body = archive.read(name)
            chosen = name == member if member == "manifest.json" else not name.startswith("manifest")
            target.writestr(name, body.replace(b"1", b"2") if chosen else body)
    with fresh.app_context():
        with pytest.raises((Invalid, Unavailable), match="altered"):
            backup.restore(altered)
        assert schema.revision() is None


@pytest.mark.parametrize("body", [b"", b"not a backup", b"PK\x03\x04 torn"])
def test_another_file_is_refused_in_words(context: Flask, tmp_path: Path, body: bytes) -> None:
    file = tmp_path / "some.backup"
    file.write_bytes(body)
    with pytest.raises(Invalid, match="not a backup"):
        backup.restore(file)


def test_a_torn_backup_is_refused(app: Flask, house: House, fresh: Flask, tmp_path: Path) -> None:
    copy = made(app, tmp_path)
    copy.file.write_bytes(copy.file.read_bytes()[:-200])
    with fresh.app_context(), pytest.raises(Invalid, match="not a backup"):
        backup.restore(copy.file)


def test_a_database_with_rows_is_not_written_over(app: Flask, house: House, tmp_path: Path) -> None:
    copy = made(app, tmp_path)
    with app.app_context():
        held = dumps.contents()
        with pytest.raises(Conflict, match="empty one"):
            backup.restore(copy.file)
        assert dumps.contents() == held


def test_a_backup_of_a_newer_version_is_refused(
    app: Flask, house: House, fresh: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context(), monkeypatch.context() as changed:
        changed.setattr(schema, "revision", lambda: "9999")
        copy = backup.make(tmp_path)
    with fresh.app_context(), pytest.raises(Invalid, match="newer version"):
        backup.restore(copy.file)


def test_rows_that_came_out_differently_are_not_kept(
    app: Flask, house: House, fresh: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = dumps.Contents(1, "00")
    with app.app_context(), monkeypatch.context() as changed:
        real = dumps.copy_out
        changed.setattr(dumps, "copy_out", lambda work: _with_wrong_digest(real(work), wrong))
        copy = backup.make(tmp_path)
    with fresh.app_context():
        with pytest.raises(Invalid, match="account"):
            backup.restore(copy.file, verify=True)
        db.session.remove()
        assert schema.revision() is None or dumps.contents()["account"].rows == 0
        backup.restore(copy.file, verify=False)


def _with_wrong_digest(dump: dumps.Dump, wrong: dumps.Contents) -> dumps.Dump:
    return dumps.Dump(dump.database, dump.revision, {**dump.tables, "account": wrong}, dump.parts)


def test_an_empty_machine_has_nothing_to_back_up(app: Flask, fresh: Flask, tmp_path: Path) -> None:
    with fresh.app_context(), pytest.raises(Invalid, match="no tables"):
        backup.make(tmp_path)
