"""The store in DuckLake: the same tables, statements and rules as in the file, with what a lake lacks put in their place.

A lake has no keys, and several hosts write to it. Each write begins by counting in a table of one row. Of two that overlap the
catalog then refuses the second as a conflict, and it begins again on what the first has left (`Overtaken`): what is
new is found out, and added, in one transaction that nobody else's can fall into.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar

import duckdb

from config.errors import StoreBusy, StoreUnreachable
from warehouse.home.disk import is_disk_fault
from warehouse.home.lake import Lake

# The scanner first: a lake that lacks it would have it fetched from the network.
EXTENSIONS = ("postgres_scanner", "ducklake")
FOR_OBJECTS = ("httpfs", "aws")
# Where keys are looked for, as Amazon's own tools do: the environment, ~/.aws, the machine's role.
CHAIN = "env;config;instance"
GUARD = "writing"
BEGIN_WRITING = f"UPDATE {GUARD} SET writes = writes + 1"
# How the catalog says that another transaction was first.
CONFLICT = ("conflict", "Conflict", "maximum retry count")
OURS = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.ConversionException)
_FOR_KEYS = "its objects need AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and, where they are not Amazon's, AWS_ENDPOINT_URL; "
# DuckDB then advises its own option, by which rows of one lake would lie in two places.
_OTHER_PLACE = re.compile(r'does not match existing data path in the catalog "(.+?)/*"')
TRIES, LONGEST_WAIT_S = 12, 2.0

Done = TypeVar("Done")


class Overtaken(Exception):
    """Another host has written to the lake since this write began; nothing of it was taken."""


def attach_lake(connection: duckdb.DuckDBPyConnection, lake: Lake, *, read_only: bool = False) -> None:
    """The lake as database `lake`. Raises StoreUnreachable naming it and what is missing."""
    if lake.objects:
        reach_objects(connection, lake)
    for name in EXTENSIONS:
        load_extension(connection, lake, name)
    options = [f"DATA_PATH '{_quoted(lake.data)}/'", "DATA_INLINING_ROW_LIMIT 0"]
    if read_only:
        options.append("READ_ONLY")
    with reached(lake):
        connection.execute(f"ATTACH '{_quoted(f'ducklake:postgres:{lake.catalog}')}' AS lake ({', '.join(options)})")
        if not lake.objects and not read_only:  # of a folder that the catalog refuses none is made
            Path(lake.data).mkdir(parents=True, exist_ok=True)


def reach_objects(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Let a connection read and write the objects of a lake. Raises StoreUnreachable naming what is missing."""
    for name in FOR_OBJECTS:
        load_extension(connection, lake, name)
    with reached(lake):
        connection.execute(secret_for(lake))


def load_extension(connection: duckdb.DuckDBPyConnection, lake: Lake, name: str) -> None:
    """An extension of the locked packages. Raises StoreUnreachable where it is not installed."""
    connection.execute(f"LOAD '{_quoted(_extension(lake, name))}'")


def secret_for(lake: Lake) -> str:
    """The statement by which DuckDB finds the keys to the rows of a lake among objects. No key stands in it."""
    where = [f"SCOPE '{_quoted(lake.objects)}'"]
    if lake.endpoint:
        scheme, _, host = lake.endpoint.partition("://")
        where += [f"ENDPOINT '{_quoted(host)}'", "URL_STYLE 'path'", f"USE_SSL {str(scheme == 'https').lower()}"]
    return (
        f"CREATE OR REPLACE SECRET lake_rows (TYPE s3, PROVIDER credential_chain, CHAIN '{CHAIN}', {', '.join(where)})"
    )


def connect_lake(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """The lake as the database in use, with the table that guards it. Raises StoreUnreachable, Overtaken."""
    attach_lake(connection, lake)
    with reached(lake):
        connection.execute("USE lake")
        if GUARD in tables_of(connection):
            return
        connection.execute("BEGIN TRANSACTION")
        connection.execute(f"CREATE TABLE {GUARD} (writes BIGINT NOT NULL)")
        connection.execute(f"INSERT INTO {GUARD} VALUES (0)")
        connection.execute("COMMIT")
        # Rows of facts are wide: kept in the catalog, some could not be read back. The guard's would be a file for each capture.
        connection.execute(f"CALL lake.set_option('data_inlining_row_limit', 10, table_name => '{GUARD}')")


@contextmanager
def reached(lake: Lake) -> Iterator[None]:
    """What the catalog or the folder of rows refuses while the block runs, as Overtaken or StoreUnreachable."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        if is_disk_fault(error) or isinstance(error, OURS):
            raise
        overtaken = isinstance(error, duckdb.TransactionException) and any(word in str(error) for word in CONFLICT)
        raise (Overtaken() if overtaken else _unreachable(lake, error)) from None  # the error may quote the password


def again(lake: Lake, write: Callable[[], Done]) -> Done:
    """What `write` gives, begun anew as often as others come first. Raises StoreBusy where they always do."""
    for tried in range(TRIES):
        try:
            with reached(lake):
                return write()
        except Overtaken:
            time.sleep(random.uniform(0, min(LONGEST_WAIT_S, 0.05 * 2**tried)))  # noqa: S311  two hosts must not meet again
    raise StoreBusy(
        f"others wrote to the lake at each of {TRIES} tries", place=str(lake), remedy="run again when fewer hosts write"
    )


def tables_of(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The tables of the database in use."""
    query = "SELECT table_name FROM duckdb_tables() WHERE (database_name, schema_name) = (current_database(), current_schema())"
    return {name for (name,) in connection.execute(query).fetchall()}


def fill_anew(connection: duckdb.DuckDBPyConnection, built: Path, tables: Iterable[str]) -> None:
    """Every table of the lake in use anew by the statements `tables`, with the rows of the file `built`. In one transaction:
    readers see the old rows or the new ones.
    """
    connection.execute(f"ATTACH '{_quoted(built)}' AS built (READ_ONLY)")
    connection.execute("BEGIN TRANSACTION")
    connection.execute(BEGIN_WRITING)
    for name in tables_of(connection) - {GUARD}:
        connection.execute(f"DROP TABLE {name}")
    for statement in tables:
        connection.execute(statement)
    for name in tables_of(connection) - {GUARD}:
        connection.execute(f"INSERT INTO {name} BY NAME FROM built.{name}")
    connection.execute("COMMIT")


def copy_out(connection: duckdb.DuckDBPyConnection, lake: Lake, tables: Iterable[str]) -> None:
    """The lake's rows into the empty database in use, all of one instant; the statements `tables` make its tables."""
    attach_lake(connection, lake, read_only=True)
    with reached(lake):
        connection.execute("BEGIN TRANSACTION")
        for statement in tables:
            connection.execute(statement)
        for name in tables_of(connection):
            connection.execute(f"INSERT INTO {name} BY NAME FROM lake.{name}")
        connection.execute("COMMIT")


def _extension(lake: Lake, name: str) -> Path:
    found = find_spec(f"duckdb_extension_{name}")
    places = found.submodule_search_locations if found else None
    for place in places or ():
        path = Path(place) / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
        if path.is_file():
            return path
    raise StoreUnreachable(
        f"DuckDB {duckdb.__version__} lacks its extension {name}, which a lake needs",
        place=str(lake),
        remedy="install capex-signals[lake] (in a checkout `make clean` and `make nightly` do)",
    )


def _unreachable(lake: Lake, error: Exception) -> StoreUnreachable:
    if there := _OTHER_PLACE.search(str(error)):
        return StoreUnreachable(
            f"the rows of this lake lie in {there[1]}, and CAPEX_SIGNALS_STORE_DATA names {lake.data}",
            place=str(lake),
            remedy=f"set CAPEX_SIGNALS_STORE_DATA to {there[1]}, or CAPEX_SIGNALS_STORE to another lake; nothing is written",
        )
    return StoreUnreachable(
        f"the lake does not answer: {lake.without_secret(str(error)).strip()}",
        place=str(lake),
        remedy="start its PostgreSQL, or correct CAPEX_SIGNALS_STORE and CAPEX_SIGNALS_STORE_DATA (all hosts name one place); "
        f"{_FOR_KEYS if lake.objects else ''}nothing is half-written",
    )


def _quoted(place: Path | str) -> str:
    return str(place).replace("'", "''")
