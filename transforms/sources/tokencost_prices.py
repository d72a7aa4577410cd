"""tokencost's price table: litellm's schema, kept in a repository of its own that hardly ever deletes a listing.

A copy is another source: its delays and its left-over listings must not be taken for litellm's.
"""

from __future__ import annotations

from config.contracts import Capture, Parsed
from config.specs import Catalog
from transforms.price_table import parse_price_table


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of token_price, USD per million tokens; known_at is left to the capture. See transforms.price_table."""
    return parse_price_table(payload, capture, catalog.sources[capture.source])
