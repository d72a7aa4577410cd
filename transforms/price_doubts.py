"""Prices a list cannot mean: a seller's price ten times off what the same list says the model's own developer asks.

Lists mistake a unit for one seller at a time (a price by the character taken for one by the token, a nought lost), and
such a figure may lie well within the bounds of the source. Whoever resells a model asks between a seventh and nine times
its developer's price in everything seen so far, so a factor of ten is a slip. Only one capture is looked at: what is
doubted on a day rests on what the list said that day.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from config.contracts import Issue, Parsed
from config.specs import Catalog
from transforms import names

FACTOR = 10.0
_ROUNDING = 1e-9
REASON = "ten times off the developer's own price in the same list"
_SERIES = ("model", "token_kind", "currency")


def without_doubted(parsed: Parsed, source: str, on: date, catalog: Catalog) -> Parsed:
    """The same rows, the doubted prices as `absent` with their reason, and an issue for each of them.

    Plain input and output prices of known models are compared, as they stand on the day of the capture.
    """
    rows = parsed.rows.with_row_index("row")
    offers = _offers(rows, source, on, catalog)
    own = offers.filter(pl.col("provider") == pl.col("developer"))
    asked = own.group_by(_SERIES).agg(low=pl.col("value").min(), high=pl.col("value").max())
    doubted = (
        offers.filter(pl.col("provider") != pl.col("developer"))
        .join(asked, on=_SERIES)
        .filter(
            (pl.col("value") * FACTOR <= pl.col("low") * (1 + _ROUNDING))
            | (pl.col("value") >= pl.col("high") * FACTOR * (1 - _ROUNDING))
        )
        .sort("row")
    )
    if doubted.is_empty():
        return parsed
    issues = [
        Issue(
            REASON, one["locator"] or "",
            f"{one['provider']} {one['listing']} {one['token_kind']}: {one['value']:g} beside {one['low']:g} of {one['developer']}",
        )
        for one in doubted.iter_rows(named=True)
    ]  # fmt: skip
    is_doubted = pl.col("row").is_in(doubted["row"].to_list())
    kept = rows.with_columns(
        pl.when(~is_doubted).then("value").alias("value"),
        pl.when(~is_doubted).then("value_exact").alias("value_exact"),
        pl.when(is_doubted).then(pl.lit("absent")).otherwise("status").alias("status"),
        pl.when(is_doubted).then(pl.lit(f"quarantined: {REASON}")).otherwise("note").alias("note"),
    )
    return Parsed(kept.drop("row"), (*parsed.issues, *issues))


def _offers(rows: pl.DataFrame, source: str, on: date, catalog: Catalog) -> pl.DataFrame:
    """Plain prices of known models in force on the day, each with its model and that model's developer."""
    aliases = names.alias_frame(catalog)
    plain = rows.filter(
        pl.col("token_kind").is_in(["input", "output"]), pl.col("price_tier") == "standard",
        pl.col("status") == "reported", pl.col("valid_from").is_null() | (pl.col("valid_from") <= on),
        pl.col("listing").is_in(aliases["name"].to_list()),
    )  # fmt: skip
    named = plain.select(name="listing", source=pl.lit(source), provider="provider", on=pl.lit(on))
    developers = names.model_frame(catalog).select("model", "developer")
    return plain.with_columns(names.model_of(named, aliases).alias("model")).join(developers, on="model")
