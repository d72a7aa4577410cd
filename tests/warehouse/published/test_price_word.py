"""Whose word a price is: a dated statement before a sighting, a list only for the sellers it covers."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from price_book import PriceBook, price

from warehouse.published.kept import forget_sights
from warehouse.published.stage import PRICE_SPANS, Stage

pytestmark = pytest.mark.slow("stages a price book in every test")


@pytest.fixture
def book(tmp_path: Path) -> PriceBook:
    return PriceBook(tmp_path)


def said(day: str, listing: str, value: float, **other: object) -> dict[str, object]:
    """A seller's own dated document."""
    on = date.fromisoformat(day)
    known = datetime.combine(on, datetime.max.time())
    return price(listing, value, valid_from=on, valid_from_basis="documented", known_at=known, document_id=f"{listing}{day}",
                 evidence_tier=1, **other)  # fmt: skip


def on(stage: Stage, day: str, where: str = "true") -> list[float]:
    found = stage.connection.execute(
        f"SELECT price_per_mtok FROM token_price_on(DATE '{day}') WHERE {where} ORDER BY ALL"
    ).fetchall()
    return [value for (value,) in found]


def test_a_first_sighting_after_a_cut_is_no_rise(book: PriceBook) -> None:
    """gpt-5.6-luna was cut to 0.20 on 2026-07-30; the list of 2026-08-01 first showed it, at 1."""
    book.say("price_announcements", "2026-07-30", [said("2026-07-30", "gpt-5.6-luna", 0.2)])
    book.say("litellm_prices", "2026-08-01", [price("gpt-5.6-luna", 1.0)])
    book.say("litellm_prices", "2026-09-01", [price("gpt-5.6-luna", 0.2)])
    stage = book.stage()
    assert [on(stage, day) for day in ("2026-07-31", "2026-08-01", "2026-08-22", "2026-09-02")] == [[0.2]] * 4


def test_a_cut_leaves_no_batch_flex_or_cached_read_that_is_dearer_than_plain_tokens(book: PriceBook) -> None:
    """litellm had gpt-5.6-luna's batches at half of the input before the cut of 2026-07-30 until 2026-09-01: 0.5 beside 0.2."""
    plain, cached = {}, {"token_kind": "cache_read"}
    batch, flex, priority = ({"price_tier": tier} for tier in ("batch", "flex", "priority"))
    book.say("price_announcements", "2026-07-30", [said("2026-07-30", "gpt-5.6-luna", 0.2)])
    before = [(1.0, plain), (0.5, batch), (0.15, flex), (2.0, priority), (0.25, cached)]
    after = [(0.2, plain), (0.1, batch), (0.1, flex), (0.4, priority), (0.03, cached)]
    for day, asked in (("2026-08-01", before), ("2026-09-01", after)):
        book.say("litellm_prices", day, [price("gpt-5.6-luna", value, **kind) for value, kind in asked])
    stage = book.stage()
    assert [on(stage, day) for day in ("2026-08-22", "2026-09-02")] == [[0.15, 0.2, 2.0], [0.03, 0.1, 0.1, 0.2, 0.4]]
    told = stage.connection.execute(
        "SELECT detail FROM history.issue WHERE reason = 'dearer than the plain price of a document' ORDER BY 1"
    )
    assert told.fetchall() == [
        ("openai gpt-5.6-luna cache_read, standard: 0.25 beside 0.2 since 2026-07-30",),
        ("openai gpt-5.6-luna input, batch: 0.5 beside 0.2 since 2026-07-30",),
    ]


def test_a_batch_stays_where_the_documents_plain_price_was_raised_since(book: PriceBook) -> None:
    book.say("price_announcements", "2025-01-10", [said("2025-01-10", "gpt-4o", 1.0)])
    batch = {"price_tier": "batch"}
    book.say("litellm_prices", "2025-02-01", [price("gpt-4o", 1.0), price("gpt-4o", 0.5, **batch)])
    book.say("litellm_prices", "2025-03-01", [price("gpt-4o", 3.0), price("gpt-4o", 1.5, **batch)])
    assert on(book.stage(), "2025-03-02") == [1.5, 3.0]


def test_a_replaced_price_is_back_when_two_lists_have_seen_it_come_back(book: PriceBook) -> None:
    book.say("price_announcements", "2026-07-30", [said("2026-07-30", "gpt-5.6-luna", 0.2)])
    for source in ("litellm_prices", "genai_prices"):
        book.say(source, "2026-07-01", [price("gpt-5.6-luna", 1.0)])
        book.say(source, "2026-08-10", [price("gpt-5.6-luna", 0.2)])
    book.say("litellm_prices", "2026-08-20", [price("gpt-5.6-luna", 1.0)])
    book.say("genai_prices", "2026-08-22", [price("gpt-5.6-luna", 1.0)])
    stage = book.stage()
    assert [on(stage, day) for day in ("2026-08-15", "2026-08-21", "2026-08-23")] == [[0.2], [0.2], [1.0]]


def test_a_stale_copy_under_an_old_name_does_not_end_what_the_document_says(book: PriceBook) -> None:
    """deepseek-chat has meant V4-Flash since 2026-04-24; a list went on with its off-peak price of 2025."""
    own = {"provider": "deepseek", "price_tier": "off_peak"}
    book.say("price_announcements", "2026-08-17", [said("2026-08-17", "deepseek-v4-flash", 0.22, **own)])
    book.say("genai_prices", "2026-08-21", [price("deepseek-chat", 0.135, **own)])
    stage = book.stage()
    assert on(stage, "2026-08-25", "tier = 'off_peak'") == [0.22]


@pytest.mark.parametrize("tier", ["standard", "batch"])
def test_what_a_document_ended_is_not_back_by_one_lists_first_sight_of_it(book: PriceBook, tier: str) -> None:
    """Neither at its own price nor at another; a list that has seen another price come is believed, until a document ends that too."""
    end, again = (
        said(day, "gpt-5.5", 0.0, price_tier=tier) | {"value": None, "value_exact": None, "status": "absent"}
        for day in ("2026-03-01", "2026-05-01")
    )
    other = price("gpt-4o", 2.5)
    book.say("litellm_prices", "2026-02-01", [price("gpt-5.5", 2.0, price_tier=tier), other])
    book.say("price_announcements", "2026-03-01", [end])
    book.say("genai_prices", "2026-03-05", [price("gpt-5.5", 2.0, price_tier=tier)])
    book.say("genai_prices", "2026-03-15", [price("gpt-4o", 2.5)])
    book.say("litellm_prices", "2026-03-20", [other])
    book.say("litellm_prices", "2026-03-25", [price("gpt-5.5", 1.5, price_tier=tier), other])
    book.say("litellm_prices", "2026-04-05", [price("gpt-5.5", 1.0, price_tier=tier), other])
    book.say("price_announcements", "2026-05-01", [end, again])
    stage = book.stage()
    found = [
        on(stage, day, "model = 'gpt-5-5'")
        for day in ("2026-02-15", "2026-03-03", "2026-03-06", "2026-03-26", "2026-04-06", "2026-04-30", "2026-05-02")
    ]
    assert found == [[2.0], [], [], [], [1.0], [1.0], []]


def test_a_plain_price_first_seen_after_its_seller_went_over_to_peak_hours_is_not_in_force(book: PriceBook) -> None:
    own = {"provider": "deepseek"}
    book.say("litellm_prices", "2026-07-01", [price("deepseek-v4-flash", 0.14, **own)])
    hours = [("peak", 0.44), ("off_peak", 0.22)]
    book.say("price_announcements", "2026-08-16", [said("2026-08-16", "deepseek-v4-flash", value, price_tier=tier, **own) for tier, value in hours])  # fmt: skip
    book.say("genai_prices", "2026-08-20", [price("deepseek-v4-flash", 0.2, **own)])
    stage = book.stage()
    assert [on(stage, day) for day in ("2026-07-15", "2026-08-18", "2026-08-21")] == [
        [0.14],
        [0.22, 0.44],
        [0.22, 0.44],
    ]


def test_the_end_of_a_name_that_means_another_model_from_then_on_is_not_that_models(book: PriceBook) -> None:
    """deepseek-chat ended as V3.2 on 2026-04-24, and has meant V4-Flash since."""
    own = {"provider": "deepseek"}
    end = said("2026-04-24", "deepseek-chat", 0.28, **own) | {"status": "absent"}
    book.say("litellm_prices", "2026-01-01", [price("deepseek-chat", 0.28, **own)])
    book.say("price_announcements", "2026-04-24", [end])
    book.say("litellm_prices", "2026-07-01", [price("deepseek-v4-flash", 0.14, **own)])
    assert on(book.stage(), "2026-07-02") == [0.14]


def test_of_two_lists_of_one_tier_the_one_kept_up_speaks(book: PriceBook) -> None:
    """o3 was cut to 2 on 2025-06-10: the list of 2025-05-01 cannot know, that of 2025-06-11 does."""
    book.say("litellm_prices", "2025-05-01", [price("o3", 10.0)])
    book.say("tokencost_prices", "2025-06-01", [price("o3", 10.0)])
    book.say("tokencost_prices", "2025-06-11", [price("o3", 2.0)])
    stage = book.stage()
    assert on(stage, "2025-06-13") == [2.0]


def test_a_change_seen_after_a_list_was_last_looked_at_is_believed_before_that_list(book: PriceBook) -> None:
    """The same with a list of twelve days before: until it is looked at again it cannot know. Of what did not change it speaks on."""
    book.say("litellm_prices", "2025-06-01", [price("o3", 10.0), price("gpt-4o", 2.5)])
    book.say("tokencost_prices", "2025-06-01", [price("o3", 10.0), price("gpt-4o", 5.0)])
    book.say("tokencost_prices", "2025-06-11", [price("o3", 2.0), price("gpt-4o", 5.0), price("o1", 20.0)])
    book.say("litellm_prices", "2025-06-21", [price("o3", 3.0), price("gpt-4o", 2.5)])
    stage = book.stage()
    assert [on(stage, day) for day in ("2025-06-10", "2025-06-13", "2025-06-22")] == [
        [2.5, 10.0],
        [2.0, 2.5],
        [2.5, 3.0],
    ]


def test_the_list_that_knew_more_goes_on_speaking_when_it_has_grown_old_too(book: PriceBook) -> None:
    """Nobody looked at a list after 2025-06-11: no day may bring o3's price of before the cut back."""
    book.say("litellm_prices", "2025-05-01", [price("o3", 10.0)])
    book.say("tokencost_prices", "2025-06-01", [price("o3", 10.0)])
    book.say("tokencost_prices", "2025-06-11", [price("o3", 2.0)])
    stage = book.stage()
    days = ("2025-06-13", "2025-07-12", "2025-07-13", "2025-07-27", "2025-12-01")
    assert [on(stage, day) for day in days] == [[2.0]] * len(days)


def test_of_two_old_lists_looked_at_on_one_day_the_declared_order_decides(book: PriceBook) -> None:
    for source, value in (("tokencost_prices", 2.0), ("litellm_prices", 10.0)):
        book.say(source, "2025-06-11", [price("o3", value)])
    stage = book.stage()
    assert [on(stage, day) for day in ("2025-06-13", "2025-12-01")] == [[10.0]] * 2


def test_a_sellers_own_interface_speaks_before_any_copy(book: PriceBook) -> None:
    own = {"provider": "openrouter"}
    book.say("openrouter_prices", "2026-11-24", [price("a/b", 1.0, **own), price("c/d", 2.0, **own)])
    book.say("litellm_prices", "2026-11-25", [price("openrouter/a/b", 9.0, **own)])
    stage = book.stage()
    # Also when both have grown old: a copy that was looked at after that is believed.
    assert [on(stage, day, "provider = 'openrouter'") for day in ("2026-11-25", "2027-02-01")] == [[1.0, 2.0]] * 2


@pytest.mark.parametrize("tier", [1, 2, 3])
@pytest.mark.parametrize("covers", [(), ("openai",), ("*",)])
def test_a_list_of_two_rows_silences_no_list(book: PriceBook, tier: int, covers: tuple[str, ...]) -> None:
    """Whatever it declares: of thirty prices it has two. One that covers the seller and comes last is heard no more than before."""
    book.sources["private_list"] = book.sources["tokencost_prices"].model_copy(
        update={
            "id": "private_list",
            "tier": tier if tier > 1 else 2,
            "order": 1 if tier == 1 else 90,
            "covers": covers,
        }
    )
    book.say("litellm_prices", "2026-11-20", [price(f"m{number}", 3.0) for number in range(30)])
    book.say("private_list", "2026-11-21", [price("m1", 4.0), price("only-here", 5.0)])
    stage = book.stage()
    assert on(stage, "2026-11-22") == [3.0] * 30 + ([] if covers and tier == 3 else [5.0])


def test_a_list_that_covers_the_seller_speaks_for_it(book: PriceBook) -> None:
    book.sources["private_list"] = book.sources["tokencost_prices"].model_copy(
        update={"id": "private_list", "tier": 2, "order": 90, "covers": ("openai",)}
    )
    book.say("litellm_prices", "2026-11-20", [price("m1", 3.0), price("m2", 3.0), price("m1", 3.0, provider="azure")])
    book.say("private_list", "2026-11-21", [price("m1", 4.0)])
    stage = book.stage()
    assert on(stage, "2026-11-22", "provider = 'openai'") == [4.0]
    assert on(stage, "2026-11-22", "provider = 'azure'") == [3.0]


HISTORIES = 1_000
A_BOOK = 500  # histories in one book: opening and staging cost most
START = date(2026, 1, 1)


def test_no_price_in_force_is_one_that_the_seller_had_replaced(tmp_path: Path) -> None:
    """A thousand histories of announcements and sightings of one list, each of a listing of its own."""
    chance = random.Random(17)  # noqa: S311  histories, not secrets
    wrong, announced = [], 0
    for number in range(HISTORIES // A_BOOK):
        book = PriceBook(tmp_path / str(number))
        documents: dict[str, list[tuple[int, float]]] = {}
        rows: dict[int, list[dict[str, object]]] = {}
        for one in range(A_BOOK):
            listing = f"m{one}"
            days = sorted(chance.sample(range(60), chance.randint(1, 3)))
            prices = chance.sample([1.0, 2.0, 3.0, 4.0, 5.0], len(days))
            documents[listing] = list(zip(days, prices, strict=True))
            for day in sorted(chance.sample(range(0, 80, 5), chance.randint(1, 6))):
                former = [value for at, value in documents[listing] if at <= day] or prices[:1]
                rows.setdefault(day, []).append(price(listing, chance.choice(former)))
        stated = [
            said((START + timedelta(days=day)).isoformat(), listing, value)
            for listing, steps in documents.items() for day, value in steps
        ]  # fmt: skip
        book.say("price_announcements", "2026-11-01", stated)
        for day, seen in rows.items():
            book.say("litellm_prices", (START + timedelta(days=day)).isoformat(), seen)
        stage = book.stage()
        for after in (10, 30, 50, 70, 90):
            asked = START + timedelta(days=after)
            found = stage.connection.execute(
                f"SELECT listing, price_per_mtok FROM token_price_on(DATE '{asked}')"
            ).fetchall()
            for listing, value in found:
                steps = [price for day, price in documents[listing] if day <= after]
                announced += bool(steps)
                if steps and value != steps[-1]:
                    wrong.append((number, listing, after, value, steps))
    assert announced > HISTORIES
    assert wrong == []


def test_a_sellers_document_read_in_a_public_copy_outranks_a_first_sighting_too(book: PriceBook) -> None:
    """xAI's retired names cost what Grok 4.3 does from 2026-05-15 on; a list that has them again shows their old price."""
    own = {"provider": "xai"}
    document = said("2026-05-15", "grok-4-1-fast-reasoning", 1.25, **own) | {"evidence_tier": 3}
    book.say("price_announcements", "2026-05-16", [document])
    book.say("litellm_prices", "2026-04-01", [price("xai/grok-4-1-fast-reasoning", 0.2, **own)])
    book.say("litellm_prices", "2026-07-01", [price("xai/grok-4", 3.0, **own)])
    book.say("genai_prices", "2026-08-21", [price("grok-4-1-fast-reasoning", 0.2, **own)])
    book.say("litellm_prices", "2026-11-25", [price("xai/grok-4-1-fast-reasoning", 0.2, **own)])
    stage = book.stage()
    asked = "model = 'grok-4-1-fast-reasoning'"
    assert [on(stage, day, asked) for day in ("2026-05-01", "2026-06-01", "2026-09-01", "2026-11-26")] == [
        [0.2], [1.25], [1.25], [1.25],
    ]  # fmt: skip


def test_a_moving_name_means_what_a_list_says_from_that_day_on(book: PriceBook) -> None:
    """mistral-large-latest is entered as a model of its own, because no list said what it means."""
    name, target, own = "mistral/mistral-large-latest", "mistral/mistral-large-4", {"provider": "mistral"}
    for day in ("2026-10-01", "2026-11-02"):
        book.say("tokencost_prices", day, [price(name, 0.5, **own)])
    book.say("litellm_prices", "2026-10-01", [price(name, 0.5, **own)])
    book.say("litellm_prices", "2026-11-02", [price(target, 0.7, **own), price(name, 0.7, alias_of=target, **own)])
    stage = book.stage()
    found = "SELECT DISTINCT model FROM token_price_on(DATE '{}') WHERE listing = 'mistral/mistral-large-latest'"
    assert stage.connection.execute(found.format("2026-11-01")).fetchall() == [("mistral-large-latest",)]
    assert stage.connection.execute(found.format("2026-11-03")).fetchall() == [("mistral-large-4",)]
    # Nobody knew on the day before.
    known = found.replace("}')", "}', known := '2026-11-01')").format("2026-11-03")
    assert stage.connection.execute(known).fetchall() == [("mistral-large-latest",)]
    meant = f"SELECT model, valid_from, valid_to FROM history.model_alias WHERE name = '{name}' AND coalesce(valid_to > '2026-01-01', true) ORDER BY 2"
    assert stage.connection.execute(meant).fetchall() == [
        ("mistral-large-latest", date(2025, 12, 1), date(2026, 11, 2)), ("mistral-large-4", date(2026, 11, 2), None),
    ]  # fmt: skip


@pytest.mark.parametrize(("listed", "found"), [(False, []), (True, [1.5])])
def test_a_document_does_not_go_on_beyond_the_end_that_a_list_states_since(
    book: PriceBook, *, listed: bool, found: list[float]
) -> None:
    """gpt-3.5-turbo at 0.5/1.5 since the announcement of February 2024; litellm says in 2026 that OpenAI ends it on 2026-10-23."""
    own = {"token_kind": "output"}
    over = price(
        "gpt-3.5-turbo", None, absence="ended", valid_from=date(2026, 10, 23), valid_from_basis="documented", **own
    )
    book.say("price_announcements", "2024-02-16", [said("2024-02-16", "gpt-3.5-turbo", 1.5, **own)])
    book.say("litellm_prices", "2026-10-01", [price("gpt-3.5-turbo", 1.5, **own), over, price("gpt-4o", 2.5)])
    if listed:  # it has put the end off
        book.say("litellm_prices", "2026-10-25", [price("gpt-3.5-turbo", 1.5, **own)])
    # What a list tells of an end that is past names no day: a price from a day before the list's is not known to be of before it.
    book.say("price_announcements", "2026-10-20", [said("2026-10-20", "gpt-4o", 2.0)])
    book.say("litellm_prices", "2026-10-26", [price("gpt-3.5-turbo", 1.5, **own) if listed else over, price("gpt-4o", None, absence="ended")])  # fmt: skip
    stage = book.stage()
    asked = [on(stage, day, "token_kind = 'output'") for day in ("2026-10-22", "2026-10-27")]
    assert asked == [[1.5], found]
    assert on(stage, "2026-10-27", "listing = 'gpt-4o'") == [2.0]


def test_what_a_sellers_own_interface_ended_no_copy_of_it_goes_on_with(book: PriceBook) -> None:
    own = {"provider": "openrouter"}
    over = price(
        "x-ai/grok-4-fast", None, absence="ended", valid_from=date(2026, 5, 15), valid_from_basis="documented", **own
    )
    book.say("openrouter_prices", "2026-05-13", [price("x-ai/grok-4-fast", 0.2, **own), over, price("a/b", 1.0, **own)])
    book.say("genai_prices", "2026-08-21", [price("x-ai/grok-4-fast", 0.2, **own), price("a/b", 1.0, **own)])
    stage = book.stage()
    assert [on(stage, day, "listing LIKE '%grok%'") for day in ("2026-05-14", "2026-05-16", "2026-08-22")] == [
        [0.2],
        [],
        [],
    ]


def test_a_list_that_was_looked_at_again_unchanged_speaks_from_that_day(book: PriceBook) -> None:
    """Of two lists that nobody has looked at for a month the one looked at last speaks: 3; and once the other was, that one: 2."""
    book.say("litellm_prices", "2026-03-01", [price("gpt-4o", 2.0), price("claude-a", 1.0, provider="anthropic")])
    book.say("tokencost_prices", "2026-03-02", [price("gpt-4o", 3.0)])
    stage = book.stage("61_model_price", "61_board_price")
    days = ("2026-03-20", "2026-05-04", "2026-05-05", "2027-05-05")
    asked = "SELECT price_per_mtok FROM token_price_on(DATE '{}') WHERE listing = 'gpt-4o'"
    assert [stage.connection.execute(asked.format(day)).fetchall() for day in days] == [
        [(2.0,)],
        [(3.0,)],
        [(3.0,)],
        [(3.0,)],
    ]
    stage.connection.execute(
        "INSERT INTO history.capture SELECT * REPLACE (TIMESTAMP '2026-05-05 12:00:00' AS taken_at, 'unchanged' AS outcome) "
        "FROM history.capture WHERE source = 'litellm_prices'"
    )
    forget_sights(stage)
    assert [stage.connection.execute(asked.format(day)).fetchall() for day in days] == [
        [(2.0,)],
        [(3.0,)],
        [(2.0,)],
        [(2.0,)],
    ]
    # Spans of days before are kept; those made all anew are the same.
    gone_on_with = stage.connection.execute("FROM history.price_span").fetchall()
    stage.connection.execute("DELETE FROM history.price_span")
    stage.build(PRICE_SPANS)
    assert stage.connection.execute("FROM history.price_span").fetchall() == gone_on_with
