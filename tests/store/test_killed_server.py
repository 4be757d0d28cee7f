"""A real server process that is killed without warning, again and again, while drafts are being saved; and one whose
disk is full.

Rule: what was acknowledged is there; what was not is there whole or not at all.
"""

import http.client
import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask

from service.domain import clock
from service.domain.sessions import TherapySession
from service.settings import Settings
from service.store import audit, sign_ins
from service.store.base import db
from tests import builders
from tests.builders import House
from tests.conftest import form_token_of
from tests.contracts.sources import ROOT
from tests.databases import free_port

KILLS = 200
SEED = 77
BEGUN = "Save number "


@dataclass
class Server:
    """The server in a process of its own; its workers answer, and are what gets killed."""

    process: subprocess.Popen[bytes]
    port: int
    cookie: str
    form_token: str

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(each) for each in children.read_text().split()]

    def ask(self, method: str, path: str, body: str = "", *, patience: float = 10.0) -> tuple[int, bytes]:
        """Raises OSError or HTTPException when the server goes away meanwhile."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        headers = headers_of(self.form_token) | {"Cookie": f"stepwell={self.cookie}"}
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def ask_until_it_answers(self, path: str) -> bytes:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with suppress(OSError, http.client.HTTPException):
                status, body = self.ask("GET", path)
                if status == 200:
                    return body
            time.sleep(0.01)
        raise TimeoutError(path)


def headers_of(form_token: str) -> dict[str, str]:
    """What the editor sends when it saves by itself."""
    return {
        "X-CSRF-Token": form_token,
        "Sec-Fetch-Site": "same-origin",
        "X-Requested-With": "fetch",
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
    }


@pytest.fixture
def session(app: Flask, house: House) -> TherapySession:
    with app.app_context():
        return builders.add_session(house.therapist, builders.add_case(house.therapist).id)


@pytest.fixture
def server(app: Flask, house: House, session: TherapySession, settings: Settings) -> Iterator[Server]:
    with app.app_context():
        token = sign_ins.start(house.therapist.user_id, "test")
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    port = free_port()
    environment = {
        **os.environ,
        "STEPWELL_DATA_DIR": str(settings.data_dir),
        "STEPWELL_KEY_FILE": str(settings.key_file),
        "STEPWELL_DATABASE_URL": settings.database_url,
        "STEPWELL_PORT": str(port),
    }
    form_token = form_token_of(app, token)
    process = begun(environment, session, (token, form_token))
    started = Server(process, port, token, form_token)
    try:
        started.ask_until_it_answers("/healthz")
        yield started
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def begun(environment: dict[str, str], session: TherapySession, sign_in: tuple[str, str]) -> subprocess.Popen[bytes]:
    """The server as a process that has answered the requests of this test once before it forks its workers."""
    token, form_token = sign_in
    path, first = f"/api/v1/sessions/{session.id}", typed(session, 0, f"{session.version}-0")
    requests = [("GET", path, ""), ("POST", f"/sessions/{session.id}", first), ("GET", path, "")]
    begin = {"cookie": token, "headers": headers_of(form_token), "requests": requests}
    command = [sys.executable, "-m", "tests.store.warm_server"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert process.stdin is not None
    process.stdin.write(json.dumps(begin).encode())
    process.stdin.close()
    return process


def typed(session: TherapySession, number: int, version: str) -> str:
    """The whole editor; session and note both name the save."""
    starts, ends = (clock.local(each, "Europe/Dublin") for each in (session.starts_at, session.ends_at))
    words = f"{BEGUN}{number}"
    return urlencode(
        {
            "starts_at": f"{starts:%Y-%m-%dT%H:%M}",
            "ends_at": f"{ends:%Y-%m-%dT%H:%M}",
            "type": "individual",
            "place": "Room 2",
            "private": "yes",
            "attendance": "attended",
            "risk": "asked_nothing_new",
            "risk_reason": "",
            "plan_right": "still_right",
            "homework_given": words,
            "homework_reviewed": "",
            "next_on": "",
            "next_reason": "Client will ring",
            "work.modality": "",
            "format": "free",
            "sections.text": words,
            "then": "",
            "version": version,
        }
    )


def standing(server: Server, session: TherapySession) -> tuple[int, str]:
    """Which save the record holds, and the versions to go on from. Fails for half a save."""
    told = json.loads(server.ask_until_it_answers(f"/api/v1/sessions/{session.id}"))
    note = told["note"]
    homework, text = told["session"]["homework_given"], note["sections"]["text"] if note else ""
    if not text:
        assert not homework.startswith(BEGUN), "a session without its note"
        return 0, f"{told['session']['version']}-{note['version'] if note else 0}"
    assert homework == text, "half a save"
    return int(text.removeprefix(BEGUN)), f"{told['session']['version']}-{note['version']}"


def kill_soon(server: Server, after: float) -> threading.Thread:
    """End every worker without warning, a moment from now."""
    workers = server.workers()

    def kill() -> None:
        time.sleep(after)
        for worker in workers:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_acknowledged_save_is_there_and_none_is_half(app: Flask, server: Server, session: TherapySession) -> None:
    chance, kept, version = random.Random(SEED), *standing(server, session)
    sent, acknowledged, cut_short, pace = kept, 0, 0, 0.05
    for _ in range(KILLS):
        killer = kill_soon(server, chance.uniform(0.0, 2 * pace))
        last, begun_at = kept, time.monotonic()
        while killer.is_alive():
            sent += 1
            try:
                status, body = server.ask("POST", f"/sessions/{session.id}", typed(session, sent, version))
            except (OSError, http.client.HTTPException):
                cut_short += 1
                pace *= 1.0 if last > kept else 1.1  # the machine is slower now: kill later
                break
            assert status == 200, (status, body)
            last, version = sent, json.loads(body)["version"]
            acknowledged, pace, begun_at = acknowledged + 1, time.monotonic() - begun_at, time.monotonic()
        killer.join()
        kept, version = standing(server, session)
        assert kept in (last, sent), (kept, last, sent)
    assert cut_short > KILLS / 2, "a kill that meets no save proves nothing"
    assert acknowledged > KILLS / 4, "without acknowledged saves none could be lost"
    with app.app_context():
        audit.seal_pending()
        db.session.commit()
        assert audit.verify().ok
        db.session.rollback()


@pytest.mark.slow
def test_a_full_disk_is_refused_clearly_and_work_goes_on_afterwards(
    server: Server, session: TherapySession, settings: Settings
) -> None:
    """The worker may write no file further than now: to SQLite that is a disk without room."""
    if not settings.sqlite:
        pytest.skip("PostgreSQL's files are not the worker's")
    _, version = standing(server, session)
    (worker,) = server.workers()
    room = resource.prlimit(worker, resource.RLIMIT_FSIZE)
    used = max(each.stat().st_size for each in settings.data_dir.glob("stepwell.sqlite3*"))
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (used, room[1]))
    answers = set()
    for number in range(1, 60):
        status, body = server.ask("POST", f"/sessions/{session.id}", typed(session, number, version))
        answers.add(status)
        if status != 200:
            break
        version = json.loads(body)["version"]
    assert answers <= {200, 503}
    assert 503 in answers
    assert b"Nothing was half-written" in body
    resource.prlimit(worker, resource.RLIMIT_FSIZE, room)
    _, version = standing(server, session)
    status, body = server.ask("POST", f"/sessions/{session.id}", typed(session, 99, version))
    assert status == 200
    assert standing(server, session)[0] == 99
