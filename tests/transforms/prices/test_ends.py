"""What a document ended, no list goes on with: the announcements of DeepSeek beside lists that lag, as they did."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from price_book import PriceBook, price

from config.contracts import Capture
from config.load import announcement_files, catalog
from transforms.sources.price_announcements import parse
from warehouse.published.stage import Stage

pytestmark = pytest.mark.slow("generated histories")

DEEPSEEK = {"provider": "deepseek"}
NOW = "2026-11-22"


def offered(listing: str, bought: float, given: float) -> list[dict[str, object]]:
    return [price(listing, bought, **DEEPSEEK), price(listing, given, token_kind="output", **DEEPSEEK)]  # noqa: S106


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """litellm's own states of 2025-02-15, 2025-10-01, 2026-02-01 and 2026-07-01, and every announcement."""
    book = PriceBook(tmp_path_factory.mktemp("ends"))
    chat, reasoner = offered("deepseek/deepseek-chat", 0.27, 1.1), offered("deepseek/deepseek-reasoner", 0.55, 2.19)
    book.say("litellm_prices", "2025-02-15", [*chat, *reasoner])
    rounded = [*offered("deepseek-chat", 0.6, 1.7), *offered("deepseek-reasoner", 0.6, 1.7)]
    book.say("litellm_prices", "2025-10-01", [*chat, *reasoner, *rounded])
    cut = [
        row
        for name in ("deepseek-chat", "deepseek/deepseek-chat", "deepseek-reasoner")
        for row in offered(name, 0.28, 0.42)
    ]
    book.say("litellm_prices", "2026-02-01", cut)
    fourth = [*offered("deepseek-v4-flash", 0.14, 0.28), *offered("deepseek/deepseek-v4-pro", 0.435, 0.87)]
    book.say("litellm_prices", "2026-07-01", [*cut, *fourth])
    book.say("litellm_prices", "2026-11-01", [*cut, *fourth[:2], *offered("deepseek/deepseek-v4-pro", 0.7, 2.0)])
    at = datetime(2026, 11, 22)
    for name, body in announcement_files().items():
        capture = Capture("price_announcements", name, f"config/announcements/{name}", "0" * 64, 1, at, at)
        book.load("price_announcements", at, parse(body, capture, catalog()), name)
    staged = book.stage()
    staged.build(("61_model_price",))
    return staged


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2025-02-25", {("deepseek-v3", "standard", 0.27, 1.1), ("deepseek-r1", "standard", 0.55, 2.19)}),
        ("2025-09-15", {("deepseek-v3-1", "standard", 0.56, 1.68)}),
        ("2025-11-15", {("deepseek-v3-2-exp", "standard", 0.28, 0.42)}),
        ("2026-03-01", {("deepseek-v3-2", "standard", 0.28, 0.42)}),
        ("2026-08-10", {("deepseek-v4-flash", "standard", 0.14, 0.28), ("deepseek-v4-pro", "standard", 0.435, 0.87)}),
        # Off-peak 0.22/0.66 and 0.66/1.98, twice that in seven hours: of every day at first, of weekdays since 2026-08-23.
        ("2026-08-20", {("deepseek-v4-flash", "by_hour", 0.284167, 0.8525), ("deepseek-v4-pro", "by_hour", 0.8525, 2.5575)}),
        ("2026-09-20", {("deepseek-v4-flash", "by_hour", 0.18125, 0.725), ("deepseek-v4-pro", "by_hour", 0.7975, 2.3925), ("deepseek-v4-1-flash", "by_hour", 0.18125, 0.725)}),
        # The list has shown another plain price since, and is heard again.
        ("2026-11-02", {("deepseek-v4-flash", "by_hour", 0.18125, 0.725), ("deepseek-v4-pro", "standard", 0.7, 2.0), ("deepseek-v4-1-flash", "by_hour", 0.18125, 0.725)}),
    ],
)  # fmt: skip
def test_what_deepseek_asked_on_each_day(stage: Stage, day: str, expected: set[tuple[object, ...]]) -> None:
    found = stage.connection.execute(
        f"""SELECT model, tier, round(input_per_mtok, 6), round(output_per_mtok, 6) FROM model_price_in_force([DATE '{day}'], '{NOW}')
        WHERE provider = 'deepseek' AND currency = 'USD'"""
    ).fetchall()
    assert set(found) == expected


def test_no_price_stands_beside_the_one_that_replaced_it(stage: Stage) -> None:
    """token_price_on tells one price for each model, kind and tier of the seller's dollar list."""
    for day in ("2025-09-15", "2025-11-15", "2026-08-20", "2026-09-20"):
        several = stage.connection.execute(
            f"""SELECT model, token_kind, tier FROM token_price_on(DATE '{day}', known := '{NOW}')
            WHERE provider = 'deepseek' AND currency = 'USD' GROUP BY ALL HAVING count(DISTINCT price_per_mtok) > 1"""
        ).fetchall()
        assert several == [], day


def test_an_end_is_not_known_before_its_document(stage: Stage) -> None:
    """On the morning of 2025-09-05 the list of V3.1 was not out; the figures of V3.2-Exp are entered as of 2025-11-17."""

    def known(day: str, at: str) -> list[tuple[float]]:
        return stage.connection.execute(
            f"""SELECT price_per_mtok FROM token_price_on(DATE '{day}', known := '{at}') WHERE listing = 'deepseek-chat'
            AND token_kind = 'input' AND tier = 'standard' AND currency = 'USD'"""
        ).fetchall()

    assert known("2025-09-04", "2025-09-05 06:00:00") == [(0.27,)]
    assert known("2025-09-06", "2025-09-05 20:00:00") == [(0.56,)]
    assert known("2025-11-15", "2025-11-16") == [(0.56,)]
    assert known("2025-11-15", "2025-11-18") == [(0.28,)]


def test_the_schedule_shows_the_end(stage: Stage) -> None:
    found = stage.connection.execute(
        f"""SELECT price_per_mtok, valid_from, valid_to, price_from, model FROM token_price_as_of('{NOW}')
        WHERE source = 'price_announcements' AND listing = 'deepseek-chat' AND token_kind = 'input' AND tier = 'standard'
        AND currency = 'USD' AND status = 'absent'"""
    ).fetchall()
    assert found == [(0.28, date(2026, 4, 24), None, date(2026, 4, 24), "deepseek-v4-flash")]


def test_a_worse_list_does_not_take_the_place_of_one_whose_prices_a_document_ended(tmp_path: Path) -> None:
    """genai-prices of 2026-08-21 has V3.2 at a host's 0.2288/0.3432 under DeepSeek, which had taken it off sale in April."""
    book = PriceBook(tmp_path)
    book.say("genai_prices", "2026-08-21", offered("deepseek-v3.2", 0.2288, 0.3432))
    book.say("litellm_prices", "2026-09-01", offered("deepseek/deepseek-v3.2", 0.28, 0.42))
    at, (name, body) = (
        datetime(2026, 11, 22),
        next(item for item in announcement_files().items() if "deepseek" in item[0]),
    )
    capture = Capture("price_announcements", name, f"config/announcements/{name}", "0" * 64, 1, at, at)
    book.load("price_announcements", at, parse(body, capture, catalog()), name)
    stage = book.stage()
    for blended in ("true", "false"):
        found = stage.connection.execute(
            f"SELECT source FROM token_price_in_force([DATE '2026-09-20'], '{NOW}', blended := {blended}) WHERE model = 'deepseek-v3-2'"
        ).fetchall()
        assert found == []


def test_a_seller_that_names_peak_hours_has_ended_its_plain_price_without_saying_so(tmp_path: Path) -> None:
    """The page of 2026-08-20 alone, no announcement: litellm goes on with the plain 0.435 of V4-Pro."""
    book = PriceBook(tmp_path)
    book.say("litellm_prices", "2026-08-01", offered("deepseek/deepseek-v4-pro", 0.435, 0.87))
    page = [
        {**row, "price_tier": tier, "evidence_tier": 1, "value": row["value"] * times, "hours_utc": hours}
        for tier, times, hours in (("off_peak", 1, None), ("peak", 2, "01:00-04:00, 06:00-10:00"))
        for row in [
            {**price("deepseek-v4-pro", 0.66, **DEEPSEEK)},
            {**price("deepseek-v4-pro", 1.98, token_kind="output", **DEEPSEEK)},  # noqa: S106
        ]
    ]
    book.say("deepseek_pricing", "2026-08-20", page, "en")
    stage = book.stage()
    query = "SELECT tier, price_per_mtok FROM token_price_on(DATE '{}', known := '2026-08-25') WHERE token_kind = 'input' ORDER BY 1"
    assert stage.connection.execute(query.format("2026-08-19")).fetchall() == [("standard", 0.435)]
    assert stage.connection.execute(query.format("2026-08-21")).fetchall() == [("off_peak", 0.66), ("peak", 1.32)]
