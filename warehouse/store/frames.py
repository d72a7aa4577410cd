"""Polars frames in and out of DuckDB over the Arrow stream, which needs no pyarrow (`.pl()` and register() do)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb
import polars as pl


class _Stream:
    """A frame as DuckDB sees it: anything with an Arrow stream."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.frame.__arrow_c_stream__(requested_schema)


@contextmanager
def offered(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> Iterator[None]:
    """The frame as a view `name` while the block runs."""
    stream = _Stream(frame)
    connection.register(name, stream)
    try:
        yield
    finally:
        connection.unregister(name)
        stream.frame = frame.clear()  # a transaction holds on to what was registered in it until it ends


def read(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, Any] | None = None
) -> pl.DataFrame:
    """The rows of a query as a frame."""
    return pl.DataFrame(connection.sql(query, params=dict(parameters or {})))
