"""Moonshot's pricing pages, one for each family of models: the Chinese platform in yuan, the international one in dollars.

The unit stands in a column of its own and must be a million tokens. Only a page of the Chinese platform was at hand: the
English labels are a translation, and a page with others is refused. The same family has a page on each platform, and neither
replaces the other. What a page prices is in its address: `chat-k26` a family, `batch` batches of every model; what searches cost
or how one pays is no price of tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from config.contracts import Capture, Issue, Parsed
from config.specs import Catalog, SourceSpec
from transforms.prices.figures import PER_MILLION, PER_THOUSAND, Key, Stated, changed, parsed_of
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
CANONICAL = r"platform\.(kimi\.(com|ai)|moonshot\.(cn|ai))/docs/pricing/[a-z0-9-]+(\.md)?"
MODELS = r"kimi|moonshot"
INTERNATIONAL = "international/"  # before the scope of a page of that platform
_PAGE = re.compile(r"platform\.(?:kimi|moonshot)\.(com|cn|ai)/docs/pricing/([a-z0-9-]+)(?:\.md)?/?(?:[?#].*)?$")
_OF_TOKENS = re.compile(r"chat(?:-([a-z0-9]+)[a-z0-9-]*)?|batch")


def requests(spec: SourceSpec, catalog: Catalog) -> list[tuple[str, str]]:  # noqa: ARG001  every reader's signature
    """One scope for each page, named by the last part of its address."""
    return [(page_at(address), address) for address in spec.addresses]


def page_at(address: str) -> str:
    """The page's scope by its address, also that of a copy in an archive; empty where no page of prices has it."""
    found = _PAGE.search(address)
    return f"{INTERNATIONAL if found[1] == 'ai' else ''}{found[2]}" if found else ""


def own_address(body: bytes) -> str:
    """Where the page says that it stands; empty for one without a canonical address. Raises SourceChanged for another page."""
    return read_page(body, "moonshot_pricing", canonical=CANONICAL, title="定价|pricing").canonical


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of token_price per million tokens, in the currency each cell names. Raises SourceChanged for another page."""
    spec = catalog.sources[capture.source]
    page = read_page(payload, spec.id, canonical=CANONICAL, title="定价|pricing")
    if page.canonical and capture.scope not in {"", page_at(page.canonical)}:
        raise changed(f"another page than {capture.scope} came: it calls itself {page.canonical[:200]}", spec.id)
    name = (page_at(page.canonical) or capture.scope).removeprefix(INTERNATIONAL)
    told = _OF_TOKENS.fullmatch(name or "chat")
    if told is None:
        raise changed(f"the page {name!r} is of no prices of tokens", spec.id)
    issues: list[Issue] = []
    stated = list(labelled(page.tables, LAYOUT, Key("moonshot", "", "", currency="CNY"), issues))
    if not stated:
        raise changed("no table of the page is of a known layout", spec.id)
    refuse_foreign_models(stated, MODELS, spec.id)
    _refuse_another_family(stated, told[1] or "", spec.id)
    if name == "batch":
        stated = [one._replace(key=one.key._replace(price_tier="batch")) for one in stated]
    return parsed_of(stated, issues, capture, spec, PER_MILLION)


def _refuse_another_family(stated: Iterable[Stated], family: str, source: str) -> None:
    """Raises SourceChanged where the page under `k26` names no Kimi K2.6: it came from another page's address."""
    listings = {one.key.listing for one in stated}
    if not any(family in one.lower().replace(".", "") for one in listings):
        shown = ", ".join(ascii(one)[:60] for one in sorted(listings)[:3])
        raise changed(f"another page came: the address is of {family!r}, its models are {shown}", source)
