"""Staging a home of 1.2 million scores of boards: python bench/bench_staging.py [ROWS] (default 1,200,000)

A made-up store, filled by SQL: three boards of 20 categories, each day's 200 entrants seen once, on as many days as it takes.
Staged in a process of its own, so that its peak of memory is that of staging: canonical rows, scales, doubts, leads,
every view. Promised: at most 600 MB. On a busy machine the processor's time says more than the clock.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from figures import Figure, told
from measuring import peak_mb

ROWS, BOARDS, CATEGORIES, ENTRANTS = 1_200_000, 3, 20, 200
BUDGET_MB = 600.0
NOW = datetime(2026, 11, 22, 6)
# A day is known a day later, and its capture is of that hour. Ratings drift by less than what would be another scale.
SCORES = f"""
    INSERT INTO leaderboard_score BY NAME
    SELECT
        'arena_' || ['text', 'vision', 'webdev'][b + 1] AS board, CASE c WHEN 0 THEN 'overall' ELSE 'category-' || c END AS category,
        DATE '2023-05-08' + CAST(d AS INTEGER) AS scored_on, 'a-model-with-a-long-name-' || e AS entrant,
        ['OpenAI', 'Google', 'Anthropic', 'Meta', 'xAI', 'Mistral', 'Alibaba', 'DeepSeek'][e % 8 + 1] AS organization,
        5000 AS votes, 'Proprietary' AS license, 1000 + e * 2 + hash(b, c, d, e) % 1000 / 1000 AS value,
        CAST(value AS VARCHAR) AS value_exact, value - 5 AS value_low, value + 5 AS value_high, 'reported' AS status,
        scored_on + INTERVAL 32 HOUR AS known_at, 'board_date_end_of_day' AS known_at_basis, 0 AS form_rank, -100 AS decimals,
        board || '@' || scored_on AS document_id, 'row ' || e || ', column rating' AS locator, 'https://example.org' AS source_url,
        1 AS evidence_tier, 'arena_leaderboard' AS source, board AS scope, sha256(document_id) AS capture_sha256,
        known_at AS captured_at, known_at AS first_seen_at
    FROM range($days) AS days (d), range({BOARDS}) AS boards (b), range({CATEGORIES}) AS categories (c), range({ENTRANTS}) AS entrants (e)
    ORDER BY d, b, c, e"""
CAPTURES = """
    INSERT INTO capture BY NAME
    SELECT
        source, scope, capture_sha256 AS sha256, captured_at AS taken_at, 'fetched' AS taken_at_basis, captured_at AS fetched_at,
        captured_at AS logged_at, 'fetched' AS origin, any_value(source_url) AS url, 9000 AS size, 200 AS http_status, '{}' AS headers,
        'loaded' AS outcome, '' AS reason, count(*) AS rows_stated, count(*) AS rows_added, 0 AS rows_quarantined
    FROM leaderboard_score GROUP BY ALL"""


def fill(home: Path, rows: int) -> None:
    """A store with so many scores, in a process of its own."""
    from warehouse.home.layout import Home
    from warehouse.store.facts import Store

    store = Store.open(Home.open(home).store)
    store.connection.execute(SCORES, {"days": rows // (BOARDS * CATEGORIES * ENTRANTS)})
    store.connection.execute(CAPTURES)
    store.close()


def stage(home: Path) -> None:
    """Staging it, and what that took as JSON."""
    from config.settings import Settings
    from flows.steps.derive import stage_facts
    from flows.steps.pipeline import Pipeline

    pipeline = Pipeline.open(Settings(home=home, offline=True))
    before, begun = peak_mb(), time.process_time()
    staged = stage_facts(pipeline, NOW)
    (counted,) = staged.frame("SELECT count(*) AS n FROM history.board_score")["n"]
    staged.close()
    took = {"seconds": time.process_time() - begun, "mb": peak_mb(), "before": before, "rows": counted}
    sys.stdout.write(json.dumps(took))


def main() -> None:
    if len(sys.argv) == 4:
        home, what, rows = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
        fill(home, rows) if what == "fill" else stage(home)
        return
    rows = int(sys.argv[1]) if len(sys.argv) == 2 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        for what in ("fill", "stage"):
            command = [sys.executable, __file__, str(Path(folder) / "home"), what, str(rows)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    sys.stdout.write(f"{found['rows']:,} rows, {found['before']:.0f} MB before any is staged\n")
    told_of = [
        Figure(f"{found['rows']:,} scores staged, peak", found["mb"], "MB", BUDGET_MB),
        Figure(f"{found['rows']:,} scores staged, processor", found["seconds"], "s"),
    ]
    sys.exit(told("staging", told_of))


if __name__ == "__main__":
    main()
