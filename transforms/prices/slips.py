"""Prices that the rest of their own listing, or the same model elsewhere in the same list, speaks against.

Dear is no slip by itself: GPT-5.5 pro is 180 USD a million wherever it is sold. A price above DEAR is doubted where
neither the developer's own listing of that model nor the listing's own input price is of its magnitude. What is cheaper than
any model ever was, or dearer than any of its size, is none. And a cache that
is cheaper to write than to pass by, or dearer to read, is a price under the wrong key.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import polars as pl

DEAR = 99.0
# Llama 3.2 1B is sold at 0.005 USD a million; no text model in any list so far was truly cheaper.
CHEAPEST = 0.004
FACTOR = 10.0
UNSUPPORTED = (
    "above 99 USD per million tokens, and nothing in the same list is of that magnitude; the table mistook the unit"
)
# A name states the size of open weights: of 20 billion parameters or fewer none was ever dearer than 5 USD a million anywhere.
SMALL_BILLIONS, DEAR_FOR_SMALL = 20.0, 20.0
TOO_DEAR = "above 20 USD per million tokens for a model of 20 billion parameters or fewer; the table mistook the unit"
TOO_CHEAP = "below 0.004 USD per million tokens, which no text model ever cost; the table mistook the unit"
WRITE_BELOW_INPUT = "a cache write below the input price: a price under the wrong key"
READ_ABOVE_INPUT = "a cache read above the input price: a price under the wrong key"
# Sellers that state prices of their own making above DEAR: o1-pro, GPT-4.5, the GPT-5 pros; Luminous.
DEAR_SELLERS = ("openai", "azure", "azure-ai", "aleph-alpha")
_SERIES = ("provider", "listing", "price_tier", "currency")
_BILLIONS = r"(?:^|[^0-9a-z.])(\d{1,3}(?:\.\d+)?)b(?:[^a-z0-9]|$)"
_NOT_WORD = re.compile(r"[^a-z0-9]+")


def slips(priced: pl.DataFrame) -> pl.DataFrame:
    """(row, reason, other, asked_by) of the doubted prices of a capture, which are numbered by `row`."""
    undated = priced.filter(pl.col("valid_from").is_null())
    return pl.concat([_of_caches(undated), _of_dear(undated)]).unique("row", keep="first", maintain_order=True)


def _of_caches(priced: pl.DataFrame) -> pl.DataFrame:
    inputs = priced.filter(pl.col("token_kind") == "input").select(*_SERIES, other="value")
    caches = priced.filter(pl.col("token_kind").is_in(["cache_write", "cache_read"])).join(inputs, on=_SERIES)
    write = pl.col("token_kind") == "cache_write"
    return caches.filter(
        pl.when(write).then(pl.col("value") < pl.col("other")).otherwise(pl.col("value") > pl.col("other"))
    ).select(
        "row",
        reason=pl.when(write).then(pl.lit(WRITE_BELOW_INPUT)).otherwise(pl.lit(READ_ABOVE_INPUT)),
        other="other",
        asked_by=pl.lit("its own input"),
    )


def beyond_all(priced: pl.DataFrame) -> pl.DataFrame:
    """(row, reason, other, asked_by) of the plain prices that no text model, or none of its size, was ever sold at."""
    plain = pl.col("token_kind").is_in(["input", "output"]) & (pl.col("price_tier") == "standard")
    name = pl.coalesce("alias_of", "listing").str.to_lowercase().str.extract(r"([^/]*)$")
    billions = pl.col("billions").cast(pl.Float64, strict=False)
    small = (billions <= SMALL_BILLIONS) & (pl.col("sizes") == 1)
    cheap = pl.col("value") < CHEAPEST
    return (
        priced.filter(
            plain,
            pl.col("valid_from").is_null(),
            pl.col("currency") == "USD",
            cheap | (pl.col("value") > DEAR_FOR_SMALL),
        )
        .with_columns(billions=name.str.extract(_BILLIONS), sizes=name.str.count_matches(_BILLIONS))
        .filter(cheap | small.fill_null(value=False))
        .select(
            "row",
            reason=pl.when(cheap).then(pl.lit(TOO_CHEAP)).otherwise(pl.lit(TOO_DEAR)),
            other=pl.when(cheap).then(CHEAPEST).otherwise(DEAR_FOR_SMALL),
            asked_by=pl.lit("any list so far"),
        )
    )


def _of_dear(priced: pl.DataFrame) -> pl.DataFrame:
    dear = priced.filter(pl.col("value") > DEAR, ~pl.col("provider").is_in(DEAR_SELLERS))
    found: list[tuple[int, str, float, str]] = []
    inputs = priced.filter(pl.col("token_kind") == "input").select(*_SERIES, input="value")
    own = _figures_of_sellers(priced) if dear.height else {}
    for one in dear.join(inputs, on=_SERIES, how="left", maintain_order="left").iter_rows(named=True):
        asked = one["input"]
        beside = asked is not None and asked <= DEAR and one["value"] < FACTOR * asked
        name = _name(one["alias_of"] or one["listing"])
        elsewhere = any(
            name.endswith(model) and value < FACTOR * one["value"] and one["value"] < FACTOR * value
            for model, value in own.get((one["token_kind"], one["price_tier"]), ())
        )
        if not beside and not elsewhere:
            found.append((one["row"], UNSUPPORTED, asked or one["value"], "its own input"))
    schema: Any = {"row": priced.schema["row"], "reason": pl.String, "other": pl.Float64, "asked_by": pl.String}
    return pl.DataFrame(found, schema=schema, orient="row")


def _figures_of_sellers(priced: pl.DataFrame) -> dict[tuple[str, str], list[tuple[str, float]]]:
    found: dict[tuple[str, str], list[tuple[str, float]]] = {}
    dear = priced.filter(pl.col("value") > DEAR / FACTOR, pl.col("provider").is_in(DEAR_SELLERS))
    for kind, tier, listing, value in dear.select("token_kind", "price_tier", "listing", "value").iter_rows():
        found.setdefault((kind, tier), []).append((_name(listing), value))
    return found


@lru_cache(maxsize=4096)
def _name(listing: str) -> str:
    return _NOT_WORD.sub("-", listing.rpartition("/")[2].lower())
