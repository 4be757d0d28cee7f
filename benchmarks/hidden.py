"""Does the time of a refusal tell a case that is hidden from one that does not exist?

A therapist who is kept away from a case asks for it and for an id that never was, 500 times each in a random order.
Prints both medians and the chance that the slower of two answers is the hidden one (area under the curve: 0.5 tells
nothing, 1 tells everything). Goal of the product: under 0.6 (security.md S9). Run with `python -m benchmarks.hidden`.
"""

import random
import sys
import tempfile
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

from flask.testing import FlaskClient

from service.app import create_app
from service.casework import walls
from service.store import keyring, schema, sign_ins
from service.store.base import db
from tests import builders
from tests.conftest import settings_for

ROUNDS, WARM_UP = 500, 20
NEVER_WAS = "00000000-0000-4000-8000-00000000dead"
MOST = 0.6


def measured(client: FlaskClient, hidden: str, missing: str) -> tuple[list[float], list[float]]:
    """Milliseconds of both answers, in an order that nothing follows from."""
    times: dict[str, list[float]] = {hidden: [], missing: []}
    order = [hidden, missing] * ROUNDS
    random.shuffle(order)
    for path in [hidden, missing] * WARM_UP + order:
        start = perf_counter()
        answer = client.get(path)
        times[path].append((perf_counter() - start) * 1_000)
        assert answer.status_code == 404
    return times[hidden][WARM_UP:], times[missing][WARM_UP:]


def area(slower: Sequence[float], faster: Sequence[float]) -> float:
    """The chance that one of `slower` takes longer than one of `faster`; equal ones count half."""
    ranked = sorted(faster)
    won = sum(bisect_left(ranked, each) + bisect_right(ranked, each) for each in slower)
    return won / 2 / len(slower) / len(faster)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir(mode=0o700)
        key_file = folder / "keys" / "master.json"
        keyring.create_file(key_file)
        app = create_app(settings_for(folder / "data", key_file, f"sqlite:///{folder / 'data' / 'bench.sqlite3'}"))
        with app.app_context():
            schema.upgrade()
            house = builders.add_house()
            case_id = builders.add_case(house.therapist).id
            walls.block(house.therapist, case_id, house.peer.user_id, "A relative of somebody named in it")
            token = sign_ins.start(house.peer.user_id, "bench")
            db.session.commit()
        client = app.test_client()
        client.set_cookie("stepwell", token, domain="localhost")
        for path in ("/cases/{}", "/api/v1/cases/{}"):
            hidden, missing = measured(client, path.format(case_id), path.format(NEVER_WAS))
            told = area(hidden, missing)
            print(
                f"{path.format('…')}: hidden {median(hidden):.2f} ms, never was {median(missing):.2f} ms; "
                f"told apart {told:.2f} (goal {MOST}); met: {1 - MOST < told < MOST}"
            )
        return 0


if __name__ == "__main__":
    sys.exit(main())
