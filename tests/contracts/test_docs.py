"""Documentation is tested: links lead somewhere, named files exist, the tables equal the code."""

import re
from pathlib import Path

import pytest

from schemas.actions import Action
from schemas.vocabulary import CaseState, Relation, Role
from service.domain.access import RULES, Rule

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
NAMED = re.compile(r"`((?:schemas|service|templates|tests|benchmarks|docs)/[\w./*-]+)")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
ROLES = (Role.THERAPIST, Role.SUPERVISOR, Role.ADMIN, Role.MACHINE)
STATES = (CaseState.OPEN, CaseState.CLOSED, CaseState.SEALED, CaseState.HELD)
FORBIDDEN = ("evidence-based programme", "addicted", "is safe to", "low risk", "no concern")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text()
    named = [name.split("::")[0] for name in NAMED.findall(text) if "NAME" not in name and "NOUN" not in name]
    linked = [str((page.parent / name).relative_to(ROOT)) for name in LINK.findall(text)]
    assert [name for name in [*named, *linked] if not list(ROOT.glob(name.rstrip("/")))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_page_reassures_or_overstates(page: Path) -> None:
    text = page.read_text().casefold()
    assert [words for words in FORBIDDEN if words in text] == []


def test_the_table_of_roles_equals_the_permission_table() -> None:
    rows = [line for line in (ROOT / "docs/reference/roles.md").read_text().splitlines() if line.startswith("| `")]
    assert rows == [row_of(action, RULES[action]) for action in Action]


def row_of(action: Action, rule: Rule) -> str:
    cells = [cell_of(rule, role) for role in ROLES]
    on_case = any(relations != frozenset({Relation.NONE}) for relations in rule.grants.values())
    states = ", ".join(state for state in STATES if state in rule.states) if on_case else "-"
    return "| " + " | ".join([f"`{action}`", *cells, states, "yes" if rule.step_up else "-"]) + " |"


def cell_of(rule: Rule, role: Role) -> str:
    relations = rule.grants.get(role)
    if relations is None:
        return "-"
    return (
        "yes" if relations == frozenset({Relation.NONE}) else ", ".join(each for each in Relation if each in relations)
    )


def test_every_setting_is_documented() -> None:
    names = set(re.findall(r'env\.\w+\("([A-Z0-9_]+)"', (ROOT / "service/settings.py").read_text()))
    text = "".join(page.read_text() for page in PAGES)
    assert [name for name in sorted(names) if f"STEPWELL_{name}" not in text] == []


def test_every_decision_says_what_was_given_up() -> None:
    decisions = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert len(decisions) >= 5
    assert [page.name for page in decisions if "## Given up" not in page.read_text()] == []
