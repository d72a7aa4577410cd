"""What documents say, for any history: values that come, go and return, documents issued again whole or in part, in any order.

The rule is worked out a second time here, history by history and without SQL. Three documents speak of each series; a capture
shows of each a value or none, and is whole or a part. 2,000 histories for each dataset.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from lakes import Stores, emptied

from config.contracts import DATASETS, LEADERBOARD_SCORE, TOKEN_PRICE, Capture, Dataset
from config.specs import SourceSpec
from warehouse.archive.captures import Logged, sha256_of
from warehouse.store.canonical import Kinds, canonical_query
from warehouse.store.checks import Checked
from warehouse.store.facts import Store

pytestmark = pytest.mark.slow("two thousand generated histories a dataset")

START = datetime(2025, 1, 1)
# The days from which the documents' own dates say they were known: two between captures, one at the instant of a capture.
DOCUMENTS = {"d1": 0.5, "d2": 3.5, "d3": 5}
DAYS = range(1, 7)
ROUNDS, HISTORIES = 4, 500
FILLED: dict[Any, Any] = {pl.String: "x", pl.Date: date(2024, 6, 30)}

History = dict[int, dict[str, float]]  # capture day -> document -> value


def spec(dataset: Dataset) -> SourceSpec:
    return SourceSpec.model_validate(
        {
            "id": "told", "title": "t", "publisher": "p", "homepage": "h", "dataset": dataset.name, "kind": "statement",
            "licence": {"name": "MIT", "redistribution": True}, "tier": 3, "order": 1, "addresses": (), "fetched": False,
            "max_bytes": 1, "cadence_days": 1, "stale_after_days": 10, "known_at": {"proof": "document_date"},
            "rows": {"min": 0, "max": 10**6}, "whole_document": dataset is not LEADERBOARD_SCORE,
        }
    )  # fmt: skip


def name_column(dataset: Dataset) -> str:
    """A text of the key that tells the histories apart; boards tell their days by it as well."""
    if dataset is LEADERBOARD_SCORE:
        return "entrant"
    return next(column.name for column in dataset.own if column.name in dataset.key and column.dtype == pl.String)


def rows(dataset: Dataset, said: dict[str, dict[str, float]]) -> pl.DataFrame:
    """The rows of one capture: series -> document -> value."""
    filled = {column.name: FILLED[column.dtype] for column in dataset.own if column.name in dataset.key}
    return dataset.frame(
        [
            {**filled, name_column(dataset): name, "document_id": document, "value": value,
             "known_at": START + timedelta(days=DOCUMENTS[document]), "known_at_basis": "day", "locator": f"/{name}/{document}"}
            for name, documents in said.items() for document, value in documents.items()
        ]
    )  # fmt: skip


def taken(day: float) -> datetime:
    return START + timedelta(days=day)


def load(store: Store, dataset: Dataset, day: int, said: dict[str, dict[str, float]], *, whole: bool) -> None:
    table = rows(dataset, said)
    sha = sha256_of(f"{sorted(said.items())}".encode())
    logged = Logged(Capture("told", "", "u", sha, 1, taken(day), taken(day)), taken(day))
    if store.repeats(logged.capture):
        store.sight(logged, "unchanged")
    else:
        store.load(spec(dataset), logged, Checked(table, (), 1000 if whole else 10, 0))


def some_history(rng: random.Random) -> History:
    return {
        day: {
            name: rng.choice([1.0, 2.0])
            for name, known in DOCUMENTS.items()
            if known <= day and rng.random() < 0.7
        }
        for day in DAYS
    }  # fmt: skip


def states(history: History, document: str, whole: set[int]) -> list[tuple[float, float | None]]:
    """(day from which it counts, value; None: withdrawn) of one document, in the order of the captures."""
    found: list[tuple[float, float | None]] = []
    for day in sorted(history):
        value = history[day].get(document)
        if value is None and day not in whole:
            continue  # a part of the document says nothing of what it leaves out
        if not found and value is None:
            continue
        if not found:
            found.append((DOCUMENTS[document], value))
        elif value != found[-1][1]:
            found.append((float(day), value))
    return found


def answer(history: History, when: float, whole: set[int]) -> float | None:
    """What was known at that time: of the documents that stand the later one speaks."""
    for document in sorted(DOCUMENTS, reverse=True):
        counting = [value for since, value in states(history, document, whole) if since <= when]
        if counting and counting[-1] is not None:
            return counting[-1]
    return None


def read_out(store: Store, dataset: Dataset) -> None:
    """The canonical rows of the dataset, as a table `told`."""
    query = canonical_query(dataset, Kinds(whole=("told",)), dataset.name)
    store.connection.execute(f"CREATE OR REPLACE TEMP TABLE told AS {query}")
    # A row that stands twice is one of two at random where only one is shown.
    rank = f"{name_column(dataset)}, known_at, form_rank, decimals, document_id, capture_sha256, locator"
    twice = f"SELECT {rank} FROM told GROUP BY {rank} HAVING count(*) > 1"
    assert store.connection.execute(twice).fetchall() == []


def answers(store: Store, dataset: Dataset, when: float) -> dict[str, float]:
    name = name_column(dataset)
    # Announced prices are kept document by document, and the price book lets the newest speak.
    series = f"{name}, document_id" if dataset is TOKEN_PRICE else name
    found = store.connection.execute(
        f"""SELECT {name}, w.value FROM (
            SELECT {name}, arg_max(p, ROW(known_at, form_rank, decimals, document_id, capture_sha256, locator)) AS w
            FROM told p WHERE known_at <= ? GROUP BY {series}) WHERE w.status <> 'absent' ORDER BY w.document_id""",
        [taken(when)],
    ).fetchall()
    return dict(found)


@pytest.fixture(scope="module")
def store(stores: Stores, request: pytest.FixtureRequest) -> Store:
    return stores.empty(getattr(request, "param", "duckdb"))


def rounds(store: Store) -> int:
    """In a lake each capture takes fifty times as long, and the statements are the same."""
    return 1 if store.lake else ROUNDS


STATED = [("duckdb", dataset) for dataset in DATASETS.values() if dataset is not LEADERBOARD_SCORE]
IN_A_LAKE = [("ducklake", DATASETS[name]) for name in ("company_fact", "token_price")]


@pytest.mark.parametrize(
    ("store", "dataset"), STATED + IN_A_LAKE, indirect=["store"], ids=lambda part: getattr(part, "name", part)
)
def test_what_documents_say_in_any_order(store: Store, dataset: Dataset) -> None:
    rng = random.Random(dataset.name)  # noqa: S311
    for _ in range(rounds(store)):
        emptied(store)
        histories = {f"h{number}": some_history(rng) for number in range(HISTORIES)}
        # The fullest capture comes first, or a part would be the most that was ever seen of the document.
        whole = {1, *(day for day in DAYS if rng.random() < 0.7)}
        for day in rng.sample(list(DAYS), k=len(DAYS)):
            load(store, dataset, day, {name: told[day] for name, told in histories.items()}, whole=day in whole)
        read_out(store, dataset)
        for when in (0.75, 1.25, 3.25, 3.75, 4.25, 5.25, 6.25):
            due = {name: answer(told, when, whole) for name, told in histories.items()}
            assert answers(store, dataset, when) == {name: value for name, value in due.items() if value is not None}


def board_answer(history: History, document: str, when: float, shown: set[int]) -> float | None:
    """The same of one day of a board, which a capture shows whole or not at all."""
    state: float | None = None
    for day in sorted(shown):
        if (DOCUMENTS[document] if day == min(shown) else day) <= when:
            state = history[day].get(document)
    return state


@pytest.mark.parametrize(
    ("store", "document"), [*(("duckdb", name) for name in DOCUMENTS), ("ducklake", "d2")], indirect=["store"]
)
def test_what_a_day_of_a_board_says_in_any_order(store: Store, document: str) -> None:
    rng = random.Random(document)  # noqa: S311
    for _ in range(rounds(store)):
        emptied(store)
        histories = {f"h{number}": some_history(rng) for number in range(HISTORIES)}
        shown = {day for day in DAYS if day >= DOCUMENTS[document] and rng.random() < 0.7} or {max(DAYS)}
        for day in rng.sample(sorted(shown), k=len(shown)):
            said = {
                name: {document: told[day][document]} if document in told[day] else {}
                for name, told in histories.items()
            }
            load(store, LEADERBOARD_SCORE, day, said, whole=True)
        read_out(store, LEADERBOARD_SCORE)
        for when in (0.75, 1.25, 3.25, 3.75, 4.25, 5.25, 6.25):
            due = {name: board_answer(told, document, when, shown) for name, told in histories.items()}
            assert answers(store, LEADERBOARD_SCORE, when) == {
                name: value for name, value in due.items() if value is not None
            }


def test_a_wrong_value_that_is_put_right_is_three_rows(store: Store) -> None:
    fx = DATASETS["fx_rate"]
    emptied(store)
    for day, value in ((1, 8.2), (2, 9.9), (3, 8.2)):
        load(store, fx, day, {"CNY": {"d1": value}}, whole=True)
    read_out(store, fx)
    assert [answers(store, fx, when)["CNY"] for when in (0.75, 1.25, 2.25, 3.25)] == [8.2, 8.2, 9.9, 8.2]


def test_a_figure_mended_in_an_old_filing_does_not_hide_the_restatement_in_a_newer_one(store: Store) -> None:
    facts = DATASETS["company_fact"]
    emptied(store)
    load(store, facts, 4, {"MSFT": {"d1": 5.0, "d2": 7.0}}, whole=True)
    load(store, facts, 5, {"MSFT": {"d1": 6.0, "d2": 7.0}}, whole=True)
    load(store, facts, 6, {"MSFT": {"d1": 6.0}}, whole=True)
    read_out(store, facts)
    assert [answers(store, facts, when)["MSFT"] for when in (0.75, 4.25, 5.25, 6.25)] == [5.0, 7.0, 7.0, 6.0]
