"""Nights whose Prefect cannot work: they fetch, archive, judge and publish all the same, and say in one sentence why."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from injection import Small, command
from nights import published_digest
from pytest_httpserver import HTTPServer

from config.settings import Settings
from flows.commands import doctor
from flows.prefect_server.database import trouble

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]


def damaged(home: Path) -> None:
    """A database whose first page is sound and whose schema is not."""
    (home / "prefect").mkdir(mode=0o700, parents=True)
    path = home / "prefect" / "prefect.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE flow_run (id TEXT PRIMARY KEY)")
        database.executemany("INSERT INTO flow_run VALUES (?)", [(str(number) * 40,) for number in range(999)])
        database.commit()
    with path.open("r+b") as stream:
        stream.seek(4096 + 100)
        stream.write(b"\xff" * 6000)


def of_another_version(home: Path) -> None:
    (home / "prefect").mkdir(mode=0o700, parents=True)
    with closing(sqlite3.connect(home / "prefect" / "prefect.db")) as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        database.execute("INSERT INTO alembic_version VALUES ('0123456789ab')")
        database.commit()


def in_the_way(home: Path) -> None:
    """A file where the folder is to be."""
    home.mkdir(parents=True)
    (home / "prefect").write_text("not a folder")


@pytest.fixture
def small(tmp_path: Path, httpserver: HTTPServer) -> Small:
    small = Small(tmp_path, httpserver)
    small.serve_payloads()
    return small


def nightly(small: Small, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  our own interpreter and module
        command("nightly"),
        env=small.environment() | {"COLUMNS": "300"} | more,
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
    )


def answered(small: Small, done: subprocess.CompletedProcess[str]) -> Iterator[str]:
    """The lines of a night that published what both its sources sent."""
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert published_digest(small)
    captures = (small.home / "archive" / "captures.jsonl").read_text()
    assert '"source":"ecb_fx"' in captures
    assert '"source":"litellm_prices"' in captures
    return iter(done.stdout.splitlines())


@pytest.mark.parametrize(
    ("spoil", "why", "mend"),
    [
        (damaged, "prefect.db", "move"),
        pytest.param(
            of_another_version,
            "another version of Prefect has written it (schema 0123456789ab)",
            "install the Prefect",
            marks=pytest.mark.faults,  # what it rests on, `trouble`, is asked below
        ),
    ],
)
def test_a_night_whose_database_is_of_no_use_takes_one_of_its_own(
    small: Small, spoil: Callable[[Path], None], why: str, mend: str
) -> None:
    spoil(small.home)
    before = (small.home / "prefect" / "prefect.db").read_bytes()
    told = [line for line in answered(small, nightly(small)) if "cannot be worked on" in line]
    assert len(told) == 1
    assert why in told[0]
    assert (small.home / "prefect" / "prefect.db").read_bytes() == before
    found = {item.about: item for item in doctor.examine(Settings(home=small.home, offline=True), 1)}["database"]
    assert found.grave
    assert why in found.found
    assert found.mend.startswith(mend)


@pytest.mark.faults
def test_a_file_in_the_place_of_prefects_folder_takes_no_night(small: Small) -> None:
    in_the_way(small.home)
    assert any("cannot be worked on" in line for line in answered(small, nightly(small)))


def test_a_night_without_any_server_publishes_what_one_with_a_server_does(
    small: Small, httpserver: HTTPServer, prefect_tables: Callable[[Settings], None]
) -> None:
    without = small.striking("flows.prefect_server.server", "start_child", "before", "full")
    # The disk is full for each server that is started: the one on the home's database, and the one on its own.
    again = replace(without, fault={**(without.fault or {}), "always": True})
    told = list(answered(again, nightly(again)))
    assert any("no Prefect server can be started" in line for line in told)
    assert any(line.startswith("ecb_fx: 1 captured") for line in told)
    first = published_digest(small)
    assert list((small.home / "scratch").iterdir()) == []
    # And a night that finds a server of another version has one of its own in its place.
    with_one = replace(small, folder=small.folder / "other")
    with_one.folder.mkdir()
    prefect_tables(Settings(home=with_one.home))
    httpserver.expect_request("/prefect/api/health").respond_with_data("true")
    httpserver.expect_request("/prefect/api/admin/version").respond_with_json("2.20.4")
    told = list(answered(with_one, nightly(with_one, PREFECT_API_URL=httpserver.url_for("/prefect/api"))))
    assert any("a server of version 2.20.4 answers" in line for line in told)
    assert published_digest(with_one) == first


def test_a_server_that_takes_no_run_takes_no_night(small: Small, httpserver: HTTPServer) -> None:
    """Healthy and of our version by its own word; it knows nothing else."""
    httpserver.expect_request("/prefect/api/health").respond_with_data("true")
    httpserver.expect_request("/prefect/api/admin/version").respond_with_json("3.9.1")
    done = nightly(small, PREFECT_API_URL=httpserver.url_for("/prefect/api"))
    assert any("does not serve this run" in line for line in answered(small, done))


def test_a_sound_database_has_no_trouble_and_none_is_none(tmp_path: Path) -> None:
    assert trouble(Settings(home=tmp_path)) is None
    of_another_version(tmp_path)
    assert trouble(Settings(home=tmp_path, database_url="postgresql://db.example/prefect")) is None
    with closing(sqlite3.connect(tmp_path / "prefect" / "prefect.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = '27d8f4e1a6c9'")  # of the locked Prefect, 3.9.1
        database.commit()
    assert trouble(Settings(home=tmp_path)) is None
