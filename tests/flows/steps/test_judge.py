"""All claims over what is entered by hand, an analyst's own prices and consensus among it: flips, what stands beside, and again."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, cast

import polars as pl
import pytest

from config.contracts import EVIDENCE
from config.load import catalog
from config.settings import Settings
from config.specs import ClaimSpec
from flows.commands.questions import export_to, judge_every_change
from flows.steps.enter import enter_analyst_files
from flows.steps.judge import OVERDUE, VERDICT, _quiet
from flows.steps.load import Progress, load_pending
from flows.steps.pipeline import Pipeline
from flows.steps.publish import answer
from flows.steps.verdict_days import Answers
from flows.steps.verdict_days import judged as judge_days
from flows.steps.verdict_days import verdicts as judged
from transforms.claim_tests.outcome import VINTAGE_DEPENDENT
from warehouse.evidence.claim_query import claim_sql
from warehouse.published.stage import Stage
from warehouse.published.swap import open_published
from warehouse.store.facts import Store
from warehouse.store.frames import read

pytestmark = pytest.mark.slow("nights that judge every day since 2023")


NOW = datetime(2026, 11, 23, 6)
CHANGES = ("claim_id", "as_of", "verdict", "statistic", "low", "high", "n", "flags", "detail_en", "evidence", "cause")


# Made-up closes of the analyst's own. From 20 to 25 February 2025 the share loses 3 % and QQQ 2 %; over twelve months the share
# gains 10 % and QQQ 20 %. Total return is told of the share alone: set against a close of QQQ it would be ahead.
PRICES = """ticker,price_on,price_kind,currency,value,read_at
MSFT,2025-02-20,close,USD,416.00,my terminal
QQQ,2025-02-20,close,USD,540.00,my terminal
MSFT,2025-02-24,close,USD,406.00,my terminal
QQQ,2025-02-24,close,USD,525.00,my terminal
MSFT,2025-02-25,close,USD,403.52,my terminal
QQQ,2025-02-25,close,USD,529.20,my terminal
MSFT,2025-02-24,total_return_index,USD,1000.00,my terminal
MSFT,2026-02-25,total_return_index,USD,2000.00,my terminal
MSFT,2026-02-25,close,USD,9999.00,my terminal
MSFT,2026-02-24,close,USD,446.60,my terminal
QQQ,2026-02-24,close,USD,630.00,my terminal
"""
CONSENSUS = """company,metric,horizon,estimated_on,unit,value,read_at
MSFT,eps_diluted,NTM,2025-02-24,USD/shares,14.00,my terminal
MSFT,eps_diluted,FY2026,2025-02-21,USD/shares,15.60,my terminal
MSFT,eps_diluted,NTM,2025-02-25,USD/shares,1.00,my terminal
MSFT,eps_diluted,NTM,2024-12-31,USD/shares,2.00,my terminal
"""


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
    """A home with the hand-entered files, the analyst's own and nothing else, published once."""
    pipeline = at(Pipeline.open(Settings(home=tmp_path_factory.mktemp("judge"), offline=True)), NOW)
    (pipeline.home.private / "market_price.csv").write_text(PRICES, "utf-8")
    (pipeline.home.private / "estimate.csv").write_text(CONSENSUS, "utf-8")
    assert not [attempt.refused for attempt in enter_analyst_files(pipeline) if attempt.refused]
    store = Store.open(pipeline.home.store)
    load_pending(pipeline, store, lambda _: None, Progress())
    store.close()
    answer(pipeline, Progress(), [], lambda _: None)
    return pipeline


FLIPS = {
    # Four quarters of both segments from the release of 25 July 2023 on. Azure's print of 39 per cent, 30 July 2025; the sum of fiscal 2025 the same day; the shortage at least to June 2026, said on 29 October 2025; the dissent of 25 February; 250 billion of Azure
    # in the report of 29 October, 250 of 572.4. Figures read on pages count from the end of their day in New York.
    "C08": ("refuted", date(2025, 7, 30)), "C40": ("mixed", date(2026, 7, 30)),
    "C41": ("refuted", date(2025, 10, 30)), "C03": ("refuted", date(2025, 2, 26)), "C43": ("supported", date(2025, 4, 30)),
    "C07": ("supported", date(2025, 1, 29)), "C17": ("supported", date(2025, 10, 29)), "C14": ("supported", date(2023, 7, 25)),
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


def test_the_analysts_own_files_decide_what_they_are_of(home: Pipeline) -> None:
    rows = {row["claim_id"]: row for row in published(home, "FROM verdict")}
    # 406 over 14 and over 15.60: 29 and 26.03. What is dated the day of the article was public after it, and what is older than
    # the print of January is no consensus of that day.
    assert (rows["C44"]["verdict"], rows["C44"]["n"]) == ("supported", 2)
    assert rows["C44"]["statistic"] == pytest.approx(406 / 15.6 - 26)
    assert "next twelve months 29 (stated 29), next fiscal year 26 (stated 26)" in rows["C44"]["detail_en"]
    # 446.60 over 406 is +10 %, 630 over 525 +20 %: closes of one day on both sides.
    assert (rows["C45"]["verdict"], rows["C45"]["statistic"]) == ("refuted", pytest.approx(-10))
    assert "12 m -10 (MSFT close, QQQ close)" in rows["C45"]["detail_en"]
    assert "MSFT against QQQ since 2025-02-20, not judged: -1 points" in rows["C03"]["detail_en"]
    assert rows["C03"]["verdict"] == "refuted"  # by the notes alone


def test_nothing_of_the_analysts_own_files_is_exported(home: Pipeline, tmp_path: Path) -> None:
    export_to(home.settings, tmp_path / "out", None, "csv")
    texts = {path.name: path.read_text("utf-8") for path in (tmp_path / "out").iterdir()}
    assert not set(texts) & {"market_price.csv", "estimate.csv"}
    exported = "".join(text for name, text in texts.items() if name != "NOTICE.txt")
    assert [
        own
        for own in ("my terminal", "private_prices:", "private_estimates:", "(stated", "-10 (MSFT", "against QQQ")
        if own in exported
    ] == []
    said = pl.read_csv(tmp_path / "out" / "verdict.csv").filter(pl.col("claim_id").is_in(["C03", "C44", "C45"]))
    assert said["verdict"].to_list() == ["refuted", "supported", "refuted"]
    assert said["statistic"].null_count() == said["low"].null_count() == 3
    assert set(said["detail_en"]) == {"It rests on private inputs, which are not exported."}


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
    # The notes decide C03, and the move of the share beside them nothing.
    assert published(home, "SELECT awaits FROM next_evidence WHERE claim_id = 'C03'") == [{"awaits": "statement"}]


def test_evidence_leads_to_its_source_and_says_if_it_was_backfilled(home: Pipeline) -> None:
    rows = published(home, "FROM verdict_evidence WHERE claim_id = 'C16' AND series = 'against'")
    assert {row["source"] for row in rows} == {"analyst_events"}
    assert all(row["backfilled"] and row["source_url"].startswith("https://") for row in rows)
    ledger = published(
        home, "SELECT count(DISTINCT claim_id) AS claims, bool_and(in_force) AS current FROM specification"
    )
    assert ledger == [{"claims": len(home.catalog.claims), "current": True}]


SPANS = "SELECT * EXCLUDE (first_seen_at) FROM history.evidence_span ORDER BY ALL"


def test_every_verdict_rests_on_the_evidence_shown_for_its_day(home: Pipeline) -> None:
    amiss = published(
        home,
        """
        WITH shown AS (
            SELECT v.claim_id, v.as_of, v.evidence, list_sort(list_distinct(list(s.evidence) FILTER (isfinite(s.value)))) AS found
            FROM history.verdict AS v
            LEFT JOIN history.evidence_span AS s
                ON s.claim_id = v.claim_id AND s.from_on <= v.as_of AND (s.until_on IS NULL OR s.until_on > v.as_of)
            GROUP BY ALL)
        SELECT * FROM shown WHERE coalesce(found, []) <> evidence""",
    )
    assert amiss == []
    known = published(
        home, "SELECT count(*) AS n FROM history.evidence_span WHERE known_at >= from_on + INTERVAL 1 DAY"
    )
    assert known == [{"n": 0}]


def test_the_next_night_gives_the_same_rows_and_so_does_judging_all_anew(home: Pipeline) -> None:
    before = verdicts(home)
    answer(at(home, NOW + timedelta(days=1)), Progress(), [], lambda _: None)
    next_night, rests_on = verdicts(home), published(home, SPANS)
    home.home.latest.unlink()
    answer(at(home, NOW + timedelta(days=1, minutes=5)), Progress(), [], lambda _: None)
    anew = verdicts(home)
    newest = pl.col("as_of") == pl.col("as_of").max().over("claim_id")
    assert next_night.equals(anew)
    assert published(home, SPANS) == rests_on
    assert before.filter(~newest).equals(
        anew.join(before.filter(~newest).select("claim_id", "as_of"), on=["claim_id", "as_of"], how="semi")
    )
    pages = {path.stem for path in (Path(home.home.report) / "en").glob("C*.html")}
    assert pages == set(home.catalog.claims)


def test_a_verdict_that_time_alone_moved_keeps_its_day_in_later_nights() -> None:
    """C04 on 28 August 2026: the last day of a board left its window, and nothing else became known then or on the day after."""
    row = {"series": "epoch_eci", "observed_on": date(2026, 4, 30), "value": 1.0, "known_at": datetime(2026, 4, 30, 23)}
    found = pl.DataFrame([{**dict.fromkeys(EVIDENCE), **row, "label": "one against another"}], schema=EVIDENCE)
    spec = catalog().claims["C04"]
    told = judge_days(
        spec,
        [(day, found) for day in (date(2026, 8, 27), date(2026, 8, 28))],
        Answers(cast("Stage", None), ""),
        opposed=False,
    )
    rows = [{**asdict(verdict), "cause": cause, "newest_known_at": None} for verdict, _, cause in told]
    known = pl.DataFrame(rows, schema=VERDICT)
    assert known["cause"].to_list() == ["first", "time_passed"]
    held, later = _quiet(spec, known, date(2026, 8, 29), Answers(cast("Stage", None), ""), found)
    assert held["as_of"].to_list() == [date(2026, 8, 27), date(2026, 8, 28)]
    assert [(verdict.as_of, verdict.statistic, cause) for verdict, _, cause in later] == [
        (date(2026, 8, 29), None, "time_passed")
    ]
    # Of a day on which nothing had moved no row stays, whatever first prints say and however late a print is.
    for flags in ([], [VINTAGE_DEPENDENT]):
        newest = {**rows[1], "as_of": date(2026, 8, 29), "flags": [OVERDUE, *flags]}
        unmoved = pl.DataFrame([{**rows[1], "flags": flags}, newest], schema=VERDICT)
        held, later = _quiet(spec, unmoved, date(2026, 8, 30), Answers(cast("Stage", None), ""), found)
        assert held["as_of"].to_list() == [date(2026, 8, 28)]
        assert [verdict.as_of for verdict, _, _ in later] == [date(2026, 8, 30)]
    # What stays is no longer the newest: that a print is late is said of that alone.
    late = known.with_columns(flags=pl.lit([OVERDUE]))
    assert _quiet(spec, late, date(2026, 8, 29), Answers(cast("Stage", None), ""), found)[0]["flags"].to_list() == [
        [],
        [],
    ]


def test_what_leaves_a_window_moves_the_verdict_though_the_evidence_is_the_same() -> None:
    """C04 counts back 90 days: what a board of 30 April says reaches to 29 May, and from 27 August on none of it is left."""
    row = {"series": "epoch_eci", "observed_on": date(2026, 4, 30), "value": 1.0, "known_at": datetime(2026, 4, 30, 23)}
    found = pl.DataFrame([{**dict.fromkeys(EVIDENCE), **row, "label": "one against another"}], schema=EVIDENCE)

    class Same:
        sql = ""
        said: ClassVar[dict[str, tuple[str, str]]] = {}

        def evidence(self, days: list[date], _: ClaimSpec) -> dict[date, pl.DataFrame]:
            return {day: found if day >= date(2026, 5, 1) else found.clear() for day in days}

    days = [date(2026, 5, 30), date(2026, 9, 2), date(2026, 11, 29)]
    told = [
        (said.as_of, said.statistic) for said, _, _ in judged(cast("Answers", Same()), catalog().claims["C04"], days)
    ]
    # It stands for 30 days, 30 April to 29 May. The 90 days to 29 July begin with the first of them; then one leaves a day, and
    # with 27 August the last. 2 September, on which something else became known, says what 28 August said.
    leaving = [(date(2026, 7, 29) + timedelta(days=n), 30 - n) for n in range(1, 30)]
    assert told == [(days[0], 30), *leaving, (date(2026, 8, 28), None), (days[2], None)]
