"""What may be passed on of a published file, as one new folder with the notice its licences ask for."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from config.errors import Refused
from warehouse.published.export_forms import WRITERS, Format
from warehouse.published.release import describe_release

# Views of rows of one source each; marts by quarter, from figures of companies alone; what this project says itself. What an
# analyst dropped in is never among them, nor are marts of several price lists: no row of theirs says whose figures it holds.
OF_SOURCES = (
    "company_fact", "company_quarter", "filing", "token_price", "leaderboard_score", "fx_rate", "event", "guidance",
    "openai_lead", "frontier", "hindsight_lead",
)  # fmt: skip
OF_COMPANIES = (
    "capex_quarter", "group_quarter", "capex_intensity", "depreciation_wave", "azure_vs_rpo", "lease_commitments",
    "guidance_outcome", "company_gap", "coverage",
)  # fmt: skip
OUR_OWN = ("claim", "verdict", "verdict_history", "metric", "definition", "source", "dictionary")
EXPORTED = (*OF_SOURCES, *OF_COMPANIES, "model_price_month", *OUR_OWN)
FREE = "(SELECT list(source) FROM history.source WHERE redistribution)"
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
    FROM {{}}"""


def export(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    form: Format,
    as_of: date | None = None,
    views: Sequence[str] = EXPORTED,
) -> dict[str, int]:
    """Write the views to `folder`, whole or not at all; returns the rows of each.

    Rows of a source whose licence allows no redistribution stay out; the notice names those sources. Raises Refused
    when the folder is there already, and for what the form cannot hold.
    """
    if folder.exists():
        raise Refused("it is there already", place=str(folder), remedy="name a folder that is not there yet")
    if as_of is not None:
        connection.execute(f"SET VARIABLE as_of = DATE '{as_of.isoformat()}'")
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    held = _held_back(connection)
    passed = [view for view in views if view not in OF_COMPANIES or not held]
    try:
        # In one order: a release that is made again has the same checksums.
        queries = {view: f"FROM ({_query(view)}) ORDER BY ALL" for view in passed}
        written = WRITERS[form](connection, queries, unfinished)
        (unfinished / "NOTICE.txt").write_text(_notice(connection, as_of, held), "utf-8")
        describe_release(connection, unfinished, written, as_of)
        unfinished.replace(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return {view: table.rows for view, table in written.items()}


def _held_back(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The sources of companies' figures that may not be passed on: marts by quarter do not say whose figures they hold."""
    bound = f"SELECT DISTINCT source FROM history.company_fact WHERE NOT list_contains({FREE}, source) ORDER BY source"
    return [source for (source,) in connection.execute(bound).fetchall()]


def _query(view: str) -> str:
    """What of a view may be passed on."""
    if view == "verdict":
        return VERDICT.format("verdict")
    if view == "verdict_history":
        return VERDICT.format("history.verdict") + " WHERE as_of <= CAST(as_of_now() AS DATE)"
    if view == "model_price_month":
        return f"FROM {view} WHERE list_has_all({FREE}, string_split(sources, ', '))"
    if view in OF_SOURCES:
        return f"FROM {view} WHERE list_contains({FREE}, source)"
    return f"FROM {view}"


def _notice(connection: duckdb.DuckDBPyConnection, as_of: date | None, held: list[str]) -> str:
    [(published_at,)] = connection.execute("SELECT published_at FROM history.meta").fetchall()
    sources = connection.execute(
        "SELECT source, title, publisher, homepage, licence, attribution, redistribution FROM history.source ORDER BY source"
    ).fetchall()
    lines = [
        f"capex-signals, published {published_at:%Y-%m-%d %H:%M} UTC{f', as known on {as_of}' if as_of else ''}.",
        "",
    ]
    if held:
        lines += [f"Left out with {', '.join(held)}: {', '.join(OF_COMPANIES)}. They are sums over these sources.", ""]
    for source, title, publisher, homepage, licence, attribution, free in sources:
        said = f" {attribution}" if attribution else ""
        lines.append(
            f"{source}: {title}, {publisher}, {homepage} ({licence}).{said}"
            if free
            else f"{source}: left out, its licence ({licence}) allows no redistribution."
        )
    return "\n".join([*lines, ""])
