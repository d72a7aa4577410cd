"""Real lists of the litellm schema, and slips of them as a whole, say the same whichever came first."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from board_stage import Payload
from orders import at_turns, price_answers
from price_reference import PRICES

from config.load import catalog
from flows.commands.starter import price_lists

pytestmark = [
    pytest.mark.slow("loads real lists in three orders"),
    pytest.mark.shared,
    pytest.mark.skipif(not PRICES.exists(), reason="../shared with the real payloads is not beside the checkout"),
]
Listings = dict[str, dict[str, Any]]


def scaled(listings: Listings, factor: float) -> Listings:
    return {
        name: {key: value * factor if "cost" in key and isinstance(value, float) else value for key, value in entry.items()}
        for name, entry in listings.items()
    }  # fmt: skip


# Taken on a day after the list of 2026-07-01, and what is wrong with it.
SLIPS: dict[datetime, Callable[[Listings], Listings]] = {
    datetime(2026, 7, 12): lambda listings: scaled(listings, 10.0),
    datetime(2026, 7, 14): lambda listings: dict([*listings.items()][::3]),
    datetime(2026, 7, 16): lambda listings: {f"x/{name}": entry for name, entry in listings.items()},
}


def test_real_lists_and_their_slips_say_the_same_whatever_came_first(tmp_path: Path) -> None:
    lists = [Payload(item.source, "", item.body, item.taken_at) for item in price_lists(PRICES)]
    newest = [item for item in lists if item.taken_at >= datetime(2026, 6, 1)]
    tokencost = [item for item in lists if item.source == "tokencost_prices"][-3:]
    july = json.loads(next(item.body for item in newest if item.taken_at.date() == datetime(2026, 7, 1).date()))
    made = [*newest, *tokencost, *(Payload("litellm_prices", "", json.dumps(slip(july)).encode(), at) for at, slip in SLIPS.items())]  # fmt: skip
    made.sort(key=lambda item: item.taken_at)
    assert len(made) == 10
    chance = random.Random(5)  # noqa: S311  orders, not secrets
    first: dict[str, Any] = {}
    for number, order in enumerate([made, made[::-1], chance.sample(made, len(made))]):
        found, why = price_answers(tmp_path / str(number), catalog(), at_turns(order), ["fetched"] * len(made))
        first = first or found
        assert [name for name in first if found[name] != first[name]] == []
        assert why == {"against the capture before", "row count"}
