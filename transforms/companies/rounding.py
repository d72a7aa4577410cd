"""Whether two figures are one figure, rounded differently: 40.9 billion and 40,912 million.

How finely a figure was rounded stands in no company fact: the zeros it ends in tell, up to hundreds of millions (a
tenth of a billion, as releases write). Figures that lie further apart than half a per cent are never one.
"""

from __future__ import annotations

from functools import cache

import polars as pl

COARSEST = 10**8
LARGEST_SHARE = 0.005
ROUNDED_HALF = 1 + 1e-9  # binary fractions of a decimal half


def alike(one: float, other: float) -> bool:
    """Equal, or one of them is the rounded form of the other."""
    if one == other:
        return True
    spread = abs(one - other)
    return spread <= LARGEST_SHARE * max(abs(one), abs(other)) and spread <= 0.5 * max(_grain(one), _grain(other))


# Both are built once: the parts of such an expression take longer to put together than it takes over a company's figures.
@cache
def alike_columns(one: str, other: str) -> pl.Expr:
    """The same over two columns of numbers; NULL where one is."""
    first, second = pl.col(one), pl.col(other)
    spread = (first - second).abs()
    small = spread <= LARGEST_SHARE * pl.max_horizontal(first.abs(), second.abs())
    return (first == second) | (small & (spread <= 0.5 * pl.max_horizontal(grain(one), grain(other))))


def contradicted(context: list[str], *, unstated: int) -> pl.Expr:
    """Whether a figure stands with another that cannot be meant with it, over columns value and decimals (XBRL sense).

    Of the figures of one context in one filing the finest counts; every other must be it, rounded to its own decimals. Where
    one is not, or two are finest, none of them is to be believed. What states no decimals must be equal.
    """
    finest = pl.col("value").sort_by("decimals", "value").last().over(context)
    rounding = pl.when(pl.col("decimals") > unstated).then(0.5 * pl.lit(10.0).pow(-pl.col("decimals"))).otherwise(0.0)
    off = (pl.col("value") - finest).abs() > rounding * ROUNDED_HALF
    most = pl.col("decimals").max().over(context)
    rivals = pl.col("value").filter(pl.col("decimals") == most).n_unique().over(context) > 1
    return off.any().over(context) | rivals


@cache
def grain(name: str) -> pl.Expr:
    """The largest power of ten, up to COARSEST, that divides a column's number; 0 for one with a fraction."""
    column = pl.col(name)
    found = pl.when(column % 1 == 0).then(1.0).otherwise(0.0)
    step = 10
    while step <= COARSEST:
        found = pl.when(column % step == 0).then(float(step)).otherwise(found)
        step *= 10
    return found


def _grain(value: float) -> int:
    step = COARSEST
    while step > 1 and value % step:
        step //= 10
    return 0 if step == 1 and value % 1 else step
