"""Prices that the other offers of one capture speak against: other sellers of the same name, the same model's longer sibling.

A seller whose every price is 6.5 to 7.5 times the developer's, or whose counterpart in China asks several times what it
asks abroad, states yuan under a dollar label. A price that is a hundred times off what two other sellers of the same
name agree on, or ten times off what four agree on, is a slip (hosts of open weights do differ by ten), and so is an input
ten times below that of the sibling with more context where both outputs are alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl

FACTOR = 10.0
ALIKE = FACTOR**0.5
YUAN = (6.5, 7.5)
IN_CHINA, DEARER_IN_CHINA = "-cn", 2.5
FEWEST_OTHERS, FAR_FACTOR = 2, 100.0
FEWEST_FOR_TEN = 4
YUAN_LABEL = "yuan under a dollar label: so many times the developer's own price"
OF_OTHERS = "far off what the other sellers of the same name agree on"
OF_SIBLING = "ten times off its sibling with more context, with the other price alike"
_ROUNDING = 1e-9
_OFFER = ("provider", "listing", "currency")
_FOUND = ("row", "reason", "other", "asked_by")


def against_others(priced: pl.DataFrame, developers: Iterable[str]) -> pl.DataFrame:
    """(row, reason, other, asked_by) of the plain input and output prices of a capture that its other offers speak against.

    They are numbered by `row`; prices that are dated, of other tiers or kinds are left alone.
    """
    plain = priced.filter(
        pl.col("valid_from").is_null(), pl.col("price_tier") == "standard",
        pl.col("token_kind").is_in(["input", "output"]), pl.col("alias_of").is_null(),
    ).select("row", *_OFFER, "token_kind", "value", name=_bare("listing"))  # fmt: skip
    own = plain.filter(pl.col("provider").is_in(list(developers)))
    return pl.concat([_yuan(plain, own), _others(plain, own), _siblings(own)])


def _bare(listing: str) -> pl.Expr:
    """The name without what lists put before it, in kebab."""
    return pl.col(listing).str.to_lowercase().str.extract(r"([^/]*)$").str.replace_all(r"[^a-z0-9]+", "-")


def _yuan(plain: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """Offers all of whose prices are of one factor that is a rate of the yuan, or dear in China alone."""
    asked = own.group_by("name", "token_kind", "currency").agg(
        other=pl.col("value").min(), most=pl.col("value").max(), developer=pl.col("provider").first()
    )
    beside = (
        plain.join(asked, on=["name", "token_kind", "currency"])
        .filter(
            pl.col("provider") != pl.col("developer"), pl.col("currency") == "USD", pl.col("other") == pl.col("most")
        )
        .with_columns(factor=pl.col("value") / pl.col("other"))
    )
    in_china = pl.col("provider") == pl.col("developer") + IN_CHINA
    like_yuan = (
        pl.when(in_china).then(pl.col("factor") >= DEARER_IN_CHINA).otherwise(pl.col("factor").is_between(*YUAN))
    )
    whole = pl.len().over("provider", "listing") > 1
    return (
        beside.filter(whole, like_yuan.all().over("provider", "listing"))
        .with_columns(reason=pl.lit(YUAN_LABEL), asked_by=pl.lit("developer"))
        .select(_FOUND)
    )


def _others(plain: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """Prices of names no developer sells itself, far from what the other sellers agree on."""
    hosted = plain.join(own, on=["name", "currency"], how="anti")
    sellers = hosted.group_by("name", "token_kind", "currency", "provider").agg(asked=pl.col("value").median())
    voices = (
        hosted.join(sellers, on=["name", "token_kind", "currency"], suffix="_other")
        .filter(pl.col("provider") != pl.col("provider_other"))
        .group_by("row", "value")
        .agg(other=pl.col("asked").median(), least=pl.col("asked").min(), most=pl.col("asked").max(), sellers=pl.len())
    )
    far = pl.max_horizontal(pl.col("value") / pl.col("other"), pl.col("other") / pl.col("value"))
    least = pl.when(pl.col("sellers") >= FEWEST_FOR_TEN).then(FACTOR).otherwise(FAR_FACTOR)
    return voices.filter(
        pl.col("sellers") >= FEWEST_OTHERS, pl.col("most") < pl.col("least") * ALIKE, far >= least * (1 - _ROUNDING)
    ).select("row", reason=pl.lit(OF_OTHERS), other="other", asked_by=pl.lit("other sellers"))


def _siblings(own: pl.DataFrame) -> pl.DataFrame:
    """One of the two prices of a developer's listing is far below the sibling's, the other is alike."""
    offers = {
        (provider, listing): (kinds, prices, rows)
        for provider, listing, kinds, prices, rows in own.group_by("provider", "listing", maintain_order=True)
        .agg("token_kind", "value", "row")
        .iter_rows()
        if sorted(kinds) == ["input", "output"]
    }
    found = list(_far_from_sibling(offers))
    schema: Any = {"row": own.schema["row"], "reason": pl.String, "other": pl.Float64, "asked_by": pl.String}
    return pl.DataFrame(found, schema=schema, orient="row").unique("row", keep="first", maintain_order=True)


def _far_from_sibling(
    offers: dict[tuple[str, str], tuple[list[str], list[float], list[int]]],
) -> Iterator[tuple[int, str, float, str]]:
    for (provider, listing), (kinds, prices, _) in offers.items():
        longer = dict(zip(kinds, prices, strict=True))
        for shorter in _without_context(provider, listing, offers):
            own_kinds, own_prices, rows = offers[shorter]
            asked = {kind: (value, row) for kind, value, row in zip(own_kinds, own_prices, rows, strict=True)}
            for kind, other in (("input", "output"), ("output", "input")):
                far = longer[kind] >= FACTOR * asked[kind][0] * (1 - _ROUNDING)
                if far and 1 / ALIKE < longer[other] / asked[other][0] < ALIKE:
                    yield asked[kind][1], OF_SIBLING, longer[kind], f"its sibling {listing}"


def _without_context(
    provider: str, listing: str, offers: dict[tuple[str, str], tuple[list[str], list[float], list[int]]]
) -> Iterator[tuple[str, str]]:
    """The same name without its size of context (gpt-4-32k: gpt-4), or that name with a day's four digits."""
    parts = listing.split("-")
    sized = [at for at, part in enumerate(parts) if part[:-1].isdigit() and part.endswith("k")]
    if not sized:
        return
    base = "-".join(parts[: sized[0]])
    for seller, name in offers:
        if seller == provider and (name == base or (name.startswith(f"{base}-") and name[len(base) + 1 :].isdigit())):
            yield seller, name
