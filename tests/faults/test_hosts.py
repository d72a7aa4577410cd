"""One zip of filers, read by one machine and by two hosts: the ordered export is the same, row by row.

Two hosts are two process groups, in one network or each in one of its own. Without a lake they share a home; with one each has its
own, and nothing but the lake and Prefect's server is common to them.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import own_network
import pytest
from filer_zips import LATER, VARYING, answers, declared, document, zip_of
from hosts import LONG, host_worker, ports_of, power_cut, reporting, settings_of
from injection import PAYLOADS, Small, command
from lakes import Stores
from own_network import Cable
from pytest_httpserver import HTTPServer

from config.settings import Settings
from flows.prefect_server.deployments import bootstrap
from flows.prefect_server.server import free_port, pointed_at, private_server
from flows.steps.pipeline import Pipeline
from warehouse.home.lake import Lake
from warehouse.home.layout import Home
from warehouse.store.facts import connect
from warehouse.store.lake import attach_lake

pytestmark = [pytest.mark.server, pytest.mark.faults, pytest.mark.timeout(1200)]

SOURCES = (*PAYLOADS, "sec_bulk")
WORKS_ON_S = 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Prefect server's API, with all deployments."""
    settings = Settings(home=tmp_path_factory.mktemp("server"))
    with private_server(settings, free_port(), print, deployments=True) as url, pointed_at(url, settings):
        bootstrap(Pipeline.open(settings), print)
        yield url


@pytest.fixture(scope="module")
def zipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    documents = {**declared(), **{f"CIK{cik:010d}.json": document(cik) for cik in (42, 43)}, "CIK0000000044.json": b"<"}
    return zip_of(tmp_path_factory.mktemp("zip") / "companyfacts.zip", documents)


@pytest.fixture(scope="module")
def by_one_machine(tmp_path_factory: pytest.TempPathFactory, zipped: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What one process says that reads the whole zip."""
    with HTTPServer(host="127.0.0.1", port=0) as nobody:
        alone = Small(tmp_path_factory.mktemp("alone"), nobody, sources=SOURCES)
        run(command("ingest", "sec_bulk", str(zipped), "--fetched-at", f"{LATER:%Y-%m-%d}"), alone.environment())
    return answers(Home(alone.home))


def run(what: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(what, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode in {0, 1}, done.stdout + done.stderr  # 1: a document was refused, as one is
    return done.stdout + done.stderr


def in_lake(lake: Lake) -> list[tuple[Any, ...]]:
    """The rows of the universe in the lake, as `answers` has those of the file."""
    with closing(connect(":memory:")) as connection:
        attach_lake(connection, lake, read_only=True)
        query = f"SELECT * EXCLUDE ({VARYING}) FROM lake.universe.company_period ORDER BY ALL"
        return connection.execute(query).fetchall()


@pytest.fixture
def far_away(request: pytest.FixtureRequest) -> bool:
    """Whether the second host has a network of its own; skips where it cannot have one."""
    if request.param and (reason := own_network.why_not()):
        pytest.skip(f"no network of its own to be had: {reason}")
    return bool(request.param)


@pytest.mark.parametrize("far_away", [False, True], ids=["one network", "a network each"], indirect=True)
@pytest.mark.parametrize("lost", [False, True], ids=["two workers", "two workers, one lost"])
@pytest.mark.parametrize("kind", ["no lake", "lake on disk", "lake on S3"])
def test_what_two_hosts_read_is_what_one_machine_reads(
    tmp_path: Path,
    server: str,
    stores: Stores,
    zipped: Path,
    by_one_machine: dict[str, list[tuple[Any, ...]]],
    *,
    kind: str,
    far_away: bool,
    lost: bool,
) -> None:
    """The one that is lost has its power cut or, with a network of its own, the cable: it works on, and reaches nobody."""
    lake = None if kind == "no lake" else stores.lake(objects=kind == "lake on S3")
    with HTTPServer(host="127.0.0.1", port=0) as sec:
        sec.expect_request("/sec_bulk").respond_with_data(zipped.read_bytes())
        constants = {"flows.past.bulk": {"SLICE_FILERS": 1}, "flows.past.fan_out": {"SILENT_S": 60.0}}
        first = Small(tmp_path / "first", sec, now="", sources=SOURCES, constants=constants)
        second = replace(first, folder=tmp_path / "second")
        for small in (first, second):
            small.folder.mkdir()
            small.settings = settings_of(lake) if lake else {"CAPEX_SIGNALS_HOME": str(first.home)}
        pause = 0 if not lost else WORKS_ON_S if far_away else LONG
        second = second.striking("flows.past.bulk_slice", "derive_periods", "before", "pause", seconds=pause)
        asked = ("--source", "sec_bulk", "--from", "2026-11-01", "--to", "2026-11-20", "--mode", "fill", "--runs", "2")
        with (
            closing(Cable(ports_of(lake, server) if far_away else [])) as cable,
            host_worker(first, server, f"first {tmp_path.name}"),
            host_worker(second, server, f"second {tmp_path.name}", cable if far_away else None) as worker,
            (tmp_path / "out").open("w") as out,
        ):
            backfill = subprocess.Popen(  # noqa: S603  our own interpreter and module
                command("backfill", *asked), env=reporting(first, server),
                stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
            assert second.fault is not None
            struck, deadline = Path(second.fault["once"]), time.monotonic() + LONG
            while not struck.exists():
                assert time.monotonic() < deadline
                assert backfill.poll() is None, (tmp_path / "out").read_text()
                time.sleep(0.2)
            if lost and far_away:
                cable.cut()
            elif lost:
                power_cut(worker)
            assert backfill.wait(LONG) in {0, 1}, (tmp_path / "out").read_text()
            if lost and far_away:
                assert worker.poll() is None  # it was at work all the while
                power_cut(worker)
    assert answers(Home(first.home)) == by_one_machine
    if lake:
        assert in_lake(lake) == by_one_machine["company_period"]
        assert [*Home(second.home).bulk.iterdir(), *Home(second.home).universe.iterdir()] == []
