"""The data dictionary: what every view, macro and column means, as comments in the file and as a document.

The words are in config/dictionary.yml, those of the datasets in config/contracts.py; a table, view, macro or column
without words is an error, and so are words without a column. Nothing repeats them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl

from config.contracts import DATASETS
from config.dictionary import Dictionary, dictionary
from config.errors import Refused
from warehouse.published.newest import SCHEMA as NEWEST
from warehouse.published.stage import Stage
from warehouse.store.frames import offered, read

ROOT = Path(__file__).parents[2]


# (schema, table or view) -> column -> type
Columns = dict[tuple[str, str], dict[str, str]]
COLUMNS = {"object": pl.String, "kind": pl.String, "column_name": pl.String, "type": pl.String, "meaning": pl.String}


def describe(stage: Stage) -> None:
    """Put the comments and the table `dictionary` into the staged file. Raises Refused naming what has no words."""
    words = dictionary()
    connection = stage.connection
    stage.put("dictionary", pl.DataFrame(schema=COLUMNS))
    columns = _columns(connection)
    _check_complete(connection, words, columns)
    with offered(connection, "entries", pl.DataFrame(_entries(words, columns), schema=COLUMNS, orient="row")):
        connection.execute("INSERT INTO dictionary SELECT * FROM entries")
    # One transaction: each comment by itself would be a commit, and there are some two thousand.
    connection.execute(";\n".join(["BEGIN", *_comments(connection, words, columns), "COMMIT"]))


def _comments(connection: duckdb.DuckDBPyConnection, words: Dictionary, columns: Columns) -> Iterator[str]:
    """COMMENT ON every view, table, column and macro."""
    for (schema, name), types in columns.items():
        view = schema == "main" and name in words.views
        meaning = words.views[name] if view else _table_meaning(words, name)
        yield f"COMMENT ON {'VIEW' if view else 'TABLE'} {schema}.{name} IS {_literal(meaning)}"
        for column in types:
            yield f"COMMENT ON COLUMN {schema}.{name}.{column} IS {_literal(words.meaning(name, column))}"
    tables = _table_macros(connection)
    for name, meaning in words.macros.items():
        kind = "MACRO TABLE" if name in tables else "MACRO"
        yield f"COMMENT ON {kind} {name} IS {_literal(meaning)}"


def _table_meaning(words: Dictionary, name: str) -> str:
    if name in DATASETS:
        return DATASETS[name].doc
    return words.tables.get(name) or f"The newest answer of the view {name}, which shows it: {words.views[name]}"


def _entries(words: Dictionary, columns: Columns) -> list[tuple[str, str, str, str, str]]:
    entries = []
    objects = {**dict.fromkeys(words.views, "view"), "dictionary": "table"}
    for name, kind in sorted(objects.items()):
        entries.append((name, kind, "", "", words.views.get(name) or words.tables[name]))
        types = columns["main", name].items()
        entries += [(name, kind, column, type_, words.meaning(name, column)) for column, type_ in types]
    entries += [(name, "macro", "", "", meaning) for name, meaning in sorted(words.macros.items())]
    return entries


def _check_complete(connection: duckdb.DuckDBPyConnection, words: Dictionary, columns: Columns) -> None:
    views = {
        name
        for (name,) in connection.execute(
            "SELECT view_name FROM duckdb_views() WHERE NOT internal AND NOT temporary"
        ).fetchall()
    }
    macros = {
        name
        for (name,) in connection.execute(
            "SELECT DISTINCT function_name FROM duckdb_functions() WHERE NOT internal AND schema_name = 'main'"
        ).fetchall()
    }
    tables = {name for schema, name in _tables(connection) if schema != NEWEST}
    told = {
        "view": (views, words.views),
        "macro": (macros, words.macros),
        "table": (tables - set(DATASETS), words.tables),
    }
    for what, (found, said) in told.items():
        if found != set(said):
            raise _incomplete(
                f"{what}s without words: {sorted(found - set(said))}; words without {what}: {sorted(set(said) - found)}"
            )
    there = {(name, column) for (_, name), types in columns.items() for column in types}
    if untold := [f"{name}.{column}" for name, column in there if not words.meaning(name, column)]:
        raise _incomplete(f"columns without words: {', '.join(sorted(untold))}")
    if idle := set(words.columns) - {column for _, column in there}:
        raise _incomplete(f"words without column: {', '.join(sorted(idle))}")


def _incomplete(message: str) -> Refused:
    return Refused(message, place="config/dictionary.yml", remedy="say what it means, with its unit and source")


def _columns(connection: duckdb.DuckDBPyConnection) -> Columns:
    """Of every table and view that will be in the file; temporary ones will not."""
    found: Columns = {}
    for schema, name, column, type_ in connection.execute(
        "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE NOT internal AND database_name = current_database() ORDER BY schema_name, table_name, column_index"
    ).fetchall():
        found.setdefault((schema, name), {})[column] = type_
    return found


def _tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """(schema, name) of every table that will be in the file; temporary ones will not."""
    return connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary ORDER BY ALL"
    ).fetchall()


def _table_macros(connection: duckdb.DuckDBPyConnection) -> set[str]:
    query = "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'table_macro' AND NOT internal"
    return {name for (name,) in connection.execute(query).fetchall()}


def dictionary_markdown(connection: duckdb.DuckDBPyConnection) -> str:
    """docs/dictionary.md, from the published file itself."""
    lines = [
        "<!-- Generated by `capex-signals check --write`; do not edit. The words are in config/dictionary.yml. -->",
        "# Data dictionary",
        "",
        "What `<home>/published/latest.duckdb` holds. The same text stands in the file: `FROM dictionary`.",
        "",
        "## Macros",
        "",
    ]
    rows = read(connection, "FROM dictionary").to_dicts()
    lines += [f"- `{row['object']}`: {row['meaning']}" for row in rows if row["kind"] == "macro"]
    for row in rows:
        if row["kind"] == "view" and not row["column_name"]:
            lines += [
                "",
                f"## {row['object']}",
                "",
                row["meaning"],
                "",
                "| column | type | meaning |",
                "| --- | --- | --- |",
            ]
        elif row["kind"] == "view":
            lines.append(f"| `{row['column_name']}` | {row['type']} | {row['meaning']} |")
    return "\n".join(lines) + "\n"


def document(name: str) -> str:
    """The text of a document of this checkout; empty where there is none (an installed package)."""
    path = ROOT / name
    return path.read_text("utf-8") if path.exists() else ""


def write_document(name: str, text: str) -> None:
    """Write a generated document of this checkout."""
    (ROOT / name).write_text(text, "utf-8")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
