"""litellm's price table (model_prices_and_context_window.json), and lists that keep its schema: list prices of many sellers."""

from __future__ import annotations

from config.contracts import Capture, Parsed
from config.specs import Catalog
from transforms.prices.table import parse_price_table


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of token_price, USD per million tokens; known_at is left to the capture. See transforms.prices.table."""
    return parse_price_table(payload, capture, catalog.sources[capture.source])
