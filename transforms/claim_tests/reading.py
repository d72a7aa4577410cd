"""Reading evidence rows: one series at a time, one unit only."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from config.errors import Refused
from transforms.claim_tests.outcome import Context

BY_SOURCE = (
    "_by_source"  # ends the name of a series that gives each source's own figure, for the verdict by that source
)
BESIDE = "beside"  # the series of rows that decide nothing and are shown with the verdict


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
    """The one quantity a series stands for, or None where it is not known. Refused when it is of several days: which is meant?"""
    found = rows(evidence, series, context)
    if found.is_empty():
        return None
    days = found["observed_on"].unique().sort()
    if len(days) > 1:
        raise _other_shape(context, f"one figure as {series!r}", f"{len(days)} of them, of {days[0]} to {days[-1]}")
    ends = found.select(low=pl.min_horizontal("low", "value").min(), high=pl.max_horizontal("high", "value").max()).row(
        0
    )
    newest = found.row(-1, named=True)
    return Reading(newest["value"], ends[0], ends[1], newest["unit"], newest["label"])


def source_of() -> pl.Expr:
    """The source of an evidence row: the first part of its evidence_id."""
    return pl.col("evidence").str.split(":").list.first()


def by_period(evidence: pl.DataFrame, series: str, context: Context) -> pl.DataFrame:
    """One row for each `observed_on`, the newest known, in order of time. Refused when two known at once differ: which is meant?"""
    found = rows(evidence, series, context)
    newest = found.filter(pl.col("known_at") == pl.col("known_at").max().over("observed_on"))
    twice = newest.group_by("observed_on").agg(pl.col("value").n_unique()).filter(pl.col("value") > 1)
    if not twice.is_empty():
        day = twice["observed_on"].min()
        raise _other_shape(
            context, f"one figure a period as {series!r}", f"{twice['value'].max()!r} different ones of {day!s}"
        )
    return found.unique("observed_on", keep="last", maintain_order=True).sort("observed_on")


def check_series(evidence: pl.DataFrame, expected: frozenset[str], context: Context) -> None:
    """Refused when the evidence has a series that the test does not read: what was meant to decide would decide nothing.

    `beside` is free to any claim: rows shown with the verdict.
    """
    unknown = sorted(set(evidence["series"]) - expected - {BESIDE})
    if unknown:
        reads = f"the series {', '.join(sorted(expected))}" if expected else "no series"
        raise _other_shape(context, reads, f"the series {', '.join(unknown)}")


def _other_shape(context: Context, expected: str, found: str) -> Refused:
    return Refused(
        f"the test {context.test} is fed another shape than it expects: it expects {expected}, and found {found}",
        source=context.claim_id,
        place=context.place,
        remedy="mend the claim's SQL, or take the test that reads this shape (docs/claims.md lists them); rows that are only to "
        f"be shown are the series {BESIDE!r}",
    )
