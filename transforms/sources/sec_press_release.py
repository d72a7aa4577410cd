"""Earnings releases: the figures companies state in the words of exhibit 99.1 and tag nowhere.

The payload is the whole 8-K as one text, which holds the exhibit, or the exhibit's page alone. Sentences of the makes in
transforms/filings/release_wordings.py are read, and rows of tables by transforms/companies/release_rows.py; what names one of
their topics and states a number that is not read is a notice. What the reports tag is left to them.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from config.chains import UNDECLARED
from config.contracts import COMPANY_FACT, Capture, Issue, Parsed
from config.specs import Catalog, Company, SourceSpec
from transforms.companies.calendars import period_of
from transforms.companies.release_period import Told, heading, names_a_year_beside, told_period
from transforms.companies.release_rows import names_a_subject, read_row
from transforms.companies.reported_period import period_start, reported_quarter
from transforms.filings.edgar_document import (
    Filed,
    Part,
    admit_whole,
    changed,
    filed_of,
    items_of,
    parts_of,
    scope_of_filing,
    scope_of_whole,
)
from transforms.filings.listing import FilingList, disclosures, earnings_releases
from transforms.filings.release_tables import TableRow, rows_of
from transforms.filings.release_text import is_whole, joined, paragraphs, sentences
from transforms.filings.release_wordings import Figure, covers, figures_in, has_chains, topics_of
from transforms.filings.xbrl_values import digits

NUMBER = re.compile(r"\$ ?\d|\d ?%")
EXHIBIT = "EX-99"
EXHIBITS = ("EX-99.1", "EX-99.01", EXHIBIT)
FORM = "8-K"
LONGEST_QUOTED = 300
RESULTS = "Results of Operations and Financial Condition"
RECAST = re.compile(
    r"\brecast|\breclassif|\bretrospective|\brestated?\b|\b(?:new|revised|updated|changed?)\b[^.]{0,60}\b(?:definition|segments?|methodology|metric)"
    r"|\b(?:definition|segments?)\b[^.]{0,60}\b(?:changed?|revised|updated|redefined)|\bredefin",
    re.IGNORECASE,
)
BLOCKS_A_SENTENCE = 3  # further blocks a sentence may be split over


class _Stated(NamedTuple):
    """A figure with its place in the release."""

    figure: Figure
    annual: bool
    end: date
    locator: str


def discover(spec: SourceSpec, ticker: str, listed: FilingList) -> list[tuple[str, str]]:
    """(scope, address) of every earnings release of a company that is read, newest first.

    Where a company's definitions change with the period, what it discloses between two prints, too. The whole filing is asked for: the list does not say what the exhibit is called, and its header proves the date.
    """
    if not covers(ticker):
        return []
    asked = [*earnings_releases(listed.filings), *(disclosures(listed.filings) if has_chains(ticker) else ())]
    newest = sorted(asked, key=lambda filing: filing.filed_on, reverse=True)
    return [(scope_of_filing(ticker, one), one.address(spec.addresses[0], one.text_name)) for one in newest]


def scope_of(body: bytes, catalog: Catalog) -> str:
    """The company of a whole filing; empty for an exhibit alone, which does not say when it was filed."""
    return scope_of_whole(body, catalog)


def admit(payload: bytes, capture: Capture) -> None:
    """Raises SourceChanged for an answer worth asking for again: what is asked for is always a whole filing."""
    admit_whole(payload, capture)


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of company_fact from one release; capture.scope is "TICKER ACCESSION FILED FORM" (see edgar_document).

    Raises SourceChanged for what is no whole release of that company's quarter: a notice of refusal, a page cut off,
    an exhibit that names no quarter. A filing without the exhibit, or that reports no quarter, yields a notice.
    """
    filed = filed_of(payload, capture, catalog)
    parts = list(parts_of(payload, capture))
    if (items := items_of(payload)) and RESULTS not in items:
        return _disclosed(parts, filed, catalog)
    part = _exhibit(parts)
    if part is None:
        return _nothing("the filing has no exhibit 99.1", capture)
    if not is_whole(part.body):
        raise changed("the exhibit is cut off before its end, or is no HTML", capture, f"/{part.name}")
    texts = paragraphs(part.body)
    quarter = reported_quarter(texts, filed.company, filed.filed_on)
    if quarter is None:
        if len(parts) == 1:
            raise changed("the page names no quarter that ended before it was filed", capture)
        return _nothing("the exhibit names no quarter that ended before it was filed", capture)
    stated, issues = _read(texts, filed, quarter, part.name)
    if names_a_subject(texts, filed.company):
        rows = list(rows_of(part.body))
        in_tables, untold = _tables(rows, part.name, filed, {one.figure.value for one in stated}, quarter)
        told = {row.text for row in rows}
        stated, issues = stated + in_tables, [one for one in issues if one.detail not in told] + untold
    if not stated and not issues and covers(filed.company.ticker) and any(NUMBER.search(text) for text in texts):
        raise changed(
            "the release states numbers, and neither a figure nor a sentence of a known topic was found", capture
        )
    beside, untold = _restated([one for one in parts if one is not part and one.kind.startswith(EXHIBIT)], filed)
    return _parsed(stated + beside, issues + untold, filed, catalog)


def _parsed(stated: list[_Stated], issues: list[Issue], filed: Filed, catalog: Catalog) -> Parsed:
    issues += _undeclared(stated)
    kept = _without_contradictions(stated, issues)
    return Parsed(COMPANY_FACT.frame([_row(one, filed, catalog) for one in kept]), tuple(issues))


def _tables(
    rows: Sequence[TableRow], name: str, filed: Filed, read: Container[Decimal], quarter: date | None = None
) -> tuple[list[_Stated], list[Issue]]:
    """The figures of an exhibit's tables, and a notice for each row on a subject that is not read.

    Of a release only the quarter reported, and the year that ends with it: its comparatives stand in their own releases. Without
    a quarter it is a recast, whose tables are vintages of the old periods by the definition it states.
    """
    stated: list[_Stated] = []
    issues: list[Issue] = []
    for index, row in enumerate(rows):
        locator = f"{name}#table {row.table} row {index}"
        told = read_row(row, filed.company, filed.filed_on)
        for one in told.figures:
            if quarter is not None and one.end != quarter:
                continue
            chain = one.figure.definition
            definition = (
                filed.company.definition_at(chain, one.end)
                if quarter
                else filed.company.restated_at(chain, one.end, filed.filed_on)
            )
            figure = one.figure._replace(definition=definition)
            stated.append(_Stated(figure, figure.annual, one.end, locator))
        if told.unread and not all(number.value in read for number in row.numbers):
            said = "; ".join(told.unread)[:LONGEST_QUOTED]
            issues.append(Issue("row of a table not read", locator, said, "notice"))
    return stated, issues


def _disclosed(parts: Sequence[Part], filed: Filed, catalog: Catalog) -> Parsed:
    """What a filing between two prints says: no print."""
    stated, issues = _restated([part for part in parts if part.kind.startswith((FORM, EXHIBIT))], filed)
    if not stated and not issues:
        issues.append(Issue("no release to read", filed.accession, "the filing reports no results", "notice"))
    return _parsed(stated, issues, filed, catalog)


def _restated(parts: Iterable[Part], filed: Filed) -> tuple[list[_Stated], list[Issue]]:
    """What documents that are no release state: the tables of their exhibits where they redraw what figures mean, else notices."""
    stated: list[_Stated] = []
    issues: list[Issue] = []
    told = [(part, paragraphs(part.body)) for part in parts if is_whole(part.body)]
    for part, texts in told:
        issues += _passages(part.name, texts, filed)
        if part.kind.startswith(EXHIBIT):
            in_tables, untold = _tables(list(rows_of(part.body)), part.name, filed, ())
            stated, issues = stated + in_tables, issues + untold
    if any(RECAST.search(text) for _, texts in told for text in texts):
        return stated, issues
    said = f"{filed.accession}: the document is no print and names no recast"
    places = dict.fromkeys(one.locator for one in stated)
    return [], issues + [Issue("row of a table not read", place, said, "notice") for place in places]


def _passages(name: str, texts: Sequence[str], filed: Filed) -> Iterator[Issue]:
    """A notice of each paragraph that redraws what figures mean, or that states one of a known topic."""
    for index, text in enumerate(texts):
        place, said = f"{name}#paragraph {index}", f"{filed.accession}: {text[:LONGEST_QUOTED]}"
        if RECAST.search(text):
            asked = f"{said} - declare a recast step of the chain in config/companies.yml, filed {filed.filed_on}"
            yield Issue("figures of earlier periods stated anew", place, asked, "notice")
        for topic in topics_of(text, filed.company.ticker):
            yield Issue(f"{topic}: sentence not read", place, said, "notice")


def _exhibit(parts: list[Part]) -> Part | None:
    """The release: exhibit 99.1 of a filing, or the only document there is."""
    if len(parts) == 1:
        return parts[0]
    by_kind = {part.kind: part for part in reversed(parts)}
    return next((by_kind[kind] for kind in EXHIBITS if kind in by_kind), None)


def _nothing(reason: str, capture: Capture) -> Parsed:
    return Parsed(COMPANY_FACT.frame([]), (Issue("no release to read", capture.scope, reason, "notice"),))


def _read(texts: list[str], filed: Filed, quarter: date, name: str) -> tuple[list[_Stated], list[Issue]]:
    """Every figure the sentences state, and a notice for each sentence that almost states one."""
    stated: list[_Stated] = []
    issues: list[Issue] = []
    section: Told = "quarter"
    for index, text in enumerate(texts):
        section = _of_this(heading(text, filed.company, quarter), filed.company, quarter) or section
        locator = f"{name}#paragraph {index}"
        for sentence in _sentences(texts, index, filed.company, quarter):
            figures, almost = figures_in(sentence, filed.company, quarter)
            own = _of_this(told_period(sentence, filed.company, quarter), filed.company, quarter)
            told = own or section
            if own == "quarter" and names_a_year_beside(sentence) and not any(one.annual for one in figures):
                told = "other"
            if figures and (told == "other" or (told == "year" and section != "year" and not figures[0].annual)):
                figures, almost = [], ["another period than the quarter reported"]
            stated += [_Stated(one, one.annual or section == "year", quarter, locator) for one in figures]
            issues += [
                Issue(f"{topic}: sentence not read", locator, sentence[:LONGEST_QUOTED], "notice") for topic in almost
            ]
    return stated, issues


def _of_this(told: Told, company: Company, quarter: date) -> Told:
    """The year ends with its fourth quarter alone: in a release on another one it is another period."""
    return "other" if told == "year" and period_of(company.calendar, None, quarter).fiscal_quarter != 4 else told


def _sentences(texts: list[str], index: int, company: Company, quarter: date) -> Iterator[str]:
    """The sentences of a block; the last one with what follows in the next blocks, where only that states a figure."""
    found = list(sentences(texts[index]))
    yield from found[:-1]
    for last in found[-1:]:
        whole = last
        for following in texts[index + 1 : index + 1 + BLOCKS_A_SENTENCE]:
            if not (longer := joined(whole, following)) or figures_in(whole, company, quarter)[0]:
                break
            whole = longer
        yield whole if figures_in(whole, company, quarter)[0] else last


def _undeclared(stated: Iterable[_Stated]) -> Iterator[Issue]:
    """What the print is called in a period for which nobody has proved a definition: asked for, and no claim reads it."""
    for one in stated:
        if one.figure.definition.endswith(UNDECLARED):
            asked = f"{one.figure.metric} {digits(one.figure.value)} {one.figure.unit}: declare the chain's next step in config/companies.yml, with its evidence"
            yield Issue("definition not declared for the period", one.locator, asked, "notice")


def _without_contradictions(stated: Iterable[_Stated], issues: list[Issue]) -> list[_Stated]:
    """Each figure once, as finely as it is stated. Of two values neither is taken, unless one is the other rounded."""
    found: dict[tuple[str, str, bool, date], list[_Stated]] = {}
    for one in stated:
        found.setdefault((one.figure.metric, one.figure.definition, one.annual, one.end), []).append(one)
    kept = []
    for (metric, *_), several in found.items():
        finest = max(several, key=lambda one: one.figure.decimals)
        if all(_rounded(finest.figure, one.figure) for one in several):
            kept.append(finest)
        else:
            said = ", ".join(digits(value) for value in sorted({one.figure.value for one in several}))
            issues.append(Issue("two values for one figure", several[0].locator, f"{metric}: {said}"))
    return kept


def _rounded(finest: Figure, other: Figure) -> bool:
    """Whether the other one is the finest, as it is or rounded to fewer digits."""
    if other.decimals == finest.decimals:
        return other.value == finest.value
    return abs(other.value - finest.value) <= Decimal(5).scaleb(-other.decimals - 1)


def _row(one: _Stated, filed: Filed, catalog: Catalog) -> dict[str, Any]:
    figure = one.figure
    instant = catalog.metrics[figure.metric].period == "instant"
    return {
        "company": filed.company.ticker,
        "concept": figure.metric,
        "definition": figure.definition,
        "unit": figure.unit,
        "period_start": None if instant else period_start(filed.company, one.end, annual=one.annual),
        "period_end": one.end,
        "currency": "USD" if figure.unit == "USD" else None,
        "form": filed.form or FORM,
        "value": float(figure.value),
        "value_exact": digits(figure.value),
        "decimals": figure.decimals,
        "known_at": filed.known_at,
        "known_at_basis": filed.known_at_basis,
        "form_rank": filed.form_rank,
        "document_id": filed.accession,
        "locator": one.locator,
        "source_url": filed.index_url,
        "evidence_tier": 1,
    }
