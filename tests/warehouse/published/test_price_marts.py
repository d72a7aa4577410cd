"""What quality costs: the frontier, its decline, the premium over rivals, the ratio of two models. Worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from price_book import PriceBook, frame, price

from config.contracts import TOKEN_PRICE, Capture, Parsed
from config.load import catalog
from warehouse.archive.captures import Logged
from warehouse.published.stage import Stage
from warehouse.store.checks import check

pytestmark = pytest.mark.slow("stages a price book in every test")

MARTS = ("61_model_price", "61_board_price", "62_price_frontier", "63_quality_price_premium")


def sold(listing: str, bought: float, given: float, **other: Any) -> list[dict[str, Any]]:
    return [price(listing, bought, **other), price(listing, given, token_kind="output", **other)]  # noqa: S106


def scores(*rows: tuple[str, str, float, float, float]) -> pl.DataFrame:
    """(day, model, score, low, high) on arena_text; known at the end of the day."""
    return pl.DataFrame(
        [
            {"board": "arena_text", "scale_id": "s", "category": "overall", "scored_on": date.fromisoformat(day), "entrant": model,
             "model": model if model in catalog().models else None, "organization": "someone", "score": score, "low": low, "high": high,
             "known_at": datetime.fromisoformat(f"{day}T23:00")}
            for day, model, score, low, high in rows
        ]
    )  # fmt: skip


def staged(book: PriceBook, board: pl.DataFrame, *views: str) -> Stage:
    stage = book.stage(*views)
    stage.put("history.board_score", board.with_columns(value="score"))
    stage.connection.execute(
        "CREATE MACRO leaderboard_score_as_of(t, strict := false) AS TABLE "
        "SELECT * EXCLUDE (value), NULL AS doubt FROM history.board_score WHERE known_at <= as_of_instant(t)"
    )
    stage.build(MARTS)
    stage.add_board_prices()
    return stage


@pytest.fixture
def book(tmp_path: Path) -> PriceBook:
    book = PriceBook(tmp_path)
    deepseek = {"provider": "deepseek"}
    book.say("litellm_prices", "2025-01-25", [
        *sold("o1", 15.0, 60.0), *sold("gpt-4o", 2.5, 10.0), *sold("deepseek/deepseek-reasoner", 0.55, 2.19, **deepseek),
        *sold("deepseek/deepseek-chat", 0.14, 0.28, **deepseek), *sold("azure/gpt-4o", 2.0, 8.0, provider="azure"),
    ])  # fmt: skip
    return book


def test_what_a_developer_sells_and_nobody_entered_counts_under_its_listing_name(tmp_path: Path) -> None:
    book, other = PriceBook(tmp_path), {"provider": "somebody"}
    newest = [*sold("o1", 15.0, 60.0), *sold("GPT-99 next", 1.0, 4.0), *sold("gpt-98", 1.0, 4.0, **other)]
    book.say("litellm_prices", "2025-01-25", newest)
    stage = staged(book, scores(
        ("2025-02-01", "o1", 1450, 1445, 1455), ("2025-02-01", "gpt-99-next", 1440, 1435, 1445), ("2025-02-01", "gpt-98", 1430, 1425, 1435),
    ))  # fmt: skip
    found = stage.connection.execute(
        "SELECT quality_floor, model, developer, undeclared, blended_usd_per_mtok, unpriced FROM price_frontier_as_of('2025-03-01') ORDER BY 1"
    ).fetchall()
    assert found == [
        (1400, "gpt-99-next", "openai", True, pytest.approx(1.75), ["gpt-98"]), (1450, "o1", "openai", False, pytest.approx(26.25), None),
    ]  # fmt: skip
    assert stage.connection.execute(
        "SELECT DISTINCT undeclared FROM model_price_in_force([DATE '2025-02-01'], '2025-03-01')"
    ).fetchall() == [(False,)]
    stage.close()


def test_a_models_price_is_its_developers_before_a_cheaper_hosts(book: PriceBook) -> None:
    stage = staged(book, scores(("2025-02-01", "o1", 1350, 1345, 1355)))
    found = stage.connection.execute(
        "SELECT model, provider, blended_usd_per_mtok FROM model_price_in_force([DATE '2025-02-01'], '2025-02-25') ORDER BY 1"
    ).fetchall()
    assert found == [
        ("deepseek-r1", "deepseek", pytest.approx((3 * 0.55 + 2.19) / 4)), ("deepseek-v3", "deepseek", pytest.approx(0.175)),
        ("gpt-4o", "openai", pytest.approx(4.375)), ("o1", "openai", pytest.approx(26.25)),
    ]  # fmt: skip


def test_the_ratio_of_two_models_in_both_currencies(book: PriceBook) -> None:
    """o1 against R1: 15 to 0.55 input and 60 to 2.19 output, 27 times each."""
    book.rates({"2025-02-25": (1.0497, 7.6220)})
    stage = staged(book, scores(("2025-02-01", "o1", 1350, 1345, 1355)))
    found = stage.connection.execute(
        "SELECT token_kind, ratio, numerator_cny_per_mtok FROM price_ratio_as_of('2025-02-25', 'o1', 'deepseek-r1') ORDER BY 1"
    ).fetchall()
    assert found == [
        ("blended", pytest.approx(26.25 / 0.96), pytest.approx(26.25 * 7.6220 / 1.0497)),
        ("input", pytest.approx(15 / 0.55), pytest.approx(15 * 7.6220 / 1.0497)),
        ("output", pytest.approx(60 / 2.19), pytest.approx(60 * 7.6220 / 1.0497)),
    ]


def test_the_frontier_names_the_cheapest_model_and_counts_the_unpriced(book: PriceBook) -> None:
    stage = staged(book, scores(
        ("2025-02-20", "o1", 1350, 1345, 1355), ("2025-02-20", "deepseek-r1", 1360, 1350, 1370),
        ("2025-02-20", "gpt-4o", 1260, 1255, 1265), ("2025-02-20", "grok-3", 1400, 1390, 1410),
        ("2025-02-20", "nobody-knows", 1355, 1350, 1360), ("2025-02-03", "gpt-4o", 1400, 1390, 1410),
    ))  # fmt: skip
    found = stage.connection.execute(
        """SELECT quality_floor, model, round(blended_usd_per_mtok, 3), models_priced, models_unpriced, unpriced
        FROM price_frontier_as_of('2025-02-25') ORDER BY quality_floor"""
    ).fetchall()
    assert found == [
        (1250, "deepseek-r1", 0.96, 3, 2, ["grok-3", "nobody-knows"]), (1300, "deepseek-r1", 0.96, 2, 2, ["grok-3", "nobody-knows"]),
        (1350, "deepseek-r1", 0.96, 2, 2, ["grok-3", "nobody-knows"]), (1400, None, None, 0, 1, ["grok-3"]),
    ]  # fmt: skip


def test_the_premium_is_over_the_priced_rivals_of_the_same_quality(book: PriceBook) -> None:
    stage = staged(book, scores(
        ("2025-02-20", "o1", 1350, 1345, 1355), ("2025-02-20", "deepseek-r1", 1360, 1350, 1370),
        ("2025-02-20", "gpt-4o", 1260, 1255, 1265), ("2025-02-20", "grok-3", 1400, 1390, 1410),
        ("2025-02-20", "deepseek-v3", 1318, 1310, 1326), ("2025-02-24", "o1", 1350, 1345, 1355),
    ))  # fmt: skip
    # Nothing was looked at after the 25th: whether the board of the 24th stood longer nobody knows, now as on that day.
    stage.connection.execute(
        "INSERT INTO history.capture BY NAME SELECT 'board' AS source, TIMESTAMP '2025-02-25 09:00' AS taken_at"
    )
    query = """SELECT model, scored_on, held_days, rivals_priced, rivals_unpriced, contested, contesting, round(premium_pct)
        FROM {} WHERE developer = 'openai' ORDER BY ALL"""
    found = stage.connection.execute(query.format("quality_price_premium_as_of('2025-02-25')")).fetchall()
    assert found == stage.connection.execute(query.format("quality_price_premium")).fetchall()
    assert found == [
        # both DeepSeeks and Grok stand higher than gpt-4o's interval; the median of the two priced is 0.5675
        ("gpt-4o", date(2025, 2, 20), 4, 2, 1, True, ["deepseek-r1", "deepseek-v3"], round(100 * (4.375 / 0.5675 - 1))),
        ("o1", date(2025, 2, 20), 4, 1, 1, True, ["deepseek-r1"], round(100 * (26.25 / 0.96 - 1))),
        ("o1", date(2025, 2, 24), 1, 0, 0, False, None, None),
    ]
    r1 = stage.connection.execute(
        "SELECT rivals_priced, contested, round(premium_pct), equivalent FROM quality_price_premium_as_of('2025-02-25') WHERE model = 'deepseek-r1'"
    ).fetchall()
    assert r1 == [(1, False, round(100 * (0.96 / 26.25 - 1)), False)]  # o1 overlaps, and costs 27 times as much


@pytest.mark.parametrize(
    ("bought", "given", "premium", "equivalent"),
    [(3.125, 12.5, 25, True), (3.15, 12.6, 26, False), (1.875, 7.5, -25, True), (1.8, 7.2, -28, False)],
)
def test_a_quarter_either_way_is_the_same_price(
    tmp_path: Path, bought: float, given: float, premium: float, equivalent: bool
) -> None:
    """Against a rival of 2.50/10 of the same score."""
    book = PriceBook(tmp_path)
    book.say(
        "litellm_prices", "2025-01-25", [*sold("gpt-4o", bought, given), *sold("xai/grok-3", 2.5, 10.0, provider="xai")]
    )
    stage = staged(book, scores(("2025-02-20", "gpt-4o", 1260, 1255, 1265), ("2025-02-20", "grok-3", 1260, 1255, 1265)))
    found = stage.connection.execute(
        "SELECT round(premium_pct), equivalent FROM quality_price_premium WHERE model = 'gpt-4o'"
    ).fetchall()
    assert found == [(premium, equivalent)]


def pairs(stage: Stage, day: str = "2025-02-25") -> list[tuple[object, ...]]:
    return stage.connection.execute(
        f"SELECT model, provider, tier, input_per_mtok, output_per_mtok FROM model_price_in_force([DATE '{day}'], '2026-11-22') ORDER BY ALL"
    ).fetchall()


def test_input_and_output_are_of_one_offer_and_the_offer_most_listings_make(tmp_path: Path) -> None:
    """Gemini 1.5 Pro at the end of 2024: 3.5/10.5, save that one listing has lost a nought of its output."""
    book = PriceBook(tmp_path)
    google = {"provider": "google"}
    book.say("litellm_prices", "2025-01-25", [
        *sold("gemini/gemini-1.5-pro", 3.5, 10.5, **google), *sold("gemini/gemini-1.5-pro-latest", 3.5, 1.05, **google),
        *sold("gpt-4o", 2.5, 10.0), *sold("openai/gpt-4o", 2.5, 10.0),
    ])  # fmt: skip
    stage = staged(book, scores(("2025-02-20", "o1", 1350, 1345, 1355)))
    assert [row for row in pairs(stage) if row[0] in ("gemini-1-5-pro", "gpt-4o")] == [
        ("gemini-1-5-pro", "google", "standard", 3.5, 10.5), ("gpt-4o", "openai", "standard", 2.5, 10.0),
    ]  # fmt: skip


def test_a_developers_price_of_peak_hours_goes_before_a_hosts_plain_one(tmp_path: Path) -> None:
    book = PriceBook(tmp_path)
    peak = {"provider": "deepseek", "price_tier": "peak"}
    book.say("litellm_prices", "2025-01-25", [
        *sold("deepseek/deepseek-v4-flash", 0.3, 1.2, **peak),
        *sold("azure_ai/deepseek-v4-flash", 0.2, 0.3, provider="azure-ai"),
    ])  # fmt: skip
    stage = staged(book, scores(("2025-02-20", "o1", 1350, 1345, 1355)))
    assert pairs(stage) == [("deepseek-v4-flash", "deepseek", "by_hour", 0.3, 1.2)]


def test_what_is_not_known_yet_is_in_no_mart(book: PriceBook) -> None:
    stage = staged(book, scores(("2025-02-20", "o1", 1350, 1345, 1355)))
    for mart in ("price_frontier", "quality_price_premium", "price_decline"):
        assert stage.connection.execute(f"SELECT count(*) FROM {mart}_as_of('2025-02-19')").fetchall() == [(0,)]
    assert stage.connection.execute("SELECT count(*) FROM quality_price_premium").fetchall() == [(1,)]


def test_a_price_that_halves_each_half_year_falls_by_three_quarters_a_year(tmp_path: Path) -> None:
    book = PriceBook(tmp_path)
    months = [f"2024-{month:02}-01" for month in range(1, 13)]
    for number, day in enumerate(months):
        cost = 8 * 0.5 ** (number / 6)
        book.say("litellm_prices", day, sold("gpt-4", cost, cost))
    stage = staged(book, scores(*((day, "gpt-4", 1260.0, 1255.0, 1265.0) for day in months)))
    ((floor, n, decline, first),) = stage.connection.execute(
        "SELECT quality_floor, n, decline_pct_per_year, first_usd_per_mtok FROM price_decline"
    ).fetchall()
    assert (floor, n, first) == (1250, 12, 8.0)
    assert decline == pytest.approx(75, abs=1)


def test_strict_answers_by_what_was_loaded(tmp_path: Path) -> None:
    """A list of 2025-01-25 that was loaded on 2026-06-01: known long before it was ours."""
    book = PriceBook(tmp_path)
    taken, ours = datetime(2025, 1, 25), datetime(2026, 6, 1)
    capture = Capture("litellm_prices", "", "u", "a" * 64, 1, taken, taken)
    rows = TOKEN_PRICE.frame(sold("gpt-4o", 2.5, 10.0))
    spec = book.sources["litellm_prices"]
    book.store.load(spec, Logged(capture, ours), check(spec, Parsed(rows), taken))
    book.store.load(
        book.sources["models_dev_prices"],
        Logged(replace(capture, source="models_dev_prices", sha256="b" * 64), ours),
        check(book.sources["models_dev_prices"], Parsed(TOKEN_PRICE.frame(sold("gpt-4o", 3.0, 10.0))), taken),
    )
    day = "2025-02-20"
    stage = staged(book, scores((day, "gpt-4o", 1260, 1255, 1265)), "32_price_disagreement")
    asked = {
        "token_price_as_of": "'{t}'", "model_price_as_of": "'{t}'", "price_disagreement_as_of": "'{t}'",
        "token_price_on": "DATE '2025-02-20', known := '{t}'", "model_price_on": "DATE '2025-02-20', known := '{t}'",
        "price_disagreement_on": "DATE '2025-02-20', known := '{t}'", "model_price_in_force": "[DATE '2025-02-20'], '{t}'",
        "price_ratio_on": "'gpt-4o', 'gpt-4o', DATE '2025-02-20', known := '{t}'", "quality_price_premium_as_of": "'{t}'",
    }  # fmt: skip

    def told(macro: str, t: str, strict: str) -> bool:
        query = f"SELECT count(*) FROM {macro}({asked[macro].format(t=t)}, strict := {strict})"
        return bool(stage.connection.execute(query).fetchall()[0][0])

    assert {macro for macro in asked if not told(macro, day, "false")} == set()
    assert {macro for macro in asked if told(macro, "2026-05-31", "true")} == set()
    assert {macro for macro in asked if not told(macro, "2026-06-02", "true")} == set()
    priced = "SELECT models_priced FROM price_frontier_as_of('2025-02-25', strict := {})"
    assert stage.connection.execute(priced.format("false")).fetchall() == [(1,)]
    assert stage.connection.execute(priced.format("true")).fetchall() == [(0,)]
    assert stage.connection.execute(
        "SELECT count(*) FROM price_decline_as_of('2025-02-25', strict := true)"
    ).fetchall() == [(0,)]
    assert stage.connection.execute(
        "SELECT count(*) FROM usd_cross_as_of('2025-02-25', strict := true)"
    ).fetchall() == [(0,)]


def test_which_list_speaks_for_a_host_is_one_answer_whether_or_not_its_models_are_known(tmp_path: Path) -> None:
    """Groq took Llama 3 70B off sale: a list that was left behind in 2025-09 still has it, the one kept up has only names nobody
    declared. What nobody sells is in no mart, as it is not in force."""
    book = PriceBook(tmp_path)
    groq = {"provider": "groq"}
    left_behind = sold("groq/llama3-70b-8192", 0.59, 0.79, **groq)
    book.say("tokencost_prices", "2025-09-01", left_behind)
    book.say("litellm_prices", "2025-09-01", [*left_behind, *sold("gpt-4o", 2.5, 10.0)])
    book.say("litellm_prices", "2025-10-01", [*sold("groq/nobody-knows", 0.1, 0.2, **groq), *sold("gpt-4o", 2.5, 10.0)])
    book.say("litellm_prices", "2025-11-01", sold("gpt-4o", 2.5, 10.0))
    stage = staged(book, scores(("2025-10-10", "gpt-4o", 1260, 1255, 1265)))
    days = "[DATE '2025-09-10', DATE '2025-10-10', DATE '2025-11-10']"
    query = f"SELECT day, source FROM {{}}({days}, '2025-12-01'{{}}) WHERE model = 'llama-3-70b-instruct' GROUP BY ALL ORDER BY 1"
    in_force = [
        (date(2025, 9, 10), "litellm_prices"), (date(2025, 11, 10), "tokencost_prices"),  # litellm names Groq no more
    ]  # fmt: skip
    for part in ("", ", blended := true"):
        assert stage.connection.execute(query.format("token_price_in_force", part)).fetchall() == in_force
    priced = stage.connection.execute(query.format("model_price_in_force", "").replace("source", "sources")).fetchall()
    assert priced == in_force


def test_a_list_that_was_not_loaded_yet_silences_no_other_under_strict(tmp_path: Path) -> None:
    book = PriceBook(tmp_path)
    groq = {"provider": "groq"}
    book.say("litellm_prices", "2025-01-10", sold("gpt-4o", 2.5, 10.0))
    book.say("tokencost_prices", "2025-01-15", sold("groq/llama3-70b-8192", 0.59, 0.79, **groq))
    taken, spec = datetime(2025, 2, 1), book.sources["litellm_prices"]
    rows = Parsed(TOKEN_PRICE.frame([*sold("gpt-4o", 2.5, 10.0), *sold("groq/nobody-knows", 0.1, 0.2, **groq)]))
    capture = Capture("litellm_prices", "", "u", "a" * 64, 1, taken, taken)
    book.store.load(spec, Logged(capture, datetime(2026, 6, 1)), check(spec, rows, taken))
    stage = staged(book, scores(("2025-02-10", "gpt-4o", 1260, 1255, 1265)))
    query = "SELECT count(*) FROM model_price_in_force([DATE '2025-02-10'], '2026-01-01', strict := {}) WHERE provider = 'groq'"
    assert [stage.connection.execute(query.format(strict)).fetchall() for strict in ("true", "false")] == [
        [(1,)],
        [(0,)],
    ]


@pytest.mark.parametrize(
    ("hours", "weekdays", "share"),
    [
        ("01:00-04:00, 06:00-10:00", "Mon-Fri", 35 / 168), ("01:00-04:00, 06:00-10:00", None, 49 / 168), ("16:30-00:30", None, 1 / 3),
        ("01:00-04:00; 00:00-24:00", "Mon-Fri; Sat,Sun", (15 + 48) / 168), ("00:00-12:00", "Mon,Wed-Thu", 36 / 168),
    ],
)  # fmt: skip
def test_input_output_and_blended_price_weigh_the_hours_of_the_week(
    tmp_path: Path, hours: str, weekdays: str | None, share: float
) -> None:
    """A blended price of the week beside inputs and outputs of peak hours was a ratio below both of theirs."""
    book, seller = PriceBook(tmp_path), {"provider": "deepseek"}
    at = {"price_tier": "peak", "hours_utc": hours, "weekdays": weekdays}
    book.say("litellm_prices", "2026-08-18", [
        *sold("deepseek-v4-flash", 0.44, 1.32, **seller, **at), *sold("deepseek-v4-flash", 0.22, 0.66, **seller, price_tier="off_peak"),
    ])  # fmt: skip
    stage = staged(book, scores(("2026-08-20", "o1", 1350, 1345, 1355)))
    found = stage.connection.execute(
        "SELECT tier, input_per_mtok, output_per_mtok, blended_usd_per_mtok FROM model_price_in_force([DATE '2026-08-20'], '2026-09-01')"
    ).fetchall()
    week = [pytest.approx(price * (1 + share)) for price in (0.22, 0.66, (3 * 0.22 + 0.66) / 4)]
    assert found == [("by_hour", *week)]
    assert stage.connection.execute("SELECT DISTINCT tier FROM model_price_on(DATE '2026-08-20')").fetchall() == [
        ("peak",)
    ]
    stage.close()


def test_a_board_day_is_priced_anew_from_what_reaches_back_to_it(tmp_path: Path) -> None:
    """A document of 03-01 says that o1 fell to 10 and 40 on 02-05; a list seen on 02-10 itself shows gpt-4o at 5 and 20."""
    book = PriceBook(tmp_path)
    day = {
        "known_at": datetime(2025, 3, 1),
        "valid_from": date(2025, 2, 5),
        "valid_from_basis": "documented",
        "document_id": "d",
    }
    book.say("litellm_prices", "2025-01-25", [*sold("o1", 15.0, 60.0), *sold("gpt-4o", 2.5, 10.0)])
    book.say("litellm_prices", "2025-02-10", [*sold("o1", 15.0, 60.0), *sold("gpt-4o", 5.0, 20.0)])
    book.load("price_announcements", datetime(2025, 3, 1), Parsed(frame(sold("o1", 10.0, 40.0, **day))))
    board = [(day, model, 1300, 1290, 1310) for day in ("2025-02-01", "2025-02-10") for model in ("o1", "gpt-4o")]
    early = pl.lit(datetime(2025, 2, 10, 8))  # known before its day has ended
    stage = staged(
        book,
        scores(*board).with_columns(known_at=pl.when(scored_on=date(2025, 2, 10)).then(early).otherwise("known_at")),
    )

    def priced(t: str) -> dict[tuple[str, str], float]:
        found = stage.connection.execute(
            f"SELECT strftime(scored_on, '%m-%d'), model, blended_usd_per_mtok FROM quality_price_premium_as_of('{t}')"
        )
        return {(day, model): price for day, model, price in found.fetchall()}

    first = {("02-01", "o1"): 26.25, ("02-01", "gpt-4o"): 4.375}
    assert priced("2025-02-09") == first
    assert priced("2025-02-10 09:00:00") == first | {("02-10", "o1"): 26.25, ("02-10", "gpt-4o"): 4.375}
    assert priced("2025-02-10") == first | {("02-10", "o1"): 26.25, ("02-10", "gpt-4o"): 8.75}
    assert priced("2025-03-01") == first | {("02-10", "o1"): 17.5, ("02-10", "gpt-4o"): 8.75}
    days = "(SELECT list(day) FROM history.board_price_day WHERE answers_from <= as_of_instant('{t}'))"
    for t in (
        "2025-01-31",
        "2025-02-01",
        "2025-02-10 09:00:00",
        "2025-02-10 12:00:00",
        "2025-02-10",
        "2025-02-28",
        "2025-03-01",
        "9998-12-31",
    ):
        spans = f"SELECT * FROM board_price_as_of('{t}')"
        worked_out = f"SELECT * FROM model_price_in_force({days.format(t=t)}, '{t}', undeclared := true)"
        for one, other in ((spans, worked_out), (worked_out, spans)):
            assert stage.connection.execute(f"({one}) EXCEPT ({other})").fetchall() == [], t
