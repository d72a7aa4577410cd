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
ENDED = re.compile(
    r"(?:(?<!four )(?<!4 )quarters?|three months) ended ([A-Z][a-z]+ \d{1,2})(?:, (\d{4}))?", re.IGNORECASE
)
ANOTHER_QUARTER = re.compile(
    r"(?:prior|previous|preceding|last|next|coming|year[- ]ago)(?:[- ]year)?(?:'s)? quarter|quarter (?:a|one) year ago",
    re.IGNORECASE,
)
# At a sentence's beginning; behind a figure it is what that is compared with.
YEAR_BEFORE = re.compile(
    r"(?:(?:in|for|during) )?(?:the )?(?:(?:a|one) year (?:ago|earlier|before)|last year|(?:prior|previous)[- ]year|year[- ]ago)\b",
    re.IGNORECASE,
)
OUTLOOK = re.compile(r"\b(?:outlook|guidance|expectations)\b", re.IGNORECASE)
OF_THE_YEAR = re.compile(
    r"(?:twelve|12)[- ]months?|\b12M\b|\b(?:52|53|fifty[- ](?:two|three))[- ]weeks?\b|\b(?:four|4) quarters\b|(?:full|fiscal|calendar|annual)[- ]years?\b|\byears? ended|\bFY ?\d{2,4}\b|\b(?:fiscal|calendar) 20\d\d"
    r"|(?<!year )\b(?:for|of|in|during|over|this) (?:the |this )?(?:whole |entire |past |last )?year\b(?![- ](?:ago|over))"
    r"|\byear in review|\b(?:annual|yearly) (?:results|summary|highlights|revenues?|performance|figures|overview|review)\b|\b(?:in|during|for|throughout) 20\d\d\b",
    re.IGNORECASE,
)
OF_OTHER_MONTHS = re.compile(
    r"(?:six|nine|6|9)[- ]months?\b|\b(?:26|27|39|40|twenty[- ](?:six|seven)|thirty[- ]nine|forty)[- ]weeks?\b|year[- ]to[- ]date|\bYTD\b|\b(?:first|second)[- ]half\b|\bhalf[- ]year",
    re.IGNORECASE,
)
COMPARED = re.compile(
    r"\b(?:compared?|versus|vs\.?|relative|as against|up from|down from|over the (?:same|prior|year))\b", re.IGNORECASE
)
FIGURES = re.compile(r"\$ ?\d|%|\d\.\d")
LONGEST_HEADING = 200
LONGEST_WITH_STOP = 60
TITLE_WORD, TITLE_SHARE = 4, 0.7
OF_FISCAL = re.compile(r"\b(?:fiscal(?: year)? |FY ?'?)(?:20)?\d\d", re.IGNORECASE)
BARE_YEAR = re.compile(
    r"(?:the (?:whole|full) (?:of|year) )?(20\d\d)(?: (?:compared (?:to|with)|versus|vs\.?|against) 20\d\d|(?: (?:financial|operating|business"
    r"|results|highlights|performance|summary|overview|review|figures|and|in|at a glance))+)?",
    re.IGNORECASE,
)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = r"\b(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
# "January to December 2024", "July 1, 2023 - June 30, 2024"
MONTHS_OF = re.compile(
    rf"{MONTH}(?: \d{{1,2}})?,?(?: 20\d\d)? ?(?:-|\u2013|\u2014|to|through|until) ?{MONTH}", re.IGNORECASE
)
# "the December 2023 quarter"
MONTH_QUARTER = re.compile(rf"{MONTH}(?: (?P<year>20\d\d))? (?:fiscal )?quarter\b", re.IGNORECASE)
SINCE = re.compile(rf"\bsince {MONTH}", re.IGNORECASE)
SPAN = re.compile(
    r"(?:(?:results|highlights|summary)[a-z ]* (?:for|of) (?:the )?)?(?:(?:three|six|nine|twelve|3|6|9|12)[- ]months?|(?:fiscal |full )?(?:quarter|year)s?)\b",
    re.IGNORECASE,
)
# A span and words of a heading, with a stop: "Full year 2024 results."
SPAN_ALONE = re.compile(
    SPAN.pattern
    + r"(?: ended [A-Z][a-z]+ \d{1,2})?,? ?(?:20\d\d)?(?: (?:financial|operating|results|highlights|summary|review|overview))*\.",
    re.IGNORECASE,
)


def told_period(text: str, company: Company, quarter: date) -> Told:
    """What the text names, for a release on the quarter that ends on that day; "" where it names no period."""
    said = COMPARED.split(text)[0]
    named = [*_numbered(said, company, quarter), *_ended(said, quarter), *_by_month(said, quarter)]
    if any(named):
        return "quarter"
    if (
        named
        or any(words.search(said) for words in (ANOTHER_QUARTER, OF_OTHER_MONTHS, SINCE))
        or YEAR_BEFORE.match(said)
    ):
        return "other"
    if (months := MONTHS_OF.search(said)) is not None:
        return _of_months(months[1], months[2], quarter)
    return "year" if OF_THE_YEAR.search(said) else ""


def names_a_year_beside(text: str) -> bool:
    """Whether a text that names the quarter speaks of a year as well: which of them a figure is of its words do not tell."""
    said = COMPARED.split(text)[0]
    for words in (QUARTER, SHORT_QUARTER, ENDED, MONTH_QUARTER):
        said = words.sub(" ", said)
    return OF_THE_YEAR.search(said) is not None


def _by_month(said: str, quarter: date) -> list[bool]:
    """Of each quarter named by the month it ends with whether it is the one reported."""
    return [
        MONTHS.index(one[1][:3].lower()) == quarter.month - 1 and one["year"] in {None, str(quarter.year)}
        for one in MONTH_QUARTER.finditer(said)
    ]


def _of_months(first: str, last: str, quarter: date) -> Told:
    """What the months from one to another are, for the quarter that ends on that day."""
    begin, end = MONTHS.index(first[:3].lower()), MONTHS.index(last[:3].lower())
    spans: dict[int, Told] = {3: "quarter", 12: "year"}
    return spans.get((end - begin) % 12 + 1, "other") if end == quarter.month - 1 else "other"


def heading(paragraph: str, company: Company, quarter: date) -> Told:
    """The period that a heading opens the section of; "" for what is no heading, or names none.

    A heading that names the quarter and the year opens the quarter's part, as titles of releases do.
    """
    stopped = paragraph.endswith(".") and not (len(paragraph) <= LONGEST_WITH_STOP and SPAN_ALONE.fullmatch(paragraph))
    if stopped or FIGURES.search(paragraph):
        return ""
    if OUTLOOK.search(paragraph) and len(paragraph) <= LONGEST_WITH_STOP:
        return "other"
    if len(paragraph) > LONGEST_HEADING:  # filers' headings run on: the period stands at its beginning
        opens = SPAN.match(paragraph) or _is_title(paragraph)
        return told_period(paragraph[:LONGEST_HEADING], company, quarter) if opens else ""
    if (bare := BARE_YEAR.fullmatch(paragraph)) is not None:
        return "year" if int(bare[1]) == period_of(company.calendar, None, quarter).fiscal_year else "other"
    return told_period(paragraph, company, quarter)


def _is_title(paragraph: str) -> bool:
    """Whether most of its longer words begin with a capital."""
    words = [word for word in re.findall(r"[A-Za-z]+", paragraph) if len(word) >= TITLE_WORD]
    capitals = [word for word in words if word[0].isupper()]
    return len(capitals) >= TITLE_SHARE * len(words)


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
