"""The figures of the boards that must hold, from the real payloads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from arena_captures import SHARED
from board_stage import Payload, rows, staged

from flows import starter
from warehouse.stage import Stage


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


@pytest.mark.shared
def test_the_shift_under_style_control_is_read_off_the_payloads_where_they_have_it(real: Stage):
    """QUIRKS, leaderboards 3: +59.9 between 2025-05-13 and 05-20, on the style controlled board."""
    before = "SELECT count(score) FROM leaderboard_score WHERE board = 'arena_text_style_control' AND scored_on < DATE '2025-05-20'"
    if rows(real, before) == [(0,)]:
        pytest.skip("no collected payload has scores of the style controlled board before 2025-05-20: ranks alone")
    shift = "SELECT kind, round(shift, 1) FROM scale_shift WHERE board = 'arena_text_style_control' AND category = 'overall' AND scored_on = DATE '2025-05-20'"
    assert rows(real, shift) == [("re-anchored", 59.9)]


@pytest.mark.shared
def test_two_copies_of_one_board_under_other_names_stand_on_one_scale(real: Stage):
    query = "SELECT DISTINCT source, scale_id FROM history.board_score WHERE board = 'arena_text' AND category = 'overall' AND scored_on = DATE '2025-05-20' ORDER BY 1"
    assert rows(real, query) == [
        ("arena_catalog", "arena_text@2025-05-20"),
        ("arena_published", "arena_text@2025-05-20"),
    ]


@pytest.mark.shared
def test_o1_reopened_the_lead_on_epochs_index_in_hindsight(real: Stage):
    query = (
        "SELECT gap FROM hindsight_lead WHERE board = 'epoch_eci' AND developer = 'openai' AND released_on = DATE '{}'"
    )
    # 136.6 (o1-mini, high) against 130.0 (Claude 3.5 Sonnet); 128.9 (GPT-4o) against 130.0 before.
    assert rows(real, query.format("2024-09-12"))[0][0] == pytest.approx(6.6, abs=0.05)
    assert rows(real, query.format("2024-06-20"))[0][0] == pytest.approx(-1.1, abs=0.05)
