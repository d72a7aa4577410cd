"""A zip of every filer read by one run of the work pool at a time, and by two: how much sooner it is read.

    python bench/bench_workers.py [FACTS]      default: 6,000,000

The real server and worker, the zip from a server on loopback, one backfill with `runs` 1 and one with 2, each into a home of its
own. What both do alone (fetching, putting the slices together, starting the runs) is in the time, as it is for a user. Each
universe is asked before its time counts. Promised: 1.6 times as fast on two cores that nobody else uses.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(HERE), str(HERE / "tests" / "support")]

from bench_bulk import asked, write_zip  # noqa: E402
from figures import Figure, told  # noqa: E402
from injection import PAYLOADS, Small, serving  # noqa: E402
from pytest_httpserver import HTTPServer  # noqa: E402

FACTS, PROMISED, PATIENCE_S = 6_000_000, 1.6, 7200.0


def backfilled(runs: int, body: bytes, number: int) -> float:
    """Seconds of one backfill from its start to its end, on the clock."""
    with tempfile.TemporaryDirectory() as folder, HTTPServer(host="127.0.0.1", port=0) as server:
        small = Small(Path(folder), server, now="", sources=(*PAYLOADS, "sec_bulk"))
        server.expect_request("/sec_bulk").respond_with_data(body)
        with serving(small) as served:
            begun = time.monotonic()
            run = served.run(
                "backfill", sources=["sec_bulk"], from_on="2026-11-01", to_on="2026-11-20", mode="fill", runs=runs
            )
            ended = served.ended(run, PATIENCE_S)["state_name"]
            taken = time.monotonic() - begun
            if ended != "Completed":
                raise SystemExit(f"the backfill ended {ended}: {served.logs()}")
        asked(small.home / "universe" / "universe.duckdb", number)
    return taken


def main() -> int:
    facts = int(sys.argv[1]) if len(sys.argv) > 1 else FACTS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "companyfacts.zip"
        written, number = write_zip(path, facts)
        body = path.read_bytes()
    one, two = (backfilled(runs, body, number) for runs in (1, 2))
    return told("workers", [
        Figure(f"{written:,} facts, one run at a time", one, "s"), Figure(f"{written:,} facts, two at a time", two, "s"),
        Figure("two, as fast as one", one / two, "times", PROMISED, at_least=True),
    ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
