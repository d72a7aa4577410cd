"""Two workers of one work pool read a zip of filers, and one of them is killed in the middle of a slice."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filer_zips import LATER, declared, document, periods, zip_of
from injection import PAYLOADS, Served, Small, command, serving
from processes import children, command_of
from pytest_httpserver import HTTPServer

from config.settings import Settings
from flows.prefect_server.server import POOL, client_environment, start_child, stop_child
from warehouse.home.layout import Home

pytestmark = [pytest.mark.server, pytest.mark.faults, pytest.mark.timeout(1200)]

LONG = 600
SECOND = "second-host"


@contextmanager
def second_worker(own: Served) -> Iterator[int]:
    """A worker as on another host: a process group of its own that sees the same home; yields its process id."""
    environment = {
        **own.small.environment(),
        **client_environment(Settings(home=own.small.home), f"{own.url}/api"),
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
        "PREFECT_WORKER_QUERY_SECONDS": "3",
    }
    worker = ["prefect", "worker", "start", "--pool", POOL, "--type", "process", "--name", SECOND, "--limit", "1"]
    child = start_child(worker, environment, own.small.folder / "second.log")
    try:
        deadline = time.monotonic() + LONG
        while SECOND not in [one["name"] for one in own.api("POST", f"/work_pools/{POOL}/workers/filter")]:
            assert child.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.5)
        yield child.pid
    finally:
        stop_child(child)


def worker_of(pid: int, own: Served, second: int) -> int:
    """The worker that has started this process."""
    if pid in children(second):
        return second
    [first] = [one for one in children(own.process.pid) if "worker" in command_of(one)]
    assert pid in children(first)
    return first


def struck(small: Small) -> int:
    """The process that has met the fault."""
    assert small.fault is not None
    path, deadline = Path(small.fault["once"]), time.monotonic() + LONG
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline, "no slice was read"
        time.sleep(0.2)
    return int(path.read_text())


def test_what_a_killed_worker_had_is_read_by_another(tmp_path: Path, httpserver: HTTPServer) -> None:
    """The universe is the one that a single process makes, row by row."""
    small = Small(tmp_path, httpserver, now="", sources=(*PAYLOADS, "sec_bulk"))
    small.constants["flows.past.bulk"] = {"SLICE_FILERS": 1}
    small = small.striking("flows.past.bulk", "read_members", "before", "pause", seconds=LONG)
    whole = zip_of(tmp_path / "zip.zip", {**declared(), **{f"CIK{cik:010d}.json": document(cik) for cik in (42, 43)}})
    small.server.expect_request("/sec_bulk").respond_with_data(whole.read_bytes())
    with serving(small, LONG) as own, second_worker(own) as second:
        run = own.run("backfill", sources=["sec_bulk"], from_on="2026-11-01", to_on="2026-11-20", mode="fill", runs=2)
        os.kill(worker_of(struck(small), own, second), signal.SIGKILL)
        assert own.ended(run, LONG)["state_name"] == "Completed", own.logs()
        of_slices = {"deployment_id": {"any_": [own.deployment("bulk_slices")]}}
        ends = [one["state_name"] for one in own.api("POST", "/flow_runs/filter", flow_runs=of_slices)]
    assert (ends.count("Completed"), set(ends)) == (6, {"Completed", "Crashed"})  # the killed one may have had both
    alone = Small(tmp_path / "alone", httpserver, sources=(*PAYLOADS, "sec_bulk"))
    alone.folder.mkdir()
    done = subprocess.run(  # noqa: S603  our own interpreter and module
        command("ingest", "sec_bulk", str(whole), "--fetched-at", f"{LATER:%Y-%m-%d}"),
        env=alone.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert periods(Home(small.home)) == periods(Home(alone.home))
