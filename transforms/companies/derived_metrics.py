"""Metrics computed from others (config/metrics.yml: derivations), at each instant at which an operand became known.

Operands are taken under the definition the derivation names and no other: figures of two definitions meet only where a
derivation says so. At each instant every operand is the one an as-of reader would see: the best tier, then the declared
order of sources, then what was known last. A row names its operands and is known when the later of them is.
"""

from __future__ import annotations

import polars as pl

from config.metric_specs import Derivation, Metric, Share, Term
from config.specs import Catalog

PERIOD = ["company", "period_kind", "fiscal_year", "fiscal_quarter"]
BEST_FIRST = ["evidence_tier", "source_order"]
LAST_WINS = ["known_at", "preference", "decimals", "document_id", "capture_sha256", "locator"]
CARRIED = [
    "company", "dimensions", "period_start", "period_end", "currency", "form", "form_rank", "decimals", "document_id",
    "locator", "source_url", "source", "scope", "capture_sha256", "period_kind", "fiscal_year", "fiscal_quarter",
    "calendar_year", "calendar_quarter",
]  # fmt: skip


def derived_metrics(periods: pl.DataFrame, catalog: Catalog) -> pl.DataFrame | None:
    """Rows for every derivation that finds its operands; None where there are none. `periods` as derive_periods has it.

    The columns are those of company_fact with metric, concept_rank, period labels, formula and inputs.
    """
    orders = {spec.id: spec.order for spec in catalog.sources.values()}
    usable = periods.filter(
        pl.col("metric").is_not_null() & (pl.col("dimensions") == "") & pl.col("fiscal_year").is_not_null()
    ).with_columns(
        source_order=pl.col("source").replace_strict(orders, default=len(orders) * 1000, return_dtype=pl.Int32)
    )
    held = set(usable["metric"].unique())
    found: list[pl.DataFrame] = []
    for metric in _in_order(catalog):
        for derivation in metric.derivations:
            if not held.issuperset(operand.metric for operand in derivation.operands):
                continue
            rows = _derive(usable, metric, derivation)
            if rows is not None and rows.height:
                found.append(rows)
                held.add(metric.id)
                usable = pl.concat([usable, _as_operand(rows, usable, orders)])
    return pl.concat(found) if found else None


def _in_order(catalog: Catalog) -> list[Metric]:
    """Metrics with derivations, those first that others build upon."""
    derived = {metric.id: metric for metric in catalog.metrics.values() if metric.derivations}
    depth: dict[str, int] = {}

    def level(name: str) -> int:
        if name not in derived:
            return 0
        if name not in depth:
            depth[name] = 0  # a metric that leads back to itself ends here
            operands = {operand.metric for one in derived[name].derivations for operand in one.operands}
            depth[name] = 1 + max(level(operand) for operand in operands)
        return depth[name]

    return sorted(derived.values(), key=lambda metric: level(metric.id))


def _derive(usable: pl.DataFrame, metric: Metric, derivation: Derivation) -> pl.DataFrame | None:
    operands = [_rows_of(usable, operand, derivation.companies) for operand in derivation.operands]
    if any(rows.is_empty() for rows in operands):
        return None
    events = pl.concat([rows.select(*PERIOD, pl.col("known_at").alias("event_at")) for rows in operands]).unique()
    seen = [_seen(events, rows, index) for index, rows in enumerate(operands)]
    joined = seen[0]
    for other in seen[1:]:
        joined = joined.join(other, on=[*PERIOD, "event_at"], how="inner", nulls_equal=True)
    return _computed(joined, metric, derivation).sort("known_at").unique([*PERIOD, "inputs"], keep="first")


def _rows_of(usable: pl.DataFrame, operand: Term | Share, companies: tuple[str, ...]) -> pl.DataFrame:
    mine = (pl.col("metric") == operand.metric) & (pl.col("definition") == operand.definition)
    if companies:
        mine &= pl.col("company").is_in(companies)
    return usable.filter(mine)


def _seen(events: pl.DataFrame, rows: pl.DataFrame, index: int) -> pl.DataFrame:
    """For each event the row of this operand that an as-of reader would see then; the first operand keeps all columns."""
    known = events.join(rows, on=PERIOD, how="inner", nulls_equal=True).filter(pl.col("known_at") <= pl.col("event_at"))
    ordered = known.sort(
        [*BEST_FIRST, *LAST_WINS], descending=[False, False, *[True] * len(LAST_WINS)], nulls_last=True
    )
    chosen = ordered.unique([*PERIOD, "event_at"], keep="first", maintain_order=True)
    figures = [
        pl.col("value").alias(f"value_{index}"),
        pl.coalesce("value_low", "value").alias(f"low_{index}"),
        pl.coalesce("value_high", "value").alias(f"high_{index}"),
        (pl.col("value_low").is_not_null() | pl.col("value_high").is_not_null()).alias(f"interval_{index}"),
        pl.col("status").is_in(["absent", "withdrawn"]).alias(f"gone_{index}"),
        pl.concat_str("document_id", pl.lit("#"), "locator").alias(f"input_{index}"),
        pl.col("evidence_tier").alias(f"tier_{index}"),
        pl.col("first_seen_at").alias(f"first_seen_{index}"),
        pl.col("captured_at").alias(f"captured_{index}"),
    ]
    carried = CARRIED if index == 0 else PERIOD
    return chosen.select("event_at", *carried, *figures)


def _computed(joined: pl.DataFrame, metric: Metric, derivation: Derivation) -> pl.DataFrame:
    every = range(len(derivation.operands))
    gone = pl.any_horizontal(f"gone_{index}" for index in every)
    interval = pl.any_horizontal(f"interval_{index}" for index in every)
    return joined.select(
        *CARRIED,
        pl.lit(metric.id).alias("concept"),
        pl.lit(metric.id).alias("metric"),
        pl.lit(0, pl.Int32).alias("concept_rank"),
        pl.lit(derivation.definition).alias("definition"),
        pl.lit(metric.unit).alias("unit"),
        pl.when(~gone).then(_combined(derivation, "value", "value")).alias("value"),
        pl.lit(None, pl.String).alias("value_exact"),
        pl.when(~gone & interval).then(_combined(derivation, "low", "high")).alias("value_low"),
        pl.when(~gone & interval).then(_combined(derivation, "high", "low")).alias("value_high"),
        pl.when(gone).then(pl.lit("withdrawn")).otherwise(pl.lit("derived")).alias("status"),
        pl.col("event_at").alias("known_at"),
        pl.lit("latest_input").alias("known_at_basis"),
        pl.max_horizontal(f"tier_{index}" for index in every).alias("evidence_tier"),
        pl.lit(None, pl.String).alias("note"),
        pl.max_horizontal(f"captured_{index}" for index in every).alias("captured_at"),
        pl.max_horizontal(f"first_seen_{index}" for index in every).alias("first_seen_at"),
        pl.lit(derivation.formula).alias("formula"),
        pl.concat_str([f"input_{index}" for index in every], separator=";").alias("inputs"),
    )


def _combined(derivation: Derivation, side: str, other: str) -> pl.Expr:
    """The formula over one end of the operands' intervals; what is taken away counts with its other end."""
    total = pl.lit(0.0)
    for index, term in enumerate(derivation.terms):
        total = total + pl.col(f"{side}_{index}") if term.sign > 0 else total - pl.col(f"{other}_{index}")
    if derivation.share is None:
        return total
    last = len(derivation.terms)
    if derivation.share.take == "of":
        return total * pl.col(f"{side}_{last}") / 100
    return total * (100 - pl.col(f"{other}_{last}")) / 100


def _as_operand(rows: pl.DataFrame, usable: pl.DataFrame, orders: dict[str, int]) -> pl.DataFrame:
    """Computed rows with the columns of `usable`, so that a later derivation may build upon them."""
    order = pl.col("source").replace_strict(orders, default=len(orders) * 1000, return_dtype=pl.Int32)
    empty = [pl.lit(None, usable.schema[name]).alias(name) for name in usable.columns if name not in rows.columns]
    full = rows.with_columns(empty).with_columns(pl.lit(0, pl.Int32).alias("preference"), order.alias("source_order"))
    return full.select(pl.col(name).cast(dtype) for name, dtype in usable.schema.items())
