"""From staged to published: the invariants of the store, then one atomic move of a symlink.

Readers hold the file they opened; a file is never changed after it got its name. What fails here leaves the
last good file in place.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from config.contracts import DATASETS
from config.errors import NotPublished, Refused
from warehouse.frames import read
from warehouse.home import Home, sync_folder
from warehouse.stage import Stage
from warehouse.store import connect

INVARIANTS = {
    "every fact is known at some instant, and that is not far in the future": """
        SELECT count(*) FROM ({facts}) CROSS JOIN history.meta
        WHERE known_at IS NULL OR known_at > published_at + INTERVAL 7 DAY""",
    "every fact leads to a logged capture": """
        SELECT count(*) FROM ({facts}) f ANTI JOIN history.capture c
            ON c.source = f.source AND c.scope = f.scope AND c.sha256 = f.capture_sha256""",
    "no number is infinite or not a number": "SELECT count(*) FROM ({facts}) WHERE NOT isfinite(value)",
    "a figure of a company holds once per day and definition": """
        SELECT count(*) FROM (SELECT subject_id, seq FROM history.company_period GROUP BY ALL HAVING count(*) > 1)""",
    "a derived figure names its inputs and is not known before them": """
        WITH stated AS (
            SELECT document_id || '#' || locator AS name, min(known_at) AS known_at FROM history.company_period
            WHERE status <> 'derived' GROUP BY ALL),
        derived AS (
            SELECT known_at, formula, unnest(string_split(coalesce(inputs, ''), ';')) AS name FROM history.company_period
            WHERE status = 'derived')
        SELECT count(*) FROM derived d LEFT JOIN stated s USING (name)
        WHERE d.formula IS NULL OR s.known_at IS NULL OR s.known_at > d.known_at""",
    "every claim has a verdict": "SELECT count(*) FROM history.claim ANTI JOIN history.verdict USING (claim_id)",
    "no verdict rests on what was known later": """
        SELECT count(*) FROM history.verdict WHERE newest_known_at >= as_of + INTERVAL 1 DAY""",
}  # fmt: skip


def check_invariants(stage: Stage, home: Home, *, may_shrink: bool = False) -> None:
    """Raises NotPublished naming the invariant that fails. `may_shrink`: a replay with a new parser may drop rows."""
    facts = " UNION ALL BY NAME ".join(
        f"SELECT source, scope, capture_sha256, known_at, value FROM history.{name}" for name in DATASETS
    )
    for sentence, query in INVARIANTS.items():
        broken = stage.connection.execute(query.format(facts=facts)).fetchall()[0][0]
        if broken:
            raise _broken(sentence, f"{broken:,} rows")
    if not may_shrink and home.latest.exists():
        _check_nothing_lost(stage, home)


def _check_nothing_lost(stage: Stage, home: Home) -> None:
    counts = {name: f"SELECT count(*) FROM history.{name}" for name in DATASETS}
    try:
        with connect(home.latest.resolve(), read_only=True) as published:
            held = {name: published.execute(count).fetchall()[0][0] for name, count in counts.items()}
    except duckdb.Error:
        return  # a damaged file is best replaced
    for name, before in held.items():
        now = stage.connection.execute(counts[name]).fetchall()[0][0]
        if now < before:
            raise _broken("nothing is lost", f"{name} has {now:,} rows, the published file {before:,}")


def _broken(sentence: str, found: str) -> NotPublished:
    return NotPublished(
        f"the staged file breaks an invariant of the store: {sentence} ({found})",
        remedy="the last good file stays published; run `capex-signals replay`, and report it if it happens again",
    )


def swap(stage: Stage, home: Home, published_id: str, keep: int) -> Path:
    """Close the staged file, give it its name, point latest.duckdb at it and drop all but the newest `keep`."""
    stage.close()
    target = home.published / f"{published_id}.duckdb"
    stage.path.chmod(0o444)
    # A write-ahead log that somebody left under this name would be taken for the new file's own.
    target.with_name(f"{target.name}.wal").unlink(missing_ok=True)
    stage.path.rename(target)
    stage.path.parent.rmdir()
    sync_folder(home.published)
    pointer = home.published / ".latest"
    pointer.unlink(missing_ok=True)  # a killed run left it; only the holder of the store's lock comes here
    pointer.symlink_to(target.name)
    pointer.replace(home.latest)
    sync_folder(home.published)
    _prune(home, keep)
    return target


def _prune(home: Home, keep: int) -> None:
    current = home.latest.resolve()
    files = sorted((path for path in home.published.glob("*.duckdb") if not path.is_symlink()), reverse=True)
    for path in [path for path in files if path != current][max(keep - 1, 0) :]:
        path.unlink()


@dataclass(frozen=True, slots=True)
class PublishedHistory:
    """What the next run can build on: the verdicts of the published file, what the newest rest on, and fingerprints by day."""

    verdicts: pl.DataFrame
    evidence: pl.DataFrame
    fingerprints: pl.DataFrame


def published_history(home: Home) -> PublishedHistory | None:
    """From the newest published file; None when there is none that can be read."""
    try:
        with open_published(home) as published:
            parts = (read(published, f"FROM history.{name}") for name in ("verdict", "verdict_evidence", "fingerprint"))
            return PublishedHistory(*parts)
    except (Refused, duckdb.Error):
        return None  # nothing to build on: everything is judged anew


def open_published(home: Home) -> duckdb.DuckDBPyConnection:
    """The newest published file, read-only. Raises Refused when there is none yet."""
    if not home.latest.exists():
        raise Refused(
            "nothing has been published yet",
            place=str(home.latest),
            remedy="run `capex-signals nightly` (or `make nightly`) once",
        )
    return connect(home.latest.resolve(), read_only=True)
