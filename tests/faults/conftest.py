"""One project for each fault, and the digest an undisturbed night of it has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from injection import Small
from nights import night, published_digest
from pytest_httpserver import HTTPServer


@pytest.fixture(scope="session")
def origin_server() -> Iterator[HTTPServer]:
    """One for all: addresses stand in the facts, and so in their digest."""
    with HTTPServer(host="127.0.0.1", port=0) as server:
        yield server


@pytest.fixture
def small(tmp_path: Path, origin_server: HTTPServer) -> Small:
    origin_server.clear()
    project = Small(tmp_path, origin_server)
    project.serve_payloads()
    return project


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, origin_server: HTTPServer) -> str:
    project = Small(tmp_path_factory.mktemp("undisturbed"), origin_server)
    project.serve_payloads()
    done = night(project)
    assert done.returncode == 0, done.stdout + done.stderr
    return published_digest(project)
