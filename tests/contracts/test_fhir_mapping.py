"""The page that maps the record to FHIR names every type on the shelf, and files and tests that exist."""

import re
from pathlib import Path

from service.fhir import RESOURCES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/reference/fhir-mapping.md").read_text()
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.splitlines() if line.startswith("| ")][1:]
NEVER_A_FILE = frozenset({"none", "Bundle"})


def test_every_type_on_the_shelf_has_a_line_and_no_line_names_another() -> None:
    assert {resource for _what, resource, _file, _test in ROWS} - NEVER_A_FILE == set(RESOURCES)


def test_every_line_names_a_file_that_makes_the_type() -> None:
    for _what, resource, file, _test in ROWS:
        text = (ROOT / file.strip("`")).read_text()
        assert resource == "none" or resource in text, (resource, file)


def test_every_test_that_the_page_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)
    assert len(named) > 30
    for file, function in named:
        text = (ROOT / file).read_text()
        assert f"def {function}" in text, (file, function)
