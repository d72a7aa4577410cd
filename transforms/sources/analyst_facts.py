"""Hand-entered statements: what a release, a call, a filing or an article says of a company, typed in by a person.

One YAML file holds one topic of one company: the documents read, and the figures each of them states. The file
is the project's own, so a slip in it is Refused whole, naming the key: nothing of a doubtful file is appended.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from config.contracts import COMPANY_FACT, Capture, Parsed
from config.errors import Refused
from config.load import build, parse_yaml
from config.specs import Catalog, Company, Spec
from transforms.calendars import period_of

NEW_YORK = "America/New_York"
LARGEST_PCT = 1000
SMALLEST_USD = 1_000_000
LABELLED = {"quarter", "year", "instant"}

Medium = Literal["earnings_release", "earnings_call", "filing", "article"]

# A release is furnished to the SEC, and a filing accepted, by 17:30; Microsoft's calls begin at 17:30 and last an hour.
PROVEN_AT: Mapping[str, time] = {
    "earnings_release": time(17, 30),
    "filing": time(17, 30),
    "earnings_call": time(18, 30),
}
FORMS: Mapping[str, str] = {"earnings_release": "release", "earnings_call": "call", "article": "article"}
# Among documents known at one instant the audited one speaks last. A revision outranks every kind of document.
RANKS: Mapping[str, int] = {"filing": 3, "earnings_release": 2, "earnings_call": 1, "article": 0}
REVISION_RANK = 10


class Document(Spec):
    """One document that was read. `published_on` is a date in the place of publication."""

    medium: Medium
    published_on: date
    tier: int = Field(ge=1, le=3)
    url: str = Field("", description="address a person can open; empty where there is none, and `note` says so")
    form: str = Field("", description="kind of filing (10-K, 10-Q, 8-K); required for a filing")
    note: str = ""

    @field_validator("url")
    @classmethod
    def _opens(cls, url: str) -> str:
        if url and not re.fullmatch(r"https?://[^\s()]+", url):
            raise ValueError("not an address a person can open; leave it empty and say so in note")
        return url

    @model_validator(mode="after")
    def _complete(self) -> Document:
        if not self.url and not self.note:
            raise ValueError("without an address the note must say where the document was read")
        if (self.medium == "filing") != bool(self.form):
            raise ValueError("a filing names its form, other media do not")
        return self


class Measure(Spec):
    """What a metric means in this file: its definition (a statement may name another) and its unit."""

    unit: str
    definition: str = ""


class Figure(Spec):
    """One number in plain units (298000000000, not 298 billion), or the interval that words allow."""

    value: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    status: Literal["reported", "estimated", "withdrawn"] = "reported"
    revision: int = Field(0, ge=0, description="raise by one whenever a figure already loaded is corrected")
    note: str = ""

    @model_validator(mode="after")
    def _states_something(self) -> Figure:
        if (self.low is None) != (self.high is None):
            raise ValueError("low and high come together")
        if self.value is None and self.low is None:
            raise ValueError("state a value, or low and high")
        bounds = [number for number in (self.low, self.value, self.high) if number is not None]
        if bounds != sorted(bounds):
            raise ValueError("low, value and high are not in order")
        if self.status == "withdrawn" and not (self.revision and self.note):
            raise ValueError("a withdrawn figure needs a revision above 0 and a note that says why")
        return self


class Statement(Spec):
    """What one document says of one period: a sentence of ours, and the figures by metric."""

    period: str = Field(description="fiscal label, FY2025Q2; checked against the dates")
    period_end: date
    period_start: date | None = Field(None, description="first day; for a balance (instant) left out")
    document: str
    statement: str = Field(min_length=20, description="one English sentence in our own words")
    definition: str = Field("", description="overrides the measure's definition for all figures here")
    figures: Mapping[str, Figure] = Field(min_length=1)
    note: str = ""

    @field_validator("figures", mode="before")
    @classmethod
    def _plain_numbers(cls, figures: Any) -> Any:
        if not isinstance(figures, dict):
            return figures
        return {metric: body if isinstance(body, dict) else {"value": body} for metric, body in figures.items()}


class AnalystFile(Spec):
    """config/analyst/<company>_<topic>.yml."""

    company: str
    topic: str
    entered_by: str
    entered_on: date
    zone: str = Field(NEW_YORK, description="zone of articles' dates; releases, calls and filings are New York's")
    measures: Mapping[str, Measure] = Field(min_length=1)
    documents: Mapping[str, Document] = Field(min_length=1)
    statements: tuple[Statement, ...] = Field(min_length=1)

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{zone!r} is not an IANA time zone") from error
        return zone


@dataclass(frozen=True, slots=True)
class _Entry:
    """One figure with all it hangs on."""

    locator: str
    metric: str
    measure: Measure
    figure: Figure
    statement: Statement
    document: Document

    @property
    def definition(self) -> str:
        return self.statement.definition or self.measure.definition

    @property
    def key(self) -> tuple[object, ...]:
        said = self.statement
        return (said.document, self.metric, self.definition, said.period_start, said.period_end)


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of company_fact from one file of config/analyst; capture.scope is the file's name.

    Raises Refused, naming the file and the key, for anything that does not hold together: unknown keys,
    companies or metrics, a unit slip, dates that contradict the fiscal label, one document saying two things.
    """
    place = capture.scope
    body = parse_yaml(payload, place)
    file = build(AnalystFile, body, place)
    company = catalog.companies.get(file.company)
    if company is None:
        raise _refused(place, f"company {file.company!r} is not in config/companies.yml", "add it there")
    entries = list(_entries(file, place))
    for entry in entries:
        _check_metric(entry, catalog)
        _check_size(entry)
        _check_period(entry, company)
    _check_duplicates(entries)
    return Parsed(COMPANY_FACT.frame([_row(file, entry) for entry in entries]))


def _entries(file: AnalystFile, place: str) -> Iterator[_Entry]:
    for index, statement in enumerate(file.statements):
        for metric, figure in statement.figures.items():
            locator = f"{place}#/statements/{index}/figures/{metric}"
            if statement.document not in file.documents:
                raise _refused(locator, f"document {statement.document!r} is not under documents", "describe it there")
            if metric not in file.measures:
                raise _refused(locator, f"metric {metric!r} is not under measures", "give its unit and definition")
            document = file.documents[statement.document]
            yield _Entry(locator, metric, file.measures[metric], figure, statement, document)
    if unused := set(file.documents) - {statement.document for statement in file.statements}:
        raise _refused(place, f"documents without a statement: {sorted(unused)}", "remove them or say what they state")


def _check_metric(entry: _Entry, catalog: Catalog) -> None:
    metric = catalog.metrics.get(entry.metric)
    if metric is None:
        raise _refused(entry.locator, "the metric is not in config/metrics.yml", "declare it there, or mend the name")
    if metric.unit != entry.measure.unit:
        raise _refused(entry.locator, f"unit {entry.measure.unit}, but metrics.yml says {metric.unit}", "mend one")
    if not entry.definition:
        raise _refused(entry.locator, "no definition", "name it in measures or in the statement")
    if (metric.period == "duration") != (entry.statement.period_start is not None):
        remedy = "give period_start" if metric.period == "duration" else "leave period_start out"
        raise _refused(entry.locator, f"metrics.yml calls the metric {metric.period}", remedy)


def _check_size(entry: _Entry) -> None:
    figure, unit = entry.figure, entry.measure.unit
    for number in (figure.value, figure.low, figure.high):
        if number is None:
            continue
        if unit.startswith("pct") and abs(number) > LARGEST_PCT:
            raise _refused(entry.locator, f"{number} {unit} is beyond {LARGEST_PCT}", "31 means 31 per cent")
        if unit == "USD" and abs(number) < SMALLEST_USD:
            raise _refused(entry.locator, f"{number} USD is below a million", "write plain dollars: 298000000000")


def _check_period(entry: _Entry, company: Company) -> None:
    said = entry.statement
    label = _fiscal_label(said, company)
    if label != said.period:
        dates = f"{said.period_start or ''}..{said.period_end}"
        raise _refused(entry.locator, f"{said.period} does not run {dates}: that is {label}", "mend label or dates")
    if entry.document.published_on <= said.period_end:
        raise _refused(entry.locator, "the document was published before the period ended", "mend the dates")


def _fiscal_label(said: Statement, company: Company) -> str:
    """The fiscal label the dates stand for. The calendar forgives a week; what a person types must be exact."""
    period = period_of(company.calendar, said.period_start, said.period_end)
    first_days = (said.period_end + timedelta(days=1), said.period_start)
    whole_months = all(day is None or day.day == 1 for day in first_days)
    if period.period_kind not in LABELLED or not (whole_months or company.calendar.week_ends_on is not None):
        return "no fiscal quarter or year"
    return f"FY{period.fiscal_year}" + (f"Q{period.fiscal_quarter}" if period.fiscal_quarter else "")


def _check_duplicates(entries: list[_Entry]) -> None:
    seen: dict[tuple[object, ...], _Entry] = {}
    for entry in entries:
        first = seen.setdefault(entry.key, entry)
        if first is not entry:
            raise _refused(entry.locator, f"already stated at {first.locator}", "keep one; correct by `revision`")


def _row(file: AnalystFile, entry: _Entry) -> dict[str, Any]:
    figure, said, document = entry.figure, entry.statement, entry.document
    known_at, basis = _known_at(document, file.zone)
    return {
        "company": file.company,
        "concept": entry.metric,
        "definition": entry.definition,
        "unit": entry.measure.unit,
        "period_start": said.period_start,
        "period_end": said.period_end,
        "currency": "USD" if entry.measure.unit == "USD" else None,
        "form": document.form or FORMS[document.medium],
        "value": _float(figure.value),
        "value_exact": None if figure.value is None else format(figure.value, "f"),
        "value_low": _float(figure.low),
        "value_high": _float(figure.high),
        "status": figure.status,
        "known_at": known_at,
        "known_at_basis": basis,
        "form_rank": RANKS[document.medium] + REVISION_RANK * figure.revision,
        "document_id": said.document,
        "locator": entry.locator,
        "source_url": document.url or None,
        "evidence_tier": document.tier,
        "note": " ".join(part for part in (said.statement, figure.note, said.note, document.note) if part),
    }


def _known_at(document: Document, zone: str) -> tuple[datetime, str]:
    """When the public could know it, as naive UTC, and the sentence that says how that is proved."""
    clock = PROVEN_AT.get(document.medium)
    if clock is None:
        # Only the day is proved, so the row counts from the day's end where the article appeared.
        end = datetime.combine(document.published_on + timedelta(days=1), time(), ZoneInfo(zone))
        return _naive_utc(end), f"{document.medium}: end of published_on, {zone}"
    local = datetime.combine(document.published_on, clock, ZoneInfo(NEW_YORK))
    return _naive_utc(local), f"{document.medium}: published_on {clock:%H:%M}, {NEW_YORK}"


def _naive_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None)


def _float(number: Decimal | None) -> float | None:
    return None if number is None else float(number)


def _refused(place: str, message: str, remedy: str) -> Refused:
    return Refused(message, source="analyst_facts", place=place, remedy=remedy)
