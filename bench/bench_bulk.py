"""Every filer at once: facts a second, memory and answers of the universe at two sizes, side by side in one run.

    python bench/bench_bulk.py [FACTS [SMALLER]]      default: 1,500,000 facts, and 500,000 beside them

Made-up filers of 5,000 facts in companyfacts form, as many as that takes, in one zip; `capex-signals ingest sec_bulk` loads it
as a process of its own. The documents of 16 filers are repeated under other numbers: making 10^8 figures must not take longer
than loading them. Answers are checked before their time counts. Promised: facts a second of the larger at least 0.9 of the smaller's
(of the processor: other work moves the clock), at most 1.5 GB at the peak, one series as of a day in 20 ms, one company's
quarters in 50 ms. Ends with 1 where a promise is not met.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
from figures import Figure, told
from filers import LAST, Filer, books, companyfacts, filed_on, filers

COMMAND = Path(sys.executable).with_name("capex-signals")
FACTS_EACH, DIFFERENT, FIRST_CIK = 5_000, 16, 8_000_000
SLOWEST_SHARE, PEAK_MB, SERIES_MS, QUARTERS_MS = 0.9, 1_500.0, 20.0, 50.0
ROUNDS = 15
FETCHED = "2026-11-22"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one zip took, and what its universe answers in."""

    facts: int
    filers: int
    zip_mb: float
    seconds: float
    cpu_seconds: float
    peak_mb: float
    bytes_a_fact: float
    series_ms: float
    quarters_ms: float

    @property
    def speed(self) -> float:
        return self.facts / self.cpu_seconds


def write_zip(path: Path, facts: int) -> tuple[int, int]:
    """A zip of filers with at least so many facts; gives (facts, filers)."""
    made = [(one, *companyfacts(one, FACTS_EACH)) for one in filers(DIFFERENT)]
    bodies = [(one, json.dumps(document).encode(), count) for one, document, count in made]
    written = number = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        while written < facts:
            one, body, count = bodies[number % DIFFERENT]
            cik = FIRST_CIK + number
            renamed = body.replace(b'"cik": %d' % one.cik, b'"cik": %d' % cik)
            renamed = renamed.replace(b'"%010d-' % one.cik, b'"%010d-' % cik)
            target.writestr(f"CIK{cik:010d}.json", renamed)
            written += count
            number += 1
    return written, number


def load(folder: Path, facts: int) -> Loaded:
    """That many facts loaded into a home of their own, and asked."""
    path = folder / "companyfacts.zip"
    written, number = write_zip(path, facts)
    home = folder / "home"
    environment = {**os.environ, "CAPEX_SIGNALS_HOME": str(home)}
    begun = time.perf_counter()
    process = subprocess.Popen(
        [str(COMMAND), "ingest", "sec_bulk", str(path), "--fetched-at", FETCHED],
        env=environment, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"the load ended with {process.returncode}")
    seconds, zip_mb = time.perf_counter() - begun, path.stat().st_size / 1e6
    path.unlink()
    universe = home / "universe" / "universe.duckdb"
    series, quarters = asked(universe, number)
    return Loaded(
        written, number, zip_mb, seconds, used.ru_utime + used.ru_stime, peak(used),
        universe.resolve().stat().st_size / written, series, quarters,
    )  # fmt: skip


def peak(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


def asked(universe: Path, number: int) -> tuple[float, float]:
    """(one series as of a day, one company's quarters) in milliseconds, medians over filers far apart. Ends where one is wrong."""
    series, quarters = list[float](), list[float]()
    with duckdb.connect(str(universe), read_only=True) as connection:
        for turn in range(ROUNDS):
            place = number * turn // ROUNDS
            one = filers(DIFFERENT)[place % DIFFERENT]
            cik = FIRST_CIK + place
            day = filed_on(one, LAST, 2)
            begun = time.perf_counter()
            found = connection.execute(
                "SELECT value FROM company_quarter_as_of(?) WHERE cik = ? AND metric = 'cash_paid_ppe' ORDER BY period_end DESC",
                [day, cik],
            ).fetchall()
            series.append(time.perf_counter() - begun)
            _right(one, cik, float(found[0][0]) if found else None)
            begun = time.perf_counter()
            connection.execute(
                "SELECT * FROM company_quarter WHERE cik = ? ORDER BY metric, period_end", [cik]
            ).fetchall()
            quarters.append(time.perf_counter() - begun)
    return statistics.median(series) * 1000, statistics.median(quarters) * 1000


def _right(one: Filer, cik: int, found: float | None) -> None:
    expected = float(books(one).first[LAST, 2] * 1_000_000)
    if found != expected:
        raise SystemExit(
            f"CIK {cik}: capital expenditure of the second quarter of {LAST} is {expected:,.0f}, and {found} was answered"
        )


def main() -> int:
    sizes = [int(argument) for argument in sys.argv[1:]] or [1_500_000]
    large, small = sizes[0], sizes[1] if len(sizes) > 1 else 500_000
    rows = []
    for facts in (small, large):
        with tempfile.TemporaryDirectory() as folder:
            rows.append(load(Path(folder), facts))
            print(line(rows[-1]), flush=True)
    smaller, larger = rows
    share = larger.speed / smaller.speed
    name = f"{larger.facts:,} facts"
    return told("bulk", [
        Figure(f"{name}, facts a processor second, of those of {smaller.facts:,} facts", share, "times", SLOWEST_SHARE, at_least=True),
        Figure(f"{name}, facts a processor second", larger.speed, ""), Figure(f"{name}, peak", larger.peak_mb, "MB", PEAK_MB),
        Figure(f"{name}, file, bytes a fact", larger.bytes_a_fact, ""),
        Figure(f"{name}, one series as of a day", larger.series_ms, "ms", SERIES_MS),
        Figure(f"{name}, one company's quarters", larger.quarters_ms, "ms", QUARTERS_MS),
    ])  # fmt: skip


def line(one: Loaded) -> str:
    return (
        f"{one.facts:,} facts of {one.filers:,} filers (zip {one.zip_mb:,.0f} MB): {one.seconds:,.0f} s, processor {one.cpu_seconds:,.0f} s, "
        f"{one.speed:,.0f} facts a processor second, peak {one.peak_mb:,.0f} MB, {one.bytes_a_fact:.0f} bytes a fact; "
        f"one series {one.series_ms:.1f} ms, one company's quarters {one.quarters_ms:.1f} ms"
    )


if __name__ == "__main__":
    sys.exit(main())
