"""The browser of the system, started the way a container needs it."""

import shutil
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium; nothing is downloaded."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    return {"executable_path": CHROMIUM, "args": QUIET}
