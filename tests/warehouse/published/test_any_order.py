"""Captures loaded in any order give the same answer in every view and mart, absences and issues included."""

from __future__ import annotations

import json
import random
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from board_stage import PUBLISHED_AT, Payload, board, loaded, parquet
from orders import answers, at_turns, price_answers

from config.load import catalog
from flows.steps.derive import stage_facts

pytestmark = pytest.mark.slow("stages a file for each order")

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


def in_order(home: Path, order: list[Payload]) -> tuple[dict[str, list[tuple[Any, ...]]], pl.DataFrame]:
    stage = stage_facts(loaded(home, at_turns(order)), PUBLISHED_AT)
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
        stage = stage_facts(loaded(tmp_path / str(number), at_turns([made[place] for place in order])), PUBLISHED_AT)
        found = stage.frame(asked).rows()
        stage.close()
        assert [where for _, where in found] == ["/data/0/pricing/prompt", "/data/20/pricing/prompt", "/data/30/pricing/prompt"], order  # fmt: skip


HISTORIES = 40
BEFORE = {"against the capture before", "row count"}


def slipped(chance: random.Random, turn: int) -> bytes:
    """A list of sixty-odd listings, one of them out of bounds, as it is or by one slip of the whole."""
    field = {
        f"field-{number}": listing(1.0 + number % 7, 5.0 + number % 7, litellm_provider="host") for number in range(60)
    }
    said = {**field, "gpt-4o": listing(2.5 - turn % 2 / 2, 10.0), "dear": listing(5000.0 + turn, 6000.0)}
    grown = said | {f"more-{number}": listing(2.0, 6.0, litellm_provider="host") for number in range(40)}
    kept = [*said.items()]
    asked, given = "input_cost_per_token", "output_cost_per_token"
    state = chance.choice([
        said, said, said, grown, dict(kept[::3]), dict(kept[:40]), {f"x/{name}": entry for name, entry in kept}, {"broken": []},
        *({name: entry | {asked: by * entry[asked], given: by * entry[given]} for name, entry in kept} for by in (10, 1000)),
        {name: entry | {asked: entry[given], given: entry[asked]} for name, entry in kept},
    ])  # fmt: skip
    return json.dumps(state).encode()


def test_what_is_refused_beside_the_capture_before_is_refused_whatever_came_first(tmp_path: Path) -> None:
    """Lists divided, exchanged, renamed, cut, seen again and good, each history of a list of its own."""
    chance = random.Random(17)  # noqa: S311  histories, not secrets
    declared, made, origins = catalog(), list[Payload](), list[str]()
    plain = declared.sources["litellm_prices"]
    sources = {f"list_{number}": plain.model_copy(update={"id": f"list_{number}", "reader": plain.read_by}) for number in range(HISTORIES)}  # fmt: skip
    for source in sources:
        for turn in range(chance.choice([3, 4])):
            origins.append(chance.choice(["fetched", "fetched", "ingested", "backfilled"]))
            made.append(Payload(source, "", slipped(chance, turn), datetime(2025, 5, 1 + 3 * turn)))
    known = declared.model_copy(update={"sources": {**declared.sources, **sources}})
    places = [*range(len(made))]
    wanted: dict[str, Any] = {}
    for number, order in enumerate([places, places[::-1], *(chance.sample(places, len(places)) for _ in range(2))]):
        came = at_turns([made[place] for place in order])
        found, why = price_answers(tmp_path / str(number), known, came, [origins[place] for place in order])
        wanted = wanted or found
        assert [name for name in wanted if found[name] != wanted[name]] == [], number
        assert why >= BEFORE
    assert {"much of a list is gone", "capture refused"} <= {row[5] for row in wanted["history.issue"]}
