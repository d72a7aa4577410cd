"""Whatever a company's facts said from night to night, replaying the archive says it too: values that come, go and return."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from company_facts import document_of

from config.contracts import Capture
from config.load import catalog
from config.settings import Settings
from flows.steps import load
from flows.steps.load import Progress, load_pending, rebuild
from flows.steps.pipeline import Pipeline
from warehouse.archive.captures import Archive, sha256_of
from warehouse.home.layout import Home
from warehouse.store.facts import Store

pytestmark = pytest.mark.slow("loads six captures night by night and all of them anew, history by history")

TAG, CIK = "PaymentsToAcquirePropertyPlantAndEquipment", 789019
FIRST = datetime(2025, 5, 2, 3)
# Two reports that state two quarters each, the second the first's again as comparatives.
QUARTERS = {"2024-12-31": "2024-10-01", "2025-03-31": "2025-01-01"}
REPORTS = {"0000789019-25-000010": ("10-Q", "2025-01-29"), "0000789019-25-000020": ("10-Q", "2025-04-30")}


def some_body(rng: random.Random) -> bytes:
    """One capture: of each report's quarters a value out of three, or none."""
    facts: list[dict[str, Any]] = []
    for accession, (form, filed) in REPORTS.items():
        for end, start in QUARTERS.items():
            value = rng.choice([None, 15_804_000_000, 15_805_000_000, 16_745_000_000])
            if value is not None and end < filed:
                facts.append(
                    {"start": start, "end": end, "val": value, "accn": accession, "form": form, "filed": filed}
                )
    return document_of(CIK, {TAG: {"USD": facts}} if facts else {})


def said(store: Store) -> pl.DataFrame:
    """Every row of the store but when it was loaded."""
    columns = [name for name in store.connection.table("company_fact").columns if name != "first_seen_at"]
    return pl.DataFrame(store.connection.sql(f"SELECT {', '.join(columns)} FROM company_fact ORDER BY ALL"))


@pytest.mark.parametrize("seed", range(20))
def test_replay_says_what_the_nights_said(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "read_starter", lambda: None)
    rng, home = random.Random(seed), Home.open(tmp_path / "home")  # noqa: S311  repeatable, not secret
    now = [FIRST]
    pipeline = Pipeline(Settings(home=tmp_path / "home"), catalog(), home, Archive(home), lambda: now[0])
    for night in range(6):
        now[0] = FIRST + timedelta(days=night)
        body = some_body(rng)
        capture = Capture(
            "sec_companyfacts", "MSFT", "https://example.org/", sha256_of(body), len(body), now[0], now[0]
        )
        pipeline.archive.add(capture, body, now[0])
        store = Store.open(home.store)
        load_pending(pipeline, store, lambda _: None, Progress())
        store.close()
    store = Store.open(home.store)
    nightly = said(store)
    store.close()
    replayed = rebuild(pipeline, lambda _: None, Progress())
    anew = said(replayed)
    replayed.close()
    assert (
        nightly.filter(pl.col("source") == "sec_companyfacts").height > 70
    )  # the padding, and what the history states
    assert anew.equals(nightly)
