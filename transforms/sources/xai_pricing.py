"""xAI's models page: a table whose header names what a million tokens cost. Any other layout is refused.

No capture of this page was at hand when this was written: the labels are those its Markdown is reported to use.
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
        "input price": ("input", "standard"),
        "cached input price": ("cache_read", "standard"),
        "output price": ("output", "standard"),
    },
    frozenset({"modalities", "capabilities", "context", "context window", "rate limits"}),
)
MODELS = r"grok"


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of token_price, USD per million tokens. Raises SourceChanged when it is another page or layout."""
    spec = catalog.sources[capture.source]
    page = read_page(
        payload, spec.id, canonical=r"docs\.x\.ai/(docs|developers)/(models|pricing)(\.md)?", title="models|pricing"
    )
    issues: list[Issue] = []
    stated = list(labelled(page.tables, LAYOUT, Key("xai", "", ""), issues))
    if not stated:
        raise changed("no table of the page is of a known layout", spec.id)
    refuse_foreign_models(stated, MODELS, spec.id)
    return parsed_of(stated, issues, capture, spec, PER_MILLION)
