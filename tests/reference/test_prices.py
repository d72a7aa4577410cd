"""The price book against the reference list of price events, on every dated file of the litellm schema at hand.

What the two lists of that schema should know is compared: rows of the reference that were themselves read off litellm or
tokencost, without those it marks as upstream errors. Each row that is not reproduced stands with its cause in
docs/price_reference_misses.csv, and no other row does.
"""

from __future__ import annotations

import csv
import json
import random
import re
import statistics
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from places import REPOSITORY
from price_book import PriceBook
from price_reference import PRICES, SELLERS, Period, lag, reference

from config.contracts import TOKEN_PRICE, Capture
from config.load import announcement_files, catalog
from flows.commands.starter import price_lists
from flows.steps.pipeline import parse
from warehouse.archive.captures import Logged, sha256_of
from warehouse.published.stage import Stage
from warehouse.store.canonical import Kinds, canonical_query
from warehouse.store.checks import Checked, check
from warehouse.store.facts import Store

pytestmark = [
    pytest.mark.slow("loads every real list"),
    pytest.mark.shared,
    pytest.mark.skipif(not PRICES.exists(), reason="../shared with the real payloads is not beside the checkout"),
]
LISTS = ["litellm_prices", "tokencost_prices"]
NEWEST = date(2026, 11, 22)


@dataclass(frozen=True)
class File:
    """One dated file, parsed and checked once for all tests."""

    logged: Logged
    checked: Checked


@pytest.fixture(scope="module")
def files() -> list[File]:
    read = []
    for item in price_lists(PRICES):
        sha = sha256_of(item.body)
        capture = Capture(item.source, "", item.url, sha, len(item.body), item.taken_at, item.taken_at, item.basis)
        checked = check(catalog().sources[item.source], parse(item.body, capture, catalog()), item.taken_at)
        read.append(File(Logged(capture, item.taken_at), checked))
    assert len(read) == 127
    return read


def loaded(files: list[File], store: Store) -> Store:
    for file in files:
        capture = file.logged.capture
        if store.repeats(capture):
            store.sight(file.logged, "unchanged")
        else:
            store.load(catalog().sources[capture.source], file.logged, file.checked)
    return store


@pytest.fixture(scope="module")
def stage(files: list[File], tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The files, every announcement and the reference rates of the day of the article."""
    book = PriceBook(tmp_path_factory.mktemp("prices"))
    loaded(files, book.store)
    at = datetime(2026, 11, 22)
    for name, body in announcement_files().items():
        capture = Capture("price_announcements", name, f"config/announcements/{name}", "0" * 64, 1, at, at)
        book.load("price_announcements", at, parse(body, capture, catalog()), name)
    book.rates({"2024-05-31": (1.0852, 7.8577), "2025-02-25": (1.0497, 7.6219)})
    staged = book.stage()
    staged.build(("61_model_price",))
    return staged


def test_the_figures_of_the_article(stage: Stage) -> None:
    """As of 2025-02-25: what was on sale, and the ratio of the article, which is against a model sold until 2024-09."""
    found = stage.connection.execute(
        """SELECT model, input_per_mtok, output_per_mtok FROM model_price_in_force([DATE '2025-02-25'], DATE '2025-02-25')
        WHERE currency = 'USD' AND provider = developer AND model IN ('gpt-4o', 'gpt-4-turbo', 'deepseek-v3', 'deepseek-r1', 'deepseek-v2')
        ORDER BY ALL"""
    ).fetchall()
    assert found == [
        ("deepseek-r1", 0.55, 2.19), ("deepseek-v3", 0.27, 1.1), ("gpt-4-turbo", 10.0, 30.0), ("gpt-4o", 2.5, 10.0),
    ]  # fmt: skip
    since = "SELECT DISTINCT valid_from FROM token_price_on(DATE '2025-02-25') WHERE listing = 'deepseek-chat' AND currency = 'USD'"
    assert stage.connection.execute(since).fetchall() == [(date(2025, 2, 9),)]

    def ratio(against: str, more: str = "") -> list[tuple[float, float, date]]:
        return stage.connection.execute(
            f"""SELECT round(ratio, 1), round(numerator_cny_per_mtok, 1), denominator_day
            FROM price_ratio_as_of(DATE '2025-02-25', 'gpt-4-turbo', '{against}'{more})
            WHERE token_kind = 'input' AND numerator_currency = 'USD' AND denominator_currency = 'USD'"""
        ).fetchall()

    on_sale = """SELECT round(ratio, 1) FROM price_ratio_as_of(DATE '2025-02-25', 'gpt-4o', 'deepseek-v3')
        WHERE token_kind = 'input' AND numerator_currency = 'USD' AND denominator_currency = 'USD'"""
    assert stage.connection.execute(on_sale).fetchall() == [(9.3,)]  # 2.50 to 0.27
    assert ratio("gpt-4o") == [(4.0, 72.6, date(2025, 2, 25))]
    assert ratio("deepseek-v2") == []  # not on sale that day
    assert ratio("deepseek-v2", ", denominator_on := DATE '2024-06-01'") == [(71.4, 72.6, date(2024, 6, 1))]


def canonical(store: Store) -> list[tuple[object, ...]]:
    model_names = ", ".join(
        [*TOKEN_PRICE.key, *TOKEN_PRICE.payload, "known_at", "known_at_basis", "source", "capture_sha256", "source_url"]
    )
    query = canonical_query(TOKEN_PRICE, Kinds(tuple(LISTS)), "token_price")
    return store.connection.execute(f"SELECT {model_names} FROM ({query}) ORDER BY ALL").fetchall()


def test_all_files_load_in_any_order_to_the_same_store(files: list[File]) -> None:
    once = canonical(loaded(files, Store.open(None)))
    shuffled = list(files)
    random.Random(4).shuffle(shuffled)  # noqa: S311  an order, not a secret
    assert canonical(loaded(shuffled, Store.open(None))) == once
    assert len(once) > 10_000


def test_no_price_above_the_bounds_and_none_of_the_wrong_unit(files: list[File], stage: Stage) -> None:
    ((highest, of_wandb, elsewhere),) = stage.connection.execute(
        """SELECT max(value), max(value) FILTER (starts_with(listing, 'wandb/')),
            max(value) FILTER (provider IN ('openrouter', 'perplexity', 'watsonx') AND NOT starts_with(listing, 'openrouter/openai/'))
        FROM history.token_price WHERE status = 'reported'"""
    ).fetchall()
    assert highest == 600  # o1-pro
    assert of_wandb == 3.0  # only since the unit was mended
    assert elsewhere < 99  # qwen-vl-plus stood at 630, pplx at 500, a model of 1B at 100
    reasons = {
        issue.locator.split("/")[1]
        for file in files
        for issue in file.checked.issues
        if "mistook the unit" in issue.reason
    }
    assert {"wandb~1openai~1gpt-oss-120b", "azure_ai~1jais-30b-chat"} <= reasons


def test_the_list_itself_was_never_cleared_out_before_2026_10(stage: Stage) -> None:
    found = stage.connection.execute(
        "SELECT source, removed_at, provider, listings_removed FROM price_removal"
    ).fetchall()
    assert found == []


def test_a_removal_like_that_of_2026_10_is_upkeep(tmp_path: Path) -> None:
    """736 ids gone in one file, all of openrouter/* among them: made from the newest real file."""
    book = PriceBook(tmp_path)
    (path,) = (PRICES / "litellm").glob("2026-09-01__*.json")
    body = json.loads(path.read_bytes())
    others = [name for name in body if "/" in name and not name.startswith("openrouter/")]
    gone = [name for name in body if name.startswith("openrouter/")]
    gone = {*gone, *others[: 736 - len(gone)]}
    assert len(gone) == 736
    texts = (body, {name: entry for name, entry in body.items() if name not in gone})
    for at, text in zip((datetime(2026, 9, 1), datetime(2026, 10, 1)), texts, strict=True):
        payload = json.dumps(text).encode()
        capture = Capture("litellm_prices", "", "u", sha256_of(payload), len(payload), at, at)
        book.load("litellm_prices", at, parse(payload, capture, catalog()))
    stage = book.stage()
    sold = [
        name for name in gone
        if body[name].get("mode") in ("chat", "completion", "responses") and (body[name].get("input_cost_per_token", 0) > 0 or body[name].get("tiered_pricing"))
        # What had ended by its own word (gemini-2.0-flash-001 on 2026-06-01) is not removed by the list.
        and body[name].get("deprecation_date", "9") > "2026-09-01"
    ]  # fmt: skip
    removed = dict(
        stage.connection.execute("SELECT provider, sum(listings_removed) FROM price_removal GROUP BY 1").fetchall()
    )
    assert removed["openrouter"] == sum(name.startswith("openrouter/") for name in sold)
    ((total, in_list),) = stage.connection.execute(
        "SELECT sum(listings_removed), max(removed_in_list) FROM price_removal"
    ).fetchall()
    assert total == in_list
    assert len(sold) - 40 < total <= len(sold)  # less those whose price is quarantined
    told = stage.connection.execute("SELECT count(*) FROM history.issue WHERE reason = 'mass removal'").fetchall()
    assert told == [(len(removed),)]
    shown = stage.connection.execute(
        "SELECT DISTINCT status FROM token_price WHERE provider = 'openrouter' AND valid_to IS NULL"
    ).fetchall()
    assert shown == [("absent",)]
    assert stage.connection.execute(
        "SELECT count(*) FROM token_price_on(DATE '2026-10-02') WHERE provider = 'openrouter'"
    ).fetchall() == [(0,)]


# Marked as stale from the list's first day on; it became so when the name was pointed to gpt-3.5-turbo-0125.
STALE_SINCE = {"gpt-3.5-turbo": date(2024, 2, 16)}


def suspects() -> Iterator[tuple[str, str, date, date, dict[str, float]]]:
    """Seller, listing, first day and day after the last, and the prices of what the reference marks as a slip of a list."""
    with (PRICES / "reference_price_events.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if "[SUSPECT" in row["source"]:
                first, end = (date.fromisoformat(row[f"effective_{side}"]) for side in ("from", "to"))
                prices = {kind: float(row[f"{kind}_usd_per_mtok"]) for kind in ("input", "output")}
                first = max(first, STALE_SINCE.get(row["model"], first))
                yield SELLERS[row["vendor"]], row["model"], first, end, prices


def test_no_suspect_price_is_in_force(stage: Stage) -> None:
    """What the reference marks as an error of the lists is no price on any day, by all that is known or was known then."""
    held = list(suspects())
    assert len(held) == 5
    spans = [[first + timedelta(days=n) for n in range(0, (end - first).days, 14)] for _, _, first, end, _ in held]
    together = sorted({day for days in spans for day in days})
    asked = [(together, NEWEST), *(([day], day) for days in spans for day in (days[0], days[len(days) // 2]))]
    told = []
    for days, known in asked:
        listed = ", ".join(f"DATE '{day}'" for day in days)
        told += stage.connection.execute(
            f"""SELECT day, DATE '{known}', provider, split_part(listing, '/', -1), token_kind, price_per_mtok
            FROM token_price_in_force([{listed}], DATE '{known}', blended := true) WHERE currency = 'USD' AND tier = 'standard'"""
        ).fetchall()
    assert len(told) > 1000
    for seller, listing, first, end, prices in held:
        own = [row for row in told if row[2:4] == (seller, listing) and first <= row[0] < end]
        # Flash's input price is right; of the others neither is.
        wrong = {kind: price for kind, price in prices.items() if (listing, kind) != ("gemini-1.5-flash", "input")}
        assert [row for row in own if row[5] == wrong.get(row[4])] == []


def test_a_name_that_the_lists_left_behind_has_the_price_its_seller_gave_it(stage: Stage) -> None:
    """gpt-3.5-turbo means gpt-3.5-turbo-0125 since 2024-02-16; both lists went on with 1.50/2.00 for more than a year."""
    days = ("2024-02-15", "2024-02-16", "2025-03-01", "2025-12-01")
    asked = ", ".join(f"DATE '{day}'" for day in days)
    found = stage.connection.execute(
        f"""SELECT CAST(day AS VARCHAR), price_per_mtok FROM token_price_in_force([{asked}], DATE '{NEWEST}', blended := true)
        WHERE provider = 'openai' AND model = 'gpt-3-5-turbo' AND currency = 'USD' ORDER BY day, token_kind"""
    ).fetchall()
    expected = [("2024-02-15", 1.5), ("2024-02-15", 2.0), *((day, price) for day in days[1:] for price in (0.5, 1.5))]
    assert sorted(set(found)) == sorted(expected)


def periods(stage: Stage, among: str = "<> 'price_announcements'") -> dict[tuple[str, str, str], list[Period]]:
    found: dict[tuple[str, str, str], list[Period]] = defaultdict(list)
    for provider, listing, kind, value, begins, ends, source in stage.connection.execute(
        f"""SELECT provider, listing, token_kind, price_per_mtok, valid_from, coalesce(valid_to, DATE '9999-01-01'), source
        FROM token_price WHERE tier = 'standard' AND currency = 'USD' AND status = 'reported' AND source {among}"""
    ).fetchall():
        found[provider, listing, kind].append((begins, ends, value, source))
    return found


Event = tuple[str, str, str]


def named(row: dict[str, str]) -> Event:
    return row["vendor"], row["model"], row["effective_from"]


def misses() -> dict[Event, int | None]:
    """Every event that the two lists do not show on its day, with the days until they do."""
    with (REPOSITORY / "docs" / "price_reference_misses.csv").open(encoding="utf-8", newline="") as lines:
        return {named(row): int(row["lag_days"]) if row["lag_days"] else None for row in csv.DictReader(lines)}


def test_the_reference_is_reproduced_save_for_the_listed_misses(stage: Stage) -> None:
    schedule = periods(stage)
    lags = {named(row): lag(row, schedule) for row in reference()}
    assert {event: days for event, days in lags.items() if days != 0} == misses()
    found = sorted(days for days in lags.values() if days is not None)
    late = [days for days in found if days]
    assert (len(lags), len(found), found.count(0)) == (222, 183, 143)
    assert (len(late), statistics.median(late), statistics.quantiles(late, n=10)[8], max(late)) == (40, 17, 48.5, 73)
    everything = periods(stage, "IS NOT NULL")
    known = [lag(row, everything) for row in reference()]
    assert (known.count(0), known.count(None)) == (149, 35)  # GPT-4 Turbo, R1 and four Groks by their announcements


def test_no_file_of_the_day_or_before_states_what_is_missed() -> None:
    """Read from the files as they are, past every reader of ours: what is missed on its day nobody could know from them."""
    held: dict[str, list[tuple[date, bytes]]] = defaultdict(list)
    for item in price_lists(PRICES):
        held[item.source].append((item.taken_at.date(), item.body))
    newest = {
        day: [max((file for file in held[source] if file[0] <= day), default=None, key=lambda file: file[0]) for source in LISTS]
        for day in {date.fromisoformat(day) for _, _, day in misses()}
    }  # fmt: skip
    missed = [row for row in reference() if named(row) in misses()]
    assert len(missed) == 79
    for file in {file for files in newest.values() for file in files if file}:
        body = orjson.loads(file[1])
        for row in missed:
            if file in newest[date.fromisoformat(row["effective_from"])]:
                key, model = re.search(r"key=(\S+)", row["source"]), row["model"].split(" ")[0]
                for name in {
                    key[1] if key else model,
                    model,
                    model.split("/")[-1],
                    f"{SELLERS[row['vendor']]}/{model}",
                }:
                    stated = [body.get(name, {}).get(f"{side}_cost_per_token") for side in ("input", "output")]
                    asked = [float(row[f"{side}_usd_per_mtok"]) / 1e6 for side in ("input", "output")]
                    assert stated != pytest.approx(asked)


def test_no_miss_for_good_lies_within_the_days_the_files_cover() -> None:
    """The newest file is of 2026-09-01; between the files of 2026-04-01 and 2026-06-01 there is none."""
    for (_, _, day), days in misses().items():
        assert days is not None or day > "2026-09-01" or "2026-04-01" < day < "2026-06-01"
