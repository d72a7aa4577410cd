"""What may be passed on of a published file, as one folder of Parquet or CSV files with the notice their licences ask for."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Literal

import duckdb

from config.errors import Refused
from warehouse.published.query import harmless
from warehouse.published.release import describe_release

# Views of rows of one source each, and what this project says itself. What an analyst dropped in is never among them.
OF_SOURCES = (
    "company_fact", "company_quarter", "filing", "token_price", "leaderboard_score", "fx_rate", "event", "guidance",
)  # fmt: skip
OUR_OWN = ("claim", "verdict", "metric", "definition", "dictionary")
# A verdict may rest on the analyst's own files: then it goes out, and the numbers that could be reckoned back stay here.
OF_PRIVATE = "len(list_filter(evidence, lambda id: starts_with(id, 'private_'))) > 0"
VERDICT = f"""
    SELECT * REPLACE (
        CASE WHEN {OF_PRIVATE} THEN NULL ELSE statistic END AS statistic,
        CASE WHEN {OF_PRIVATE} THEN NULL ELSE low END AS low,
        CASE WHEN {OF_PRIVATE} THEN NULL ELSE high END AS high,
        CASE WHEN {OF_PRIVATE} THEN 'It rests on private inputs, which are not exported.' ELSE detail_en END AS detail_en,
        CASE WHEN {OF_PRIVATE} THEN '依據私有資料，不予匯出。' ELSE detail_zh END AS detail_zh,
        list_filter(evidence, lambda id: NOT starts_with(id, 'private_')) AS evidence
    )
    FROM verdict"""

Format = Literal["parquet", "csv"]


def export(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    form: Format,
    as_of: date | None = None,
    views: Sequence[str] = (*OF_SOURCES, *OUR_OWN),
) -> dict[str, int]:
    """Write the views to `folder`, whole or not at all; returns the rows of each.

    Rows of a source whose licence allows no redistribution stay out; the notice names those sources. Raises Refused
    when the folder is there already.
    """
    if folder.exists():
        raise Refused("it is there already", place=str(folder), remedy="name a folder that is not there yet")
    if as_of is not None:
        connection.execute(f"SET VARIABLE as_of = DATE '{as_of.isoformat()}'")
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    try:
        counts = {view: _write(connection, view, unfinished / f"{view}.{form}", form) for view in views}
        (unfinished / "NOTICE.txt").write_text(_notice(connection, as_of), "utf-8")
        describe_release(connection, unfinished, form, counts, as_of)
        unfinished.replace(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return counts


def _write(connection: duckdb.DuckDBPyConnection, view: str, path: Path, form: Format) -> int:
    free = "SELECT source FROM history.source WHERE redistribution"
    query = f"FROM {view} WHERE source IN ({free})"
    if view in OUR_OWN:
        query = VERDICT if view == "verdict" else f"FROM {view}"
    if form == "parquet":
        [(count,)] = connection.execute(f"COPY ({query}) TO '{str(path).replace(chr(39), chr(39) * 2)}' (FORMAT parquet)").fetchall()  # fmt: skip
        return int(count)
    result = connection.execute(query)
    count = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow([column[0] for column in result.description or []])
        while rows := result.fetchmany(10_000):
            writer.writerows([harmless(cell) for cell in row] for row in rows)
            count += len(rows)
    return count


def _notice(connection: duckdb.DuckDBPyConnection, as_of: date | None) -> str:
    [(published_at,)] = connection.execute("SELECT published_at FROM history.meta").fetchall()
    sources = connection.execute(
        "SELECT source, title, publisher, homepage, licence, attribution, redistribution FROM history.source ORDER BY source"
    ).fetchall()
    lines = [
        f"capex-signals, published {published_at:%Y-%m-%d %H:%M} UTC{f', as known on {as_of}' if as_of else ''}.",
        "",
    ]
    for source, title, publisher, homepage, licence, attribution, free in sources:
        said = f" {attribution}" if attribution else ""
        lines.append(
            f"{source}: {title}, {publisher}, {homepage} ({licence}).{said}"
            if free
            else f"{source}: left out, its licence ({licence}) allows no redistribution."
        )
    return "\n".join([*lines, ""])
