"""Reading evidence rows: one series at a time, one unit only."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from config.errors import Refused
from transforms.claim_tests.outcome import Context

BY_SOURCE = (
    "_by_source"  # ends the name of a series that gives each source's own figure, for the verdict by that source
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One quantity: the newest known value, and the range over its interval and over rows that disagree."""

    value: float
    low: float
    high: float
    unit: str
    label: str


def rows(evidence: pl.DataFrame, series: str, context: Context) -> pl.DataFrame:
    """The rows of one series, oldest knowledge first. Refused when they mix units: arithmetic across units is none."""
    found = evidence.filter(pl.col("series") == series)
    units = found["unit"].unique().sort().to_list()
    if len(units) > 1:
        raise Refused(
            f"the evidence of the series {series!r} mixes the units {', '.join(map(str, units))}",
            source=context.claim_id,
            place=context.place,
            remedy="filter one unit and one definition in the claim's SQL",
        )
    return found.sort("known_at", "evidence", maintain_order=True)


def reading(evidence: pl.DataFrame, series: str, context: Context) -> Reading | None:
    """The one quantity a series stands for, or None where it is not known."""
    found = rows(evidence, series, context)
    if found.is_empty():
        return None
    ends = found.select(low=pl.min_horizontal("low", "value").min(), high=pl.max_horizontal("high", "value").max()).row(
        0
    )
    newest = found.row(-1, named=True)
    return Reading(newest["value"], ends[0], ends[1], newest["unit"], newest["label"])


def source_of() -> pl.Expr:
    """The source of an evidence row: the first part of its evidence_id."""
    return pl.col("evidence").str.split(":").list.first()


def by_period(evidence: pl.DataFrame, series: str, context: Context) -> pl.DataFrame:
    """One row for each `observed_on`, the newest known, in order of time."""
    found = rows(evidence, series, context)
    return found.unique("observed_on", keep="last", maintain_order=True).sort("observed_on")
