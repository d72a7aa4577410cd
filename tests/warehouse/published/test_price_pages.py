"""What a page speaks for that nobody looked at for long, and when the price of a document without a day begins."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from price_book import PriceBook, price

from warehouse.published.stage import Stage

pytestmark = pytest.mark.slow("stages a price book in every test")

Found = list[tuple[float, str]]
LISTS = ("litellm_prices", "genai_prices")


@pytest.fixture
def book(tmp_path: Path) -> PriceBook:
    return PriceBook(tmp_path)


def on(stage: Stage, *days: str, listing: str = "gpt-5.5") -> list[Found]:
    query = "SELECT price_per_mtok, source FROM token_price_on($day) WHERE listing = $listing ORDER BY ALL"
    return [stage.connection.execute(query, {"day": day, "listing": listing}).fetchall() for day in days]


def page(value: float, listing: str = "gpt-5.5", seller: str = "openai") -> dict[str, object]:
    return price(listing, value, provider=seller, evidence_tier=1)


def test_a_page_speaks_against_first_sightings_until_it_is_stale(book: PriceBook) -> None:
    """The page of January says 5; lists that come when it is 45 days old, or older, first see the model at 2.5."""
    book.say("openai_pricing", "2026-01-05", [page(5.0)])
    book.say("tokencost_prices", "2026-02-01", [price("gpt-5.5", 4.0)])
    for month in (5, 6):
        for source in LISTS:
            book.say(source, f"2026-0{month}-10", [price("gpt-5.5", 2.5)])
    found = on(book.stage(), "2026-02-02", "2026-02-25", "2026-05-12", "2026-06-20")
    assert found == [[(5.0, "openai_pricing")]] * 2 + [[(2.5, "litellm_prices")]] * 2


def test_one_list_that_first_saw_another_price_is_heard_once_the_page_is_stale(book: PriceBook) -> None:
    book.say("openai_pricing", "2026-01-05", [page(5.0)])
    book.say("genai_prices", "2026-05-10", [price("gpt-5.5", 2.5)])
    # Nor is the page back when the list has grown old too; when it is looked at again, it speaks.
    days = ("2026-05-09", "2026-05-12", "2026-10-20", "2026-11-03")
    book.say("openai_pricing", "2026-11-02", [page(5.0)])
    assert on(book.stage(), *days) == [
        [(5.0, "openai_pricing")], [(2.5, "genai_prices")], [(2.5, "genai_prices")], [(5.0, "openai_pricing")],
    ]  # fmt: skip


def test_what_a_page_replaced_is_not_back_because_the_page_is_old(book: PriceBook) -> None:
    book.say("litellm_prices", "2026-01-01", [price("gpt-5.5", 10.0)])
    book.say("openai_pricing", "2026-01-05", [page(5.0)])
    for month in range(2, 8):
        book.say("litellm_prices", f"2026-0{month}-10", [price("gpt-5.5", 10.0)])
    assert on(book.stage(), "2026-01-03", "2026-02-12", "2026-07-12") == [
        [(10.0, "litellm_prices")], [(5.0, "openai_pricing")], [(5.0, "openai_pricing")],
    ]  # fmt: skip


def test_each_page_of_a_seller_is_as_old_as_it_is(book: PriceBook) -> None:
    """K2's page was last seen in January; K3's every month."""
    book.say("moonshot_pricing", "2026-01-05", [page(0.6, "kimi-k2", "moonshot")], scope="k2")
    for month in range(1, 9):
        book.say("moonshot_pricing", f"2026-0{month}-06", [page(2.0, "kimi-k3", "moonshot")], scope="k3")
    for month in (7, 8):
        book.say("litellm_prices", f"2026-0{month}-10", [price("kimi-k2", 0.4, provider="moonshot"), price("kimi-k3", 1.0, provider="moonshot")])  # fmt: skip
    stage = book.stage()
    assert on(stage, "2026-06-12", "2026-08-20", listing="kimi-k2") == [[(0.6, "moonshot_pricing")], [(0.4, "litellm_prices")]]  # fmt: skip
    assert on(stage, "2026-08-20", listing="kimi-k3") == [[(2.0, "moonshot_pricing")]]


@pytest.mark.parametrize("tier", [1, 3])
def test_a_price_without_a_day_counts_from_the_day_of_its_document(book: PriceBook, tier: int) -> None:
    """Also where the documents came to us months later, all at once."""
    documents = {"id": "my_documents", "tier": tier, "order": 50, "covers": ()}
    book.sources["my_documents"] = book.sources["price_announcements"].model_copy(update=documents)
    told = {"2026-02-01": 5.0, "2026-05-01": 3.0}
    rows = [
        price("gpt-5.5", value, known_at=datetime.fromisoformat(f"{day}T20:00"), document_id=day, evidence_tier=tier)
        for day, value in told.items()
    ]
    book.say("my_documents", "2026-11-01", rows)
    stage = book.stage()
    found = on(stage, "2026-01-31", "2026-02-02", "2026-04-30", "2026-05-02", "2026-11-02")
    assert [[value for value, _ in one] for one in found] == [[], [5.0], [5.0], [3.0], [3.0]]
    known = stage.connection.execute("SELECT count(*) FROM token_price_on('2026-02-02', known := '2026-01-31')")
    assert known.fetchall() == [(0,)]
