"""The reliable change index is withheld until its numbers have a source and an approver."""

from typing import Any

import pytest

from service.domain.reliable_change import UNAVAILABLE, Reliability, reliable_change

KNOWN: dict[str, Any] = {
    "sd": 10.0,
    "r": 0.82,
    "population": "adults in the practice",
    "n": 60,
    "citation": "Own retest study 2027",
    "approver": "Clinical lead",
}


def test_without_a_reliability_the_index_is_unavailable() -> None:
    assert reliable_change(40, 20, None) is None
    assert UNAVAILABLE == "unavailable: no reliability published"


def test_the_index_is_the_one_worked_out_by_hand() -> None:
    # 10 * sqrt(2) * sqrt(0.18) = 10 * sqrt(0.36) = 6.
    found = reliable_change(40, 28, Reliability(**KNOWN))
    assert found is not None
    assert found.index == pytest.approx(-2.0)
    assert found.label == "Own retest study 2027, adults in the practice, n = 60"


def test_a_local_study_is_labelled_as_such() -> None:
    found = reliable_change(40, 28, Reliability(**KNOWN, local=True))
    assert found is not None
    assert found.label.startswith("local estimate")


@pytest.mark.parametrize(
    "changed",
    [{"sd": 0.0}, {"r": 1.0}, {"r": -0.1}, {"n": 1}, {"population": " "}, {"citation": ""}, {"approver": ""}],
)
def test_numbers_without_their_source_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="reliability needs"):
        Reliability(**(KNOWN | changed))
