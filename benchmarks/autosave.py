"""What does a draft that saves itself cost, beside the plain write of the same part?

One client, one process, SQLite on a file, in turns. Baselines: the JSON API's write of the note alone, and of the
session alone. The editor sends the whole form each time; a change of the note is what typing is. Goal: at most 1.3 of
the plain write. Run with `python -m benchmarks.autosave`.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from schemas.vocabulary import NoteFormat
from service.app import create_app
from service.casework import notes
from service.domain import clock
from service.domain.sessions import TherapySession
from service.guard import form_token_of
from service.settings import Settings
from service.store import keyring, schema, sign_ins
from service.store.accounts import token_hash
from service.store.base import db
from tests import builders

GOAL = 1.3
ROUNDS, WARM = 120, 15
TEXT = "Talked about the week, the two calls, and what helped to wait. " * 12
SCRIPT = {"X-Requested-With": "fetch", "Accept": "application/json", "Sec-Fetch-Site": "same-origin"}


class Desk:
    """One session with its note, and the four ways of writing to it."""

    def __init__(self, client: FlaskClient, session: TherapySession, headers: dict[str, str]) -> None:
        self.client, self.session, self.headers = client, session, headers
        self.count = 0
        told = client.get(f"/api/v1/sessions/{session.id}").json
        assert told
        self.versions = [told["session"]["version"], told["note"]["version"]]
        self.body = {name: value for name, value in told["session"].items() if name in SESSION}
        self.homework = self.body["homework_given"]
        self.text = TEXT

    def next(self) -> str:
        self.count += 1
        return f"{TEXT}{self.count}"

    def note_alone(self) -> None:
        self.text = self.next()
        body = {"format": "free", "sections": {"text": self.text}, "version": self.versions[1]}
        self.versions[1] = self._put(f"/api/v1/sessions/{self.session.id}/note", body)

    def session_alone(self) -> None:
        self.homework = f"One walk {self.next()[-6:]}"
        body = {**self.body, "homework_given": self.homework, "version": self.versions[0]}
        self.versions[0] = self._put(f"/api/v1/sessions/{self.session.id}", body)

    def editor_note(self) -> None:
        self.text = self.next()
        self._save()

    def editor_both(self) -> None:
        self.text, self.homework = self.next(), f"One walk {self.count}"
        self._save()

    def _put(self, path: str, body: dict[str, Any]) -> int:
        answer = self.client.put(path, json=body, headers=self.headers)
        assert answer.status_code == 200, answer.text
        assert answer.json
        return int(answer.json["version"])

    def _save(self) -> None:
        starts, ends = (clock.local(each, "Europe/Dublin") for each in (self.session.starts_at, self.session.ends_at))
        plain = {name: value or "" for name, value in self.body.items() if name != "work"}
        typed = {
            **plain,
            "starts_at": f"{starts:%Y-%m-%dT%H:%M}",
            "ends_at": f"{ends:%Y-%m-%dT%H:%M}",
            "homework_given": self.homework,
            "work.modality": "",
            "format": "free",
            "sections.text": self.text,
            "then": "",
            "version": f"{self.versions[0]}-{self.versions[1]}",
        }
        answer = self.client.post(f"/sessions/{self.session.id}", data=typed, headers=self.headers)
        assert answer.status_code == 200, answer.text
        assert answer.json
        self.versions = [int(each) for each in answer.json["version"].split("-")]


SESSION = frozenset(
    {
        *("starts_at", "ends_at", "type", "place", "private", "attendance", "risk", "risk_reason", "plan_right"),
        *("homework_given", "homework_reviewed", "next_on", "next_reason", "work"),
    }
)


def furnished(folder: Path) -> tuple[Flask, Desk]:
    settings = Settings(
        data_dir=folder / "data",
        key_file=folder / "keys" / "master.json",
        database_url=f"sqlite:///{folder / 'data' / 'bench.sqlite3'}",
        testing=True,
    )
    settings.data_dir.mkdir(mode=0o700)
    keyring.create_file(settings.key_file)
    app = create_app(settings)
    with app.app_context():
        schema.upgrade()
        house = builders.add_house()
        session = builders.add_session(house.therapist, builders.add_case(house.therapist).id)
        notes.save_note(house.therapist, session.id, NoteFormat.FREE, {"text": TEXT}, version=None)
        token = sign_ins.start(house.therapist.user_id, "benchmark")
        db.session.commit()
        csrf = form_token_of(token_hash(token))
    client = app.test_client()
    client.set_cookie("stepwell", token, domain="localhost")
    return app, Desk(client, session, {**SCRIPT, "X-CSRF-Token": csrf})


def timed(work: Callable[[], None]) -> float:
    start = perf_counter()
    work()
    return (perf_counter() - start) * 1_000


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        _app, desk = furnished(Path(name))
        ways = {
            "plain write of the note": desk.note_alone,
            "autosave while typing": desk.editor_note,
            "plain write of the session": desk.session_alone,
            "autosave of both": desk.editor_both,
        }
        rounds = [{each: timed(work) for each, work in ways.items()} for _ in range(ROUNDS)][WARM:]
    middle = {each: median(found[each] for found in rounds) for each in ways}
    typing = middle["autosave while typing"] / middle["plain write of the note"]
    both = middle["autosave of both"] / middle["plain write of the session"]
    for each, took in middle.items():
        print(f"autosave {each:27} {took:6.2f} ms")
    print(f"autosave while typing: {typing:.2f} of the plain write of the note; of both: {both:.2f} of the session's")
    print(f"autosave goal: at most {GOAL} while typing; met: {typing <= GOAL}")


if __name__ == "__main__":
    main()
