"""Does the team page stay as quick while a practice grows from ten thousand to a million logs?

Practices with 200 cases a therapist and 20 logs a case; the page shows a supervisor's two therapists, so 400 rows,
at every size. Baselines, taken in the same run: the page at the smallest size, and the query without a summary row
(window functions over all logs). Goal: at the largest size at most 1.5 of the smallest, on both databases. Run with
`python -m benchmarks.caseload` (an argument gives the largest number of logs).
"""

import gc
import sys
import tempfile
from collections.abc import Callable
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
from service.store.keyring import Place, Scope, ring
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
        sessions_since_log=literal(0),
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
        box = ring().create(Scope.CASE, case_id)
        shown = box.seal(Place("case_summary", case_id, "shown"), Shown(f"Name {number}"))
        values = {"shown": shown, "therapist_id": team.therapists[number % 2]}
        db.session.execute(update(SummaryRow).where(SummaryRow.case_id == case_id).values(values))
    db.session.commit()


def timed(work: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    gc.collect()
    start = perf_counter()
    work()
    return (perf_counter() - start) * 1000


def without_summary(team: Team) -> int:
    values = {"one": team.therapists[0], "two": team.therapists[1]}
    count = len(db.session.execute(text(WINDOWS), values).all())
    db.session.rollback()
    return count


@dataclass(frozen=True)
class Practice:
    """A practice of one size, in a database of its own."""

    app: Flask
    team: Team

    def page(self) -> float:
        with self.app.app_context():
            return timed(lambda: caseloads.team_caseload(self.team.supervisor))

    def naive(self) -> float:
        with self.app.app_context():
            return timed(lambda: without_summary(self.team))


def practice(folder: Path, url: str, logs: int) -> Practice:
    key_file = folder / "keys" / "master.json"
    keyring.create_file(key_file)
    app = create_app(Settings(folder, key_file, url, argon2_memory_kib=1024, argon2_time_cost=1))
    with app.app_context():
        schema.upgrade()
        team = add_team()
        grow(team, 1, logs // LOGS)
        name_the_team(team)
        assert len(caseloads.team_caseload(team.supervisor).rows) == TEAM_CASES
        assert db.session.scalar(select(func.count()).select_from(IntakeRow)) == logs
    return Practice(app, team)


def close(made: Practice) -> None:
    with made.app.app_context():
        db.session.remove()
        db.engine.dispose()


def measure(name: str, new_url: Callable[[Path, int], str], sizes: list[int]) -> None:
    """Make a practice of each size, then look at their pages in turns, so that a busy moment meets all of them."""
    with tempfile.TemporaryDirectory() as folder:
        made = {size: practice(Path(folder) / str(size), new_url(Path(folder), size), size) for size in sizes}
        rounds = [{size: each.page() for size, each in made.items()} for _ in range(ROUNDS)]
        naive = {size: median(each.naive() for _ in range(3)) for size, each in made.items()}
        for each in made.values():
            close(each)
    ratios = {size: median(each[size] / each[sizes[0]] for each in rounds) for size in sizes}
    for size in sizes:
        page = median(each[size] for each in rounds)
        against = f"{ratios[size]:.2f} of {sizes[0]}; naive {naive[size]:7.1f} ms"
        print(f"caseload {name:10} {size:8} logs: page {page:6.1f} ms, {against}")
    print(f"caseload goal on {name}: largest at most {GOAL} of smallest; met: {ratios[sizes[-1]] <= GOAL}")


def main() -> None:
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1]
    sizes = [size for size in SIZES if size <= largest]
    with clock.standing_at(FIRST + timedelta(weeks=LOGS)):
        measure("SQLite", lambda folder, size: f"sqlite:///{folder / f'{size}.sqlite3'}", sizes)
        tools = databases.binaries()
        if tools is None:
            print("caseload PostgreSQL: not installed, so not measured")
            return
        with databases.running_cluster(tools) as server:
            measure("PostgreSQL", lambda _folder, size: server.create(f"caseload_{size}"), sizes)


if __name__ == "__main__":
    main()
