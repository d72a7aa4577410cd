"""Earnings releases: the figures companies state in the words of exhibit 99.1 and tag nowhere.

The payload is the whole 8-K as one text, which holds the exhibit, or the exhibit's page alone. Only sentences of the
makes in transforms/release_wordings.py are read; one that is almost of such a make is a notice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from config.contracts import COMPANY_FACT, Capture, Issue, Parsed
from config.specs import Catalog, SourceSpec
from transforms.edgar_document import (
    Filed,
    Part,
    admit_whole,
    changed,
    filed_of,
    parts_of,
    scope_of_filing,
    scope_of_whole,
)
from transforms.filing_list import FilingList, earnings_releases
from transforms.release_text import heading, is_whole, paragraphs, period_start, reported_quarter, sentences
from transforms.release_wordings import Figure, covers, figures_in
from transforms.xbrl_values import digits

EXHIBITS = ("EX-99.1", "EX-99.01", "EX-99")
FORM = "8-K"
LONGEST_QUOTED = 300


class _Stated(NamedTuple):
    """A figure with its place in the release."""

    figure: Figure
    annual: bool
    locator: str


def discover(spec: SourceSpec, ticker: str, listed: FilingList) -> list[tuple[str, str]]:
    """(scope, address) of every earnings release of a company that is read, newest first.

    The whole filing is asked for: the list does not say what the exhibit is called, and its header proves the date.
    """
    if not covers(ticker):
        return []
    newest = sorted(earnings_releases(listed.filings), key=lambda filing: filing.filed_on, reverse=True)
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
    kept = _without_contradictions(stated, issues)
    return Parsed(COMPANY_FACT.frame([_row(one, filed, quarter, catalog) for one in kept]), tuple(issues))


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
    section = "quarter"
    for index, text in enumerate(texts):
        section = heading(text) or section
        for sentence in sentences(text):
            figures, almost = figures_in(sentence, filed.company.ticker, quarter)
            locator = f"{name}#paragraph {index}"
            stated += [_Stated(one, one.annual or section == "year", locator) for one in figures]
            issues += [
                Issue(f"{topic}: sentence not read", locator, sentence[:LONGEST_QUOTED], "notice") for topic in almost
            ]
    return stated, issues


def _without_contradictions(stated: Iterable[_Stated], issues: list[Issue]) -> list[_Stated]:
    """Each figure once. Two values for one figure in one release cannot both be meant: neither is taken."""
    found: dict[tuple[str, str, bool], list[_Stated]] = {}
    for one in stated:
        found.setdefault((one.figure.metric, one.figure.definition, one.annual), []).append(one)
    kept = []
    for (metric, _, _), several in found.items():
        values = {one.figure.value for one in several}
        if len(values) == 1:
            kept.append(several[0])
        else:
            said = ", ".join(digits(value) for value in sorted(values))
            issues.append(Issue("two values for one figure", several[0].locator, f"{metric}: {said}"))
    return kept


def _row(one: _Stated, filed: Filed, quarter: date, catalog: Catalog) -> dict[str, Any]:
    figure = one.figure
    instant = catalog.metrics[figure.metric].period == "instant"
    return {
        "company": filed.company.ticker,
        "concept": figure.metric,
        "definition": figure.definition,
        "unit": figure.unit,
        "period_start": None if instant else period_start(filed.company, quarter, annual=one.annual),
        "period_end": quarter,
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
