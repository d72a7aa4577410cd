"""Which period a heading or a sentence of a release names: the quarter it reports on, the year, or something else.

A period that is named must be the one reported: a quarter by its number, its year or its last day. What follows a word of
comparison ("compared to the fourth quarter of 2023") names no period of the figure.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Literal

from config.specs import Company
from transforms.companies.calendars import period_of

Told = Literal["", "quarter", "year", "other"]

NUMBERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
YEAR = r"(?: and (?:the )?(?:full|fiscal) (?:fiscal )?year)?(?:,? (?:of )?(?:the )?(?:fiscal |calendar )?(?:year )?(?:FY ?)?(?P<year>20\d\d|\d\d(?!\d|%|\.| ?(?:billion|million|percent))))?"
BEFORE = r"(?:\b(?:fiscal |FY ?)?(?:year )?(?P<before>20\d\d|(?<=FY)\d\d|(?<=FY )\d\d)[ ,-]*)?"
QUARTER = re.compile(
    BEFORE + r"\b(?P<number>first|second|third|fourth|1st|2nd|3rd|4th)[- ](?:fiscal )?quarter" + YEAR, re.IGNORECASE
)
SHORT_QUARTER = re.compile(BEFORE + r"(?<![A-Za-z])Q(?P<number>[1-4])(?: ?(?:FY|CY)? ?'?(?P<year>20\d\d|\d\d)\b)?")
ENDED = re.compile(r"(?:quarters?|three months) ended ([A-Z][a-z]+ \d{1,2})(?:, (\d{4}))?", re.IGNORECASE)
ANOTHER_QUARTER = re.compile(
    r"(?:prior|previous|preceding|last|next|coming|year[- ]ago)(?:[- ]year)?(?:'s)? quarter|quarter (?:a|one) year ago",
    re.IGNORECASE,
)
OF_THE_YEAR = re.compile(
    r"(?:twelve|12)[- ]months?|(?:full|fiscal|calendar|annual)[- ]years?\b|\byears? ended|\bFY ?\d{2,4}\b|\b(?:fiscal|calendar) 20\d\d"
    r"|(?<!year )\b(?:for|of|in|during|over|this) (?:the |this )?(?:whole |entire |past |last )?year\b(?![- ](?:ago|over))"
    r"|\byear in review|\bannual (?:results|summary|highlights|revenues?)|\b(?:in|during|for|throughout) 20\d\d\b",
    re.IGNORECASE,
)
OF_OTHER_MONTHS = re.compile(
    r"(?:six|nine|6|9)[- ]months?\b|year[- ]to[- ]date|\bYTD\b|\b(?:first|second)[- ]half\b|\bhalf[- ]year",
    re.IGNORECASE,
)
COMPARED = re.compile(
    r"\b(?:compared?|versus|vs\.?|relative|as against|up from|down from|over the (?:same|prior|year))\b", re.IGNORECASE
)
FIGURES = re.compile(r"[$%]|\d\.\d")
LONGEST_HEADING = 200
OF_FISCAL = re.compile(r"\b(?:fiscal(?: year)? |FY ?'?)(?:20)?\d\d", re.IGNORECASE)
BARE_YEAR = re.compile(r"20\d\d")
SPAN = re.compile(
    r"(?:(?:results|highlights|summary)[a-z ]* (?:for|of) (?:the )?)?(?:(?:three|six|nine|twelve|3|6|9|12)[- ]months?|(?:fiscal |full )?(?:quarter|year)s?)\b",
    re.IGNORECASE,
)


def told_period(text: str, company: Company, quarter: date) -> Told:
    """What the text names, for a release on the quarter that ends on that day; "" where it names no period."""
    said = COMPARED.split(text)[0]
    named = [*_numbered(said, company, quarter), *_ended(said, quarter)]
    if any(named):
        return "quarter"
    if named or ANOTHER_QUARTER.search(said):
        return "other"
    if OF_OTHER_MONTHS.search(said):
        return "other"
    return "year" if OF_THE_YEAR.search(said) else ""


def heading(paragraph: str, company: Company, quarter: date) -> Told:
    """The period that a heading opens the section of; "" for what is no heading, or names none.

    A heading that names the quarter and the year opens the quarter's part, as titles of releases do.
    """
    if paragraph.endswith(".") or FIGURES.search(paragraph):
        return ""
    if len(paragraph) > LONGEST_HEADING:  # filers' headings run on: the period stands at its beginning
        return told_period(paragraph[:LONGEST_HEADING], company, quarter) if SPAN.match(paragraph) else ""
    if BARE_YEAR.fullmatch(paragraph):
        return "year" if int(paragraph) == period_of(company.calendar, None, quarter).fiscal_year else "other"
    return told_period(paragraph, company, quarter)


def _numbered(said: str, company: Company, quarter: date) -> list[bool]:
    """Of each quarter named by its number whether it is the one reported."""
    period = period_of(company.calendar, None, quarter)
    found = []
    for one in (*QUARTER.finditer(said), *SHORT_QUARTER.finditer(said)):
        number = NUMBERS.get(one["number"].lower()) or int(one["number"])
        told = one["year"] or one["before"]
        year = int(told) + (2000 if len(told) == 2 else 0) if told else None
        own = {period.fiscal_year} if OF_FISCAL.search(one[0]) else {period.fiscal_year, quarter.year}
        found.append(number == period.fiscal_quarter and year in {None, *own})
    return found


def _ended(said: str, quarter: date) -> list[bool]:
    found = []
    for day, year in ENDED.findall(said):
        try:
            end = datetime.strptime(f"{day.title()}, {year or quarter.year}", "%B %d, %Y").date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
        found.append(abs((end - quarter).days) <= 7)
    return found
