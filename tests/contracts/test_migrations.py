"""What migrations make is what the models say, on both databases; each revision goes up and down with rows in place."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Table, UniqueConstraint, text
from sqlalchemy.exc import DBAPIError

from service.app import create_app
from service.settings import Settings
from service.store import dumps, schema
from service.store.base import Base, db
from tests.builders import House
from tests.conftest import close, settings_for
from tests.contracts.schemata import schema_of, tables_of, triggers_of
from tests.contracts.sources import ROOT

# foreign key -> why no index leads with it
NO_INDEX = {
    "instrument.attested_by": "accounts are ended, never deleted; forms are read by practice",
    "case_wall.account_id": "accounts are ended, never deleted; walls are read by case",
    "case_wall.second_id": "accounts are ended, never deleted; walls are read by case",
    "glass_opening.account_id": "accounts are ended, never deleted; openings are read by case",
    "glass_seen.account_id": "accounts are ended, never deleted; it is read by opening",
    "purge_certificate.agreed_by": "accounts are ended, never deleted; certificates are read by practice",
    "purge_certificate.asked_by": "accounts are ended, never deleted; certificates are read by practice",
    "record_request.approver_id": "accounts are ended, never deleted; requests are read by case",
    "record_request.author_id": "accounts are ended, never deleted; requests are read by case",
    "record_request.proposer_id": "accounts are ended, never deleted; requests are read by case",
    "retention_rule.changed_by": "accounts are ended, never deleted; a rule is read by practice",
    "conflict.answered_by": "accounts are ended, never deleted; conflicts are read by practice",
    "consent.author_id": "accounts are ended, never deleted; consents are read by case",
    "outside_record.by_id": "accounts are ended, never deleted; what was taken over is read by case",
    "disclosure.corrects": "disclosures are never deleted; they are read by case",
    "disclosure.release_id": "releases are never deleted; disclosures are read by case",
    "treatment_summary.author_id": "accounts are ended, never deleted; summaries are read by case",
    "treatment_summary.disclosure_id": "disclosures are never deleted; summaries are read by case",
    "release.author_id": "accounts are ended, never deleted; releases are read by case",
    "goal.author_id": "accounts are ended, never deleted; goals are read by case",
    "safety_plan_step.by_id": "accounts are ended, never deleted; steps are read by version",
    "goal_version.by_id": "accounts are ended, never deleted; versions are read by goal",
    "referral.author_id": "accounts are ended, never deleted; referrals are read by case",
    "intake.author_id": "accounts are ended, never deleted; nothing looks for logs by author",
    "note.author_id": "accounts are ended, never deleted; notes are read by case",
    "note_addendum.author_id": "accounts are ended, never deleted; addenda are read by note",
    "psychotherapy_note.author_id": "accounts are ended, never deleted; such notes are read by session or case",
    "note_step.by_id": "accounts are ended, never deleted; steps are read by session",
    "programme_entry.by_id": "accounts are ended, never deleted; entries are read by case",
    "refusal.author_id": "accounts are ended, never deleted; refusals are read by case",
    "reliability.entered_by": "accounts are ended, never deleted; reliabilities are read by practice",
    "safety_event.intake_id": "logs are corrected, never deleted; events are read by case",
    "safety_event.opened_by": "accounts are ended, never deleted; events are read by case",
    "safety_event.session_id": "sessions are never deleted; events are read by case",
    "schedule.set_by": "accounts are ended, never deleted; schedules are read by case",
    "crisis_panel.changed_by": "accounts are ended, never deleted; a panel is read by practice",
    "safety_event.due_session_id": "sessions are never deleted; events are read by case",
    "safety_event.disposed_by": "accounts are ended, never deleted; events are read by case",
    "safety_event.earlier_id": "events are never deleted; they are read by case",
    "safety_event_step.by_id": "accounts are ended, never deleted; steps are read by event",
    "safety_event_step.intake_id": "logs are corrected, never deleted; steps are read by event",
    "safety_event_step.session_id": "sessions are never deleted; steps are read by event",
    "second_reader.named_by": "accounts are ended, never deleted; readers are found by practice",
    "account_reset.asked_by": "accounts are ended, never deleted; resets are read by practice and account",
    "account_succession.asked_by": "accounts are ended, never deleted; successions are read by practice",
    "account_succession.second_id": "accounts are ended, never deleted; successions are read by practice",
    "account_succession.successor_id": "accounts are ended, never deleted; successions are read by practice",
    "account_reset.second_id": "accounts are ended, never deleted; resets are read by practice and account",
    "discharge.answered_by": "accounts are ended, never deleted; discharges are read by case",
    "discharge.by_id": "accounts are ended, never deleted; discharges are read by case",
    "discharge.episode_id": "episodes are never deleted; discharges are read by case",
    "case_change.by_id": "accounts are ended, never deleted; changes are read by case",
    "relationship_review.by_id": "accounts are ended, never deleted; reviews are read by case",
    "diagnosis.by_id": "accounts are ended, never deleted; diagnoses are read by case",
    "relationship.by_id": "accounts are ended, never deleted; facts are read by case",
    "episode.earlier_id": "episodes are never deleted; they are read by case",
    "episode_move.by_id": "accounts are ended, never deleted; moves are read by case",
    "episode_move.episode_id": "episodes are never deleted; moves are read by case",
    "bulk_case.release_id": "releases are never deleted; the cases of an export are read by export",
    "plan_card.author_id": "accounts are ended, never deleted; cards are read by case",
    "safety_plan.author_id": "accounts are ended, never deleted; plans are read by case",
}
PRACTICE = """INSERT INTO practice (id, name, zone, demo, version, updated_at) VALUES
    ('p1', 'Linden Street', 'Europe/Dublin', {no}, 1, '2026-01-02 03:04:05')"""
# A practice with one therapist, whose one case has its summary and one open event.
A_CASE = (
    PRACTICE,
    "INSERT INTO account VALUES ('a1', 'p1', 'therapist', 'x', 'h', NULL, NULL, 0, {yes}, 1, '2026-01-02 03:04:05')",
    """INSERT INTO client_case VALUES
    ('c1', 'p1', 'C-1', 'open', {no}, {no}, '2026-01-02', 'x', 'x', NULL, 'x', 'x', 1, '2026-01-02 03:04:05')""",
    """INSERT INTO case_summary VALUES
    ('c1', 'p1', 'a1', 'C-1', 'open', {no}, 'x', NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, 1, 0, 0)""",
    """INSERT INTO safety_event VALUES
    ('e1', 'c1', NULL, NULL, 'TODAY', 'o', 'x', '2026-01-02 03:04:05', 'a1',
    'open', NULL, NULL, 1, '2026-01-02 03:04:05')""",
)
A_SUPERVISION = (
    PRACTICE,
    "INSERT INTO account VALUES ('a1', 'p1', 'therapist', 'x', 'h', NULL, NULL, 0, {yes}, 1, '2026-01-02 03:04:05')",
    "INSERT INTO account VALUES ('a2', 'p1', 'supervisor', 'x', 'i', NULL, NULL, 0, {yes}, 1, '2026-01-02 03:04:05')",
    "INSERT INTO supervision VALUES ('s1', 'p1', 'a2', 'a1', '2026-01-02')",
)
A_SUPERVISION_AGREED = (
    *A_SUPERVISION[:-1],
    """INSERT INTO supervision (id, practice_id, supervisor_id, therapist_id, since) VALUES
    ('s1', 'p1', 'a2', 'a1', '2026-01-02')""",
)
KEYS = (PRACTICE, "INSERT INTO data_key VALUES ('k1', 'practice', 'p1', 1, 'k1', 'x', '2026-01-02 03:04:05', NULL)")
# The same with a session that took place, and who supervises the therapist.
A_SESSION = (
    *(each for each in A_CASE if "case_summary" not in each and "safety_event" not in each),
    """INSERT INTO therapy_session VALUES
    ('s1', 'c1', 'individual', '2026-01-02 03:04:05', '2026-01-02 03:54:05', 'yes', 'attended', 'not_asked', 'no_plan',
    NULL, 'x', 'a1', 1, '2026-01-02 03:04:05')""",
    """INSERT INTO supervision (id, practice_id, supervisor_id, therapist_id, since) VALUES
    ('v1', 'p1', 'a1', 'a1', '2026-01-02')""",
)
# The same after 0002, where event and summary have more columns.
A_CASE_NOW = (*A_CASE[:3],)
A_GOAL = (
    *A_CASE_NOW,
    "INSERT INTO goal VALUES ('g1', 'c1', 'personal', 'active', 'x', NULL, NULL, 1, '2026-01-02 03:04:05')",
)
A_MACHINE = (
    *A_CASE[:3],
    """INSERT INTO machine_client VALUES ('a1', 'system/*.rs', '', 'x', NULL, NULL, NULL, 1, '2026-01-02 03:04:05')""",
)
# An episode in each state that the first names knew.
EPISODES = """INSERT INTO episode SELECT 'ep-' || state, 'c1', state, '2026-01-02', NULL, 1, '2026-01-02 03:04:05'
    FROM (SELECT 'planned' AS state UNION SELECT 'waitlist' UNION SELECT 'active' UNION SELECT 'onhold'
    UNION SELECT 'finished' UNION SELECT 'cancelled') AS states"""
# revision -> statements that fill its predecessor; as many rows must be found after going up and down again
ROWS_BEFORE: dict[str, tuple[str, ...]] = {
    "0001": (),
    "0002": A_CASE,
    "0003": A_SUPERVISION,
    "0004": KEYS,
    "0005": A_SESSION,
    "0006": (*A_CASE_NOW, EPISODES),
    "0007": A_SUPERVISION_AGREED,
    "0008": A_CASE[:3],
    "0009": (),
    "0010": A_CASE_NOW,
    "0011": A_CASE[:3],
    "0012": A_GOAL,
    "0013": A_SUPERVISION[:3],
    "0014": (
        *A_CASE_NOW,
        """INSERT INTO safety_plan VALUES ('p1', 'g1', 'c1', 'PL-URGE', 1, 'active', {no}, {no}, 'x', '2026-01-02',
        '2026-02-01', 'a1', '2026-01-02 03:04:05', 1, '2026-01-02 03:04:05')""",
    ),
    "0015": (
        *A_SUPERVISION[:2],
        "INSERT INTO bearer_token VALUES ('t', 'a1', '2026-01-02 03:04:05', NULL)",
    ),
    "0016": A_CASE_NOW,
    "0017": (PRACTICE,),
    "0018": A_CASE_NOW,
    "0019": A_CASE[:3],
    "0020": A_CASE_NOW,
    "0021": A_CASE_NOW,
    "0023": A_CASE_NOW,
    "0028": (
        *A_CASE_NOW,
        """INSERT INTO safety_plan VALUES ('p1', 'g1', 'c1', 'PL-URGE', 1, 'active', {no}, {no}, 'x', '2026-01-02',
        '2026-02-01', 'a1', '2026-01-02 03:04:05', 1, '2026-01-02 03:04:05', NULL)""",
    ),
    "0026": A_CASE_NOW,
    "0024": (
        *A_CASE_NOW,
        """INSERT INTO goal VALUES ('g1', 'c1', 'personal', 'active', 'x', NULL, NULL, 1, '2026-01-02 03:04:05', NULL,
        NULL, NULL)""",
    ),
    "0025": A_MACHINE,
    "0022": (
        *A_CASE_NOW,
        """INSERT INTO goal VALUES ('g1', 'c1', 'personal', 'active', 'x', NULL, NULL, 1, '2026-01-02 03:04:05', NULL,
        NULL)""",
        """INSERT INTO referral VALUES ('r1', 'c1', 'to_us', 'primary_care', 'routine', 'pending', '2026-01-02', NULL,
        'x', '2026-01-02 03:04:05', 1, '2026-01-02 03:04:05')""",
    ),
    "0027": A_CASE_NOW,
    "0030": A_CASE_NOW,
    "0029": (
        *A_CASE_NOW,
        """INSERT INTO record_request VALUES ('q1', 'c1', 'report', 'open', 'x', 'a1', NULL, NULL,
        '2026-01-02 03:04:05', 1, '2026-01-02 03:04:05')""",
    ),
}
UPGRADE = """
import os, signal, sys
from sqlalchemy import Engine, event
from service.app import create_app
from service.store import dumps, schema
from tests.conftest import settings_for
from pathlib import Path

folder, url, last = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
seen = []

@event.listens_for(Engine, "after_cursor_execute")
def count(connection, cursor, statement, parameters, context, many):
    seen.append(statement)
    if len(seen) == last:
        os.kill(os.getpid(), signal.SIGKILL)

with create_app(settings_for(folder, folder / "no-key", url)).app_context():
    schema.upgrade()
"""


@pytest.fixture
def empty_url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a database without tables."""
    if database_kind == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    create: Callable[[], str] = request.getfixturevalue("new_postgres_database")
    return create()


@pytest.fixture
def empty(empty_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database without tables."""
    app = create_app(settings_for(tmp_path, tmp_path / "no-key", empty_url))
    with app.app_context():
        yield app
    close(app)


def execute(*statements: str) -> None:
    with db.engine.begin() as connection:
        for statement in statements:
            yes, no = ("1", "0") if connection.dialect.name == "sqlite" else ("true", "false")
            connection.execute(text(statement.format(yes=yes, no=no)))


def test_migrations_make_what_the_models_say(empty: Flask, app: Flask) -> None:
    Base.metadata.create_all(db.engine)
    with db.engine.begin() as connection:
        wanted = schema_of(connection)
    with app.app_context(), db.engine.begin() as connection:
        found = schema_of(connection)
    assert found == wanted
    assert len(wanted["columns"]) > 100


@pytest.mark.parametrize(
    "change",
    [
        "DROP INDEX ix_outbox_waiting; CREATE INDEX ix_outbox_waiting ON outbox (due_at)",
        "DROP INDEX ix_goal_case_id",
        "ALTER TABLE goal ADD COLUMN extra integer",
        "ALTER TABLE client_case RENAME COLUMN held TO kept",
    ],
)
def test_the_comparison_notices_a_difference(app: Flask, change: str) -> None:
    with app.app_context():
        with db.engine.begin() as connection:
            before = schema_of(connection)
        execute(*change.split("; "))
        with db.engine.begin() as connection:
            assert schema_of(connection) != before


def test_the_comparison_sees_checks_and_conditions(app: Flask) -> None:
    with app.app_context(), db.engine.begin() as connection:
        found = schema_of(connection)
    assert any("ck_client_case_status" in line and "CHECK" in line for line in found["constraints"])
    assert any("ix_fhir_resource_current" in line and "UNIQUE" in line and "WHERE" in line for line in found["indexes"])
    assert any("fk_goal_case_id" in line and "FOREIGN KEY" in line for line in found["constraints"])


def test_every_revision_says_which_rows_it_was_tried_with() -> None:
    assert ROWS_BEFORE.keys() == set(schema.revisions())


@pytest.mark.slow
@pytest.mark.parametrize("revision", schema.revisions())
def test_a_revision_goes_up_and_down_with_rows_in_place(empty: Flask, revision: str) -> None:
    before = schema.revisions()[: schema.revisions().index(revision)]
    if before:
        schema.upgrade(before[-1])
        execute(*ROWS_BEFORE[revision])
    held = dumps.contents()
    schema.upgrade(revision)
    assert schema.revision() == revision
    schema.downgrade(before[-1] if before else "base")
    assert schema.revision() == (before[-1] if before else None)
    assert dumps.contents() == held
    schema.upgrade(revision)
    assert schema.revision() == revision


def test_the_names_of_the_files_are_the_chain_of_revisions(context: Flask) -> None:
    scripts = ScriptDirectory(str(schema.VERSIONS.parent))
    chain = [each.revision for each in scripts.walk_revisions()]
    assert tuple(reversed(chain)) == schema.revisions()


def test_the_commands_of_flask_migrate_are_there(app: Flask) -> None:
    runner = app.test_cli_runner()
    assert "upgrade" in runner.invoke(args=["db", "--help"]).output
    assert runner.invoke(args=["db", "current"]).exit_code == 0


def test_going_down_to_nothing_leaves_nothing(empty: Flask) -> None:
    schema.upgrade()
    execute(PRACTICE, "INSERT INTO sign_in_attempt VALUES ('k', 1, '2026-01-02 03:04:05')")
    schema.downgrade("base")
    with db.engine.begin() as connection:
        assert tables_of(connection) == set()
        assert triggers_of(connection) == set()
    schema.upgrade()
    execute(PRACTICE)


def test_the_newest_revision_is_where_an_upgrade_ends(app: Flask) -> None:
    with app.app_context():
        assert schema.revision() == schema.newest() == schema.revisions()[-1]
        assert schema.known("0001")
        assert not schema.known("a-later-one")


@pytest.mark.slow
@pytest.mark.parametrize("last", [1, 7, 30])
def test_an_upgrade_killed_half_way_changes_nothing(empty: Flask, empty_url: str, tmp_path: Path, last: int) -> None:
    killed = upgrade_elsewhere(tmp_path, empty_url, last)
    assert killed.returncode < 0, killed.stderr
    with db.engine.begin() as connection:
        assert tables_of(connection) == set()
    schema.upgrade()
    assert schema.revision() == schema.newest()


@pytest.mark.slow
def test_two_starts_at_once_make_one_schema(empty: Flask, empty_url: str, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _number: upgrade_elsewhere(tmp_path, empty_url, 0), range(2)))
    assert [each.returncode for each in done] == [0, 0], [each.stderr for each in done]
    assert schema.revision() == schema.newest()


def upgrade_elsewhere(folder: Path, url: str, last: int) -> subprocess.CompletedProcess[str]:
    """Upgrade in a process of its own that kills itself after `last` statements (0: never)."""
    command = [sys.executable, "-c", UPGRADE, str(folder), url, str(last)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_foreign_key_is_led_by_an_index() -> None:
    bare = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for key in table.foreign_keys
        for column in [key.parent]
        if column.name not in leading(table)
    }
    assert bare == NO_INDEX.keys()


def leading(table: Table) -> set[str]:
    """Columns that some index, key or unique constraint of the table starts with."""
    indexed = [[column.name for column in index.columns] for index in table.indexes]
    unique = [
        [column.name for column in each.columns] for each in table.constraints if isinstance(each, UniqueConstraint)
    ]
    return {names[0] for names in [*indexed, *unique, [column.name for column in table.primary_key]]}


@pytest.mark.parametrize("table", ["audit_row", "audit_seal"])
@pytest.mark.parametrize(
    "words", ["UPDATE {table} SET {key} = {key}", "DELETE FROM {table}", "TRUNCATE {table} CASCADE"]
)
def test_nobody_changes_or_removes_what_the_audit_holds(
    context: Flask, settings: Settings, house: House, table: str, words: str
) -> None:
    if settings.sqlite and words.startswith("TRUNCATE"):
        words = "REPLACE INTO {table} SELECT * FROM {table}"
    fill_audit()
    key = "number" if table == "audit_row" else "position"
    with pytest.raises(DBAPIError, match="append-only"):
        execute(words.format(table=table, key=key))


def fill_audit() -> None:
    execute(
        "INSERT INTO audit_row VALUES (1, '2026-01-02', 'p1', 'a1', 'admin', 'people:read', '', 'allowed', '', '')",
        "INSERT INTO audit_seal VALUES (1, 1, '00')",
    )
