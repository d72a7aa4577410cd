"""Company facts as the store holds them, and the as-of rule in Python: what the SQL macros do, written twice."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from places import FIXTURES_FOLDER, SHARED_DATA

from config.contracts import INSTANT, Capture, Parsed
from config.load import catalog
from transforms.sources.sec_companyfacts import parse

FIXTURES = FIXTURES_FOLDER / "sources" / "sec_companyfacts"
SHARED = SHARED_DATA
LOADED_AT = datetime(2026, 11, 22, 3)
SERIES = ["company", "metric", "definition", "unit", "dimensions", "source", "period_kind", "fiscal_year"]
LAST_WINS = ["known_at", "preference", "decimals", "document_id", "capture_sha256", "locator"]


def capture(scope: str) -> Capture:
    return Capture("sec_companyfacts", scope, "", "0" * 64, 1, LOADED_AT, LOADED_AT)


def read(path: Path, ticker: str) -> Parsed:
    return parse(path.read_bytes(), capture(ticker), catalog())


def loaded(rows: pl.DataFrame, scope: str, sha256: str = "0" * 64) -> pl.DataFrame:
    return rows.with_columns(
        pl.lit("sec_companyfacts").alias("source"),
        pl.lit(scope).alias("scope"),
        pl.lit(sha256).alias("capture_sha256"),
        pl.lit(LOADED_AT, INSTANT).alias("captured_at"),
        pl.lit(LOADED_AT, INSTANT).alias("first_seen_at"),
    )


def document(tag: str, *facts: dict[str, Any], cik: int = 1018724, unit: str = "USD") -> bytes:
    """Company facts of one tag in one unit, and what `document_of` adds."""
    return document_of(cik, {tag: {unit: facts}})


def document_of(cik: int, tags: Mapping[str, Mapping[str, Sequence[dict[str, Any]]]]) -> bytes:
    """Company facts by tag and unit, beside enough of another tag for a document to count as one."""
    padding = [
        {"end": f"2015-{month:02d}-{day:02d}", "val": day, "accn": f"{cik:010d}-16-000099", "form": "10-K", "filed": "2016-03-01"}
        for month in range(1, 7) for day in range(1, 14)
    ]  # fmt: skip
    stated = {tag: {"units": {unit: list(rows) for unit, rows in units.items()}} for tag, units in tags.items()}
    stated["Padding"] = {"units": {"pure": padding}}
    return json.dumps({"cik": cik, "entityName": "x", "facts": {"us-gaap": stated}}).encode()


def fixture_facts(*tickers: str) -> pl.DataFrame:
    return pl.concat([loaded(read(FIXTURES / f"{ticker}.json", ticker).rows, ticker) for ticker in tickers])


def as_of(periods: pl.DataFrame, instant: datetime) -> pl.DataFrame:
    """The row of each series and fiscal period that holds at an instant."""
    known = periods.filter((pl.col("known_at") <= instant) & pl.col("metric").is_not_null())
    return known.sort(LAST_WINS).unique([*SERIES, "fiscal_quarter"], keep="last", maintain_order=True)


def figure(
    periods: pl.DataFrame, company: str, metric: str, period: tuple[int, int | None], instant: datetime
) -> float | None:
    """The value of a fiscal quarter, or of a fiscal year where the quarter is None, known at an instant."""
    year, quarter = period
    kinds = ["year"] if quarter is None else ["quarter", "instant"]
    rows = as_of(periods, instant).filter(
        (pl.col("company") == company)
        & (pl.col("metric") == metric)
        & pl.col("period_kind").is_in(kinds)
        & (pl.col("fiscal_year") == year)
        & pl.col("fiscal_quarter").eq_missing(pl.lit(quarter, pl.Int32))
    )
    assert rows.height <= 1, rows
    return rows["value"][0] if rows.height else None
