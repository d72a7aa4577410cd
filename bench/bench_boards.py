"""Loading Arena's whole history, and asking for one day's board: python bench/bench_boards.py

A generated payload in the dataset's schema, 1.1 million rows, goes the pipeline's own way (parse, check, append) in a
process of its own, so that its peak of memory is that of the load. Budgets, on 2 cores: 5 s, 500 MB, 20 ms, judged on
every row of every category, and on one day's board in the file staged from the declared categories. What loading these
alone takes, a tenth of the rows, is told beside it. Ends with 1 where a budget is not met. On a busy machine the
processor's time says more than the clock.
"""

from __future__ import annotations

import gc
import io
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from figures import Figure, told
from measuring import peak_mb

DAYS, ENTRANTS, CATEGORIES = 190, 200, 29  # 1,102,000 rows
BUDGET_S, BUDGET_MB, BUDGET_MS = 5.0, 500.0, 20.0
TAKEN_AT = datetime(2026, 10, 1)


def payload() -> bytes:
    """The history of a board: entrants come in over the years, every category has them all."""
    generator = np.random.Generator(np.random.PCG64(1))
    names = ["overall", "coding", "math", *(f"category-{number}" for number in range(CATEGORIES - 3))]
    first = date(2023, 5, 8)
    days = pl.DataFrame(
        {"leaderboard_publish_date": [(first + timedelta(days=6 * n)).isoformat() for n in range(DAYS)]}
    )
    organizations = ["OpenAI", "Google", "Anthropic", "Meta", "xAI", "Mistral", "Alibaba", "DeepSeek"]
    entrants = pl.DataFrame({
        "model_name": [f"a-model-with-a-long-name-{number}-20250101" for number in range(ENTRANTS)],
        "organization": [organizations[number % len(organizations)] for number in range(ENTRANTS)],
    }).with_columns(license=pl.lit("Proprietary"))  # fmt: skip
    every = days.join(entrants, how="cross").join(pl.DataFrame({"category": names}), how="cross")
    rating = 1000 + 400 * generator.random(every.height)
    table = every.with_columns(
        rating=pl.Series(rating), rating_lower=pl.Series(rating - 5), rating_upper=pl.Series(rating + 5),
        variance=pl.lit(4.0), vote_count=pl.lit(5000.0), rank=pl.Series(generator.integers(1, ENTRANTS, every.height), dtype=pl.Float64),
    )  # fmt: skip
    buffer = io.BytesIO()
    table.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def load(path: Path, home: Path, categories: int) -> None:
    """One load in this process; prints seconds, peak MB above the start, and rows added."""
    from config.contracts import Capture
    from config.load import catalog
    from config.specs import Catalog
    from transforms.sources.arena_full import parts
    from warehouse.archive.captures import Logged
    from warehouse.store.checks import check_parts
    from warehouse.store.facts import Store

    declared = catalog()
    spec = declared.sources["arena_full"]
    if categories:
        names = ["overall", "coding", "math", *(f"category-{number}" for number in range(categories - 3))]
        spec = spec.model_copy(update={"categories": {name: name for name in names}})
        declared = Catalog(**{**dict(declared), "sources": {**declared.sources, spec.id: spec}})
    store = Store.open(home / "store.duckdb")
    capture = Capture(spec.id, "arena_text", "https://example.org", "0" * 64, path.stat().st_size, TAKEN_AT, TAKEN_AT)
    gc.collect()
    start, busy = time.perf_counter(), time.process_time()
    checked = check_parts(spec, parts(path.read_bytes(), capture, declared), TAKEN_AT)
    loaded = store.load_parts(spec, Logged(capture, TAKEN_AT), checked)
    seconds = time.perf_counter() - start
    busy = time.process_time() - busy
    peak = peak_mb()
    store.close()
    print(f"{seconds} {busy} {peak} {loaded.rows_added}")


def ask(home: Path) -> float:
    """Seconds for one day's board as of a date, the median of twenty, from a staged file with the loaded history."""
    from config.load import catalog
    from config.settings import Settings
    from flows.steps.derive import stage_facts
    from flows.steps.pipeline import Pipeline
    from warehouse.archive.captures import Archive
    from warehouse.home.layout import Home

    opened = Home.open(home)
    opened.store.parent.mkdir(parents=True, exist_ok=True)
    (home / "store.duckdb").replace(opened.store)
    pipeline = Pipeline(Settings(home=home), catalog(), opened, Archive(opened), lambda: TAKEN_AT)
    start = time.perf_counter()
    stage = stage_facts(pipeline, TAKEN_AT)
    print(f"stage, every scale and lead:  {time.perf_counter() - start:6.2f} s")
    day = stage.frame("SELECT max(scored_on) AS day FROM history.board_score WHERE scored_on <= DATE '2025-06-30'")[
        "day"
    ][0]
    query = f"FROM leaderboard_score_as_of('2026-10-01', retold := true) WHERE board = 'arena_text' AND category = 'overall' AND scored_on = DATE '{day}'"
    took, busy = [], time.process_time()
    for _ in range(20):
        start = time.perf_counter()
        found = stage.frame(query)
        took.append(time.perf_counter() - start)
    assert found.height == ENTRANTS
    print(f"a day's board, processor time: {1000 * (time.process_time() - busy) / 20:6.2f} ms")
    stage.close()
    return float(np.median(took))


def run(path: Path, home: Path, categories: int) -> tuple[float, float, float, int]:
    home.mkdir(exist_ok=True)
    (home / "store.duckdb").unlink(missing_ok=True)
    command = [sys.executable, __file__, "load", str(path), str(home), str(categories)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(told[0]), float(told[1]), float(told[2]), int(told[3])


def main() -> int:
    """Print the figures; 1 where a budget is not met."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "full.parquet"
        path.write_bytes(payload())
        print(f"{DAYS * ENTRANTS * CATEGORIES:,} rows, {path.stat().st_size / 1e6:.0f} MB of parquet")
        seconds, busy, peak, added = run(path, Path(folder) / "home-0", 0)
        print(
            f"declared categories: {added:,} rows added, {busy:.2f} s of processor time, {seconds:.2f} s, {peak:.0f} MB"
        )
        seconds, busy, peak, added = run(path, Path(folder) / "home-every", CATEGORIES)
        print(f"every category: {added:,} rows added, {busy:.2f} s of processor time")
        day = 1000 * ask(Path(folder) / "home-0")
    return told("boards", [
        Figure(f"load of {added:,} rows of every category", seconds, "s", BUDGET_S), Figure("of it processor", busy, "s"),
        Figure("peak of its process", peak, "MB", BUDGET_MB), Figure("a day's board as of a date", day, "ms", BUDGET_MS),
    ])  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["load"]:
        load(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
    else:
        sys.exit(main())
