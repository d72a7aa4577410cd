"""What becomes of runs and children when `capex-signals serve` or one of its processes ends in the middle of a run."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from injection import Served, Small, serving
from processes import alive, children, command_of
from pytest_httpserver import HTTPServer

pytestmark = [pytest.mark.server, pytest.mark.faults, pytest.mark.timeout(1200)]

LONG = 400


@pytest.fixture
def slow(tmp_path: Path, httpserver: HTTPServer) -> Small:
    """A project whose first run stops for a minute before it stages."""
    small = Small(tmp_path, httpserver, now="").striking(
        "flows.steps.publish", "staged_facts", "before", "pause", seconds=120
    )
    small.serve_payloads()
    return small


def test_one_ctrl_c_ends_every_child_and_no_run_stays_running(slow: Small) -> None:
    with serving(slow, LONG) as own:
        run = own.run("nightly")
        wait_until_struck(slow)
        group = children(own.process.pid)
        assert len(group) >= 2
    assert own.process.returncode == 0, own.said
    assert [pid for pid in group if alive(pid)] == []
    assert "ended\n" in own.said
    with serving(slow, LONG) as own:
        assert own.api("GET", f"/flow_runs/{run}")["state_name"] == "Crashed"
        completes(own)


def test_a_killed_worker_takes_its_run_along_and_is_started_again(slow: Small) -> None:
    with serving(slow, LONG) as own:
        run = own.run("nightly")
        wait_until_struck(slow)
        [worker] = [pid for pid in children(own.process.pid) if "worker" in command_of(pid)]
        runs = children(worker)
        os.kill(worker, signal.SIGKILL)
        assert own.ended(run, LONG)["state_name"] == "Crashed", own.logs()
        assert [pid for pid in runs if alive(pid)] == []
        completes(own)


def test_a_killed_serve_leaves_no_process_behind_and_the_next_one_goes_on(slow: Small) -> None:
    with serving(slow, LONG) as own:
        run = own.run("nightly")
        wait_until_struck(slow)
        group = children(own.process.pid)
        own.process.send_signal(signal.SIGKILL)
        deadline = time.monotonic() + 60
        while any(alive(pid) for pid in group) and time.monotonic() < deadline:
            time.sleep(0.5)
        assert [command_of(pid) for pid in group if alive(pid)] == []
    with serving(slow, LONG) as own:
        assert own.api("GET", f"/flow_runs/{run}")["state_name"] == "Crashed"
        completes(own)


def completes(own: Served) -> None:
    """The next nightly run is undisturbed."""
    found = own.ended(own.run("nightly"), LONG)
    assert found["state_name"] == "Completed", (found["state"], own.logs())


def wait_until_struck(small: Small) -> None:
    assert small.fault is not None
    deadline = time.monotonic() + LONG
    while not Path(small.fault["once"]).exists():
        assert time.monotonic() < deadline, "the step was never reached"
        time.sleep(0.2)
