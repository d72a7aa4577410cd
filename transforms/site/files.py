"""The report as a small static site: its files, each with a key that changes when what it shows changes.

Every page exists twice, under zh/ and en/, each complete in one language. Scripts hold the data by spans of days, so that
one control moves all of it to any day; see assets/core.js.
"""

from __future__ import annotations

import hashlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined

from config.pages import pages
from config.terms import Terms
from transforms.site import (
    addresses,
    cells,
    charts,
    claim_page,
    compact,
    first_page,
    names,
    parameters,
    search,
    why,
    words,
)
from transforms.site.language import LANGUAGES, Language
from transforms.site.model import Report

ASSETS = (
    "site.css", "core.js", "paint.js", "chart.js", "forms.js", "home.js", "claim.js", "table.js", "page.js", "calculator.js",
    "search.js", "language.js",
    "vendor/vega.js", "vendor/dataTables.min.js", "vendor/dataTables.min.css", "vendor/LICENCES.txt",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class File:
    """One file of the site: where it lies, the key of what it shows, and how to make it."""

    path: str
    key: str
    make: Callable[[], bytes]


def files(report: Report, terms: Terms) -> Iterator[File]:
    """Every file of the site, scripts first."""
    for name in ASSETS:
        yield _file(f"assets/{name}", asset(name))
    for name, content in _scripts(report, terms).items():
        yield _file(f"data/{name}.js", content)
    yield _page("index.html", "language.html", {"languages": [language.told() for language in LANGUAGES]})
    for language in LANGUAGES:
        for name, template, context in _pages(report, terms, language):
            yield _page(f"{language.code}/{name}.html", template, {**_frame(report, terms, language, name), **context})


def asset(name: str) -> bytes:
    """A file of assets/, as the import system reads it."""
    content = pkgutil.get_data("transforms.site", f"assets/{name}")
    assert content is not None  # noqa: S101  tells the type checker that the package is no zip without loader
    return content


def _scripts(report: Report, terms: Terms) -> dict[str, bytes]:
    found = {f"words.{language.code}": compact.script("words", language.words(terms)) for language in LANGUAGES}
    found["ledger"] = compact.script("ledger", first_page.ledger(report))
    found["night"] = compact.script("night", first_page.night(report))
    found["search"] = compact.script("search", search.entries(report))
    found |= {claim.spec.id: compact.script(claim.spec.id, claim_page.data(claim, report)) for claim in report.claims}
    for page in pages().values():
        if page.id in report.tables:
            said = {"said": first_page.said(report)} if page.form == "timeline" else {}
            table = report.tables[page.id]
            rows = compact.columns(table, cells.reads(page.id, addresses.hosts(table)))
            days = addresses.captures(table, "evidence_id", report.captures)
            found[page.id] = compact.script(page.id, {"rows": rows, "captures": days, **said})
    if report.scenarios:
        found["scenarios"] = compact.script("scenarios", first_page.scenarios(report))
    return found


def _pages(report: Report, terms: Terms, language: Language) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(name, template, what it shows) of each page of one language."""
    yield "index", "index.html", first_page.shown(report, terms, language)
    for claim in report.claims:
        yield claim.spec.id, "claim.html", claim_page.shown(claim, report, terms, language)
    for page in pages().values():
        if page.id in report.tables:
            yield page.id, "table.html", {"page": language.page(page)}
    if report.scenarios:
        yield "scenarios", "scenarios.html", {"scenarios": first_page.calculators(report, terms, language)}


def _frame(report: Report, terms: Terms, language: Language, name: str) -> dict[str, Any]:
    """What every page has around it."""
    return {
        "lang": language.told(),
        "other": next(one for one in LANGUAGES if one != language).told(),
        "name": name,
        "label": language.pick(terms.labels),
        "data_pages": [language.page(page) for page in pages().values() if page.id in report.tables],
        "has_scenarios": bool(report.scenarios),
        "starter_only": report.starter_only,
    }


def _page(path: str, template: str, context: Mapping[str, Any]) -> File:
    shown = orjson.dumps(context, option=compact.ORDER)
    return File(path, _key(templates_key().encode(), shown), lambda: render(template, context))


def _file(path: str, content: bytes) -> File:
    return File(path, _key(content), lambda: content)


def render(template: str, context: Mapping[str, Any]) -> bytes:
    """One page. Everything that comes in is escaped."""
    return environment().get_template(template).render(context).encode()


@cache
def environment() -> Environment:
    """The templates; they are read by the import system's loader, like the modules."""
    made = Environment(
        loader=PackageLoader("transforms.site"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.filters["web"] = words.web_address
    return made


@cache
def templates_key() -> str:
    """Of the templates and of the code that makes pages: an edit of either renders every page again."""
    made = environment()
    loader = made.loader
    assert loader is not None  # noqa: S101  it has just been given one
    texts = [loader.get_source(made, name)[0] for name in sorted(made.list_templates())]
    texts += [
        inspect.getsource(module)
        for module in (addresses, cells, charts, claim_page, first_page, names, parameters, why, words)
    ]
    return _key(*(text.encode() for text in texts))


def _key(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
