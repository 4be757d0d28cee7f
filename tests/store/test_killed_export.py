"""A real worker process that makes a bulk export: killed again and again, and watched for how much it holds at once.

Rule: no line is lost, none is there twice, and each case has one row of its leaving.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from schemas.release_codes import ContentClass, Door, SendRoute
from schemas.vocabulary import AssignmentKind
from service.casework import bulk_exports
from service.domain import clock
from service.domain.bulk_exports import LEASE, BulkAsk, BulkJob, BulkLevel, BulkState, TypeFilter
from service.fhir import bulk
from service.settings import Settings
from service.store import bulk_exports as rows
from service.store import cases, outbox, resources
from service.store.base import db
from service.store.bulk_exports import BulkExportRow
from service.store.disclosures import DisclosureRow
from service.store.resources import Draft
from tests.builders import House, add_case, add_release
from tests.contracts.sources import ROOT

SEED = 41
CASES, LINES, KILLS = 24, 10, 5
WORDS = "Nothing of this is anybody. " * 100
# One process: how much it holds, before and after everything that waits is done.
MEASURE = """
from pathlib import Path
from service.app import create_app
from service.fhir import bulk

def most():
    # of this program alone; what getrusage tells includes the process that started it
    told = Path("/proc/self/status").read_text()
    return told.partition("VmHWM:")[2].split()[0]

app = create_app()
with app.app_context():
    bulk.work(0)
    before = most()
    while bulk.work(60):
        pass
    print(before, most())
"""


def fill(house: House, count: int, lines: int, words: str = "") -> set[str]:
    """So many cases with so many Observations each, all linked and released, and one that the filter leaves out;
    returns what must be exported.
    """
    wanted = set()
    for _ in range(count):
        case_id = add_case(house.therapist).id
        cases.assign(case_id, house.machine.user_id, AssignmentKind.LINKED)
        db.session.commit()
        given = {"recipient": house.machine.name, "route": SendRoute.SYSTEM, "classes": (ContentClass.LOGS,)}
        add_release(house.therapist, case_id, **given)  # type: ignore[arg-type]
        for number in range(lines):
            name = f"{case_id}-{number}"
            body = json.dumps({"resourceType": "Observation", "id": name, "words": words}).encode()
            resources.put(Draft("Observation", name, house.practice_id, case_id, "intake", case_id), 1, body)
            wanted.add(name)
        other = {"resourceType": "Observation", "id": f"{case_id}-other", "status": "final"}
        draft = Draft("Observation", other["id"], house.practice_id, case_id, "intake", case_id)
        resources.put(draft, 1, json.dumps(other).encode())
        outbox.drop(case_id)
        db.session.commit()
    return wanted


def start(house: House) -> str:
    request = "https://stepwell.example/fhir/R4/Patient/$export"
    filters = (TypeFilter("Observation", (("status:missing", "true"),)),)
    ask = BulkAsk(BulkLevel.PATIENT, request, ("Observation",), filters=filters)
    return bulk_exports.start_export(house.machine, ask)


def let_time_pass(export_id: str) -> None:
    """As if the lease of the killed worker had run out."""
    mine = update(BulkExportRow).where(BulkExportRow.id == export_id)
    db.session.execute(mine.values(leased_until=clock.wall() - timedelta(seconds=1), polled_at=None))
    db.session.commit()


def state_of(export_id: str) -> tuple[str, int]:
    row = rows.row(export_id)
    assert row is not None
    found = row.state, row.position
    db.session.rollback()
    return found


def exported(house: House, export_id: str) -> list[str]:
    with_context = bulk_exports.open_file(house.machine, export_id, "Observation")[1]
    return [json.loads(line)["id"] for frame in with_context for line in frame.splitlines()]


def environment_of(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "STEPWELL_DATA_DIR": str(settings.data_dir),
        "STEPWELL_KEY_FILE": str(settings.key_file),
        "STEPWELL_DATABASE_URL": settings.database_url,
    }


def run_to_its_end(app: Flask, settings: Settings) -> tuple[int, int]:
    """In a process of its own; returns how many kB it held after its first step and at most."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    command = [sys.executable, "-c", MEASURE]
    ran = subprocess.run(command, cwd=ROOT, env=environment_of(settings), check=True, capture_output=True)
    before, after = ran.stdout.split()
    return int(before), int(after)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_killed_export_goes_on_and_no_line_is_lost_or_doubled(app: Flask, house: House, settings: Settings) -> None:
    chance = random.Random(SEED)
    with app.app_context():
        wanted, export_id = fill(house, CASES, LINES), start(house)
        db.session.remove()
        db.engine.dispose()
    command, positions = [sys.executable, "-m", "flask", "--app", "service.app", "worker"], []
    for _ in range(KILLS):
        worker = subprocess.Popen(
            command, cwd=ROOT, env=environment_of(settings), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        killed_at = time.monotonic() + 60
        with app.app_context():
            begun = state_of(export_id)[1]
            while state_of(export_id) == (BulkState.RUNNING, begun) and time.monotonic() < killed_at:
                time.sleep(0.01)
        time.sleep(chance.uniform(0.0, 0.08))
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        with app.app_context():
            positions.append(state_of(export_id)[1])
            let_time_pass(export_id)
    run_to_its_end(app, settings)
    with app.app_context():
        assert state_of(export_id) == (BulkState.DONE, CASES)
        found = exported(house, export_id)
        assert Counter(found) == Counter(wanted)
        query = select(DisclosureRow.case_id, func.count()).where(DisclosureRow.door == Door.BULK)
        left = [count for _case_id, count in db.session.execute(query.group_by(DisclosureRow.case_id))]
        assert left == [1] * CASES
    assert len([each for each in positions if 0 < each < CASES]) >= 3, "it was not killed on the way"


@pytest.mark.parametrize("left_out", [False, True])
def test_each_step_holds_its_lease_anew(app: Flask, house: House, left_out: bool) -> None:
    with app.app_context():
        fill(house, 2, 1)
        export_id, job = start(house), bulk_exports.take()
        assert job is not None
        nearly_over = update(BulkExportRow).values(leased_until=clock.wall() + timedelta(seconds=1))
        db.session.execute(nearly_over)
        db.session.commit()
        after = bulk_exports.leave_out(job, b"{}") if left_out else export_case(job)
        row = rows.row(export_id)
        assert after is not None
        assert row is not None
        assert (row.position, after.ordinal) == (1, 1)
        assert row.leased_by == after.lease == job.lease
        assert row.leased_until is not None
        assert row.leased_until > clock.wall() + LEASE / 2


def export_case(job: BulkJob) -> BulkJob | None:
    return bulk_exports.export_case(job, lambda *given: bulk.packed(job.ask, *given))


def test_what_was_written_and_never_committed_is_cut_off(app: Flask, house: House, settings: Settings) -> None:
    """As a crash leaves it between the file and the database, at each possible length."""
    with app.app_context():
        wanted, export_id = fill(house, 3, 2), start(house)
        job = bulk_exports.take()
        assert job is not None
        torn = settings.data_dir / "bulk" / export_id / "Observation.sealed"
        torn.parent.mkdir(parents=True, mode=0o700)
        torn.write_bytes(b"\0\0\1\0" + b"x" * 900)
        bulk_exports.let_go(job)
    run_to_its_end(app, settings)
    with app.app_context():
        assert Counter(exported(house, export_id)) == Counter(wanted)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_ten_times_as_much_needs_no_more_memory(app: Flask, house: House, settings: Settings) -> None:
    grown: list[int] = []
    for count in (4, 40):
        with app.app_context():
            fill(house, count - len(grown) * 4, 100, WORDS)
            export_id = start(house)
        before, after = run_to_its_end(app, settings)
        grown.append(after - before)
        with app.app_context():
            assert state_of(export_id) == (BulkState.DONE, count)
            assert rows.files(export_id)[0].length > count * 100 * len(WORDS)
    sys.stdout.write(f"grew by {grown[0]} kB for 1.1 MB of lines and by {grown[1]} kB for 11 MB\n")
    assert grown[1] < grown[0] + 4_000
