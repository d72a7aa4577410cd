"""Which fiscal period the headings above a column name: by its last day, by its number, or a year."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import NamedTuple

from config.specs import Company
from transforms.companies.calendars import fiscal_year_end, period_of, quarter_ends

DAY = re.compile(
    r"\b(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? (?P<day>\d{1,2}),? .*?(?P<year>20\d\d)\b",
    re.IGNORECASE,
)
NUMBERS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
QUARTER = re.compile(
    r"\b(first|second|third|fourth)[- ](?:fiscal )?quarter|\b(?:FY ?'?(?:20)?\d\d ?-?)?Q([1-4])(?!\d)|\b([1-4])Q",
    re.IGNORECASE,
)
FISCAL = re.compile(
    r"(?:FY|fiscal(?: year)?|Q[1-4]|[1-4]Q|quarter|full year),? ?(?:of )?(?:fiscal )?(?:year )?(?:FY ?)?['\u2019]?(20\d\d|\d\d)(?!\d)",
    re.IGNORECASE,
)
BARE_YEAR = re.compile(r"\b(20\d\d)\b")
OF_QUARTER = re.compile(r"(?:three|3)[- ]months?\b|\bquarters? ended", re.IGNORECASE)
OF_YEAR = re.compile(
    r"(?:twelve|12)[- ]months?\b|\b(?:fiscal |full )?years? ended|\bfull[- ]year\b|\bannual\b", re.IGNORECASE
)
OF_MORE = re.compile(
    r"\b(?:six|nine|6|9)[- ]months?\b|year[- ]to[- ]date|\bYTD\b|\bhalf\b|\bH[12]\b|\bcalendar\b|\bCY|trailing|\bTTM\b",
    re.IGNORECASE,
)
# A change, a plan, or two spans at once ("Three and Six Months Ended").
NO_PERIOD = re.compile(
    r"\bchange\b|%|y/y|\byoy\b|growth|impact|guidance|outlook|estimate|forecast|pro forma|variance|\bprior\b"
    r"|\b(?:three|3|six|6|nine|9|quarters?)(?:[- ]months?)?(?: ended)? (?:and|&) (?:the )?(?:six|6|nine|9|twelve|12|years?)\b",
    re.IGNORECASE,
)


class Column(NamedTuple):
    """The last day of a fiscal quarter or, where `annual`, of a fiscal year; None for another span, `told` as it is."""

    end: date | None
    annual: bool = False
    span: bool = True  # whether the heading says how long the period is, and not its last day alone


OTHER = Column(None)


def column_period(heading: str, company: Company) -> Column | None:
    """The period a heading names; OTHER for one that is no quarter and no year; None where it names none, or two."""
    if NO_PERIOD.search(heading) or OF_MORE.search(heading):
        return None if NO_PERIOD.search(heading) else OTHER
    quarter, year = bool(OF_QUARTER.search(heading)), bool(OF_YEAR.search(heading))
    numbers = {
        NUMBERS.get((word or "").lower()) or int(short or other) for word, short, other in QUARTER.findall(heading)
    }
    days = list(DAY.finditer(heading))
    fiscal = {int(text) + (2000 if len(text) == 2 else 0) for text in FISCAL.findall(heading)}
    others = set(map(int, BARE_YEAR.findall(heading))) - fiscal
    if (quarter and year) or max(map(len, (numbers, days, others, fiscal))) > 1:
        return None
    if days:
        return _dated(days[0], company, numbers, quarter=quarter, year=year)
    named = next(iter(fiscal or others), None)
    if named is not None and numbers and not year:
        return Column(quarter_ends(company.calendar, named)[numbers.pop() - 1])
    if named is not None and (year or (fiscal and not quarter and not numbers)):
        return Column(fiscal_year_end(company.calendar, named), annual=True)
    return None


def _dated(found: re.Match[str], company: Company, numbers: set[int], *, quarter: bool, year: bool) -> Column | None:
    try:
        end = datetime.strptime(f"{found['month'][:3].title()} {found['day']} {found['year']}", "%b %d %Y").date()  # noqa: DTZ007  a day has no zone
    except ValueError:
        return None
    fiscal = period_of(company.calendar, None, end)
    if fiscal.fiscal_quarter is None or (year and fiscal.fiscal_quarter != 4):
        return OTHER
    if numbers and fiscal.fiscal_quarter not in numbers:
        return None
    return Column(end, annual=year, span=quarter or year or bool(numbers))
