"""FHIR reads against constant responses of the same worker, and the export of a case against reading its rows.

    python -m benchmarks.fhir        one gunicorn gthread worker on SQLite; prints requests a second and ratios of
    this one run

Beside the clock on the wall stands processor time, which says more on a machine that does other things meanwhile.

Baselines: (a) a route that returns constant bytes and does nothing else, (b) the same bytes behind the same guard and
with the same audit row, so that what remains between (b) and a read is the read itself.
"""

import asyncio
import http.client
import itertools
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from unittest import mock

import orjson
from flask import Flask, Response

from schemas.actions import Action
from schemas.vocabulary import AssignmentKind, Role
from service.app import create_app
from service.casework import intakes, publishing, resource_reads
from service.casework.gate import practice_unit
from service.domain import clock
from service.domain.actors import Actor
from service.fhir import bundle, codes, everything, models, publish, reading, writing
from service.fhir.shapes import instant
from service.guard import current_actor, needs, public
from service.settings import Settings
from service.store import accounts, cases, keyring
from service.store.base import db
from service.store.resources import Search
from tests import builders

FOLDER = "STEPWELL_BENCH_FOLDER"
CONNECTIONS, SECONDS, ROUNDS = 8, 3.0, 3
START_SECONDS = 60.0
Gate = Callable[[dict[str, object]], list[str]]
Clock = Callable[[], float]
CONSTANT = b'{"resourceType":"Basic","code":{"text":"' + b"x" * 3_000 + b'"}}'


@dataclass(frozen=True)
class Prepared:
    """What the server holds: a token that may read, and the ids to read."""

    token: str
    case_id: str
    paths: tuple[str, ...]


def settings_in(folder: Path) -> Settings:
    return Settings(
        data_dir=folder / "data",
        key_file=folder / "keys" / "master.json",
        database_url=f"sqlite:///{folder / 'data' / 'stepwell.sqlite3'}",
        argon2_memory_kib=1024,
        argon2_time_cost=1,
    )


def served() -> Flask:
    """The real application with the two baselines beside it."""
    app = create_app(settings_in(Path(os.environ[FOLDER])))
    app.add_url_rule("/constant", view_func=constant)
    app.add_url_rule("/guarded", view_func=guarded)
    return app


@public("baseline")
def constant() -> Response:
    return Response(CONSTANT, content_type="application/fhir+json")


@needs(Action.FHIR_READ)
def guarded() -> Response:
    with practice_unit(current_actor(), Action.FHIR_DIRECTORY, "constant"):
        return Response(CONSTANT, content_type="application/fhir+json")


def prepare(folder: Path) -> Prepared:
    """One practice, one case with about 250 resources, one connected system linked to it."""
    settings = settings_in(folder)
    settings.data_dir.mkdir(parents=True)
    keyring.create_file(settings.key_file)
    app = create_app(settings)
    with app.app_context():
        db.create_all()
        house = builders.add_house()
        case = builders.add_case(house.therapist)
        cases.assign(case.id, house.machine.user_id, AssignmentKind.LINKED)
        db.session.commit()
        logs = [_add_log(house.therapist, case.id, days) for days in range(40)]
        publish.rebuild(house.practice_id)
        paths = tuple(f"/fhir/R4/QuestionnaireResponse/{each}" for each in logs)
        return Prepared(house.machine_token, case.id, paths)


def _add_log(actor: Actor, case_id: str, days: int) -> str:
    draft = builders.an_intake_draft(builders.wsl_answers(days % 5), authored_at=clock.now() - timedelta(days=days))
    return intakes.submit_intake(actor, case_id, draft).intake.id


@dataclass(frozen=True)
class Served:
    """A server that runs: where it is asked, and its process."""

    port: int
    process: int

    def seconds(self) -> float:
        """Processor time so far, of the process and all below it."""
        return sum(_ticks(each) for each in _with_children(self.process)) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Pace:
    """Requests a second, and the microseconds of the server's processor for each."""

    rate: float
    spent: float


def _with_children(process: int) -> list[int]:
    below = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(each for child in below for each in _with_children(int(child)))]


def _ticks(process: int) -> int:
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return int(user) + int(system)


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """One gunicorn gthread worker on a free port; yields it once it answers."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-k", "gthread", "-w", "1", "--threads", "8", "--keep-alive", "30"]
    served_by = [*command, "-b", f"127.0.0.1:{port}", "--log-level", "error", "benchmarks.fhir:served()"]
    with answering(served_by, port, {FOLDER: str(folder)}) as process:
        yield Served(port, process)


@contextmanager
def answering(command: list[str], port: int, environ: dict[str, str]) -> Iterator[int]:
    """A server as long as it is needed, from its first answer on; yields its process."""
    server = subprocess.Popen(command, env={**os.environ, **environ})
    try:
        wait_for(server, port)
        yield server.pid
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    """Until it answers, whatever it says. Raises RuntimeError."""
    until = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < until:
        try:
            asking = http.client.HTTPConnection("127.0.0.1", port)
            asking.request("GET", "/constant")
            asking.getresponse().close()
            return
        except ConnectionError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def pace(server: Served, paths: tuple[str, ...], token: str) -> Pace:
    before, rate = server.seconds(), asyncio.run(requests_a_second(server.port, paths, token))
    return Pace(rate, (server.seconds() - before) / (rate * SECONDS) * 1_000_000)


def middle(rounds: Iterable[Pace]) -> Pace:
    """The median of each of the two, without the first round."""
    _warming, *found = rounds
    return Pace(statistics.median(each.rate for each in found), statistics.median(each.spent for each in found))


async def requests_a_second(port: int, paths: tuple[str, ...], token: str) -> float:
    """Closed loop over a few kept connections."""
    until = time.perf_counter() + SECONDS
    asked = [[_request(each, token) for each in paths[number:] + paths[:number]] for number in range(CONNECTIONS)]
    counts = await asyncio.gather(*(_ask(port, each, until) for each in asked))
    return sum(counts) / SECONDS


def _request(path: str, token: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


async def _ask(port: int, asked: list[bytes], until: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = 0
    while time.perf_counter() < until:
        writer.write(asked[count % len(asked)])
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(b"http/1.1 200"), head
        await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
        count += 1
    writer.close()
    return count


def measure(prepared: Prepared, server: Served) -> dict[str, Pace]:
    """Medians of interleaved rounds."""
    search = f"/fhir/R4/QuestionnaireResponse?patient={prepared.case_id}&_count=10"
    asked = {"constant": ("/constant",), "guarded": ("/guarded",), "read": prepared.paths, "search": (search,)}
    rounds = [{name: pace(server, paths, prepared.token) for name, paths in asked.items()} for _ in range(ROUNDS + 1)]
    return {name: middle(each[name] for each in rounds) for name in asked}


def milliseconds(work: Callable[[], object], times: int = 30, clock: Clock = time.perf_counter) -> float:
    spent = []
    for _ in range(times):
        start = clock()
        work()
        spent.append(clock() - start)
    return statistics.median(spent) * 1000


def both(work: Callable[[], object]) -> str:
    """Milliseconds by the clock on the wall, and of the processor."""
    return f"{milliseconds(work):.2f} ms ({milliseconds(work, clock=time.process_time):.2f} of the processor)"


def export_times(folder: Path, case_id: str) -> tuple[int, str, str]:
    """Resources in the export, how long reading the rows takes, and everything after them."""
    with create_app(settings_in(folder)).app_context():
        actor = _owner(case_id)
        record, stored = publishing.preview_export(actor, case_id)
        rows = both(lambda: publishing.preview_export(actor, case_id))
        return len(stored), rows, both(lambda: bundle.made_of(record, stored))


def everything_times(folder: Path, case_id: str) -> tuple[int, str, str]:
    """The same for `$everything`."""
    with create_app(settings_in(folder)).app_context():
        actor, wanted = _owner(case_id), everything.wanted_by({})
        found = resource_reads.read_everything(actor, case_id).found
        kept = [each for each in found if wanted.holds(each)]
        rows = both(lambda: resource_reads.read_everything(actor, case_id))
        return len(found), rows, both(lambda: everything.packed(actor, case_id, kept, wanted))


def write_times(folder: Path, case_id: str) -> tuple[float, float]:
    """ms of keeping a response with every gate, and of the same with the gates taken away.

    Until the answer: the record, its audit row, and the resources that are built of it.
    """
    with create_app(settings_in(folder)).app_context():
        actor, days = _owner(case_id), itertools.count(1)
        sample: dict[str, object] = orjson.loads(_any_response(actor, case_id))
        kept = ("resourceType", "questionnaire", "status", "subject", "item")

        def send() -> None:
            moment = clock.now() - timedelta(days=next(days))
            response = {name: sample[name] for name in kept} | {"authored": instant(moment)}
            (received,) = writing.write(actor, [response])
            reading.read(actor, writing.TYPE, received.intake.id)

        spent: dict[bool, list[float]] = {True: [], False: []}
        for number in range(ROUNDS * 4 + 2):
            is_gated = bool(number % 2)
            with gates(models.problems_of, codes.problems_of) if is_gated else gates(_nothing, _nothing):
                spent[is_gated].append(milliseconds(send, 5))
        return statistics.median(spent[True][1:]), statistics.median(spent[False][1:])


@contextmanager
def gates(shape: Gate, required_codes: Gate) -> Iterator[None]:
    """What is asked of a resource before it is kept."""
    with mock.patch.object(models, "problems_of", shape), mock.patch.object(codes, "problems_of", required_codes):
        yield


def _nothing(_resource: dict[str, object]) -> list[str]:
    return []


def _any_response(actor: Actor, case_id: str) -> bytes:
    page = resource_reads.search_resources(actor, Search("QuestionnaireResponse", case_id=case_id, limit=1))
    return page.found[0].body


def _owner(case_id: str) -> Actor:
    owner_id = cases.owner_id(case_id)
    row = accounts.account(owner_id)
    assert row is not None
    return Actor(owner_id, row.practice_id, Role.THERAPIST, stepped_up=True)


def compared(one: Pace, other: Pace) -> str:
    """By the clock on the wall, and by processor time."""
    return f"{one.rate / other.rate:.2f} ({other.spent / one.spent:.2f} by processor)"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepared = prepare(folder)
        with serving(folder) as server:
            found = measure(prepared, server)
        for key, each in found.items():
            print(f"{key:10} {each.rate:8.0f} requests/s {each.spent:8.0f} us of the processor each")
        print(f"read / constant              {compared(found['read'], found['constant'])}   (goal 0.80)")
        print(f"read / guarded and audited   {compared(found['read'], found['guarded'])}")
        print(f"search of ten / read         {compared(found['search'], found['read'])}   (goal 0.90)")
        count, rows, after = export_times(folder, prepared.case_id)
        print(f"export of {count} resources: rows {rows}, everything after them {after}   (goal 2)")
        count, rows, after = everything_times(folder, prepared.case_id)
        print(f"$everything of {count}: rows {rows}, everything after them {after}   (goal 1)")
        gated, ungated = write_times(folder, prepared.case_id)
        print(
            f"write of a response: {gated:.1f} ms, ungated {ungated:.1f} ms, ratio {gated / ungated:.2f}   (goal 1.40)"
        )


if __name__ == "__main__":
    main()
