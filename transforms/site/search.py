"""What the search box finds: claims, questions, companies, metrics, models, events, pages of data and the dictionary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from config.load import catalog
from config.pages import pages
from config.terms import terms
from transforms.site.model import Report

Entry = list[str]  # kind, both titles, address below the language's folder, further words that find it


def entries(report: Report) -> dict[str, Any]:
    """All entries, kind by kind."""
    return {"entries": [entry for found in (_claims, _pages, _declared, _named) for entry in found(report)]}


def _claims(report: Report) -> Iterator[Entry]:
    for name, term in terms().questions.items():
        yield ["question", term.zh, term.en, f"index.html#{name}", name]
    for claim in report.claims:
        spec = claim.spec
        more = f"{spec.id} {spec.statement_zh} {spec.statement_en} {spec.test}"
        yield ["claim", spec.title_zh, spec.title_en, f"{spec.id}.html", more]


def _pages(report: Report) -> Iterator[Entry]:
    for page in pages().values():
        if page.id in report.tables:
            yield ["page", page.title_zh, page.title_en, f"{page.id}.html", f"{page.says_zh} {page.says_en}"]
    for spec, _ in report.scenarios:
        yield ["scenario", spec.title_zh, spec.title_en, f"scenarios.html#{spec.id}", spec.id]


def _declared(report: Report) -> Iterator[Entry]:
    """Companies, metrics and models of which the pages show something."""
    shown = {name: _values(report, *where) for name, where in FACETS.items()}
    for ticker, company in catalog().companies.items():
        if ticker in shown["company"]:
            yield ["company", company.name, company.name, f"companies.html?company={ticker}", ticker]
    for name, metric in catalog().metrics.items():
        if name in shown["metric"]:
            yield ["metric", metric.title_zh, metric.title_en, f"companies.html?metric={name}", name]
    for name, model in catalog().models.items():
        if name in shown["model"]:
            yield ["model", name, name, f"prices.html?model={name}", model.developer]


FACETS = {"company": ("companies", "company"), "metric": ("companies", "metric"), "model": ("prices", "model")}


def _values(report: Report, page: str, column: str) -> set[str]:
    frame = report.tables.get(page)
    return set() if frame is None else set(frame[column].drop_nulls())


def _named(report: Report) -> Iterator[Entry]:
    """Events by their sentences, and the dictionary by its names."""
    seen: set[str] = set()
    events = report.tables.get("events")
    for row in events.iter_rows(named=True) if events is not None else ():
        if row["event"] not in seen:
            seen.add(row["event"])
            address = f"events.html?topic={row['topic']}"
            yield ["event", row["statement_zh"], row["statement_en"], address, f"{row['event']} {row['subject']}"]
    found = report.tables.get("dictionary")
    for row in found.iter_rows(named=True) if found is not None else ():
        if not row["column_name"]:
            address = f"dictionary.html?object={row['object']}"
            yield ["dictionary", row["object"], row["object"], address, row["meaning"]]
