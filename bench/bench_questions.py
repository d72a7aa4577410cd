"""Every view and macro of the contract on two published files in turn: milliseconds of the processor, and their ratio.

`python bench/bench_questions.py OLD [NEW]`, two files or homes; with one alone its own times. Each is asked three times in
a connection that has the file open, whole into Python as an analyst would; the fastest counts. Only what takes over 50 ms in
OLD is shown, and the sizes of the files.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import duckdb
import yaml

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


def main() -> None:
    """Print one line for each of what takes long."""
    places = sys.argv[1:3]
    if not places:
        raise SystemExit(__doc__)
    files = [opened(place) for place in places]
    query = "SELECT view_name FROM duckdb_views() WHERE NOT internal AND database_name = 'cs' ORDER BY 1"
    views = [name for (name,) in files[0][0].execute(query).fetchall()]
    print(f"{'ms':>8}{'new':>8}{'ratio':>8}  asked")
    for asked in (*views, *CALLS):
        old, *new = [milliseconds(connection, asked) for connection, _ in files]
        if old is None or old < SHOWN_MS:
            continue
        after = new[0] if new else None
        shown = f"{after:>8.0f}{after / old:>8.2f}" if after is not None else f"{'':>16}"
        print(f"{old:>8.0f}{shown}  {asked}")
    print("bytes:", ", ".join(f"{size:,}" for _, size in files))


if __name__ == "__main__":
    main()
