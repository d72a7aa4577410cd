"""A replay says what the nights said, for any history of lists: prices that come, go and return, captures late and twice.

Seeded histories, each loaded capture by capture and then built anew from its archive. What is in force at the end is worked out
a second time here, from the newest list alone.
"""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from small_pipeline import NOW, Clock, small_pipeline

from config.contracts import Capture
from flows.steps import load
from flows.steps.load import Progress, load_capture, rebuild
from flows.steps.pipeline import Pipeline
from warehouse.archive.captures import Logged, sha256_of
from warehouse.store.facts import Store
from warehouse.store.lock import store_lock

HISTORIES, GROUPS = 25, 4
MODELS = [f"model-{number}" for number in range(14)]
RATES = "Date,USD,JPY,GBP,CNY\n"
HELD = ("token_price", "fx_rate")


def price_list(prices: dict[str, float]) -> bytes:
    return orjson.dumps({
        model: {
            "mode": "chat", "litellm_provider": "openai", "input_cost_per_token": price / 1e6, "output_cost_per_token": 3 * price / 1e6,
        }
        for model, price in prices.items()
    })  # fmt: skip


def rates(days: dict[int, float]) -> bytes:
    lines = [
        f"{NOW.date() - timedelta(40 - day)},1.1,160,0.85,{yuan}\n" for day, yuan in sorted(days.items(), reverse=True)
    ]
    return (RATES + "".join(lines)).encode()


def history(rng: random.Random) -> list[tuple[str, int, str, bytes]]:
    """(source, day it was taken, where it came from, body), in the order of its arrival."""
    prices, yuan = dict.fromkeys(MODELS, 2.0), dict.fromkeys(range(1, 30), 7.8)
    told: list[tuple[str, int, str, bytes]] = []
    for day in range(30, 30 + rng.randrange(3, 5)):
        for model in rng.sample(MODELS, rng.randrange(4)):
            if model in prices and rng.random() < 0.4:
                del prices[model]
            else:
                prices[model] = rng.choice([1.0, 2.0, 4.0])
        yuan |= {day: 7.8} | ({rng.randrange(1, 30): rng.choice([7.8, 9.9])} if rng.random() < 0.3 else {})
        told.append(("litellm_prices", day, "fetched", price_list(prices)))
        if rng.random() < 0.4:
            told.append(("ecb_fx", day, "fetched", rates(yuan)))
        if rng.random() < 0.3:  # a list of a day before, found late
            told.append(
                (
                    "litellm_prices",
                    rng.randrange(10, day),
                    "backfilled",
                    price_list(dict(rng.sample(sorted(prices.items()), 12)) if len(prices) > 12 else prices),
                )
            )
    return told


def archived(pipeline: Pipeline, told: list[tuple[str, int, str, bytes]]) -> list[Logged]:
    found = []
    for number, (source, day, origin, body) in enumerate(told):
        taken_at, logged_at = NOW - timedelta(40 - day), NOW - timedelta(1) + timedelta(minutes=number)
        capture = Capture(source, "", "u", sha256_of(body), len(body), taken_at, taken_at, origin, origin)
        found.append(pipeline.archive.add(capture, body, logged_at))
    return found


def rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    return {
        name: store.connection.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in (*HELD, "capture", "issue")
    }


def in_force(store: Store) -> dict[str, float]:
    query = """
        SELECT listing, value FROM token_price WHERE token_kind = 'input'
        QUALIFY row_number() OVER (PARTITION BY listing ORDER BY captured_at DESC, capture_sha256 DESC) = 1"""
    return {listing: value for listing, value in store.connection.execute(query).fetchall() if value is not None}


@pytest.mark.slow("a hundred stores are built anew")
# A history takes two seconds: one group in the suite, all of them in `make faults`.
@pytest.mark.parametrize(
    "group", [pytest.param(group, marks=[pytest.mark.faults] if group else []) for group in range(GROUPS)]
)
def test_a_replay_says_what_the_nights_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: int) -> None:
    monkeypatch.setattr(load, "read_starter", lambda: None)
    for number in range(HISTORIES):
        told = history(random.Random(1000 * group + number))  # noqa: S311
        pipeline = small_pipeline(tmp_path / str(number), "http://127.0.0.1:9", Clock())
        live = Store.open(None)
        for logged in archived(pipeline, told):
            loaded = load_capture(pipeline, live, logged)
            assert loaded.outcome in {"loaded", "unchanged"}, loaded.reason
        with store_lock(pipeline.home, "a test"):
            again = rebuild(pipeline, lambda _: None, Progress())
        assert rows(again) == rows(live)
        newest = max(
            (day, body) for source, day, origin, body in told if source == "litellm_prices" and origin == "fetched"
        )[1]
        stated = {model: entry["input_cost_per_token"] * 1e6 for model, entry in orjson.loads(newest).items()}
        assert in_force(again) == pytest.approx(stated)
        again.close()
        live.close()
