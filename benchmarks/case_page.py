"""How much does the case page ask and how long does it take after two years of weekly work?

One case with 104 sessions, signed notes and logs, as its therapist opens it. Prints the questions to the database (that
of the sign-in among them) and the milliseconds of the whole answer, beside the same page after two weeks: the number of
questions must not grow. Beginning the transaction and writing the audit row and its seal ask nothing and are not
counted, but their time is. Goal of the product: under 12 questions and at most 25 ms beyond them. Run with
`python -m benchmarks.case_page`.
"""

import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from service.app import create_app
from service.domain import clock
from service.domain.actors import Actor
from service.store import keyring, schema, sign_ins
from service.store.base import db
from tests import builders
from tests.conftest import settings_for

WEEKS = (2, 104)
ROUNDS = 20
SIGN_IN = 1  # goes the short way to the database (service/store/driver.py), past the watch
MOST_QUESTIONS, MOST_MS = 11, 25


class Watch:
    """Counts questions and the time that they take."""

    def __init__(self) -> None:
        self.count, self.seconds, self.since = 0, 0.0, 0.0

    def before(self, *_what: object) -> None:
        self.since = perf_counter()

    def after(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        self.count += statement.lstrip().upper().startswith("SELECT")
        self.seconds += perf_counter() - self.since


def fill(actor: Actor, case_id: str, first: int, last: int) -> None:
    for week in range(first, last):
        start = clock.now() - timedelta(days=7 * week + 1)
        session = builders.add_session(actor, case_id, starts_at=start, ends_at=start + timedelta(minutes=50))
        builders.add_note(actor, session.id, signed=True)
        builders.add_intake(actor, case_id, authored_at=start)


def measured(app: Flask, client: FlaskClient, path: str) -> tuple[int, float, float]:
    """Questions, milliseconds in them, and milliseconds beyond them: the median of some rounds."""
    rounds = []
    for _ in range(ROUNDS):
        watch = Watch()
        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", watch.before)
        event.listen(engine, "after_cursor_execute", watch.after)
        start = perf_counter()
        client.get(path)
        whole = perf_counter() - start
        event.remove(engine, "before_cursor_execute", watch.before)
        event.remove(engine, "after_cursor_execute", watch.after)
        rounds.append((watch.count + SIGN_IN, watch.seconds * 1_000, (whole - watch.seconds) * 1_000))
    return rounds[-1][0], median(each[1] for each in rounds), median(each[2] for each in rounds)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir(mode=0o700)
        key_file = folder / "keys" / "master.json"
        keyring.create_file(key_file)
        app = create_app(settings_for(folder / "data", key_file, f"sqlite:///{folder / 'data' / 'bench.sqlite3'}"))
        counts = []
        with app.app_context():
            schema.upgrade()
            actor = builders.add_house().therapist
            case_id = builders.add_case(actor).id
            token = sign_ins.start(actor.user_id, "bench")
            db.session.commit()
        client = app.test_client()
        client.set_cookie("stepwell", token, domain="localhost")
        for before, weeks in zip((0, *WEEKS), WEEKS, strict=False):
            with app.app_context():
                fill(actor, case_id, before, weeks)
            count, asked, beyond = measured(app, client, f"/cases/{case_id}")
            counts.append(count)
            print(f"case page after {weeks} weeks: {count} questions in {asked:.1f} ms, {beyond:.1f} ms beyond them")
        met = count <= MOST_QUESTIONS and beyond <= MOST_MS
        print(f"case page goal: {MOST_QUESTIONS} questions, {MOST_MS} ms beyond them; met: {met}")
        return 0 if counts[0] == counts[-1] else 1


if __name__ == "__main__":
    sys.exit(main())
