"""The filtered series of the best model of each laboratory: how it is read, and how far it is from the full boards."""

from __future__ import annotations

import json
from datetime import date, datetime

import polars as pl
import pytest
from arena_captures import fixture, read
from places import SHARED_DATA

from config.load import catalog
from transforms.boards.organizations import attribute
from warehouse.store.starter import read_starter

SERIES = SHARED_DATA / "leaderboards/arena/mayerwin/CHART_DATA_HIGHEST.json"
TAKEN = datetime(2026, 11, 29)


def test_each_laboratorys_best_of_a_day_with_the_measured_interval():
    parsed = read("arena_best", fixture("arena_best", "best.json"), TAKEN)
    scored = parsed.rows.filter(pl.col("value").is_not_null())
    assert scored.select("scored_on", "entrant", "organization", "value", "value_low", "value_high", "locator").rows() == [
        (date(2024, 2, 2), "gpt-a", "OpenAI", 1253.25, pytest.approx(1250.95), pytest.approx(1345.25), "/OpenAI/0/rating"),
        (date(2024, 2, 15), "gpt-a", "OpenAI", 1250.5, pytest.approx(1248.2), pytest.approx(1342.5), "/OpenAI/1/rating"),
        (date(2024, 2, 15), "kimi-a", "Kimi", 1260.0, pytest.approx(1257.7), pytest.approx(1352.0), "/Kimi/0/rating"),
    ]  # fmt: skip
    assert [(issue.reason, issue.locator) for issue in parsed.issues] == [("unreadable date", "/Kimi/1/rating")]
    # Nothing says when a day of it stood there: known from the capture.
    assert scored["known_at"].null_count() == 3


@pytest.mark.shared
@pytest.mark.skipif(not SERIES.exists(), reason="../shared with the real payloads is not beside the checkout")
def test_it_differs_from_the_full_boards_as_declared():
    ours = attribute(
        read("arena_best", SERIES.read_bytes(), TAKEN).rows.with_columns(source=pl.lit("arena_best")), catalog()
    )
    assert sum(map(len, json.loads(SERIES.read_bytes()).values())) == ours.height == 1495
    assert (ours["scored_on"].max(), ours["organization"].null_count()) == (date(2026, 7, 21), 0)
    pairs = ours.join(_full_boards(), on=["scored_on", "organization"], suffix="_full")
    assert (pairs.height, pairs["scored_on"].n_unique()) == (645, 103)
    off = pairs["value_full"] - pairs["value"]
    declared = catalog().sources["arena_best"].disagreement
    assert declared is not None
    assert (declared.low, declared.high) == tuple(round(off.quantile(share) or 0, 1) for share in (0.025, 0.975))
    first = {
        side: pairs.sort(side, descending=True).unique("scored_on", keep="first", maintain_order=True).sort("scored_on")
        for side in ("value", "value_full")
    }
    assert (first["value"]["organization"] == first["value_full"]["organization"]).sum() == 72


def _full_boards() -> pl.DataFrame:
    """The best of each organisation on each day of the raw text board, from the copy that goes first on it."""
    shipped = read_starter()
    assert shipped is not None
    order = {spec.id: spec.order for spec in catalog().sources.values()}
    scores = shipped.facts["leaderboard_score"].filter(
        pl.col("board") == "arena_text",
        pl.col("category") == "overall",
        pl.col("value").is_not_null(),
        pl.col("source") != "arena_best",
    )
    named = attribute(scores, catalog()).with_columns(order=pl.col("source").replace_strict(order))
    first = named.filter(pl.col("order") == pl.col("order").min().over("scored_on"))
    return first.group_by("scored_on", "organization").agg(pl.col("value").max())
