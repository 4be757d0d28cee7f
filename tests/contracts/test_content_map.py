"""Every element of the content list lives somewhere: docs/reference/content-map.csv says where, and is held to it.

A row is an id and a place, written `file:token`: the token stands in that file. An element may have several rows.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.sources import ROOT

MAP = ROOT / "docs" / "reference" / "content-map.csv"
# group -> how many elements it has, numbered from 1
GROUPS = {
    "SCI": 7,
    "CYC": 6,
    "STP": 7,
    "ACK": 8,
    "NC": 6,
    "LC": 4,
    "LCX": 3,
    "ENC": 1,
    "WSP": 5,
    "WSE": 5,
    "WSC": 5,
    "WMS": 6,
    "WSN": 2,
    "RR": 6,
    "ST": 5,
    "PM": 6,
    "CV": 5,
    "RT": 5,
    "DDP": 1,
    "ID": 5,
    "SW": 5,
    "AU": 5,
    "IDX": 1,
    "RF": 5,
    "GF": 5,
    "MN": 5,
    "RS": 5,
    "FPX": 1,
    "CXS": 3,
    "CX": 5,
    "PH": 6,
    "NLX": 1,
    "BC": 5,
    "BCX": 1,
    "SP": 5,
    "CH": 5,
    "FQ": 6,
    "MF": 5,
}
ELEMENTS = {f"{group}-{number}" for group, count in GROUPS.items() for number in range(1, count + 1)} | {
    "FQ-1a",
    "FQ-3a",
}
NAMED = re.compile(r"""["']((?:{})-\d+a?)["']""".format("|".join(GROUPS)))
ROOMS = ("schemas", "service", "templates")


def places() -> dict[str, list[tuple[str, str]]]:
    """Element -> the (file, token) pairs of its rows."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    with MAP.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            file, _, token = row["where"].partition(":")
            found[row["id"]].append((file, token))
    return found


def named_in_code() -> Iterator[tuple[str, str]]:
    """(element, file) for every element that a file of the product names as data."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in {".py", ".html"}:
                for element in sorted(set(NAMED.findall(path.read_text("utf-8")))):
                    yield element, str(path.relative_to(ROOT))


def test_there_are_174_elements_and_each_has_a_place() -> None:
    assert len(ELEMENTS) == 174
    assert places().keys() == ELEMENTS


def test_every_place_holds_what_the_map_says() -> None:
    texts = {file: (ROOT / file).read_text("utf-8") for rows in places().values() for file, _ in rows if is_file(file)}
    wrong = [
        f"{element}: {file}:{token}"
        for element, rows in places().items()
        for file, token in rows
        if not token or token not in texts.get(file, "")
    ]
    assert wrong == []


def is_file(name: str) -> bool:
    path = Path(name)
    return not path.is_absolute() and ".." not in path.parts and (ROOT / path).is_file()


def test_an_element_that_the_code_names_is_mapped_to_that_file() -> None:
    known = {(element, file) for element, rows in places().items() for file, _ in rows}
    missing = [f"{element},{file}:{element}" for element, file in named_in_code() if (element, file) not in known]
    assert missing == []


@pytest.mark.parametrize("element", ["WSP-1", "RF-1", "SP-1"])
def test_the_scan_sees_what_instruments_carry(element: str) -> None:
    assert element in {found for found, _ in named_in_code()}
