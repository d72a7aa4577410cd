"""Every view and macro of the contract on two published files in turn: milliseconds of the processor, and their ratio.

`python bench/bench_questions.py [OLD [NEW]]`, two files or homes; with one alone its own times, with none those of a file made
from the starter data. Each is asked three times in a connection that has the file open, whole into Python as an analyst
would; the fastest counts. Only what takes over 50 ms in OLD is shown, and the sizes of the files.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import yaml
from figures import Figure, told

HERE = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(HERE), str(HERE / "tests" / "support")]

from published_file import MARTS, MOVING  # noqa: E402

ROUNDS, SHOWN_MS = 3, 50.0
CONTRACT = yaml.safe_load((HERE / "tests" / "fixtures" / "contract.yml").read_text("utf-8"))
CALLS = [*(f"{view}_as_of(DATE '2025-02-25')" for view in (*MOVING, *MARTS)), *CONTRACT["macros"]]


def opened(place: str) -> tuple[duckdb.DuckDBPyConnection, int]:
    """The published file of a home, or the file itself; and its bytes."""
    home = Path(place) / "published" / "latest.duckdb"
    path = (home if home.exists() else Path(place)).resolve()
    connection = duckdb.connect()
    connection.execute(f"ATTACH '{path}' AS cs (READ_ONLY)")
    connection.execute("USE cs")
    return connection, path.stat().st_size


def milliseconds(connection: duckdb.DuckDBPyConnection, asked: str) -> float | None:
    """Of the processor; None where the file does not have it."""
    took = []
    try:
        for _ in range(ROUNDS):
            began = time.process_time()
            connection.execute(f"FROM {asked}").fetchall()
            took.append(1000 * (time.process_time() - began))
    except duckdb.CatalogException:
        return None
    return min(took)


def made(folder: str) -> str:
    """A home with an answer to every claim, from the starter data."""
    environment = {**os.environ, "CAPEX_SIGNALS_HOME": folder, "CAPEX_SIGNALS_OFFLINE": "true"}
    command = [str(Path(sys.executable).with_name("capex-signals")), "nightly"]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return folder


def main() -> int:
    """Print one line for each of what takes long, and what all come to."""
    with tempfile.TemporaryDirectory() as folder:
        return compared(sys.argv[1:3] or [made(folder)])


def compared(places: list[str]) -> int:
    """The files at those places, side by side."""
    files = [opened(place) for place in places]
    query = "SELECT view_name FROM duckdb_views() WHERE NOT internal AND database_name = 'cs' ORDER BY 1"
    views = [name for (name,) in files[0][0].execute(query).fetchall()]
    print(f"{'ms':>8}{'new':>8}{'ratio':>8}  asked")
    all_ms = dict[str, float]()
    for asked in (*views, *CALLS):
        old, *new = [milliseconds(connection, asked) for connection, _ in files]
        last = [old, *new][-1]
        all_ms |= {asked: last} if last is not None else {}
        if old is None or old < SHOWN_MS:
            continue
        after = new[0] if new else None
        shown = f"{after:>8.0f}{after / old:>8.2f}" if after is not None else f"{'':>16}"
        print(f"{old:>8.0f}{shown}  {asked}")
    print("bytes:", ", ".join(f"{size:,}" for _, size in files))
    for connection, _ in files:
        connection.close()
    slowest = max(all_ms, key=lambda asked: all_ms[asked])
    return told("questions", [
        Figure(f"views and macros over {SHOWN_MS:.0f} ms, of {len(all_ms)}", sum(ms > SHOWN_MS for ms in all_ms.values()), ""),
        Figure("half of them within", statistics.median(all_ms.values()), "ms"),
        Figure(f"the slowest, {slowest.split('(')[0]}", all_ms[slowest], "ms"),
        Figure("the published file", files[-1][1] / 1e6, "MB"),
    ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
