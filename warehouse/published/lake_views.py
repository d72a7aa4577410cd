"""The published answers in a lake, for analysts who attach it: its tables, and the statements that make the views of them.

The tables of a published file go into the lake's schema `history` in one transaction. The views and macros are made by each
client in its own memory from views.sql, in the words that made those of the file: a lake keeps no macro with all that ours
need, and what a client makes itself it may change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import duckdb

from warehouse.home.lake import Lake
from warehouse.home.layout import Home, write_atomically
from warehouse.published.stage import ANSWER_VIEWS, EVIDENCE_VIEWS, FACT_VIEWS, LEAD_VIEWS, SIGHTED_VIEWS, VIEWS
from warehouse.store import lake as lakes
from warehouse.store.facts import connect

SCHEMA, WORDS = "history", "dictionary"
NAME = "views.sql"
_KEPT = re.compile(r"\s*(--[^\n]*\n\s*)*CREATE (OR REPLACE )?(MACRO|VIEW) ", re.IGNORECASE)
_HEAD = """\
-- What was published as {published}, read from the lake. Run it in any DuckDB client of version {engine}:
--   duckdb -init {name}
-- PostgreSQL asks for the password (PGPASSWORD, or .pgpass) where this address names none.
INSTALL ducklake; INSTALL postgres;
LOAD postgres; LOAD ducklake;
{objects}ATTACH '{address}' AS lake (READ_ONLY);
"""
_OBJECTS = """\
-- The keys to its objects are found as Amazon's tools find them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or ~/.aws.
INSTALL httpfs; INSTALL aws;
LOAD httpfs; LOAD aws;
{secret};
"""


def publish_to_lake(home: Home, published: Path) -> Path | None:
    """The tables of that file into the home's lake, and views.sql beside the file; None where the home has no lake.

    Raises StoreUnreachable; StoreBusy where others always write first.
    """
    if home.lake is None:
        return None
    tables = lakes.again(home.lake, partial(_copy, home.lake, published))
    target = home.published / NAME
    write_atomically(target, views_sql(home.lake, published.stem, tables).encode())
    return target


def views_sql(lake: Lake, published: str, tables: list[str]) -> str:
    """What a client runs: it attaches the lake, read-only, and makes the views and macros of the file of that name."""
    objects = _OBJECTS.format(secret=lakes.secret_for(lake)) if lake.objects else ""
    head = _HEAD.format(
        published=published, engine=duckdb.__version__, name=NAME, address=_quoted(lake.for_readers()), objects=objects
    )
    return head + made_of(tables)


def made_of(tables: list[str]) -> str:
    """The statements that make every view and macro over the tables of an attached `lake`."""
    lines = [f"CREATE SCHEMA {SCHEMA};"]
    lines.append(f"CREATE TABLE {WORDS} AS FROM lake.{SCHEMA}.{WORDS};")
    lines += [f"CREATE VIEW {SCHEMA}.{table} AS FROM lake.{SCHEMA}.{table};" for table in tables]
    return "\n".join([*lines, *_statements()]) + "\n"


def _copy(lake: Lake, published: Path) -> list[str]:
    with closing(connect(":memory:")) as connection, lakes.reached(lake):
        lakes.attach_lake(connection, lake)
        connection.execute(f"ATTACH '{_quoted(str(published))}' AS published (READ_ONLY)")
        connection.execute("BEGIN TRANSACTION")
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS lake.{SCHEMA}")
        for table in _tables(connection, "lake"):
            connection.execute(f"DROP TABLE lake.{SCHEMA}.{table}")
        connection.execute(f"CREATE TABLE lake.{SCHEMA}.{WORDS} AS FROM published.main.{WORDS}")
        tables = _tables(connection, "published")
        for table in tables:
            connection.execute(f"CREATE TABLE lake.{SCHEMA}.{table} AS FROM published.{SCHEMA}.{table}")
        connection.execute("COMMIT")
    return tables


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> list[str]:
    query = (
        "SELECT table_name FROM duckdb_tables() WHERE database_name = $database AND schema_name = $schema ORDER BY ALL"
    )
    return [name for (name,) in connection.execute(query, {"database": database, "schema": SCHEMA}).fetchall()]


def _statements() -> Iterator[str]:
    """CREATE VIEW and CREATE MACRO of the project, in the order in which they build on each other; tables are there already."""
    with closing(connect(":memory:")) as parser:
        for name in (*FACT_VIEWS, *LEAD_VIEWS, *SIGHTED_VIEWS, *EVIDENCE_VIEWS, *ANSWER_VIEWS):
            for statement in parser.extract_statements((VIEWS / f"{name}.sql").read_text("utf-8")):
                if _KEPT.match(statement.query):
                    yield statement.query.strip().removesuffix(";") + ";"


def _quoted(text: str) -> str:
    return text.replace("'", "''")
