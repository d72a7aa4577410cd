"""The fiscal quarter that an earnings release reports on, by the company's own calendar."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from config.specs import Company
from transforms.companies.calendars import fiscal_year_end, period_of, quarter_ends

ENDED = re.compile(r"(?:quarter|three months|period) ended ([A-Z][a-z]+ \d{1,2}, \d{4})", re.IGNORECASE)
# Results come within two months of the quarter's end, of the year's within three.
LATEST = timedelta(days=100)
YEARS_BACK = timedelta(days=250)  # a comparative of the year before is no candidate


def reported_quarter(texts: Sequence[str], company: Company, filed_on: date | None) -> date | None:
    """The last day of the quarter a release reports on: it names it, and it ended not long before the filing.

    The quarter that ended last before the filing is meant where it is named at all, also beside an earlier one. None
    when the release names none, two others, or one that is no fiscal quarter or too far from the filing date.
    """
    named = [end for text in texts for found in ENDED.finditer(text) if (end := _day(found[1])) is not None]
    if filed_on is None:
        return named[0] if named and _fits(named[0], company, None) else None
    end = _last_quarter_end(company, filed_on)
    fitting = {day for day in named if _fits(day, company, filed_on)}
    if end in fitting:
        return end
    if len(fitting) == 1 and fitting == {day for day in named if day > end - YEARS_BACK}:
        return fitting.pop()
    if named:
        return None
    head = re.compile(rf"three months ended\s+{end:%B} {end.day}\b", re.IGNORECASE)
    return end if any(head.search(text) for text in texts) and _fits(end, company, filed_on) else None


def period_start(company: Company, period_end: date, *, annual: bool) -> date:
    """The first day of the fiscal quarter, or of the year, that ends on that day."""
    period = period_of(company.calendar, None, period_end)
    year, quarter = period.fiscal_year, period.fiscal_quarter
    if year is None or quarter is None:
        raise ValueError(f"{period_end} ends no fiscal quarter")
    if annual or quarter == 1:
        return fiscal_year_end(company.calendar, year - 1) + timedelta(days=1)
    return quarter_ends(company.calendar, year)[quarter - 2] + timedelta(days=1)


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text.title(), "%B %d, %Y").date()  # noqa: DTZ007  a day has no zone
    except ValueError:
        return None


def _fits(end: date, company: Company, filed_on: date | None) -> bool:
    if period_of(company.calendar, None, end).fiscal_quarter is None:
        return False
    return filed_on is None or timedelta() < filed_on - end <= LATEST


def _last_quarter_end(company: Company, filed_on: date) -> date:
    ends = [
        end
        for year in (filed_on.year - 1, filed_on.year, filed_on.year + 1)
        for end in quarter_ends(company.calendar, year)
    ]
    return max(end for end in ends if end < filed_on)
