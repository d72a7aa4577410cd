"""The universe of a home with a lake is in the lake, too, in a folder or among objects: every answer is the file's."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from filer_zips import EARLIER, LATER, declared, document, zip_of
from lakes import Stores
from small_pipeline import Clock, small_pipeline

from config.errors import Refused, StoreUnreachable
from config.load import catalog
from flows.past.bulk import load_zips
from flows.past.bulk_zip import take_zip
from flows.steps.pipeline import Pipeline
from warehouse.home.lake import Lake
from warehouse.home.layout import Home
from warehouse.published.universe import open_universe
from warehouse.store.facts import connect
from warehouse.store.lake import attach_lake

pytestmark = pytest.mark.slow("loads archives of filers into a lake")
ASKED = (
    "company_fact", "company_quarter", "company_fact_as_of('2024-07-29')", "company_quarter_as_of('2025-01-31')",
    "company_fact_as_of('2026-11-25', strict := true)", "filer", "issue", "capture", "meta",
)  # fmt: skip


def opened(root: Path, lake: Lake) -> Pipeline:
    small = small_pipeline(root, "http://127.0.0.1:9")
    sources = {**small.catalog.sources, "sec_bulk": catalog().sources["sec_bulk"]}
    return replace(
        small, catalog=small.catalog.model_copy(update={"sources": sources}), home=Home.open(root, lake), clock=Clock()
    )


def client(home: Home) -> duckdb.DuckDBPyConnection:
    """A client that runs views.sql, with the extensions of the locked packages instead of fetched ones."""
    assert home.lake is not None
    connection = connect(":memory:")
    attach_lake(connection, home.lake, read_only=True)
    text = (home.universe / "views.sql").read_text()
    connection.execute(f"CREATE SCHEMA{text.split('CREATE SCHEMA', 1)[1]}")
    return connection


@pytest.mark.parametrize("objects", [False, True], ids=["in a folder", "among objects"])
def test_a_lake_says_of_every_filer_what_the_file_says(stores: Stores, tmp_path: Path, *, objects: bool) -> None:
    pipeline = opened(tmp_path / "home", stores.lake(objects=objects))
    path = zip_of(tmp_path / "zip.zip", {**declared(), "CIK0000000042.json": document(42)})
    take_zip(pipeline, pipeline.catalog.sources["sec_bulk"], path, LATER, "")
    away = replace(pipeline, home=replace(pipeline.home, lake=Lake("postgres://127.0.0.1:9/lake", tmp_path)))
    with pytest.raises(StoreUnreachable, match="the lake does not answer"):
        load_zips(away, "sec_bulk", lambda _: None)
    said = list[str]()
    load_zips(pipeline, "sec_bulk", said.append)  # nothing new: what the lake lacks is put there
    assert "the universe holds the newest zip" in said[0]
    assert "views.sql attaches it" in said[1]
    with open_universe(pipeline.home) as file, closing(client(pipeline.home)) as lake:
        for asked in ASKED:
            query = f"SELECT count(*), sum(hash(answer)) FROM {asked} AS answer"
            found = lake.execute(query).fetchall()
            assert found == file.execute(query).fetchall(), asked
            assert found[0][0] > 0 or asked == "issue", asked
        snapshots = lake.execute("SELECT count(*) FROM ducklake_snapshots('lake')").fetchall()
        load_zips(pipeline, "sec_bulk", said.append)
        assert lake.execute("SELECT count(*) FROM ducklake_snapshots('lake')").fetchall() == snapshots
    if objects:
        return
    other = opened(tmp_path / "other", pipeline.home.lake or stores.lake())
    take_zip(
        other,
        other.catalog.sources["sec_bulk"],
        zip_of(tmp_path / "old.zip", {"CIK0000000043.json": document(43)}),
        EARLIER,
        "",
    )
    with pytest.raises(
        Refused, match="of a zip of 2026-11-20 00:00 UTC, and that of this home is of one of 2026-11-01"
    ):
        load_zips(other, "sec_bulk", said.append)
    with closing(client(pipeline.home)) as lake:
        assert lake.execute("SELECT count(*) FROM filer WHERE cik = 42").fetchall() == [(1,)]
