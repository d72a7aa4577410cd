"""A headless Chromium for one test file; skips, saying why, where there is none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def chromium(hosts: str) -> Iterator[Any]:
    """The browser, to which names of hosts lead as those rules say (`MAP * ~NOTFOUND`: nowhere)."""
    if PROGRAM is None:
        pytest.skip("there is no Chromium on this machine (Debian: apt install chromium)")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: run make once")
    arguments = ["--no-sandbox", "--disable-gpu", f"--host-resolver-rules={hosts}"]
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=PROGRAM, args=arguments)
        yield opened
        opened.close()
