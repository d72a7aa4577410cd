"""Eight readers on the published file while two nights at a time fetch, load and publish: errors, blocked writers, latency.

`python bench/bench_readers.py [seconds]`, by default 120. Both writers end with a whole publication, again and again;
what they load comes from a server on loopback. Readers open the file anew for each question, as a script would.
"""

from __future__ import annotations

import multiprocessing
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(HERE), str(HERE / "tests"), str(HERE / "tests" / "faults")]

import duckdb  # noqa: E402
from injection import Small  # noqa: E402
from nights import NIGHT  # noqa: E402
from pytest_httpserver import HTTPServer  # noqa: E402

READERS, WRITERS = 8, 2
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


def write(environment: dict[str, str], until: float, results: Any) -> None:
    """One night after the other until the time is up; report how they ended."""
    ends = []
    while time.time() < until:
        done = subprocess.run(
            [sys.executable, str(NIGHT)], env=environment, capture_output=True, text=True, check=False
        )
        ends.append(done.returncode if done.returncode == 0 else f"{done.returncode}: {done.stderr[-500:]}")
    results.put(ends)


def main(seconds: float) -> None:
    """Print one line of figures; ends 1 when a reader failed or a writer was blocked."""
    with tempfile.TemporaryDirectory() as folder, HTTPServer(host="127.0.0.1", port=0) as server:
        small = Small(Path(folder), server, now="", starter=True)
        small.serve_payloads()
        environment = small.environment()
        subprocess.run([sys.executable, str(NIGHT)], env=environment, capture_output=True, check=True)
        latest = str(small.home / "published" / "latest.duckdb")
        until = time.time() + seconds
        context = multiprocessing.get_context("spawn")
        read_results, write_results = context.Queue(), context.Queue()
        processes = [context.Process(target=read, args=(latest, until, read_results)) for _ in range(READERS)]
        processes += [context.Process(target=write, args=(environment, until, write_results)) for _ in range(WRITERS)]
        for process in processes:
            process.start()
        answered = [read_results.get() for _ in range(READERS)]
        ends = [end for _ in range(WRITERS) for end in write_results.get()]
        for process in processes:
            process.join()
    took = [second for seconds_of, _ in answered for second in seconds_of]
    errors = [error for _, found in answered for error in found]
    failed = [end for end in ends if end != 0]
    p95 = statistics.quantiles(took, n=20)[-1]
    print(
        f"{len(took)} questions, {len(errors)} reader errors, p95 {p95 * 1000:.0f} ms; {len(ends)} publications, {len(failed)} failed"
    )
    for line in [*errors[:3], *map(str, failed[:3])]:
        print(line)
    sys.exit(bool(errors or failed))


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 120.0)
