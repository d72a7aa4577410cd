"""What a bulk load has read so far: a few Parquet files for each slice of the zip.

A slice is some filers. It depends on nothing but their documents and what was held of them before, so that slices may be read
in any order, by any process that sees where the slices lie, and a killed load goes on with those that are missing. They lie in
the home; where several runs read the zip of a home with a lake, under the lake's data path, and beside them what each is read
from, so that who reads it needs neither the zip nor the universe before.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import orjson
import polars as pl

from config.contracts import COMPANY_FACT, Issue
from config.errors import Refused, SourceChanged
from config.specs import SourceSpec
from config.version import build_digest
from warehouse.archive.bulk import Member, refused_member
from warehouse.archive.captures import Logged, logged_of, record_of
from warehouse.home.layout import Home
from warehouse.published.pieces import Folder, Kind, Place, place_in
from warehouse.published.stage import VIEWS
from warehouse.store.frames import offered

PARTS = ("company_period", "filer", "issue")
READ = Kind("read", PARTS)
TO_READ = Kind("to_read", ("document", "held"))
LOAD = Kind("load", ("load",))
NAME = re.compile("[0-9a-f]{16}")
DOCUMENT = pl.Schema(
    {
        "place": pl.Int64(), "name": pl.String(), "cik": pl.Int64(), "size": pl.Int64(), "body": pl.Binary(),
        "refused": pl.String(),
    }
)  # fmt: skip
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
class ToRead:
    """What a slice is read from: documents of filers, the names of what is none, and what was held of filers before."""

    documents: Iterable[tuple[Member, bytes | SourceChanged]]
    others: tuple[str, ...]
    held: Callable[[list[int]], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Load:
    """Which load the slices are of: `before` names the universe that is built upon, `accepted` whether a person has accepted
    that its figures leap. Another load, or other code, is another place.
    """

    logged: Logged
    before: str
    accepted: bool

    @property
    def name(self) -> str:
        said = orjson.dumps([record_of(self.logged), self.before, self.accepted, build_digest()])
        return hashlib.sha256(said).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Slices:
    """The slices of one load, and where they lie. `shared`: what they are read from lies beside them. `threads`: how many a
    reader may use; 0: as many as there are processors.
    """

    load: Load
    place: Place
    shared: bool
    threads: int = 0

    @classmethod
    def of(cls, home: Home, load: Load, *, by_runs: bool) -> Slices:
        """Those of a load that this home leads, begun or not; `by_runs`: others than this process may read them."""
        own = Folder(home.universe / "slices" / load.name)
        own.begin()  # for those under a lake, too: by its name they are found again, and dropped
        if home.lake is None or not by_runs:
            return cls(load, own, shared=False)
        slices = cls(load, place_in(home.lake, load.name), shared=True)
        slices.place.begin()
        if not slices.place.whole(LOAD):
            record = orjson.dumps(record_of(load.logged)).decode()
            said = pl.DataFrame({"record": [record], "before": [load.before], "accepted": [load.accepted]})
            with slices.place.connected() as connection, offered(connection, "put_rows", said):
                slices.place.put(connection, LOAD, "load", {"load": "FROM put_rows"})
        return slices

    @classmethod
    def under_way(cls, home: Home, name: str) -> Slices | None:
        """Those of a load that another home leads into the same lake. None where there is no lake. Raises Refused where the load is
        not there, or this code would read it otherwise.
        """
        if home.lake is None:
            return None
        place = place_in(home.lake, _checked(name))
        loads = [_load(place.rows(folder, "load")) for folder in place.whole(LOAD).values()]
        if not loads:
            raise Refused(
                "the load that is asked for is not in the lake of this worker",
                place=f"{name} under {home.lake.data}",
                remedy="give this worker CAPEX_SIGNALS_STORE and CAPEX_SIGNALS_STORE_DATA of the run that asks; a run of a load "
                "that has ended may be left",
            )
        return cls(loads[0], place, shared=True)

    @property
    def name(self) -> str:
        return self.load.name

    def done(self) -> set[int]:
        """The slices that have been read."""
        return set(self.files())

    def is_done(self, number: int) -> bool:
        return bool(self.place.whole(READ, f"{number:06d}"))

    def files(self) -> dict[int, str]:
        """Slice -> folder of its files, of each that has been read."""
        return {int(name): folder for name, folder in self.place.whole(READ).items()}

    def write(self, number: int, found: Slice, spec: SourceSpec) -> None:
        """All of a slice, or nothing. Of two processes that read the same slice one's stays: they say the same."""
        with self.place.connected() as connection:
            if self.threads:
                connection.execute(f"SET threads = {self.threads}")
            _lay_out(connection, found, spec)
            if self.shared and not self.place.whole(LOAD):
                raise Refused(
                    "the load has ended meanwhile: nobody looks for this slice",
                    source=self.load.logged.capture.source,
                    place=self.name,
                    remedy="none is needed: the run that asked has read it elsewhere, or has ended and says why",
                )
            self.place.put(connection, READ, f"{number:06d}", {part: f"FROM {part}" for part in PARTS})

    def to_read(self) -> set[int]:
        """The slices whose documents are there."""
        return set(map(int, self.place.whole(TO_READ)))

    def put_to_read(self, number: int, documents: ToRead) -> None:
        """What a slice is read from, for those who see neither the zip nor the universe before."""
        rows = [_row(member, body) for member, body in documents.documents]
        rows += [{"name": name} for name in documents.others]
        ciks = [row["cik"] for row in rows if "cik" in row]
        with (
            self.place.connected() as connection,
            offered(connection, "document", pl.DataFrame(rows, schema=DOCUMENT)),
            offered(connection, "held", documents.held(ciks)),
        ):
            self.place.put(connection, TO_READ, f"{number:06d}", {file: f"FROM {file}" for file in TO_READ.files})

    def read_from(self, number: int) -> ToRead:
        """What was put there. Raises Refused where nothing was."""
        name = f"{number:06d}"
        folder = self.place.whole(TO_READ, name).get(name)
        if folder is None:
            raise Refused("what this slice is read from is not there: the load has ended", place=f"{self.name}/{name}")
        rows = self.place.rows(folder, "document").to_dicts()
        held = self.place.rows(folder, "held").cast(COMPANY_FACT.schema)
        others = tuple(row["name"] for row in rows if row["cik"] is None)

        def of(ciks: list[int]) -> pl.DataFrame:
            return held.filter(pl.col("scope").is_in([f"CIK{cik:010d}" for cik in ciks]))

        return ToRead(_documents(rows), others, of)


def drop_slices(home: Home) -> None:
    """Those of every load of this home: the newest universe holds what they say, or another load has overtaken them."""
    notes = home.universe / "slices"
    for note in notes.glob("*"):
        if home.lake is not None and NAME.fullmatch(note.name) and not any(note.iterdir()):  # nothing of it lies here
            place_in(home.lake, note.name).drop()
    shutil.rmtree(notes, ignore_errors=True)


def _checked(name: str) -> str:
    """The name of a load as it came from a run's parameters: a path is made of it."""
    if not NAME.fullmatch(name):
        raise Refused("this names no load", place=name)
    return name


def _load(said: pl.DataFrame) -> Load:
    [(record, before, accepted)] = said.select("record", "before", "accepted").rows()
    return Load(logged_of(orjson.loads(record)), before, accepted)


def _row(member: Member, body: bytes | SourceChanged) -> dict[str, Any]:
    row = {"place": member.place, "name": member.name, "cik": member.cik, "size": member.size}
    return {**row, "refused": body.message} if isinstance(body, SourceChanged) else {**row, "body": body}


def _documents(rows: list[dict[str, Any]]) -> Iterator[tuple[Member, bytes | SourceChanged]]:
    """Each document once: what has been read of them is not held."""
    for row in rows:
        if row["cik"] is not None:
            member = Member(row["place"], row["name"], row["cik"], row["size"])
            body = row.pop("body")
            yield member, refused_member(member.name, row["refused"]) if body is None else body


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
