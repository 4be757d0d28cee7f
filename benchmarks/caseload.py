"""Does the team page stay as quick while a practice grows from ten thousand to a million logs?

One practice with 200 cases a therapist and 20 logs a case; the page shows a supervisor's two therapists, so 400 rows,
at every size. Baselines, taken in the same run: the page at the smallest size, and the query without a summary row
(window functions over all logs). Goal: at the largest size at most 1.5 of the smallest, on both databases. Run with
`python -m benchmarks.caseload` (an argument gives the largest number of logs).
"""

import gc
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from flask import Flask
from sqlalchemy import CTE, String, Table, cast, func, insert, literal, select, text, update

from schemas.vocabulary import CaseStatus, Role
from service.app import create_app
from service.casework import caseloads
from service.domain import clock
from service.domain.actors import Actor
from service.settings import Settings
from service.store import accounts, keyring, schema
from service.store.base import UtcDateTime, db
from service.store.cases import CaseRow
from service.store.intakes import IntakeRow
from service.store.keyring import Place, ring
from service.store.summary import Shown, SummaryRow
from tests import builders, databases

GOAL = 1.5
LOGS = 20
TEAM_CASES = 400
SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 15
FIRST = datetime(2025, 1, 6, 9, tzinfo=UTC)
BLOB = bytes(64)
# What a page without a summary row would have to ask.
WINDOWS = """
    SELECT case_id, total FROM (
        SELECT i.case_id, i.total, row_number() OVER (PARTITION BY i.case_id ORDER BY i.authored_at DESC) AS place
        FROM intake i JOIN case_summary s ON s.case_id = i.case_id AND s.therapist_id IN (:one, :two)
    ) AS newest WHERE place = 1"""


@dataclass(frozen=True)
class Team:
    practice_id: str
    supervisor: Actor
    therapists: tuple[str, str]
    elsewhere: str


def add_team() -> Team:
    """A supervisor with two therapists, and one therapist whom somebody else supervises."""
    practice_id = accounts.add_practice("Large Practice", "Europe/Dublin").id
    db.session.commit()
    supervisor = builders.add_actor(practice_id, Role.SUPERVISOR, "Siobhan Byrne")
    names = ("Ana", "Jonas", "Ida")
    ids = [builders.add_actor(practice_id, Role.THERAPIST, name).user_id for name in names]
    for therapist in ids[:2]:
        accounts.supervise(practice_id, supervisor.user_id, therapist, date(2025, 1, 1))
    db.session.commit()
    return Team(practice_id, supervisor, (ids[0], ids[1]), ids[2])


def numbers(first: int, last: int) -> CTE:
    """first, first + 1 ... last, counted by the database."""
    counted = select(literal(first).label("i")).cte("counted", recursive=True)
    return counted.union_all(select(counted.c.i + 1).where(counted.c.i < last))


def grow(team: Team, first: int, last: int) -> None:
    """Add cases numbered first to last with their summary rows and logs, in a statement each."""
    add_cases(team, first, last)
    for number in range(LOGS):
        add_logs(team, number, first, last)
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def add_cases(team: Team, first: int, last: int) -> None:
    counted = numbers(first, last)
    key = literal("case-") + cast(counted.c.i, String)
    therapist = literal(team.elsewhere)
    fill(
        CaseRow.__table__,
        counted,
        id=key,
        practice_id=literal(team.practice_id),
        code=literal("C-") + cast(counted.c.i, String),
        status=literal(str(CaseStatus.OPEN)),
        sealed=literal(False),
        held=literal(False),
        opened_on=literal(FIRST.date()),
        **dict.fromkeys(("client", "contact", "other_person", "presentation"), literal(BLOB)),
        version=literal(1),
        updated_at=literal(FIRST, UtcDateTime()),
    )
    fill(
        SummaryRow.__table__,
        counted,
        case_id=key,
        practice_id=literal(team.practice_id),
        therapist_id=therapist,
        code=literal("C-") + cast(counted.c.i, String),
        status=literal(str(CaseStatus.OPEN)),
        sealed=literal(False),
        shown=literal(BLOB),
        baseline_total=literal(30.0),
        last_total=literal(20.0),
        last_intake_at=literal(FIRST, UtcDateTime()),
        unsigned=counted.c.i % 3,
        open_events=counted.c.i % 2,
        open_now_events=literal(0),
    )


def add_logs(team: Team, number: int, first: int, last: int) -> None:
    counted = numbers(first, last)
    fill(
        IntakeRow.__table__,
        counted,
        id=literal(f"log-{number}-") + cast(counted.c.i, String),
        case_id=literal("case-") + cast(counted.c.i, String),
        instrument_key=literal("wsl"),
        instrument_version=literal("1"),
        fingerprint=literal(""),
        status=literal("completed"),
        authored_at=literal(FIRST + timedelta(weeks=number), UtcDateTime()),
        author_id=literal(team.elsewhere),
        contact_context=literal("separated"),
        content=literal(BLOB),
        total=(counted.c.i + number) % 60 * 1.0,
        prorated=literal(False),
        version=literal(1),
        updated_at=literal(FIRST, UtcDateTime()),
    )


def fill(table: Any, counted: CTE, **columns: Any) -> None:
    assert isinstance(table, Table)
    rows = select(*columns.values()).select_from(counted)
    db.session.execute(insert(table).from_select(list(columns), rows, include_defaults=False))


def name_the_team(team: Team) -> None:
    """Give the first cases to the team, with names that can be opened."""
    for number in range(1, TEAM_CASES + 1):
        case_id = f"case-{number}"
        box = ring().create("case", case_id)
        shown = box.seal(Place("case_summary", case_id, "shown"), Shown(f"Name {number}"))
        values = {"shown": shown, "therapist_id": team.therapists[number % 2]}
        db.session.execute(update(SummaryRow).where(SummaryRow.case_id == case_id).values(values))
    db.session.commit()


def timed(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Milliseconds, the middle of several."""
    found = []
    for _ in range(rounds):
        gc.collect()
        start = perf_counter()
        work()
        found.append((perf_counter() - start) * 1000)
    return median(found)


def without_summary(team: Team) -> int:
    values = {"one": team.therapists[0], "two": team.therapists[1]}
    count = len(db.session.execute(text(WINDOWS), values).all())
    db.session.rollback()
    return count


@contextmanager
def application(folder: Path, url: str) -> Iterator[Flask]:
    key_file = folder / "keys" / "master.json"
    keyring.create_file(key_file)
    app = create_app(Settings(folder, key_file, url, argon2_memory_kib=1024, argon2_time_cost=1))
    with app.app_context():
        schema.upgrade()
        yield app
        db.session.remove()
        db.engine.dispose()


def measure(name: str, url: str, folder: Path, sizes: list[int]) -> bool:
    """Grow and measure; whether the goal is met."""
    pages: dict[int, float] = {}
    with application(folder, url):
        team, cases = add_team(), 0
        for size in sizes:
            grow(team, cases + 1, size // LOGS)
            if not cases:
                name_the_team(team)
            cases = size // LOGS
            assert len(caseloads.team_caseload(team.supervisor).rows) == TEAM_CASES
            pages[size] = timed(lambda: caseloads.team_caseload(team.supervisor))
            naive = timed(lambda: without_summary(team), 3)
            rows = db.session.scalar(select(func.count()).select_from(IntakeRow))
            db.session.rollback()
            against = f"{pages[size] / pages[sizes[0]]:.2f} of {sizes[0]} logs"
            print(
                f"caseload {name:10} {rows:8} logs: page {pages[size]:6.1f} ms, {against}; naive {naive:7.1f} ms"
            )
    met = pages[sizes[-1]] <= GOAL * pages[sizes[0]]
    print(f"caseload goal on {name}: largest at most {GOAL} of smallest; met: {met}")
    return met


def main() -> None:
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1]
    sizes = [size for size in SIZES if size <= largest]
    with clock.standing_at(FIRST + timedelta(weeks=LOGS)):
        with tempfile.TemporaryDirectory() as folder:
            measure("SQLite", f"sqlite:///{folder}/stepwell.sqlite3", Path(folder), sizes)
        tools = databases.binaries()
        if tools is None:
            print("caseload PostgreSQL: not installed, so not measured")
            return
        with tempfile.TemporaryDirectory() as folder, databases.running_cluster(tools) as server:
            measure("PostgreSQL", server.create("caseload"), Path(folder), sizes)


if __name__ == "__main__":
    main()
