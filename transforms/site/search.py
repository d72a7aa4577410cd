"""What the search box finds: claims, questions, companies, metrics, models, events, pages of data and the dictionary."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from config.load import catalog
from config.pages import pages
from config.terms import terms
from transforms.site import names
from transforms.site.model import Report

# Kind, both titles, address below the language's folder, further words that find it, and words that name it as a title does.
Entry = list[str]


def entries(report: Report) -> dict[str, Any]:
    """All entries, kind by kind, and what a search takes for the same."""
    found = [entry for told in (_claims, _pages, _declared, _said, _dictionary) for entry in told(report)]
    return {"entries": found, "synonyms": [[one.lower() for one in line] for line in terms().synonyms]}


def _claims(report: Report) -> Iterator[Entry]:
    for name, term in terms().questions.items():
        yield ["question", term.zh, term.en, f"index.html#{name}", name]
    for claim in report.claims:
        spec = claim.spec
        about = (
            terms().tests[spec.test],
            terms().kinds[spec.kind],
            terms().questions[spec.question],
            terms().verdicts[claim.verdict.verdict],
        )
        words = " ".join(f"{one.zh} {one.en}" for one in about)
        more = f"{spec.id} {spec.statement_zh} {spec.statement_en} {words}"
        yield ["claim", spec.title_zh, spec.title_en, f"{spec.id}.html", more]


def _pages(report: Report) -> Iterator[Entry]:
    for page in pages().values():
        if page.id in report.tables:
            more = f"{page.says_zh} {page.says_en}"
            yield ["page", page.title_zh, page.title_en, f"{page.id}.html", more, " ".join(page.finds)]
    awaited, finds = terms().labels["awaited"], terms().labels["awaited_finds"]
    yield ["page", awaited.zh, awaited.en, "index.html#awaited", "", f"{finds.zh} {finds.en}"]
    for spec, _ in report.scenarios:
        more = f"{spec.id} {spec.says_zh} {spec.says_en}"
        yield ["scenario", spec.title_zh, spec.title_en, f"scenarios.html#{spec.id}", more]


def _declared(report: Report) -> Iterator[Entry]:
    """Companies, metrics and models of which the pages show something."""
    shown = {name: _values(report, *where) for name, where in FACETS.items()}
    for ticker, company in catalog().companies.items():
        if ticker in shown["company"]:
            held = (catalog().metrics[name] for name in sorted(_values(report, "companies", "metric", ticker)))
            more = " ".join(f"{metric.title_zh} {metric.title_en}" for metric in held)
            yield ["company", company.name, company.name, f"companies.html?company={ticker}", f"{ticker} {more}"]
    for name, metric in catalog().metrics.items():
        if name in shown["metric"]:
            yield [
                "metric",
                metric.title_zh,
                metric.title_en,
                f"companies.html?metric={name}",
                f"{name.replace('_', ' ')} {metric.meaning}",
            ]
    price = terms().concepts["list_price"]
    for name, model in catalog().models.items():
        if name in shown["model"]:
            title = names.model(name)
            more = f"{name} {names.term(model.developer).en} {price.zh} {price.en}"
            yield ["model", title.zh, title.en, f"prices.html?model={name}", more]


FACETS = {"company": ("companies", "company"), "metric": ("companies", "metric"), "model": ("prices", "model")}


def _values(report: Report, page: str, column: str, company: str = "") -> set[str]:
    frame = report.tables.get(page)
    if frame is None:
        return set()
    return set(frame.filter(pl.col("company") == company if company else True)[column].drop_nulls())


def _said(report: Report) -> Iterator[Entry]:
    """Events, statements and guides by their sentences, found by their topic and of whom they speak, too."""
    for page, facet, about in (
        ("events", "topic", ("topic", "code", "subject")),
        ("guidance", "metric", ("metric", "company")),
    ):
        seen: set[str] = set()
        found = report.tables.get(page)
        for row in found.iter_rows(named=True) if found is not None else ():
            if row["statement_en"] in seen:
                continue
            seen.add(row["statement_en"])
            words = (names.term(row[name] or "") for name in about)
            more = " ".join(f"{one.zh} {one.en}" for one in words)
            kind = "event" if page == "events" else "guide"
            yield [kind, row["statement_zh"], row["statement_en"], f"{page}.html?{facet}={row[facet]}", more]


def _dictionary(report: Report) -> Iterator[Entry]:
    """Views, macros and tables by their names and what they mean, in both languages."""
    found = report.tables.get("dictionary")
    for row in found.iter_rows(named=True) if found is not None else ():
        if not row["column_name"]:
            address = f"dictionary.html?object={row['object']}"
            meaning = names.meaning(row["meaning"])
            yield [
                "dictionary",
                row["object"],
                row["object"],
                address,
                f"{meaning.en} {meaning.zh} {row['object'].replace('_', ' ')}",
            ]
