"""A long history is read and loaded some days at a time, and says the same as if it were read whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from arena_captures import read
from board_stage import PUBLISHED_AT, board, parquet

from config.contracts import Capture, Parsed
from config.load import catalog
from config.settings import Settings
from flows.steps.load import load_capture
from flows.steps.pipeline import Pipeline
from transforms.sources.arena_full import parts
from warehouse.archive.captures import Archive, Logged, sha256_of
from warehouse.home.layout import Home
from warehouse.store.facts import Store

DAYS = [date(2025, 5, 1) + timedelta(days=number) for number in range(5)]
HISTORY = [board(day, {"gpt-a": 1400.0 + number, "claude-a": 1390.0}) for number, day in enumerate(DAYS)]
# A day's rows lie anywhere in the file: what is said twice, differently, is at its two ends.
TWICE = HISTORY[2].head(1).with_columns(rating=pl.lit(1403.5))
# One day is written in two ways: still it is one.
PADDED = pl.when(pl.int_range(pl.len()) < 60).then(pl.lit(f"{DAYS[1]} ")).otherwise("leaderboard_publish_date")
WRITTEN = HISTORY[1].with_columns(leaderboard_publish_date=PADDED)
SCATTERED = parquet(
    TWICE, HISTORY[0], WRITTEN, *HISTORY[2:], HISTORY[0].head(1).with_columns(leaderboard_publish_date=pl.lit("soon"))
)


@pytest.fixture(autouse=True)
def of_two_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transforms.boards.arena_dataset.PART_ROWS", 150)  # a day here has 102 rows


def captured(body: bytes, at: datetime) -> Capture:
    return Capture("arena_full", "arena_text", "https://example.org", sha256_of(body), len(body), at, at)


def said(body: bytes) -> list[Parsed]:
    return list(parts(body, captured(body, PUBLISHED_AT), catalog()))


def test_a_part_is_whole_days_and_the_parts_are_the_whole() -> None:
    found = said(SCATTERED)
    assert [sorted(part.rows["scored_on"].unique()) for part in found] == [DAYS[:2], DAYS[2:3], DAYS[3:]]
    assert [part.rows.height for part in found] == [204, 102, 204]
    whole = read("arena_full", SCATTERED)
    assert whole.rows.filter(pl.col("value").is_null()).select("entrant", "scored_on").rows() == [("gpt-a", DAYS[2])]
    assert sorted(issue.reason for issue in whole.issues) == ["entrant stated twice, differently"] * 2 + ["no day"]


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    home = Home.open(tmp_path)
    return Pipeline(Settings(home=tmp_path), catalog(), home, Archive(home), lambda: PUBLISHED_AT)


@pytest.fixture
def store(pipeline: Pipeline) -> Iterator[Store]:
    opened = Store.open(pipeline.home.store)
    yield opened
    opened.close()


def load(pipeline: Pipeline, store: Store, at: datetime, *days: pl.DataFrame) -> tuple[str, int, int, str]:
    body = parquet(*days)
    capture = captured(body, at)
    pipeline.archive.add(capture, body, at)
    loaded = load_capture(pipeline, store, Logged(capture, at))
    return loaded.outcome, loaded.rows_stated, loaded.rows_added, loaded.reason


def test_what_a_later_history_restates_and_leaves_out_is_appended_alone(pipeline: Pipeline, store: Store) -> None:
    june, july = datetime(2025, 6, 1), datetime(2025, 7, 1)
    assert load(pipeline, store, june, *HISTORY) == ("loaded", 510, 510, "")
    restated = HISTORY[4].with_columns(rating=pl.when(model_name="gpt-a").then(1405.0).otherwise("rating"))
    # One score of the last day is another, and the second day, 102 entrants, is no longer told.
    assert load(pipeline, store, july, HISTORY[0], *HISTORY[2:4], restated) == ("loaded", 408, 103, "")
    query = f"SELECT scored_on, status, count(*) FROM leaderboard_score WHERE captured_at = '{july}' GROUP BY ALL ORDER BY 1"
    assert store.connection.sql(query).fetchall() == [(DAYS[1], "absent", 102), (DAYS[4], "reported", 1)]


def test_a_history_whose_last_days_make_it_unfit_adds_nothing(pipeline: Pipeline, store: Store) -> None:
    wrong = [day.with_columns(pl.col("^rating.*$") / 1000) for day in HISTORY[1:]]  # another unit: out of bounds
    outcome, *_, reason = load(pipeline, store, datetime(2025, 6, 1), HISTORY[0], *wrong)
    assert outcome == "refused"
    assert "408 of 510 rows break the contract or the bounds" in reason
    assert store.connection.sql("SELECT (SELECT count(*) FROM leaderboard_score) + (SELECT count(*) FROM document_seen)").fetchall() == [(0,)]  # fmt: skip
    assert store.connection.sql("SELECT outcome FROM capture").fetchall() == [("refused",)]
