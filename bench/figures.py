"""What the measurements come to: figures, what is promised of each, and how fast this machine is.

Each bench ends with `sys.exit(told("boards", figures))`. Its figures are printed beside their promises, and where
bench/run.py has asked for them they are appended to its file, a JSON line each.

Seconds and milliseconds are promised on the machine on which the promises were made: what is measured is divided by `slowness()`,
the time of a fixed piece of work here as a multiple of its time there. Ratios, shares and megabytes stay as they are.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

# Set by bench/run.py: where the figures go beside the terminal.
ASKED = "CAPEX_SIGNALS_BENCH_FIGURES"
# Seconds of the processor that the fixed work took on the two cores of 2026-11-28, on which the promises were made.
THERE_S = 0.42
TOLERATED = 1.1
TIMES = {"s", "ms"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. `promised` is its bound, from above unless `at_least`; None where nothing is promised."""

    what: str
    value: float
    unit: str
    promised: float | None = None
    at_least: bool = False

    def used(self, slow: float) -> float | None:
        """The part of what is promised that is used up; above 1 the promise is missed."""
        if self.promised is None:
            return None
        value = self.value / slow if self.unit in TIMES else self.value
        if self.at_least:
            return self.promised / value if value else float("inf")
        return value / self.promised if self.promised else (float("inf") if value else 0.0)


def slowness() -> float:
    """How many times longer than there a fixed piece of work takes here, of the processor; the best of three."""
    return min(_fixed_work() for _ in range(3)) / THERE_S


def _fixed_work() -> float:
    """What a night does much of: JSON into rows, rows into a frame, and a window over a table."""
    import duckdb
    import polars as pl

    begun = time.process_time()
    body = json.dumps([{"key": f"k{n % 997}", "day": n % 365, "value": n * 1.5} for n in range(150_000)])
    frame = pl.DataFrame([{**row, "next": row["day"] + 1} for row in json.loads(body)]).sort("key", "day", "value")
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        connection.execute("CREATE TABLE given AS SELECT range AS n, hash(range) % 997 AS key FROM range(1_000_000)")
        connection.execute(
            "SELECT count(*) FROM (FROM given QUALIFY row_number() OVER (PARTITION BY key ORDER BY n DESC) < 9)"
        ).fetchall()
    assert frame.height
    return time.process_time() - begun


def told(bench: str, figures: Sequence[Figure]) -> int:
    """Print the figures beside what is promised of them, hand them on, and give 1 where a promise is missed by over a tenth."""
    slow = slowness() if any(one.unit in TIMES and one.promised is not None for one in figures) else 1.0
    for one in figures:
        print(line(one, slow))
    if asked := os.environ.get(ASKED):
        with Path(asked).open("a", encoding="utf-8") as file:
            for one in figures:
                file.write(json.dumps({"bench": bench, "slowness": round(slow, 2), **asdict(one)}) + "\n")
    return int(any((one.used(slow) or 0) > TOLERATED for one in figures))


def line(one: Figure, slow: float) -> str:
    """The figure in words."""
    words = f"{one.what}: {shown(one.value)} {one.unit}".rstrip()
    used = one.used(slow)
    if used is None:
        return words
    word = "at least" if one.at_least else "at most"
    here = f" ({slow:.1f} times slower here)" if one.unit in TIMES else ""
    verdict = "kept" if used <= 1 else "just missed" if used <= TOLERATED else "MISSED"
    return f"{words}, promised {word} {shown(one.promised or 0)}{here}: {verdict}"


def shown(value: float) -> str:
    """Three digits that count, and no more."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
