"""Company facts as an analyst asks for them: named by metric, laid on fiscal periods, with derived quarters.

Every vintage stays: a figure a later filing repeats or restates is one more row. Which row holds on a day is decided
by whoever reads: within a series the greatest (known_at, preference, decimals, document_id, capture_sha256, locator).

A tag becomes a metric by config/metrics.yml and the company's own order of tags. Companies change tags and change
back, so no tag is tied to a span of years: all tags of a metric are one series, the newest filing of a period wins,
and the order of tags decides within one filing. Figures with dimensions (a part of the company) have a metric only where
metrics.yml declares the part; those in another unit, or from proxy statements (DEF 14A), at times a thousandfold, never.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from config.contracts import COMPANY_FACT
from config.specs import Catalog
from transforms.calendars import PERIOD_SCHEMA, with_periods
from transforms.derivation import ORDER, derived_quarters, refused_quarters
from transforms.derived_metrics import derived_metrics
from transforms.parts import with_parts

PROXIES = ("DEF", "PRE")
TAGGED = "xbrl"
HIGHEST_CONCEPT_RANK = 999

NAMED = pl.Schema({"metric": pl.String, "concept_rank": pl.Int32})
DERIVED = pl.Schema({"formula": pl.String, "inputs": pl.String, "preference": pl.Int32})
SCHEMA = pl.Schema({**COMPANY_FACT.schema, **NAMED, **PERIOD_SCHEMA, **DERIVED})
GAP = ["company", "metric", "definition", "unit", "dimensions", "source", "fiscal_year", "fiscal_quarter"]
NO_SHORTER = {4: "no nine months figure", 3: "no half-year figure", 2: "no first-quarter figure"}


def derive_periods(facts: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """Every vintage of every fact in SCHEMA's columns, the quarters that are differences of two of them, and the metrics
    that are computed from others.

    `facts` are rows of company_fact with their loaded columns, of any sources, known_at filled in. Rows no metric
    names stay, with metric NULL and period kinds. A derived quarter has status derived, the year's (half's, nine
    months') document, both operands in `inputs`, and is known when the later operand is. The result is sorted: it
    does not depend on the order of the rows given.
    """
    labelled = with_periods(_with_metrics(facts, catalog), catalog.companies)
    additive = labelled.filter(pl.col("metric").is_in([m.id for m in catalog.metrics.values() if m.additive]))
    derived = with_periods(derived_quarters(additive), catalog.companies)
    stated = labelled.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in ("formula", "inputs"))
    rows = pl.concat([_in_order(stated), _in_order(derived)])
    computed = derived_metrics(rows, catalog)
    rows = rows if computed is None else pl.concat([rows, _in_order(computed)])
    return rows.sort(["company", "concept", "period_end", *ORDER, *sorted(SCHEMA)], nulls_last=True)


def not_derivable(periods: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """The quarters of each metric that nothing gives, from the rows of derive_periods: one row for each, with reason.

    Columns: GAP, known_at (when the figure that leaves the gap was first stated), reason. A year without its nine
    months is not a quarter, and a growth rate or an amount per share has no difference. Restated figures whose other
    operand was never restated are listed too: their quarter keeps its older value.
    """
    named = periods.filter(pl.col("metric").is_not_null())
    longer = named.filter(
        pl.col("period_kind").is_in(["half", "nine_months", "year"]) & pl.col("status").ne("derived")
    ).with_columns(pl.col("fiscal_quarter").fill_null(4))
    have = named.filter(pl.col("period_kind") == "quarter")
    missing = longer.join(have, on=GAP, how="anti", nulls_equal=True)
    additive = pl.col("metric").is_in([m.id for m in catalog.metrics.values() if m.additive])
    why = (
        pl.when(~additive)
        .then(pl.lit("not additive"))
        .otherwise(pl.col("fiscal_quarter").replace_strict(NO_SHORTER, return_dtype=pl.String))
    )
    columns = [*GAP, "known_at", "reason"]
    gaps = missing.with_columns(reason=why).select(columns)
    refused = refused_quarters(named.filter(additive)).select(columns)
    both = pl.concat([refused, gaps.join(refused, on=GAP, how="anti", nulls_equal=True)])
    return both.group_by([*GAP, "reason"]).agg(pl.col("known_at").min()).select(columns).sort(columns)


def _with_metrics(facts: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """The rows with metric, concept_rank (lower is preferred; NULL without a metric) and the metric's definition."""
    table = pl.DataFrame(_names(catalog), schema=_NAME_SCHEMA, orient="row")
    proxy = pl.any_horizontal(pl.col("form").fill_null("").str.starts_with(prefix) for prefix in PROXIES)
    by_tag = (pl.col("definition") == TAGGED) & (pl.col("dimensions") == "") & ~proxy
    # A hand-entered statement names its metric where a tag would stand, and carries its own definition.
    by_id = pl.col("concept").is_in(list(catalog.metrics))
    parts = with_parts(facts, catalog, (pl.col("definition") == TAGGED) & ~proxy)
    joined = parts.join(table, on=["company", "concept", "unit"], how="left", maintain_order="left")
    by_part = pl.col("part_metric").is_not_null()
    metric = pl.when(by_id).then("concept").when(by_part).then("part_metric").when(by_tag).then("tag_metric")
    rank = pl.when(by_id).then(pl.lit(0, pl.Int32)).when(by_part).then("part_rank").when(by_tag).then("tag_rank")
    tagged = pl.when(by_part).then("part_definition").when(by_tag).then(pl.coalesce("tag_definition", "definition"))
    named = joined.with_columns(metric=metric, concept_rank=rank, definition=tagged.otherwise("definition")).drop(
        "tag_metric", "tag_definition", "tag_rank", "part_metric", "part_definition", "part_rank"
    )
    return named.with_columns(definition=_changed_definition(catalog))


def _changed_definition(catalog: Catalog) -> pl.Expr:
    """What a company's tag means in its period: the metric's definition, or that of the last declared change."""
    found = pl.col("definition")
    for company in catalog.companies.values():
        for metric, changes in company.definitions.items():
            mine = (pl.col("company") == company.ticker) & (pl.col("metric") == metric) & (pl.col("concept") != metric)
            for change in sorted(changes, key=lambda one: one.since):
                since = mine & (pl.col("period_end") >= change.since)
                found = pl.when(since).then(pl.lit(change.definition)).otherwise(found)
    return found


_NAME_SCHEMA: dict[str, Any] = {
    "company": pl.String, "concept": pl.String, "unit": pl.String,
    "tag_metric": pl.String, "tag_definition": pl.String, "tag_rank": pl.Int32,
}  # fmt: skip


def _names(catalog: Catalog) -> list[tuple[str, str, str, str, str, int]]:
    """(company, tag, unit, metric, definition, rank) for every company and tag."""
    return [
        (company.ticker, concept, metric.unit, metric.id, metric.definition, rank)
        for company in catalog.companies.values()
        for metric in catalog.metrics.values()
        for rank, concept in enumerate(company.concepts.get(metric.id, metric.concepts))
    ]


def _in_order(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows in SCHEMA's columns and types, with `preference`.

    Among rows of one series known at one instant the highest preference wins: reported before derived, then the rank
    of the form, then the company's order of tags.
    """
    reported = pl.when(pl.col("status") == "derived").then(0).otherwise(1)
    order = HIGHEST_CONCEPT_RANK - pl.col("concept_rank").fill_null(HIGHEST_CONCEPT_RANK)
    preference = reported * 1_000_000 + pl.col("form_rank") * 1_000 + order
    return rows.with_columns(preference=preference).select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())
