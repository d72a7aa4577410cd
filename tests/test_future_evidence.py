"""Nothing that becomes known after t moves a verdict as of t or before: several hundred changes of the future, every claim.

A staged file is built once from the hand-entered files and a few figures of companies and boards. Each mutation changes,
adds or deletes rows that became known after a day; the views are built anew over the changed rows; the evidence of the
claims that read the changed table must be what it was, to the bit, on that day.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from config.load import catalog
from config.settings import Settings
from flows.deriving import derive_facts
from flows.pipeline import Pipeline
from flows.steps import Progress, enter_analyst_files, load_pending
from warehouse.evidence import claim_sql, evidence
from warehouse.reads import reads
from warehouse.stage import Stage
from warehouse.store import Store

SPECS = list(catalog().claims.values())
DAYS = [date(2024, 6, 30), date(2025, 2, 25), date(2025, 7, 29), date(2025, 10, 28), date(2026, 1, 28)]
MUTATIONS = 320
KINDS = ("change", "delete", "add", "bring_forward")
BASES = {"company_period": "company_fact", "event_state": "event", "guidance_state": "guidance"}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A staged file with the raw rows of the hand-entered files."""
    pipeline = Pipeline.open(Settings(home=tmp_path_factory.mktemp("future"), offline=True))
    enter_analyst_files(pipeline)
    store = Store.open(pipeline.home.store)
    load_pending(pipeline, store, lambda _: None, Progress())
    store.close()
    stage = Stage.begin(pipeline.home, pipeline.catalog.sources, datetime(2026, 11, 23))
    yield stage
    stage.connection.close()


class World:
    """The views over some raw rows, in memory, and the evidence of every claim on a day."""

    def __init__(self, tables: dict[str, pl.DataFrame]) -> None:
        self.connection = duckdb.connect(":memory:", config={"threads": "1"})
        self.connection.execute("CREATE SCHEMA history")
        stage = Stage(self.connection, Path(), "", datetime(2026, 11, 23))
        for name, frame in tables.items():
            stage.put(f"history.{name}", frame)
        derive_facts(stage, catalog())
        self.stage = stage

    def answers(self, specs: list[object], day: date) -> dict[str, pl.DataFrame]:
        return {spec.id: evidence(self.connection, claim_sql(spec), day, spec.id) for spec in specs}  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def tables(base: Stage) -> dict[str, pl.DataFrame]:
    listed = base.frame("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'history'")["table_name"]
    return {name: base.frame(f"FROM history.{name}") for name in listed if name not in ("last_known",)}


def _mutated(frame: pl.DataFrame, after: datetime, chance: random.Random) -> pl.DataFrame | None:
    """The rows with one change to what became known after `after`; None where nothing did."""
    later = [index for index, known in enumerate(frame["known_at"]) if known > after]
    if not later:
        return None
    index, kind = chance.choice(later), chance.choice(KINDS)
    rows = frame.to_dicts()
    row = dict(rows[index])
    if kind == "delete":
        del rows[index]
    elif kind == "change":
        row["value"] = (row["value"] or 1.0) * chance.choice([-3.0, 0.5, 1000.0])
        rows[index] = row
    elif kind == "bring_forward":  # earlier than it was, and still after the day
        row["known_at"] = after + timedelta(minutes=1)
        rows[index] = row
    else:
        rows.append({**row, "document_id": "made up", "value": 123456.0, "known_at": after + timedelta(seconds=1)})
    return pl.DataFrame(rows, schema=frame.schema)


def test_no_mutation_of_the_future_moves_an_answer_of_the_past(tables: dict[str, pl.DataFrame]) -> None:
    chance = random.Random(20250225)  # noqa: S311  repeatable, not secret
    plain = World(tables)
    by_table = {
        table: [spec for spec in SPECS if any(table in read.tables for read in reads(claim_sql(spec)))]
        for table in BASES
    }
    known = {day: plain.answers(SPECS, day) for day in DAYS}
    assert sum(frame.height for frame in known[DAYS[-1]].values()) > 250
    moved_later = done = 0
    batch = 8  # so many mutations of one table at once: each must be harmless, so must all of them
    while done < MUTATIONS:
        table, day = chance.choice(list(BASES)), chance.choice(DAYS)
        after = datetime.combine(day, datetime.max.time())
        frame = tables[BASES[table]]
        for _ in range(batch):
            frame = _mutated(frame, after, chance) if frame is not None else None
        if frame is None:
            continue
        world = World({**tables, BASES[table]: frame})
        for claim_id, rows in world.answers(by_table[table], day).items():
            assert rows.equals(known[day][claim_id]), f"{claim_id} as of {day} saw the future of {table}"
        probe = chance.choice(by_table[table])
        moved_later += not world.answers([probe], date(2026, 11, 22))[probe.id].equals(
            plain.answers([probe], date(2026, 11, 22))[probe.id]
        )
        world.connection.close()
        done += batch
    assert moved_later > 0  # the mutations do reach the answers of later days


def test_the_test_above_can_fail(tables: dict[str, pl.DataFrame]) -> None:
    day = date(2025, 2, 25)
    events = tables["event"].with_columns(
        known_at=pl.when(pl.col("event") == "mizuho-dissent").then(datetime(2025, 2, 24)).otherwise("known_at")
    )
    spec = catalog().claims["C03"]
    before, after = (World(world).answers([spec], day)["C03"] for world in (tables, {**tables, "event": events}))
    assert not before.equals(after)


def test_days_known_misses_no_day_on_which_an_answer_changes(tables: dict[str, pl.DataFrame]) -> None:
    """Judging only on the days that reads() names gives every change: checked day by day over a stretch of time."""
    world = World(tables)
    first, last = date(2025, 1, 20), date(2025, 5, 10)
    for spec in SPECS:
        sql = claim_sql(spec)
        if any("token_price" in read.macro or "leaderboard" in read.macro for read in reads(sql)):
            continue
        named = set(world.stage.days_known(reads(sql)))
        before = evidence(world.connection, sql, first, spec.id)
        for offset in range(1, (last - first).days):
            day = first + timedelta(days=offset)
            found = evidence(world.connection, sql, day, spec.id) if day.day % 3 == 0 or day in named else None
            if found is None:
                continue
            if day not in named:
                assert found.equals(before), (
                    f"{spec.id} changed on {day}, or the two days before, and reads() names none"
                )
            before = found
