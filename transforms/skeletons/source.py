"""The three parts of a new source as text, to be filled in: declaration, reader, and a payload in its layout."""

from __future__ import annotations

import re
from datetime import date

from config.errors import Refused

DECLARATION = """\
title: TODO what it is, in a few words
title_zh: TODO the same in Traditional Chinese
publisher: TODO who publishes it
homepage: https://example.org/prices
licence:
  name: all rights reserved  # SPDX id, or the terms' short name
  attribution: TODO whom to name
  redistribution: false  # whether its figures may enter starter data and exports
dataset: token_price  # config/contracts.py lists the datasets with their columns
kind: snapshot  # statement: each document says something dated of its own; snapshot: a list that replaces itself
tier: 3  # 1 the seller or filer itself, 2 a transcript or wire, 3 a kept list or a person's own
order: 90  # among sources of one tier the lowest order wins
covers: []  # of a price list: the sellers it lists whole, each by id; `capex-signals check --would-speak {stem}` says what it takes over
addresses:
  - https://example.org/prices.json
hosts: [example.org]  # nothing else is ever asked
conditional: hash  # etag where the host honours If-None-Match
max_bytes: 5000000
cadence_days: 1
stale_after_days: 45
known_at:
  proof: capture  # filing_date, document_date or statement where each row states it
  note: TODO how one knows from when its numbers were public. Begun on {day}.
rows: {{min: 1, max: 10000}}  # fewer or more, and the whole capture is refused
changes: {{moved_share: 0.4}}  # where more of the figures differ from the capture before it is refused until a person accepts it
bounds:
  - column: value
    low: 0
    high: 1000
    reason: far above any list price per million tokens; the unit was mistaken
"""

READER = '''\
"""TODO {stem}: what its payload looks like, in which unit, and what it leaves out."""

from __future__ import annotations

from config.contracts import Capture, Issue, Parsed
from config.specs import Catalog
from transforms.prices.figures import PER_MILLION, Key, Stated, changed, parsed_of, pointer, read_json

KINDS = ("input", "output")


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of token_price, USD per million tokens. Raises SourceChanged when it is another document."""
    spec = catalog.sources[capture.source]
    document = read_json(payload, spec.id)
    if not isinstance(document, dict) or not document:
        raise changed("not an object of models", spec.id)
    issues: list[Issue] = []
    stated: list[Stated] = []
    for listing, prices in document.items():
        if not isinstance(prices, dict):
            issues.append(Issue("not an object of prices", pointer(listing), str(prices)[:200]))
            continue
        stated += [
            Stated(Key("TODO-provider", listing, kind), pointer(listing, kind), prices[kind])
            for kind in KINDS
            if kind in prices
        ]
    return parsed_of(stated, issues, capture, spec, PER_MILLION)
'''

PAYLOAD = """\
{
  "model-a": {"input": 2.5, "output": 10},
  "model-b": {"input": 0.27, "output": 1.1}
}
"""


def new_source(stem: str, today: date) -> dict[str, str]:
    """Path in the checkout -> text. Raises Refused when the stem is not as it must be."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", stem):
        raise Refused(f"{stem!r} is no stem", remedy="lower-case words joined by _, e.g. example_prices")
    return {
        f"config/sources/{stem}.yml": DECLARATION.format(day=today.isoformat(), stem=stem),
        f"transforms/sources/{stem}.py": READER.format(stem=stem),
        f"tests/fixtures/sources/{stem}/prices.json": PAYLOAD,
    }
