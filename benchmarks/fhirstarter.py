"""A FHIR read here against the same read by fhirstarter, a FHIR server framework of other makers, in one run.

    STEPWELL_BENCH_FHIRSTARTER=/path/to/python python -m benchmarks.fhirstarter

The path is the interpreter of an environment that holds fhirstarter and uvicorn: it wants older libraries than the ones
locked here, so it cannot stand in ours. One worker each, the same responses by the same ids, the same client. Theirs
reads the stored bytes from a dictionary and checks them by fhir.resources, as its own example does, asks nobody who it
is and leaves no audit row; ours opens sealed bytes from SQLite behind the guard.
"""

import os
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from benchmarks.fhir import (
    ROUNDS,
    Pace,
    Prepared,
    Served,
    answering,
    compared,
    free_port,
    middle,
    pace,
    prepare,
    serving,
)

PEER = "STEPWELL_BENCH_FHIRSTARTER"
NOT_ASKED = f"not measured: {PEER} names no interpreter that has fhirstarter and uvicorn"
APP = """
import json, sys
from pathlib import Path
import fhirstarter, uvicorn
from fhirstarter import FHIRProvider, FHIRStarter, InteractionContext, examples
from fhirstarter.exceptions import FHIRResourceNotFoundError
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse

stored = json.loads(Path(sys.argv[1]).read_text())
app = FHIRStarter(title="Peer", config_file=Path(examples.__file__).parent / "config.toml")
provider = FHIRProvider()

@provider.read(QuestionnaireResponse)
async def read(context: InteractionContext, id_: str) -> QuestionnaireResponse:
    if id_ not in stored:
        raise FHIRResourceNotFoundError
    return QuestionnaireResponse.model_validate_json(stored[id_])

app.add_providers(provider)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error")
"""


def bodies(prepared: Prepared, port: int) -> dict[str, str]:
    """What is read here, by id."""
    found = {}
    for path in prepared.paths:
        asked = urllib.request.Request(
            f"http://127.0.0.1:{port}{path}", headers={"Authorization": f"Bearer {prepared.token}"}
        )
        with urllib.request.urlopen(asked) as answer:  # noqa: S310 - our own server
            found[path.rpartition("/")[2]] = answer.read().decode()
    return found


@contextmanager
def peer(python: str, folder: Path) -> Iterator[Served]:
    """Their server over the bodies in `folder`; yields it once it answers."""
    (folder / "app.py").write_text(APP)
    port = free_port()
    command = [python, str(folder / "app.py"), str(folder / "stored.json"), str(port)]
    with answering(command, port, {"FHIR_SEQUENCE": "R4B"}) as process:
        yield Served(port, process)


def measure(prepared: Prepared, ours: Served, theirs: Served) -> tuple[Pace, Pace]:
    """Ours and theirs: medians of interleaved rounds."""
    asked = {ours: prepared.paths, theirs: tuple(each.removeprefix("/fhir/R4") for each in prepared.paths)}
    rounds = [{each: pace(each, paths, prepared.token) for each, paths in asked.items()} for _ in range(ROUNDS + 1)]
    return middle(each[ours] for each in rounds), middle(each[theirs] for each in rounds)


def main() -> None:
    python = os.environ.get(PEER)
    if not python:
        print(NOT_ASKED)
        return
    with tempfile.TemporaryDirectory() as folder:
        prepared = prepare(Path(folder) / "ours")
        with serving(Path(folder) / "ours") as ours:
            (Path(folder) / "stored.json").write_bytes(orjson.dumps(bodies(prepared, ours.port)))
            with peer(python, Path(folder)) as theirs:
                own, other = measure(prepared, ours, theirs)
    print(f"read here      {own.rate:8.0f} requests/s")
    print(f"fhirstarter    {other.rate:8.0f} requests/s")
    print(f"read / fhirstarter   {compared(own, other)}   (goal 10)")


if __name__ == "__main__":
    main()
