"""How long until a worker could answer, and with how much memory, against the frameworks alone?

Each start is a fresh interpreter that finds its bytecode compiled, as the image ships it; starts alternate and the
middle one counts. Goals: 0.7 s and 70 MB before the first use of FHIR models or PDF, neither of which may be loaded.
Run with `python -m benchmarks.startup`.
"""

import json
import os
import subprocess
import sys
import tempfile
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
REPORT = """
import json, resource, sys, time
start = time.perf_counter()
{work}
taken = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([taken, peak, [name for name in {heavy} if name in sys.modules]]))
"""
WAYS = {
    "interpreter": "pass",
    "frameworks": "import flask, flask_sqlalchemy, marshmallow, sqlalchemy.orm, cryptography",
    "stepwell": "from service.app import create_app; create_app()",
}


def start(work: str, bytecode: str) -> tuple[float, float, list[str]]:
    """Seconds, megabytes and heavy modules of one start, with compiled modules kept in the folder `bytecode`."""
    script = REPORT.format(work=work, heavy=HEAVY)
    environment = os.environ | {"PYTHONPYCACHEPREFIX": bytecode, "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    seconds, megabytes, heavy = json.loads(done.stdout)
    return seconds, megabytes, heavy


def main() -> None:
    with tempfile.TemporaryDirectory() as bytecode:
        compiling, *rounds = [{name: start(work, bytecode) for name, work in WAYS.items()} for _ in range(1 + ROUNDS)]
    print(f"startup without bytecode: {compiling['stepwell'][0]:.2f} s, {compiling['stepwell'][1]:.1f} MB")
    seconds = {name: median(each[name][0] for each in rounds) for name in WAYS}
    memory = {name: median(each[name][1] for each in rounds) for name in WAYS}
    for name in WAYS:
        ratios = (
            f"{seconds[name] / seconds['frameworks']:.2f} and {memory[name] / memory['frameworks']:.2f} of frameworks"
        )
        print(f"startup {name:12} {seconds[name]:6.2f} s {memory[name]:6.1f} MB   {ratios}")
    loaded = rounds[-1]["stepwell"][2]
    met = seconds["stepwell"] <= SECONDS and memory["stepwell"] <= MEGABYTES and not loaded
    print(
        f"startup goal: {SECONDS} s, {MEGABYTES} MB, none of {', '.join(HEAVY)}; loaded: {loaded or 'none'}; met: {met}"
    )


if __name__ == "__main__":
    main()
