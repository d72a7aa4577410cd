"""The nightly run whole: from the command line on a bare home, and as a flow against sources that answer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_pipeline import (
    CLAIM,
    Clock,
    Site,
    facts,
    fixture,
    loopback_fetcher,
    plainly,
    published_rows,
    served,
    small_pipeline,
)

from flows.steps.pipeline import Pipeline
from warehouse.home.layout import Home
from warehouse.store.lock import store_lock

# A night of all claims takes a minute or two; two may run side by side here.
pytestmark = [pytest.mark.server, pytest.mark.timeout(1200)]


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as opened:
        yield opened


@pytest.fixture
def small(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefect_api: str) -> Pipeline:
    """The flow's own pipeline and fetcher, turned to the loopback server, on a Prefect server that nobody has set up."""
    from flows import nightly as module

    pipeline = small_pipeline(tmp_path / "home", site.url, Clock())
    plainly(monkeypatch)
    monkeypatch.setattr(module.Pipeline, "open", lambda: pipeline)
    monkeypatch.setattr(module, "Fetcher", lambda _settings: loopback_fetcher(pipeline))
    return pipeline


def test_sources_that_answer_are_archived_parsed_and_appended_once(
    small: Pipeline, site: Site, prefect_api: str
) -> None:
    from flows.nightly import nightly

    root = small.settings.root
    first = nightly()
    assert (first.refused, first.unreachable) == ((), {})
    assert set(facts(root)) == {
        "analyst_events", "analyst_facts", "analyst_guidance", "arena_leaderboard", "ecb_fx", "litellm_prices",
        "price_announcements", "sec_companyfacts",
    }  # fmt: skip
    # Figures read off the fixtures: Microsoft's fiscal 2025 operating cash flow, gpt-5.6 at 5 dollars, a board of three.
    quarters = "SELECT DISTINCT value FROM company_fact WHERE company = 'MSFT' AND metric = 'operating_cash_flow'"
    assert (136_162_000_000.0,) in published_rows(root, f"{quarters} AND fiscal_year = 2025")
    price = """
        SELECT usd_per_mtok FROM token_price
        WHERE source = 'litellm_prices' AND listing = 'gpt-5.6' AND token_kind = 'input' AND tier = 'standard' AND valid_to IS NULL"""
    assert published_rows(root, price) == [(5.0,)]
    assert facts(root)["arena_leaderboard"] == 2 * (3 + 1)  # three overall and one in coding, of two boards
    assert published_rows(root, "SELECT claim_id, verdict FROM verdict") == [(CLAIM, "supported")]
    assert first.report.starter_only is False

    assert isinstance(small.clock, Clock)
    small.clock.pass_time(days=1)
    site.asked.clear()
    again = nightly()
    assert (again.rows_added, again.report.digest) == (0, first.report.digest)
    statuses = dict(site.asked)
    assert statuses["/prices.json"] == statuses["/text.parquet"] == 304
    assert statuses["/CIK0000789019.json"] == 200  # asked without a condition; its hash says that it is the same
    outcomes = "SELECT outcome, count(*) FROM capture WHERE origin = 'fetched' GROUP BY ALL ORDER BY ALL"
    assert published_rows(root, outcomes) == [("loaded", 8), ("unchanged", 8)]

    small.clock.pass_time(days=1)
    site.bodies["/prices.json"] = fixture("litellm_prices", "2025-02-25.json")
    site.bodies["/eurofxref-hist.csv"] = b"<!DOCTYPE html><title>Moved</title>"
    before = facts(root)["ecb_fx"]
    third = nightly()
    assert [line.partition(":")[0] for line in third.refused] == ["ecb_fx"]
    assert facts(root)["ecb_fx"] == before
    assert third.rows_added > 0
    assert published_rows(root, price) == []  # the list of that day no longer names it


def test_a_flow_waits_for_the_store_and_says_for_whom(
    small: Pipeline, site: Site, prefect_api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from config.errors import StoreBusy
    from flows import nightly as module
    from flows.steps import night
    from flows.steps.progress import listening

    said: list[str] = []
    monkeypatch.setattr(night, "WAIT_FOR_STORE_S", 1.0)
    monkeypatch.setattr(module, "fetch_all", lambda _: [])
    busy = store_lock(Home(small.settings.root), "capex-signals ingest")
    with busy, listening(said.append), pytest.raises(StoreBusy, match="capex-signals ingest"):
        module.nightly()
    assert said == [
        f"capex-signals nightly is waiting: the store is being written by capex-signals ingest (process {os.getpid()})"
    ]
