"""The fiscal calendar of a filer that nobody declared, from the years its annual reports state.

Like the calendars of config/companies.yml it is identity, not evidence: the whole document is looked at, and what a later
report says of the calendar names earlier periods too. A filer has one calendar here. Where it changed its year, the years
that do not end with the calendar are counted (`off`), and no quarter is made of their longer periods.
"""

from __future__ import annotations

import calendar as gregorian
from collections import Counter
from datetime import date, timedelta
from typing import NamedTuple

import polars as pl

from config.chains import Calendar

ANNUAL_FORMS = ("10-K", "10-KT", "20-F", "40-F")
SHORTEST_YEAR, LONGEST_YEAR = 350, 378
# A year of whole weeks may end some days into the next month, and never earlier than a week before its month's end.
OVERLAP = timedelta(days=6)
MOSTLY = 0.8


class Found(NamedTuple):
    """A calendar (None: no annual report states a year), how many years were looked at, and how many do not fit."""

    calendar: Calendar | None
    years: int
    off: int


def fiscal_calendar(facts: pl.DataFrame) -> Found:
    """From one filer's rows of company_fact: the month in which most stated years end, weighed by their figures."""
    days = (pl.col("period_end") - pl.col("period_start")).dt.total_days() + 1
    annual = pl.any_horizontal(pl.col("form").str.starts_with(form) for form in ANNUAL_FORMS)
    stated = facts.filter(days.is_between(SHORTEST_YEAR, LONGEST_YEAR) & annual)
    ends = dict(stated.group_by("period_end").len().sort("period_end").iter_rows())
    if not ends:
        return Found(None, 0, 0)
    months = Counter[int]()
    for end, figures in ends.items():
        months[(end - OVERLAP).month] += figures
    month = max(sorted(months), key=lambda one: months[one])
    mine = [end for end in ends if (end - OVERLAP).month == month]
    found = Calendar(year_end_month=month, week_ends_on=_weekday(mine), long_quarter=4)
    return Found(found, len(ends), sum(not _fits(end, found) for end in ends))


def _weekday(ends: list[date]) -> int | None:
    """The weekday on which years of whole weeks end; None where they end with the month."""
    if sum(_is_month_end(end) for end in ends) > len(ends) / 2:
        return None
    [(weekday, years)] = Counter(end.weekday() for end in ends).most_common(1)
    return weekday if years >= MOSTLY * len(ends) else None


def _is_month_end(day: date) -> bool:
    return day.day == gregorian.monthrange(day.year, day.month)[1]


def _fits(end: date, found: Calendar) -> bool:
    """Whether a year that ends then ends with the calendar, give or take a week."""
    near = end - OVERLAP
    last = date(near.year, near.month, gregorian.monthrange(near.year, near.month)[1])
    return near.month == found.year_end_month and abs(end - last) <= timedelta(days=7)
