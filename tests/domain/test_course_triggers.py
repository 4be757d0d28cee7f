"""The rules on a whole course are data beside the definition (TR-8), and fire on what the rules of change found."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from schemas.instruments import INSTRUMENTS, find
from schemas.instruments.beside import beside
from service.domain.readings import Reading
from service.domain.trend import change
from service.domain.triggers import fired_by_course

GOLDEN = Path(__file__).parents[1] / "golden" / "instruments.json"
START = date(2026, 1, 5)


@pytest.mark.parametrize(("last", "rules"), [((24, 25), []), ((24, 36), ["TR-8"]), ((36, 37), ["TR-8"])])
def test_a_raised_course_prompts_a_review_and_opens_nothing(last: tuple[int, ...], rules: list[str]) -> None:
    values = (20, 24, 22, 26, 24, 28, 24, 22, *last)
    course = change([Reading(START + timedelta(7 * at), value * 10) for at, value in enumerate(values)], ceiling=60)
    found = fired_by_course(find("wsl"), [course, course])
    assert [each.rule for each in found] == rules
    assert all(each.level is None for each in found)


def test_only_a_form_with_a_score_has_rules_on_its_course() -> None:
    scored = {each.key for each in INSTRUMENTS if each.scoring is not None}
    assert {each.key for each in INSTRUMENTS if beside(each).course} == scored == {"wsl"}
    assert [each.rule for each in beside(find("wsl")).course] == ["TR-8"]


def test_no_fingerprint_covers_what_stands_beside_a_definition() -> None:
    kept = json.loads(GOLDEN.read_text())
    assert {f"{each.key} {each.version}": each.fingerprint for each in INSTRUMENTS} == kept
