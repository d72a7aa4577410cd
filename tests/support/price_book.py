"""A price book made of a few captures, staged as the pipeline does it, for tests of what analysts read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from config.contracts import FX_RATE, TOKEN_PRICE, Capture, Parsed
from config.load import catalog
from config.specs import Catalog
from transforms.prices import model_names
from warehouse.archive.captures import Logged, sha256_of
from warehouse.home.layout import Home
from warehouse.published.stage import Stage
from warehouse.store.checks import check
from warehouse.store.facts import Loaded, Store

PRICES = ("10_time", "25_fx", "30_price", "31_price_answer", "31_price_book", "31_price_span")
Row = dict[str, Any]


def price(listing: str, value: float | None, **other: Any) -> Row:
    """A row of token_price: input, standard, USD, of provider openai unless said otherwise."""
    return {
        "provider": "openai", "listing": listing, "token_kind": "input", "price_tier": "standard", "currency": "USD",
        "valid_from": None, "valid_from_basis": "first_seen", "hours_utc": None, "value": value,
        "value_exact": None if value is None else str(value), "status": "absent" if value is None else "reported",
        "locator": f"/{listing}", "document_id": "", "known_at": None, **other,
    }  # fmt: skip


class PriceBook:
    """Captures go in by `say`; `stage` closes the store and yields the staged file with the views `PRICES`."""

    def __init__(self, folder: Path, known: Catalog | None = None) -> None:
        self.home, self.known = Home.open(folder), known or catalog()
        self.store = Store.open(self.home.store)
        # Counts and bounds are tested where they are checked; a book of three rows is no refusal here.
        lenient = {"rows": {"min": 0, "max": 100_000}}
        self.sources = {
            name: spec.model_validate({**spec.model_dump(), **lenient}) for name, spec in self.known.sources.items()
        }

    def say(self, source: str, day: str, rows: list[Row], scope: str = "") -> Loaded:
        """One capture taken at noon of `day`."""
        return self.load(source, datetime.fromisoformat(day) + timedelta(hours=12), Parsed(frame(rows)), scope)

    def load(self, source: str, at: datetime, parsed: Parsed, scope: str = "") -> Loaded:
        sha = sha256_of(f"{source}{scope}{at}{parsed.rows.write_json()}".encode())
        capture = Capture(source, scope, "https://example.org/prices", sha, 1, at, at)
        spec = self.sources[source]
        return self.store.load(spec, Logged(capture, at), check(spec, parsed, at))

    def rates(self, rates: Mapping[str, tuple[float, float]]) -> None:
        """Reference rates: day -> (USD for a euro, CNY for a euro)."""
        rows = [
            {"base_currency": "EUR", "quote_currency": currency, "rate_on": datetime.fromisoformat(day).date(),
             "value": rate, "known_at": datetime.fromisoformat(day) + timedelta(hours=22), "document_id": day}
            for day, pair in rates.items() for currency, rate in zip(("USD", "CNY"), pair, strict=True)
        ]  # fmt: skip
        bounds = self.sources["ecb_fx"].model_copy(update={"bounds": ()})
        at = datetime(2026, 11, 1)
        capture = Capture("ecb_fx", "", "u", "f" * 64, 1, at, at)
        self.store.load(bounds, Logged(capture, at), check(bounds, Parsed(FX_RATE.frame(rows)), at))

    def stage(self, *views: str) -> Stage:
        self.store.close()
        known = self.known.model_copy(update={"sources": self.sources})
        return with_prices(self.home, known, datetime(2026, 11, 22), *views)


def with_prices(home: Home, known: Catalog, published_at: datetime, *views: str) -> Stage:
    """The staged file of a home whose store is closed, with the views `PRICES` and those named."""
    stage = Stage.begin(home, known.sources, published_at)
    stage.put("history.model_alias", model_names.alias_frame(known))
    stage.put("history.model", model_names.model_frame(known))
    stage.build((*PRICES, *views))
    return stage


def frame(rows: list[Row]) -> pl.DataFrame:
    return TOKEN_PRICE.frame(rows) if rows else TOKEN_PRICE.complete(pl.DataFrame(schema=TOKEN_PRICE.stated_schema))
