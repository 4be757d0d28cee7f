"""When the modules of the safety screen are due: at the start, after an event, again while there is contact."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schemas.instruments import find
from schemas.instruments.beside import beside
from schemas.instruments.capture import NonAnswer
from schemas.vocabulary import Rhythm
from service.domain.module_times import ModuleAsked, asked_modules, first_due, standings_of, whole_modules, worst
from service.domain.schedules import Setting, Standing
from tests.builders import QUIET_B

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SFS = find("sfs")


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def standings(setting: Setting = Setting(), **modules: dict[str, Any]) -> list[Standing]:  # noqa: B008
    asked = [ModuleAsked("sfs", key, **told) for key, told in modules.items()]
    return [each.standing for each in standings_of(SFS, asked, setting, NOW)]


def test_the_figures_are_those_of_the_house() -> None:
    times = {each.module: (each.after, each.again_after) for each in beside(SFS).modules}
    assert times == {"A": (("TR-1", "TR-3"), None), "B": (("TR-1", "TR-3"), 30)}


def test_both_are_due_at_the_start() -> None:
    assert standings() == [Standing.FIRST, Standing.FIRST]


@pytest.mark.parametrize(
    ("days", "expected"),
    [(29.9, Standing.WITHIN), (30, Standing.DUE), (36.9, Standing.DUE), (37, Standing.OVERDUE)],
)
def test_only_the_second_is_due_again_after_30_days(days: float, expected: Standing) -> None:
    told = {"asked_at": ago(days)}
    assert standings(A=told, B=told) == [Standing.WITHIN, expected]


def test_without_contact_nothing_falls_due_by_time() -> None:
    told = {"asked_at": ago(90), "in_contact": False}
    assert standings(A=told, B=told) == [Standing.WITHIN, Standing.WITHIN]


@pytest.mark.parametrize(("days", "expected"), [(0.1, Standing.DUE), (1, Standing.OVERDUE)])
@pytest.mark.parametrize("rhythm", [Rhythm.USUAL, Rhythm.PAUSED, Rhythm.NOT_WANTED])
def test_an_event_calls_for_both_whatever_was_agreed(days: float, expected: Standing, rhythm: Rhythm) -> None:
    told = {"asked_at": ago(2), "wanted_since": ago(days), "in_contact": False}
    assert standings(Setting(rhythm), A=told, B=told) == [expected, expected]


def test_a_refusal_clears_what_was_due_until_the_next_time() -> None:
    told = {"asked_at": ago(3), "declined": True}
    assert standings(A=told, B=told) == [Standing.DECLINED, Standing.DECLINED]
    told = {"asked_at": ago(31), "declined": True}
    assert standings(A=told, B=told) == [Standing.DECLINED, Standing.DUE]


def test_an_agreed_interval_holds_for_both_and_a_pause_for_none() -> None:
    told = {"asked_at": ago(15), "in_contact": False}
    assert standings(Setting(Rhythm.OWN, 14), A=told, B=told) == [Standing.DUE, Standing.DUE]
    assert standings(Setting(Rhythm.PAUSED), A=told, B=told) == [Standing.NOT_ASKED, Standing.NOT_ASKED]


def test_the_form_stands_as_its_most_pressing_module_does() -> None:
    asked = [ModuleAsked("sfs", "A", ago(3)), ModuleAsked("sfs", "B", ago(40))]
    found = standings_of(SFS, asked, Setting(), NOW)
    assert worst(found) is Standing.OVERDUE
    assert first_due(found) == ago(10).date()
    assert worst(()) is Standing.NOT_ASKED


@pytest.mark.parametrize(
    ("answers", "modules"),
    [
        ({"A1": False}, {"core"}),
        ({"A1": False, "A9": NonAnswer.DECLINED}, {"A", "core"}),
        ({"B1": NonAnswer.DECLINED}, {"B"}),
        ({"B1": NonAnswer.NOT_ASKED}, set()),
        ({"present": "nobody"}, set()),
    ],
)
def test_a_module_was_asked_when_each_part_of_it_was(answers: dict[str, Any], modules: set[str]) -> None:
    assert asked_modules(SFS, answers) == modules


DANGER = {key: said for key, said in QUIET_B.items() if key != "present"}


@pytest.mark.parametrize(
    ("changes", "modules"),
    [
        ({}, {"B"}),
        ({"B8": NonAnswer.DECLINED, "B14": NonAnswer.UNSURE}, {"B"}),
        ({"B14": NonAnswer.NOT_ASKED}, set()),
        ({"A1": False}, {"B"}),
    ],
)
def test_a_module_was_gone_through_when_each_of_its_questions_was_put(
    changes: dict[str, Any], modules: set[str]
) -> None:
    assert whole_modules(SFS, QUIET_B | changes) == modules


@pytest.mark.parametrize("left", sorted(DANGER))
def test_one_question_left_out_is_enough_for_a_module_not_to_have_been_gone_through(left: str) -> None:
    assert whole_modules(SFS, {key: said for key, said in DANGER.items() if key != left}) == frozenset()
