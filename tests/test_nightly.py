"""The nightly run whole: from the command line on a bare home, and as a flow against sources that answer."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from small_pipeline import CLAIM, Clock, Site, facts, fixture, loopback_fetcher, published_rows, served, small_pipeline

from config.load import catalog
from config.settings import Settings
from flows import steps
from flows.local import run_nightly
from flows.pipeline import Pipeline
from warehouse.home import Home
from warehouse.lock import store_lock

# A night of all claims takes a minute or two; two may run side by side here.
pytestmark = [pytest.mark.server, pytest.mark.timeout(1200)]

CLAIMS = [f"C{number:02}" for number in range(1, 47)]
FETCHED = sum(spec.fetched for spec in catalog().sources.values())


@pytest.fixture(scope="module")
def bare_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """`capex-signals nightly` in a process of its own, without a network, in an empty home."""
    home = tmp_path_factory.mktemp("bare") / "home"
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "nightly"],
        env=plain | {"CAPEX_SIGNALS_HOME": str(home), "CAPEX_SIGNALS_OFFLINE": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=1000,
        check=False,
    )
    return home, done


def test_a_bare_machine_without_a_network_gets_real_answers(
    bare_run: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    home, done = bare_run
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert all(claim in done.stdout for claim in CLAIMS)
    verdicts = published_rows(home, "SELECT claim_id, verdict FROM verdict ORDER BY claim_id")
    assert [claim for claim, _ in verdicts] == CLAIMS
    # 118.548 billion in fiscal 2024 and 136.162 in fiscal 2025 are what the 10-Ks state.
    assert dict(verdicts)["C21"] == dict(verdicts)["C22"] == "supported"
    level = published_rows(home, "SELECT statistic FROM verdict WHERE claim_id = 'C21'")
    assert level == [(118_548_000_000.0,)]
    page = (home / "report" / "index.html").read_text("utf-8")
    assert all(claim in page for claim in CLAIMS)


def test_each_source_that_was_not_reached_is_named_with_what_is_held(
    bare_run: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    home, done = bare_run
    for source in ("sec_companyfacts", "litellm_prices", "ecb_fx"):
        assert f"{source}: offline is set" in done.stdout
    rows = published_rows(home, "SELECT source, last_known_at FROM freshness WHERE state = 'unreachable'")
    assert {source for source, known in rows if known} >= {"sec_companyfacts", "litellm_prices", "ecb_fx"}


def test_prefect_holds_the_run_its_tasks_and_the_verdicts_as_an_artifact(
    bare_run: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    home, _ = bare_run
    with closing(sqlite3.connect(home / "prefect" / "prefect.db")) as database:
        assert database.execute("SELECT state_name FROM flow_run").fetchall() == [("Completed",)]
        tasks = database.execute("SELECT state_name, count(*) FROM task_run GROUP BY 1").fetchall()
        [(kind, text)] = database.execute("SELECT type, data FROM artifact WHERE key = 'verdicts'").fetchall()
    assert tasks == [("Completed", FETCHED)]
    assert kind == "markdown"
    assert all(claim in text for claim in CLAIMS)


def test_an_unchanged_second_run_adds_nothing_and_says_the_same(
    bare_run: tuple[Path, subprocess.CompletedProcess[str]],
    prefect_api: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("CAPEX_SIGNALS_HOME", str(home))
    monkeypatch.setenv("CAPEX_SIGNALS_OFFLINE", "1")
    shutil.copytree(bare_run[0], home, symlinks=True)
    said: list[str] = []
    verdicts = "SELECT * EXCLUDE (newest_known_at) FROM verdict ORDER BY claim_id"
    before, [(digest,)] = published_rows(home, verdicts), published_rows(home, "SELECT digest FROM meta")
    summary = run_nightly(Settings(), said.append)
    assert summary.rows_added == 0
    assert (summary.report.digest, summary.refused) == (digest, ())
    assert published_rows(home, verdicts) == before
    assert len((home / "archive" / "verdicts.jsonl").read_text().splitlines()) == len(CLAIMS)
    assert any("published" in line for line in said)


@pytest.fixture
def site() -> Iterator[Site]:
    with served() as opened:
        yield opened


@pytest.fixture
def small(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prefect_api: str) -> Pipeline:
    """The flow's own pipeline and fetcher, turned to the loopback server, on a Prefect server that nobody has set up."""
    from flows import nightly as module

    pipeline = small_pipeline(tmp_path / "home", site.url, Clock())
    monkeypatch.setattr(steps, "read_starter", lambda: None)
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
    from flows.telling import listening

    said: list[str] = []
    monkeypatch.setattr(module, "WAIT_FOR_STORE_S", 1.0)
    monkeypatch.setattr(module, "fetch_all", lambda _: [])
    busy = store_lock(Home(small.settings.root), "capex-signals ingest")
    with busy, listening(said.append), pytest.raises(StoreBusy, match="capex-signals ingest"):
        module.nightly()
    assert said == [
        f"capex-signals nightly is waiting: the store is being written by capex-signals ingest (process {os.getpid()})"
    ]
