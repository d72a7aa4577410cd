"""The form for the numbers that are only said on the call: last quarter's questions, with its answers beside them.

`render` writes the form as YAML; a person fills in what was said and leaves the rest empty. `answers` turns the filled
form into the text of an analyst file (docs/analyst_facts.md) without the questions nobody answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import yaml

from config.errors import Refused
from config.parsing import parse_yaml
from config.specs import Company
from transforms.companies.calendars import fiscal_year_end, quarter_ends

HEAD = """\
# {name}, {label} ({start} to {end}): what only the call or the release says. Fill in what was said, leave the rest empty.
# Plain units: 298000000000 for dollars, 31 for 31 per cent; words are an interval: {{low: 45, high: 55, note: about half}}.
# Then: capex-signals new fact {ticker} --finish {file}
company: {ticker}
topic: what the print of {label} said
entered_by:
entered_on: {today}
zone: America/New_York

documents:
  release:
    medium: earnings_release
    published_on: {expected}
    tier: 1
    url:
  call:
    medium: earnings_call
    published_on: {expected}
    tier: 2
    url:

statements:
"""


class Question(NamedTuple):
    """One number asked for: what it was called the last time, and what was said then."""

    metric: str
    definition: str
    unit: str
    instant: bool
    last: str
    said: str


class Quarter(NamedTuple):
    """The quarter a form is about."""

    year: int
    quarter: int
    start: date
    end: date

    @property
    def label(self) -> str:
        return f"FY{self.year}Q{self.quarter}"


def quarter_of(company: Company, label: str) -> Quarter:
    """The quarter of a label such as FY2027Q1. Raises Refused for anything else."""
    year, _, number = label.removeprefix("FY").partition("Q")
    if not (year.isdigit() and number in {"1", "2", "3", "4"} and label.startswith("FY")):
        raise Refused(f"{label!r} is no fiscal quarter", place="--period", remedy="write it as FY2027Q1")
    ends = quarter_ends(company.calendar, int(year))
    before = fiscal_year_end(company.calendar, int(year) - 1) if number == "1" else ends[int(number) - 2]
    return Quarter(int(year), int(number), date.fromordinal(before.toordinal() + 1), ends[int(number) - 1])


def last_ended(company: Company, today: date) -> str:
    """The label of the last quarter that ended before `today`: of a company of which no print is known yet."""
    ends = [
        (end, f"FY{year}Q{number}")
        for year in (today.year, today.year + 1)
        for number, end in enumerate(quarter_ends(company.calendar, year), start=1)
        if end < today
    ]
    before = fiscal_year_end(company.calendar, today.year - 1)
    return max([*ends, (before, f"FY{today.year - 1}Q4")])[1]


def form_name(company: Company, quarter: Quarter) -> str:
    """File name of the form: its suffix keeps it out of the analyst files until it is finished."""
    return f"{company.ticker.lower()}_{quarter.label.lower()}.form"


def render(company: Company, quarter: Quarter, questions: Sequence[Question], expected: date, today: date) -> str:
    """The form. One statement for each kind of question and definition, its figures empty."""
    text = HEAD.format(
        name=company.name, label=quarter.label, ticker=company.ticker, file=form_name(company, quarter),
        today=today, expected=expected, start=quarter.start, end=quarter.end,
    )  # fmt: skip
    groups: dict[tuple[str, bool], list[Question]] = {}
    for question in questions:
        groups.setdefault((question.definition, question.instant), []).append(question)
    for (definition, instant), asked in groups.items():
        text += f"  - period: {quarter.label}\n"
        text += "" if instant else f"    period_start: {quarter.start}\n"
        text += f"    period_end: {quarter.end}\n    document: call\n    definition: {definition}\n"
        text += "    statement:  # one English sentence in our own words\n    figures:\n"
        width = max(len(question.metric) for question in asked)
        for question in asked:
            text += f"      {question.metric}:{' ' * (width - len(question.metric))}  # {question.unit}; {question.last}: {question.said}\n"
    return text


def answers(text: str, units: dict[str, str], place: str) -> str:
    """The analyst file of a filled form: answered figures only, with their measures and documents.

    Raises Refused where nothing was answered or the form is not YAML; everything else the analyst reader checks.
    """
    form = parse_yaml(text, place)
    if not isinstance(form, dict) or not isinstance(form.get("statements"), list):
        raise Refused("it is no form", place=place, remedy="start from `capex-signals new fact COMPANY`")
    statements = [kept for kept in (_answered(statement) for statement in form["statements"]) if kept["figures"]]
    if not statements:
        raise Refused("no question is answered", place=place, remedy="fill in at least one figure")
    used = {statement["document"] for statement in statements}
    measures = {metric: {"unit": units[metric]} for one in statements for metric in one["figures"] if metric in units}
    body = {
        **{key: form.get(key) for key in ("company", "topic", "entered_by", "entered_on", "zone")},
        "measures": measures,
        "documents": {name: _filled(body) for name, body in (form.get("documents") or {}).items() if name in used},
        "statements": statements,
    }
    return yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=120)


def _answered(statement: dict[str, Any]) -> dict[str, Any]:
    figures = statement.get("figures") or {}
    return {**statement, "figures": {metric: said for metric, said in figures.items() if said is not None}}


def _filled(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value is not None}
