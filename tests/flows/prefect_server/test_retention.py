"""What Prefect keeps goes by age through its own interface; the last run of each flow and everything younger stays."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.settings import Settings
from flows.prefect_server.database import database_file, prefect_home
from warehouse.home.condition import compact, sizes

NOW = datetime(2026, 11, 20, 6, 30)


@pytest.mark.server
def test_old_runs_go_with_their_artifacts_and_the_last_of_each_flow_stays(
    prefect_api: str, server_settings: Settings
) -> None:
    from prefect import flow
    from prefect.artifacts import create_markdown_artifact
    from prefect.client.orchestration import get_client

    from flows.prefect_server.retention import remove_old_runs

    @flow(name="kept nightly")
    def often() -> None:
        create_markdown_artifact("# what it did", key="kept-nightly")

    @flow(name="kept rarely")
    def rarely() -> None:
        create_markdown_artifact("# what it did", key="kept-rarely")

    ended = [("kept nightly", days) for days in (200, 120, 91, 89, 1)] + [("kept rarely", days) for days in (300, 250)]
    for _ in range(5):
        often()
    for _ in range(2):
        rarely()
    path = database_file(prefect_home(server_settings))
    with closing(sqlite3.connect(path, timeout=60)) as database:  # nobody waits ninety days for a test
        ids = database.execute(
            "SELECT r.id, f.name FROM flow_run r JOIN flow f ON f.id = r.flow_id WHERE f.name LIKE 'kept %' ORDER BY f.name, r.start_time"
        ).fetchall()
        assert [name for _, name in ids] == [name for name, _ in ended]
        for (run, _), (_, days) in zip(ids, ended, strict=True):
            at = (NOW - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S.000000")
            database.execute("UPDATE flow_run SET start_time = ?, end_time = ? WHERE id = ?", (at, at, run))
        database.commit()
    assert remove_old_runs(NOW, 90) == 4
    with closing(sqlite3.connect(path, timeout=60)) as database:
        left = database.execute(
            "SELECT f.name, r.end_time FROM flow_run r JOIN flow f ON f.id = r.flow_id WHERE f.name LIKE 'kept %' ORDER BY 1, 2"
        ).fetchall()
        artifacts = database.execute("SELECT key, count(*) FROM artifact WHERE key LIKE 'kept-%' GROUP BY 1").fetchall()
    expected = [("kept nightly", 89), ("kept nightly", 1), ("kept rarely", 250)]
    assert [(name, at[:10]) for name, at in left] == [
        (name, f"{NOW - timedelta(days=days):%Y-%m-%d}") for name, days in expected
    ]
    assert sorted(artifacts) == [("kept-nightly", 2), ("kept-rarely", 1)]
    assert remove_old_runs(NOW, 90) == 0
    with get_client(sync_client=True) as client:
        assert str(client.api_url).rstrip("/") == prefect_api
    assert datetime.now(UTC) > NOW.replace(tzinfo=UTC)


def test_a_file_of_mostly_unused_pages_is_compacted_and_one_that_is_held_is_left(tmp_path: Path) -> None:
    path = tmp_path / "prefect.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE log (text TEXT)")
        database.executemany("INSERT INTO log VALUES (?)", [("x" * 1000,)] * 2000)
        database.commit()
        assert not compact(path)  # nothing is unused
        database.execute("DELETE FROM log WHERE rowid > 100")
        database.commit()
        before = path.stat().st_size
        database.execute("BEGIN IMMEDIATE")
        assert not compact(path)
        assert path.stat().st_size == before
        database.rollback()
    assert compact(path)
    assert path.stat().st_size < before / 5
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM log").fetchall() == [(100,)]
    path.write_bytes(b"no database, and long enough to be taken for one" * 100)
    assert not compact(path)
    assert not compact(tmp_path / "none")


def test_what_a_home_takes_is_told_by_kind_and_by_age(tmp_path: Path) -> None:
    (tmp_path / "archive" / "objects" / "ab").mkdir(parents=True)
    (tmp_path / "archive" / "objects" / "ab" / "one.zst").write_bytes(b"x" * 500)
    (tmp_path / "archive" / "captures.jsonl").write_bytes(b"x" * 40)
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "a.duckdb").write_bytes(b"x" * 70)
    (tmp_path / "published" / "latest.duckdb").symlink_to("a.duckdb")
    written = (tmp_path / "published" / "a.duckdb").stat().st_mtime
    found = sizes(tmp_path, written)
    assert (found["archive"], found["journals"], found["published"]) == ((500, 500), (40, 40), (70, 70))
    assert sizes(tmp_path, written + 31 * 86400)["archive"] == (500, 0)
    assert found["Prefect"] == (0, 0)
