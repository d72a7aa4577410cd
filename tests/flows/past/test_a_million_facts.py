"""A zip of a million facts through the real command, killed on the way: gone on with, within its memory, answered right.

`make scale` runs it; `make bench ARGS=bulk` measures the same and more. Figures come from bench/filers.py, which makes them.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from injection import command
from places import REPOSITORY

from warehouse.home.layout import Home
from warehouse.published.universe import open_universe

sys.path.append(str(REPOSITORY / "bench"))

import bench_bulk

pytestmark = [pytest.mark.scale, pytest.mark.timeout(1800)]

FACTS, PEAK_MB = 1_000_000, 1_500


def load(home: Path, zipped: Path) -> subprocess.Popen[bytes]:
    words = command("ingest", "sec_bulk", str(zipped), "--fetched-at", bench_bulk.FETCHED)
    environment = {**os.environ, "CAPEX_SIGNALS_HOME": str(home)}
    return subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # noqa: S603


def slices(home: Path) -> dict[Path, int]:
    """Those that lie there whole, with when each was written."""
    return {path: path.stat().st_mtime_ns for path in home.glob("universe/slices/*/read/[!.]*")}


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str, resource.struct_rusage]:
    """(exit code, what it said, what it used) of that process alone."""
    assert process.stdout is not None
    with process.stdout:
        said = process.stdout.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, said, used


def test_a_million_facts_come_in_whole_though_killed_on_the_way(tmp_path: Path) -> None:
    facts, filers = bench_bulk.write_zip(tmp_path / "companyfacts.zip", FACTS)
    home = tmp_path / "home"
    killed = load(home, tmp_path / "companyfacts.zip")
    deadline = time.monotonic() + 600
    while len(slices(home)) < 3:
        assert killed.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    ended(killed)
    left = slices(home)
    again = load(home, tmp_path / "companyfacts.zip")
    kept: dict[Path, int] = {}
    while len(now := slices(home)) >= len(kept):  # none is left once they stand together
        kept = now
        assert time.monotonic() < deadline + 600
        time.sleep(0.05)
    code, said, used = ended(again)
    assert code == 0, said
    assert left.items() <= kept.items()  # what had been read was not read again
    assert bench_bulk.peak(used) <= PEAK_MB
    with closing(open_universe(Home(home))) as universe:
        held: list[Any] = universe.execute("SELECT count(*), sum(facts) FROM filer").fetchall()
        assert held == [(filers, facts)]
        stated = "SELECT count(*) FROM history.company_period WHERE status = 'reported'"
        assert universe.execute(stated).fetchall() == [(facts,)]  # each filing's own statement of a period
    bench_bulk.asked(home / "universe" / "universe.duckdb", filers)  # ends where an answer is wrong
