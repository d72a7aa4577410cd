"""All claims over the hand-entered facts: the days of their flips, what stands beside them, and the same rows again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from config.settings import Settings
from flows.answer import answer
from flows.asking import judge_every_change
from flows.pipeline import Pipeline
from flows.steps import Progress, enter_analyst_files, load_pending
from warehouse.claim_query import claim_sql
from warehouse.frames import read
from warehouse.publish import open_published
from warehouse.store import Store

NOW = datetime(2026, 11, 23, 6)
CHANGES = ("claim_id", "as_of", "verdict", "statistic", "low", "high", "n", "flags", "detail_en", "evidence", "cause")


def published(pipeline: Pipeline, query: str) -> list[dict[str, Any]]:
    with open_published(pipeline.home) as connection:
        return read(connection, query).to_dicts()


def verdicts(pipeline: Pipeline) -> pl.DataFrame:
    with open_published(pipeline.home) as connection:
        return read(connection, "FROM history.verdict ORDER BY claim_id, as_of").select(CHANGES)


def at(pipeline: Pipeline, now: datetime) -> Pipeline:
    return replace(pipeline, clock=lambda: now)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """A home with the hand-entered files and nothing else, published once."""
    pipeline = at(Pipeline.open(Settings(home=tmp_path_factory.mktemp("judge"), offline=True)), NOW)
    enter_analyst_files(pipeline)
    store = Store.open(pipeline.home.store)
    load_pending(pipeline, store, lambda _: None, Progress())
    store.close()
    answer(pipeline, Progress(), [], lambda _: None)
    return pipeline


FLIPS = {
    # Azure's print of 39 per cent, 30 July 2025; the sum of fiscal 2025 the same day; the shortage at least to June 2026, said on 29 October 2025; the dissent of 25 February; 250 billion of Azure
    # in the report of 29 October, 250 of 572.4. Figures read on pages count from the end of their day in New York.
    "C08": ("refuted", date(2025, 7, 30)), "C40": ("mixed", date(2026, 7, 30)),
    "C41": ("refuted", date(2025, 10, 30)), "C03": ("refuted", date(2025, 2, 26)), "C43": ("supported", date(2025, 4, 30)),
    "C07": ("supported", date(2025, 1, 29)), "C17": ("supported", date(2025, 10, 29)),
}  # fmt: skip


def test_the_verdicts_stand_since_the_days_worked_out_by_hand(home: Pipeline) -> None:
    found = {row["claim_id"]: row for row in published(home, "FROM verdict_lead")}
    assert {claim: (found[claim]["verdict"], found[claim]["holds_since"]) for claim in FLIPS} == FLIPS
    # From 25 February 2025: 64 days to 30 April, 155 to 30 July; a month is 30.44 days.
    months = {claim: found[claim]["lead_months"] for claim in ("C43", "C08")}
    assert months == {"C43": 2.1, "C08": 5.1}
    assert found["C16"]["lead_months"] is None
    # Half of the spending on cloud and AI, then two thirds of all spending: no difference of one sum, whatever the day.
    assert {row["verdict"] for row in published(home, "FROM history.verdict WHERE claim_id = 'C32'")} == {
        "undetermined"
    }


def test_a_prediction_is_judged_since_it_was_made_and_the_ledger_holds_the_sql_that_decided(home: Pipeline) -> None:
    first = published(
        home, "SELECT kind, min(as_of) AS day FROM history.verdict JOIN claim USING (claim_id) GROUP BY kind"
    )
    days = {row["kind"]: row["day"] for row in first}
    assert (days["prediction"], days["fact"]) == (date(2025, 2, 25), date(2023, 1, 1))
    [ledger] = published(home, "SELECT specification FROM specification WHERE claim_id = 'C22'")
    assert json.loads(ledger["specification"])["sql"] == claim_sql(home.catalog.claims["C22"])


def test_judge_every_change_tells_the_published_history(home: Pipeline) -> None:
    told = [(verdict.as_of, verdict.verdict, cause) for verdict, cause in judge_every_change(home.settings, "C08")]
    known = published(home, "SELECT as_of, verdict, cause FROM history.verdict WHERE claim_id = 'C08' ORDER BY as_of")
    assert told[:-1] == [tuple(row.values()) for row in known[:-1]]
    assert [told[-1][1], known[-1]["verdict"], len(told) > 8] == ["refuted", "refuted", True]


def test_flips_have_causes_and_first_prints_their_verdict(home: Pipeline) -> None:
    flips = published(home, "FROM verdict_flip WHERE claim_id = 'C08' AND told_by_code = 'today' ORDER BY as_of")
    assert [(row["verdict"], row["cause"]) for row in flips][-3:] == [
        ("supported", "new_period"), ("undetermined", "new_period"), ("refuted", "new_period"),
    ]  # fmt: skip
    variants = published(home, "FROM verdict_variant WHERE claim_id = 'C08'")
    assert [(row["variant"], row["verdict"]) for row in variants] == [("first_prints", "refuted")]


def test_what_decides_next_is_due_and_marked(home: Pipeline) -> None:
    [row] = published(home, "FROM next_evidence WHERE claim_id = 'C07'")
    assert (row["awaits"], row["subject"], row["overdue"]) == ("print", "MSFT", True)
    assert row["what_en"] == "MSFT: the quarter to 2026-09-30."
    assert date(2026, 10, 25) <= row["due_on"] <= date(2026, 11, 5)
    expected = published(home, "SELECT period_end, expected_on, overdue FROM next_print WHERE company = 'MSFT'")
    assert expected == [{"period_end": date(2026, 9, 30), "expected_on": row["due_on"], "overdue": True}]
    late = published(home, "SELECT claim_id FROM verdict WHERE list_contains(flags, 'overdue') ORDER BY claim_id")
    # Contracts and the segments' margins wait for the quarter to September; what is decided for good waits for nothing, a
    # guide is no print, and the note on regions comes once a year.
    awaited = published(home, "SELECT DISTINCT claim_id FROM next_evidence WHERE awaits = 'print' ORDER BY claim_id")
    assert {row["claim_id"] for row in awaited} & {"C08", "C40", "C41", "C43"} == set()
    assert {"claim_id": "C07"} in late
    assert {row["claim_id"] for row in late} <= {row["claim_id"] for row in awaited} - {"C39"}
    [row] = published(home, "FROM next_evidence WHERE claim_id = 'C08'")
    assert (row["awaits"], row["overdue"]) == ("nothing", False)
    assert "Refuted for good by a print of 37 % or more" in row["flips_en"]
    blank = "SELECT claim_id FROM verdict WHERE flips_en = '' AND verdict NOT IN ('not_testable', 'scenario')"
    assert published(home, blank) == []
    assert published(home, "SELECT awaits FROM next_evidence WHERE claim_id = 'C12'") == [{"awaits": "nothing"}]


def test_evidence_leads_to_its_source_and_says_if_it_was_backfilled(home: Pipeline) -> None:
    rows = published(home, "FROM verdict_evidence WHERE claim_id = 'C16' AND series = 'against'")
    assert {row["source"] for row in rows} == {"analyst_events"}
    assert all(row["backfilled"] and row["source_url"].startswith("https://") for row in rows)
    ledger = published(
        home, "SELECT count(DISTINCT claim_id) AS claims, bool_and(in_force) AS current FROM specification"
    )
    assert ledger == [{"claims": len(home.catalog.claims), "current": True}]


def test_the_next_night_gives_the_same_rows_and_so_does_judging_all_anew(home: Pipeline) -> None:
    before = verdicts(home)
    answer(at(home, NOW + timedelta(days=1)), Progress(), [], lambda _: None)
    next_night = verdicts(home)
    home.home.latest.unlink()
    answer(at(home, NOW + timedelta(days=1, minutes=5)), Progress(), [], lambda _: None)
    anew = verdicts(home)
    newest = pl.col("as_of") == pl.col("as_of").max().over("claim_id")
    assert next_night.equals(anew)
    assert before.filter(~newest).equals(
        anew.join(before.filter(~newest).select("claim_id", "as_of"), on=["claim_id", "as_of"], how="semi")
    )
    assert (Path(home.home.report) / "index.html").read_text("utf-8").count("<section") == len(home.catalog.claims) + 3
