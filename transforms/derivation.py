"""Quarters by difference: the year less nine months, nine months less the half, the half less the first quarter.

Each statement of the longer period (each filing, also one that repeats it as a comparative) is paired with the newest
statement of the shorter one known by then. A later restatement of the shorter period alone creates nothing: the
difference of a restated and an unrestated figure is not a quarter. For the same reason a pair is refused when the
longer figure was restated and the shorter one was last stated beside the old value: META's year 2022 became 31,186
instead of 31,431 million dollars when the line turned net, its nine months of 22,388 never did.

Operands share company, metric, definition, unit, dimensions, source and fiscal year; their tags may differ, because
companies change tags between two filings of one year.
"""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

ORDER = ["known_at", "form_rank", "decimals", "document_id", "capture_sha256", "locator"]
SERIES = ["company", "metric", "definition", "unit", "dimensions", "source", "fiscal_year"]
OPERAND_STATUSES = ["reported", "manual", "estimated"]
DIFFERENCES_KEPT = ["currency", "form", "form_rank", "document_id", "locator", "source_url", "scope", "capture_sha256"]


class Step(NamedTuple):
    """One difference: `longer` less `shorter` is fiscal quarter `quarter`."""

    longer: str
    shorter: str
    quarter: int


STEPS = (Step("year", "nine_months", 4), Step("nine_months", "half", 3), Step("half", "quarter", 2))


def derived_quarters(facts: pl.DataFrame) -> pl.DataFrame:
    """The quarters that follow from rows of additive metrics with period labels; one for each longer statement.

    Columns: those of company_fact with metric, concept_rank, formula and inputs, without period labels.
    """
    return pl.concat([_difference(_pairs(facts, step).filter(~pl.col("mixed")), step) for step in STEPS])


def refused_quarters(facts: pl.DataFrame) -> pl.DataFrame:
    """Pairs that are not of one vintage: SERIES, fiscal_quarter, known_at of the restated figure, reason."""
    return pl.concat(
        [
            _pairs(facts, step)
            .filter(pl.col("mixed"))
            .select(
                *SERIES,
                pl.lit(step.quarter, pl.Int32).alias("fiscal_quarter"),
                "known_at",
                pl.lit(f"{step.longer} restated, {step.shorter} not").alias("reason"),
            )
            for step in STEPS
        ]
    )


def _pairs(facts: pl.DataFrame, step: Step) -> pl.DataFrame:
    """Each longer row with the shorter row it is paired with (suffix _2), and whether they are of two vintages."""
    operands = facts.filter(pl.col("value").is_not_null() & pl.col("status").is_in(OPERAND_STATUSES))
    longer = operands.filter(pl.col("period_kind") == step.longer).sort(ORDER).with_row_index("pair")
    shorter = operands.filter(pl.col("period_kind") == step.shorter)
    if step.shorter == "quarter":
        shorter = shorter.filter(pl.col("fiscal_quarter") == 1)
    candidates = longer.join(shorter, on=SERIES, how="inner", suffix="_2").filter(
        pl.col("known_at_2") <= pl.col("known_at")
    )
    # Within one filing two tags may state the shorter period: the tag of the longer one is taken first.
    same_tag = pl.col("concept") == pl.col("concept_2")
    newest = (
        candidates.with_columns(same_tag=same_tag)
        .sort(["pair", "known_at_2", "same_tag", *(f"{name}_2" for name in ORDER[1:])])
        .unique("pair", keep="last", maintain_order=True)
    )
    return newest.join(_mixed(newest, longer), on="pair", how="left").with_columns(
        pl.col("mixed").fill_null(value=False)
    )


def _mixed(pairs: pl.DataFrame, longer: pl.DataFrame) -> pl.DataFrame:
    """(pair, mixed): whether the longer figure stood at another value since the shorter one was last stated.

    Two tags of one filing may disagree: the figure stood unchanged on a day if any of that day's statements equals it.
    """
    stood = longer.select(*SERIES, pl.col("known_at").alias("stood_at"), pl.col("value").alias("stood_value"))
    seen = pairs.select("pair", "known_at", "known_at_2", "value", *SERIES).join(stood, on=SERIES, how="inner")
    since = seen.filter((pl.col("stood_at") >= pl.col("known_at_2")) & (pl.col("stood_at") < pl.col("known_at")))
    days = since.group_by("pair", "stood_at").agg(changed=(pl.col("stood_value") != pl.col("value")).all())
    return days.group_by("pair").agg(mixed=pl.col("changed").any())


def _difference(pairs: pl.DataFrame, step: Step) -> pl.DataFrame:
    """One derived quarter for each pair: it begins the day after the shorter period, with the longer one's evidence."""
    value, value_2 = pl.col("value"), pl.col("value_2")
    interval = pl.any_horizontal(pl.col("value_low", "value_high", "value_low_2", "value_high_2").is_not_null())
    low = pl.coalesce("value_low", "value") - pl.coalesce("value_high_2", "value_2")
    high = pl.coalesce("value_high", "value") - pl.coalesce("value_low_2", "value_2")
    return pairs.select(
        *SERIES[:-1],
        "concept",
        "concept_rank",
        *DIFFERENCES_KEPT,
        (pl.col("period_end_2") + pl.duration(days=1)).alias("period_start"),
        "period_end",
        (value - value_2).alias("value"),
        pl.lit(None, pl.String).alias("value_exact"),
        pl.when(interval).then(low).alias("value_low"),
        pl.when(interval).then(high).alias("value_high"),
        pl.lit("derived").alias("status"),
        "known_at",
        pl.lit("latest_input").alias("known_at_basis"),
        pl.min_horizontal("decimals", "decimals_2").alias("decimals"),
        pl.max_horizontal("evidence_tier", "evidence_tier_2").alias("evidence_tier"),
        pl.lit(None, pl.String).alias("note"),
        pl.max_horizontal("captured_at", "captured_at_2").alias("captured_at"),
        pl.max_horizontal("first_seen_at", "first_seen_at_2").alias("first_seen_at"),
        pl.lit(f"{step.longer} - {step.shorter}").alias("formula"),
        pl.concat_str(
            "document_id", pl.lit("#"), "locator", pl.lit(";"), "document_id_2", pl.lit("#"), "locator_2"
        ).alias("inputs"),
    )
