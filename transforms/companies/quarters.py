"""Company facts as an analyst asks for them: named by metric, laid on fiscal periods, with derived quarters.

Every vintage stays: a figure a later filing repeats or restates is one more row. Which row holds on a day is decided
by whoever reads: within a series the greatest (known_at, preference, decimals, document_id, capture_sha256, locator).

A tag becomes a metric by config/metrics.yml and the company's own order of tags. Companies change tags and change
back, so no tag is tied to a span of years: all tags of a metric are one series, the newest filing of a period wins,
and the order of tags decides within one filing. Figures with dimensions (a part of the company) have a metric only where
metrics.yml declares the part; those in another unit, or from proxy statements (DEF 14A), at times a thousandfold, never.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import polars as pl

from config.chains import Calendar
from config.contracts import COMPANY_FACT
from config.specs import Catalog, Company
from transforms.companies import doubts
from transforms.companies.calendars import PERIOD_SCHEMA, with_periods
from transforms.companies.currencies import with_declared_unit
from transforms.companies.derivation import (
    GONE,
    ORDER,
    derived_quarters,
    gone_turns,
    kin_turns,
    refused_quarters,
    standing_operands,
)
from transforms.companies.derived_metrics import derived_metrics
from transforms.companies.dimensional_parts import with_parts
from transforms.companies.doubts import DOUBTFUL, with_doubts
from transforms.companies.epochs import Steps, Turns, in_epochs
from transforms.companies.lines import LINED, histories, turns, with_lines
from transforms.companies.share_bases import with_basis

PROXIES = ("DEF", "PRE")
TAGGED = "xbrl"
UNCLEAR = (
    "the tag stands for purchases and for leases not yet commenced: declare which under parts in config/metrics.yml"
)
PURE = "pure"  # the unit of a share of one
HIGHEST_CONCEPT_RANK = 999

NAMED = pl.Schema({"metric": pl.String, "concept_rank": pl.Int32})
DERIVED = pl.Schema({"formula": pl.String, "inputs": pl.String, "preference": pl.Int32})
BASIS = pl.Schema({"basis": pl.String})
SCHEMA = pl.Schema({**COMPANY_FACT.schema, **NAMED, **PERIOD_SCHEMA, **LINED, **BASIS, **DERIVED})
IN_SCHEMA = [pl.col(name).cast(dtype) for name, dtype in SCHEMA.items()]
GAP = ["company", "metric", "definition", "unit", "dimensions", "source", "fiscal_year", "fiscal_quarter"]
KNOWN = ["known_at", "first_seen_at"]
_REASON: dict[str, Any] = {**{name: SCHEMA[name] for name in (*GAP, *KNOWN)}, "reason": pl.String}
GAP_REASON = pl.Schema(_REASON)
PARTED = "its operands are no longer shown to be of one line: two tags or two sources of it differ"
QUARTER_AFTER = {"half": 3, "nine_months": 4}  # the quarter that is a later figure less this one
NO_SHORTER = {4: "no nine months figure", 3: "no half-year figure", 2: "no first-quarter figure"}


def derive_periods(facts: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """Every vintage of every fact in SCHEMA's columns, the quarters that are differences of two of them, and the metrics
    that are computed from others.

    `facts` are rows of company_fact with their loaded columns, of any sources, known_at filled in. Rows no metric
    names stay, with metric NULL and period kinds. A derived quarter has status derived, the year's (half's, nine
    months') document, both operands in `inputs`, and is known when the later operand is. The result is sorted: it
    does not depend on the order of the rows given.
    """
    named = _with_metrics(with_declared_unit(facts), catalog)
    additive = [metric.id for metric in catalog.metrics.values() if metric.additive]
    found = histories(named, catalog)

    def label(rows: pl.DataFrame, until: datetime | None) -> pl.DataFrame:
        lined = with_basis(with_lines(rows, found, until), catalog)
        return with_doubts(with_periods(_tags_again(lined), catalog.companies), catalog)

    steps = Steps(
        label,
        slip_turns=doubts.turns,
        operand_turns=lambda rows: _operand_turns(rows.filter(pl.col("metric").is_in(additive))),
        derive=lambda rows: _with_derived(rows, additive, catalog),
    )
    rows = in_epochs(named, turns(found), steps)
    return rows.sort(["company", "concept", "period_end", *ORDER, *sorted(SCHEMA)], nulls_last=True)


def _operand_turns(operands: pl.DataFrame) -> Turns:
    return [*kin_turns(operands), *gone_turns(operands)]


def _with_derived(labelled: pl.DataFrame, additive: list[str], catalog: Catalog) -> pl.DataFrame:
    """The rows in SCHEMA's columns with the quarters and the metrics that follow from them."""
    operands = standing_operands(labelled.filter(pl.col("metric").is_in(additive)))
    quarters = with_periods(derived_quarters(operands), catalog.companies)
    derived = pl.concat([quarters, *_before_moved_years(operands, catalog)])
    stated = labelled.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in ("formula", "inputs"))
    rows = pl.concat([_in_order(stated), _in_order(derived)])
    computed = derived_metrics(rows, catalog)
    return rows if computed is None else pl.concat([rows, _in_order(computed)])


def _before_moved_years(operands: pl.DataFrame, catalog: Catalog) -> Iterator[pl.DataFrame]:
    """The quarters that follow by a fiscal year that was moved since, counted as quarters of today's."""
    for company in catalog.companies.values():
        for former in company.calendar.former:
            then = company.model_copy(
                update={"calendar": Calendar(year_end_month=former.year_end_month, week_ends_on=None, long_quarter=4)}
            )
            told = (pl.col("company") == company.ticker) & (pl.col("period_end") <= former.until)
            rows = operands.filter(told).drop(PERIOD_SCHEMA.names())
            if not rows.is_empty():
                counted = with_periods(rows, {company.ticker: then})
                quarters = with_periods(derived_quarters(counted), catalog.companies)
                yield quarters.filter(pl.col("period_kind") == "quarter")


def not_derivable(periods: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """The quarters of each metric that nothing gives, from the rows of derive_periods: one row for each, with reason.

    Columns: GAP_REASON; known_at is when the figure that leaves the gap was first stated, first_seen_at when this warehouse
    read it. A year without its nine months is not a quarter, and a growth rate or an amount per share has no difference.
    Restated figures whose other operand was never restated are listed too: their quarter keeps its older value. So are
    doubtful figures.
    """
    named = periods.filter(pl.col("metric").is_not_null())
    longer = named.filter(
        pl.col("period_kind").is_in(["half", "nine_months", "year"]) & pl.col("status").ne("derived")
    ).with_columns(pl.col("fiscal_quarter").fill_null(4))
    have = named.filter(pl.col("period_kind") == "quarter").group_by(GAP).agg(had_at=pl.col("known_at").min())
    # A quarter that comes later was still missing when the longer figure was stated.
    at_once = longer.join(have, on=GAP, how="left", nulls_equal=True, maintain_order="left")
    missing = at_once.filter(pl.col("had_at").is_null() | (pl.col("had_at") > pl.col("known_at")))
    additive = pl.col("metric").is_in([m.id for m in catalog.metrics.values() if m.additive])
    why = (
        pl.when(~additive)
        .then(pl.lit("not additive"))
        .otherwise(pl.col("fiscal_quarter").replace_strict(NO_SHORTER, return_dtype=pl.String))
    )
    columns = GAP_REASON.names()
    gaps = missing.with_columns(reason=why).select(columns)
    refused = refused_quarters(named.filter(additive)).select(columns)
    doubted = _doubted(periods).select(columns)
    told = pl.concat([refused, doubted])
    since = told.group_by(GAP).agg(told_at=pl.col("known_at").min())
    untold = gaps.join(since, on=GAP, how="left", nulls_equal=True).filter(
        pl.col("told_at").is_null() | (pl.col("told_at") > pl.col("known_at"))
    )
    both = pl.concat([told, untold.select(columns)])
    first = both.group_by([*GAP, "reason"]).agg(pl.col(KNOWN).min()).select(columns)
    ended = _ended(named).join(told, on=[*GAP, "known_at"], how="anti", nulls_equal=True)
    return pl.concat([first, ended.select(columns)]).sort(columns)


def _ended(named: pl.DataFrame) -> pl.DataFrame:
    """The figures that their source states no more, and what was computed of figures that end or part; known since then."""
    gone, computed = named.filter(pl.col("status").is_in(GONE)), pl.col("formula").is_not_null()
    # What an epoch withdraws is stated still, of another line or as a slip: that has its own reason.
    lacked = gone.filter(~computed & (pl.col("known_at_basis") != "latest_input"))
    instants = lacked.select("company", "known_at").unique().with_columns(lacks=pl.lit(value=True))
    told = gone.join(instants, on=["company", "known_at"], how="left")
    reason = (
        pl.when(~computed)
        .then(pl.lit("stated no more"))
        .when("lacks")
        .then(pl.lit("an operand is stated no more"))
        .otherwise(pl.lit(PARTED))
    )
    asked = told.filter(
        (computed | (pl.col("known_at_basis") != "latest_input"))
        & pl.col("period_kind").is_in(["quarter", "instant", "year"])
    )
    told_once = [*GAP, "known_at", "reason"]
    return asked.with_columns(reason=reason).sort("first_seen_at").unique(told_once, keep="first", maintain_order=True)


def _doubted(periods: pl.DataFrame) -> pl.DataFrame:
    """The quarters that a doubtful figure would have given or was an operand of."""
    doubtful = periods.filter((pl.col("status") == DOUBTFUL) & pl.col("fiscal_year").is_not_null())
    year = doubtful["period_kind"] == "year"
    at = doubtful.with_columns(metric=pl.col("meant"), fiscal_quarter=pl.col("fiscal_quarter").fill_null(4))
    following = at.filter(pl.col("period_kind").is_in(list(QUARTER_AFTER))).with_columns(
        fiscal_quarter=pl.col("period_kind").replace_strict(QUARTER_AFTER, return_dtype=pl.Int32)
    )
    whole = at.filter(year).with_columns(fiscal_quarter=pl.lit(None, pl.Int32))
    reason = pl.concat_str(pl.lit("doubtful operand: "), pl.col("set_aside").str.strip_prefix("doubtful: "))
    return pl.concat([at, following, whole]).with_columns(reason=reason)


def _with_metrics(facts: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """The rows with metric, concept_rank (lower is preferred; NULL without a metric) and the metric's definition."""
    companies = [catalog.companies[name] for name in sorted(set(facts["company"].unique()) & catalog.companies.keys())]
    table = pl.DataFrame(_names(companies, catalog), schema=_NAME_SCHEMA, orient="row")
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
    in_percent = by_part & (pl.col("unit") == PURE)
    named = joined.with_columns(
        metric=metric,
        concept_rank=rank,
        definition=tagged.otherwise("definition"),
        unit_named=pl.when(in_percent).then(pl.lit("pct")),
    ).drop("tag_metric", "tag_definition", "tag_rank", "part_metric", "part_definition", "part_rank")
    # A share of one is a percentage; every other amount stands in the unit the filing states it in.
    translated = pl.col("translated_from").is_not_null() & pl.col("metric").is_not_null()
    why = pl.concat_str(pl.lit("convenience translation: the filing reports in "), pl.col("translated_from"))
    unclear = {tag: metric.id for metric in catalog.metrics.values() for tag in metric.ambiguous}
    quarantined = pl.col("metric").is_null() & by_tag & pl.col("concept").is_in(list(unclear))
    meant = pl.col("concept").replace_strict(unclear, default=None, return_dtype=pl.String)
    # Some tags of commitments are durations by their taxonomy: what a table of the balance day says, and no flow.
    balances = [metric.id for metric in catalog.metrics.values() if metric.period == "instant"]
    return named.with_columns(
        definition=_changed_definition(companies),
        period_start=pl.when(~pl.col("metric").is_in(balances).fill_null(value=False)).then("period_start"),
        unit=pl.coalesce("unit_named", "unit_stated"),
        meant=pl.when(translated).then("metric").when(quarantined).then(meant),
        set_aside=pl.when(translated).then(why).when(quarantined).then(pl.lit(UNCLEAR)),
        metric=pl.when(~translated).then("metric"),
    ).drop("unit_stated", "translated_from", "unit_named")


def _tags_again(named: pl.DataFrame) -> pl.DataFrame:
    """What is set aside is no metric, and a tag by itself has no definition but that."""
    tag = pl.col("set_aside").is_not_null() & (pl.col("concept") != pl.col("meant"))
    return named.with_columns(definition=pl.when(tag).then(pl.lit(TAGGED)).otherwise("definition"))


def _changed_definition(companies: list[Company]) -> pl.Expr:
    """What a company's tag means in its period: the metric's definition, or that of the last declared change."""
    found = pl.col("definition")
    for company in companies:
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


def _names(companies: list[Company], catalog: Catalog) -> list[tuple[str, str, str, str, str, int]]:
    """(company, tag, unit, metric, definition, rank) for every tag of those companies."""
    return [
        (company.ticker, concept, metric.unit, metric.id, metric.definition, rank)
        for company in companies
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
    ranked = rows.with_columns(preference=preference)
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in SCHEMA.items() if name not in ranked.columns]
    return ranked.with_columns(missing).select(IN_SCHEMA)
