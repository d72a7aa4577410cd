"""Captures that come one at a time, in an order of the test's own, and everything that is then answered of prices."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from board_stage import PUBLISHED_AT, Payload
from price_book import with_prices

from config.contracts import Capture
from config.settings import Settings
from config.specs import Catalog
from flows.steps.load import Progress, load_pending
from flows.steps.pipeline import Pipeline
from warehouse.archive.captures import Archive, sha256_of
from warehouse.home.layout import Home
from warehouse.published.stage import Stage
from warehouse.store.facts import Store

# When we loaded it, or asked for it: not what was known.
OURS = (
    "first_seen_at",
    "seen_from",
    "logged_at",
    "fetched_at",
    "last_good_at",
    "last_seen_at",
    "last_asked_at",
    "age_days",
)


def answers(stage: Stage) -> dict[str, list[tuple[Any, ...]]]:
    """Every view of the staged file, its rows sorted, without what says when we loaded them."""
    views = stage.frame("SELECT view_name FROM duckdb_views() WHERE NOT internal AND NOT temporary ORDER BY 1")[
        "view_name"
    ].to_list()
    views += stage.frame(
        "SELECT concat('history.', table_name) AS name FROM duckdb_tables() WHERE schema_name = 'history' "
        "AND table_name IN ('issue', 'price_removal', 'scale_shift')"
    )["name"].to_list()
    found = {}
    for view in views:
        frame = stage.frame(f"FROM {view}")
        kept = frame.select([name for name in frame.columns if name not in OURS])
        found[view] = sorted(kept.rows(), key=repr)
    return found


def price_answers(
    folder: Path, known: Catalog, order: list[Payload], origins: list[str]
) -> tuple[dict[str, Any], set[str]]:
    """The price views and the digest of what came one capture at a time, and why captures are refused in the end."""
    home = Home.open(folder)
    pipeline = Pipeline(Settings(home=folder), known, home, Archive(home), lambda: PUBLISHED_AT)
    store = Store.open(home.store)
    for (source, _, body, taken_at, seen_at), origin in zip(order, origins, strict=True):
        basis, seen = "commit" if origin == "backfilled" else "fetched", seen_at or taken_at
        capture = Capture(
            source, "", "https://example.org/list", sha256_of(body), len(body), seen, taken_at, basis, origin
        )
        pipeline.archive.add(capture, body, seen)
        load_pending(pipeline, store, lambda _: None, Progress())
    refused = store.connection.execute("SELECT DISTINCT reason FROM capture WHERE outcome = 'refused'").fetchall()
    store.close()
    stage = with_prices(home, known, PUBLISHED_AT)
    found = {**answers(stage), "digest": stage.digest}
    stage.close()
    return found, {reason.partition(":")[0] for (reason,) in refused}


def at_turns(order: list[Payload]) -> list[Payload]:
    """The same, each seen a minute after the one before it."""
    return [item._replace(seen_at=datetime(2026, 11, 1) + timedelta(minutes=turn)) for turn, item in enumerate(order)]
