"""Prices a list cannot mean: a seller's price ten times off what the same list says the model's own developer asks.

Lists mistake a unit for one seller at a time (a price by the character taken for one by the token, a nought lost), and
such a figure may lie well within the bounds of the source. Whoever resells a model asks between a seventh and nine times
its developer's price in everything seen so far, so a factor of ten is a slip. It may be the developer's price that is the
slip: of the two the one is doubted that fewer of the other sellers agree with, and the reseller's where neither has more.
Only one capture is looked at: what is doubted on a day rests on what the list said that day.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from config.contracts import Issue, Parsed
from config.specs import Catalog
from transforms import names

FACTOR = 10.0
AGREEING = FACTOR**0.5
_ROUNDING = 1e-9
OF_HOST = "ten times off the developer's own price in the same list"
OF_DEVELOPER = "ten times off what other sellers ask in the same list"
_SERIES = ("model", "token_kind", "currency")


def without_doubted(parsed: Parsed, source: str, on: date, catalog: Catalog) -> Parsed:
    """The same rows, the doubted prices as `absent` with their reason, and an issue for each of them.

    Plain input and output prices of known models are compared, as they stand on the day of the capture.
    """
    rows = parsed.rows.with_row_index("row")
    doubted = _doubted(_offers(rows, source, on, catalog))
    if doubted.is_empty():
        return parsed
    issues = [
        Issue(
            one["reason"], one["locator"] or "",
            f"{one['provider']} {one['listing']} {one['token_kind']}: {one['value']:g} beside {one['other']:g} of {one['asked_by']}",
        )
        for one in doubted.iter_rows(named=True)
    ]  # fmt: skip
    reason = rows.select("row").join(doubted.select("row", "reason"), on="row", how="left", maintain_order="left")[
        "reason"
    ]
    is_doubted = reason.is_not_null()
    kept = rows.with_columns(
        pl.when(~is_doubted).then("value").alias("value"),
        pl.when(~is_doubted).then("value_exact").alias("value_exact"),
        pl.when(is_doubted).then(pl.lit("absent")).otherwise("status").alias("status"),
        pl.when(is_doubted).then(pl.lit("quarantined: ") + reason).otherwise("note").alias("note"),
    )
    return Parsed(kept.drop("row"), (*parsed.issues, *issues))


def _doubted(offers: pl.DataFrame) -> pl.DataFrame:
    """The rows that are doubted, once each: row, locator, provider, listing, token_kind, value, reason, and the price
    against them (`other`, of `asked_by`)."""
    own = offers.filter(pl.col("provider") == pl.col("developer"))
    hosts = offers.filter(pl.col("provider") != pl.col("developer"))
    asked = own.group_by(_SERIES).agg(low=pl.col("value").min(), high=pl.col("value").max())
    far = (
        hosts.join(asked, on=_SERIES)
        .with_columns(own=pl.when(pl.col("value") < pl.col("low")).then("low").otherwise("high"))
        .filter(~_within(FACTOR * (1 - _ROUNDING), "value", "own"))
    )
    if far.is_empty():
        return far
    votes = (
        far.select("row", *_SERIES, "provider", "value", "own")
        .join(hosts.select(*_SERIES, voter="provider", vote="value"), on=_SERIES)
        .filter(pl.col("voter") != pl.col("provider"))
        .group_by("row")
        .agg(
            for_host=pl.col("voter").filter(_within(AGREEING, "vote", "value")).n_unique(),
            for_own=pl.col("voter").filter(_within(AGREEING, "vote", "own")).n_unique(),
        )
    )
    judged = far.join(votes, on="row", how="left").with_columns(
        own_is_slip=(pl.col("for_host") > pl.col("for_own")).fill_null(False)
    )
    of_hosts = judged.filter(~pl.col("own_is_slip")).with_columns(
        other="own", asked_by="developer", reason=pl.lit(OF_HOST)
    )
    against = judged.filter("own_is_slip").select(*_SERIES, other="value", asked_by="provider")
    of_own = (
        own.join(against, on=_SERIES)
        .filter(~_within(FACTOR * (1 - _ROUNDING), "value", "other"))
        .with_columns(reason=pl.lit(OF_DEVELOPER))
        .sort("row", "other", "asked_by")
        .unique("row", keep="first", maintain_order=True)
    )
    named = ("row", "locator", "provider", "listing", "token_kind", "value", "other", "asked_by", "reason")
    return pl.concat([of_hosts.select(named), of_own.select(named)]).sort("row")


def _within(factor: float, one: str, other: str) -> pl.Expr:
    """Neither price is `factor` times the other."""
    return (pl.col(one) < pl.col(other) * factor) & (pl.col(other) < pl.col(one) * factor)


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
