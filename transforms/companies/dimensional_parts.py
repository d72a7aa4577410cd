"""Figures with dimensions by the metric they are: segments, classes of assets, kinds of customers.

config/metrics.yml declares them under `parts`. A figure that is such a part loses its dimensions, which its definition
now stands for, so that the filings of several years, which may write them differently, are one series. Operating
segments (srt:ConsolidationItemsAxis) beside a real axis say nothing more and are passed over. One figure may be a part
of two metrics. Figures no metric names stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from config.metric_specs import Metric, PartOf
from config.specs import Catalog
from transforms.filings.known_at import ACCEPTED, BASIS

PASSED_OVER = frozenset({
    "srt:ConsolidationItemsAxis=us-gaap:OperatingSegmentsMember",
    "us-gaap:ConsolidationItemsAxis=us-gaap:OperatingSegmentsMember",
})  # fmt: skip
# The ends of a range; and what says that a life is the one from now on, which its date says already.
ENDS = {
    "srt:RangeAxis=srt:MinimumMember": "low",
    "srt:RangeAxis=srt:MaximumMember": "high",
    "us-gaap:RangeAxis=us-gaap:MinimumMember": "low",
    "us-gaap:RangeAxis=us-gaap:MaximumMember": "high",
}
DATED = frozenset({
    "us-gaap:ChangeInAccountingEstimateByTypeAxis=us-gaap:ServiceLifeMember",
    "us-gaap:SubsequentEventTypeAxis=us-gaap:SubsequentEventMember",
})  # fmt: skip
KEY = ["company", "concept", "unit", "dimensions", "period_end", "filed_on"]
PART = pl.Schema({
    "company": pl.String, "concept": pl.String, "unit": pl.String, "dimensions": pl.String, "period_end": pl.Date,
    "filed_on": pl.Date, "part_metric": pl.String, "part_definition": pl.String, "part_rank": pl.Int32,
    "part_instant": pl.Boolean, "factor": pl.Float64, "range_end": pl.String,
})  # fmt: skip
IN_PERCENT = 100.0


class _Found(NamedTuple):
    """What a figure is a part of."""

    metric: Metric
    definition: str
    rank: int
    range_end: str


def with_parts(facts: pl.DataFrame, catalog: Catalog, eligible: pl.Expr) -> pl.DataFrame:
    """The rows with part_metric, part_definition and part_rank, NULL for a figure that is no declared part.

    A part has dimensions "", its value in the metric's unit, no start where the metric is an instant, and both ends of a
    range in one row. `eligible` says which rows are tags at all. A figure that is a part of two metrics stands twice.
    """
    concepts = {concept for metric in catalog.metrics.values() for part in metric.parts for concept in part.concepts}
    # A filing whose date nobody gave is known by its capture, years later: that says nothing of when it was filed.
    dated = facts.with_columns(
        filed_on=pl.when(pl.col("known_at_basis").is_in([BASIS, ACCEPTED])).then(pl.col("known_at").dt.date())
    )
    tagged = dated.filter(eligible & pl.col("concept").is_in(list(concepts)))
    table = _table(tagged.select(KEY).unique(), catalog)
    # Without dimensions the tag keeps the metric it has, unless a part of this very company is declared for it.
    parts = tagged.join(table, on=KEY, how="inner", nulls_equal=True, maintain_order="left")
    rest = dated.join(table.select(KEY).unique(), on=KEY, how="anti", nulls_equal=True, maintain_order="left")
    named = [pl.lit(None, dtype=PART[name]).alias(name) for name in ("part_metric", "part_definition", "part_rank")]
    columns = [*facts.columns, "part_metric", "part_definition", "part_rank"]
    return pl.concat([rest.with_columns(named).select(columns), _as_parts(parts).select(columns)])


def _table(keys: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    by_concept: dict[str, list[tuple[Metric, PartOf]]] = {}
    for metric in catalog.metrics.values():
        for part in metric.parts:
            for concept in part.concepts:
                by_concept.setdefault(concept, []).append((metric, part))
    rows = []
    for key in keys.iter_rows(named=True):
        for found in _parts_of(key, by_concept[key["concept"]]):
            factor = IN_PERCENT if (found.metric.unit, key["unit"]) == ("pct", "pure") else 1.0
            rows.append((*(key[name] for name in KEY), found.metric.id, found.definition, found.rank,
                         found.metric.period == "instant", factor, found.range_end))  # fmt: skip
    return pl.DataFrame(rows, schema=PART, orient="row")


def _parts_of(key: dict[str, object], declared: Iterable[tuple[Metric, PartOf]]) -> Iterable[_Found]:
    """The first declared part of each metric that the figure is."""
    seen: set[str] = set()
    for metric, part in declared:
        if metric.id in seen or not _unit_fits(metric.unit, str(key["unit"])):
            continue
        found = _definition(key, metric, part)
        if found is not None:
            seen.add(metric.id)
            yield _Found(metric, found[0], part.concepts.index(str(key["concept"])), found[1])


def _unit_fits(wanted: str, unit: str) -> bool:
    return wanted == unit or (wanted, unit) == ("pct", "pure")


def _definition(key: dict[str, object], metric: Metric, part: PartOf) -> tuple[str, str] | None:
    """(definition, end of the range or "") if the figure is this part."""
    filed, end = key["filed_on"], key["period_end"]
    if part.company and part.company != key["company"]:
        return None
    if isinstance(filed, date) and not (part.filed_from or filed) <= filed < (part.filed_before or date.max):
        return None
    if filed is None and (
        part.filed_before or (part.filed_from and not (isinstance(end, date) and end >= part.filed_from))
    ):
        return None  # undated: filed after the period it states, and nothing more is known
    pairs = {pair for pair in str(key["dimensions"]).split(";") if pair} - PASSED_OVER
    range_end = ""
    if part.ranged:
        range_end = next((ENDS[pair] for pair in sorted(pairs) if pair in ENDS), "")
        pairs -= ENDS.keys() | DATED
    if part.axis:
        [*only] = pairs
        axis, _, member = only[0].partition("=") if len(only) == 1 else ("", "", "")
        return (_name(member), range_end) if axis == part.axis else None
    next_day = end + timedelta(days=1) if isinstance(end, date) else ""
    if pairs == {pair.replace("{next_day}", str(next_day)) for pair in part.dimensions}:
        return part.definition or metric.definition, range_end
    return None


def _name(member: str) -> str:
    """amzn:LandAndBuildingMember -> land_and_building."""
    bare = member.rpartition(":")[2].removesuffix("Member").removesuffix("Segment")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", bare).lower()


def _as_parts(rows: pl.DataFrame) -> pl.DataFrame:
    start = pl.when("part_instant").then(None).otherwise(pl.col("period_start")).cast(pl.Date)
    parts = rows.with_columns(
        pl.lit("").alias("dimensions"),
        start.alias("period_start"),
        (pl.col("value") * pl.col("factor")).alias("value"),
    )
    single = parts.filter(pl.col("range_end") == "")
    return pl.concat([single, _intervals(parts.filter(pl.col("range_end") != ""))])


def _intervals(ends: pl.DataFrame) -> pl.DataFrame:
    """One row for the two ends of a range in one filing; an end without the other is no interval and is left out."""
    low = ends.filter(pl.col("range_end") == "low")
    high = ends.filter(pl.col("range_end") == "high")
    on = ["company", "part_metric", "part_definition", "period_end", "document_id", "source"]
    first = high.select(*on, pl.col("value").alias("value_high"), pl.col("value_exact").alias("exact_high")).unique(
        on, keep="first", maintain_order=True
    )
    joined = low.unique(on, keep="first", maintain_order=True).drop("value_high").join(first, on=on, how="inner")
    return joined.with_columns(
        value_low=pl.col("value"),
        value=pl.lit(None, pl.Float64),
        value_exact=pl.concat_str("value_exact", pl.lit(" to "), "exact_high"),
    ).select(ends.columns)
