"""The report on loopback: its files, under this machine's names, and nothing else."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from config.errors import Refused
from flows.prefect_server.report_server import report_served


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "report"
    (folder / "zh").mkdir(parents=True)
    (folder / "index.html").write_text("<p>here</p>", "utf-8")
    (folder / ".keys.json").write_text("{}", "utf-8")
    (tmp_path / "secret").write_text("no", "utf-8")
    with report_served(folder, 0) as found:
        yield found


def asked(url: str, **headers: str) -> int:
    return requests.get(url, headers=headers, timeout=10).status_code


def test_a_page_is_served_and_may_not_be_taken_for_something_else(address: str) -> None:
    found = requests.get(address, timeout=10)
    assert (found.status_code, found.text) == (200, "<p>here</p>")
    assert found.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", [".keys.json", "zh/", "nothing.html", "%2e%2e/secret", "..%2fsecret"])
def test_nothing_hidden_no_listing_and_nothing_beside_the_folder(address: str, path: str) -> None:
    assert asked(address + path) == 404


def test_another_name_of_this_address_is_not_answered(address: str) -> None:
    assert asked(address, Host="evil.example:80") == 404
    assert asked(address, Host="localhost:80") == 200


def test_a_taken_port_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Refused, match="give another --port"), report_served(tmp_path, port):
            pass
