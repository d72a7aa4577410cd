"""From the evidence of every judged day to spans: each row once, with the days on which it was the answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from config.contracts import EVIDENCE

SPAN: pl.Schema = pl.Schema({**EVIDENCE, "from_on": pl.Date(), "until_on": pl.Date()})


def spans(told: Sequence[tuple[date, pl.DataFrame]], held: pl.DataFrame) -> pl.DataFrame:
    """Rows of SPAN: until_on is the first day on which the row was no longer evidence, null while it is.

    `told` are the newly judged days in order, with what the query gave (config.contracts.EVIDENCE); each stands until
    the next. `held` are the spans of earlier days that still hold: they are cut at the first day of `told`, and go on
    where the same row stands there.
    """
    days = [day for day, _ in told]
    rows = pl.concat(
        frame.select(list(EVIDENCE)).cast(EVIDENCE).unique().with_columns(at=pl.lit(number, pl.Int64))
        for number, (_, frame) in enumerate(told)
    )
    run = pl.col("at") - pl.col("at").rank("ordinal").over(list(EVIDENCE), order_by="at").cast(pl.Int64)
    runs = (
        rows.with_columns(run=run).group_by([*EVIDENCE, "run"]).agg(first=pl.col("at").min(), last=pl.col("at").max())
    )
    begins = pl.DataFrame({"at": range(len(days)), "day": days}, schema={"at": pl.Int64, "day": pl.Date})
    new = (
        runs.join(begins.rename({"at": "first", "day": "from_on"}), on="first", how="left")
        .with_columns(pl.col("last") + 1)
        .join(begins.rename({"at": "last", "day": "until_on"}), on="last", how="left")
        .select(list(SPAN))
    )
    return _joined(new, held, days[0]).sort(list(SPAN))


def _joined(new: pl.DataFrame, held: pl.DataFrame, first: date) -> pl.DataFrame:
    """The held spans up to `first`, those that go on there as one with the new span of the same row."""
    before = held.select(list(SPAN)).cast(SPAN).filter(pl.col("from_on") < first)
    reaching = before.filter(pl.col("until_on").is_null() | (pl.col("until_on") >= first))
    ended = before.filter(pl.col("until_on") < first)
    going_on = new.filter(pl.col("from_on") == first)
    begun = reaching.select(*EVIDENCE, pl.col("from_on").alias("begun_on"))
    joined = going_on.join(begun, on=list(EVIDENCE), how="left", nulls_equal=True)
    joined = joined.with_columns(pl.coalesce("begun_on", "from_on").alias("from_on")).select(list(SPAN))
    stopped = reaching.join(going_on.select(list(EVIDENCE)), on=list(EVIDENCE), how="anti", nulls_equal=True)
    stopped = stopped.with_columns(pl.lit(first).alias("until_on"))
    return pl.concat([ended, stopped, joined, new.filter(pl.col("from_on") != first)])
