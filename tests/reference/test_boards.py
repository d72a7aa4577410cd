"""The figures of the boards that must hold, from the real payloads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from arena_captures import SHARED
from board_stage import Payload, rows, staged

from flows.commands import starter
from warehouse.published.stage import Stage

pytestmark = pytest.mark.slow("loads every real board")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    if not SHARED.is_dir():
        pytest.skip(f"the real payloads are not beside the checkout ({SHARED})")
    folder = SHARED.parent
    found = [Payload(item.source, item.scope, item.body, item.taken_at) for item in starter.boards(folder)]
    for path in sorted((SHARED / "arena-catalog").glob("*.json")):
        scope = "arena_text_style_control" if "style" in path.name else "arena_text"
        day = datetime.fromisoformat(path.name.split("_")[1][:8])
        found.append(Payload("arena_catalog", scope, path.read_bytes(), day))
    stage = staged(tmp_path_factory.mktemp("real"), found)
    yield stage
    stage.close()


HALVES = """
WITH month AS (
    SELECT date_trunc('month', scored_on) AS month, arg_max(gap, scored_on) AS gap
    FROM openai_lead WHERE board = 'arena_text' AND category = 'overall' AND gap IS NOT NULL GROUP BY ALL)
SELECT year(month) || 'H' || (1 + (month(month) > 6)::INT) AS half, avg(gap), count(*) FROM month GROUP BY ALL ORDER BY ALL"""


@pytest.mark.shared
def test_the_gap_by_half_year_at_the_ends_of_months(real: Stage):
    """As first read 23H2 +50, 24H2 +16, 25H1 -31; 23H1 and 24H1 have one and four sound months: docs/leaderboards.md."""
    told = {half: (gap, months) for half, gap, months in rows(real, HALVES)}
    assert told["2023H1"] == (1227 - 1178, 1)
    assert told["2023H2"] == (pytest.approx(50, abs=2), 6)
    assert told["2024H1"] == (pytest.approx(9.7, abs=0.1), 4)
    assert told["2024H2"] == (pytest.approx(16, abs=2), 6)
    assert told["2025H1"] == (pytest.approx(-31, abs=2), 6)


@pytest.mark.shared
def test_rank_1_on_the_day_grok_3_was_on_top(real: Stage):
    query = "SELECT board, rank_1, leader FROM openai_lead WHERE scored_on = DATE '2025-02-22' AND category = 'overall' ORDER BY board"
    assert rows(real, query) == [
        ("arena_text", ["xai"], "xai"), ("arena_text_style_control", ["openai", "xai"], None),
    ]  # fmt: skip


@pytest.mark.shared
def test_how_often_openai_stood_alone_at_rank_1(real: Stage):
    """Of the snapshots with intervals, and so rank sets: 25 of 38, and 0 of 41. The others do not count as alone."""
    query = """SELECT year(scored_on) || 'H' || (1 + (month(scored_on) > 6)::INT) AS half, sum(alone_at_rank_1::INT), count(alone_at_rank_1)
        FROM openai_lead WHERE board = 'arena_text' AND category = 'overall' GROUP BY ALL ORDER BY ALL"""
    told = {half: (alone, n) for half, alone, n in rows(real, query)}
    assert told["2024H2"] == (25, 38)
    assert told["2025H1"][0] == 0
    assert told["2023H2"] == (None, 0)
