"""Nothing that becomes known after t moves a verdict as of t or before: several hundred changes of the future, every claim.

A staged file is built once from the hand-entered files, private inputs made up here, and a part of the starter data:
filings, rates, prices of the models that claims name, one board. Each mutation changes, adds or deletes rows that became
known after a day; the views are built anew over the changed rows; the evidence of the claims that read the changed table
must be what it was, to the bit, on that day.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from places import REPOSITORY

from config.load import catalog
from config.settings import Settings
from config.specs import ClaimSpec
from flows.steps.derive import derive_facts
from flows.steps.enter import enter_analyst_files
from flows.steps.load import Progress, load_pending
from flows.steps.pipeline import Pipeline
from warehouse.evidence.as_of import evidence, evidence_on
from warehouse.evidence.claim_query import claim_sql
from warehouse.evidence.reads import reads
from warehouse.published.stage import Stage
from warehouse.store.facts import Store

pytestmark = pytest.mark.slow("asks every macro of many days")


Row = dict[str, Any]

SPECS = list(catalog().claims.values())
DAYS = [date(2024, 6, 30), date(2025, 2, 25), date(2025, 7, 29), date(2025, 10, 28), date(2026, 1, 28)]
BATCH = 40  # so many mutations of one table at once: each must be harmless, so must all of them
KINDS = ("change", "delete", "add", "bring_forward")
# What a claim reads, and the raw rows behind it.
BASES = {
    "company_period": "company_fact", "event_state": "event", "guidance_state": "guidance", "price_state": "token_price",
    "board_score": "leaderboard_score", "board_lead": "leaderboard_score", "fx_state": "fx_rate", "market_price": "market_price",
    "estimate": "estimate",
}  # fmt: skip
STARTER = REPOSITORY / "warehouse" / "starter"
PART = {
    "company_fact": "company = 'MSFT'",
    "fx_rate": "quote_currency IN ('CNY', 'USD') AND rate_on BETWEEN DATE '2024-04-01' AND DATE '2025-04-01'",
    "token_price": "listing IN ('gpt-4-turbo', 'gpt-4o', 'o1', 'deepseek-chat', 'deepseek-reasoner', 'deepseek/deepseek-chat', "
    "'gemini-2.0-flash', 'gemini/gemini-2.0-flash', 'claude-3-5-sonnet-20241022')",
    "leaderboard_score": "board = 'arena_text' AND category = 'overall' AND rank <= 12 AND scored_on BETWEEN DATE '2024-06-01' AND DATE '2025-08-01'",
}  # fmt: skip
PRIVATE = """
    INSERT INTO history.market_price BY NAME
    SELECT ticker, CAST(day AS DATE) AS price_on, 'close' AS price_kind, 'USD' AS currency, 100.0 + row_number() OVER () AS value,
        'reported' AS status, 'private_prices' AS source, '' AS scope, ticker || day AS capture_sha256, ticker || day AS locator, ticker || day AS document_id,
        0 AS form_rank, 0 AS decimals, 3 AS evidence_tier, CAST(day AS TIMESTAMP) + INTERVAL 29 HOUR AS known_at, CAST(day AS TIMESTAMP) AS captured_at,
        CAST(day AS TIMESTAMP) AS first_seen_at
    FROM (VALUES ('MSFT'), ('QQQ')) AS t(ticker),
        (VALUES ('2025-02-20'), ('2025-02-21'), ('2025-02-24'), ('2025-02-25'), ('2025-08-25'), ('2026-02-25'), ('2026-08-25')) AS d(day);
    INSERT INTO history.estimate BY NAME
    SELECT 'MSFT' AS company, 'eps_diluted' AS metric, horizon, CAST(day AS DATE) AS estimated_on, 'USD/shares' AS unit, 14.0 AS value, 'reported' AS status,
        'private_estimates' AS source, '' AS scope, horizon || day AS capture_sha256, horizon || day AS locator, horizon || day AS document_id,
        0 AS form_rank, 0 AS decimals, 3 AS evidence_tier, CAST(day AS TIMESTAMP) + INTERVAL 29 HOUR AS known_at, CAST(day AS TIMESTAMP) AS captured_at,
        CAST(day AS TIMESTAMP) AS first_seen_at
    FROM (VALUES ('NTM'), ('NEXT_FY')) AS t(horizon), (VALUES ('2025-02-10'), ('2025-02-21'), ('2025-06-01')) AS d(day);
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A staged file with the raw rows of the hand-entered files, the private inputs and the part of the starter data."""
    pipeline = Pipeline.open(Settings(home=tmp_path_factory.mktemp("future"), offline=True))
    enter_analyst_files(pipeline)
    store = Store.open(pipeline.home.store)
    load_pending(pipeline, store, lambda _: None, Progress())
    store.close()
    stage = Stage.begin(pipeline.home, pipeline.catalog.sources, datetime(2026, 11, 23))
    for table, part in PART.items():
        rows = f"SELECT *, known_at AS first_seen_at FROM '{STARTER / table}.parquet' WHERE {part}"
        stage.connection.execute(f"INSERT INTO history.{table} BY NAME {rows}")
    captures = f"SELECT *, taken_at AS logged_at FROM '{STARTER / 'capture'}.parquet'"
    stage.connection.execute(f"INSERT INTO history.capture BY NAME {captures}")
    stage.connection.execute(PRIVATE)
    yield stage
    stage.connection.close()


class Unpriced(Stage):
    """No prices on the days of boards: most of the work, and no claim reads them, or the plain world would say otherwise."""

    def add_board_prices(self, settled_by: datetime | None = None) -> None:
        return


class World:
    """The views over some raw rows, in memory, and the evidence of every claim on a day."""

    def __init__(self, tables: dict[str, pl.DataFrame], kind: type[Stage] = Unpriced) -> None:
        self.connection = duckdb.connect(":memory:", config={"threads": "1"})
        self.connection.execute("CREATE SCHEMA history")
        stage = kind(self.connection, Path(), "", datetime(2026, 11, 23))
        for name, frame in tables.items():
            stage.put(f"history.{name}", frame)
        derive_facts(stage, catalog())
        self.stage = stage

    def answers(self, specs: list[ClaimSpec], day: date) -> dict[str, pl.DataFrame]:
        found = {sql: evidence(self.connection, sql, day) for sql in {claim_sql(spec) for spec in specs}}
        return {spec.id: found[claim_sql(spec)] for spec in specs}  # some claims share a query


@pytest.fixture(scope="module")
def tables(base: Stage) -> dict[str, pl.DataFrame]:
    listed = base.frame("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'history'")["table_name"]
    return {name: base.frame(f"FROM history.{name}") for name in listed if name not in ("source_known",)}


def _clocks(columns: Iterable[str]) -> tuple[str, ...]:
    """A price list says what it says at its capture: that is when it is known."""
    return ("known_at", "captured_at") if "listing" in columns else ("known_at",)


def _later(rows: list[Row], after: datetime, aimed: set[str]) -> tuple[list[int], list[int]]:
    """The rows that became known after an instant, and those among them which are evidence of a later answer."""
    clocks = _clocks(rows[0])
    later = [index for index, row in enumerate(rows) if min(row[clock] for clock in clocks) > after]
    named = (f"{row['source']}:{row['capture_sha256'][:12]}:{row['locator']}" for row in (rows[at] for at in later))
    return later, [index for index, name in zip(later, named, strict=True) if name in aimed]


def _mutate(rows: list[Row], after: datetime, aimed: set[str], chance: random.Random) -> None:
    """One change to what became known after `after`: every other one to what a later answer rests on."""
    later, evidence_rows = _later(rows, after, aimed)
    index = chance.choice(evidence_rows if evidence_rows and chance.random() < 0.5 else later)
    kind = chance.choice(KINDS if len(later) > 1 else [kind for kind in KINDS if kind != "delete"])
    row, clocks = dict(rows[index]), _clocks(rows[index])
    if kind == "delete":
        del rows[index]
    elif kind == "change":
        rows[index] = row | {"value": (row["value"] or 1.0) * chance.choice([-3.0, 0.5, 1000.0])}
    elif kind == "bring_forward":  # earlier than it was, and still after the day
        rows[index] = row | dict.fromkeys(clocks, after + timedelta(minutes=1))
    else:
        made_up = {"document_id": "made up", "capture_sha256": "made up", "value": 123456.0}
        rows.append({**row, **made_up, **dict.fromkeys(clocks, after + timedelta(seconds=1))})


def _end(day: date) -> datetime:
    return datetime.combine(day, datetime.max.time())


Known = dict[date, dict[str, pl.DataFrame]]


def _aim(known: Known, specs: list[ClaimSpec], rows: list[Row], chance: random.Random) -> tuple[date, set[str]]:
    """A day, if possible one on which something was known already, and the evidence of later answers among rows that became known after it."""
    found = []
    for day in DAYS[:2]:
        aimed = {name for later in DAYS if later > day for spec in specs for name in known[later][spec.id]["evidence"]}
        if _later(rows, _end(day), aimed)[1]:
            found.append((day, aimed))
    begun = min(row[clock] for row in rows for clock in _clocks(row))
    return chance.choice([aim for aim in found if _end(aim[0]) >= begun] or found)


@pytest.fixture(scope="module")
def plain(tables: dict[str, pl.DataFrame]) -> Iterator[World]:
    world = World(tables, Stage)
    yield world
    world.connection.close()


def test_no_mutation_of_the_future_moves_an_answer_of_the_past(tables: dict[str, pl.DataFrame], plain: World) -> None:
    chance = random.Random(20250225)  # noqa: S311  repeatable, not secret
    by_table = {
        table: [spec for spec in SPECS if any(table in read.tables for read in reads(claim_sql(spec)))]
        for table in BASES
    }
    by_table["fx_state"] = by_table["price_state"]  # prices of other currencies are told in dollars
    known = {day: plain.answers(SPECS, day) for day in DAYS}
    assert sum(frame.height for frame in known[DAYS[-1]].values()) > 250
    for table, raw in BASES.items():
        rows, specs = tables[raw].to_dicts(), by_table[table]
        day, aimed = _aim(known, specs, rows, chance)
        for _ in range(BATCH):
            _mutate(rows, _end(day), aimed, chance)
        world = World({**tables, raw: pl.DataFrame(rows, schema=tables[raw].schema)})
        for past in {day, chance.choice([earlier for earlier in DAYS if earlier <= day])}:
            for claim_id, found in world.answers(specs, past).items():
                assert found.equals(known[past][claim_id]), f"{claim_id} as of {past} saw what {table} knew after {day}"
        # The mutations are of what decides: of every table they move an answer of a later day.
        assert any(
            not found.equals(known[later][claim])
            for later in DAYS
            if later > day
            for claim, found in world.answers(specs, later).items()
        ), f"no mutation of {table} after {day} moved a later answer"
        world.connection.close()


def test_no_capture_of_the_future_moves_a_price_of_the_past(tables: dict[str, pl.DataFrame], plain: World) -> None:
    """Which list speaks for a day depends on when each was last looked at: one after another falls silent, or is seen again."""
    day = DAYS[0]
    asked = f"FROM token_price_on(DATE '2025-02-25', known := DATE '{day}') ORDER BY ALL"  # C27 asks so, on any day
    known = plain.stage.frame(asked)
    captures = tables["capture"].drop_nulls("taken_at")
    later = pl.col("taken_at") > _end(day)
    lists = captures.filter(later)["source"].unique().sort().to_list()
    lists = [source for source in lists if source in known["source"]]
    assert len(lists) > 1
    for source in lists:
        silent = captures.filter(~(later & (pl.col("source") == source)))
        seen_again = silent.filter(pl.col("source") == source).with_columns(
            taken_at=pl.lit(datetime(2025, 2, 24), pl.Datetime("us")),
            outcome=pl.lit("unchanged"),
            sha256=pl.lit("made up"),
        )
        for changed in (silent, pl.concat([captures.filter(~later), seen_again])):
            plain.connection.execute("DROP TABLE history.capture")
            plain.stage.put("history.capture", changed)
            assert plain.stage.frame(asked).equals(known), (
                f"prices as of {day} saw when {source} was looked at after it"
            )
    plain.connection.execute("DROP TABLE history.capture")
    plain.stage.put("history.capture", tables["capture"])


def test_the_test_above_can_fail(tables: dict[str, pl.DataFrame], plain: World) -> None:
    day = date(2025, 2, 25)
    events = tables["event"].with_columns(
        known_at=pl.when(pl.col("event") == "mizuho-dissent").then(datetime(2025, 2, 24)).otherwise("known_at")
    )
    spec = catalog().claims["C03"]
    before, after = (world.answers([spec], day)["C03"] for world in (plain, World({**tables, "event": events})))
    assert not before.equals(after)


def test_prices_of_many_days_in_one_query_are_those_of_each_day(plain: World) -> None:
    """C04 is asked so: of offers at one price the one known first counts, whatever order a plan gives them in."""
    spec = catalog().claims["C04"]
    days = [date(2025, 2, 25), *(date(2026, 8, 1) + timedelta(days=n) for n in range(0, 32, 2))]
    found = evidence_on(plain.connection, claim_sql(spec), days, spec.id)
    for day in days:
        assert found[day].equals(evidence(plain.connection, claim_sql(spec), day, spec.id)), day
    assert len({frame.height for frame in found.values()}) > 1


def test_days_known_misses_no_day_on_which_an_answer_changes(plain: World) -> None:
    """Judging only on the days that reads() names gives every change: checked day by day over a stretch of time."""
    first, last = date(2025, 1, 20), date(2025, 5, 10)
    for sql, spec in {claim_sql(spec): spec for spec in SPECS}.items():
        # Prices are told in dollars at rates of every working day, which reads() leaves out on purpose; boards are too many days.
        if any(read.macro.startswith(("token_price", "model_price", "leaderboard")) for read in reads(sql)):
            continue
        named = set(plain.stage.days_known(reads(sql)))
        days = [first + timedelta(days=offset) for offset in range((last - first).days)]
        found = evidence_on(plain.connection, sql, days, spec.id)
        for before, day in pairwise(days):
            if day not in named:
                assert found[day].equals(found[before]), f"{spec.id} changed on {day}, and reads() does not name it"
