"""An earnings release as text: its paragraphs in order, the quarter it reports on, and where it speaks of the year."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag

from config.specs import Company
from transforms.calendars import fiscal_year_end, period_of, quarter_ends

BLOCKS = ["p", "div", "li", "td", "th", "tr", "table", "h1", "h2", "h3", "h4", "h5", "body", "ul", "ol"]
BULLET = re.compile(r"(?:^|\s)[\u00b7\u2022\u25cf\uf0b7\u25aa]\s*")
# A new sentence begins after an end mark and closing quotes, before a capital or an opening quote.
SENTENCES = re.compile(r"(?<=[.!?\u201d\"])\s+(?=[A-Z\u201c\"])|(?<=,[\u201d'\"])\s+(?=said )")
ENDED = re.compile(r"(?:quarter|three months|period) ended ([A-Z][a-z]+ \d{1,2}, \d{4})", re.IGNORECASE)
OF_THE_YEAR = re.compile(r"(?:Full|Fiscal) Year (?:Ended )?\d{4}\b.{0,30}", re.IGNORECASE)
OF_THE_QUARTER = re.compile(r"(?:First|Second|Third|Fourth) Quarter(?: (?:Fiscal )?\d{4})?\b.{0,30}", re.IGNORECASE)
LONGEST_HEADING = 60
# Results come within two months of the quarter's end, of the year's within three.
LATEST = timedelta(days=100)
TAIL = 2048


def is_whole(html: bytes) -> bool:
    """Whether the page has its end."""
    return b"</html>" in html[-TAIL:].lower()


def paragraphs(html: bytes) -> list[str]:
    """The texts of the page block by block, without empty ones; a table cell is a block."""
    soup = BeautifulSoup(html, "lxml")
    for element in soup(["script", "style"]):
        element.decompose()
    for line_break in soup("br"):
        line_break.replace_with(" ")
    page = soup.body or soup
    strings = [text for text in page.find_all(string=True) if not isinstance(text, PreformattedString)]
    blocks = groupby(strings, key=_block)
    texts = (" ".join("".join(pieces).split()) for _, pieces in blocks)
    return [text for text in texts if text]


def sentences(paragraph: str) -> Iterator[str]:
    """The sentences of a paragraph without bullets and enclosing quotation marks."""
    for item in BULLET.split(paragraph):
        for sentence in SENTENCES.split(item):
            if trimmed := sentence.strip().lstrip("-\u2013 ").strip("\u201c\u201d\"' "):
                yield trimmed


def reported_quarter(texts: Sequence[str], company: Company, filed_on: date | None) -> date | None:
    """The last day of the quarter a release reports on: it names it, and it ended not long before the filing.

    None when it names none, or one that is no fiscal quarter of the company or too far from the filing date.
    """
    for text in texts:
        if found := ENDED.search(text):
            end = _day(found[1])
            return end if end is not None and _fits(end, company, filed_on) else None
    if filed_on is None:
        return None
    end = _last_quarter_end(company, filed_on)
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


def heading(paragraph: str) -> str:
    """ "year" or "quarter" for a heading that opens such a section, else empty."""
    if len(paragraph) > LONGEST_HEADING:
        return ""
    if OF_THE_YEAR.match(paragraph):
        return "year"
    return "quarter" if OF_THE_QUARTER.match(paragraph) else ""


def _block(text: NavigableString) -> int:
    """Which block a piece of text stands in."""
    parent = text.find_parent(BLOCKS)
    return id(parent) if isinstance(parent, Tag) else 0


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
    ends = [end for year in (filed_on.year, filed_on.year + 1) for end in quarter_ends(company.calendar, year)]
    return max(end for end in ends if end < filed_on)
