"""Hand-entered statements: what a release, a call, a filing or an article says of a company, typed in by a person.

One YAML file holds one topic of one company: the documents read, and the figures each of them states. The file
is the project's own, so a slip in it is Refused whole, naming the key: nothing of a doubtful file is appended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from config.chains import UNDECLARED
from config.contracts import COMPANY_FACT, Capture, Parsed
from config.declared import Spec
from config.errors import Refused
from config.load import build
from config.parsing import parse_yaml
from config.specs import Catalog, Company
from transforms.companies.calendars import period_of
from transforms.entered.documents import NEW_YORK, Document, form_of, known_at, known_zone, rank_of

LARGEST_PCT = 1000
SMALLEST_USD = 1_000_000
LABELLED = {"quarter", "year", "instant"}


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
        return known_zone(zone)


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
        _check_chain(entry, company)
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


def _check_chain(entry: _Entry, company: Company) -> None:
    """A figure whose meaning changes with the period bears a definition that is proved for its period."""
    chain, end = company.chain_of(entry.metric), entry.statement.period_end
    names = {step.definition for step in company.chains[chain].steps} if chain else set()
    if entry.definition in names and not company.chains[chain].holds(entry.definition, end):
        remedy = f"declare the chain {chain}'s next step in config/companies.yml with its evidence, or say {chain}{UNDECLARED}"
        raise _refused(entry.locator, f"{entry.definition} is not proved for the period that ends {end}", remedy)


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
    instant, basis = known_at(document, file.zone)
    return {
        "company": file.company,
        "concept": entry.metric,
        "definition": entry.definition,
        "unit": entry.measure.unit,
        "period_start": said.period_start,
        "period_end": said.period_end,
        "currency": "USD" if entry.measure.unit == "USD" else None,
        "form": form_of(document),
        "value": _float(figure.value),
        "value_exact": None if figure.value is None else format(figure.value, "f"),
        "value_low": _float(figure.low),
        "value_high": _float(figure.high),
        "status": figure.status,
        "known_at": instant,
        "known_at_basis": basis,
        "form_rank": rank_of(document, figure.revision),
        "document_id": said.document,
        "locator": entry.locator,
        "source_url": document.url or None,
        "evidence_tier": document.tier,
        "note": " ".join(part for part in (said.statement, figure.note, said.note, document.note) if part),
    }


def _float(number: Decimal | None) -> float | None:
    return None if number is None else float(number)


def _refused(place: str, message: str, remedy: str) -> Refused:
    return Refused(message, source="analyst_facts", place=place, remedy=remedy)
