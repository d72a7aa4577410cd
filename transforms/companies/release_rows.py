"""What the tables of a release state of the metrics that stand in no tag: the rows that are read, and those that are only told.

A row is read where its words are those of a declared subject and of a measure, and nothing else, and where the headings name
the period of a number. A table may stand on its side: periods down the rows, measures above the columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from config.specs import Company
from transforms.companies.column_period import Column, column_period
from transforms.filings.release_tables import Number, TableRow
from transforms.filings.release_wordings import (
    AZURE,
    AZURE_GROWTH,
    CAPEX,
    CLOUD,
    CLOUD_REVENUE,
    COMMERCIAL,
    COMMERCIAL_RPO,
    MEASURED_OTHERWISE,
    TOTAL_RPO,
    Figure,
    Metrics,
)


class Subject(NamedTuple):
    """What rows of a company are about. `alone`: its amount needs no word of revenue; `level`: it is a balance, its day no span;
    `income`: the metric of its operating income, of a segment."""

    name: re.Pattern[str]
    definition: str
    metrics: Metrics
    alone: bool = False
    level: bool = False
    income: str = ""


class Placed(NamedTuple):
    """A figure of a table with the last day of its period; its definition is still the name of a chain, where there is one."""

    figure: Figure
    end: date


class Told(NamedTuple):
    """What a row gave: figures, and the numbers of it that were not read although it names a subject."""

    figures: tuple[Placed, ...]
    unread: tuple[str, ...]


def _subject(words: str, definition: str, metrics: Metrics, *, alone: bool = False, level: bool = False) -> Subject:
    return Subject(re.compile(words, re.IGNORECASE), definition, metrics, alone or level, level)


def _segment(words: str, definition: str) -> Subject:
    return Subject(
        re.compile(words, re.IGNORECASE), definition, Metrics("segment_revenue"), income="segment_operating_income"
    )


AZURE_METRICS = AZURE_GROWTH._replace(amount="azure_revenue")
SUBJECTS: Mapping[str, tuple[Subject, ...]] = {
    "MSFT": (
        _subject(r"\bAzure(?: and other cloud services)?\b", AZURE, AZURE_METRICS),
        _subject(r"\bMicrosoft Cloud\b", CLOUD, CLOUD_REVENUE),
        _subject(r"\bcommercial remaining performance obligations?\b", COMMERCIAL, COMMERCIAL_RPO, level=True),
        _subject(r"\bcapital expenditures?,? including (?:assets acquired under )?finance leases\b", "management_capex", CAPEX, alone=True),
        # The segments of the recast of 2026-09-02, which no report has tagged yet; the others are the reports' own.
        _segment(r"\bAgents (?:and|&) Infra(?:structure)?\b", "agents_and_infra"),
        _segment(r"\bDevices (?:and|&) Consumer\b", "devices_and_consumer"),
    ),
    "AMZN": (_subject(r"\bAWS\b|\bAmazon Web Services\b", "aws", CLOUD_REVENUE),),
    "GOOGL": (_subject(r"\bGoogle Cloud\b", "google_cloud", CLOUD_REVENUE),),
    "META": (
        _subject(r"\bcapital expenditures?,? including principal payments on finance leases\b", "management_capex", CAPEX, alone=True),
    ),
    "ORCL": (
        _subject(r"\bcloud infra(?:structure)?(?: \(IaaS\)| \(OCI\))?(?!\w)|\bOCI\b|\bIaaS\b", "oci", CLOUD_REVENUE),
        _subject(r"\bremaining performance obligations?\b|\bRPO\b", "xbrl_total", TOTAL_RPO, level=True),
    ),
}  # fmt: skip
INCOME = re.compile(r"\b(?:segment )?operating income(?: \(loss\))?(?!\w)", re.IGNORECASE)
# Words of growth above a column, behind those of its period.
GROWTH_ABOVE = re.compile(
    r"(?:percentage|%) (?:change|growth),? (?:y/y|yoy|year[- ]over[- ]year)(?: \(GAAP\))?(?P<constant>,? (?:in )?\(?constant currency\)?)?$",
    re.IGNORECASE,
)
REVENUE = re.compile(r"\b(?:net )?(?:segment )?(?:revenues?|sales)\b", re.IGNORECASE)
GROWTH = re.compile(
    r"\b(?:growth(?: rates?)?|% growth|percentage (?:growth|change)|(?:year[- ]over[- ]year|y/y|yoy)(?: (?:growth|change))?|%? ?change)(?!\w)",
    re.IGNORECASE,
)
CONSTANT = re.compile(
    r"\b(?:constant currency|CC)\b|\bexcluding (?:the )?(?:effects? of |impact of )?(?:changes in )?foreign (?:exchange|currency)(?: rates)?",
    re.IGNORECASE,
)
FILLING = re.compile(
    r"\(\w\)|\b(?:in|at|as reported|reported|percent(?:age)?|total|rate|the|of|on a|basis|(?:in )?(?:US\$|USD|dollars)|(?:in )?(?:millions|billions|thousands)|RPO)\b|[%:;,()$*/&\-\u2013\u2014]",
    re.IGNORECASE,
)
OPEN_SPAN = re.compile(
    r"(?:(?:three|six|nine|twelve|3|6|9|12)[- ]months|quarters?|years?) ended [A-Z][a-z]+ \d{1,2}\b,?(?!,? ?20\d\d)",
    re.IGNORECASE,
)
FISCAL_YEAR = re.compile(r"\b(?:FY ?\d{2,4}|fiscal(?: year)? 20\d\d)\b", re.IGNORECASE)
PERCENT = re.compile(r"%|per ?cent", re.IGNORECASE)
# Of a whole table, where no column says that it is as reported.
TABLE_OTHERWISE = re.compile(
    rf"{MEASURED_OTHERWISE.pattern}(?: [\w-]+){{0,3}} (?:revenues?|sales|results|amounts|figures)\b", re.IGNORECASE
)
AS_REPORTED = re.compile(r"\breported\b|(?<!non-)\bGAAP\b", re.IGNORECASE)
IMPACT = re.compile(r"\bimpact\b", re.IGNORECASE)
# Figures of a subject that are no metric, or that the report tags by segment.
OF_ANOTHER = re.compile(
    r"\b(?:income|loss|costs?|profit|expenses?|employees|headcount|amortization|depreciation|assets)\b",
    re.IGNORECASE,
)


def read_row(row: TableRow, company: Company, filed_on: date | None) -> Told:
    """The figures of a row with their periods, and what of it is not read. A number of another span is left."""
    figures: list[Placed] = []
    unread: list[str] = []
    for number in row.numbers:
        read = _read(number, row, company, filed_on)
        if isinstance(read, Placed):
            figures.append(read)
        elif read:
            unread.append(read)
    return Told(tuple(figures), tuple(unread))


def _read(number: Number, row: TableRow, company: Company, filed_on: date | None) -> Placed | str | None:
    """The figure; why it is none, where the words name a subject; None where it is about something else."""
    growth = GROWTH_ABOVE.search(number.heading) if number.is_pct else None
    column, on_its_side = _period(number.heading[: growth.start()] if growth else number.heading, row, company), False
    if column is None and (column := _period(row.label, row, company)) is not None:
        on_its_side, growth = True, None
    said, around = (number.heading, row.label) if on_its_side else (row.label, row.group)
    subject = _named(said, company)
    if subject is None and not on_its_side and (subject := _named(row.group, company)) is not None:
        said, around = f"{row.group} {row.label}", ""
    if subject is None or IMPACT.search(number.heading):
        return None
    income = bool(subject.income and INCOME.search(f"{said} {around}") and not REVENUE.search(said))
    if not income and (
        OF_ANOTHER.search(said) or (OF_ANOTHER.search(around) and not REVENUE.search(f"{said} {around}"))
    ):
        return None
    if growth:
        said += " growth in constant currency" if growth["constant"] else " growth"
    otherwise = not CONSTANT.search(said) and _measured_otherwise(number.heading, row)
    measure = "" if otherwise else _measure(said, subject, number, f"{around} {row.title}", income=income)
    if not measure or number.value is None:
        return f"{said}: {number.text} {number.heading}".strip()
    if column is None or (not column.span and not subject.level):
        return f"{said}: the period of {number.text} is not told"
    if column.end is None or (filed_on is not None and column.end >= filed_on):
        return None
    return _placed(number, measure, subject, column, row)


def _placed(number: Number, metric: str, subject: Subject, column: Column, row: TableRow) -> Placed | str:
    end, value = column.end, number.value
    if end is None or value is None:
        raise ValueError("a figure needs a value and a period")
    if metric.endswith("_pct"):
        return Placed(Figure(metric, subject.definition, value, "pct", number.decimals, column.annual), end)
    exponents = row.exponents if number.exponent is None else {number.exponent}
    if len(exponents) != 1:
        return f"{row.label}: the unit of {number.text} is not told"
    (exponent,) = exponents
    if value < 0 and metric != "segment_operating_income":
        if metric != CAPEX.amount:
            return f"{row.label}: {number.text} is below zero"
        value = -value  # an outflow in brackets
    return Placed(
        Figure(metric, subject.definition, value.scaleb(exponent), "USD", number.decimals - exponent, column.annual),
        end,
    )


def _period(heading: str, row: TableRow, company: Company) -> Column | None:
    """By the headings, else by what before the table leaves for them to end: "Three Months Ended December 31," and "2024"."""
    found = column_period(heading, company)
    if found is not None and (found.span or found.end is None):
        return found
    begun = OPEN_SPAN.findall(row.title) if re.fullmatch(r"\D*20\d\d\D*", heading) else []
    if not begun and re.search(r"Q[1-4]", heading):
        begun = FISCAL_YEAR.findall(row.title)
    if len(set(begun)) != 1:
        return found
    longer = column_period(f"{begun[0]} {heading}", company)
    return longer if longer is not None else found


def _named(text: str, company: Company) -> Subject | None:
    """The one subject a text names."""
    found = [one for one in SUBJECTS.get(company.ticker, ()) if one.name.search(text)]
    return found[0] if len(found) == 1 else None


def _measured_otherwise(heading: str, row: TableRow) -> bool:
    """Whether what stands above a number says that it is none of the reported ones."""
    if MEASURED_OTHERWISE.search(f"{row.group} {heading}"):
        return True
    return bool(TABLE_OTHERWISE.search(row.title)) and not AS_REPORTED.search(heading)


def _measure(said: str, subject: Subject, number: Number, around: str, *, income: bool) -> str:
    """The metric whose words these are; empty where there are others beside them."""
    rest = subject.name.sub(" ", said)
    if income:
        rest = INCOME.sub(" ", rest)
    growth, constant = bool(GROWTH.search(rest)), bool(CONSTANT.search(rest))
    revenue = bool(REVENUE.search(rest))
    for words in (CONSTANT, GROWTH, REVENUE, FILLING):
        rest = words.sub(" ", rest)
    if rest.strip():
        return ""
    if growth or constant:
        if not number.is_pct and not PERCENT.search(f"{said} {around}"):
            return ""  # a growth in dollars
        return subject.metrics.constant if constant else subject.metrics.growth
    if number.is_pct:
        return ""
    if income:
        return subject.income
    told = revenue or subject.alone or (REVENUE.search(around) and not OF_ANOTHER.search(around))
    return subject.metrics.amount if told else ""


def names_a_subject(texts: Iterable[str], company: Company) -> bool:
    """Whether any text is about a subject of the company."""
    return any(one.name.search(text) for text in texts for one in SUBJECTS.get(company.ticker, ()))
