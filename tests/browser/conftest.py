"""A browser without a network, and a tab of it on the site of the published file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import chromium
from site_reader import Reader


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """No name leads anywhere, not even to this machine."""
    with chromium("MAP * ~NOTFOUND") as opened:
        yield opened


@pytest.fixture
def reader(browser: Any, published: Path) -> Iterator[Reader]:
    """One tab, closed after the test."""
    opened = Reader(browser, published)
    yield opened
    opened.close()
