"""A price that moves by ten times in one list counts once somebody else has one of its magnitude."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from price_book import PriceBook, price

from warehouse.published.stage import Stage

pytestmark = pytest.mark.slow("publishes many small price books")


@pytest.fixture
def book(tmp_path: Path) -> PriceBook:
    return PriceBook(tmp_path)


def in_force(stage: Stage, day: str, listing: str = "gpt-4o") -> list[float]:
    found = stage.connection.execute(
        f"SELECT price_per_mtok FROM token_price_on(DATE '{day}') WHERE listing = '{listing}' ORDER BY ALL"
    )
    return [value for (value,) in found.fetchall()]


@pytest.mark.parametrize("slip", [0.25, 25.0, 0.0025])
def test_a_slip_against_yesterday_is_doubted_and_told_and_its_mending_is_not(book: PriceBook, slip: float) -> None:
    for day, value in (("2025-03-01", 2.5), ("2025-03-02", slip), ("2025-03-03", 2.5)):
        book.say("litellm_prices", day, [price("gpt-4o", value)])
    stage = book.stage()
    assert [in_force(stage, f"2025-03-0{day}") for day in (1, 2, 3)] == [[2.5], [], [2.5]]
    told = stage.connection.execute(
        "SELECT reason, detail FROM history.issue WHERE severity = 'notice' ORDER BY captured_at"
    )
    assert told.fetchall()[0] == ("ten times off the same listing before", f"openai gpt-4o input: {slip} after 2.5")


def test_a_fall_that_a_second_list_or_another_seller_of_the_weights_has_is_believed(book: PriceBook) -> None:
    book.say("litellm_prices", "2025-03-01", [price("gpt-4o", 2.5)])
    book.say("litellm_prices", "2025-03-05", [price("gpt-4o", 0.2)])
    book.say("tokencost_prices", "2025-03-07", [price("gpt-4o", 0.2)])
    stage = book.stage()
    assert [in_force(stage, f"2025-03-0{day}") for day in (4, 5, 6, 7)] == [[2.5], [], [], [0.2]]


def test_a_price_mended_where_another_seller_has_its_magnitude_is_believed_at_once(book: PriceBook) -> None:
    """gpt-4 stood at 3 in its maker's rows until 2023-11-01; what the list then said, it said of another seller, too."""
    book.say("litellm_prices", "2023-09-01", [price("gpt-4o", 0.25)])
    book.say("litellm_prices", "2023-11-01", [price("gpt-4o", 2.5), price("azure/gpt-4o", 2.5, provider="azure")])
    assert in_force(book.stage(), "2023-11-02") == [2.5]


def test_what_its_maker_says_is_no_slip(book: PriceBook) -> None:
    book.say("openai_pricing", "2025-03-01", [price("gpt-4o", 2.5)])
    book.say("openai_pricing", "2025-03-05", [price("gpt-4o", 0.2)])
    assert in_force(book.stage(), "2025-03-06") == [0.2]


def test_nine_times_is_no_slip(book: PriceBook) -> None:
    book.say("litellm_prices", "2025-03-01", [price("gpt-4o", 2.5)])
    book.say("litellm_prices", "2025-03-05", [price("gpt-4o", 0.28)])
    assert in_force(book.stage(), "2025-03-06") == [0.28]


def test_a_listing_that_comes_back_at_a_thousand_times_its_last_price_is_doubted(book: PriceBook) -> None:
    """Gone for a while, it is compared with what the list last showed, not only with the day before."""
    groq = {"provider": "groq"}
    book.say("litellm_prices", "2026-08-01", [price("groq/llama-8b", 0.05, **groq), price("gpt-4o", 2.5)])
    book.say("litellm_prices", "2026-09-01", [price("gpt-4o", 2.5)])
    book.say("litellm_prices", "2026-11-25", [price("groq/llama-8b", 5.0, **groq), price("gpt-4o", 2.5)])
    stage = book.stage()
    assert [in_force(stage, day, "groq/llama-8b") for day in ("2026-08-02", "2026-10-01", "2026-11-26")] == [
        [0.05], [], [],
    ]  # fmt: skip


def test_a_list_not_looked_at_since_does_not_go_on_with_what_another_calls_ended(book: PriceBook) -> None:
    google = {"provider": "google"}
    flash = {"listing": "gemini/gemini-2.0-flash-lite"}
    book.say("tokencost_prices", "2025-09-01", [price(flash["listing"], 0.075, **google)])
    book.say("litellm_prices", "2025-06-01", [price(flash["listing"], 0.075, **google), price("gpt-4o", 2.5)])
    ended = price(flash["listing"], None, **google) | {"absence": "ended", "note": "ended by the list's own word"}
    book.say("litellm_prices", "2026-11-20", [ended, price("gpt-4o", 2.5)])
    stage = book.stage()
    assert [in_force(stage, day, flash["listing"]) for day in ("2026-11-19", "2026-11-21")] == [[0.075], []]


def test_a_list_looked_at_since_may_sell_what_another_calls_ended(book: PriceBook) -> None:
    google = {"provider": "google"}
    book.say("litellm_prices", "2026-11-01", [price("gemini-x", 0.075, **google), price("gpt-4o", 2.5)])
    ended = price("gemini-x", None, **google) | {"absence": "ended"}
    book.say("litellm_prices", "2026-11-20", [ended, price("gpt-4o", 2.5)])
    book.say("tokencost_prices", "2026-11-22", [price("gemini-x", 0.075, **google)])
    assert in_force(book.stage(), "2026-11-23", "gemini-x") == [0.075]


def test_an_end_that_a_list_states_ahead_ends_the_price_on_its_day(book: PriceBook) -> None:
    """The first capture that shows a listing may state its end already; a later one calls it off."""
    ends = {"valid_from": date(2026, 10, 15), "absence": "ended", "valid_from_basis": "documented"}
    sold, other = price("xai/grok-x", 3.0, provider="xai"), price("gpt-4o", 2.5)
    book.say("litellm_prices", "2026-10-01", [price("xai/grok-x", None, provider="xai") | ends, sold, other])
    stage = book.stage()
    assert [in_force(stage, day, "xai/grok-x") for day in ("2026-10-14", "2026-10-15", "2026-11-01")] == [[3.0], [], []]


def test_an_end_that_was_called_off_ends_nothing(book: PriceBook) -> None:
    ends = {"valid_from": date(2026, 10, 15), "absence": "ended", "valid_from_basis": "documented"}
    sold, other = price("xai/grok-x", 3.0, provider="xai"), price("gpt-4o", 2.5)
    book.say("litellm_prices", "2026-10-01", [price("xai/grok-x", None, provider="xai") | ends, sold, other])
    book.say("litellm_prices", "2026-10-10", [sold, other])
    stage = book.stage()
    known = "SELECT price_per_mtok FROM token_price_on(DATE '2026-10-20', known := '2026-10-05') WHERE listing = 'xai/grok-x'"
    assert stage.connection.execute(known).fetchall() == []
    assert [in_force(stage, day, "xai/grok-x") for day in ("2026-10-14", "2026-10-16")] == [[3.0], [3.0]]


def test_a_fall_that_another_list_has_had_stays_believed_when_that_list_drops_the_model(book: PriceBook) -> None:
    groq, other = {"provider": "groq"}, price("gpt-4o", 2.5)
    book.say("tokencost_prices", "2024-07-25", [price("groq/llama-8b", 0.59, **groq), other])
    book.say("tokencost_prices", "2024-10-16", [price("groq/llama-8b", 0.05, **groq), other])
    book.say("genai_prices", "2024-11-01", [price("llama-8b", 0.05, **groq), other])
    book.say("genai_prices", "2024-11-20", [other])
    stage = book.stage()
    assert [in_force(stage, day, "groq/llama-8b") for day in ("2024-10-20", "2024-11-02", "2024-11-25")] == [
        [],
        [0.05],
        [0.05],
    ]
