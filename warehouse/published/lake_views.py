"""The published answers in a lake, for analysts who attach it: its tables, and the statements that make the views of them.

The tables of a published file go into the lake's schema `history`, those of the universe into its schema `universe`, each in one
transaction. The views and macros are made by each
client in its own memory from views.sql, in the words that made those of the file: a lake keeps no macro with all that ours
need, and what a client makes itself it may change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import duckdb

from config.errors import Refused
from warehouse.home.lake import Lake
from warehouse.home.layout import Home, write_atomically
from warehouse.published.stage import ANSWER_VIEWS, EVIDENCE_VIEWS, FACT_VIEWS, LEAD_VIEWS, SIGHTED_VIEWS, VIEWS
from warehouse.store import lake as lakes
from warehouse.store.facts import connect

SCHEMA, WORDS, UNIVERSE = "history", "dictionary", "universe"
NAME = "views.sql"
UNIVERSE_VIEWS = ("10_time", "21_universe")
VIEW_FILES = (*FACT_VIEWS, *LEAD_VIEWS, *SIGHTED_VIEWS, *EVIDENCE_VIEWS, *ANSWER_VIEWS)
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


def universe_to_lake(home: Home) -> Path | None:
    """The tables of the newest universe into the home's lake, unless it has them, and views.sql beside the file; None where the
    home has no lake or no universe. Raises StoreUnreachable; StoreBusy where others always write first; Refused where the lake
    has that of a newer zip.
    """
    if home.lake is None or not home.newest_universe.exists():
        return None
    file = home.newest_universe.resolve()
    tables = lakes.again(home.lake, partial(_copy_universe, home.lake, file))
    target = home.universe / NAME
    text = _head(home.lake, file.stem) + made_of(tables, UNIVERSE, UNIVERSE_VIEWS)
    write_atomically(target, text.encode())
    return target


def views_sql(lake: Lake, published: str, tables: list[str]) -> str:
    """What a client runs: it attaches the lake, read-only, and makes the views and macros of the file of that name."""
    return _head(lake, published) + made_of(tables)


def _head(lake: Lake, published: str) -> str:
    objects = _OBJECTS.format(secret=lakes.secret_for(lake)) if lake.objects else ""
    return _HEAD.format(
        published=published, engine=duckdb.__version__, name=NAME, address=_quoted(lake.for_readers()), objects=objects
    )


def made_of(tables: list[str], schema: str = SCHEMA, files: Sequence[str] = VIEW_FILES) -> str:
    """The statements that make every view and macro of those files over the tables in that schema of an attached `lake`."""
    lines = [f"CREATE SCHEMA {SCHEMA};"]
    lines += [f"CREATE TABLE {WORDS} AS FROM lake.{SCHEMA}.{WORDS};"] if schema == SCHEMA else []
    lines += [f"CREATE VIEW {SCHEMA}.{table} AS FROM lake.{schema}.{table};" for table in tables]
    return "\n".join([*lines, *_statements(files)]) + "\n"


def _copy(lake: Lake, published: Path) -> list[str]:
    with closing(connect(":memory:")) as connection, lakes.reached(lake):
        lakes.attach_lake(connection, lake)
        connection.execute(f"ATTACH '{_quoted(str(published))}' AS published (READ_ONLY)")
        connection.execute("BEGIN TRANSACTION")
        tables = _put(connection, SCHEMA)
        connection.execute(f"CREATE TABLE lake.{SCHEMA}.{WORDS} AS FROM published.main.{WORDS}")
        connection.execute("COMMIT")
    return tables


def _copy_universe(lake: Lake, universe: Path) -> list[str]:
    with closing(connect(":memory:")) as connection, lakes.reached(lake):
        lakes.attach_lake(connection, lake)
        connection.execute(f"ATTACH '{_quoted(str(universe))}' AS published (READ_ONLY)")
        if "meta" in _tables(connection, "lake", UNIVERSE):
            query = f"SELECT published_id FROM lake.{UNIVERSE}.meta"
            if connection.execute(query).fetchall() == [(universe.stem,)]:
                return _tables(connection, "published", SCHEMA)
            _refuse_older(connection, lake)
        connection.execute("BEGIN TRANSACTION")
        tables = _put(connection, UNIVERSE)
        connection.execute("COMMIT")
    return tables


def _refuse_older(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Raises Refused where another home has put the universe of a newer zip there: readers would lose what it tells."""
    query = f"SELECT (SELECT max(taken_at) FROM lake.{UNIVERSE}.capture), max(taken_at) FROM published.{SCHEMA}.capture"
    [(theirs, ours)] = connection.execute(query).fetchall()
    if theirs > ours:
        raise Refused(
            f"another home has put a universe there of a zip of {theirs:%Y-%m-%d %H:%M} UTC, and that of this home is of one of "
            f"{ours:%Y-%m-%d %H:%M}: the lake keeps the newer one, and this home its file",
            place=str(lake),
            remedy="load a zip here that is as new, or none with this CAPEX_SIGNALS_STORE",
        )


def _put(connection: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    """That schema of the lake anew, with the tables of the attached file."""
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS lake.{schema}")
    for table in _tables(connection, "lake", schema):
        connection.execute(f"DROP TABLE lake.{schema}.{table}")
    tables = _tables(connection, "published", SCHEMA)
    for table in tables:
        connection.execute(f"CREATE TABLE lake.{schema}.{table} AS FROM published.{SCHEMA}.{table}")
    return tables


def _tables(connection: duckdb.DuckDBPyConnection, database: str, schema: str) -> list[str]:
    query = (
        "SELECT table_name FROM duckdb_tables() WHERE database_name = $database AND schema_name = $schema ORDER BY ALL"
    )
    return [name for (name,) in connection.execute(query, {"database": database, "schema": schema}).fetchall()]


def _statements(files: Sequence[str]) -> Iterator[str]:
    """CREATE VIEW and CREATE MACRO of the project, in the order in which they build on each other; tables are there already."""
    with closing(connect(":memory:")) as parser:
        for name in files:
            for statement in parser.extract_statements((VIEWS / f"{name}.sql").read_text("utf-8")):
                if _KEPT.match(statement.query):
                    yield statement.query.strip().removesuffix(";") + ";"


def _quoted(text: str) -> str:
    return text.replace("'", "''")
