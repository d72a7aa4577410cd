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
from datetime import date, datetime
from pathlib import Path

import pytest
from places import REPOSITORY, SHARED_DATA
from price_book import PriceBook

from config.contracts import TOKEN_PRICE, Capture
from config.load import catalog
from flows.pipeline import parse
from flows.starter import price_lists
from warehouse.archive import Logged, sha256_of
from warehouse.canonical import canonical_query
from warehouse.checks import Checked, check
from warehouse.stage import Stage
from warehouse.store import Store

PRICES = SHARED_DATA / "prices"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not PRICES.exists(), reason="../shared with the real payloads is not beside the checkout"),
]
SELLERS = {
    "OpenAI": "openai", "xAI": "xai", "Alibaba Qwen": "alibaba", "Mistral": "mistral", "DeepSeek": "deepseek",
    "Anthropic": "anthropic", "Google": "google", "Z.ai": "zhipu", "Meta (Groq-hosted)": "groq", "Moonshot": "moonshot",
    "Meta (Together-hosted)": "together-ai", "Meta (first-party API)": "meta",
}  # fmt: skip
LISTS = ["litellm_prices", "tokencost_prices"]
Period = tuple[date, date, float, str]


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
    book = PriceBook(tmp_path_factory.mktemp("prices"))
    loaded(files, book.store)
    return book.stage()


def canonical(store: Store) -> list[tuple[object, ...]]:
    names = ", ".join(
        [*TOKEN_PRICE.key, *TOKEN_PRICE.payload, "known_at", "known_at_basis", "source", "capture_sha256", "source_url"]
    )
    query = canonical_query(TOKEN_PRICE, LISTS, [], "token_price")
    return store.connection.execute(f"SELECT {names} FROM ({query}) ORDER BY ALL").fetchall()


def test_all_files_load_in_any_order_to_the_same_store(files: list[File]) -> None:
    once = canonical(loaded(files, Store.open(None)))
    shuffled = list(files)
    random.Random(4).shuffle(shuffled)  # noqa: S311  an order, not a secret
    assert canonical(loaded(shuffled, Store.open(None))) == once
    assert len(once) > 10_000


def test_no_price_above_the_bounds_and_none_of_the_wrong_unit(files: list[File], stage: Stage) -> None:
    ((highest, low_wandb),) = stage.connection.execute(
        "SELECT max(value), min(value) FILTER (starts_with(listing, 'wandb/')) FROM history.token_price WHERE status = 'reported'"
    ).fetchall()
    assert highest <= 1000
    assert low_wandb is None or low_wandb < 10  # only since the unit was mended
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
    gone = [name for name in body if name.startswith("openrouter/")]
    gone += [name for name in body if name.startswith(("bedrock/", "azure/"))][: 736 - len(gone)]
    for at, text in (
        (datetime(2026, 9, 1), body),
        (datetime(2026, 10, 1), {k: v for k, v in body.items() if k not in set(gone)}),
    ):
        payload = json.dumps(text).encode()
        capture = Capture("litellm_prices", "", "u", sha256_of(payload), len(payload), at, at)
        book.load("litellm_prices", at, parse(payload, capture, catalog()))
    stage = book.stage()
    removed = dict(stage.connection.execute("SELECT provider, listings_removed FROM price_removal").fetchall())
    assert removed["openrouter"] > 50
    shown = stage.connection.execute(
        "SELECT DISTINCT status FROM token_price WHERE provider = 'openrouter' AND valid_to IS NULL"
    ).fetchall()
    assert shown == [("absent",)]
    assert stage.connection.execute(
        "SELECT count(*) FROM token_price_on(DATE '2026-10-02') WHERE provider = 'openrouter'"
    ).fetchall() == [(0,)]


def reference() -> Iterator[dict[str, str]]:
    """The unsuspect events that were read off one of the two lists."""
    with (PRICES / "reference_price_events.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if "[SUSPECT" not in row["source"] and re.search("litellm-|tokencost", row["source"]):
                yield row


def periods(stage: Stage) -> dict[tuple[str, str, str], list[Period]]:
    found: dict[tuple[str, str, str], list[Period]] = defaultdict(list)
    for provider, listing, kind, value, begins, ends, source in stage.connection.execute(
        """SELECT provider, listing, token_kind, price_per_mtok, valid_from, coalesce(valid_to, DATE '9999-01-01'), source
        FROM token_price WHERE tier = 'standard' AND currency = 'USD' AND status = 'reported'"""
    ).fetchall():
        found[provider, listing, kind].append((begins, ends, value, source))
    return found


def lag(row: dict[str, str], schedule: dict[tuple[str, str, str], list[Period]]) -> int | None:
    """Days from the stated day until a list shows both prices of the event; None where neither ever does."""
    seller, key = SELLERS[row["vendor"]], re.search(r"key=(\S+)", row["source"])
    names = {key[1] if key else row["model"], row["model"], f"{seller}/{row['model']}", f"gemini/{row['model']}"}
    day = date.fromisoformat(row["effective_from"])
    bought, sold = float(row["input_usd_per_mtok"]), float(row["output_usd_per_mtok"])
    lags = [
        max(0, (max(first, other) - day).days)
        for name in names
        for first, last, price, source in schedule.get((seller, name, "input"), [])
        for other, end, given, same in schedule.get((seller, name, "output"), [])
        if source == same and price == pytest.approx(bought) and given == pytest.approx(sold)
        if max(first, other) < min(last, end) and min(last, end) > day
    ]
    return min(lags, default=None)


def misses() -> set[tuple[str, str, str]]:
    with (REPOSITORY / "docs" / "price_reference_misses.csv").open(encoding="utf-8", newline="") as lines:
        return {(row["vendor"], row["model"], row["effective_from"]) for row in csv.DictReader(lines)}


def test_the_reference_is_reproduced_save_for_the_listed_misses(stage: Stage) -> None:
    schedule = periods(stage)
    lags = {(row["vendor"], row["model"], row["effective_from"]): lag(row, schedule) for row in reference()}
    assert {event for event, days in lags.items() if days is None} == misses()
    found = sorted(days for days in lags.values() if days is not None)
    late = [days for days in found if days]
    assert (len(lags), len(found), found.count(0)) == (222, 183, 143)
    assert (len(late), statistics.median(late), statistics.quantiles(late, n=10)[8], max(late)) == (40, 17, 48.5, 73)


def test_no_miss_lies_within_the_days_the_files_cover() -> None:
    """The newest file is of 2026-09-01; between the files of 2026-04-01 and 2026-06-01 there is none."""
    for _, _, day in misses():
        assert day > "2026-09-01" or "2026-04-01" < day < "2026-06-01"
