"""What makes an export citable: a data package with the meaning of every column, checksums, and how to cite it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import orjson

from warehouse.published.export_forms import DESCRIBED_AS, Written

# Data Package field types by DuckDB type; what is not named (lists, structs) is text in CSV and stays itself in Parquet.
FIELD_TYPES = {
    "BIGINT": "integer", "INTEGER": "integer", "DOUBLE": "number", "BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "datetime",
    "VARCHAR": "string",
}  # fmt: skip
# What this project adds to a row of a source; all else of it is what the source says, under the source's licence.
OURS = {
    "source", "tier", "metric", "definition", "company", "model", "developer", "provider", "board", "scale_id", "category", "status",
    "known_at", "captured_at", "first_seen_at", "evidence_id", "capture_sha256", "locator", "document_id", "source_url", "doubt",
    "note", "filtered", "not_known", "leader", "leader_since", "days_held", "leader_changed", "lead_months", "lead_months_low",
    "lead_months_high", "lead_months_open",
}  # fmt: skip
CITATION = """\
cff-version: 1.2.0
message: If you use these data, please cite them, and the sources named in NOTICE.txt.
title: "capex-signals: published data {version}"
type: dataset
version: "{version}"
date-released: {day}
identifiers:
  - type: other
    value: "sha256:{digest}"
    description: digest of the canonical rows
authors:
  - name: The capex-signals authors
"""


def describe_release(
    connection: duckdb.DuckDBPyConnection, folder: Path, written: Mapping[str, Written], as_of: date | None
) -> None:
    """Write datapackage.json, CITATION.cff and, last, SHA256SUMS of every file beside it.

    The version of the data is the id of the published file; the version of the code stands beside it.
    """
    asked = "SELECT published_id, published_at, code_version, digest FROM history.meta"
    [(published_id, published_at, code, digest)] = connection.execute(asked).fetchall()
    package = {
        "name": "capex-signals",
        "version": published_id,
        "created": published_at.isoformat() + "Z",
        "as_of": as_of and as_of.isoformat(),
        "code_version": code,
        "digest": digest,
        **_sources(connection),
        "resources": [_resource(connection, view, table) for view, table in written.items()],
    }
    (folder / "datapackage.json").write_bytes(orjson.dumps(package, option=orjson.OPT_INDENT_2) + b"\n")
    cited = CITATION.format(version=published_id, day=published_at.date(), digest=digest)
    (folder / "CITATION.cff").write_text(cited, "utf-8")
    sums = [f"{sha256_of(path)}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / "SHA256SUMS").write_text("".join(sums), "utf-8")


def _sources(connection: duckdb.DuckDBPyConnection) -> dict[str, list[dict[str, Any]]]:
    """What the rows are of, each source with its licence, and which sources were left out because of theirs."""
    columns = "source, title, homepage, licence, attribution, redistribution"
    found = connection.execute(f"SELECT {columns} FROM history.source ORDER BY source").fetchall()
    told = [
        {"name": source, "title": title, "path": homepage, "licence": licence, "attribution": attribution}
        for source, title, homepage, licence, attribution, free in found
        if free
    ]
    left = [{"name": source, "licence": licence} for source, _, _, licence, _, free in found if not free]
    return {"sources": told, "left_out": left}


def _resource(connection: duckdb.DuckDBPyConnection, view: str, table: Written) -> dict[str, Any]:
    asked = "SELECT column_name, type, meaning FROM dictionary WHERE object = ?"
    told = connection.execute(asked, [DESCRIBED_AS.get(view, view)]).fetchall()
    of_rows = any(column == "source" for column, _, _ in told) and view != "source"
    fields = [
        {
            "name": column, "type": FIELD_TYPES.get(type_, "any"), "description": meaning,
            "licence": "of the row's `source`" if of_rows and column not in OURS else "MIT",
        }
        for column, type_, meaning in told
        if column
    ]  # fmt: skip
    return {
        "name": view,
        "path": table.path.name,
        "description": next((meaning for column, _, meaning in told if not column), ""),
        "rows": table.rows,
        "bytes": table.path.stat().st_size,
        "hash": f"sha256:{sha256_of(table.path)}",
        **({"dialect": table.dialect} if table.dialect else {}),
        "schema": {"fields": fields},
    }


def sha256_of(path: Path) -> str:
    """Of a file's bytes, read in pieces."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
