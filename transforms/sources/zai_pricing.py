"""Z.ai's pricing page (the international list of Zhipu's models, in dollars): tables with a header that names the kinds."""

from __future__ import annotations

from config.contracts import Capture, Issue, Parsed
from config.specs import Catalog
from transforms.prices.figures import PER_MILLION, Key, changed, parsed_of
from transforms.prices.page import Layout, labelled, read_page, refuse_foreign_models

LAYOUT = Layout(
    frozenset({"model"}),
    {"input": ("input", "standard"), "cached input": ("cache_read", "standard"), "output": ("output", "standard")},
    frozenset({"cached input storage"}),
)
MODELS = r"glm|cogview|cogvideo|vidu"


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of token_price, USD per million tokens. Raises SourceChanged when it is another page."""
    spec = catalog.sources[capture.source]
    page = read_page(payload, spec.id, canonical=r"docs\.z\.ai/guides/overview/pricing(\.md)?", title="pricing")
    issues: list[Issue] = []
    stated = list(labelled(page.tables, LAYOUT, Key("zhipu", "", ""), issues))
    if not stated:
        raise changed("no table of the page is of a known layout", spec.id)
    refuse_foreign_models(stated, MODELS, spec.id)
    return parsed_of(stated, issues, capture, spec, PER_MILLION)
