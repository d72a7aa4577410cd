"""Eight readers on the published file while a night and a backfill at a time fetch, load and publish: errors, blocked writers, latency.

`python bench/bench_readers.py [seconds]`, by default 120; needs ../shared/data. The runs are started from their deployments, again and
again, on the real server and worker; what they load comes from a server on loopback: the newest whole price list, since a short one is
refused beside the starter data. Readers open the file anew for each question, as a script would.
"""

from __future__ import annotations

import multiprocessing
import statistics
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(HERE), str(HERE / "tests" / "support")]

import duckdb  # noqa: E402
from figures import Figure, told  # noqa: E402
from injection import Served, Small, serving  # noqa: E402
from pytest_httpserver import HTTPServer  # noqa: E402

READERS = 8
LISTS = HERE.parent / "shared" / "data" / "prices" / "recent"
PATIENCE_S = 1800.0  # for a run that shares two cores with everything else here
QUESTIONS = (
    "SELECT count(*), max(usd_per_mtok) FROM token_price",
    "SELECT claim_id, verdict FROM verdict ORDER BY claim_id",
    "SELECT count(*) FROM company_quarter_as_of('2025-02-25')",
)


def read(path: str, until: float, results: Any) -> None:
    """Ask until the time is up; report latencies and errors."""
    took, errors, number = [], [], 0
    while time.time() < until:
        began = time.perf_counter()
        try:
            with duckdb.connect(str(Path(path).resolve()), read_only=True) as connection:
                connection.execute(QUESTIONS[number % len(QUESTIONS)]).fetchall()
        except duckdb.Error as error:
            errors.append(f"{type(error).__name__}: {error}")
        took.append(time.perf_counter() - began)
        number += 1
    results.put((took, errors))


def write(served: Served, deployment: str, until: float, ends: list[str], **parameters: Any) -> None:
    """One run of a deployment after the other until the time is up; `ends` takes how each ended."""
    while time.time() < until:
        run = served.run(deployment, **parameters)
        ends.append(f"{deployment} {served.ended(run, PATIENCE_S)['state_name']}")


def under_load(served: Served, seconds: float) -> tuple[list[tuple[list[float], list[str]]], list[str]]:
    """What the readers met, and how the runs ended, with one night, one backfill and the readers at a time."""
    if (first := served.ended(served.run("nightly"), PATIENCE_S)["state_name"]) != "Completed":
        raise SystemExit(f"the first night ended {first}: {served.logs()}")
    today, ends = datetime.now(UTC).date(), list[str]()
    days = {"sources": ["ecb_fx", "litellm_prices"], "from_on": f"{today - timedelta(days=30)}", "to_on": f"{today}"}
    until = time.time() + seconds
    context = multiprocessing.get_context("spawn")
    results: Any = context.Queue()
    latest = str(served.small.home / "published" / "latest.duckdb")
    readers = [context.Process(target=read, args=(latest, until, results)) for _ in range(READERS)]
    writers = [
        threading.Thread(target=write, args=(served, "nightly", until, ends)),
        threading.Thread(target=write, args=(served, "backfill", until, ends), kwargs={**days, "mode": "refetch"}),
    ]
    for one in (*readers, *writers):
        one.start()
    answered = [results.get() for _ in readers]
    for one in (*readers, *writers):
        one.join()
    return answered, ends


def main(seconds: float) -> None:
    """Print one line of figures; ends 1 when a reader failed or a run did not complete."""
    newest = max(LISTS.glob("*litellm*.json"), default=None)
    if newest is None:
        sys.exit(f"no price list at {LISTS}: this bench serves a real one")
    with tempfile.TemporaryDirectory() as folder, HTTPServer(host="127.0.0.1", port=0) as server:
        small = Small(Path(folder), server, now="", starter=True)
        server.expect_request("/litellm_prices").respond_with_data(newest.read_bytes())
        small.serve_payloads()
        with serving(small) as served:
            answered, ends = under_load(served, seconds)
    took = [second for seconds_of, _ in answered for second in seconds_of]
    errors = [error for _, found in answered for error in found]
    failed = [end for end in ends if not end.endswith(" Completed")]
    p95 = statistics.quantiles(took, n=20)[-1]
    for line in [*errors[:3], *failed[:3]]:
        print(line)
    sys.exit(told("readers", [
        Figure(f"readers' errors in {len(took):,} questions of {READERS} readers", len(errors), "", 0),
        Figure(f"runs that did not complete, of {len(ends)} beside them", len(failed), "", 0),
        Figure("95 in 100 answers within", p95 * 1000, "ms"),
    ]))  # fmt: skip


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 120.0)
