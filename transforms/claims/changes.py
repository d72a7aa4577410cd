"""Why a verdict may have changed: what is new in the evidence against the evidence before."""

from __future__ import annotations

import polars as pl

IDENTITY = ("series", "observed_on", "label")
FIGURES = ("value", "low", "high")

FIRST, NEW_PERIOD, REVISION, DEFINITION = "first", "new_period", "revision", "definition_change"
LATE, WITHDRAWN, TIME = "late_evidence", "superseded", "time_passed"


def cause_of(before: pl.DataFrame | None, after: pl.DataFrame) -> str:
    """One word for what changed between two answers of one evidence query (config.contracts.EVIDENCE).

    first: nothing before. new_period: a figure newer than all of its series. definition_change: the same figure in
    another unit. revision: the same figure with another value. late_evidence: a figure of an older day.
    superseded: figures left without a successor. time_passed: the evidence is the same.
    """
    if before is None:
        return FIRST
    old, new = (frame.unique(IDENTITY, keep="last", maintain_order=True) for frame in (before, after))
    newest = old.group_by("series").agg(pl.col("observed_on").max().alias("newest"))
    added = new.join(old, on=IDENTITY, how="anti", nulls_equal=True).join(newest, on="series", how="left")
    if not added.filter(pl.col("newest").is_null() | (pl.col("observed_on") > pl.col("newest"))).is_empty():
        return NEW_PERIOD
    both = new.join(old, on=IDENTITY, how="inner", nulls_equal=True, suffix="_before")
    if not both.filter(pl.col("unit").ne_missing(pl.col("unit_before"))).is_empty():
        return DEFINITION
    changed = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_before")) for name in FIGURES)
    if not both.filter(changed).is_empty():
        return REVISION
    if not added.is_empty():
        return LATE
    return WITHDRAWN if not before.equals(after) else TIME
