"""The ECB's euro reference rates: one table of all days since 1999, newest first, a column for each currency.

The payload is eurofxref-hist.zip (one CSV in it) or the bare CSV. A rate is units of the currency for one euro.
Only CURRENCIES are read: price lists quote in USD and CNY, and crosses with JPY and GBP tell a fault of one
column from one of the euro; every other column stays in the archive.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

import polars as pl

from config.contracts import FX_RATE, Capture, Issue, Parsed
from config.errors import SourceChanged
from config.specs import Catalog, SourceSpec

CURRENCIES = ("USD", "CNY", "JPY", "GBP")
MAX_TABLE_BYTES = 50_000_000
BASIS = "rate_date_end_frankfurt"

_ISO_4217 = re.compile(r"[A-Z]{3}")
_REMEDY = "open the address: the ECB may have moved the file or changed its columns"


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of fx_rate, base EUR; known_at is the end of the rate's day in Frankfurt, as naive UTC.

    N/A is a day without a rate. Raises SourceChanged when the payload is not the table.
    """
    spec = catalog.sources[capture.source]
    table = _table(payload, spec)
    names = [name for name in table.columns if name != "Date"]
    issues = [
        Issue("unknown column", name[:80], "not a currency code", "notice")
        for name in names
        if name and not _ISO_4217.fullmatch(name)
    ]
    cells = _cells(table)
    faulty = cells.filter(pl.col("fault").is_not_null())
    issues += [
        Issue(fault, at, repr((day, text))[:200])
        for fault, at, day, text in faulty.select("fault", "locator", "Date", "value_exact").iter_rows()
    ]
    rows = cells.filter(pl.col("fault").is_null()).with_columns(
        base_currency=pl.lit("EUR"),
        known_at=_end_of_day(pl.col("rate_on"), spec.known_at.zone),
        known_at_basis=pl.lit(BASIS),
        document_id=pl.format("eurofxref-{}", pl.col("rate_on")),
        source_url=pl.lit(capture.url),
        evidence_tier=pl.lit(spec.tier, dtype=pl.Int32),
    )
    return Parsed(FX_RATE.complete(rows), tuple(issues))


def _table(payload: bytes, spec: SourceSpec) -> pl.DataFrame:
    text = _unzipped(payload, spec) if payload[:4] == b"PK\x03\x04" else payload
    try:
        table = pl.read_csv(text, infer_schema=False, encoding="utf8")
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise SourceChanged(f"not readable as CSV: {error}", source=spec.id, remedy=_REMEDY) from error
    table = table.rename({name: name.strip().removeprefix("\ufeff") for name in table.columns})
    if missing := [name for name in ("Date", *CURRENCIES) if name not in table.columns]:
        raise SourceChanged(f"the table has no column {', '.join(missing)}", source=spec.id, remedy=_REMEDY)
    return table


def _unzipped(payload: bytes, spec: SourceSpec) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            names = archive.namelist()
            if len(names) != 1 or not names[0].lower().endswith(".csv"):
                raise SourceChanged(f"not one CSV in the zip: {names[:5]}", source=spec.id, remedy=_REMEDY)
            with archive.open(names[0]) as member:
                text = member.read(MAX_TABLE_BYTES + 1)  # the size a zip states of itself proves nothing
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError, zlib.error) as error:
        raise SourceChanged(f"not a readable zip: {error}", source=spec.id, remedy=_REMEDY) from error
    if len(text) > MAX_TABLE_BYTES:
        raise SourceChanged(f"the table is larger than {MAX_TABLE_BYTES} bytes", source=spec.id, remedy=_REMEDY)
    return text


def _cells(table: pl.DataFrame) -> pl.DataFrame:
    """One row for each stated rate of CURRENCIES, with `fault` where it must not be taken."""
    cells = (
        table.select("Date", *CURRENCIES)
        .with_row_index("line", offset=2)
        .unpivot(index=["line", "Date"], variable_name="quote_currency", value_name="value_exact")
        .with_columns(pl.col("value_exact").str.strip_chars(), pl.col("Date").str.strip_chars())
        .filter(~pl.col("value_exact").fill_null("").is_in(["", "N/A"]))
        .with_columns(
            rate_on=pl.col("Date").str.to_date("%Y-%m-%d", strict=False),
            value=pl.col("value_exact").cast(pl.Float64, strict=False),
            locator=pl.format("line {}, column {}", "line", "quote_currency"),
        )
    )
    twice = pl.struct("rate_on", "quote_currency").is_duplicated()
    return cells.with_columns(
        fault=pl.when(pl.col("rate_on").is_null())
        .then(pl.lit("not a date"))
        .when(pl.col("value").is_null() | ~pl.col("value").is_finite())
        .then(pl.lit("not a number"))
        .when(pl.col("value") <= 0)
        .then(pl.lit("rate not above zero"))
        .when(twice)
        .then(pl.lit("day stated twice"))
    ).sort("rate_on", "quote_currency", "line")


def _end_of_day(day: pl.Expr, zone: str) -> pl.Expr:
    """The end of a day in `zone` (the midnight that follows), as a naive UTC instant."""
    midnight = day.dt.offset_by("1d").cast(pl.Datetime("us")).dt.replace_time_zone(zone)
    return midnight.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
