"""A name that a list calls another name of a listing, and that moves: what it means, and what it costs, day by day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from price_book import PriceBook, price

from warehouse.published.stage import Stage

pytestmark = pytest.mark.slow("stages a price book in every test")

MAY, JUNE, JULY, AUGUST = "2026-05-01", "2026-06-01", "2026-07-01", "2026-08-01"
OWN = {"gpt-4o": 2.5, "gpt-4o-mini": 0.15}


def rows(means: str | None, costs: float | None = None) -> list[dict[str, Any]]:
    """The list on a day on which the name means a listing, costs something of its own, or is not there."""
    listed = [price(name, value) for name, value in OWN.items()]
    if means:
        return [*listed, price("gpt-newest", OWN[means], alias_of=means)]
    return [*listed, price("gpt-newest", costs)] if costs else listed


def told(folder: Path, days: dict[str, list[dict[str, Any]]], order: list[str]) -> Stage:
    book = PriceBook(folder)
    for day in order:
        book.say("litellm_prices", day, days[day])
    return book.stage()


@pytest.mark.parametrize("order", [[MAY, JUNE, JULY, AUGUST], [AUGUST, JUNE, MAY, JULY]])
def test_a_name_that_moves_and_moves_back_means_each_listing_in_its_time(tmp_path: Path, order: list[str]) -> None:
    """A seventeenth of the price is no slip of the name: the list says that it is the price of the listing it means now."""
    days = {MAY: rows("gpt-4o"), JUNE: rows("gpt-4o-mini"), JULY: rows("gpt-4o"), AUGUST: rows(None, 5.0)}
    stage = told(tmp_path, days, order)
    query = "SELECT model, price_per_mtok FROM token_price_on('{}') WHERE listing = 'gpt-newest'"
    found = [stage.connection.execute(query.format(f"2026-0{month}-15")).fetchall() for month in (5, 6, 7, 8)]
    assert found == [[("gpt-4o", 2.5)], [("gpt-4o-mini", 0.15)], [("gpt-4o", 2.5)], [(None, 5.0)]]
    meant = "SELECT model, valid_from, valid_to FROM history.model_alias WHERE name = 'gpt-newest' ORDER BY 2"
    first, second, third, last = (date(2026, month, 1) for month in (5, 6, 7, 8))
    assert stage.connection.execute(meant).fetchall() == [
        ("gpt-4o", first, second), ("gpt-4o-mini", second, third), ("gpt-4o", third, last),
    ]  # fmt: skip
    assert stage.connection.execute("SELECT count(*) FROM history.issue WHERE reason LIKE 'ten times%'").fetchall() == [(0,)]  # fmt: skip
    # No model is ever sold at the price of the other.
    models = (
        "SELECT DISTINCT model, price_per_mtok FROM token_price WHERE model IN ('gpt-4o', 'gpt-4o-mini') ORDER BY 1"
    )
    assert stage.connection.execute(models).fetchall() == [("gpt-4o", 2.5), ("gpt-4o-mini", 0.15)]


def test_what_a_name_cost_before_it_meant_a_model_is_no_price_of_that_model(tmp_path: Path) -> None:
    """litellm's list of 2026-09-01 has gemini-pro-latest at 1.25, as Gemini 2.5 Pro. From 2026-11-20 on it means Gemini 3.1 Pro, which costs
    2: a list that was looked at before that day says nothing of it, one that was looked at since does, also where it did not change.
    """

    def listed(newest: float) -> list[dict[str, Any]]:
        prices = {"gemini-pro-latest": newest, "gemini-flash-lite-latest": 0.3, "gemini-3.1-pro-preview": 2.0}
        return [price(f"gemini/{name}", value, provider="google") for name, value in prices.items()]

    book = PriceBook(tmp_path)
    book.say("litellm_prices", "2026-09-01", listed(1.25))
    book.say("litellm_prices", "2026-11-21", listed(2.0))
    stage = book.stage()
    query = """SELECT model, price_per_mtok, valid_from FROM {}
        WHERE model IN ('gemini-3-1-pro-preview', 'gemini-3-5-flash-lite') AND status = 'reported' ORDER BY ALL"""
    own = ("gemini-3-1-pro-preview", 2.0, date(2026, 9, 1))
    told = [own, (*own[:2], date(2026, 11, 21)), ("gemini-3-5-flash-lite", 0.3, date(2026, 11, 20))]
    for asked, expected in {"2026-11-20": [own], "2026-11-21": told}.items():
        for macro in ("token_price_on", "token_price_as_of"):
            assert stage.connection.execute(query.format(f"{macro}('{asked}')")).fetchall() == expected


def test_of_a_name_that_means_the_same_as_before_a_leap_is_a_slip(tmp_path: Path) -> None:
    slipped = [price("gpt-4o", 0.025), price("gpt-newest", 0.025, alias_of="gpt-4o")]
    stage = told(tmp_path, {MAY: rows("gpt-4o"), JUNE: slipped}, [MAY, JUNE])
    found = stage.connection.execute("SELECT listing FROM token_price_on('2026-06-15')").fetchall()
    assert found == []


@pytest.mark.parametrize("absence", ["quarantined", "no_price", "ended"])
def test_a_price_that_is_kept_out_does_not_end_what_its_name_means(tmp_path: Path, absence: str) -> None:
    output = {"token_kind": "output"}
    out = price("gpt-newest", None, absence=absence, **output)
    stage = told(tmp_path, {MAY: rows("gpt-4o"), JUNE: [*rows("gpt-4o"), out]}, [MAY, JUNE])
    query = "SELECT model, price_per_mtok FROM token_price_on('{}') WHERE listing = 'gpt-newest'"
    found = [stage.connection.execute(query.format(day)).fetchall() for day in ("2026-05-15", "2026-06-15")]
    assert found == [[("gpt-4o", 2.5)]] * 2


def test_a_name_that_nobody_entered_counts_as_undeclared_where_no_list_says_what_it_means(tmp_path: Path) -> None:
    def listed(means: str | None) -> list[dict[str, Any]]:
        prices = {"input": 2.0, "output": 8.0}
        return [price("gpt-newest", value, token_kind=kind, alias_of=means) for kind, value in prices.items()]

    book = PriceBook(tmp_path)
    book.say("litellm_prices", MAY, listed(None))
    book.say("litellm_prices", JULY, listed("gpt-4o"))
    book.say("litellm_prices", AUGUST, listed(None))
    stage = book.stage("61_model_price")
    query = "SELECT model, undeclared FROM model_price_in_force([DATE '{0}'], DATE '{0}', undeclared := true)"
    found = [
        stage.connection.execute(query.format(day)).fetchall() for day in ("2026-05-15", "2026-07-15", "2026-08-15")
    ]
    assert found == [[("gpt-newest", True)], [("gpt-4o", False)], [("gpt-newest", True)]]


def test_a_moving_name_that_is_a_model_of_its_own_is_that_model_where_no_list_says_what_it_means(
    tmp_path: Path,
) -> None:
    """chatgpt-4o-latest is entered; a list calls it gpt-4o, then the smaller one after a while without a word, then nothing else."""
    means = {MAY: "gpt-4o", JUNE: None, JULY: "gpt-4o-mini", AUGUST: None}
    book = PriceBook(tmp_path)
    for day, other in means.items():
        own = [price(name, value) for name, value in OWN.items()]
        book.say(
            "litellm_prices", day, [*own, price("chatgpt-4o-latest", OWN[other] if other else 5.0, alias_of=other)]
        )
    stage = book.stage()
    query = "SELECT model, price_per_mtok FROM token_price_on('{}') WHERE listing = 'chatgpt-4o-latest'"
    found = [stage.connection.execute(query.format(f"2026-0{month}-15")).fetchall() for month in (5, 6, 7, 8)]
    own = [("chatgpt-4o-latest", 5.0)]
    assert found == [[("gpt-4o", 2.5)], own, [("gpt-4o-mini", 0.15)], own]
