"""Fiscal and calendar periods: which quarter or year of a company a pair of dates is.

Only the dates count, never what a filing says of itself: `fy` and `fp` of an SEC fact describe the filing it stands in.

Fiscal years bear the number of the calendar year they end in. Dates may lie a week off the calendar's: a company on
whole weeks puts the extra week of a 53-week year into a quarter of its choice, and a filing may mistype a start.

Calendar periods: a duration belongs to the calendar quarter and year of its middle day, an instant to those of its
date. So quarters of different fiscal calendars stand beside each other, at most half a quarter apart.
"""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

import polars as pl

from config.chains import WEEKS_A_YEAR, Calendar
from config.specs import Company

TOLERANCE = timedelta(days=7)
ONE_DAY = timedelta(days=1)
YEAR_TO_DATE = {2: "half", 3: "nine_months", 4: "year"}

PERIOD_SCHEMA = pl.Schema(
    {
        "period_kind": pl.String,
        "fiscal_year": pl.Int32,
        "fiscal_quarter": pl.Int32,
        "calendar_year": pl.Int32,
        "calendar_quarter": pl.Int32,
    }
)


class Period(NamedTuple):
    """What a pair of dates is. `other` and instants off a quarter's end have no fiscal year and quarter.

    fiscal_quarter is the quarter a half or nine months ends in, and None for a year. calendar_quarter is None for
    whatever is neither a quarter nor an instant.
    """

    period_kind: str
    fiscal_year: int | None
    fiscal_quarter: int | None
    calendar_year: int
    calendar_quarter: int | None


class _Fiscal(NamedTuple):
    kind: str
    year: int | None = None
    quarter: int | None = None


def fiscal_year_end(calendar: Calendar, fiscal_year: int) -> date:
    """The last day of a fiscal year: the month's last day, or its last `week_ends_on` weekday."""
    month = calendar.year_end_month
    last = date(fiscal_year, month, gregorian.monthrange(fiscal_year, month)[1])
    if calendar.week_ends_on is None:
        return last
    return last - timedelta(days=(last.weekday() - calendar.week_ends_on) % 7)


@lru_cache(maxsize=4096)
def quarter_ends(calendar: Calendar, fiscal_year: int) -> tuple[date, date, date, date]:
    """The last days of a fiscal year's quarters; in a 53-week year its long quarter has one week more."""
    year_end = fiscal_year_end(calendar, fiscal_year)
    if calendar.week_ends_on is not None:
        before = fiscal_year_end(calendar, fiscal_year - 1)
        extra = year_end - before - timedelta(weeks=WEEKS_A_YEAR)  # a week or nothing
        first, second, third = (
            before
            + timedelta(weeks=sum(calendar.weeks[:quarter]))
            + (extra if calendar.long_quarter <= quarter else timedelta())
            for quarter in (1, 2, 3)
        )
        return (first, second, third, year_end)
    return (_months_before(year_end, 9), _months_before(year_end, 6), _months_before(year_end, 3), year_end)


def quarter_frame(companies: Mapping[str, Company], years: Iterable[int]) -> pl.DataFrame:
    """The last day of each quarter of those fiscal years of each company: company, fiscal_year, fiscal_quarter, period_end."""
    rows = [
        (company.ticker, year, quarter, end)
        for year in years
        for company in companies.values()
        for quarter, end in enumerate(quarter_ends(company.calendar, year), start=1)
    ]
    schema = {"company": pl.String, "fiscal_year": pl.Int32, "fiscal_quarter": pl.Int32, "period_end": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


def period_of(calendar: Calendar | None, start: date | None, end: date) -> Period:
    """The period of a duration (start to end, both included) or, without a start, of an instant.

    Without a calendar (a company nobody declared) a duration is `other`: its quarters are unknown.
    """
    fiscal = _fiscal(calendar, start, end)
    middle = end if start is None else start + (end - start) // 2
    quarter = (middle.month + 2) // 3 if fiscal.kind in {"quarter", "instant"} else None
    return Period(fiscal.kind, fiscal.year, fiscal.quarter, middle.year, quarter)


def with_periods(facts: pl.DataFrame, companies: Mapping[str, Company]) -> pl.DataFrame:
    """The same rows with the columns of PERIOD_SCHEMA, from company, period_start and period_end."""
    on = ["company", "period_start", "period_end"]
    keys = facts.select(on).unique()
    labels = [
        period_of(companies[company].calendar if company in companies else None, start, end)
        for company, start, end in keys.iter_rows()
    ]
    table = keys.hstack(pl.DataFrame(labels, schema=PERIOD_SCHEMA, orient="row"))
    return facts.join(table, on=on, how="left", nulls_equal=True, maintain_order="left")


@lru_cache(maxsize=65536)
def _fiscal(calendar: Calendar | None, start: date | None, end: date) -> _Fiscal:
    if calendar is None:
        return _Fiscal("other" if start else "instant")
    for year in (end.year, end.year + 1, end.year - 1):
        for quarter, due in enumerate(quarter_ends(calendar, year), start=1):
            if start is None and _is_balance_day(calendar, end, due):
                return _Fiscal("instant", year, quarter)
            if start is not None and abs(end - due) <= TOLERANCE:
                return _duration(calendar, year, quarter, start)
    return _Fiscal("other" if start else "instant")


def _duration(calendar: Calendar, year: int, quarter: int, start: date) -> _Fiscal:
    """A duration that ends with this quarter. One that does not start where a fiscal period does is `other`.

    Trailing twelve months are 365 days long and end with a quarter: only their start tells them from a year.
    """
    year_start = fiscal_year_end(calendar, year - 1) + ONE_DAY
    quarter_start = year_start if quarter == 1 else quarter_ends(calendar, year)[quarter - 2] + ONE_DAY
    if abs(start - quarter_start) <= TOLERANCE:
        return _Fiscal("quarter", year, quarter)
    if abs(start - year_start) <= TOLERANCE:
        return _Fiscal(YEAR_TO_DATE[quarter], year, None if quarter == 4 else quarter)
    return _Fiscal("other")


def _is_balance_day(calendar: Calendar, day: date, due: date) -> bool:
    """An opening balance after a change of accounting is dated a day late, so months' ends admit no tolerance."""
    if calendar.week_ends_on is None:
        return day == due
    return day.weekday() == calendar.week_ends_on and abs(day - due) <= TOLERANCE


def _months_before(day: date, months: int) -> date:
    """The last day of the month that many months before."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    return date(year, month + 1, gregorian.monthrange(year, month + 1)[1])
