"""What a person takes out of a file of announcements, or mends in it, counts from the day it was read so, and not before."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from price_book import with_prices

from config.settings import Settings
from flows.steps import enter
from flows.steps.enter import enter_analyst_files
from flows.steps.load import Progress, load_pending
from flows.steps.pipeline import Pipeline
from warehouse.store.facts import Store

pytestmark = pytest.mark.slow("stages in every test")

LIST = """
provider: deepseek
zone: Asia/Shanghai
documents:
  launch:
    published_on: 2024-05-06
    tier: 1
    url: https://example.org/launch
    prices:
      - {{listing: deepseek-chat, valid_from: 2024-05-06, currency: USD, per_mtok: {{input: "0.14"}}}}
{full}{autumn}"""
FULL = """  full:
    published_on: 2025-02-09
    tier: 1
    url: https://example.org/full
    prices:
      - {{listing: deepseek-chat, valid_from: 2024-12-26, currency: USD, per_mtok: {{input: "0.15"}}}}
      - {{listing: deepseek-chat, valid_from: 2025-02-09, currency: USD, per_mtok: {{input: "{price}"}}}}
"""
AUTUMN = """  autumn:
    published_on: 2025-09-05
    tier: 1
    url: https://example.org/autumn
    prices:
      - {listing: deepseek-chat, valid_from: 2025-09-06, currency: USD, per_mtok: {input: "0.56"}}
"""
END = AUTUMN.replace("currency: USD,", "currency: USD, status: absent,")
# A newer document states the price of a day that an older one stated otherwise.
AGAIN = FULL.replace("full", "again").replace("2025-02-09\n    tier", "2025-03-01\n    tier").format(price="0.3")
ASKED = ("2024-12-01", "2025-01-15", "2025-02-25", "2025-10-01")

BEFORE = LIST.format(full=FULL.format(price="0.27"), autumn=AUTUMN)


@pytest.mark.parametrize(
    ("said", "prices", "now"),
    [
        # Of the three documents the middle one, the newest, and one of the two prices of the middle one are taken out.
        ((BEFORE, LIST.format(full="", autumn=AUTUMN)), [0.14, 0.15, 0.27, 0.56], [0.14, 0.14, 0.14, 0.56]),
        ((BEFORE, LIST.format(full=FULL.format(price="0.27"), autumn="")), [0.14, 0.15, 0.27, 0.56], [0.14, 0.15, 0.27, 0.27]),
        ((BEFORE, "\n".join(line for line in BEFORE.splitlines() if '"0.27"' not in line)), [0.14, 0.15, 0.27, 0.56], [0.14, 0.15, 0.15, 0.56]),
        # A figure mended in an old document says nothing of the days that a newer one names.
        ((BEFORE, LIST.format(full=FULL.format(price="0.28"), autumn=AUTUMN)), [0.14, 0.15, 0.27, 0.56], [0.14, 0.15, 0.28, 0.56]),
        # An end that a document states is taken out like a price.
        ((LIST.format(full=FULL.format(price="0.27"), autumn=END), LIST.format(full=FULL.format(price="0.27"), autumn="")), [0.14, 0.15, 0.27, None], [0.14, 0.15, 0.27, 0.27]),
        # The older document stands again where the newer one is taken out, and does not speak where it is itself.
        ((BEFORE + AGAIN, BEFORE), [0.14, 0.15, 0.3, 0.56], [0.14, 0.15, 0.27, 0.56]),
        ((BEFORE + AGAIN, LIST.format(full="", autumn=AUTUMN + AGAIN)), [0.14, 0.15, 0.3, 0.56], [0.14, 0.15, 0.3, 0.56]),
    ],
    ids=["a document", "the newest document", "a price", "a figure mended", "an end", "a newer word", "an older word"],
)  # fmt: skip
def test_what_is_taken_out_or_mended_counts_from_the_day_it_was_read_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: tuple[str, str], prices: list[float], now: list[float]
) -> None:
    pipeline = Pipeline.open(Settings(home=tmp_path, offline=True))
    monkeypatch.setattr(enter, "analyst_files", dict)
    # On the fourth day the file is what it was: what is put back counts again.
    for day, text in zip((26, 28, 29), (*said, said[0]), strict=True):
        monkeypatch.setattr(enter, "announcement_files", lambda text=text: {"deepseek.yml": text.encode()})
        pipeline = replace(pipeline, clock=lambda day=day: datetime(2026, 11, day, 6))
        assert not [attempt.refused for attempt in enter_analyst_files(pipeline) if attempt.refused]
    store = Store.open(pipeline.home.store)
    load_pending(pipeline, store, lambda _: None, Progress())
    store.close()
    stage = with_prices(pipeline.home, pipeline.catalog, datetime(2026, 11, 29, 6))

    def asked(known: str, **strict: bool) -> list[float | None]:
        more = "".join(f", {name} := {value}" for name, value in strict.items())
        found = [
            stage.frame(
                f"SELECT price_per_mtok FROM token_price_on(DATE '{day}', known := DATE '{known}'{more})"
            ).rows()
            for day in ASKED
        ]
        assert all(len(rows) <= 1 for rows in found), found
        return [rows[0][0] if rows else None for rows in found]

    answers = [asked(f"2026-11-{day}") for day in (25, 27, 28, 29)]
    asked_then = stage.frame("SELECT price_per_mtok FROM token_price_on(DATE '2025-10-01')").rows()
    shown = asked("2026-11-29", strict=True)
    stage.connection.close()
    assert answers == [prices, prices, now, prices]
    assert asked_then == [(price,) for price in prices[3:] if price]
    assert shown == prices
