"""Properties of price books over a thousand generated histories: the order of loading, what was known when, one price in force, and a
list that covers no seller."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from places import FIXTURES_FOLDER
from price_book import PriceBook, Row, price
from price_histories import START, histories, registry, staged

from warehouse.published.stage import Stage

pytestmark = pytest.mark.slow("loads and stages a thousand histories several times")

HISTORIES = 1_000
LISTS = [(source, f"2026-{month:02}-{day:02}") for source, day in (("litellm_prices", 1), ("tokencost_prices", 9)) for month in range(3, 8)]  # fmt: skip
# When it was loaded is ours, not what was known.
OURS = {"first_seen_at", "seen_from", "vintage_seen_at"}
ASKED = ("2026-03-05", "2026-04-20", "2026-06-15", "2026-08-01")


def states(chance: random.Random, listing: str) -> dict[tuple[str, str], Row]:
    """What each list says of a listing on each of its days: nothing, a price, one it withholds, an end."""
    told: dict[tuple[str, str], Row] = {}
    for place in LISTS:
        match chance.choice(("gone", "gone", "price", "price", "price", "no_price", "ended")):
            case "price":
                told[place] = price(listing, chance.choice([1.0, 2.0, 30.0]), provider="openai") | {"absence": None}
            case "no_price" | "ended" as absence:
                told[place] = price(listing, None, provider="openai") | {"absence": absence}
    return told


def answers(stage: Stage) -> dict[str, list[tuple[Any, ...]]]:
    views = [
        name
        for (name,) in stage.connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    ]
    asked = [*views, "history.issue", "history.price_state", *(f"token_price_on(DATE '{day}')" for day in ASKED)]
    found = {}
    for name in asked:
        frame = stage.frame(f"FROM {name}")
        kept = [column for column in frame.columns if column not in OURS]
        found[name] = sorted(frame.select(kept).rows(), key=repr)
    return found


def test_a_thousand_histories_say_the_same_in_any_order(tmp_path: Path) -> None:
    chance = random.Random(2)  # noqa: S311  histories, not secrets
    told = [states(chance, f"m{number}") for number in range(HISTORIES)]
    captures = {place: [rows[place] for rows in told if place in rows] for place in LISTS}
    first: dict[str, list[tuple[Any, ...]]] = {}
    for number, order in enumerate([LISTS, LISTS[::-1], chance.sample(LISTS, len(LISTS))]):
        book = PriceBook(tmp_path / str(number))
        for source, day in order:
            book.say(source, day, captures[source, day])
        found = answers(book.stage())
        first = first or found
        assert [name for name in first if found[name] != first[name]] == []
    assert len(first["token_price"]) > HISTORIES
    assert len(first[f"token_price_on(DATE '{ASKED[2]}')"]) > HISTORIES // 4


def test_a_list_that_covers_nobody_takes_no_price_of_a_thousand_sellers_away(tmp_path: Path) -> None:
    chance = random.Random(3)  # noqa: S311  histories, not secrets
    listed: list[Row] = []
    other: list[Row] = []
    for number in range(HISTORIES):
        seller = {"provider": f"seller-{number}"}
        names = [f"m{number}-{place}" for place in range(chance.randint(1, 4))]
        listed += [price(name, chance.choice([1.0, 2.0, 3.0]), **seller) for name in names]
        other += [
            price(name, 2.5, **seller) for name in chance.sample([*names, f"m{number}-new"], chance.randint(1, 2))
        ]
    for tier in (1, 2, 3):
        found = []
        for number, beside in enumerate((False, True)):
            book = PriceBook(tmp_path / f"{tier}-{number}")
            mine = {"id": "my_list", "tier": max(tier, 2), "order": tier, "covers": ()}
            book.sources["my_list"] = book.sources["tokencost_prices"].model_copy(update=mine)
            book.say("litellm_prices", "2026-11-20", listed)
            if beside:
                book.say("my_list", "2026-11-21", other)
            query = "SELECT provider, listing, price_per_mtok FROM token_price_on(DATE '2026-11-22')"
            found.append(set(book.stage().connection.execute(query).fetchall()))
        assert len(found[0]) == len(listed)
        assert found[0] <= found[1]
        assert {listing for _, listing, _ in found[1] - found[0]} <= {row["listing"] for row in other} - {row["listing"] for row in listed}  # fmt: skip


def asked_of(t: date) -> dict[str, str]:
    """What an analyst may ask of prices at the end of a day, of that day and of days before."""
    asked = {f"as of, {strict}": f"token_price_as_of(DATE '{t}', strict := {strict})" for strict in (False, True)}
    for day in (t, t - timedelta(days=9), t - timedelta(days=30)):
        asked[f"on {day}"] = f"token_price_on(DATE '{day}', known := DATE '{t}')"
        asked[f"held on {day}"] = f"token_price_on(DATE '{day}', known := DATE '{t}', strict := true)"
        asked[f"models on {day}"] = f"model_price_in_force([DATE '{day}'], DATE '{t}', undeclared := true)"
        asked[f"disagreement on {day}"] = f"price_disagreement_on(DATE '{day}', known := DATE '{t}')"
    return {**asked, "removals": f"history.price_removal WHERE removed_at <= as_of_instant(DATE '{t}')"}


def rows_of(stage: Stage, asked: str) -> list[tuple[Any, ...]]:
    return sorted(stage.connection.execute(f"FROM {asked}").fetchall(), key=repr)


@pytest.mark.parametrize(
    ("number", "days"), [(250, (58,)), pytest.param(HISTORIES, (12, 33, 58, 95), marks=pytest.mark.faults)]
)
def test_histories_say_of_a_day_what_a_store_says_that_ends_with_it(
    tmp_path: Path, number: int, days: tuple[int, ...]
) -> None:
    """And what is in force then is known by then, is of that day, and is one price for each offer of a seller."""
    chance = random.Random(5)  # noqa: S311  histories, not secrets
    known, said = registry(number), histories(chance, number)
    whole = staged(tmp_path / "whole", known, said)
    for after in days:
        day = START + timedelta(days=after)
        end = datetime.combine(day, time.max)
        by_then = staged(tmp_path / str(after), known, said, end)
        found = {name: rows_of(by_then, asked) for name, asked in asked_of(day).items()}
        assert [name for name, asked in asked_of(day).items() if rows_of(whole, asked) != found[name]] == []
        by_then.close()
        in_force = f"FROM token_price_on(DATE '{day}')"
        [(prices, untimely)] = whole.connection.execute(
            f"SELECT count(*), count_if(known_at > TIMESTAMP '{end}' OR valid_from > DATE '{day}' OR valid_to <= DATE '{day}') FROM ({in_force})"
        ).fetchall()
        assert prices > number
        assert untimely == 0
        offer = "provider, model, listing, token_kind, tier, currency, hours_utc, weekdays"
        twice = f"SELECT {offer} FROM ({in_force}) GROUP BY ALL HAVING count(*) > 1"
        assert whole.connection.execute(twice).fetchall() == []
    # Spans are made of the days on which an answer may turn: on no other day is anything else in force.
    days = [START + timedelta(days=after) for after in chance.sample(range(220), 20)]
    spans = (FIXTURES_FOLDER / "price_span_at.sql").read_text("utf-8")
    for blended in (False, True):
        assert whole.connection.execute(spans, {"days": days, "blended": blended}).fetchall() == []
