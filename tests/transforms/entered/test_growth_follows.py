"""What was entered of a level and of its growth fits together: of the two one would be a slip, or a bound entered as a figure."""

from __future__ import annotations

from datetime import date, datetime
from itertools import product

import polars as pl

from config.contracts import Capture
from config.load import analyst_files, catalog
from transforms.companies.rounding import grain
from transforms.sources.analyst_facts import parse

LEVELS = {
    "cloud_revenue": "cloud_revenue_growth_pct",
    "rpo_commercial": "rpo_commercial_growth_pct",
    "azure_revenue": "azure_growth_reported_pct",
}
OTHER_SOURCES = ("events_", "guidance_")
SLACK = 0.05  # percentage points, for what rounding twice moves


def entered() -> pl.DataFrame:
    now = datetime(2026, 11, 22)
    parts = [
        parse(body, Capture("analyst_facts", name, "", "0" * 64, 1, now, now, origin="entered"), catalog()).rows
        for name, body in analyst_files().items()
        if not name.startswith(OTHER_SOURCES)
    ]
    return pl.concat(parts).filter(pl.col("value").is_not_null() & (pl.col("status") != "withdrawn"))


def ends(value: float, unit: float) -> tuple[float, float]:
    return value - unit / 2, value + unit / 2


def of_month(levels: pl.DataFrame, year: int, month: int) -> list[tuple[float, float]]:
    """(value, what it was rounded to) of each level of a quarter, or a balance, that ends in that month."""
    short = (pl.col("period_end") - pl.col("period_start")).dt.total_days().fill_null(90) < 100
    ends_there = (pl.col("period_end").dt.year() == year) & (pl.col("period_end").dt.month() == month)
    return levels.filter(short & ends_there).select("value", "unit").rows()


def not_following(rows: pl.DataFrame) -> list[tuple[str, str, date, float]]:
    """(company, metric, end of the period, growth stated) of each growth that no level and level of the year before give."""
    found = []
    levels = rows.filter(pl.col("concept").is_in(list(LEVELS))).with_columns(unit=grain("value"))
    for company, metric, definition, end, growth in (
        rows.filter(pl.col("concept").is_in(list(LEVELS.values())))
        .select("company", "concept", "definition", "period_end", "value")
        .iter_rows()
    ):
        level = next(name for name, grown in LEVELS.items() if grown == metric)
        mine = levels.filter(
            (pl.col("company") == company) & (pl.col("concept") == level) & (pl.col("definition") == definition)
        )
        now = of_month(mine, end.year, end.month)
        ago = of_month(mine, end.year - 1, end.month)
        low, high = growth - 0.5 - SLACK, growth + 0.5 + SLACK
        bounds = [
            (100 * (ends(*new)[0] / ends(*old)[1] - 1), 100 * (ends(*new)[1] / ends(*old)[0] - 1))
            for new, old in product(now, ago)
        ]
        if bounds and not any(least <= high and low <= most for least, most in bounds):
            found.append((company, metric, end, growth))
    return found


def test_each_growth_follows_from_the_levels_entered_beside_it() -> None:
    """More than 25 billion, entered as 25, is no 24 per cent over 20.7: Microsoft Cloud of FY2023Q1 was 25.7."""
    assert not_following(entered()) == []


def test_a_bound_entered_as_a_figure_is_found() -> None:
    rows = entered()
    quarter = (
        (pl.col("concept") == "cloud_revenue")
        & (pl.col("period_end") == date(2022, 9, 30))
        & (pl.col("company") == "MSFT")
    )
    slip = rows.with_columns(value=pl.when(quarter).then(25e9).otherwise("value"))
    told = [(company, metric, end) for company, metric, end, _ in not_following(slip)]
    assert ("MSFT", "cloud_revenue_growth_pct", date(2022, 9, 30)) in told
    assert ("MSFT", "cloud_revenue_growth_pct", date(2023, 9, 30)) in told
