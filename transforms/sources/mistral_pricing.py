"""Mistral's API pricing page: a table whose header names what a million tokens cost, in dollars or euro by the cell.

No capture of this page was at hand when this was written: the labels are those it is reported to use, and any other layout is
refused.
"""

from __future__ import annotations

from config.contracts import Capture, Issue, Parsed
from config.specs import Catalog
from transforms.prices.figures import PER_MILLION, Key, changed, parsed_of
from transforms.prices.page import Layout, labelled, read_page, refuse_foreign_models

LAYOUT = Layout(
    frozenset({"model"}),
    {
        "input": ("input", "standard"),
        "cached input": ("cache_read", "standard"),
        "output": ("output", "standard"),
    },
    frozenset({"description", "context", "version", "api endpoint"}),
)
MODELS = r"stral|xtral"


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of token_price per million tokens. Raises SourceChanged when it is another page or layout."""
    spec = catalog.sources[capture.source]
    page = read_page(payload, spec.id, canonical=r"(docs\.)?mistral\.ai/(pricing(/api)?|.*pricing.*)", title="pricing")
    issues: list[Issue] = []
    stated = list(labelled(page.tables, LAYOUT, Key("mistral", "", ""), issues))
    if not stated:
        raise changed("no table of the page is of a known layout", spec.id)
    refuse_foreign_models(stated, MODELS, spec.id)
    return parsed_of(stated, issues, capture, spec, PER_MILLION)
