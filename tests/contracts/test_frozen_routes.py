"""Every route that names a session or a note is asked to write to a signed one: only what may follow does."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import func, select

from schemas.actions import Action
from schemas.vocabulary import CaseState, NoteStatus
from service.store.base import Base, db
from service.store.notes import AddendumRow, NoteRow
from service.store.sessions import SessionRow
from tests.contracts.test_guards import World, action_of, askers, routes, world

__all__ = ["world"]
# What may follow a signature: each adds a row of its own.
FOLLOWS = frozenset(
    {
        Action.NOTE_ADDENDUM,
        Action.NOTE_COSIGN,
        Action.NOTE_RETURN,
        Action.NOTE_ERROR,
        Action.NOTE_SECOND_READ,
        Action.AMENDMENT_ASK,
        Action.AMENDMENT_ANSWER,
        Action.DISAGREEMENT_KEEP,
    }
)
# Their author's own, and no part of the record of the session.
KEPT_APART = frozenset({"psychotherapy_note"})
WHO = ("owner", "supervisor")
MOVES = frozenset({"version", "updated_at"})


def signed_ids(world: World) -> Mapping[str, str]:
    """The ids of the open case, with its signed note and that note's session."""
    ids = world.setting.ids[CaseState.OPEN]
    with world.app.app_context():
        note = db.session.query(NoteRow).filter_by(id=ids["document_id"], status=str(NoteStatus.SIGNED)).one()
        found = {**ids, "note_id": note.id, "session_id": note.session_id}
        db.session.rollback()
    return found


def text_of(world: World, ids: Mapping[str, str]) -> tuple[Any, ...]:
    """Every column of the session, and every one of the note but its version."""
    with world.app.app_context():
        session, note = db.session.get(SessionRow, ids["session_id"]), db.session.get(NoteRow, ids["note_id"])
        assert session is not None
        assert note is not None
        text = [getattr(note, column.name) for column in NoteRow.__table__.columns if column.name not in MOVES]
        facts = [getattr(session, column.name) for column in SessionRow.__table__.columns]
        db.session.rollback()
        return (*text, *facts)


def joined(world: World, ids: Mapping[str, str]) -> int:
    """Rows of every table that hang on the session, and the addenda of its note."""
    with world.app.app_context():
        count = db.session.query(AddendumRow).filter_by(note_id=ids["note_id"]).count()
        for table in Base.metadata.sorted_tables:
            if "session_id" in table.columns and table.name not in KEPT_APART:
                query = select(func.count()).select_from(table).where(table.c.session_id == ids["session_id"])
                count += db.session.scalar(query) or 0
        db.session.rollback()
        return count


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_route_changes_what_was_signed(world: World) -> None:
    ids, wrong, asked = signed_ids(world), [], 0
    before, rows = text_of(world, ids), joined(world, ids)
    therapist, supervisor = (next(each for each in askers(world.setting) if each.name == name) for name in WHO)
    for rule, method in routes(world.app):
        action = action_of(world.app, rule, method)
        if method == "GET" or action is None or not rule.arguments & {"session_id", "note_id"}:
            continue
        for asker in (therapist, supervisor):
            response = world.ask(asker, rule, method, ids)
            asked += 1
            where = f"{method} {rule.rule} as {asker.name}: {response.status_code}"
            if text_of(world, ids) != before:
                wrong.append(f"{where} changed it")
            if joined(world, ids) != rows and action not in FOLLOWS:
                wrong.append(f"{where} added something")
            world.put_back()
    assert not wrong, "\n".join(wrong)
    assert asked > 40
