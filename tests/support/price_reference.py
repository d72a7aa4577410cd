"""The reference events of prices, and how late a list shows each."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date

import pytest
from places import SHARED_DATA

PRICES = SHARED_DATA / "prices"


SELLERS = {
    "OpenAI": "openai", "xAI": "xai", "Alibaba Qwen": "alibaba", "Mistral": "mistral", "DeepSeek": "deepseek",
    "Anthropic": "anthropic", "Google": "google", "Z.ai": "zhipu", "Meta (Groq-hosted)": "groq", "Moonshot": "moonshot",
    "Meta (Together-hosted)": "together-ai", "Meta (first-party API)": "meta",
}  # fmt: skip


Period = tuple[date, date, float, str]


def reference() -> Iterator[dict[str, str]]:
    """The unsuspect events that were read off one of the two lists."""
    with (PRICES / "reference_price_events.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if "[SUSPECT" not in row["source"] and re.search("litellm-|tokencost", row["source"]):
                yield row


def lag(row: dict[str, str], schedule: dict[tuple[str, str, str], list[Period]]) -> int | None:
    """Days from the stated day until a list shows both prices of the event; None where neither ever does."""
    seller, key = SELLERS[row["vendor"]], re.search(r"key=(\S+)", row["source"])
    model_names = {key[1] if key else row["model"], row["model"], f"{seller}/{row['model']}", f"gemini/{row['model']}"}
    day = date.fromisoformat(row["effective_from"])
    bought, sold = float(row["input_usd_per_mtok"]), float(row["output_usd_per_mtok"])
    lags = [
        max(0, (max(first, other) - day).days)
        for name in model_names
        for first, last, price, source in schedule.get((seller, name, "input"), [])
        for other, end, given, same in schedule.get((seller, name, "output"), [])
        if source == same and price == pytest.approx(bought) and given == pytest.approx(sold)
        if max(first, other) < min(last, end) and min(last, end) > day
    ]
    return min(lags, default=None)
