"""token_price: the schedule known on a day, the prices in force on a day, and what must never be read as a price cut."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from price_book import PriceBook, Row, price

from config.contracts import Capture
from config.load import announcement_files, catalog
from transforms.sources.price_announcements import parse
from warehouse.published.stage import Stage

pytestmark = pytest.mark.slow("publishes many small price books")

DEEPSEEK = {"provider": "deepseek"}


@pytest.fixture
def book(tmp_path: Path) -> PriceBook:
    return PriceBook(tmp_path)


def schedule(stage: Stage, t: str, listing: str = "m") -> list[tuple[object, ...]]:
    """(price, from, to, status) of a listing's input price as known at t."""
    return stage.connection.execute(
        f"SELECT price_per_mtok, valid_from, valid_to, status FROM token_price_as_of('{t}') WHERE listing = '{listing}' ORDER BY ALL"
    ).fetchall()


def in_force(stage: Stage, day: str, known: str | None = None, listing: str = "m") -> list[float]:
    at = f", known := '{known}'" if known else ""
    found = stage.connection.execute(
        f"SELECT price_per_mtok FROM token_price_on(DATE '{day}'{at}) WHERE listing = '{listing}' ORDER BY ALL"
    ).fetchall()
    return [value for (value,) in found]


def test_a_list_of_shown_prices_gives_periods(book: PriceBook) -> None:
    book.say("litellm_prices", "2025-01-10", [price("m", 5.0)])
    book.say("litellm_prices", "2025-02-10", [price("m", 2.5)])
    stage = book.stage()
    assert schedule(stage, "2025-01-31") == [(5.0, date(2025, 1, 10), None, "reported")]
    assert schedule(stage, "2025-02-28") == [
        (2.5, date(2025, 2, 10), None, "reported"), (5.0, date(2025, 1, 10), date(2025, 2, 10), "reported"),
    ]  # fmt: skip
    assert in_force(stage, "2025-01-09", "2025-02-28") == []
    assert in_force(stage, "2025-02-09") == [5.0]
    assert in_force(stage, "2025-02-10") == [2.5]


def test_a_future_price_is_not_in_force_before_its_day(book: PriceBook) -> None:
    rise = price("m", 3.0, valid_from=date(2026, 9, 1), valid_from_basis="documented")
    book.say("litellm_prices", "2026-06-30", [price("m", 2.0), rise])
    stage = book.stage()
    assert in_force(stage, "2026-08-31") == [2.0]
    assert in_force(stage, "2026-09-01") == [3.0]
    assert schedule(stage, "2026-07-01") == [
        (2.0, date(2026, 6, 30), date(2026, 9, 1), "reported"), (3.0, date(2026, 9, 1), None, "reported"),
    ]  # fmt: skip


def test_a_future_price_that_disappears_before_its_day_was_called_off(book: PriceBook) -> None:
    rise = price("m", 3.0, valid_from=date(2026, 9, 1), valid_from_basis="documented")
    book.say("litellm_prices", "2026-06-30", [price("m", 2.0), rise])
    book.say("litellm_prices", "2026-08-20", [price("m", 2.0)])
    stage = book.stage()
    assert in_force(stage, "2026-09-02", "2026-07-01") == [3.0]
    assert in_force(stage, "2026-09-02") == [2.0]
    assert schedule(stage, "2026-09-02") == [
        (2.0, date(2026, 6, 30), None, "reported"), (3.0, date(2026, 9, 1), date(2026, 9, 1), "withdrawn"),
    ]  # fmt: skip


def test_a_first_sight_yields_to_the_documented_day_once_that_is_known(book: PriceBook) -> None:
    book.say("litellm_prices", "2025-01-01", [price("m", 0.14)])
    book.say("litellm_prices", "2025-02-15", [price("m", 0.27)])
    documented = price("m", 0.27, valid_from=date(2025, 2, 9), valid_from_basis="documented")
    book.say("litellm_prices", "2025-03-01", [documented])
    stage = book.stage()
    assert schedule(stage, "2025-02-20")[1][:2] == (0.27, date(2025, 2, 15))
    assert schedule(stage, "2025-03-02") == [
        (0.14, date(2025, 1, 1), date(2025, 2, 9), "reported"), (0.27, date(2025, 2, 9), None, "reported"),
    ]  # fmt: skip
    assert in_force(stage, "2025-02-10", "2025-02-20") == [0.14]
    assert in_force(stage, "2025-02-10", "2025-03-02") == [0.27]


def test_an_announcement_goes_before_a_list_that_lags_and_after_one_that_knows_more(book: PriceBook) -> None:
    stated = {"known_at": datetime(2025, 2, 9, 15), "document_id": "d", "valid_from_basis": "documented"}
    book.say(
        "price_announcements",
        "2025-02-09",
        [price("deepseek-chat", 0.27, valid_from=date(2025, 2, 9), **stated, **DEEPSEEK)],
    )
    for day, value in (("2025-02-01", 0.14), ("2025-02-15", 0.27), ("2025-07-01", 0.30)):
        book.say("litellm_prices", day, [price("deepseek/deepseek-chat", value, **DEEPSEEK)])
    stage = book.stage()

    def on(day: str) -> list[tuple[object, ...]]:
        return stage.connection.execute(
            f"SELECT price_per_mtok, valid_from, valid_from_basis FROM token_price_on(DATE '{day}')"
        ).fetchall()

    assert on("2025-02-08") == [(0.14, date(2025, 2, 1), "first_seen")]
    assert on("2025-02-10") == [(0.27, date(2025, 2, 9), "documented")]
    assert on("2025-02-25") == [(0.27, date(2025, 2, 9), "documented")]
    assert on("2025-07-02") == [(0.30, date(2025, 7, 1), "first_seen")]


def test_an_old_figure_under_a_new_name_is_no_later_knowledge(book: PriceBook) -> None:
    """tokencost gave gpt-3.5-turbo a second name in 2025-06, at the price OpenAI had ended in 2024-02."""
    stated = {"known_at": datetime(2024, 2, 12), "document_id": "d", "valid_from_basis": "documented"}
    book.say("price_announcements", "2024-02-12", [price("gpt-3.5-turbo", 0.5, valid_from=date(2024, 2, 16), **stated)])
    old = price("gpt-3.5-turbo", 1.5)
    book.say("tokencost_prices", "2024-01-30", [old])
    book.say("tokencost_prices", "2025-06-09", [old, price("openai/gpt-3.5-turbo", 1.5)])
    book.say("tokencost_prices", "2025-06-20", [price("gpt-3.5-turbo", 0.4), price("openai/gpt-3.5-turbo", 0.4)])
    stage = book.stage()
    days = ("2024-02-10", "2024-02-20", "2025-06-10", "2025-06-21")
    assert [
        stage.connection.execute(f"SELECT DISTINCT price_per_mtok FROM token_price_on(DATE '{day}')").fetchall()
        for day in days
    ] == [[(1.5,)], [(0.5,)], [(0.5,)], [(0.4,)]]


def test_an_alias_that_is_repointed_is_no_price_cut(book: PriceBook) -> None:
    for day, value in (("2025-08-01", 0.27), ("2025-08-25", 0.27), ("2025-09-10", 0.56)):
        book.say("litellm_prices", day, [price("deepseek/deepseek-chat", value, **DEEPSEEK)])
    stage = book.stage()
    found = stage.connection.execute(
        "SELECT model, price_per_mtok, valid_from, valid_from_basis FROM token_price_as_of('2025-09-20') WHERE valid_from < DATE '2025-09-20' ORDER BY valid_from"
    ).fetchall()
    assert found == [
        ("deepseek-v3", 0.27, date(2025, 8, 1), "first_seen"),
        ("deepseek-v3-1", 0.27, date(2025, 8, 21), "alias"),
        ("deepseek-v3-1", 0.56, date(2025, 9, 10), "first_seen"),
    ]
    # Nobody knew on the tenth what the name would mean on the twenty-first.
    assert stage.connection.execute(
        "SELECT model, valid_from, valid_to FROM token_price_as_of('2025-08-10')"
    ).fetchall() == [("deepseek-v3", date(2025, 8, 1), None)]


def test_a_mass_removal_is_upkeep_and_keeps_the_last_price_as_absent(book: PriceBook) -> None:
    """In the style of 2026-10: a list drops everything of one seller, and some more."""
    router: list[Row] = [price(f"openrouter/m{n}", 1.0 + n, provider="openrouter") for n in range(30)]
    own = [price(f"m{n}", 1.0) for n in range(60)]
    book.say("litellm_prices", "2026-09-01", [*router, *own])
    book.say("litellm_prices", "2026-10-01", own[:-1])
    stage = book.stage()
    assert in_force(stage, "2026-10-02", listing="openrouter/m7") == []
    assert schedule(stage, "2026-10-02", "openrouter/m7")[1] == (8.0, date(2026, 10, 1), None, "absent")
    removals = stage.connection.execute(
        "SELECT provider, listings_removed, listings_before, removed_in_list, listed_before FROM price_removal ORDER BY 1"
    ).fetchall()
    assert removals == [("openai", 1, 60, 31, 90), ("openrouter", 30, 30, 31, 90)]
    assert {reason for (reason,) in stage.connection.execute("SELECT reason FROM history.issue").fetchall()} == {
        "mass removal",
        "much of a list is gone",
    }


def test_one_listing_that_goes_is_delisted(book: PriceBook) -> None:
    own = [price(f"m{n}", 1.0) for n in range(60)]
    book.say("litellm_prices", "2026-09-01", own)
    book.say("litellm_prices", "2026-10-01", own[:-1])
    stage = book.stage()
    assert schedule(stage, "2026-10-02", "m59") == [(1.0, date(2026, 9, 1), date(2026, 10, 1), "reported")]
    assert stage.connection.execute("SELECT count(*) FROM price_removal").fetchall() == [(0,)]


def test_zero_and_quarantined_prices_are_no_removal(book: PriceBook) -> None:
    own = [price(f"m{n}", 1.0) for n in range(60)]
    book.say("litellm_prices", "2026-09-01", own)
    book.say("litellm_prices", "2026-10-01", [price(f"m{n}", 5000.0) if n < 29 else row for n, row in enumerate(own)])
    stage = book.stage()
    assert stage.connection.execute("SELECT count(*) FROM price_removal").fetchall() == [(0,)]
    assert in_force(stage, "2026-10-02", listing="m3") == []


def test_yuan_become_dollars_at_the_last_rate_before_the_day(book: PriceBook) -> None:
    """2025-02-21 was a Friday: 1.0465 USD and 7.5890 CNY for a euro, so a Sunday takes them."""
    book.rates({"2025-02-21": (1.0465, 7.5890), "2025-02-24": (1.0466, 7.5884)})
    book.say("litellm_prices", "2025-02-23", [price("m", 2.0, currency="CNY")])
    stage = book.stage()
    at = stage.connection.execute(
        "SELECT currency, price_per_mtok, usd_per_mtok FROM token_price_on(DATE '2025-02-23')"
    ).fetchall()
    assert at == [("CNY", 2.0, pytest.approx(2.0 * 1.0465 / 7.5890))]
    later = stage.connection.execute("SELECT usd_per_mtok FROM token_price_on(DATE '2025-02-25')").fetchall()
    assert later == [(pytest.approx(2.0 * 1.0466 / 7.5884),)]


def test_a_currency_nobody_declared_is_quarantined(book: PriceBook) -> None:
    loaded = book.say(
        "litellm_prices", "2025-02-23", [price("m", 2.0, currency="XAU"), price("n", 1.0), price("o", 1.0)]
    )
    assert loaded.rows_quarantined == 1
    stage = book.stage()
    assert in_force(stage, "2025-02-24") == []
    assert in_force(stage, "2025-02-24", listing="n") == [1.0]


def test_a_sellers_page_goes_before_the_list_for_what_it_states_alone(book: PriceBook) -> None:
    book.say(
        "litellm_prices",
        "2026-07-10",
        [price("deepseek/deepseek-v4-flash", 0.2, **DEEPSEEK), price("other", 9.0, **DEEPSEEK)],
    )
    book.say("price_announcements", "2026-07-17", [
        price("deepseek-v4-flash", 0.14, **DEEPSEEK, valid_from=date(2026, 7, 17), known_at=datetime(2026, 7, 17), document_id="d"),
    ])  # fmt: skip
    stage = book.stage()
    found = stage.connection.execute(
        "SELECT listing, price_per_mtok FROM token_price_on(DATE '2026-07-20') ORDER BY 1"
    ).fetchall()
    assert found == [("deepseek-v4-flash", 0.14), ("other", 9.0)]


def announced(book: PriceBook) -> Stage:
    for name, body in announcement_files().items():
        capture = Capture(
            "price_announcements",
            name,
            f"config/announcements/{name}",
            "0" * 64,
            1,
            datetime(2026, 11, 22),
            datetime(2026, 11, 22),
        )
        book.load("price_announcements", datetime(2026, 11, 22), parse(body, capture, catalog()), name)
    return book.stage()


def test_deepseek_on_the_day_of_the_article(book: PriceBook) -> None:
    """V3 stood at 0.27/1.10 since 2025-02-09 and R1 at 0.55/2.19; the off-peak list came a day later."""
    stage = announced(book)
    found = stage.connection.execute(
        """SELECT model, token_kind, price_per_mtok, valid_from FROM token_price_on(DATE '2025-02-25')
        WHERE currency = 'USD' AND token_kind IN ('input', 'output') ORDER BY ALL"""
    ).fetchall()
    assert [row for row in found if str(row[0]).startswith("deepseek")] == [
        ("deepseek-r1", "input", 0.55, date(2025, 1, 20)), ("deepseek-r1", "output", 2.19, date(2025, 1, 20)),
        ("deepseek-v3", "input", 0.27, date(2025, 2, 9)), ("deepseek-v3", "output", 1.1, date(2025, 2, 9)),
    ]  # fmt: skip
    off_peak = stage.connection.execute(
        """SELECT DISTINCT listing, price_per_mtok, hours_utc FROM token_price_on(DATE '2025-02-27')
        WHERE tier = 'off_peak' AND currency = 'USD' AND token_kind = 'input' ORDER BY ALL"""
    ).fetchall()
    assert off_peak == [("deepseek-chat", 0.135, "16:30-00:30"), ("deepseek-reasoner", 0.135, "16:30-00:30")]
    assert stage.connection.execute(
        "SELECT count(*) FROM token_price_on(DATE '2025-09-06') WHERE tier = 'off_peak'"
    ).fetchall() == [(0,)]


def test_the_rise_of_sonnet_5_never_came(book: PriceBook) -> None:
    stage = announced(book)
    assert in_force(stage, "2026-09-02", "2026-07-15", "claude-sonnet-5") == [0.3, 3.0, 15.0]
    assert in_force(stage, "2026-09-02", "2026-09-02", "claude-sonnet-5") == [0.2, 2.0, 10.0]
    # A public copy of 2026-08-12 says that it was called off, and so does the seller's own page of 2026-08-31: one rise, called off once.
    for known, tier in (("2026-08-20", 3), ("2026-09-02", 1)):
        called_off = stage.connection.execute(
            f"""SELECT token_kind, price_per_mtok, valid_from, evidence_tier FROM token_price_as_of('{known}')
            WHERE listing = 'claude-sonnet-5' AND status = 'withdrawn' ORDER BY ALL"""
        ).fetchall()
        assert called_off == [
            (kind, price, date(2026, 9, 1), tier)
            for kind, price in (("cache_read", 0.3), ("input", 3.0), ("output", 15.0))
        ]
    assert in_force(stage, "2026-09-02", "2026-08-11", "claude-sonnet-5") == [0.3, 3.0, 15.0]
    assert in_force(stage, "2026-09-02", "2026-08-13", "claude-sonnet-5") == [
        0.2,
        2.0,
        10.0,
    ]  # copies of the 12th have it


def test_the_peak_of_deepseek_is_of_every_day_for_a_week_and_then_of_weekdays(book: PriceBook) -> None:
    """2 windows of 3 and 4 hours: 49 of 168 hours from 2026-08-17, 35 from Sunday 2026-08-23 on, by the seller's notice."""
    stage = announced(book)
    for day, hours in (("2026-08-22", 49), ("2026-08-23", 35), ("2026-09-10", 35), ("2026-11-28", 35)):
        found = stage.connection.execute(
            f"""SELECT DISTINCT round(168 * share_of_week(hours_utc, weekdays), 6) FROM token_price_on(DATE '{day}')
            WHERE provider = 'deepseek' AND tier = 'peak'"""
        ).fetchall()
        assert found == [(hours,)], day


def test_a_retired_name_costs_what_answers_it_under_each_of_its_names(book: PriceBook) -> None:
    """xAI's letter of 2026-05-15: four names of the fast models, grok-4-0709 and grok-3 are billed as grok-4.3, at 1.25."""
    own = {"provider": "xai"}
    names = ("xai/grok-4-1-fast", "xai/grok-4-1-fast-non-reasoning-latest", "xai/grok-3-latest", "xai/grok-4-latest")
    for day in ("2026-05-01", "2026-06-01"):
        book.say("litellm_prices", day, [price(name, 0.2, **own) for name in names])
    stage = announced(book)
    for day, asked in (("2026-05-14", [0.2] * 4), ("2026-09-01", [1.25] * 6)):
        found = stage.connection.execute(
            f"SELECT price_per_mtok FROM token_price_on(DATE '{day}') WHERE provider = 'xai' AND token_kind = 'input'"
        ).fetchall()
        assert [value for (value,) in found] == asked, day


def test_o3_is_cut_on_the_day_of_its_maker_and_not_on_that_of_a_list(book: PriceBook) -> None:
    """Cut from 10 to 2 on 2025-06-10; a list showed it on the 11th."""
    for day, asked in (("2025-06-01", 10.0), ("2025-06-11", 2.0)):
        book.say("tokencost_prices", day, [price("o3", asked)])
    stage = announced(book)
    assert [in_force(stage, f"2025-06-{day}", "2025-07-01", "o3")[:1] for day in ("09", "10", "13")] == [
        [10.0],
        [0.5],
        [0.5],
    ]
    assert in_force(stage, "2025-06-10", "2025-07-01", "o3") == [0.5, 2.0, 8.0]  # cached, input, output


def test_every_name_in_an_announcement_has_a_model(book: PriceBook) -> None:
    """Without one its seller's word ends no copy of the price under another name."""
    named = "SELECT DISTINCT listing FROM history.token_price ANTI JOIN history.model_alias ON name = listing"
    assert announced(book).connection.execute(named).fetchall() == []


def test_lists_that_disagree_are_shown_with_the_vote(book: PriceBook) -> None:
    """Three lists of one day: two say 2.50, one says 5; a stale list has no vote."""
    for source, value in (("litellm_prices", 2.5), ("genai_prices", 2.5), ("models_dev_prices", 5.0)):
        book.say(source, "2025-02-20", [price("gpt-4o", value), price("o1", 15.0)])
    book.say("tokencost_prices", "2024-09-01", [price("gpt-4o", 5.0)])
    stage = book.stage("32_price_disagreement")
    found = stage.connection.execute(
        """SELECT model, source, price_per_mtok, votes, list_count, majority_price_per_mtok, deviation_pct
        FROM price_disagreement_on(DATE '2025-02-25') ORDER BY ALL"""
    ).fetchall()
    assert found == [
        ("gpt-4o", "genai_prices", 2.5, 2, 3, 2.5, 0.0), ("gpt-4o", "litellm_prices", 2.5, 2, 3, 2.5, 0.0),
        ("gpt-4o", "models_dev_prices", 5.0, 1, 3, 2.5, 100.0),
    ]  # fmt: skip
    assert stage.connection.execute("SELECT count(*) FROM price_disagreement_as_of('2025-02-25')").fetchall() == [(3,)]


def test_two_lists_that_tie_have_no_majority(book: PriceBook) -> None:
    for source, value in (("litellm_prices", 2.5), ("models_dev_prices", 5.0)):
        book.say(source, "2025-02-20", [price("gpt-4o", value)])
    stage = book.stage("32_price_disagreement")
    found = stage.connection.execute(
        "SELECT DISTINCT majority_price_per_mtok, deviation_pct FROM price_disagreement"
    ).fetchall()
    assert found == [(None, None)]


def test_names_nobody_declared_are_listed_a_sellers_own_page_first(book: PriceBook) -> None:
    book.say("litellm_prices", "2025-02-01", [price("gpt-4o", 2.5), price("who-knows", 1.0), price("gone", 1.0)])
    book.say("litellm_prices", "2025-03-01", [price("gpt-4o", 2.5), price("who-knows", 1.5)])
    book.say("openai_pricing", "2025-03-01", [price("nobody-1", 9.0)])
    found = book.stage().connection.execute(
        "SELECT listing, source, prices, first_on, is_listed FROM unmatched_listing"
    )
    assert found.fetchall() == [
        ("nobody-1", "openai_pricing", 1, date(2025, 3, 1), True),
        ("who-knows", "litellm_prices", 2, date(2025, 2, 1), True),
        ("gone", "litellm_prices", 1, date(2025, 2, 1), False),
    ]


def test_flagships_that_nobody_declared_come_first(book: PriceBook) -> None:
    """What a developer sells itself, the dear first, then what more lists have; hosts after, whatever they ask."""
    for source in ("litellm_prices", "genai_prices"):
        book.say(
            source,
            "2025-03-01",
            [price("flagship", 10.0), price("spread", 2.0), price("host/dear", 90.0, provider="somebody")],
        )
    book.say("models_dev_prices", "2025-03-02", [price("openai/spread", 2.0), price("narrow", 2.0)])
    found = book.stage().connection.execute(
        "SELECT listing, first_party, input_usd_per_mtok, lists FROM unmatched_listing WHERE source <> 'genai_prices'"
    )
    assert found.fetchall() == [
        ("flagship", True, 10.0, 2), ("openai/spread", True, 2.0, 3), ("spread", True, 2.0, 3), ("narrow", True, 2.0, 1),
        ("host/dear", False, 90.0, 2),
    ]  # fmt: skip


def test_a_price_that_is_promised_for_a_time_stays_in_force_and_is_told(book: PriceBook) -> None:
    stage = announced(book)
    assert in_force(stage, "2026-11-22", "2026-11-22", "gpt-5.6-sol") == [0.4, 4.0, 20.0]
    told = stage.connection.execute(
        "SELECT severity, reason, split_part(detail, ';', 1) FROM history.issue WHERE source = 'price_announcements'"
    ).fetchall()
    assert told == [
        ("notice", "a promised price without an announced end", "openai gpt-5.6-sol, gpt-5.6: promised until 2026-11-21 at least")
    ]  # fmt: skip
