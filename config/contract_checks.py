"""What the rows of a dataset must keep to, made from its columns: required columns, currencies, statuses, finite numbers.

`keeps` asks whether all of them do; `checks` is the same as a schema of dataframely, which says which row breaks which rule.
Its import brings SQLAlchemy and NumPy, which nothing else in a load needs, and hardly a capture breaks a rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl

from config.contracts import CURRENCIES, INSTANT, STATUSES, Column, Dataset

if TYPE_CHECKING:
    import dataframely as dy


def keeps(dataset: Dataset, rows: pl.DataFrame) -> bool:
    """Whether every row, of the contract's columns and types, keeps the contract."""
    return bool(rows.select(pl.all_horizontal(_kept(dataset))).item())


@cache
def _kept(dataset: Dataset) -> tuple[pl.Expr, ...]:
    return tuple(rule for column in dataset.stated for rule in _rules(column))


def _rules(column: Column) -> Iterator[pl.Expr]:
    stated = pl.col(column.name)
    if not column.nullable:
        yield stated.null_count() == 0
    if column.dtype == pl.Float64:
        yield stated.is_finite().all()
    if allowed := _allowed(column):
        yield stated.is_in(allowed).all()


def _allowed(column: Column) -> tuple[str, ...]:
    if column.name == "currency" and not column.nullable:
        return CURRENCIES
    return STATUSES if column.name == "status" else ()


@cache
def checks(dataset: Dataset) -> type[dy.Schema]:
    """The dataframely schema of a dataset's stated columns: types, required columns, statuses, finite numbers."""
    import dataframely as dy  # noqa: PLC0415  see above

    body: dict[str, Any] = {column.name: _check(column) for column in dataset.stated}
    return type(f"{dataset.name}_contract", (dy.Schema,), {"__annotations__": {}, **body})


def _check(column: Column) -> Any:
    import dataframely as dy  # noqa: PLC0415

    if allowed := _allowed(column):
        return dy.String(nullable=column.nullable, check=lambda stated: stated.is_in(list(allowed)))
    kinds: dict[Any, Any] = {
        pl.String: dy.String, pl.Float64: dy.Float64, pl.Int64: dy.Int64, pl.Int32: dy.Int32, pl.Date: dy.Date,
        pl.Boolean: dy.Bool,
    }  # fmt: skip
    if column.dtype == INSTANT:
        return dy.Datetime(nullable=column.nullable, time_unit="us")
    return kinds[column.dtype](nullable=column.nullable)
