"""The currency a company reports in, from its filings: the one most of a filing's amounts stand in.

Foreign filers translate their newest year into dollars for the reader's convenience, at one day's rate: such figures
are never the metric. Where two currencies have as many amounts the other than the dollar is reported. Between two annual reports
the currency is that of the last one: a current report may state its quarter in dollars alone, or more debt than revenue.
"""

from __future__ import annotations

import polars as pl

DOLLAR = "USD"
PER_SHARE = "/shares"
FILING = ["company", "document_id"]
ANNUAL = 40  # the rank of an annual report's form


def with_declared_unit(facts: pl.DataFrame) -> pl.DataFrame:
    """The rows with `unit_stated`, `unit` as metrics.yml writes it (USD for the reporting currency), and `translated_from`.

    `translated_from` is the reporting currency of a dollar figure that is a convenience translation, else NULL.
    """
    money = facts.filter(pl.col("unit").str.contains(r"^[A-Z]{3}$") & (pl.col("definition") == "xbrl"))
    # What a filing said first tells: a later correction of it must not change what was known before.
    first = money.filter(pl.col("known_at") == pl.col("known_at").min().over(FILING))
    counts = first.group_by([*FILING, "unit"]).len()
    if counts.filter(pl.col("unit") != DOLLAR).is_empty():
        return facts.with_columns(unit_stated=pl.col("unit"), translated_from=pl.lit(None, pl.String))
    # False sorts before true: on equal counts the dollar comes last.
    ranked = counts.with_columns(dollar=pl.col("unit") == DOLLAR).sort(
        [*FILING, "len", "dollar", "unit"], descending=[False, False, True, False, False]
    )
    most = ranked.unique(FILING, keep="first", maintain_order=True).select(*FILING, pl.col("unit").alias("most"))
    reported = _as_in_the_last_annual_report(most, first)
    joined = facts.join(reported, on=FILING, how="left", maintain_order="left")
    stated, own = pl.col("unit"), pl.col("reported").fill_null(DOLLAR)
    declared = (
        pl.when(stated == own)
        .then(pl.lit(DOLLAR))
        .when(stated == own + PER_SHARE)
        .then(pl.lit(DOLLAR + PER_SHARE))
        .otherwise(stated)
    )
    translated = (own != DOLLAR) & stated.is_in([DOLLAR, DOLLAR + PER_SHARE])
    return joined.with_columns(unit_stated=stated, translated_from=pl.when(translated).then(own), unit=declared).drop(
        "reported"
    )


def _as_in_the_last_annual_report(most: pl.DataFrame, money: pl.DataFrame) -> pl.DataFrame:
    """FILING and `reported`: of an annual report, or before the first one, the currency of most amounts."""
    filed = money.group_by(FILING).agg(pl.col("known_at").min(), pl.col("form_rank").max())
    dated = most.join(filed, on=FILING, how="left").sort("known_at", "document_id")
    annual = dated.filter(pl.col("form_rank") >= ANNUAL).select("company", "known_at", pl.col("most").alias("annual"))
    joined = dated.join_asof(annual, on="known_at", by="company", strategy="backward", check_sortedness=False)
    own = pl.when(pl.col("form_rank") >= ANNUAL).then("most").otherwise(pl.coalesce("annual", "most"))
    return joined.select(*FILING, own.alias("reported"))
