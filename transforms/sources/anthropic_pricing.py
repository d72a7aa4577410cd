"""Anthropic's pricing page, in the Markdown it serves: base, cache and output prices, and those of the batch API.

A model may stand in two rows, one `through` a day and one `starting` from the next: the second is a price documented for
later. When it is called off its row is gone, which makes it `withdrawn`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from config.contracts import Capture, Issue, Parsed
from config.specs import Catalog
from transforms.prices.figures import PER_MILLION, Key, Stated, changed, parsed_of
from transforms.prices.page import Layout, labelled, read_page, refuse_foreign_models

BASE = Layout(
    frozenset({"model"}),
    {
        "base input tokens": ("input", "standard"),
        "5m cache writes": ("cache_write", "standard"),
        "1h cache writes": ("cache_write_1h", "standard"),
        "cache hits & refreshes": ("cache_read", "standard"),
        "output tokens": ("output", "standard"),
        "batch input": ("input", "batch"),
        "batch output": ("output", "batch"),
    },
)
_REMARK = re.compile(r" ?\([^()]{0,300}\)$")
_DAY = r"([A-Z][a-z]{2,8} \d{1,2}, \d{4})"
_THROUGH = re.compile(rf" (?:through|until) {_DAY}$", re.IGNORECASE)
_FROM = re.compile(rf" (?:starting|from|beginning) (?:on )?{_DAY}$", re.IGNORECASE)
MODELS = r"claude"


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of token_price, USD per million tokens. Raises SourceChanged when it is another page."""
    spec = catalog.sources[capture.source]
    page = read_page(
        payload, spec.id, canonical=r"(docs|platform)\.(claude|anthropic)\.com/(docs/)?en/(docs/)?about-claude/pricing(\.md)?",
        title="pricing",
    )  # fmt: skip
    issues: list[Issue] = []
    stated = list(_dated(labelled(page.tables, BASE, Key("anthropic", "", ""), issues), issues))
    if not stated:
        raise changed("no table of the page is of a known layout", spec.id)
    refuse_foreign_models(stated, MODELS, spec.id)
    return parsed_of(stated, issues, capture, spec, PER_MILLION)


def _dated(stated: Iterator[Stated], issues: list[Issue]) -> Iterator[Stated]:
    """The rows under the model's own name; a first day in the name becomes valid_from."""
    for one in stated:
        name = _REMARK.sub("", one.key.listing)
        begins = _FROM.search(name)
        listing = _THROUGH.sub("", _FROM.sub("", name)).strip()
        day = None
        if begins:
            try:
                day = datetime.strptime(begins[1], "%B %d, %Y").date()  # noqa: DTZ007  a date on the page
            except ValueError:
                issues.append(Issue("not a day", one.locator, begins[1]))
                continue
        yield one._replace(key=one.key._replace(listing=listing, valid_from=day))
