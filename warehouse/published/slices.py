"""What a bulk load has read so far: one folder of Parquet files for each slice of the zip.

A slice is some filers. It depends on nothing but their documents and what was held of them before, so that slices may be read
in any order, by any process that sees the folder, and a killed load goes on with those that are missing. A slice is there
whole or not at all: its folder gets its name when it is complete.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from config.contracts import Issue
from config.specs import SourceSpec
from config.version import code_version
from warehouse.home.disk import faults_named
from warehouse.home.layout import Home, sync_folder
from warehouse.published.stage import VIEWS
from warehouse.store.facts import connect
from warehouse.store.frames import offered

PARTS = ("company_period", "filer", "issue")
FILER = pl.Schema(
    {
        "cik": pl.Int64(), "company": pl.String(), "name": pl.String(), "facts": pl.Int64(), "year_end_month": pl.Int32(),
        "week_ends_on": pl.Int32(), "years_stated": pl.Int32(), "years_off": pl.Int32(), "locator": pl.String(),
        "capture_sha256": pl.String(),
    }
)  # fmt: skip
ISSUE = pl.Schema(
    {
        "source": pl.String(), "scope": pl.String(), "capture_sha256": pl.String(), "captured_at": pl.Datetime("us"),
        "severity": pl.String(), "reason": pl.String(), "locator": pl.String(), "detail": pl.String(),
        "first_seen_at": pl.Datetime("us"),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slice:
    """Periods (transforms.companies.quarters.SCHEMA), filers (FILER) and issues (ISSUE) of some filers."""

    periods: pl.DataFrame
    filers: pl.DataFrame
    issues: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Slices:
    """The folder of one load. Another zip, another universe before it or other code is another folder."""

    folder: Path

    @classmethod
    def of(cls, home: Home, sha256: str, before: str) -> Slices:
        """`sha256` of the zip, and the name of the universe that is built upon."""
        name = hashlib.sha256("\n".join([sha256, before, code_version()]).encode()).hexdigest()[:16]
        folder = home.universe / "slices" / name
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder)

    def is_done(self, number: int) -> bool:
        return self.path(number).exists()

    def path(self, number: int) -> Path:
        return self.folder / f"{number:06d}"

    def write(self, number: int, found: Slice, spec: SourceSpec) -> None:
        """All of a slice, or nothing. Of two processes that read the same slice the first one's stays."""
        with faults_named(self.folder):
            half = Path(tempfile.mkdtemp(prefix=".new-", dir=self.folder))
            try:
                with closing(connect(":memory:")) as connection:
                    _lay_out(connection, found, spec)
                    for part in PARTS:
                        target = str(half / f"{part}.parquet").replace("'", "''")
                        connection.execute(f"COPY (FROM {part}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
                if self.is_done(number):
                    return
                half.rename(self.path(number))
                sync_folder(self.folder)
            finally:
                shutil.rmtree(half, ignore_errors=True)

    def drop(self) -> None:
        """Every load's slices: the newest universe holds what they say, or another load has overtaken them."""
        shutil.rmtree(self.folder.parent, ignore_errors=True)


def _lay_out(connection: duckdb.DuckDBPyConnection, found: Slice, spec: SourceSpec) -> None:
    """The parts as temporary tables: the periods with the span in which each is the answer of its series."""
    connection.execute("SET memory_limit = '512MB'")
    connection.execute("CREATE SCHEMA history")
    source = pl.DataFrame(
        {"source": [spec.id], "source_order": [spec.order]}, schema_overrides={"source_order": pl.Int32}
    )
    companies = found.filers.select("company").unique().sort("company")
    for name, frame in (
        ("TABLE history.source", source),
        ("TABLE history.company_fact", companies),
        ("TEMP TABLE staged_company_period", found.periods.clear()),
        ("TEMP TABLE filer", found.filers),
        ("TEMP TABLE issue", found.issues),
    ):
        with offered(connection, "put_rows", frame):
            connection.execute(f"CREATE {name} AS FROM put_rows")
    connection.execute((VIEWS / "15_company_period.sql").read_text("utf-8"))
    with offered(connection, "put_rows", found.periods):
        connection.execute("INSERT INTO staged_company_period FROM put_rows")
    connection.execute("INSERT INTO history.company_period FROM staged_period")
    connection.execute(
        "CREATE TEMP VIEW company_period AS SELECT f.cik, p.* FROM history.company_period p INNER JOIN filer f USING (company) "
        "ORDER BY cik, metric, concept, period_end, seq"
    )


def issue_rows(issues: Sequence[Issue], capture_columns: dict[str, object]) -> pl.DataFrame:
    """Issues as rows of ISSUE; `capture_columns` are those that every issue of a capture shares."""
    rows = [
        {
            **capture_columns, "severity": issue.severity, "reason": issue.reason, "locator": issue.locator,
            "detail": issue.detail,
        }
        for issue in issues
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=ISSUE)
