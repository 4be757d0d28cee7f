"""Where ./test unpacks the npm packages that only tests read. Rule: a missing one is a skip with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "npm"


def npm_package(name: str) -> Path:
    """The folder of an unpacked package, for example `npm_package("lforms") / "dist"`; skips where it is missing."""
    folder = CACHE / name
    if not (folder / "package.json").is_file():
        pytest.skip(f"the npm package {name} is not unpacked in .cache/npm; run ./test once where npm works")
    return folder
