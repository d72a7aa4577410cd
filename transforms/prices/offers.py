"""One price of a capture as the doubts see it, and what speaks against it.

A list has some thousand prices, of which a handful are doubted: they are compared one by one. Each step over a whole frame
costs as much as a hundred of these comparisons, and the doubts took a hundred steps.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from math import log10
from typing import NamedTuple

import polars as pl

FACTOR = 10.0
DEAR = 99.0  # USD a million; a handful of models are dearer
STANDARD = "standard"
INPUT, OUTPUT = PLAIN = ("input", "output")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_DATED = re.compile(r"-(?:\d{4}-?\d{2}-?\d{2}|latest)\Z")


class Offer(NamedTuple):
    """A price in force; `value` is in `currency` per million tokens. Equal ones of a capture are doubted alike."""

    provider: str
    listing: str
    token_kind: str
    price_tier: str
    currency: str
    valid_from: date | None
    alias_of: str | None
    value: float


class Doubt(NamedTuple):
    """Why an offer is not believed, and the price against it."""

    offer: Offer
    reason: str
    other: float
    asked_by: str


def offers_of(rows: pl.DataFrame) -> tuple[list[int], list[Offer]]:
    """The prices among rows of token_price: the number of the row of each, and what it says."""
    priced = rows.lazy().with_row_index("row").filter(pl.col("status") == "reported", pl.col("value").is_not_null())
    numbers, *said = (column.to_list() for column in priced.select("row", *Offer._fields).collect())
    return numbers, [*map(Offer._make, zip(*said, strict=True))]


@lru_cache(maxsize=16384)
def bare(listing: str) -> str:
    """The name without what lists put before it, in kebab."""
    return _NOT_WORD.sub("-", listing.rpartition("/")[2].lower())


@lru_cache(maxsize=16384)
def undated(listing: str) -> str:
    """The name without the day of a version."""
    return _DATED.sub("", listing)


def family(offer: Offer) -> str:
    """The name that a price's listing, or what that stands for, shares with the same model's of other sellers and other days."""
    return _family(offer.alias_of or offer.listing)


@lru_cache(maxsize=16384)
def _family(listing: str) -> str:
    return undated(bare(listing))


def times(one: float, other: float) -> float:
    """How many times the other the one is."""
    return one / other if other else float("inf")


def apart(one: float, other: float) -> float:
    """How many times the dearer of two prices is the cheaper, a rounding error aside."""
    return times(max(one, other), min(one, other)) * (1 + 1e-9)


def slip_of_two(one: float, other: float) -> bool:
    """Of two prices alone the first is the slip: a thousand times apart and further from a dollar, for units slip by thousands, or
    a hundred times the other and above what but a few models ever cost.
    """
    if min(one, other) <= 0:
        return False
    far = apart(one, other)
    return (far >= 1000 and abs(log10(one)) > abs(log10(other))) or (far >= 100 and one > max(other, DEAR))


def within(factor: float, one: float, other: float) -> bool:
    """Neither price is `factor` times the other."""
    return one < other * factor and other < one * factor
