"""What may be said of two results of an imported form."""

from decimal import Decimal

import pytest

from service.domain.imported import Threshold, told_change

SIX = Threshold("sum", Decimal(6), "Someone 2020")


SINCE = "since the first time"
ENOUGH = "which is at least the published threshold of 6 (Someone 2020)."
NOT_ENOUGH = "about the same: less than the published threshold of 6 (Someone 2020)."


@pytest.mark.parametrize(
    ("first", "latest", "threshold", "says"),
    [
        ("14", "14", SIX, "The same as at the first time."),
        ("14", "8", SIX, f"Down by 6 {SINCE}, {ENOUGH}"),
        ("14", "9", SIX, f"Down by 5 {SINCE}, {NOT_ENOUGH}"),
        ("8", "14.5", SIX, f"Up by 6.5 {SINCE}, {ENOUGH}"),
        ("8", "9", None, f"Up by 1 {SINCE}. No change threshold is attached to this number."),
    ],
)
def test_a_difference_is_told_beside_its_threshold_and_not_judged(
    first: str, latest: str, threshold: Threshold | None, says: str
) -> None:
    assert told_change(Decimal(first), Decimal(latest), threshold) == says
