"""A document's own date is believed where it can be true: a figure or a board that claims an impossible past counts from its capture."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import pytest
from lakes import KINDS, Stores

from config.contracts import COMPANY_FACT, DATASETS, FILING, LEADERBOARD_SCORE, Capture, Dataset
from config.load import catalog
from warehouse.archive.captures import Logged, sha256_of
from warehouse.store.canonical import Kinds, canonical_query, late_days_query, unbelieved_query
from warehouse.store.checks import Checked
from warehouse.store.facts import Store

FILED, NIGHT = datetime(2026, 7, 29, 21, 30), datetime(2026, 11, 22)
ACCESSION, OTHER = "0001193125-26-319304", "0001193125-26-000001"


def fact(document: str, value: float, known_at: datetime, period_end: date = date(2026, 6, 30)) -> dict[str, object]:
    return {
        "company": "MSFT", "concept": "us-gaap:Revenues", "definition": "xbrl", "unit": "USD", "period_start": date(2026, 4, 1),
        "period_end": period_end, "value": value, "known_at": known_at, "known_at_basis": "filing date", "document_id": document,
    }  # fmt: skip


def filing(accession: str, filed_on: date) -> dict[str, object]:
    known_at = datetime(filed_on.year, filed_on.month, filed_on.day, 21, 30)
    return {"company": "MSFT", "accession": accession, "form": "10-K", "filed_on": filed_on, "known_at": known_at}


def load(store: Store, source: str, dataset: Dataset, taken_at: datetime, rows: list[dict[str, object]]) -> None:
    table = dataset.frame(rows)
    capture = Capture(source, "MSFT", "u", sha256_of(repr(rows).encode()), 1, taken_at, taken_at)
    store.load(catalog().sources[source], Logged(capture, taken_at), Checked(table, (), table.height, 0))


def told(store: Store, dataset: Dataset) -> list[tuple[float, datetime]]:
    query = canonical_query(dataset, Kinds.of(catalog().sources), dataset.name)
    return store.connection.execute(f"SELECT value, known_at FROM ({query}) ORDER BY known_at").fetchall()


def reasons(store: Store, queries: Iterable[str]) -> list[str]:
    return [row[0] for query in queries for row in store.connection.execute(f"SELECT reason FROM ({query})").fetchall()]


def unbelieved(store: Store) -> list[str]:
    return reasons(store, [unbelieved_query(Kinds.of(catalog().sources), "main")])


@pytest.fixture
def store(stores: Stores, request: pytest.FixtureRequest) -> Store:
    opened = stores.empty(getattr(request, "param", "duckdb"))
    load(
        opened,
        "sec_submissions",
        FILING,
        NIGHT,
        [filing(ACCESSION, date(2026, 7, 29)), filing("old", date(2020, 1, 30))],
    )
    return opened


def test_a_filing_the_list_has_keeps_its_date_however_late_its_facts_come(store: Store) -> None:
    load(
        store,
        "sec_companyfacts",
        COMPANY_FACT,
        NIGHT,
        [fact("old", 1, datetime(2020, 1, 30, 21, 30), date(2019, 12, 31))],
    )
    load(
        store,
        "sec_companyfacts",
        COMPANY_FACT,
        NIGHT + timedelta(1),
        [fact(ACCESSION, 5, FILED), fact("old", 1, datetime(2020, 1, 30, 21, 30), date(2019, 12, 31))],
    )
    assert (5, FILED) in told(store, COMPANY_FACT)
    assert unbelieved(store) == []


def test_a_correction_counts_from_the_capture_that_shows_it(store: Store) -> None:
    for day, value in ((0, 32.1), (5, 99.9), (6, 32.1)):
        load(store, "sec_companyfacts", COMPANY_FACT, NIGHT + timedelta(day), [fact(ACCESSION, value, FILED)])
    assert told(store, COMPANY_FACT) == [(32.1, FILED), (99.9, NIGHT + timedelta(5)), (32.1, NIGHT + timedelta(6))]


def test_a_figure_filed_before_its_period_ended_counts_from_its_capture(store: Store) -> None:
    load(store, "sec_companyfacts", COMPANY_FACT, NIGHT, [fact(ACCESSION, 5, FILED, date(2026, 9, 30))])
    assert told(store, COMPANY_FACT) == [(5, NIGHT)]
    assert unbelieved(store) == ["filed before its period ended"]


def test_a_filing_dated_before_the_list_has_it_counts_from_its_capture(store: Store) -> None:
    load(store, "sec_companyfacts", COMPANY_FACT, NIGHT, [fact(ACCESSION, 5, datetime(2026, 7, 1, 21, 30))])
    assert told(store, COMPANY_FACT) == [(5, NIGHT)]
    assert unbelieved(store) == ["filed earlier than the list of filings has it"]


@pytest.mark.parametrize("store", KINDS, indirect=True)
def test_a_filing_that_no_list_has_and_no_capture_showed_counts_from_its_capture(store: Store) -> None:
    load(store, "sec_companyfacts", COMPANY_FACT, NIGHT, [fact(ACCESSION, 5, FILED)])
    rows = [fact(ACCESSION, 5, FILED), fact(OTHER, 6, datetime(2026, 8, 3, 21, 30))]
    load(store, "sec_companyfacts", COMPANY_FACT, NIGHT + timedelta(5), rows)
    assert told(store, COMPANY_FACT) == [(5, FILED), (6, NIGHT + timedelta(5))]
    assert unbelieved(store) == ["of a filing that no list has and no earlier capture showed"]


def board(day: date, score: float) -> dict[str, object]:
    return {
        "board": "arena_text", "scored_on": day, "entrant": "a", "value": score, "document_id": str(day),
        "known_at": datetime(day.year, day.month, day.day) + timedelta(1), "known_at_basis": "day",
    }  # fmt: skip


@pytest.mark.parametrize(("days_late", "known_at", "issues"), [
    (30, datetime(2025, 6, 2), []),
    (90, datetime(2025, 6, 1) + timedelta(90), ["a day of a board that came months late, after a newer one"]),
])  # fmt: skip
def test_a_day_of_a_board_that_comes_months_late_after_a_newer_one_counts_from_its_capture(
    stores: Stores, days_late: int, known_at: datetime, issues: list[str]
) -> None:
    store = stores.empty("duckdb")
    load(store, "arena_leaderboard", LEADERBOARD_SCORE, datetime(2025, 6, 12), [board(date(2025, 6, 10), 1400)])
    load(
        store,
        "arena_leaderboard",
        LEADERBOARD_SCORE,
        datetime(2025, 6, 1) + timedelta(days_late),
        [board(date(2025, 6, 1), 1300)],
    )
    assert (1300, known_at) in told(store, LEADERBOARD_SCORE)
    store.connection.execute("CREATE SCHEMA history")
    for name, dataset in DATASETS.items():
        query = canonical_query(dataset, Kinds.of(catalog().sources), f"main.{name}")
        store.connection.execute(f"CREATE TABLE history.{name} AS {query}")
    assert reasons(store, [late_days_query()]) == issues
    store.close()
