"""How long until a worker could answer, and with how much memory, against the frameworks alone?

Each start is a fresh interpreter that finds its bytecode compiled and no package that only the tests bring, as in the
image; starts alternate and the middle one counts. Goals: 0.7 s and 70 MB before the first use of FHIR models or PDF,
neither of which may be loaded. The goal is asked of the resident size, which counts pages as often as they are shared;
beside it stands the proportional size, and what each of two workers forked from one start holds for itself after its
first answer, which is what one more worker costs.
Run with `python -m benchmarks.startup`.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from statistics import median

ROUNDS = 7
SECONDS, MEGABYTES = 0.7, 70
HEAVY = (
    "weasyprint",
    "fhir.resources",
    "pydantic",
    "alembic",
    "psycopg",
    "segno",
    "gunicorn",
    "flask_smorest",
    "argon2",
    "joserfc",
    "multiprocessing",
)
ONLY_TESTS = ("rich", "pygments", "attr")  # structlog takes rich where it is; requirements.lock has none of them
MEASURE = """
import json, os, sys, time
sys.modules.update(dict.fromkeys({absent}))

def sizes():
    lines = [line.split() for line in open("/proc/self/smaps_rollup").readlines()[1:]]
    found = {{line[0]: int(line[1]) / 1024 for line in lines}}
    return found["Rss:"], found["Pss:"], found["Private_Clean:"] + found["Private_Dirty:"]
"""
REPORT = """
start = time.perf_counter()
{work}
taken = time.perf_counter() - start
print(json.dumps([taken, *sizes()[:2], [name for name in {heavy} if name in sys.modules]]))
"""
FORKED = """
from service.app import create_app
app = create_app()
for _ in range(2):
    if not os.fork():
        app.test_client().get("/healthz")
        time.sleep(1)  # the other one is there too
        os.write(1, json.dumps(sizes()).encode() + b"\\n")  # whole, whatever the other one writes
        time.sleep(1)
        os._exit(0)
os.wait(), os.wait()
"""
WAYS = {
    "interpreter": "pass",
    "frameworks": "import flask, flask_sqlalchemy, marshmallow, sqlalchemy.orm, cryptography",
    "stepwell": "from service.app import create_app; create_app()",
}


@dataclass(frozen=True)
class Start:
    """One start: seconds, megabytes in both sizes, and the heavy modules that were loaded."""

    seconds: float
    resident: float
    proportional: float
    loaded: list[str]


def run(script: str, bytecode: str) -> str:
    """What a script prints, with compiled modules kept in the folder `bytecode`."""
    environment = os.environ | {"PYTHONPYCACHEPREFIX": bytecode, "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-c", MEASURE.format(absent=ONLY_TESTS) + script]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


def start(work: str, bytecode: str) -> Start:
    return Start(*json.loads(run(REPORT.format(work=work, heavy=HEAVY), bytecode)))


def main() -> None:
    with tempfile.TemporaryDirectory() as bytecode:
        compiling, *rounds = [{name: start(work, bytecode) for name, work in WAYS.items()} for _ in range(1 + ROUNDS)]
        workers = [json.loads(line) for line in run(FORKED, bytecode).splitlines()]
    first = compiling["stepwell"]
    print(f"startup without bytecode: {first.seconds:.2f} s, {first.resident:.1f} MB")
    middle = {name: middle_of([each[name] for each in rounds]) for name in WAYS}
    base = middle["frameworks"]
    for name, found in middle.items():
        ratios = f"{found.seconds / base.seconds:.2f} and {found.resident / base.resident:.2f} of frameworks"
        sizes = f"{found.resident:6.1f} MB resident {found.proportional:6.1f} MB proportional"
        print(f"startup {name:12} {found.seconds:6.2f} s {sizes}   {ratios}")
    for resident, proportional, own in workers:
        print(
            f"startup one of two forked workers: {resident:.1f} MB resident, "
            f"{proportional:.1f} MB proportional, {own:.1f} MB its own"
        )
    product = middle["stepwell"]
    met = product.seconds <= SECONDS and product.resident <= MEGABYTES and not product.loaded
    wanted = f"{SECONDS} s, {MEGABYTES} MB resident, none of {', '.join(HEAVY)}"
    print(f"startup goal: {wanted}; loaded: {product.loaded or 'none'}; met: {met}")


def middle_of(starts: list[Start]) -> Start:
    """The middle of each figure; what was loaded is the same each time."""
    return Start(
        median(each.seconds for each in starts),
        median(each.resident for each in starts),
        median(each.proportional for each in starts),
        starts[-1].loaded,
    )


if __name__ == "__main__":
    main()
