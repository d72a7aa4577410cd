"""What the declarations say of companies, groups, metrics and definitions, as frames: so that nobody needs the YAML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from config.chains import Calendar
from config.metric_specs import Derivation, Metric, Term
from config.specs import Catalog, Company

COMPANY: pl.Schema = pl.Schema(
    {
        "company": pl.String(), "name": pl.String(), "cik": pl.Int64(), "other_tickers": pl.List(pl.String()),
        "fiscal_year_ends": pl.String(), "followed": pl.Boolean(),
    }
)  # fmt: skip
GROUP: pl.Schema = pl.Schema(
    {
        "company_group": pl.String(), "title_en": pl.String(), "title_zh": pl.String(), "meaning": pl.String(),
        "company": pl.String(),
    }
)  # fmt: skip
METRIC: pl.Schema = pl.Schema(
    {
        "metric": pl.String(), "title_en": pl.String(), "title_zh": pl.String(), "definition": pl.String(),
        "meaning": pl.String(), "unit": pl.String(), "period": pl.String(), "additive": pl.Boolean(),
        "quantity": pl.String(), "concepts": pl.List(pl.String()), "formulas": pl.List(pl.String()),
        "asked_of": pl.List(pl.String()),
    }
)  # fmt: skip
DEFINITION: pl.Schema = pl.Schema(
    {
        "metric": pl.String(), "definition": pl.String(), "company": pl.String(), "stated_by": pl.String(),
        "valid_from": pl.Date(), "valid_to": pl.Date(), "formula": pl.String(),
    }
)  # fmt: skip
TERM: pl.Schema = pl.Schema(
    {
        "company": pl.String(), "metric": pl.String(), "definition": pl.String(), "operand": pl.String(),
        "operand_definition": pl.String(), "sign": pl.Int32(),
    }
)  # fmt: skip
STEP: pl.Schema = pl.Schema(
    {
        "company": pl.String(), "metric": pl.String(), "definition": pl.String(), "since": pl.Date(), "until": pl.Date(),
        "recast": pl.Boolean(), "evidence": pl.String(),
    }
)  # fmt: skip
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def company_frame(catalog: Catalog) -> pl.DataFrame:
    """One row a declared company (COMPANY)."""
    rows = [
        (one.ticker, one.name, one.cik, list(one.other_tickers), _year_end(one.calendar), one.followed)
        for one in catalog.companies.values()
    ]
    return pl.DataFrame(rows, schema=COMPANY, orient="row")


def group_frame(catalog: Catalog) -> pl.DataFrame:
    """One row for each company in each declared group (GROUP)."""
    rows = [
        (group.id, group.title_en, group.title_zh, group.meaning, company)
        for group in catalog.company_groups.values()
        for company in group.companies
    ]
    return pl.DataFrame(rows, schema=GROUP, orient="row")


def metric_frame(catalog: Catalog) -> pl.DataFrame:
    """One row a metric (METRIC); `concepts` are its tags in filings, also those that count only with dimensions."""
    asked = {
        metric: [one.ticker for one in catalog.companies.values() if any(ask.metric == metric for ask in one.asks)]
        for metric in catalog.metrics
    }
    rows = [
        (
            one.id, one.title_en, one.title_zh, one.definition, one.meaning, one.unit, one.period, one.additive, one.quantity,
            list(dict.fromkeys([*one.concepts, *(tag for part in one.parts for tag in part.concepts)])),
            [f"{derived.definition}: {derived.formula}" for derived in one.derivations], asked[one.id],
        )
        for one in catalog.metrics.values()
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=METRIC, orient="row")


def definition_frame(catalog: Catalog) -> pl.DataFrame:
    """One row for each declared definition of a metric and the companies it holds for (DEFINITION; '' is any).

    valid_from and valid_to are ends of periods where a company's tags change their meaning, and days of filing for parts.
    Definitions that only statements entered by hand carry are not declared: the view `definition` adds them.
    """
    rows = [row for metric in catalog.metrics.values() for row in _of_metric(metric)]
    rows += [row for company in catalog.companies.values() for row in _of_company(company)]
    return pl.DataFrame(rows, schema=DEFINITION, orient="row").unique(maintain_order=True)


def step_frame(catalog: Catalog) -> pl.DataFrame:
    """One row for each step of a company's chains of definitions and each metric of the chain (STEP)."""
    rows = [
        (company.ticker, metric, step.definition, step.since, step.until, step.recast, step.evidence)
        for company in catalog.companies.values()
        for chain in company.chains.values()
        for metric in chain.metrics
        for step in chain.steps
    ]
    return pl.DataFrame(rows, schema=STEP, orient="row")


def term_frame(catalog: Catalog) -> pl.DataFrame:
    """What each metric computed from others is a sum of (TERM), company by company, down to what is not computed itself."""
    rows = [
        (company, metric.id, derived.definition, *operand, sign)
        for metric in catalog.metrics.values()
        for derived in metric.derivations
        if derived.share is None
        for company in derived.companies or tuple(catalog.companies)
        for operand, sign in _terms(catalog, company, derived).items()
        if sign
    ]
    return pl.DataFrame(rows, schema=TERM, orient="row")


def _terms(catalog: Catalog, company: str, derived: Derivation) -> dict[tuple[str, str], int]:
    """(metric, definition) -> how often it counts; what is added and taken away again counts not at all."""
    found: dict[tuple[str, str], int] = {}
    for term in derived.terms:
        within = next((one for one in catalog.metrics[term.metric].derivations if _gives(one, term, company)), None)
        parts = {(term.metric, term.definition): 1} if within is None else _terms(catalog, company, within)
        for operand, sign in parts.items():
            found[operand] = found.get(operand, 0) + term.sign * sign
    return found


def _gives(derived: Derivation, term: Term, company: str) -> bool:
    fits = not derived.companies or company in derived.companies
    return fits and derived.definition == term.definition and derived.share is None


def _of_metric(metric: Metric) -> Iterator[tuple[Any, ...]]:
    if metric.concepts:
        yield metric.id, metric.definition, "", "tag", None, None, ", ".join(metric.concepts)
    for part in metric.parts:
        named = part.definition or (f"one for each member of {part.axis}" if part.axis else metric.definition)
        tags = ", ".join(part.concepts)
        where = f" where {' and '.join(part.dimensions)}" if part.dimensions else ""
        yield metric.id, named, part.company, "tag", part.filed_from, part.filed_before, f"{tags}{where}"
    for derived in metric.derivations:
        for company in derived.companies or ("",):
            yield metric.id, derived.definition, company, "formula", None, None, derived.formula


def _of_company(company: Company) -> Iterator[tuple[Any, ...]]:
    for metric, changes in company.definitions.items():
        ends = [*(change.since for change in changes[1:]), None]
        for change, end in zip(changes, ends, strict=True):
            yield metric, change.definition, company.ticker, "tag", change.since, end, ""


def _year_end(calendar: Calendar) -> str:
    month = MONTHS[calendar.year_end_month - 1]
    weekday = calendar.week_ends_on
    ends = f"last day of {month}" if weekday is None else f"a {WEEKDAYS[weekday]} near the end of {month}"
    return "; ".join([ends, *(f"until {one.until} in {MONTHS[one.year_end_month - 1]}" for one in calendar.former)])
