"""The quick question whether rows keep the contract has the answer of the schema that says which row breaks which rule."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from config.contract_checks import checks, keeps
from config.contracts import DATASETS, INSTANT, Column, Dataset

VALUES: dict[Any, list[Any]] = {
    pl.String: ["USD", "reported", "", None, "XXX"],
    pl.Float64: [1.5, 0.0, None, float("nan"), float("inf"), float("-inf")],
    pl.Int64: [1, None],
    pl.Int32: [1, None],
    pl.Date: [date(2025, 2, 25), None],
    pl.Boolean: [True, None],
    INSTANT: [datetime(2025, 2, 25), None],
}


def good(column: Column) -> Any:
    return "reported" if column.name == "status" else VALUES[column.dtype][0]


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
def test_the_quick_question_has_the_answer_of_the_schema(dataset: Dataset) -> None:
    def frame(*rows: dict[str, Any]) -> pl.DataFrame:
        return pl.DataFrame(list(rows), schema=dataset.stated_schema)

    row = {column.name: good(column) for column in dataset.stated}
    assert keeps(dataset, frame(row))
    assert keeps(dataset, frame())
    broken = 0
    for column in dataset.stated:
        for value in VALUES[column.dtype]:
            rows = frame(row, {**row, column.name: value})
            kept = keeps(dataset, rows)
            assert kept == checks(dataset).is_valid(rows), (column.name, value)
            broken += not kept
    assert broken >= sum(not column.nullable for column in dataset.stated)


def test_a_load_brings_nothing_that_only_a_fetch_or_a_broken_row_needs() -> None:
    loading = "import sys, flows.steps.load, warehouse.store.facts; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", loading], capture_output=True, text=True, check=True)  # noqa: S603
    assert {"polars", "duckdb"} <= set(done.stdout.split())
    assert not {"dataframely", "sqlalchemy", "numpy", "requests", "prefect"} & set(done.stdout.split())
