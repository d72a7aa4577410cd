"""A file published from the starter data alone, the way a machine without a network publishes it, and how to read it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from config.settings import Settings
from flows.steps.derive import stage_facts
from flows.steps.enter import enter_analyst_files
from flows.steps.load import open_store
from flows.steps.pipeline import Pipeline
from flows.steps.publish import load_and_answer
from warehouse.home.layout import Home
from warehouse.published.stage import Stage
from warehouse.store.frames import read
from warehouse.store.lock import store_lock

# The starter payloads were collected on the 22nd.
NOW = datetime(2026, 11, 23, 6)

# Views that an as-of time moves; <view>_as_of must say the same.
MOVING = (
    "company_fact", "company_quarter", "token_price", "leaderboard_score", "openai_lead", "fx_rate", "contradiction", "verdict",
    "filing", "event", "guidance", "capex_intensity", "azure_vs_rpo", "next_print", "definition", "coverage", "capex_quarter",
    "group_quarter", "guidance_outcome", "next_evidence", "verdict_evidence", "company_gap", "lease_commitments",
    "definition_bridge",
)  # fmt: skip
# The same of what is made from them, or may be empty here.
MARTS = (
    "frontier", "leader_spell", "hindsight_lead", "scale_shift", "depreciation_wave", "price_frontier", "price_decline",
    "quality_price_premium", "price_disagreement", "market_price", "estimate", "model_price_month", "input_price_frontier", "company_quarter_usd",
)  # fmt: skip
FACTS = [f"{view}_as_of" for view in MOVING[:7]]


def quiet(_: str) -> None:
    """Say nothing."""


def starter_pipeline(home: Path, now: datetime = NOW) -> Pipeline:
    """No network, and a clock that stands still."""
    return replace(Pipeline.open(Settings(home=home, offline=True)), clock=lambda: now)


@dataclass(frozen=True)
class BareRun:
    """What `capex-signals nightly` made of an empty home, and what it said."""

    home: Path
    done: subprocess.CompletedProcess[str]


# The command as a person types it, on a clock that stands still.
NIGHTLY = f"""
from datetime import datetime
from flows.network import clock
clock.utc_now = lambda: datetime.fromisoformat("{NOW.isoformat()}")
from flows.cli import main
main()
"""


def bare_run(home: Path) -> BareRun:
    """`capex-signals nightly` in a process of its own, without a network, in an empty home, with all threads."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "POLARS_"))}
    done = subprocess.run(  # noqa: S603  our own interpreter and text
        [sys.executable, "-c", NIGHTLY, "nightly"],
        env=plain | {"CAPEX_SIGNALS_HOME": str(home), "CAPEX_SIGNALS_OFFLINE": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=1000,
        check=False,
    )
    return BareRun(home, done)


def publish_starter(pipeline: Pipeline) -> Path:
    """The published file."""
    attempts = enter_analyst_files(pipeline)
    with store_lock(pipeline.home, "a test"):
        return load_and_answer(pipeline, attempts, quiet)[0].published


@contextmanager
def staged_then(published: Path, home: Path, known_by: datetime) -> Iterator[Stage]:
    """A staged file of that part of a published home's facts which was known by an instant."""
    pipeline = starter_pipeline(home)
    shutil.copyfile(Home(published).store, pipeline.home.store)
    store, _ = open_store(pipeline, quiet)
    for table in ("company_fact", "token_price", "leaderboard_score", "fx_rate"):
        store.connection.execute(f"DELETE FROM {table} WHERE known_at > ?", [known_by])
    # What was collected later in one piece proves its dates itself; a price list stands for its own day.
    store.connection.execute(
        "DELETE FROM capture WHERE taken_at > ? AND source IN ('litellm_prices', 'tokencost_prices')", [known_by]
    )
    store.close()
    with staged_facts(pipeline) as stage:
        yield stage


@contextmanager
def staged_facts(pipeline: Pipeline) -> Iterator[Stage]:
    """What the closed store says, staged; let go at the end."""
    stage = stage_facts(pipeline, NOW)
    try:
        yield stage
    finally:
        stage.close()


@contextmanager
def analyst(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """What the README tells an analyst to type; variables and settings are of this connection alone."""
    file = Home(home).latest.resolve()
    with _attached(file, file.stat().st_ino).cursor() as connection:
        connection.execute("USE cs")
        yield connection


@cache
def _attached(file: Path, _inode: int) -> duckdb.DuckDBPyConnection:
    """The file, opened once for all who ask it: that takes twenty times as long as most questions."""
    connection = duckdb.connect()
    connection.execute(f"ATTACH '{file}' AS cs (READ_ONLY)")
    return connection


def frame(connection: duckdb.DuckDBPyConnection, query: str, **parameters: Any) -> pl.DataFrame:
    return read(connection, query, parameters)


def rows(connection: duckdb.DuckDBPyConnection, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    return connection.execute(query, parameters or None).fetchall()
