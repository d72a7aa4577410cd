"""The best entrant of a day has a score that cannot be told, or an interval that cannot be read: nobody takes its place."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from arena_captures import fixture
from board_stage import Payload, board, nightly, rows, staged

pytestmark = pytest.mark.slow("stages a small home for each case")

MAY_13 = date(2025, 5, 13)
GROK = fixture("arena_published", "2025-02-22.csv")
LEAD = "SELECT gap, gap_low, gap_high, best_other, leader, rank_1 FROM openai_lead WHERE board = 'arena_text'"


def with_field(csv: bytes) -> bytes:
    """The copy with a field of a hundred, as the source accepts no board that short."""
    lines = [f"{rank},{rank},field-{rank},1000,+5/-5,900,LMSYS,Apache,Unknown,\n" for rank in range(6, 106)]
    return csv.rstrip(b"\n") + b"\n" + "".join(lines).encode()


@pytest.mark.parametrize(
    ("old", "new", "lead"),
    [
        # 1377 for ChatGPT-4o-latest against 1403 for Grok 3, read in the copy: the gap stands, its interval does not.
        (b"+6/-6,9992", b"6..6,9992", (-26, None, None, "chocolate (Early Grok-3)", "xai", ["xai"])),
        # Without a score of Grok 3's, the next (1385 for Gemini) must not become the best of the others.
        (b"1403,+6/-6", b"14o3,+6/-6", (None, None, None, None, None, None)),
    ],
)
def test_the_best_of_a_published_copy_is_never_passed_over(
    tmp_path: Path, old: bytes, new: bytes, lead: tuple[object, ...]
):
    assert old in GROK
    payload = with_field(GROK.replace(old, new, 1))
    stage = staged(tmp_path, [Payload("arena_published", "", payload, datetime(2025, 2, 22, 23))])
    (told,) = rows(stage, LEAD)
    assert told[:5] == lead[:5]
    assert (told[5] == lead[5]) or lead[5] is None
    stage.close()


@pytest.mark.parametrize(
    "change",
    [{"rating_lower": 1500.0}, {"rating": 14000.0, "rating_lower": 13990.0, "rating_upper": 14010.0}],
    ids=["interval beside the score", "score beyond the board's bounds"],
)
def test_the_best_of_the_dataset_is_never_passed_over(tmp_path: Path, change: dict[str, float]):
    day = board(MAY_13, {"gpt-a": 1390, "claude-a": 1400, "gemini-a": 1380})
    claude = pl.col("model_name") == "claude-a"
    wrong = day.with_columns(
        pl.when(claude).then(value).otherwise(name).alias(name) for name, value in change.items()
    )  # fmt: skip
    stage = staged(tmp_path, nightly(wrong))
    # Without its row OpenAI would lead by 10: 1390 against 1380.
    (told,) = rows(stage, LEAD)
    assert told[:5] == (None, None, None, None, None)
    assert rows(stage, "SELECT count(*) FROM history.issue WHERE severity = 'quarantined'") == [(1,)]
    stage.close()
