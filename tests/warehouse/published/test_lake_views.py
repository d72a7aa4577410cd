"""What an analyst reads through views.sql from a lake is what the published file says."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb
from lakes import Stores
from published_file import analyst, rows

from warehouse.home.layout import Home
from warehouse.published.lake_views import made_of, publish_to_lake
from warehouse.store.facts import connect
from warehouse.store.lake import attach_lake
from warehouse.store.whole import captures_held

ASKED = (
    "company_quarter", "company_quarter_as_of('2025-02-25')", "token_price_on(DATE '2025-02-25')", "verdict", "openai_lead",
    "verdict_as_of('2025-02-25')", "event", "next_evidence", "depreciation_wave", "dictionary", "leaderboard_score_as_of(DATE '2024-07-30')",
)  # fmt: skip
MADE = (
    "SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main' AND NOT temporary ORDER BY 1",
    "SELECT DISTINCT function_name FROM duckdb_functions() WHERE NOT internal AND schema_name = 'main' ORDER BY 1",
)


def client(home: Home) -> duckdb.DuckDBPyConnection:
    """A client that runs views.sql, with the extensions of the locked packages instead of fetched ones."""
    assert home.lake is not None
    connection = connect(":memory:")
    attach_lake(connection, home.lake, read_only=True)
    text = (home.published / "views.sql").read_text()
    attached, made = text.split("CREATE SCHEMA", 1)
    assert f"ATTACH '{home.lake.for_readers()}' AS lake (READ_ONLY);" in attached
    assert "only-for-tests" not in text
    connection.execute(f"CREATE SCHEMA{made}")
    return connection


def test_views_over_a_lake_say_what_the_file_says(published: Path, stores: Stores, tmp_path: Path) -> None:
    home, file = Home.open(tmp_path, stores.lake()), Home(published).latest.resolve()
    assert publish_to_lake(home, file) == home.published / "views.sql"
    publish_to_lake(home, file)  # the next night's takes the place of the first
    with analyst(published) as cs, closing(client(home)) as lake:
        for query in MADE:
            assert rows(lake, query) == [name for name in rows(cs, query) if name != ("cs",)]
        for asked in ASKED:
            query = f"SELECT count(*), sum(hash(answer)) FROM {asked} AS answer"
            assert rows(lake, query) == rows(cs, query), asked
            assert rows(lake, query)[0][0] > 0, asked
    assert home.lake is not None
    assert captures_held(home.lake) == set()  # what is published there is no store


def test_a_home_without_a_lake_publishes_into_none(tmp_path: Path) -> None:
    assert publish_to_lake(Home.open(tmp_path), tmp_path / "absent.duckdb") is None
    assert made_of([]).startswith("CREATE SCHEMA history;")
