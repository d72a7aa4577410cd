"""From staged to published: the invariants of the store, then one atomic move of a symlink.

Readers hold the file they opened; a file is never changed after it got its name. What fails here leaves the
last good file in place.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from config.contracts import COMPANY_FACT, DATASETS, LEADERBOARD_SCORE
from config.errors import NotPublished, Refused
from warehouse.home.layout import OWNER_FOLDER, PRIVATE, Home, sync_folder
from warehouse.published.stage import Stage
from warehouse.store.facts import connect
from warehouse.store.frames import offered, read

REFUSED = "refused_captures"
OLDEST_CLIENT = "1.4.2"  # the oldest DuckDB that opens every view and macro; tests/clients/ holds it

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
    """Raises NotPublished naming the invariant that fails. `may_shrink`: a person said that the file may say less."""
    facts = " UNION ALL BY NAME ".join(
        f"SELECT source, scope, capture_sha256, known_at, value FROM history.{name}" for name in DATASETS
    )
    for sentence, query in INVARIANTS.items():
        broken = stage.connection.execute(query.format(facts=facts)).fetchall()[0][0]
        if broken:
            raise _broken(sentence, f"{broken:,} rows")
    if not (may_shrink or stage.resumed) and home.latest.exists():  # a resumed file has the facts of that very file
        _check_nothing_lost(stage, home)


def _check_nothing_lost(stage: Stage, home: Home) -> None:
    """Of every series each document that ever spoke of it: repeats may go when captures come late. What is not believed (its
    documents' dates cannot be true) is told as an issue, and may give no row. Nor is lost what a list alone said that is refused
    now beside one that came late.
    """
    counts = {
        name: f"SELECT count(DISTINCT ROW({', '.join(dataset.key)}, source, document_id)) FROM history.{name} "
        f"ANTI JOIN {REFUSED} USING (source, scope, captured_at, capture_sha256) WHERE status <> 'absent'"
        for name, dataset in DATASETS.items()
        if not (stage.boards_before and dataset is LEADERBOARD_SCORE)  # it began with those of that very file
    }
    try:
        with connect(home.latest.resolve(), read_only=True) as published:
            refused = _refused_beside_late(
                stage, read(published, "SELECT DISTINCT source, scope, taken_at, sha256 FROM history.capture")
            )
            with offered(published, REFUSED, refused):
                held = {name: published.execute(count).fetchall()[0][0] for name, count in counts.items()}
    except duckdb.Error:
        return  # a damaged file is best replaced
    for name, before in held.items():
        with offered(stage.connection, REFUSED, refused):
            now = stage.connection.execute(counts[name]).fetchall()[0][0]
        if now + (stage.unbelieved if name == COMPANY_FACT.name else 0) < before:
            raise NotPublished(
                f"the staged file would lose what is published: nothing is lost ({name} has {now:,} statements, the published file "
                f"{before:,})",
                remedy="the last good file stays published. Look at what was refused above: restore the archive from a backup and "
                "run again; `capex-signals replay --poorer` publishes what is left",
            )


def _refused_beside_late(stage: Stage, published: pl.DataFrame) -> pl.DataFrame:
    """The captures (source, scope, captured_at, capture_sha256) that are refused, and before which one stands that the published file
    had not. Told by what both files hold, and by no run: one that is killed after it has loaded them leaves them to the next.
    """
    with offered(stage.connection, "published_captures", published):
        return stage.frame("""
            WITH told AS (
                SELECT source, scope, taken_at, sha256, bool_and(outcome = 'refused') AS refused FROM history.capture GROUP BY ALL),
            late AS (
                SELECT source, scope, min(taken_at) AS taken_at FROM told ANTI JOIN published_captures USING (source, scope, taken_at, sha256)
                WHERE NOT refused GROUP BY ALL)
            SELECT told.source, told.scope, told.taken_at AS captured_at, told.sha256 AS capture_sha256
            FROM told INNER JOIN late USING (source, scope) WHERE told.refused AND told.taken_at > late.taken_at""")


def _broken(sentence: str, found: str) -> NotPublished:
    return NotPublished(
        f"the staged file breaks an invariant of the store: {sentence} ({found})",
        remedy="the last good file stays published; run `capex-signals replay`, and report it if it happens again",
    )


def rests_on_private(stage: Stage) -> bool:
    """Whether the analyst's own files have entered what is staged."""
    found = stage.connection.execute(
        "SELECT count(*) > 0 FROM history.capture WHERE starts_with(source, $private)", {"private": PRIVATE}
    ).fetchall()
    return bool(found[0][0])


def swap(stage: Stage, home: Home, published_id: str, keep: int, *, private: bool = False) -> Path:
    """Close the staged file, give it its name, point latest.duckdb at it and drop all but the newest `keep`.

    `private`: the analyst's own files have entered it. It and the report made of it are then their owner's alone to read.
    """
    stage.close()
    target = home.published / f"{published_id}.duckdb"
    stage.path.chmod(0o400 if private else 0o444)
    home.report.chmod(OWNER_FOLDER if private else 0o755)
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
    files = sorted(
        (path for path in home.published.glob("*.duckdb") if path.is_file() and not path.is_symlink()), reverse=True
    )
    for path in [path for path in files if path != current][max(keep - 1, 0) :]:
        path.unlink()


@dataclass(frozen=True, slots=True)
class PublishedHistory:
    """What the next run can build on: the verdicts of the published file, what they rest on, and fingerprints by day."""

    verdicts: pl.DataFrame
    fingerprints: pl.DataFrame
    spans: pl.DataFrame


def newest_file(home: Home) -> Path | None:
    """The file that readers open now; None when nothing has been published yet."""
    return home.latest.resolve() if home.latest.exists() else None


def published_history(home: Home) -> PublishedHistory | None:
    """From the newest published file; None when there is none that can be read."""
    try:
        with open_published(home) as published:
            return history_of(published)
    except (Refused, duckdb.Error):
        return None  # nothing to build on: everything is judged anew


def history_of(published: duckdb.DuckDBPyConnection) -> PublishedHistory:
    """The same of an open file."""
    return PublishedHistory(
        *(read(published, f"FROM history.{name}") for name in ("verdict", "fingerprint", "evidence_span"))
    )


MADE_ANEW = "move it away and run `capex-signals nightly`: it is made anew from the store"


def open_published(home: Home) -> duckdb.DuckDBPyConnection:
    """The newest published file, read-only. Raises Refused when there is none yet, or none that can be opened."""
    once = "run `capex-signals nightly` (or `make nightly`) once"
    return opened(home.latest, "published file", "nothing has been published yet", once, MADE_ANEW)


def opened(link: Path, what: str, nothing: str, once: str, anew: str) -> duckdb.DuckDBPyConnection:
    """The file that `link` leads to, read-only. Raises Refused, in the words given, where there is none or it cannot be opened."""
    if not link.exists():
        told = f"the link to the newest {what} leads nowhere" if link.is_symlink() else nothing
        raise Refused(told, place=str(link), remedy=once)
    if not link.is_file():  # a pipe would be waited for
        raise Refused(f"the {what} is no file", place=str(link), remedy=anew)
    try:
        return connect(link.resolve(), read_only=True)
    except duckdb.Error as error:
        raise unreadable(link, what, error, anew) from error


def unreadable(link: Path, what: str, error: duckdb.Error, anew: str) -> Refused:
    """That a file which is there cannot be read."""
    return Refused(f"the {what} cannot be read: {str(error).splitlines()[0]}", place=str(link), remedy=anew)
