"""Prices a list cannot mean: a seller's price ten times off what the same list says the model's own developer asks.

Lists mistake a unit for one seller at a time (a price by the character taken for one by the token, a nought lost), and
such a figure may lie well within the bounds of the source. Whoever resells a model asks between a seventh and nine times
its developer's price in everything seen so far, so a factor of ten is a slip. It may be the developer's price that is the
slip: it is doubted where more voices (resellers, other listings of the developer's for that model or a dated version of
it) agree on another than with it, itself counted. One against one, a thousand times apart, the price that is further from a
dollar is the slip, for units slip by thousands. Otherwise the reseller's is.
Only one capture is looked at: what is doubted on a day rests on what the list said that day.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from config.contracts import Issue, Parsed
from config.specs import Catalog
from transforms.prices import model_names
from transforms.prices.other_offers import against_others
from transforms.prices.slips import TOO_CHEAP, TOO_DEAR, beyond_all, slips

FACTOR = 10.0
AGREEING = FACTOR**0.5
FAR = FACTOR * (1 - 1e-9)
OF_HOST = "ten times off the developer's own price in the same list"
OF_DEVELOPER = "ten times off what other sellers ask in the same list"
OF_LISTING = "input and output of its listing are ten times off"
_SERIES = ("model", "token_kind", "currency")
_DATED = r"-(?:\d{4}-?\d{2}-?\d{2}|latest)$"
_LOOKED_AT = (
    "row",
    "provider",
    "listing",
    "token_kind",
    "price_tier",
    "currency",
    "valid_from",
    "alias_of",
    "value",
    "locator",
)
_NAMED = ("row", "locator", "provider", "listing", "token_kind", "value", "other", "asked_by", "reason")


def without_doubted(parsed: Parsed, source: str, on: date, catalog: Catalog) -> Parsed:
    """The same rows, the doubted prices as `absent` with their reason, and an issue for each of them.

    Plain input and output prices of known models are compared, as they stand on the day of the capture.
    """
    rows = parsed.rows.with_row_index("row")
    priced = rows.select("status", *_LOOKED_AT).filter(pl.col("status") == "reported").drop("status")
    # A slip within a listing is no voice about what others ask.
    developers = {model.developer for model in catalog.models.values()}
    slipped = pl.concat([slips(priced), against_others(priced, developers), beyond_all(priced)]).unique(
        "row", keep="first", maintain_order=True
    )
    own = (
        priced.filter(pl.col("row").is_in(slipped["row"].implode()))
        .join(slipped, on="row", maintain_order="left")
        .select(_NAMED)
    )
    beside = _doubted(_offers(priced, slipped, source, on, catalog))
    doubted = pl.concat([own, beside])
    units = doubted.filter(pl.col("reason").is_in([OF_HOST, OF_DEVELOPER, TOO_CHEAP, TOO_DEAR]))
    if units.height:
        doubted = pl.concat([doubted, _whole_listings(priced, doubted, units)])
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
        pl.when(is_doubted).then(pl.lit("quarantined")).otherwise("absence").alias("absence"),
        pl.when(is_doubted).then(pl.lit("quarantined: ") + reason).otherwise("note").alias("note"),
    )
    return Parsed(kept.drop("row"), (*parsed.issues, *issues))


def _doubted(offers: pl.DataFrame) -> pl.DataFrame:
    """The rows that are doubted, once each: row, locator, provider, listing, token_kind, value, reason, and the price
    against them (`other`, of `asked_by`)."""
    own = offers.filter(pl.col("provider") == pl.col("developer"))
    hosts = offers.filter(pl.col("provider") != pl.col("developer"))
    of_own = _outvoted(own, hosts)
    believed = own.join(of_own, on="row", how="anti")
    asked = believed.group_by(_SERIES).agg(low=pl.col("value").min(), high=pl.col("value").max())
    of_hosts = (
        hosts.join(asked, on=_SERIES)
        .with_columns(other=pl.when(pl.col("value") < pl.col("low")).then("low").otherwise("high"))
        .filter(~_within(FAR, "value", "other"))
        .with_columns(asked_by="developer", reason=pl.lit(OF_HOST))
    )
    return pl.concat([of_hosts.select(_NAMED), of_own.select(_NAMED)]).sort("row")


def _outvoted(own: pl.DataFrame, hosts: pl.DataFrame) -> pl.DataFrame:
    """The developer's own rows that are ten times off what more voices agree on than agree with the row, itself counted.

    A voice is another seller of that model, or another listing of the developer's for it or for a dated version of it.
    """
    named = own.with_columns(family=pl.col("listing").str.replace(_DATED, ""))
    kin = ("family", "token_kind", "currency")
    others = named.select(*kin, voice="listing", asked_by="provider", vote="value")
    sellers = hosts.select(*_SERIES, voice="provider", asked_by="provider", vote="value")
    heard = ("row", "listing", "value", "voice", "asked_by", "vote")
    met = pl.concat([named.join(others, on=kin).select(heard), own.join(sellers, on=_SERIES).select(heard)]).filter(
        pl.col("voice") != pl.col("listing")
    )
    believing = met.filter(_within(AGREEING, "vote", "value")).group_by("row").agg(agreeing=pl.col("voice").n_unique())
    against = met.filter(~_within(FAR, "vote", "value"))
    with_it = against.join(met.select("row", ally="voice", beside="vote"), on="row").filter(
        _within(AGREEING, "vote", "beside")
    )
    return (
        with_it.group_by("row", "vote", "asked_by")
        .agg(allies=pl.col("ally").n_unique())
        .join(believing, on="row", how="left")
        .join(own.select("row", "value"), on="row")
        .filter(
            (pl.col("allies") > 1 + pl.col("agreeing").fill_null(0))
            | ((pl.col("allies") == 1 + pl.col("agreeing").fill_null(0)) & _slipped_by_thousands("value", "vote"))
        )
        .drop("value")
        .sort("row", "allies", "vote", "asked_by", descending=[False, True, False, False])
        .unique("row", keep="first", maintain_order=True)
        .join(own, on="row")
        .with_columns(other="vote", reason=pl.lit(OF_DEVELOPER))
    )


def _whole_listings(priced: pl.DataFrame, doubted: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """The other prices of a listing whose input and output are both doubted: a slip of the unit is one of them all."""
    found = units.select("provider", "listing", "token_kind", "asked_by", other="value")
    both = found.group_by("provider", "listing").agg(
        pl.col("token_kind").n_unique(), pl.col("other").first(), pl.col("asked_by").first()
    )
    return (
        priced.join(doubted, on="row", how="anti")
        .join(both.filter(pl.col("token_kind") == 2).drop("token_kind"), on=["provider", "listing"])
        .with_columns(asked_by=pl.lit("its own input or output, doubted too"), reason=pl.lit(OF_LISTING))
        .select(_NAMED)
    )


def _within(factor: float, one: str, other: str) -> pl.Expr:
    """Neither price is `factor` times the other."""
    return (pl.col(one) < pl.col(other) * factor) & (pl.col(other) < pl.col(one) * factor)


def _slipped_by_thousands(one: str, other: str) -> pl.Expr:
    """The prices are a thousand times apart, and the first is further from a dollar."""
    apart = (pl.col(one).log(10) - pl.col(other).log(10)).abs() >= 3 * (1 - 1e-9)
    return apart & (pl.col(one).log(10).abs() > pl.col(other).log(10).abs())


def _offers(priced: pl.DataFrame, slipped: pl.DataFrame, source: str, on: date, catalog: Catalog) -> pl.DataFrame:
    """Plain prices of known models in force on the day that have not slipped, each with its model and that model's developer."""
    plain = priced.lazy().filter(
        pl.col("token_kind").is_in(["input", "output"]), pl.col("price_tier") == "standard",
        pl.col("valid_from").is_null() | (pl.col("valid_from") <= on), ~pl.col("row").is_in(slipped["row"].implode()),
    )  # fmt: skip
    meant = model_names.meant_on(source, on, catalog).lazy()
    of_seller = pl.col("seller").is_null() | (pl.col("seller") == pl.col("provider"))
    named = plain.join(meant, left_on="listing", right_on="name", maintain_order="left")
    return named.filter(of_seller).drop("seller").collect()
