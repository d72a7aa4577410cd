"""Moonshot's pricing pages, one for each family of models: the Chinese platform in yuan, the international one in dollars.

The unit stands in a column of its own and must be a million tokens. Only a page of the Chinese platform was at hand: the
English labels are a translation, and a page with others is refused.
"""

from __future__ import annotations

import re

from config.contracts import Capture, Issue, Parsed
from config.specs import Catalog, SourceSpec
from transforms.prices.figures import PER_MILLION, PER_THOUSAND, Key, changed, parsed_of
from transforms.prices.page import Layout, labelled, read_page, refuse_foreign_models

LAYOUT = Layout(
    frozenset({"模型", "model"}),
    {
        "输入价格（缓存命中）": ("cache_read", "standard"),
        "输入价格（缓存未命中）": ("input", "standard"),
        "输出价格": ("output", "standard"),
        "input price (cache hit)": ("cache_read", "standard"),
        "input price (cache miss)": ("input", "standard"),
        "output price": ("output", "standard"),
    },
    frozenset({"计费单位", "上下文窗口", "unit", "context window"}),
    {"1m tokens": PER_MILLION, "1k tokens": PER_THOUSAND},
    signed=True,
)
CANONICAL = r"platform\.(kimi\.com|moonshot\.(cn|ai))/docs/pricing/[a-z0-9-]+(\.md)?"
MODELS = r"kimi|moonshot"
_PAGE = re.compile(r"platform\.(?:kimi\.com|moonshot\.(?:cn|ai))/docs/pricing/([a-z0-9-]+)(?:\.md)?/?(?:[?#].*)?$")


def requests(spec: SourceSpec, catalog: Catalog) -> list[tuple[str, str]]:  # noqa: ARG001  every reader's signature
    """One scope for each page, named by the last part of its address."""
    return [(page_at(address), address) for address in spec.addresses]


def page_at(address: str) -> str:
    """The page's scope by its address, also that of a copy in an archive; empty where no page of prices has it."""
    found = _PAGE.search(address)
    return found[1] if found else ""


def own_address(body: bytes) -> str:
    """Where the page says that it stands; empty for one without a canonical address. Raises SourceChanged for another page."""
    return read_page(body, "moonshot_pricing", canonical=CANONICAL, title="定价|pricing").canonical


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of token_price per million tokens, in the currency each cell names. Raises SourceChanged for another page."""
    spec = catalog.sources[capture.source]
    page = read_page(payload, spec.id, canonical=CANONICAL, title="定价|pricing")
    if page.canonical and capture.scope not in {"", page_at(page.canonical)}:
        raise changed(f"another page than {capture.scope} came: it calls itself {page.canonical[:200]}", spec.id)
    issues: list[Issue] = []
    stated = list(labelled(page.tables, LAYOUT, Key("moonshot", "", "", currency="CNY"), issues))
    if not stated:
        raise changed("no table of the page is of a known layout", spec.id)
    refuse_foreign_models(stated, MODELS, spec.id)
    return parsed_of(stated, issues, capture, spec, PER_MILLION)
