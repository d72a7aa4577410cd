"""The universe: every filer of a bulk load in one read-only file, beside the followed companies and never among them.

It is put together from slices (slices.py), in the order of the filers' numbers, and swapped in when it is whole; who has
the file before open keeps it. A filer that a later zip does not name, or whose document could not be read, stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import orjson
import polars as pl

from config.contracts import COMPANY_FACT, Issue
from config.dictionary import dictionary
from config.errors import NotPublished
from config.version import code_version
from warehouse.archive.bulk import BulkArchive
from warehouse.archive.captures import Logged, record_of
from warehouse.home.disk import faults_named
from warehouse.home.layout import Home, sync_folder
from warehouse.published.beside_held import GONE
from warehouse.published.slices import PARTS, Slices, issue_rows
from warehouse.published.stage import VIEWS
from warehouse.published.swap import opened, unreadable
from warehouse.store.facts import connect
from warehouse.store.frames import offered, read

AHEAD = timedelta(days=7)  # see store/checks.py
TAGGED = "xbrl"
# What is derived, and what counts anew or no more since a later filing, is known by the filing that shows it.
AS_LOADED = "known_at_basis <> 'latest_input'"
AT_ONCE = 32  # slices, some 3,000,000 rows
BROKEN = {
    "every fact is known at some instant, and that is not far in the future": "known_at IS NULL OR known_at > $latest",
    "no number is infinite or not a number": "NOT isfinite(value)",
    "a derived figure names its inputs": "status = 'derived' AND (formula IS NULL OR inputs IS NULL)",
}
COMMENTS = {
    "VIEW filer": "One row for each filer of the universe, with the fiscal calendar found in its annual reports.",
    "VIEW issue": "What was kept out of the universe, or is remarked of it, with its position in the zip.",
    "VIEW capture": "The zips the universe was built from.",
    "VIEW meta": "What this file is: when it was built, and by which code.",
    "VIEW company_fact": "Every figure of every filer as known now (SET VARIABLE as_of moves it), as filed, with derived quarters.",
    "VIEW company_quarter": "The figures that have a metric, of quarters and balance days, as known now.",
    "MACRO TABLE company_fact_as_of": "company_fact as known at t; strict := true: as loaded here by t.",
    "MACRO TABLE company_quarter_as_of": "company_quarter as known at t; strict := true: as loaded here by t.",
}
BACKFILL = "`capex-signals backfill --source sec_bulk --from DAY --to DAY --mode fill`"
LOADED = f"run `capex-signals ingest sec_bulk companyfacts.zip`, or {BACKFILL}"
REBUILT = (
    f"move it away and run {BACKFILL} with the day of the newest zip: it is built anew from the zips under archive/bulk"
)
WITHOUT = (
    "taken {taken_at:%Y-%m-%d %H:%M} UTC: who was in it alone is not here, and what a later zip tells in place of its figures counts "
    "from the filings. Remedy: restore it under archive/bulk, move the universe away and load again"
)
CIK = "the filer's number at the SEC (Central Index Key)"


def open_universe(home: Home) -> duckdb.DuckDBPyConnection:
    """The newest universe, read-only. Raises Refused when there is none yet, or none that can be opened."""
    return opened(home.newest_universe, "universe", "no universe has been loaded yet", LOADED, REBUILT)


@contextmanager
def damage_named(home: Home) -> Iterator[None]:
    """Raises Refused for what cannot be read of the newest universe while the block runs: it is damaged, or of another build."""
    try:
        yield
    except (duckdb.IOException, duckdb.SerializationException, duckdb.BinderException) as error:
        raise unreadable(home.newest_universe, "universe", error, REBUILT) from error


def held(home: Home) -> tuple[str, datetime | None, str]:
    """(name, instant and sha256 of its newest zip) of the universe that is there; empty where there is none."""
    if not home.newest_universe.exists():
        return "", None, ""
    with damage_named(home), open_universe(home) as universe:
        found = universe.execute(
            "SELECT taken_at, sha256 FROM history.capture ORDER BY taken_at DESC, sha256 DESC LIMIT 1"
        ).fetchall()
    return home.newest_universe.resolve().name, found[0][0], found[0][1]


def facts_held(universe: duckdb.DuckDBPyConnection | None, ciks: list[int]) -> pl.DataFrame:
    """What the universe holds of these filers as rows of company_fact, as they were loaded."""
    if universe is None or not ciks:
        return COMPANY_FACT.schema.to_frame()
    names = ", ".join(name for name in COMPANY_FACT.schema if name != "period_start")
    rows = read(
        universe,
        f"SELECT {names}, coalesce(stated_start, period_start) AS period_start FROM history.company_period "
        f"WHERE cik IN ({', '.join(map(str, ciks))}) AND {AS_LOADED}",
    )
    # What was loaded had the tag's definition and was reported or gone: a metric's own, a doubt and a remark were laid upon it.
    status = pl.when(pl.col("status") == GONE).then(pl.lit(GONE)).otherwise(pl.lit("reported"))
    loaded = rows.with_columns(definition=pl.lit(TAGGED), status=status, note=None)
    return loaded.select(COMPANY_FACT.schema.names()).cast(COMPANY_FACT.schema)


def publish_universe(home: Home, slices: Slices, count: int, newest: Logged, published_at: datetime) -> Path:
    """One file of all slices and of the filers they lack, swapped in. Raises NotPublished when an invariant fails."""
    name = f"{published_at:%Y%m%dT%H%M%S}-{newest.capture.sha256[:12]}"
    folder = home.scratch_folder("universe")
    path = folder / f"{name}.duckdb"
    with faults_named(home.universe):
        try:
            with closing(connect(path)) as connection:
                connection.execute("SET checkpoint_threshold = '256MB'")
                _fill(connection, slices, count)
                _note(connection, newest, published_at, name)
                before = _carry_over(connection, home, newest)
                _check(connection, published_at, before)
                _describe(connection)
                connection.execute("CHECKPOINT")
            path.chmod(0o444)
            target = home.universe / path.name
            path.rename(target)
        finally:
            path.unlink(missing_ok=True)
            path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
            folder.rmdir()
    _point(home, target)
    return target


def _fill(connection: duckdb.DuckDBPyConnection, slices: Slices, count: int) -> None:
    """Some slices in a statement: one by one, the last rows of each are written to the log and packed once more."""
    connection.execute("CREATE SCHEMA history")
    folders = slices.files()
    with slices.place.reached_by(connection):
        for first in range(0, count, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, count))
            for part in PARTS:
                files = ", ".join(_literal(f"{folders[number]}/{part}.parquet") for number in numbers)
                into = f"INSERT INTO history.{part}" if first else f"CREATE TABLE history.{part} AS"
                connection.execute(f"{into} FROM read_parquet([{files}])")


def _carry_over(connection: duckdb.DuckDBPyConnection, home: Home, newest: Logged) -> int:
    """The filers of the universe before that this load has not; gives how many facts that one had of all."""
    if not home.newest_universe.exists():
        _note_gone(connection, home, newest)
        return 0
    before = str(home.newest_universe.resolve()).replace("'", "''")
    with damage_named(home):
        return _carried(connection, before)


def _carried(connection: duckdb.DuckDBPyConnection, before: str) -> int:
    connection.execute(f"ATTACH '{before}' AS before (READ_ONLY)")
    missing = "WHERE cik NOT IN (SELECT cik FROM loaded)"
    connection.execute("CREATE TEMP TABLE loaded AS SELECT DISTINCT cik FROM history.filer")
    for part in ("company_period", "filer"):
        connection.execute(f"INSERT INTO history.{part} BY NAME FROM before.history.{part} {missing}")
    for table in ("issue", "capture"):
        connection.execute(f"INSERT INTO history.{table} BY NAME FROM before.history.{table}")
    [(facts,)] = connection.execute("SELECT coalesce(sum(facts), 0) FROM before.history.filer").fetchall()
    connection.execute("DETACH before")
    return int(facts)


def _note_gone(connection: duckdb.DuckDBPyConnection, home: Home, newest: Logged) -> None:
    """Built from the zips that lie here, the universe lacks what others told first: without them that counts as known too early."""
    kept, capture = BulkArchive(home), newest.capture
    # Of the newest zip at hand, not of the first one that is built upon: then the run that ends with it says so.
    last = kept.newest(capture.source) or newest
    shared = {
        "source": capture.source, "scope": "", "capture_sha256": last.capture.sha256, "captured_at": last.capture.taken_at,
        "first_seen_at": last.logged_at,
    }  # fmt: skip
    issues = [
        Issue("a zip is gone", f"{gone.sha256}.zip", WITHOUT.format(taken_at=gone.taken_at), "refused")
        for gone in (logged.capture for logged in kept.gone(capture.source))
        if gone.sha256 != capture.sha256
    ]
    with offered(connection, "put_rows", issue_rows(issues, shared)):
        connection.execute("INSERT INTO history.issue BY NAME FROM put_rows")


def _note(connection: duckdb.DuckDBPyConnection, newest: Logged, published_at: datetime, name: str) -> None:
    record = record_of(newest)
    rows = [{**record, "headers": orjson.dumps(record["headers"], option=orjson.OPT_SORT_KEYS).decode()}]
    meta = pl.DataFrame([{"published_id": name, "published_at": published_at, "code_version": code_version()}])
    for table, frame in (("capture", pl.DataFrame(rows, infer_schema_length=None)), ("meta", meta)):
        with offered(connection, "put_rows", frame):
            connection.execute(f"CREATE TABLE history.{table} AS FROM put_rows")


def _check(connection: duckdb.DuckDBPyConnection, published_at: datetime, before: int) -> None:
    for sentence, condition in BROKEN.items():
        parameters = {"latest": published_at + AHEAD} if "$latest" in condition else {}
        query = f"SELECT count(*) FROM history.company_period WHERE {condition}"
        [(broken,)] = connection.execute(query, parameters).fetchall()
        if broken:
            raise _broken(f"{sentence} ({broken:,} rows)")
    [(filers, ciks, facts)] = connection.execute(
        "SELECT count(*), count(DISTINCT cik), coalesce(sum(facts), 0) FROM history.filer"
    ).fetchall()
    if filers != ciks:
        raise _broken(f"a filer stands once ({filers:,} rows for {ciks:,} filers)")
    [(stated,)] = connection.execute(f"SELECT count(*) FROM history.company_period WHERE {AS_LOADED}").fetchall()
    if stated != facts:
        raise _broken(f"every fact that was read is there ({stated:,} of {facts:,})")
    if facts < before:
        raise _broken(f"nothing is lost ({facts:,} facts, the universe before has {before:,})")


def _broken(found: str) -> NotPublished:
    return NotPublished(
        f"the universe breaks an invariant: {found}",
        remedy="the universe before stays; delete universe/slices and load again, and report it if it happens again",
    )


def _describe(connection: duckdb.DuckDBPyConnection) -> None:
    """Macros, views and a comment on each of them and their columns: the words are those of the published file."""
    words = dictionary()
    for name in ("10_time", "21_universe"):
        connection.execute((VIEWS / f"{name}.sql").read_text("utf-8"))
    statements = [f"COMMENT ON {what} IS {_literal(meaning)}" for what, meaning in COMMENTS.items()]
    for view in ("company_fact", "company_quarter"):
        columns = connection.execute(f"DESCRIBE {view}").fetchall()
        for column, *_ in columns:
            meaning = CIK if column == "cik" else words.meaning(view, column)
            statements.append(f"COMMENT ON COLUMN {view}.{column} IS {_literal(meaning)}")
    connection.execute(";\n".join(["BEGIN", *statements, "COMMIT"]))


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _point(home: Home, target: Path) -> None:
    """Point universe.duckdb at the new file and drop the others: each is as large as all filers."""
    sync_folder(home.universe)
    pointer = home.universe / ".newest"
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(target.name)
    pointer.replace(home.newest_universe)
    sync_folder(home.universe)
    for path in home.universe.glob("*.duckdb"):
        if path not in {target, home.newest_universe}:
            path.unlink()
