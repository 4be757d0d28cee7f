"""How long do the rules of change take over 200 readings, beside sorting the slopes of all their pairs?

Both in one process, in turns. The readings are made by index on uneven days. Goal: under 5 ms. Run with `python -m
benchmarks.change`.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import accumulate, combinations
from statistics import median
from time import perf_counter

from service.domain.readings import Point, Reading, comparable
from service.domain.slope import interval_rank, slope
from service.domain.trend import change

GOAL_MS = 5.0
READINGS, CEILING, ROUNDS = 200, 60, 31
GAPS = (3, 7, 7, 8, 6, 7, 14, 9)  # days, in turn


def readings() -> list[Reading]:
    days = accumulate(GAPS[number % len(GAPS)] for number in range(READINGS))
    return [
        Reading(date(2020, 1, 6) + timedelta(day), (number * 137 + number * number * 7) % 601)
        for number, day in enumerate(days)
    ]


def all_pairs(points: Sequence[Point]) -> tuple[float, float, float]:
    """The baseline: Theil-Sen as it is written down, every slope sorted."""
    slopes = sorted(0.7 * (b.tenths - a.tenths) / (b.at - a.at).days for a, b in combinations(points, 2))
    rank = interval_rank(len(points)) or 0
    return median(slopes), slopes[rank], slopes[-1 - rank]


def timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    start = perf_counter()
    work()
    return (perf_counter() - start) * 1_000


def main() -> None:
    course = readings()
    points = comparable(course)
    ways: dict[str, Callable[[], object]] = {
        "all pairs sorted": lambda: all_pairs(points),
        "slope alone": lambda: slope(points),
        "all rules": lambda: change(course, ceiling=CEILING),
    }
    rounds = [{name: timed(work) for name, work in ways.items()} for _ in range(ROUNDS)]
    middle = {name: median(each[name] for each in rounds) for name in ways}
    for name, took in middle.items():
        print(f"change {name:17} {took:6.2f} ms   {took / middle['all pairs sorted']:.2f} of all pairs sorted")
    print(f"change goal: all rules under {GOAL_MS} ms; met: {middle['all rules'] < GOAL_MS}")


if __name__ == "__main__":
    main()
