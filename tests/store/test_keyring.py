"""Sealed values open only where they were put, with the key they were sealed by; the key file is the owner's alone."""

import json
import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from flask import Flask
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import text, update

from service.casework import cases
from service.errors import NotFound, Unavailable
from service.settings import Settings
from service.store import keyring
from service.store.base import db, new_id
from service.store.cases import CaseRow
from service.store.keyring import Box, DataKey, Place
from service.store.notes import NoteRow
from tests import builders
from tests.builders import House, add_case, add_note, add_session

HERE = Place("note", "row-1", "sections")


def a_box() -> Box:
    return Box(new_id(), 1, os.urandom(32))


@given(some.text(max_size=300))
def test_what_is_sealed_opens_again(words: str) -> None:
    box = a_box()
    assert box.open(HERE, box.seal(HERE, words), str) == words


@pytest.mark.parametrize(
    "place",
    [Place("note", "row-2", "sections"), Place("note", "row-1", "other"), Place("goal", "row-1", "sections")],
)
def test_a_value_moved_to_another_place_does_not_open(place: Place) -> None:
    box = a_box()
    envelope = box.seal(HERE, "what was said")
    with pytest.raises(Unavailable):
        box.open(place, envelope, str)


@given(some.integers(min_value=0, max_value=59))
def test_a_value_with_one_altered_byte_does_not_open(place: int) -> None:
    box = a_box()
    envelope = bytearray(box.seal(HERE, "what was said in there"))
    envelope[place % len(envelope)] ^= 1
    with pytest.raises(Unavailable):
        box.open(HERE, bytes(envelope), str)


def test_the_same_words_never_look_the_same() -> None:
    box = a_box()
    assert box.seal(HERE, "again") != box.seal(HERE, "again")


def test_another_key_does_not_open() -> None:
    key_id = new_id()
    envelope = Box(key_id, 1, os.urandom(32)).seal(HERE, "words")
    with pytest.raises(Unavailable):
        Box(key_id, 1, os.urandom(32)).open(HERE, envelope, str)
    with pytest.raises(Unavailable):
        a_box().open(HERE, envelope, str)


def test_a_note_moved_to_another_row_does_not_open(context: Flask, house: House) -> None:
    case = add_case(house.therapist)
    one = add_note(house.therapist, add_session(house.therapist, case.id).id, text="First week.")
    other = add_note(house.therapist, add_session(house.therapist, case.id).id, text="Second week.")
    sealed = db.session.get_one(NoteRow, one.id).sections
    db.session.execute(update(NoteRow).where(NoteRow.id == other.id).values(sections=sealed))
    db.session.commit()
    with pytest.raises(Unavailable):
        cases_notes(other.id)


def cases_notes(note_id: str) -> object:
    row = db.session.get_one(NoteRow, note_id)
    db.session.refresh(row)
    return keyring.ring().box(row.case_id).open(Place("note", row.id, "sections"), row.sections, dict)


def test_nothing_a_client_said_lies_in_the_database_in_clear(context: Flask, house: House, settings: Settings) -> None:
    case = add_case(house.therapist)
    add_note(house.therapist, add_session(house.therapist, case.id).id, text="Heliotrope umbrella.")
    db.session.commit()
    columns = [
        (table.name, column.name)
        for table in db.metadata.sorted_tables
        for column in table.columns
        if str(column.type) not in ("INTEGER", "BOOLEAN")
    ]
    words = ["Heliotrope", "umbrella", "Zoë", "Okonkwo", "Núñez"]
    found = [
        (table, column, word)
        for table, column in columns
        for (value,) in db.session.execute(text(f'SELECT "{column}" FROM "{table}"'))  # noqa: S608 (our own columns)
        for word in words
        if word.encode() in (value if isinstance(value, bytes) else str(value).encode())
    ]
    assert found == []


def test_a_destroyed_key_hides_its_case_for_good(context: Flask, house: House) -> None:
    case = add_case(house.therapist)
    db.session.execute(update(DataKey).where(DataKey.scope_id == case.id).values(wrapped=None))
    db.session.commit()
    keyring.ring().forget(case.id)
    with pytest.raises(NotFound):
        cases.read_case(house.therapist, case.id)
    assert db.session.get(CaseRow, case.id) is not None


def test_a_wrong_key_file_opens_nothing_and_says_so(context: Flask, house: House, settings: Settings) -> None:
    case = add_case(house.therapist)
    settings.key_file.unlink()
    keyring.create_file(settings.key_file)
    context.extensions.pop("stepwell.keyring")
    with pytest.raises(Unavailable, match="key file"):
        cases.read_case(house.therapist, case.id)
    with pytest.raises(Unavailable, match="key file"):
        keyring.prove_all()


def test_the_key_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "master.json"
    keyring.create_file(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert len(json.loads(file.read_text())["keys"]["k1"]) == 64


def test_a_key_file_is_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "master.json"
    keyring.create_file(file)
    before = file.read_text()
    with pytest.raises(FileExistsError):
        keyring.create_file(file)
    assert file.read_text() == before


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "keys" / "master.json"
    keyring.create_file(file)
    file.chmod(mode)
    with pytest.raises(Unavailable, match="0600"):
        keyring.load(file)


def test_a_missing_key_file_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="missing"):
        keyring.load(tmp_path / "nothing")


def test_each_purpose_has_a_key_of_its_own(context: Flask) -> None:
    keys = [keyring.ring().derive(purpose) for purpose in ("wrap", "audit", "form", "email", "backup")]
    assert len(set(keys)) == len(keys)


def test_a_key_file_from_before_the_tree_gets_one_and_its_cases_are_wrapped_anew(app: Flask, house: House) -> None:
    key_file = app.extensions["stepwell.settings"].key_file
    with app.app_context():
        case_id = builders.add_case(house.therapist).id
        row = db.session.query(DataKey).filter_by(scope_id=case_id).one()
        plain = keyring.ring().unwrapped(row)
        row.master, row.wrapped = "k1", aes_key_wrap(keyring.ring().derive("wrap"), plain)
        db.session.commit()
        others = db.session.query(DataKey).filter(DataKey.master != "k1").count()
        data = json.loads(key_file.read_text())
        assert others == 0
        key_file.write_text(json.dumps({name: data[name] for name in ("current", "keys")}))
        app.extensions.pop("stepwell.keyring")
        keyring.renew_all()
        assert "tree" in json.loads(key_file.read_text())
        renewed = db.session.query(DataKey).filter_by(scope_id=case_id).one()
        assert renewed.master == "k1/leaf" and keyring.ring().unwrapped(renewed) == plain
        key_file.write_text(json.dumps(data))
