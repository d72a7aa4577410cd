"""A series somebody left entrants out of: asked for by name, on days no full board knows, in no claim."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from board_stage import Payload, board, nightly, rows, staged

from config.load import catalog
from warehouse.evidence.claim_query import claim_sql

pytestmark = pytest.mark.slow("loads whole boards")

MAY_13 = date(2025, 5, 13)


def test_a_filtered_series_stands_only_where_it_is_asked_for_on_days_no_full_board_knows(tmp_path: Path):
    june_10 = date(2025, 6, 10)
    told = orjson.dumps({
        "OpenAI": [{"date": str(day), "model_name": "gpt-a", "rating": 1400.0} for day in (MAY_13, june_10)],
        "Moonshot (Kimi)": [{"date": str(day), "model_name": "kimi-a", "rating": 1450.0} for day in (MAY_13, june_10)],
        "Mistral": [{"date": str(date(2023, 12, 1) + timedelta(n)), "model_name": "m", "rating": 1000.0} for n in range(500)],
    })  # fmt: skip
    day = board(MAY_13, {"gpt-a": 1400, "claude-a": 1390})
    after = datetime(2026, 11, 1)
    stage = staged(tmp_path, [*nightly(day), Payload("arena_best", "", told, after)])
    asked = "SELECT scored_on, source, gap, gap_low, gap_high, leader, filtered FROM openai_lead_as_of(DATE '{}'{}) WHERE board = 'arena_text' AND scored_on >= DATE '2025-05-13' ORDER BY 1"
    full = (MAY_13, "arena_leaderboard", 10, 0, 20, "openai", False)
    assert rows(stage, asked.format("2026-11-02", "")) == [full]
    assert rows(stage, asked.format("2026-10-31", ", with_filtered := true")) == [full]
    low, high = -50 - 2.3 - 92.0, -50 + 92.0 + 2.3
    assert rows(stage, asked.format("2026-11-02", ", with_filtered := true")) == [
        full, (june_10, "arena_best", -50, pytest.approx(low), pytest.approx(high), "moonshot", True),
    ]  # fmt: skip
    scores = "SELECT DISTINCT source FROM leaderboard_score{} WHERE board = 'arena_text' ORDER BY 1"
    assert rows(stage, scores.format("")) == [("arena_leaderboard",)]
    assert rows(stage, scores.format("_as_of(DATE '2026-11-02', with_filtered := true)")) == [
        ("arena_best",), ("arena_leaderboard",),
    ]  # fmt: skip
    # How long the full board's leader had led is not counted by it, and no claim asks for it.
    months = "SELECT lead_months FROM openai_lead WHERE scored_on = DATE '2025-05-13' AND board = 'arena_text'"
    assert rows(stage, months) == [(0.0,)]
    assert not [spec.id for spec in catalog().claims.values() if "with_filtered" in claim_sql(spec)]
    stage.close()
