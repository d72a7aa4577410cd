"""The nightly run from the command line on a bare home, without a network: what the README promises of the first minutes.

Its home is the published file that every test of the file reads.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from published_file import NOW, BareRun, starter_pipeline
from small_pipeline import published_rows

from config.load import catalog
from config.settings import Settings
from flows.start import run_nightly
from flows.steps.pipeline import Pipeline, reader

# A night of all claims takes a minute or two; two may run side by side here.
pytestmark = [pytest.mark.server, pytest.mark.timeout(1200)]

CLAIMS = [f"C{number:02}" for number in range(1, 47)]
# Each is asked by an address of its own; one whose filings are named by lists has none before it has a list.
ASKED = sum(
    spec.fetched and spec.key is None and not hasattr(reader(spec), "discover") for spec in catalog().sources.values()
)


def test_a_bare_machine_without_a_network_gets_real_answers(
    bare_run: BareRun,
) -> None:
    home, done = bare_run.home, bare_run.done
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert all(claim in done.stdout for claim in CLAIMS)
    verdicts = published_rows(home, "SELECT claim_id, verdict FROM verdict ORDER BY claim_id")
    assert [claim for claim, _ in verdicts] == CLAIMS
    # 118.548 billion in fiscal 2024 and 136.162 in fiscal 2025 are what the 10-Ks state.
    assert dict(verdicts)["C21"] == dict(verdicts)["C22"] == "supported"
    level = published_rows(home, "SELECT statistic FROM verdict WHERE claim_id = 'C21'")
    assert level == [(118_548_000_000.0,)]
    assert (home / "report" / "index.html").is_file()
    for language in ("zh", "en"):
        page = (home / "report" / language / "index.html").read_text("utf-8")
        assert all(claim in page for claim in CLAIMS)


def test_each_source_that_was_not_reached_is_named_with_what_is_held(
    bare_run: BareRun,
) -> None:
    home, done = bare_run.home, bare_run.done
    for source in ("sec_companyfacts", "litellm_prices", "ecb_fx"):
        assert f"{source}: offline is set" in done.stdout
    rows = published_rows(home, "SELECT source, last_known_at FROM freshness WHERE state = 'unreachable'")
    assert {source for source, known in rows if known} >= {"sec_companyfacts", "litellm_prices", "ecb_fx"}


def test_prefect_holds_the_run_with_what_stood_in_the_way_and_the_verdicts_as_an_artifact(
    bare_run: BareRun,
) -> None:
    home = bare_run.home
    with closing(sqlite3.connect(home / "prefect" / "prefect.db")) as database:
        assert database.execute("SELECT state_name FROM flow_run").fetchall() == [("Completed",)]
        tasks = database.execute("SELECT state_name, count(*) FROM task_run GROUP BY 1").fetchall()
        [(kind, text)] = database.execute("SELECT type, data FROM artifact WHERE key = 'verdicts'").fetchall()
        [(story,)] = database.execute("SELECT data FROM artifact WHERE key = 'nightly'").fetchall()
    assert (
        tasks == []
    )  # where nobody is asked no source needs a task: what each would have said stands on the run's page
    assert story.count("offline is set") == ASKED
    assert kind == "markdown"
    assert all(claim in text for claim in CLAIMS)


def test_an_unchanged_second_run_adds_nothing_and_says_the_same(
    bare_run: BareRun,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("CAPEX_SIGNALS_HOME", str(home))
    monkeypatch.setenv("CAPEX_SIGNALS_OFFLINE", "1")
    shutil.copytree(bare_run.home, home, symlinks=True)
    again = starter_pipeline(home, NOW + timedelta(hours=1))
    monkeypatch.setattr(Pipeline, "open", lambda settings=None: again)
    said: list[str] = []
    verdicts = "SELECT * EXCLUDE (newest_known_at) FROM verdict ORDER BY claim_id"
    before, [(digest,)] = published_rows(home, verdicts), published_rows(home, "SELECT digest FROM meta")
    summary = run_nightly(Settings(), said.append)
    assert summary.rows_added == 0
    assert (summary.report.digest, summary.refused) == (digest, ())
    assert published_rows(home, verdicts) == before
    assert len((home / "archive" / "verdicts.jsonl").read_text().splitlines()) == len(CLAIMS)
    assert any("published" in line for line in said)
