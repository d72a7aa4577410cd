"""Epoch AI's benchmark data: a zip of CSVs, one for each benchmark, and the Epoch Capabilities Index (ECI).

Every capture is one vintage, dated by the capture: the ECI of a model is refitted whenever anything is added, so a
score is never carried from one vintage into another. `released_on` is the model's release: what is ordered by it is
hindsight. Read are the index and the benchmarks that Epoch runs itself; the tables it collects from elsewhere
(*_external.csv) keep their own licences. Shares (0 to 1) are kept as percent. A model that ran more than once stands
with its newest run. Cells may hold line breaks; files may begin with a byte order mark.
"""

from __future__ import annotations

import io
import zipfile
import zlib

import polars as pl

from config.contracts import Capture, Issue, Parsed
from config.specs import BoardTable, Catalog, SourceSpec
from transforms.boards.table import (
    changed,
    check_unit,
    named,
    number,
    read_csv,
    refuse_foreign,
    stated,
    statements,
    unreadable,
)

MAX_TABLE_BYTES = 50_000_000
MAX_ZIP_BYTES = 200_000_000  # of all tables that are read; the largest vintage seen has two megabytes
NORMAL_95 = 1.959964
STARTED = "Started at"
READ = {"entrant": ("Model version",), "organization": ("Organization",), "released": ("Release date",)}


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of every declared board in the zip, in percent or index points. Raises SourceChanged."""
    spec = catalog.sources[capture.source]
    tables = _tables(payload, capture, spec)
    found = [_board(tables[table.part], capture, spec, table) for table in spec.boards if table.part in tables]
    missing = [table.part for table in spec.boards if table.part not in tables]
    if not found:
        raise changed(f"none of the files {', '.join(missing)}", capture)
    notices = tuple(Issue("file missing", name, "this vintage does not have it", "notice") for name in missing)
    rows = pl.concat([parsed.rows for parsed in found])
    return Parsed(rows, (*notices, *(issue for parsed in found for issue in parsed.issues)))


def _tables(payload: bytes, capture: Capture, spec: SourceSpec) -> dict[str, bytes]:
    """Declared file name -> its bytes, whatever folder of the zip it lies in."""
    refuse_foreign(payload, capture)
    wanted = {table.part for table in spec.boards}
    tables: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            for member in archive.infolist():
                name = member.filename.rsplit("/", 1)[-1]
                if name not in wanted:
                    continue
                if name in tables:
                    raise changed(f"{name} is in it twice", capture)
                room = min(MAX_TABLE_BYTES, MAX_ZIP_BYTES - sum(map(len, tables.values())))
                if member.file_size > room:
                    raise changed(f"{name} states {member.file_size:,} bytes, {room:,} are left for it", capture)
                with archive.open(member) as opened:  # never unfolds more than the directory states, and checks that
                    tables[name] = opened.read(room + 1)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        raise changed(f"not a readable zip: {error}", capture) from error
    return tables


def _board(payload: bytes, capture: Capture, spec: SourceSpec, board: BoardTable) -> Parsed:
    header = payload.split(b"\n", 1)[0]
    read = {**READ, "score": (board.score,)}
    if board.stderr:
        read["stderr"] = (board.stderr,)
    if STARTED.encode() in header:
        read["started"] = (STARTED,)
    table, issues = read_csv(payload, capture, read, None)
    table, notices = _newest_runs(table.filter(stated("score").is_not_null()), board.part)
    check_unit(table.select(number("score").max()).item(), board.unit, capture, board.part)
    scale = 100.0 if board.unit == "share" else 1.0
    score = (number("score") * scale).round(9)
    wide = (number("stderr") * scale * NORMAL_95).round(9) if board.stderr else pl.lit(None, dtype=pl.Float64)
    draft = table.select(
        locator=pl.format("{}: {}", pl.lit(board.part), pl.col("locator")),
        category=pl.lit("overall"),
        scored_on=pl.lit(capture.taken_at.date()),
        entrant=named("entrant"),
        organization=named("organization"),
        released_on=stated("released").str.to_date("%Y-%m-%d", strict=False),
        value=score,
        value_exact=stated("score"),
        value_low=score - wide,
        value_high=score + wide,
        fault=unreadable("score", number("score")),
        slip=unreadable("stderr", number("stderr")) if board.stderr else None,
    )
    placed = (Issue(issue.reason, f"{board.part}: {issue.locator}", issue.detail, issue.severity) for issue in issues)
    return statements(
        draft, capture, spec, board.board, prefix=f"{capture.source}/", notices=(*placed, *notices),
        zero_is_a_score=board.unit != "points",
    )  # fmt: skip


def _newest_runs(table: pl.DataFrame, part: str) -> tuple[pl.DataFrame, list[Issue]]:
    if "started" not in table.columns:
        return table, []
    newest = table.sort("started", descending=True, nulls_last=True, maintain_order=True).unique(
        "entrant", keep="first", maintain_order=True
    )
    older = table.join(newest, on="locator", how="anti")
    issues = [
        Issue("an older run", f"{part}: {locator}", f"{entrant}: the newest run stands", "notice")
        for locator, entrant in older.select("locator", "entrant").iter_rows()
    ]
    return newest, issues
