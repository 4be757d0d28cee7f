"""The commands: clear sentences, right exit codes, nothing clinical, private files."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from schemas.instruments.definition import Informant
from schemas.vocabulary import Role
from service import cli, server
from service.casework import instruments, operating
from service.errors import Unavailable
from service.settings import Settings
from service.store import accounts, audit, condition, heads, schema
from service.store.audit import AuditRow
from service.store.base import db
from tests import builders
from tests.builders import House, email_of
from tests.contracts.sources import ROOT
from tests.databases import free_port
from tests.forms import FOLDER as FORMS
from tests.forms import small_form, to_bytes
from tests.store.tampering import CUT_TAIL, KINDS, tamper

TO_CLIENT = ("--to", "The client", "--basis", "client", "--chart", "none")

Run = Callable[..., Result]


@pytest.fixture
def run(own_app: None, app: Flask) -> Run:
    """Call a command in a process-like way: with an application context of its own."""
    return lambda *words: app.test_cli_runner().invoke(args=list(words))


@pytest.fixture
def case_code(app: Flask, house: House) -> str:
    with app.app_context():
        case = builders.add_case(house.therapist, chosen_name="Heliotrope")
        builders.add_intake(house.therapist, case.id)
        return case.code


def test_an_audit_that_holds_is_exit_0(run: Run, house: House, case_code: str) -> None:
    result = run("verify-audit")
    assert result.exit_code == 0, result.output
    assert re.search(r"holds: \d+ rows", result.output)


def test_a_broken_audit_is_exit_1_and_says_where(run: Run, app: Flask, case_code: str) -> None:
    with app.app_context():
        audit.seal_pending()
        tamper(KINDS["edit"])
    result = run("verify-audit")
    assert result.exit_code == 1
    assert "position 3" in result.output


def test_signed_notes_are_proved_and_one_that_was_changed_is_named(run: Run, app: Flask, house: House) -> None:
    with app.app_context():
        session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
        note = builders.add_note(house.therapist, session.id, text="Planted words", signed=True)
    result = run("verify-notes")
    assert (result.exit_code, result.output) == (0, "1 signed notes are what was signed.\n")
    with app.app_context():
        db.session.execute(text("UPDATE note SET format = 'soap'"))
        db.session.commit()
    result = run("verify-notes")
    assert result.exit_code == 1
    assert result.output == f"Note {note.id}: the text is not what was signed.\n"


def test_a_cut_tail_is_found_by_the_head_of_the_last_backup(
    run: Run, app: Flask, case_code: str, tmp_path: Path
) -> None:
    with app.app_context():
        audit.seal_pending()
    assert run("backup", str(tmp_path / "backups")).exit_code == 0
    with app.app_context():
        tamper(CUT_TAIL)
    result = run("verify-audit")
    assert result.exit_code == 1
    assert "shorter" in result.output


def test_backup_and_restore_speak_in_sentences(run: Run, case_code: str, tmp_path: Path) -> None:
    made = run("backup", str(tmp_path / "backups"))
    assert made.exit_code == 0, made.output
    assert "Keep the key file apart" in made.output
    (file,) = (tmp_path / "backups").glob("*.backup")
    refused = run("restore", str(file), "--verify")
    assert refused.exit_code == 1
    assert refused.output == "Error: The database here holds rows. Restore into an empty one.\n"


def test_a_case_is_exported_under_names_that_say_nothing(
    run: Run, app: Flask, house: House, case_code: str, tmp_path: Path
) -> None:
    with app.app_context():
        email = email_of(house.therapist)
    out = tmp_path / "out"
    result = run("export-case", case_code, "--as", email, "--out", str(out), *TO_CLIENT)
    assert result.exit_code == 0, result.output
    names = sorted(each.name for each in out.iterdir())
    assert [re.sub(r"\d{8}-[0-9a-f]{6}", "#", name) for name in names] == ["export-#-manifest.json", "export-#.json"]
    assert case_code not in result.output + " ".join(names)
    assert {each.stat().st_mode & 0o777 for each in out.iterdir()} == {0o600}
    bundle = json.loads((out / names[1]).read_text())
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")


@pytest.mark.parametrize("who", ["peer", "admin", "supervisor", "machine"])
def test_nobody_exports_a_case_that_is_not_theirs(
    run: Run, app: Flask, house: House, case_code: str, tmp_path: Path, who: str
) -> None:
    with app.app_context():
        email = email_of(getattr(house, who))
    result = run("export-case", case_code, "--as", email, "--out", str(tmp_path / "out"), *TO_CLIENT)
    assert result.exit_code == 1
    assert not (tmp_path / "out").exists()


def test_an_unknown_code_or_person_is_said_calmly(run: Run, app: Flask, house: House, tmp_path: Path) -> None:
    with app.app_context():
        email = email_of(house.therapist)
    code = run("export-case", "C-XXXXX", "--as", email, "--out", str(tmp_path), *TO_CLIENT)
    person = run("export-case", "C-XXXXX", "--as", "nobody@nowhere.example", "--out", str(tmp_path), *TO_CLIENT)
    assert (code.exit_code, person.exit_code) == (1, 1)
    assert code.output == "Error: No case of this practice has that code.\n"
    assert person.output == "Error: No account in use has that address.\n"


def test_the_openapi_document_is_printed(run: Run) -> None:
    document = json.loads(run("openapi").output)
    assert document["openapi"].startswith("3.1")
    assert document["paths"]


def test_a_person_is_added_with_an_invitation_and_an_audit_row(run: Run, app: Flask, house: House) -> None:
    words = ["add-person", "Ida Berg", "ida@linden.example", "therapist", "--practice", "Linden Street Practice"]
    result = run(*words)
    assert result.exit_code == 0, result.output
    token = result.output.rsplit("/link/")[1].strip()
    with app.app_context():
        assert accounts.open_link(token) is not None
        newest = db.session.query(AuditRow).order_by(AuditRow.number.desc()).first()
        assert newest is not None
        assert (newest.action, newest.why) == ("people:invite", "command line")
    again = run(*words)
    assert again.exit_code == 1
    assert "cannot be used for a new account" in again.output


def test_a_connected_system_is_registered_and_not_added_as_a_person(run: Run, house: House) -> None:
    refused = run("add-person", "Ward bridge", "ward@linden.example", "machine")
    assert refused.exit_code == 2
    assert "therapist" in refused.output


def test_everything_derived_can_be_built_anew(run: Run, house: House, case_code: str) -> None:
    assert run("rebuild-summary").output == "1 summaries worked out.\n"
    assert re.fullmatch(r"\d+ records gone through\.\n", run("rebuild-fhir").output)


def test_the_worker_does_every_chore_once_when_asked(run: Run, app: Flask, settings: Settings, case_code: str) -> None:
    assert run("worker", "--once").output == "Done.\n"
    with app.app_context():
        found = audit.verify(heads.latest(heads.file_beside(settings.key_file)))
        assert (found.ok, found.unsealed) == (True, 0)
        assert condition.look() == condition.Condition(answers=True, schema=True)


def test_the_worker_waits_for_the_schema(run: Run, app: Flask) -> None:
    with app.app_context():
        schema.downgrade("base")
    result = run("worker", "--once")
    assert result.exit_code == 1
    assert "migrate" in result.output


def test_migrate_says_where_the_database_stands(run: Run) -> None:
    assert run("migrate").output == f"The database is at revision {schema.newest()}.\n"


def test_data_without_its_key_file_is_not_given_a_new_key(run: Run, settings: Settings, case_code: str) -> None:
    settings.key_file.unlink()
    result = run("migrate")
    assert result.exit_code == 1
    assert "Put it back" in result.output
    assert not settings.key_file.exists()


def test_a_failing_chore_does_not_end_the_sweep(context: Flask) -> None:
    def fail() -> None:
        raise Unavailable("full")

    server.do(server.Chore("fails", 1.0, fail))
    done: list[int] = []
    server.do(server.Chore("works", 1.0, lambda: done.append(1)))
    assert done == [1]


def test_a_large_load_does_not_wait_for_the_disk_and_nothing_else_is_hasty(app: Flask, settings: Settings) -> None:
    waker, found = app.extensions["stepwell.waker"], []

    def look() -> None:
        statement = text("PRAGMA synchronous" if settings.sqlite else "SELECT 1")
        found.append((db.session.scalar(statement), "stepwell.waker" in app.extensions))

    def load() -> None:
        with server.loading(app):
            look()
            raise Unavailable("full")

    with app.app_context():
        look()
        with pytest.raises(Unavailable):
            load()
        look()
    before, meanwhile, after = found
    assert meanwhile == (1, False)
    assert before == after == (0 if settings.sqlite else 1, True)
    assert app.extensions["stepwell.waker"] is waker


def test_readiness_follows_the_schema(app: Flask) -> None:
    client = app.test_client()
    assert (client.get("/healthz").status_code, client.get("/readyz").status_code) == (200, 200)
    with app.app_context():
        schema.downgrade("base")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["schema"]) == (503, False)  # type: ignore[index]
    assert client.get("/healthz").status_code == 200


def test_the_first_administrator_is_invited_until_somebody_has_a_password(context: Flask) -> None:
    assert operating.waiting_admin() is None
    added = operating.start_practice("My practice", "Europe/Dublin", "admin@practice.example")
    again = operating.waiting_admin()
    assert again is not None
    assert again.token != added.token
    row = accounts.account_by_email("admin@practice.example")
    assert row is not None
    assert row.role == Role.ADMIN
    row.password_hash = "set"
    db.session.commit()
    assert operating.waiting_admin() is None


def test_every_command_is_listed_with_its_help(run: Run) -> None:
    listed = run("--help").output
    for each in cli.COMMANDS:
        assert each.name
        assert each.name in listed
        assert each.help


@dataclass(frozen=True)
class Started:
    """A server in a process of its own, with what it said until it answered."""

    process: subprocess.Popen[str]
    address: str
    said: str
    folder: Path


def environment(folder: Path, port: int) -> dict[str, str]:
    return {
        **os.environ,
        "STEPWELL_DATA_DIR": str(folder / "data"),
        "STEPWELL_KEY_FILE": str(folder / "keys" / "master.json"),
        "STEPWELL_PORT": str(port),
    }


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    port = free_port()
    command = [sys.executable, "-m", "flask", "--app", "service.app", "serve", "--empty"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(tmp_path, port), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout
    said = ""
    while "Stepwell answers at" not in said:
        line = process.stdout.readline()
        assert line, process.stderr and process.stderr.read()
        said += line
    wait_for(port)
    yield Started(process, f"http://127.0.0.1:{port}", said, tmp_path)
    process.kill()
    process.communicate()


def wait_for(port: int) -> None:
    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    until(listens)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def fetched(address: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(address, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.slow
def test_serve_starts_from_nothing_and_stops_when_told(started: Started) -> None:
    (link,) = re.findall(r"http://127\.0\.0\.1:\d+/link/\S+", started.said)
    assert link.startswith(started.address)
    assert fetched(f"{started.address}/readyz")[0] == 200
    assert fetched(link)[0] == 200
    until((started.folder / "keys" / heads.NAME).exists)
    modes = {each.name: each.stat().st_mode & 0o777 for each in started.folder.rglob("*")}
    assert modes["master.json"] == modes["stepwell.sqlite3"] == 0o600
    assert modes["data"] == modes["keys"] == 0o700
    started.process.send_signal(signal.SIGTERM)
    _, logged = started.process.communicate(timeout=30)
    assert started.process.returncode == 0
    lines = [json.loads(line) for line in logged.splitlines()]
    assert [line["endpoint"] for line in lines if line["event"] == "request"] == ["health.ready", "login.link"]
    assert link.rpartition("/")[2] not in logged
    assert heads.latest(started.folder / "keys" / heads.NAME) is not None


@pytest.mark.slow
def test_a_taken_port_is_said_before_anything_is_made(started: Started, tmp_path: Path) -> None:
    port = int(started.address.rpartition(":")[2])
    folder = tmp_path / "second"
    command = [sys.executable, "-m", "flask", "--app", "service.app", "serve", "--empty"]
    result = subprocess.run(
        command, cwd=ROOT, env=environment(folder, port), capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert f"Port {port}" in result.stderr
    assert not folder.exists()


def test_a_questionnaire_is_brought_in_and_each_item_is_told(run: Run, app: Flask, house: House) -> None:
    file = str(FORMS / "newer-and-beyond.json")
    words = ("questionnaire", "import", file, "--attested-by", "Marta", "--practice", "Linden Street Practice")
    result = run(*words)
    assert result.exit_code == 0, result.output
    assert "supported: pick: one of 2 options" in result.output
    assert "not supported: item file" in result.output
    assert result.output.splitlines()[-1].startswith("In use as newer-make-")
    again = run(*words)
    assert again.exit_code == 1
    assert "in the register" in again.output


def test_a_questionnaire_can_stay_here_and_be_asked_by_a_clinician(run: Run, app: Flask, house: House) -> None:
    words = ("questionnaire", "import", str(FORMS / "calculator.json"), "--attested-by", "Marta")
    result = run(*words, "--practice", "Linden Street Practice", "--informant", "clinician", "--stays-home")
    assert result.exit_code == 0, result.output
    assert "note: No item of this form opens a safety event." in result.output
    with app.app_context():
        form = next(each for each in instruments.list_instruments(house.admin) if each.origin is not None)
    assert (form.informant, form.stays_home) == (Informant.CLINICIAN, instruments.STAYS_HOME)


def test_nothing_in_a_hostile_questionnaire_reaches_the_terminal_as_a_command(
    run: Run, house: House, tmp_path: Path
) -> None:
    file = tmp_path / "form.json"
    contained = [{"resourceType": "Library\x1b[2J\x9b"}]
    file.write_bytes(to_bytes(small_form(**{"key\x1b]0;x\x07": 1}, contained=contained)))
    result = run("questionnaire", "import", str(file), "--attested-by", "M", "--practice", "Linden Street Practice")
    assert result.exit_code == 0
    assert "Library" in result.output
    assert all(line.isprintable() for line in result.output.splitlines())


def test_a_refused_questionnaire_is_exit_1_with_the_item_named(run: Run, house: House, tmp_path: Path) -> None:
    item = {"linkId": "twice", "type": "string", "text": "Who"}
    file = tmp_path / "form.json"
    file.write_bytes(to_bytes(small_form(item, item)))
    result = run("questionnaire", "import", str(file), "--attested-by", "M", "--practice", "Linden Street Practice")
    assert result.exit_code == 1
    assert "refused: item twice" in result.output
    assert "Nothing was stored." in result.output
