"""`capex-signals new fact`: a form for what a print only says, and the analyst file that becomes of it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from config.contracts import Capture
from config.errors import Refused
from config.load import catalog
from config.settings import Settings
from config.specs import Company
from flows.steps.pipeline import Pipeline, parse
from transforms.entered.fact_form import Quarter, Question, answers, form_name, last_ended, quarter_of, render
from warehouse.archive.captures import sha256_of
from warehouse.home import forms
from warehouse.published.swap import open_published

PRINT_LAG = timedelta(days=28)


def new_form(settings: Settings, ticker: str, period: str, folder: Path = forms.FOLDER) -> Path:
    """Write the form of a company's next print, or of the quarter named; returns its path."""
    pipeline = Pipeline.open(settings)
    company = _company(ticker)
    today = pipeline.clock().date()
    with open_published(pipeline.home) as connection:
        coming = forms.expected(connection, ticker)
        label = period or (f"FY{coming[0][0]}Q{coming[0][1]}" if coming else last_ended(company, today))
        quarter = quarter_of(company, label)
        said = forms.said_before(connection, ticker, str(quarter.end))
    text = render(company, quarter, _questions(company, quarter, said), _day(quarter, coming), today)
    return forms.write_form(form_name(company, quarter), text, folder)


def finish_form(settings: Settings, ticker: str, form: Path, folder: Path = forms.FOLDER) -> Path:
    """Check a filled form and make it an analyst file; the next run loads it. Raises Refused naming what is wrong."""
    company = _company(ticker)
    units = {metric.id: metric.unit for metric in catalog().metrics.values()}
    text = answers(forms.read_form(form), units, form.name)
    name = f"{form.stem}.yml"
    now = Pipeline.open(settings).clock()
    body = text.encode()
    capture = Capture("analyst_facts", name, "", sha256_of(body), len(body), now, now, "entered", "entered")
    parsed = parse(body, capture, catalog())
    if set(parsed.rows["company"]) != {company.ticker}:
        raise Refused(f"the form is not about {ticker}", place=form.name, remedy="name its company")
    path = forms.write_form(name, text, folder)
    forms.remove_form(form)
    return path


def _company(ticker: str) -> Company:
    found = catalog().companies.get(ticker)
    if found is None:
        raise Refused(f"there is no company {ticker!r}", remedy=f"choose one of: {', '.join(catalog().companies)}")
    return found


def _questions(company: Company, asked_of: Quarter, said: list[tuple[object, ...]]) -> list[Question]:
    """What the company's entry asks, each with what was said last; raises Refused where it asks nothing."""
    if not company.asks:
        raise Refused(
            f"nothing is asked of {company.ticker}", remedy="declare `asks` of its entry in config/companies.yml"
        )
    last: dict[object, tuple[str, str]] = {}
    for metric, definition, year, quarter, exact, value, low, high in said:
        words = str(exact or value) if value is not None else f"{low} to {high}"
        last[metric, definition] = (f"FY{year}Q{quarter}", words)
    questions = []
    for one in company.asks:
        metric = catalog().metrics[one.metric]
        definition = one.definition or metric.definition
        if chain := company.chain_of(metric.id):  # what it means in this period, or that nobody has proved it
            definition = company.definition_at(chain, asked_of.end)
        when, words = last.get((metric.id, definition), ("before", "never said"))
        questions.append(Question(metric.id, definition, metric.unit, metric.period == "instant", when, words))
    return questions


def _day(quarter: Quarter, coming: list[tuple[object, ...]]) -> date:
    """When the quarter is printed: as expected, or four weeks after its end."""
    for year, number, day in coming:
        if (year, number) == (quarter.year, quarter.quarter) and isinstance(day, date):
            return day
    return quarter.end + PRINT_LAG
