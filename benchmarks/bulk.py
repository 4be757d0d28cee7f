"""Bulk export against writing the same lines to a file, with sealed rows and without.

    python -m benchmarks.bulk        one process on SQLite; prints lines a second and ratios of this one run

Baseline: the same lines, already in memory, written one by one through a buffer of 1 MiB and synced. Beside it: rows
that are not sealed, selected and written in clear, which is the most that any export could reach; the rows as they are,
opened, written in sealed frames and synced, step by step; and whole exports with all that guards them: permission,
release, leak guard, disclosure, audit and a commit for each case. The first export of a case reads every version for
the guard, the ones after it only what is new. With a `_typeFilter` each line is looked into as it leaves, and half of
them go.
"""

import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import orjson

from schemas.release_codes import ContentClass, SendRoute
from schemas.vocabulary import AssignmentKind
from service.app import create_app
from service.casework import bulk_exports
from service.domain.bulk_exports import BulkAsk, BulkLevel, TypeFilter
from service.fhir import bulk
from service.settings import Settings
from service.store import bulk_files, cases, keyring, leak_verdicts, outbox, resources, schema
from service.store.base import db
from service.store.bulk_exports import row
from service.store.bulk_files import Tail
from service.store.resources import Draft
from tests import builders
from tests.builders import House

CASES, LINES, ROUNDS = 20, 500, 4  # a system starts twelve exports an hour at most
BUFFER = 1_048_576
SYSTEM = "https://stepwell.example/CodeSystem/answers-of-the-benchmark"
BENCH = "00000000-bench"
COMPLETED = TypeFilter("QuestionnaireResponse", (("status", "completed"),))


def a_response(name: str, number: int) -> bytes:
    """Twenty coded answers, of about 3.6 kB."""
    items = [
        {
            "linkId": f"group.{each // 5}.item.{each}",
            "text": f"Question {each} of twenty",
            "answer": [
                {"valueCoding": {"system": SYSTEM, "code": f"{(each + number) % 5}", "display": "Now and then"}}
            ],
        }
        for each in range(20)
    ]
    status = "completed" if number % 2 else "amended"
    return orjson.dumps({"resourceType": "QuestionnaireResponse", "id": name, "status": status, "item": items})


def settings_in(folder: Path) -> Settings:
    return Settings(
        data_dir=folder / "data",
        key_file=folder / "keys" / "master.json",
        database_url=f"sqlite:///{folder / 'data' / 'stepwell.sqlite3'}",
        argon2_memory_kib=1024,
        argon2_time_cost=1,
    )


def fill(house: House) -> list[str]:
    """Cases with resources of 3.6 kB, linked and released; returns their ids."""
    found = []
    for _ in range(CASES):
        case_id = builders.add_case(house.therapist).id
        cases.assign(case_id, house.machine.user_id, AssignmentKind.LINKED)
        db.session.commit()
        builders.add_release(
            house.therapist,
            case_id,
            recipient=house.machine.name,
            route=SendRoute.SYSTEM,
            classes=(ContentClass.LOGS,),
        )
        for number in range(LINES):
            name = f"{case_id[:23]}-{number}"
            draft = Draft("QuestionnaireResponse", name, house.practice_id, case_id, "intake", case_id)
            resources.put(draft, 1, a_response(name, number))
        outbox.drop(case_id)
        db.session.commit()
        found.append(case_id)
    return found


class Took(NamedTuple):
    """Seconds by the clock on the wall, and of the processor: waiting for the disk is in the first alone."""

    wall: float
    spent: float


def seconds(work: Callable[[], object]) -> Took:
    begun, spent = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - begun, time.process_time() - spent)


def write_raw(path: Path, lines: list[bytes]) -> None:
    with path.open("wb", buffering=BUFFER) as stream:
        for line in lines:
            stream.write(line)
            stream.write(b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def clear_rows(path: Path, lines: list[bytes]) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE clear (id INTEGER PRIMARY KEY, body BLOB)")
    connection.executemany("INSERT INTO clear (body) VALUES (?)", ((line,) for line in lines))
    connection.commit()
    return connection


def write_clear(path: Path, connection: sqlite3.Connection) -> None:
    with path.open("wb", buffering=BUFFER) as stream:
        for (body,) in connection.execute("SELECT body FROM clear ORDER BY id"):
            stream.write(body)
            stream.write(b"\n")
        stream.flush()
        os.fsync(stream.fileno())


def write_sealed(case_ids: list[str]) -> None:
    end = 0
    for number, case_id in enumerate(case_ids, 1):
        lines = [each.body for each in resources.open_lines(case_id, resources.lines_of_case(case_id, None))]
        last = number == len(case_ids)
        end = bulk_files.append(Tail(BENCH, "QuestionnaireResponse", end), lines, case_id, is_synced=last)
    db.session.rollback()
    bulk_files.remove(BENCH)


def export(house: House, *filters: TypeFilter) -> None:
    request = "https://stepwell.example/fhir/R4/Patient/$export"
    ask = BulkAsk(BulkLevel.PATIENT, request, ("QuestionnaireResponse",), filters=filters)
    export_id = bulk_exports.start_export(house.machine, ask)
    while bulk.work(60):
        pass
    found = row(export_id)
    assert found is not None
    assert (found.state, found.position) == ("done", CASES)
    bulk_exports.end_export(house.machine, export_id)


def first_export(house: House, case_ids: list[str]) -> None:
    for each in case_ids:
        leak_verdicts.forget(each)
    db.session.commit()
    export(house)


def medians(folder: Path, house: House, case_ids: list[str]) -> tuple[list[bytes], dict[str, Took]]:
    """The lines, and the medians of each way in interleaved rounds."""
    lines = [each.body for case_id in case_ids for each in resources.of_case(case_id)]
    db.session.rollback()
    connection = clear_rows(folder / "clear.sqlite3", lines)
    ways: dict[str, Callable[[], object]] = {
        "raw file write": lambda: write_raw(folder / "raw", lines),
        "rows not sealed": lambda: write_clear(folder / "clear", connection),
        "sealed rows": lambda: write_sealed(case_ids),
        "first export": lambda: first_export(house, case_ids),
        "export again": lambda: export(house),
        "with a filter": lambda: export(house, COMPLETED),
    }
    rounds = [{each: seconds(work) for each, work in ways.items()} for _ in range(ROUNDS)]
    return lines, {
        each: Took(*map(statistics.median, zip(*(found[each] for found in rounds), strict=True))) for each in ways
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir(mode=0o700)
        settings = settings_in(folder)
        keyring.create_file(settings.key_file)
        with create_app(settings).app_context():
            schema.upgrade()
            house = builders.add_house()
            lines, spent = medians(folder, house, fill(house))
    print(f"{len(lines)} lines of {sum(map(len, lines)) // len(lines)} bytes, {CASES} cases")
    raw = spent["raw file write"]
    for each, took in spent.items():
        print(
            f"{each:16} {len(lines) / took.wall:9.0f} lines/s   {raw.wall / took.wall:.2f} of a raw file write"
            f" ({raw.spent / took.spent:.2f} by processor)"
        )
    print("goal: sealed rows at 0.50")


if __name__ == "__main__":
    main()
