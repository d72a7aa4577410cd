"""Share prices and index levels from the analyst's own file (private/market_price.csv in the home folder).

Header: ticker,price_on,price_kind,currency,value,read_at. price_kind is close or total_return_index; read_at names
where the price was read. Private: never in starter data, never exported.
"""

from __future__ import annotations

from config.contracts import MARKET_PRICE, Capture, Parsed
from config.errors import Refused
from config.specs import Catalog
from transforms.entered.documents import NEW_YORK, end_of_day
from transforms.entered.private_table import amount_cell, day_cell, table_rows

SOURCE = "private_prices"
COLUMNS = ("ticker", "price_on", "price_kind", "currency", "value", "read_at")
KINDS = ("close", "total_return_index")


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:  # noqa: ARG001  one signature for all sources
    """Rows of market_price, known from the end of their day in New York. Raises Refused naming the line."""
    place = capture.scope
    rows = []
    for line, cells in table_rows(payload, COLUMNS, SOURCE, place):
        at = f"{place} line {line}"
        if cells["price_kind"] not in KINDS:
            raise Refused(f"price_kind {cells['price_kind']!r}", source=SOURCE, place=at, remedy=f"one of {KINDS}")
        day, value = day_cell(cells["price_on"], SOURCE, at), amount_cell(cells["value"], SOURCE, at)
        rows.append(
            {
                "ticker": cells["ticker"].upper(), "price_on": day, "price_kind": cells["price_kind"],
                "currency": cells["currency"].upper(), "value": float(value), "value_exact": cells["value"],
                "status": "manual", "known_at": end_of_day(day, NEW_YORK), "known_at_basis": f"end of price_on, {NEW_YORK}",
                "document_id": cells["read_at"], "locator": f"line {line}", "evidence_tier": 3,
                "note": f"read at {cells['read_at']}",
            }
        )  # fmt: skip
    return Parsed(MARKET_PRICE.frame(rows))
