"""The browser of the system: Debian's Chromium, started the way a container needs it; nothing is downloaded.

Every test takes its pages from here. A second driver in the same process would refuse to start.
"""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

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
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    return {"executable_path": CHROMIUM, "args": QUIET}


@pytest.fixture(scope="session")
def chromium(launch_browser: Callable[[], Browser]) -> Iterator[Browser]:
    """One browser for each test process; take a page or a context of your own from it."""
    process = launch_browser()
    yield process
    process.close()
