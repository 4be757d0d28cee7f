"""How much slower is reading a row whose words are sealed than the same row in clear?

Both rows come from the same table of the same SQLite file, as text that a note would hold; the sealed one is opened
with its case's key. Also: how long a list of 100 takes. Goal: at most twice. Run with `python -m
benchmarks.encryption`.
"""

import os
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter

import msgspec

from service.store.keyring import Box, Place

GOAL = 2.0
ROWS = 2_000
ROUNDS = 15
PER_ROUND = 2_000
WORDS = {"data": "Talked about the week, the calls and what helped. " * 12, "plan": "Continue as agreed. " * 5}
KEY = "00000000-0000-4000-8000-000000000001"


def fill(connection: sqlite3.Connection, box: Box) -> None:
    connection.execute("CREATE TABLE note (id text PRIMARY KEY, case_id text, status text, plain blob, sealed blob)")
    plain = msgspec.json.encode(WORDS)
    connection.executemany(
        "INSERT INTO note VALUES (?, 'case', 'signed', ?, ?)",
        [(f"n{number}", plain, box.seal_bytes(place(f"n{number}"), plain)) for number in range(ROWS)],
    )
    connection.commit()


def place(row: str) -> Place:
    return Place("note", row, "sections")


def timed(work: Callable[[str], object]) -> float:
    """Microseconds for one row."""
    start = perf_counter()
    for number in range(PER_ROUND):
        work(f"n{number * 7 % ROWS}")
    return (perf_counter() - start) / PER_ROUND * 1_000_000


def main() -> None:
    box = Box(KEY, 1, os.urandom(32))
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(sqlite3.connect(Path(folder) / "notes.sqlite3")) as connection,
    ):
        fill(connection, box)

        def row(column: str, name: str) -> bytes:
            found: tuple[bytes] = connection.execute(f"SELECT {column} FROM note WHERE id = ?", (name,)).fetchone()  # noqa: S608 (two fixed names)
            return found[0]

        ways: dict[str, Callable[[str], object]] = {
            "plain": lambda name: msgspec.json.decode(row("plain", name), type=dict[str, str]),
            "sealed": lambda name: box.open(place(name), row("sealed", name), dict[str, str]),
        }
        rounds = [{name: timed(work) for name, work in ways.items()} for _ in range(ROUNDS)]
    middle = {name: median(each[name] for each in rounds) for name in ways}
    ratio = median(each["sealed"] / each["plain"] for each in rounds)
    for name in ways:
        print(f"encryption {name:7} {middle[name]:6.1f} us a row   {middle[name] / middle['plain']:.2f} of plain")
    print(f"encryption goal: sealed at most {GOAL} of plain; met: {ratio <= GOAL}")


if __name__ == "__main__":
    main()
