"""Planted phrases: what is told about a client stands nowhere in clear, in no database file and in no backup."""

from pathlib import Path

import pytest
from flask import Flask

from schemas.vocabulary import EventLevel, GoalDomain, NoteFormat, PlanType
from service.casework import cases, events, goals, notes, plans
from service.casework.goals import GoalDraft
from service.casework.plans import PlanDraft
from service.domain.cases import ContactPreferences, OtherPerson, Presentation
from service.domain.safety import PlanLine
from service.fhir import publish
from service.settings import Settings
from service.store import backup
from service.store.base import db
from tests import builders
from tests.builders import House
from tests.conftest import Database

PLANTED = [f"heron{number:02}quill" for number in range(16)]


def plant(house: House) -> None:
    actor, words = house.therapist, iter(PLANTED)
    case = builders.add_case(actor, chosen_name=next(words), legal_name=next(words), address=next(words))
    case = cases.change_contact(actor, case.id, ContactPreferences(code_word=next(words)), version=case.version)
    case = cases.change_other_person(actor, case.id, OtherPerson(relationship=next(words)), version=case.version)
    cases.change_presentation(actor, case.id, Presentation(concerns=next(words)), version=case.version)
    goals.save_goal(actor, case.id, GoalDraft(GoalDomain.SAFETY, next(words)))
    session = builders.add_session(actor, case.id, place=next(words))
    note = notes.save_note(actor, session.id, NoteFormat.FREE, {"text": next(words)}, version=None)
    note = notes.sign_note(actor, note.id, version=note.version)
    notes.add_addendum(actor, note.id, next(words))
    builders.add_working_note(actor, session.id, next(words))
    plan = plans.start_plan(actor, case.id, PlanType.PL_PREP)
    draft = PlanDraft({"bag_place": PlanLine(next(words))})
    plans.save_plan(actor, plan.id, draft, version=plan.version)
    events.open_event(actor, case.id, EventLevel.TODAY, prompt=next(words))
    builders.add_intake(actor, case.id, builders.wsl_answers(1, I_hopes=next(words)))
    builders.add_summary(actor, case.id, needs=next(words), file=next(words).encode())
    publish.drain()


def found_in(folder: Path) -> list[tuple[str, str]]:
    files = [each for each in folder.rglob("*") if each.is_file()]
    return [(file.name, word) for file in files for word in PLANTED if word.encode() in file.read_bytes()]


def test_no_planted_phrase_stands_in_the_database_files_or_a_backup(
    app: Flask, house: House, settings: Settings, database: Database, tmp_path: Path
) -> None:
    if database.kind != "sqlite":
        pytest.skip("the files of a PostgreSQL cluster belong to the server")
    with app.app_context():
        plant(house)
        db.session.rollback()
        made = tmp_path / "backup"
        made.mkdir()
        backup.make(made)
        assert found_in(settings.data_dir) == []
        assert found_in(made) == []
        assert list(settings.data_dir.iterdir())
        assert list(made.iterdir())
