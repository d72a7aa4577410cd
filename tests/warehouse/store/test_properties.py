"""Promises of the point-in-time store, for any history of captures loaded in any order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import permutations, product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lakes import Stores, emptied, on_both
from polars.testing import assert_frame_equal

from config.contracts import DATASETS, TOKEN_PRICE, Capture, Issue
from config.specs import SourceSpec
from warehouse.archive.captures import Logged, sha256_of
from warehouse.store.append_snapshots import States
from warehouse.store.canonical import Kinds, canonical_query, digest
from warehouse.store.checks import Checked
from warehouse.store.facts import Loaded, Store
from warehouse.store.late import withdraw
from warehouse.store.lines import Lines

pytestmark = pytest.mark.slow("generated histories")


START = datetime(2025, 1, 1)
KEYS = ("a", "b", "c")

Snapshot = dict[str, float]


def spec(kind: str = "snapshot") -> SourceSpec:
    return SourceSpec.model_validate(
        {
            "id": "list", "title": "t", "publisher": "p", "homepage": "h", "dataset": "token_price", "kind": kind,
            "licence": {"name": "MIT", "redistribution": True}, "tier": 3, "order": 1, "addresses": (), "fetched": False,
            "max_bytes": 1, "cadence_days": 1, "stale_after_days": 10, "known_at": {"proof": "capture"},
            "rows": {"min": 0, "max": 1000},
        }
    )  # fmt: skip


def rows(prices: Snapshot) -> pl.DataFrame:
    return TOKEN_PRICE.frame(
        [
            {"provider": "p", "listing": key, "token_kind": "input", "currency": "USD", "value": price,
             "value_exact": str(price), "locator": f"/{key}"}
            for key, price in prices.items()
        ]
    )  # fmt: skip


def capture(day: int, prices: Snapshot) -> Logged:
    sha = sha256_of(f"{day}{sorted(prices.items())}".encode())
    taken = START + timedelta(days=day)
    return Logged(Capture("list", "", "u", sha, 1, taken, taken), taken)


class Books:
    """A store loaded the way the pipeline loads it (one in memory for all examples: opening costs most)."""

    in_memory = Store.open(None)

    def __init__(self, store: Store = in_memory) -> None:
        self.store = emptied(store, "token_price", "capture", "issue")
        self.store.connection.execute("SET threads = 1")

    def load(self, day: int, prices: Snapshot) -> int:
        logged = capture(day, prices)
        if self.store.repeats(logged.capture):
            return self.store.sight(logged, "unchanged").rows_added
        stated = rows(prices)
        return self.store.load(spec(), logged, Checked(stated, (), stated.height, 0)).rows_added

    def canonical(self) -> list[tuple[object, ...]]:
        query = canonical_query(TOKEN_PRICE, Kinds(("list",)), "token_price")
        return self.store.connection.sql(
            f"SELECT listing, known_at, value, status, capture_sha256 FROM ({query}) ORDER BY ALL"
        ).fetchall()

    def as_of(self, day: float) -> dict[str, float]:
        """The rule of the design on the base table itself: arg_max over the whole row."""
        found = self.store.connection.execute(
            """
            SELECT w.listing, w.value FROM (
                SELECT arg_max(p, ROW(known_at, capture_sha256)) AS w FROM token_price p WHERE known_at <= ? GROUP BY listing)
            WHERE w.status <> 'absent'""",
            [START + timedelta(days=day)],
        ).fetchall()
        return dict(found)


def changes(history: dict[int, Snapshot]) -> list[tuple[object, ...]]:
    """The canonical view worked out by hand: one row for each change of state, in the order of the days."""
    said: list[tuple[object, ...]] = []
    for key in sorted({key for snapshot in history.values() for key in snapshot}):
        state: float | None = None
        for day in sorted(history):
            if history[day].get(key) != state:
                state = history[day].get(key)
                sha = capture(day, history[day]).capture.sha256
                said.append((key, START + timedelta(days=day), state, "reported" if state else "absent", sha))
    return sorted(said, key=str)


prices = st.dictionaries(st.sampled_from(KEYS), st.sampled_from([1.0, 2.0]), max_size=3)
histories = st.dictionaries(st.integers(1, 8), prices, min_size=2, max_size=6)

Histories = dict[str, dict[int, Snapshot]]


def every_history(days: int) -> Histories:
    """Every course a key can take over that many captures: absent, 1 or 2 in each. 81 for four captures."""
    courses = product((None, 1.0, 2.0), repeat=days)
    return {
        f"h{number}": {day: {"a": state} if state else {} for day, state in enumerate(course, start=1)}
        for number, course in enumerate(courses)
    }


def some_histories(rng: random.Random, days: list[int], count: int) -> Histories:
    """Histories of three keys over the same captures."""
    return {
        f"h{number}": {
            day: {key: rng.choice([1.0, 2.0]) for key in KEYS if rng.random() < 0.7} for day in days
        }
        for number in range(count)
    }  # fmt: skip


def wrong(histories: Histories, order: list[int], books: Books | None = None) -> set[str]:
    """Load many histories as one list, in that order; the names of those whose canonical view or answers are wrong.

    Histories do not touch each other: no key of one is a key of another.
    """
    books = books or Books()
    together = {
        day: {f"{name}/{key}": price for name, history in histories.items() for key, price in history[day].items()}
        for day in order
    }
    for day in order:
        books.load(day, together[day])
    said = {row[:4] for row in books.canonical()}
    due = {row[:4] for row in changes(together)}
    bad = {str(row[0]) for row in said ^ due}
    for day in range(max(order) + 2):
        newest = max((taken for taken in order if taken <= day), default=None)
        differing = books.as_of(day).items() ^ (together[newest].items() if newest is not None else set())
        bad |= {key for key, _ in differing}
    return {key.split("/")[0] for key in bad}


@pytest.mark.parametrize("order", list(permutations(range(1, 5))), ids=str)
def test_every_history_of_four_captures_in_every_order(order: tuple[int, ...]) -> None:
    """24 orders of 81 courses: 1,944 shuffled histories, and there are no others of four captures."""
    assert wrong(every_history(4), list(order)) == set()


def test_every_history_of_four_captures_in_a_lake(stores: Stores) -> None:
    assert wrong(every_history(4), [4, 1, 3, 2], Books(stores.empty("ducklake"))) == set()


@settings(max_examples=30)
@given(st.integers(5, 8).flatmap(lambda days: st.permutations(range(1, days + 1))), st.integers(0, 10**6))
def test_captures_of_a_snapshot_source_may_come_in_any_order(order: list[int], seed: int) -> None:
    # 30 orders of 5 to 8 captures, 30 histories of three keys in each: another 900 shuffled histories.
    assert wrong(some_histories(random.Random(seed), sorted(order), 30), order) == set()  # noqa: S311


def test_a_plain_change_point_store_gets_half_of_them_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same store without the row for the next capture: what these tests are for."""
    monkeypatch.setattr("warehouse.store.append_snapshots._carried", lambda *_, **__: pl.DataFrame())
    rng = random.Random(7)  # noqa: S311
    failed = total = 0
    for _ in range(10):
        order = rng.sample(range(1, 9), k=rng.randint(2, 6))
        failed += len(wrong(some_histories(rng, sorted(order), 30), order))
        total += 30
    assert 0.35 < failed / total < 0.75


@settings(max_examples=20, deadline=None)
@given(histories)
def test_loading_twice_equals_loading_once(history: dict[int, Snapshot]) -> None:
    books = Books()
    for day, said in sorted(history.items()):
        books.load(day, said)
    once = books.canonical()
    assert sum(books.load(day, said) for day, said in sorted(history.items())) == 0
    assert books.canonical() == once


@settings(max_examples=20, deadline=None)
@given(histories, st.integers(0, 8))
def test_what_is_known_later_never_changes_an_earlier_day(history: dict[int, Snapshot], day: int) -> None:
    books = Books()
    for taken in sorted(taken for taken in history if taken <= day):
        books.load(taken, history[taken])
    before = books.as_of(day)
    for taken in sorted(taken for taken in history if taken > day):
        books.load(taken, history[taken])
    assert books.as_of(day) == before


@on_both
def test_a_price_that_returns_is_a_third_row(stores: Stores, kind: str) -> None:
    books = Books(stores.empty(kind))
    assert [books.load(1, {"a": 1.0}), books.load(2, {"a": 2.0}), books.load(3, {"a": 1.0})] == [1, 1, 1]
    assert [row[2] for row in books.canonical()] == [1.0, 2.0, 1.0]


@on_both
def test_a_late_backfill_does_not_outlive_the_next_capture(stores: Stores, kind: str) -> None:
    # A at 1, A at 3, then B at 2 is loaded late: a plain change-point store reads B at 3.
    books = Books(stores.empty(kind))
    books.load(1, {"a": 1.0})
    books.load(3, {"a": 1.0})
    books.load(2, {"a": 2.0})
    assert [books.as_of(day)["a"] for day in (1, 2, 3)] == [1.0, 2.0, 1.0]


@on_both
def test_a_vanished_key_is_absent_and_nothing_is_overwritten(stores: Stores, kind: str) -> None:
    books = Books(stores.empty(kind))
    books.load(1, {"a": 1.0, "b": 2.0})
    books.load(2, {"a": 1.0})
    assert books.as_of(2) == {"a": 1.0}
    assert books.as_of(1) == {"a": 1.0, "b": 2.0}
    assert [row[3] for row in books.canonical()] == ["reported", "reported", "absent"]


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
def test_the_digest_of_the_canonical_rows_ignores_the_order_of_loading(order: tuple[int, ...]) -> None:
    said = {1: {"a": 1.0}, 2: {"a": 2.0, "b": 1.0}, 3: {"a": 1.0}}
    assert _digest(said, order) == _digest(said, (1, 2, 3))
    assert _digest(said, order) != _digest({**said, 3: {"a": 2.0}}, order)


def _digest(said: dict[int, Snapshot], order: tuple[int, ...]) -> str:
    books = Books()
    for day in order:
        books.load(day, said[day])
    connection = books.store.connection
    connection.execute("CREATE SCHEMA IF NOT EXISTS history")
    for name, dataset in DATASETS.items():
        query = canonical_query(dataset, Kinds(("list",)), f"main.{name}")
        connection.execute(f"CREATE OR REPLACE TABLE history.{name} AS {query}")
    return digest(connection)


def _absences(said: dict[int, dict[str, str | float]], order: tuple[int, ...]) -> list[tuple[object, ...]]:
    """(listing, day, value, kind of absence) of the canonical view; a text in place of a price is such a kind."""
    books = Books()
    for day in order:
        stated = TOKEN_PRICE.frame(
            [
                {"provider": "p", "listing": key, "token_kind": "input", "currency": "USD", "locator": f"/{key}",
                 "value": price if isinstance(price, float) else None, "absence": None if isinstance(price, float) else price,
                 "status": "reported" if isinstance(price, float) else "absent"}
                for key, price in said[day].items()
            ]
        ) if said[day] else rows({"z": 1.0})  # fmt: skip
        logged = capture(day, {key: float(len(str(price))) for key, price in said[day].items()})
        books.store.load(spec(), logged, Checked(stated, (), stated.height, 0))
    query = canonical_query(TOKEN_PRICE, Kinds(("list",)), "token_price")
    return books.store.connection.sql(
        f"SELECT listing, known_at, value, absence FROM ({query}) WHERE listing <> 'z' ORDER BY ALL"
    ).fetchall()


STATES: tuple[str | float | None, ...] = (None, "no_price", "quarantined", 1.0)


@pytest.mark.parametrize("order", list(permutations(range(1, 4)))[1:], ids=str)
def test_why_a_price_is_absent_does_not_depend_on_the_order_of_loading(order: tuple[int, ...]) -> None:
    """Every course of three captures: no row, no price, kept out, a price. 64 courses in each order."""
    said: dict[int, dict[str, str | float]] = {1: {}, 2: {}, 3: {}}
    for number, course in enumerate(product(STATES, repeat=3)):
        for day, state in enumerate(course, start=1):
            if state is not None:
                said[day][f"k{number}"] = state
    assert _absences(said, order) == _absences(said, (1, 2, 3))
    assert {absence for _, _, _, absence in _absences(said, order)} == {None, "no_price", "quarantined", "unlisted"}


@pytest.mark.parametrize("order", [(1, 2, 3, 4), (2, 1, 4, 3), (4, 3, 2, 1)], ids=str)
def test_what_is_kept_of_a_list_is_what_was_appended(order: tuple[int, ...]) -> None:
    """What the next capture is compared with, after each capture and after one that was undone when it was nearly whole."""
    books, histories = Books(), every_history(4)
    later = capture(9, {}).capture
    for day in order:
        prices = {f"{name}/{key}": price for name, history in histories.items() for key, price in history[day].items()}
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Store, "_record", recorded_on_a_full_disk)
            with pytest.raises(OSError, match="the disk is full"):
                books.load(day, prices | {"undone": 1.0})
        books.load(day, prices)
        kept, read = (
            states.before(TOKEN_PRICE, later) for states in (books.store.states, States(books.store.connection))
        )
        assert kept.height > 0
        assert_frame_equal(kept, read, check_row_order=False)
        assert books.store.states.lines.of(later) == Lines(books.store.connection, alone=True).of(later)
    gone = max(books.store.states.lines.of(later))
    taken = Capture("list", "", "u", gone.sha256, 1, gone.fetched_at, gone.taken_at)
    withdraw(books.store, spec(), taken)
    assert gone not in books.store.states.lines.of(later)


RECORD = Store._record


def recorded_on_a_full_disk(store: Store, logged: Logged, loaded: Loaded, issues: Sequence[Issue]) -> None:
    RECORD(store, logged, loaded, issues)
    raise OSError("the disk is full")
