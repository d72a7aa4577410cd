"""Captures loaded in any order give the same answer in every view and mart, absences and issues included."""

from __future__ import annotations

import json
import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from board_stage import PUBLISHED_AT, Payload, board, loaded, parquet

from flows.steps.derive import stage_facts
from warehouse.published.stage import Stage

pytestmark = pytest.mark.slow("stages a file for each order")

# When we loaded it, or asked for it: not what was known.
OURS = (
    "first_seen_at",
    "seen_from",
    "logged_at",
    "fetched_at",
    "last_good_at",
    "last_seen_at",
    "last_asked_at",
    "age_days",
)
MAY, JUNE = date(2025, 5, 13), date(2025, 5, 20)


def listing(bought: float, given: float, **more: Any) -> dict[str, Any]:
    said = {
        "input_cost_per_token": bought / 1e6,
        "output_cost_per_token": given / 1e6,
        "litellm_provider": "openai",
        "mode": "chat",
    }
    return {**said, **more}


def lists() -> list[dict[str, dict[str, Any]]]:
    """Four states of one list: a slip and its mending, aliases, an end ahead, a removal of many, a return."""
    field = {f"field-{number}": listing(1.0 + number, 4.0 + number, litellm_provider="host") for number in range(120)}
    own = {"gpt-4o": listing(2.5, 10.0), "gpt-4o-mini": listing(0.15, 0.6), "gpt-99": listing(1.0, 4.0)}
    end = {"o1": listing(15.0, 60.0, deprecation_date="2025-06-20"), "newest": {"alias_of": "gpt-4o"}}
    return [
        {**field, **own, **end},
        {**field, **own, "gpt-4o": listing(0.25, 10.0), "newest": {"alias_of": "gpt-4o-mini"}},
        {**dict(list(field.items())[:99]), **own, **end},
        {**field, "gpt-4o": listing(2.0, 8.0), "gpt-4o-mini": listing(0.15, 0.6)},
    ]


def positional() -> list[list[str]]:
    """Three states of a list whose places move: the second has one model more, first; the third has lost more than a quarter."""
    field = [f"host/field-{number}" for number in range(150)]
    return [field, ["host/new", *field], ["host/new", *field[:110]]]


def openrouter(models: list[str]) -> bytes:
    listed = [{"id": name, "pricing": {"prompt": "0.000001", "completion": "0.000004"}} for name in models]
    return json.dumps({"data": listed}).encode()


def payloads() -> list[Payload]:
    made = [
        Payload(source, "", json.dumps(state).encode(), datetime(2025, 5, 1 + 7 * number + late))
        for source, late in (("litellm_prices", 0), ("tokencost_prices", 3))
        for number, state in enumerate(lists())
        if source == "litellm_prices" or number != 1
    ]
    made += [
        Payload("openrouter_prices", "", openrouter(models), datetime(2025, 5, 2 + 7 * number))
        for number, models in enumerate(positional())
    ]
    days = [
        board(MAY, {"gpt-4o": 1400, "claude-a": 1390}),
        board(JUNE, {"gpt-4o": 1400, "claude-a": 1395, "gpt-99": 1420}),
    ]
    revised = board(JUNE, {"gpt-4o": 1400, "claude-a": 1405, "gpt-99": 1420})
    made += [
        Payload("arena_leaderboard", "arena_text", parquet(day), datetime(2025, 5, 14 + 7 * number, 12))
        for number, day in enumerate([*days, revised])
    ]
    return made


def answers(stage: Stage) -> dict[str, list[tuple[Any, ...]]]:
    """Every view of the staged file, its rows sorted, without what says when we loaded them."""
    views = stage.frame("SELECT view_name FROM duckdb_views() WHERE NOT internal AND NOT temporary ORDER BY 1")[
        "view_name"
    ].to_list()
    views += ["history.issue", "history.price_removal", "history.scale_shift"]
    found = {}
    for view in views:
        frame = stage.frame(f"FROM {view}")
        kept = frame.select([name for name in frame.columns if name not in OURS])
        found[view] = sorted(kept.rows(), key=repr)
    return found


def in_order(home: Path, order: list[Payload]) -> tuple[dict[str, list[tuple[Any, ...]]], pl.DataFrame]:
    seen = [item._replace(seen_at=datetime(2026, 11, 1) + timedelta(minutes=place)) for place, item in enumerate(order)]
    stage = stage_facts(loaded(home, seen), PUBLISHED_AT)
    found = answers(stage)
    marts = stage.frame("SELECT * EXCLUDE known_at FROM price_frontier_as_of(DATE '2025-05-31') ORDER BY ALL")
    stage.close()
    return found, marts


def test_every_view_and_mart_is_the_same_whatever_came_first(tmp_path: Path) -> None:
    made = payloads()
    wanted, frontier = in_order(tmp_path / "0", made)
    full = {name for name, rows in wanted.items() if rows}
    assert {"token_price", "history.issue", "unmatched_listing", "openai_lead", "price_frontier"} <= full
    gone = [row for row in wanted["history.issue"] if "much of a list is gone" in row]
    assert len(gone) == 1
    assert "80 of the 302 figures of the capture before" in gone[0]
    [where] = {
        row[-1] for row in wanted["token_price"] if "host/field-110" in row and "absent" in row and "input" in row
    }
    assert where == "/data/110/pricing/prompt"  # of the first capture that showed the price, whichever was loaded first
    chance = random.Random(17)  # noqa: S311  orders, not secrets
    for number, order in enumerate([made[::-1], chance.sample(made, len(made))], 1):
        found, shown = in_order(tmp_path / str(number), order)
        assert [name for name in wanted if found[name] != wanted[name]] == []
        assert shown.equals(frontier)


def test_a_price_leads_to_its_place_in_the_capture_it_is_of_whatever_came_first(tmp_path: Path) -> None:
    """It falls and comes back, and its place in the list moves each time; the one between is loaded last."""
    field = [(f"host/field-{number}", "0.000001") for number in range(200)]
    states = [
        [("host/x", "0.000001"), *field],
        [*field[:20], ("host/x", "0.000002"), *field[20:]],
        [*field[:30], ("host/x", "0.000001"), *field[30:]],
    ]
    made = [
        Payload("openrouter_prices", "", json.dumps({"data": [{"id": name, "pricing": {"prompt": asked, "completion": "0.000004"}} for name, asked in state]}).encode(), datetime(2025, 5, 2 + 7 * number))
        for number, state in enumerate(states)
    ]  # fmt: skip
    asked = "SELECT valid_from, locator FROM token_price WHERE listing = 'host/x' AND token_kind = 'input' ORDER BY 1"
    for number, order in enumerate([(0, 1, 2), (0, 2, 1), (2, 0, 1)]):
        stage = stage_facts(loaded(tmp_path / str(number), [made[place]._replace(seen_at=datetime(2026, 11, 1) + timedelta(minutes=turn)) for turn, place in enumerate(order)]), PUBLISHED_AT)  # fmt: skip
        found = stage.frame(asked).rows()
        stage.close()
        assert [where for _, where in found] == ["/data/0/pricing/prompt", "/data/20/pricing/prompt", "/data/30/pricing/prompt"], order  # fmt: skip
