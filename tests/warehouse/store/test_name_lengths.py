"""Names of absurd length: no text of a source that names something is longer than a name can be, and what is told stays short."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest
from places import FIXTURES_FOLDER

from config.contracts import DATASETS, INSTANT, Capture, Issue, Parsed
from config.errors import SourceChanged
from config.load import catalog
from config.specs import Rows, SourceSpec
from flows.steps.pipeline import parse
from warehouse.archive.captures import Logged
from warehouse.store.checks import check
from warehouse.store.facts import Store

FIXTURES = FIXTURES_FOLDER / "sources"
AT = datetime(2026, 11, 22, 4)
NAME = "x" * 1_000
PLAIN = {pl.String: "a", pl.Float64: 500.0, pl.Int64: 1, pl.Int32: 1, pl.Date: date(2026, 1, 2), pl.Boolean: True}
# Our own words, entered by hand.
OUR_WORDS = {"statement_en", "statement_zh"}


def source_of(dataset: str) -> SourceSpec:
    specs = (spec for spec in catalog().sources.values() if spec.dataset == dataset)
    return next(specs).model_copy(update={"bounds": (), "rows": Rows(min=1, max=10)})


def rows_of(dataset: str) -> pl.DataFrame:
    """Three rows that satisfy the contract, under three names."""
    names = {
        column.name: [AT if column.dtype == INSTANT else PLAIN[column.dtype]] * 3 for column in DATASETS[dataset].stated
    }
    days = {"rate_on": [date(2026, 1, day) for day in (2, 5, 6)]} if dataset == "fx_rate" else {}
    first = {} if days else {DATASETS[dataset].own[0].name: ["a", "b", "c"]}
    told = {**names, **days, **first, "status": ["reported"] * 3}
    rows = pl.DataFrame(told, schema_overrides=dict(DATASETS[dataset].stated_schema))
    return rows.with_columns(pl.lit("USD").alias(name) for name in rows.columns if name == "currency")


def cells() -> Iterator[tuple[str, str]]:
    for dataset in DATASETS.values():
        names = (column.name for column in dataset.stated if column.dtype == pl.String)
        yield from ((dataset.name, name) for name in names if name not in {*OUR_WORDS, "status", "note", "currency"})


@pytest.mark.parametrize(("dataset", "column"), [*cells()])
def test_a_row_with_a_name_longer_than_a_name_can_be_is_kept_out_and_told(dataset: str, column: str) -> None:
    spec, rows = source_of(dataset), rows_of(dataset)
    last = pl.int_range(pl.len()) == 2
    just = rows.with_columns(pl.when(last).then(pl.lit(NAME)).otherwise(column).alias(column))
    assert check(spec, Parsed(just), AT).issues == ()
    longer = rows.with_columns(pl.when(last).then(pl.lit(NAME + "x")).otherwise(column).alias(column))
    if dataset == "leaderboard_score":  # without the row nobody knows who leads
        with pytest.raises(SourceChanged, match=f"a text of 1,001 characters where a name is due, in {column}"):
            check(spec, Parsed(longer), AT)
        return
    checked = check(spec, Parsed(longer), AT)
    assert checked.rows.height == 2  # not even as an absence
    assert [issue.reason for issue in checked.issues] == [
        f"a text of 1,001 characters where a name is due, in {column}"
    ]
    assert max(len(issue.detail) + len(issue.locator) for issue in checked.issues) <= 4_100


def taken(source: str, scope: str, body: bytes) -> Store:
    """The store after that payload alone."""
    capture = Capture(source, scope, "https://example.org/a", "0" * 64, len(body), AT, AT)
    spec = (
        catalog()
        .sources[source]
        .model_copy(update={"rows": catalog().sources[source].rows.model_copy(update={"min": 1})})
    )
    store = Store.open(None)
    store.load(spec, Logged(capture, AT), check(spec, parse(body, capture, catalog()), AT))
    return store


def test_a_list_with_an_entry_of_a_million_characters_loses_that_entry_alone() -> None:
    body = json.loads((FIXTURES / "litellm_prices" / "2026-09-01.json").read_bytes())
    entry: dict[str, Any] = {"mode": "chat", "litellm_provider": "openai", "input_cost_per_token": 1e-06}
    whole = taken("litellm_prices", "", json.dumps(body).encode())
    said = taken("litellm_prices", "", json.dumps({**body, "m" * 1_000_000: entry}).encode())
    count = "SELECT count(*), max(length(listing)) FROM token_price"
    assert said.connection.execute(count).fetchall() == whole.connection.execute(count).fetchall()
    [(told, longest)] = said.connection.execute(
        "SELECT count(*), max(length(detail) + length(locator)) FROM issue WHERE reason LIKE 'a text of 1,000,000%'"
    ).fetchall()
    assert told == 1
    assert longest <= 4_100


def test_a_board_with_an_entrant_of_a_million_characters_is_refused() -> None:
    table = pl.read_parquet(io.BytesIO((FIXTURES / "arena_leaderboard" / "text_latest.parquet").read_bytes()))
    out = io.BytesIO()
    table.with_columns(model_name=pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("m" * 1_000_000)).otherwise("model_name")).write_parquet(out)  # fmt: skip
    with pytest.raises(SourceChanged, match="a text of 1,000,000 characters where a name is due, in entrant"):
        taken("arena_leaderboard", "arena_text", out.getvalue())


def test_what_is_told_of_a_source_stays_short() -> None:
    told = str(SourceChanged("a header: " + "x" * 1_000_000, source="s", place="/" + "y" * 1_000_000, remedy="look"))
    assert len(told) < 6_100
    assert told.endswith("Remedy: look")
    assert "1,000,010 characters" in told
    issue = Issue("reason", "/" + "y" * 1_000_000, "z" * 1_000_000)
    assert len(issue.locator) + len(issue.detail) < 4_200
