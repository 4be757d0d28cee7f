"""What goes into a package: choosing can only narrow, for every audience, class and release."""

from datetime import date

import pytest

from schemas.export_codes import Audience
from schemas.release_codes import ContentClass
from service.domain.leaving import BY_LINK
from service.domain.packages import MOST, NEVER, Scope
from tests.domain.test_leaving import a_release

C = ContentClass
ON = date(2026, 5, 4)


@pytest.mark.parametrize("audience", list(Audience))
@pytest.mark.parametrize("chosen", [(), (C.LOGS,), tuple(C)], ids=["all", "logs", "everything"])
def test_a_choice_only_narrows_and_who_it_is_about_goes_with_it(
    audience: Audience, chosen: tuple[ContentClass, ...]
) -> None:
    reach = Scope(audience, chosen).reach
    assert C.CARE in reach and reach <= set(MOST[audience]) <= {*BY_LINK, C.PLAN_LINES, C.DIAGNOSES}
    assert not chosen or reach <= {C.CARE, *chosen}
    assert Scope(audience, chosen).why_not(C.PSYCHOTHERAPY) == NEVER


def test_a_court_and_an_insurer_get_that_there_is_care_and_when() -> None:
    for audience in (Audience.COURT, Audience.INSURER):
        assert Scope(audience, tuple(C)).reach == {C.CARE, C.ATTENDANCE}


def test_a_release_bounds_the_package() -> None:
    scope = Scope(release=a_release("A clinic", C.CARE, C.LOGS))
    assert scope.reach == {C.CARE, C.LOGS}
    assert "release does not cover" in scope.why_not(C.NOTES)
    assert Scope(release=a_release("A clinic", C.ATTENDANCE)).reach == {C.ATTENDANCE}
