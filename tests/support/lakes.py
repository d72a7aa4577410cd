"""Stores of both kinds for the tests that ask the same of each: in memory, and in a lake on a PostgreSQL of the session's own."""

from __future__ import annotations

import os
import subprocess
import tempfile
from contextlib import ExitStack
from datetime import datetime, timedelta
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import postgres
import pytest
from objects import bucket, object_storage

from config.contracts import TOKEN_PRICE, Capture
from config.load import catalog
from warehouse.archive.captures import Logged, sha256_of
from warehouse.home.lake import Lake, lake_of
from warehouse.store.canonical import Kinds, canonical_query
from warehouse.store.checks import Checked
from warehouse.store.facts import Store, connect
from warehouse.store.lake import attach_lake, tables_of

KINDS = ("duckdb", "ducklake")
LIST = catalog().sources["litellm_prices"]
START = datetime(2026, 1, 1)
# Of a test that asks the same of each kind of store.
on_both = pytest.mark.parametrize("kind", KINDS)


class Stores:
    """Opens stores. PostgreSQL starts with the first lake that is asked for, and ends with `close`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.held, self.numbers = folder, ExitStack(), count()
        self.database = self.endpoint = ""
        self.shared: Store | None = None
        self.cluster: postgres.Cluster | None = None

    def empty(self, kind: str) -> Store:
        """A store without rows. That in a lake is one for all who ask: to make one takes longer than most tests."""
        if kind == "duckdb":
            return Store.open(None)
        if self.shared is None:
            self.shared = Store.open(self.lake())
            self.held.callback(self.shared.connection.close)
        emptied(self.shared)
        return self.shared

    def lake(self, *, objects: bool = False) -> Lake:
        """A lake that nobody has opened yet, its rows in a folder or among objects; skips where what it needs is absent."""
        if postgres.binary("initdb") is None:
            pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
        if find_spec("duckdb_extension_ducklake") is None:
            pytest.skip("the extensions that a lake needs are not installed (capex-signals[lake])")
        if not self.database:
            place = self.held.enter_context(tempfile.TemporaryDirectory(prefix="capex-signals-lake-"))
            self.cluster = self.held.enter_context(postgres.cluster(Path(place)))
            self.database = self.cluster.address
        name = f"lake{next(self.numbers)}"
        address = urlsplit(self.database)
        asked = ["-h", str(address.hostname), "-p", str(address.port), "-U", str(address.username)]
        subprocess.run(  # noqa: S603
            [postgres.binary("createdb") or "", *asked, name],
            check=True, capture_output=True, env={**os.environ, "PGPASSWORD": str(address.password)},
        )  # fmt: skip
        lake = lake_of(
            "ducklake:" + self.database.replace("postgresql:", "postgres:").replace("/postgres", f"/{name}"),
            self.place(name, objects=objects),
            self.folder,
            self.endpoint if objects else "",
        )
        assert lake is not None
        return lake

    def place(self, name: str, *, objects: bool) -> str:
        """Where the rows of a new lake go: a folder, or a bucket of the storage that starts with the first of these."""
        if not objects:
            return str(self.folder / name)
        if not self.endpoint:
            self.endpoint = self.held.enter_context(object_storage())
        return f"{bucket(self.endpoint, name)}/rows"

    def sever(self, lake: Lake) -> None:
        """End every connection to the lake's database, as a server that is started again does."""
        with connect(":memory:") as connection:
            attach_lake(connection, lake, read_only=True)
            query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            name = lake.catalog.rpartition("/")[2]
            connection.execute(f"ATTACH '{lake.catalog}' AS {name}_direct (TYPE postgres, READ_ONLY)")
            connection.execute(f"FROM postgres_query('{name}_direct', '{query}')").fetchall()

    def close(self) -> None:
        self.held.close()


def emptied(store: Store, *tables: str) -> Store:
    """The store without the rows of those tables, by default of all."""
    kept = {"layout", "writing"}
    for name in tables or sorted(tables_of(store.connection) - kept):
        if store.connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchall():
            store.connection.execute(f"DELETE FROM {name}")
    store.states.forget()
    return store


def capture(day: int, scope: str = "", price: float = 1.0) -> tuple[Logged, Checked]:
    """A list of forty prices, of which one changes each day."""
    stated = TOKEN_PRICE.frame(
        [
            {"provider": "p", "listing": f"{scope}-{key}", "token_kind": "input", "currency": "USD", "locator": f"/{key}",
             "value": price + (day if key == 0 else 0)}
            for key in range(40)
        ]
    )  # fmt: skip
    at = START + timedelta(days=day)
    sha = sha256_of(f"{day} {scope} {price}".encode())
    return Logged(Capture("litellm_prices", scope, "u", sha, 1, at, at), at), Checked(stated, (), 40, 0)


def rows(store: Store) -> list[tuple[object, ...]]:
    """All that the store says, in one order."""
    query = canonical_query(TOKEN_PRICE, Kinds.of(catalog().sources), "token_price")
    said = store.connection.execute(
        f"SELECT scope, listing, known_at, value, status, capture_sha256 FROM ({query}) ORDER BY ALL"
    ).fetchall()
    captures = "SELECT scope, sha256, taken_at, outcome FROM capture ORDER BY ALL"
    return said + store.connection.execute(captures).fetchall()


def beside(store: Store) -> Store:
    """The same lake as another host sees it."""
    assert store.lake is not None
    return Store.open(store.lake)
