"""The reliable change index is withheld until its numbers have a source and an approver."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.vocabulary import ReliabilityMethod, ReliabilitySource
from service.domain.reliable_change import (
    UNAVAILABLE,
    Reliability,
    StatedReliability,
    reliable_change,
    reliable_sentence,
    standing,
)

KNOWN: dict[str, Any] = {
    "sd": 10.0,
    "r": 0.82,
    "population": "adults in the practice",
    "n": 60,
    "citation": "Own retest study 2027",
    "approver": "Clinical lead",
}


def test_without_a_reliability_the_index_is_unavailable() -> None:
    found = reliable_change(40, 20, None)
    assert (found.index, found.label) == (None, "unavailable: no reliability published")
    assert found.label == UNAVAILABLE
    assert reliable_sentence(found) == ""


def test_the_index_is_the_one_worked_out_by_hand() -> None:
    # 10 * sqrt(2) * sqrt(0.18) = 10 * sqrt(0.36) = 6.
    found = reliable_change(40, 28, Reliability(**KNOWN))
    assert found.index == pytest.approx(-2.0)
    assert found.label == (
        "Own retest study 2027, adults in the practice, n = 60, retest reliability, approved by Clinical lead"
    )


def test_the_published_example_gives_the_published_index() -> None:
    # Jacobson and Truax (1991), p. 14: pretest 47.5, posttest 32.5, SD 7.5, r 0.80; their S_diff is 4.74, index -3.16.
    found = reliable_change(47.5, 32.5, Reliability(**KNOWN | {"sd": 7.5, "r": 0.80}))
    assert found.index == pytest.approx(-3.16, abs=0.005)


@pytest.mark.parametrize(("last", "words"), [(28.2, "1.97 down, beyond 1.96"), (28.3, "1.95 down, within 1.96")])
def test_the_sentence_says_whether_measurement_alone_would_do(last: float, words: str) -> None:
    told = reliable_sentence(reliable_change(40, last, Reliability(**KNOWN)))
    assert words in told
    assert "nothing about the cause" in told


def test_a_local_study_is_labelled_as_such_with_its_number_of_people() -> None:
    found = reliable_change(40, 28, Reliability(**KNOWN, source=ReliabilitySource.LOCAL))
    assert found.label.startswith("local estimate, adults in the practice, n = 60")


def test_alpha_of_the_practices_own_clients_is_refused_and_a_published_one_is_not() -> None:
    with pytest.raises(ValueError, match="method"):
        Reliability(**KNOWN, source=ReliabilitySource.LOCAL, method=ReliabilityMethod.ALPHA)
    assert Reliability(**KNOWN, method=ReliabilityMethod.ALPHA).method is ReliabilityMethod.ALPHA


def stated(days: int, **changes: Any) -> StatedReliability:
    at = datetime(2027, 1, 1, tzinfo=UTC) + timedelta(days)
    values = {"id": "x", "instrument_key": "wsl", "major": 1, "part": "total", "entered_by": "A", "entered_at": at}
    known = Reliability(**KNOWN | {"n": 60 + days})
    return StatedReliability(**{**values, "reliability": known, **changes})


def test_the_latest_that_was_not_withdrawn_counts_for_its_own_score_and_version_only() -> None:
    withdrawn = stated(9, withdrawn_at=datetime(2027, 2, 1, tzinfo=UTC))
    others = (stated(7, part="body"), stated(8, major=2), stated(8, instrument_key="own"))
    found = standing((stated(1), stated(2), withdrawn, *others), key="wsl", major=1)
    assert found is not None and found.n == 62
    assert standing((withdrawn,), key="wsl", major=1) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"sd": 0.0},
        {"sd": float("inf")},
        {"r": float("nan")},
        {"r": 1.0},
        {"r": -0.1},
        {"n": 1},
        {"population": " "},
        {"citation": ""},
        {"approver": ""},
    ],
)
def test_numbers_without_their_source_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="reliability needs"):
        Reliability(**(KNOWN | changed))
