"""OpenAI's lead in the published file: days read in the boards themselves. The rule is held in test_lead and test_board_marts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from published_file import analyst, frame, rows

KEY = ["board", "category", "scored_on"]


def test_the_day_grok_3_led(published: Path) -> None:
    # Read in the copy of 2025-02-22: 1403 "chocolate", 1385 Gemini, 1377 ChatGPT-4o-latest; known from the next morning.
    query = "SELECT gap, best_openai, best_other, other_organization, alone_at_rank_1 FROM openai_lead_as_of(?) WHERE scored_on = ? AND board = 'arena_text'"
    with analyst(published) as cs:
        assert rows(cs, query, "2025-02-25", date(2025, 2, 22)) == [
            (-26.0, "ChatGPT-4o-latest (2025-01-29)", "chocolate (Early Grok-3)", "xai", False)
        ]
        assert rows(cs, query, "2025-02-22", date(2025, 2, 22)) == []
        assert rows(cs, "SELECT scored_on, gap FROM lead_as_of('xai', 'arena_text', DATE '2025-02-25') "
                        "WHERE scored_on = DATE '2025-02-22'") == [(date(2025, 2, 22), 18.0)]  # fmt: skip


def test_rank_1_with_style_control_is_in_the_shipped_data(published: Path) -> None:
    query = "SELECT rank_1, gap, source FROM openai_lead WHERE scored_on = DATE '2025-02-22' AND board = ?"
    with analyst(published) as cs:
        assert rows(cs, query, "arena_text")[0][0] == ["xai"]
        # Read in the copy: rank_stylectrl 1 for chocolate and ChatGPT-4o-latest; it gives no scores of that board.
        assert rows(cs, query, "arena_text_style_control") == [(["openai", "xai"], None, "arena_published")]


def test_openai_alone_at_rank_1_in_late_2024_and_never_in_early_2025(published: Path) -> None:
    """QUIRKS, leaderboards 13: 66 % of the snapshots of the second half of 2024, none of the first half of 2025."""
    with analyst(published) as cs:
        shares = rows(
            cs,
            """SELECT year(scored_on), avg(CAST(alone_at_rank_1 AS INTEGER)) FROM openai_lead
            WHERE board = 'arena_text' AND scored_on BETWEEN DATE '2024-07-01' AND DATE '2025-06-30'
            GROUP BY ALL ORDER BY ALL""",
        )
    assert shares == [(2024, pytest.approx(0.66, abs=0.01)), (2025, 0.0)]


def test_each_day_of_a_board_has_one_lead_from_one_source(published: Path) -> None:
    with analyst(published) as cs:
        leads = frame(cs, "FROM openai_lead")
        sources = frame(cs, "SELECT board, category, scored_on, min(source) AS one, max(source) AS two "
                            "FROM leaderboard_score GROUP BY ALL")  # fmt: skip
    assert not leads.select(KEY).is_duplicated().any()
    assert sources.filter(pl.col("one") != pl.col("two")).is_empty()
    assert (
        leads.join(sources, left_on=[*KEY, "source"], right_on=[*KEY, "one"]).height == leads.height == sources.height
    )
