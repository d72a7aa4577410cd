"""The staged file: what will be published, built beside the published one and read by nobody yet.

`begin` copies the canonical rows of the store into a new DuckDB file. The flows put derived frames and verdicts
into it, and the SQL of views/ makes tables, macros and views of them. Nothing here touches what is published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl

from config.contracts import DATASETS, LEADERBOARD_SCORE
from config.specs import SourceSpec
from warehouse.evidence.reads import Read
from warehouse.home.layout import Home
from warehouse.published.acceptance import count_from_acceptance
from warehouse.published.board_rows import NO_BOARDS, Begun, Boards, take_boards
from warehouse.store.canonical import Kinds, canonical_query, digest, late_days_query, unbelieved_query
from warehouse.store.facts import connect
from warehouse.store.frames import offered, read

# With fewer rows in the store a second thread takes a fifth more of the processor, and memory of its own.
ROWS_FOR_THREADS = 2_000_000
# What is staged lies on the disk: memory for so many bytes of a row of the store, within bounds, and DuckDB spills the rest.
BYTES_A_ROW, LEAST_MEMORY, MOST_MEMORY = 200, 256_000_000, 1_000_000_000
VIEWS = Path(__file__).parents[1] / "views"
# Which prices are in force on each day: rests on when each list was looked at, and is asked by what is staged after it.
PRICE_SPANS = ("31_price_span",)
FACT_VIEWS = (
    "10_time",
    "20_company",
    "22_filing",
    "23_company_gap",
    "24_company_vintage",
    "24_company_trailing",
    "24_company_mart",
    "26_print",
    "25_fx",
    "27_company_quarter_usd",
    "30_price",
    "31_price_answer",
    "31_price_book",
    *PRICE_SPANS,
    "32_price_disagreement",
    "40_board",
    "55_statement",
    "56_company_quarter_mart",
    "57_catalogue",
    "58_lease_commitments",
    "59_definition_bridge",
)
LEAD_VIEWS = (
    "41_board_day",
    "60_lead",
    "60_hindsight",
    "61_model_price",
    "61_board_price",
    "62_price_frontier",
    "63_quality_price_premium",
    "64_model_price_month",
)
# What a new sight of an unchanged list or document alone may change: how far both are known to reach.
SIGHTED_VIEWS = ("65_filing_gap",)
# Columns that say how rows lie beside others, or when we loaded them: not what was known.
UNSTABLE = {
    "company_period": (
        "subject_id",
        "series_id",
        "seq",
        "known_until",
        "seen_from",
        "seen_until",
        "first_seen_at",
        "captured_at",
    ),
    "price_state": ("seq", "series_id", "vintage_no", "first_seen_at", "seen_from", "until_at", "unseen_from"),
    "board_score": ("series_id", "seq", "known_until", "seen_from", "seen_until", "first_seen_at", "captured_at"),
    "board_lead": ("series_id", "seq", "known_until", "seen_from", "seen_until", "first_seen_at"),
    "event_state": ("series_id", "seq", "known_until", "seen_from", "seen_until", "first_seen_at", "captured_at"),
    "guidance_state": ("series_id", "seq", "known_until", "seen_from", "seen_until", "first_seen_at", "captured_at"),
    "market_price": ("first_seen_at", "captured_at"),
    "estimate": ("first_seen_at", "captured_at"),
    "fx_state": ("series_id", "seq", "known_until", "seen_from", "seen_until", "first_seen_at", "captured_at"),
}
BOARD_PRICES = """
    WITH board_question AS MATERIALIZED (
        FROM board_price_question
        WHERE known_by IS NOT DISTINCT FROM $t AND part = $part AND day + 1 <= coalesce($last, TIMESTAMP '9999-01-01'))
    INSERT INTO history.board_price
    SELECT p.*, q.answers_from, q.answers_through
    FROM model_price_in_force(
        (SELECT list(DISTINCT day) FROM board_question), $t, undeclared := true, only_named := (SELECT list(DISTINCT named) FROM board_question)) AS p
    INNER JOIN (SELECT DISTINCT day, model, undeclared, answers_from, answers_through FROM board_question) AS q
        ON q.day = p.day AND q.model = p.model AND q.undeclared = p.undeclared"""
# Once the claims are judged and before the verdicts stand in the file.
EVIDENCE_VIEWS = ("78_next_evidence",)
VERDICT_NEWS = ("81_verdict_news",)
ANSWER_VIEWS = ("70_provenance", "72_next_print", "80_verdict", *VERDICT_NEWS, "82_verdict_change", "90_scenario")


@dataclass(frozen=True, slots=True)
class Stage:
    """An open staged file; `path` lies in scratch until publish.py moves it.

    `unbelieved`: of how many figures no document's own date is believed. `key` and `decides`: see kept.py. `resumed`: it began as the file published before, with
    every view, macro and comment; `same_sights`: and nothing has been looked at since. `boards_before`: it began with so many
    canonical rows of boards, and all that is made of them.
    """

    connection: duckdb.DuckDBPyConnection
    path: Path
    digest: str
    published_at: datetime
    unbelieved: int = 0
    key: str = ""
    decides: str = ""
    resumed: bool = False
    same_sights: bool = False
    boards: Boards = NO_BOARDS
    boards_before: int = 0

    @classmethod
    def begin(
        cls, home: Home, sources: Mapping[str, SourceSpec], published_at: datetime, begun: Begun | None = None
    ) -> Stage:
        """A staged file with the canonical rows of the (closed) store in schema history; new, or gone on with."""
        if begun is None:
            path = home.scratch_folder("stage") / "staged.duckdb"
            connection = open_staged(path)
            connection.execute("CREATE SCHEMA history")
        else:
            connection, path, _ = begun
        attach_store(connection, home)
        kinds = Kinds.of(sources)
        boards = take_boards(connection, sources, begun)
        for name, dataset in DATASETS.items():
            if dataset is LEADERBOARD_SCORE:
                continue
            canonical = canonical_query(dataset, kinds, f"store.{name}")
            # Planning takes longer than a few rows do, and DuckDB plans the whole of it for none, unless it is told.
            none = "" if connection.execute(f"SELECT 1 FROM store.{name} LIMIT 1").fetchall() else "LIMIT 0"
            connection.execute(
                f"CREATE TABLE history.{name} AS {canonical} ORDER BY {', '.join(dataset.key)}, known_at {none}"
            )
        for name in ("capture", "issue"):
            connection.execute(f"CREATE TABLE history.{name} AS FROM store.{name}")
        connection.execute(f"CREATE TEMP TABLE staged_unbelieved AS {unbelieved_query(kinds, 'store')}")
        [(unbelieved,)] = connection.execute(
            "SELECT coalesce(sum(figures), 0)::BIGINT FROM staged_unbelieved"
        ).fetchall()
        connection.execute("INSERT INTO history.issue BY NAME SELECT * EXCLUDE (figures) FROM staged_unbelieved")
        connection.execute(f"INSERT INTO history.issue BY NAME {late_days_query()}")
        connection.execute("DETACH store")
        count_from_acceptance(connection)
        summed = {LEADERBOARD_SCORE.name: boards.sums}
        before = begun.boards.sums.rows if begun else 0
        found = digest(connection, summed=summed)
        staged = cls(connection, path, found, published_at, unbelieved, boards=boards, boards_before=before)
        staged.put("history.source", source_frame(sources))
        connection.execute(
            "CREATE TABLE history.source_known AS "
            + " UNION ".join(f"SELECT source, known_at FROM history.{name}" for name in DATASETS)
        )
        return staged

    @contextmanager
    def beside(self) -> Iterator[Stage]:
        """The same file over a connection of one's own, for a thread."""
        with self.connection.cursor() as own:
            yield replace(self, connection=own)

    @contextmanager
    def one_thread_a_query(self) -> Iterator[None]:
        """For many small queries at a time: DuckDB's own threads would only get into each other's way."""
        before = self.frame("SELECT current_setting('threads') AS threads")["threads"][0]
        self.connection.execute("SET threads = 1")
        try:
            yield
        finally:
            self.connection.execute(f"SET threads = {int(before)}")

    def frame(self, query: str, parameters: Mapping[str, object] | None = None) -> pl.DataFrame:
        """Rows of a query on the staged file."""
        return read(self.connection, query, parameters)

    def put(self, table: str, frame: pl.DataFrame, *, temporary: bool = False) -> None:
        """A frame as a table; `temporary` ones are input for the SQL of views/ and are not published.

        In a resumed file the table stands: its rows are replaced, and what is said of it and its columns stays.
        """
        with offered(self.connection, "put_rows", frame):
            if self.resumed and not temporary:
                self.connection.execute(f"DELETE FROM {table}")
                self.connection.execute(f"INSERT INTO {table} BY NAME FROM put_rows")
                return
            kind = "TEMP TABLE" if temporary else "TABLE"
            self.connection.execute(f"CREATE {kind} {table} AS FROM put_rows")

    def add(self, table: str, frame: pl.DataFrame) -> None:
        """More rows of a temporary table, which the first make."""
        with offered(self.connection, "put_rows", frame):
            self.connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} AS FROM put_rows LIMIT 0")
            self.connection.execute(f"INSERT INTO {table} BY NAME FROM put_rows")

    def add_periods(self, periods: pl.DataFrame) -> None:
        """The rows of some companies into history.company_period, and their answers; see views/15_company_period.sql."""
        with offered(self.connection, "put_rows", periods):
            self.connection.execute("DELETE FROM staged_company_period")
            self.connection.execute("INSERT INTO staged_company_period BY NAME FROM put_rows")
        for table, rows in (("company_period", "staged_period"), ("company_answer", "staged_answer")):
            self.connection.execute(f"INSERT INTO history.{table} FROM {rows}")

    def add_board_prices(self, settled_by: datetime | None = None) -> None:
        """What models cost on each day of a board that has no price yet; see views/61_board_price.sql.

        With `settled_by` the days alone that had ended by then.
        """
        self.build(("61_board_price_question",))
        asked = self.frame(
            "SELECT DISTINCT known_by, part FROM board_price_question WHERE day + 1 <= coalesce($last, TIMESTAMP '9999-01-01') ORDER BY known_by, part",
            {"last": settled_by},
        )
        for t, part in asked.iter_rows():
            self.connection.execute(BOARD_PRICES, {"t": t, "part": part, "last": settled_by})
        self.connection.execute(
            "INSERT INTO history.board_price_day SELECT day, since FROM unpriced_day WHERE day + 1 <= coalesce($last, TIMESTAMP '9999-01-01')",
            {"last": settled_by},
        )

    def build(self, names: tuple[str, ...]) -> None:
        """Run the named files of views/, in order."""
        for name in names:
            # Of no price there is no span, and planning that takes as long as a small home's other prices.
            if name in PRICE_SPANS and self.frame("FROM history.price_answer LIMIT 1").is_empty():
                continue
            self.connection.execute((VIEWS / f"{name}.sql").read_text("utf-8"))

    def define(self, names: tuple[str, ...]) -> None:
        """The same of files that only define views and macros: they stand in a resumed file."""
        if not self.resumed:
            self.build(names)

    def flag_newest(self, claims: Iterable[str], flag: str) -> None:
        """Add a flag to the newest verdict of each of the claims."""
        self.connection.execute(
            "UPDATE history.verdict SET flags = list_sort(list_distinct(list_append(flags, $flag))) WHERE list_contains($claims, claim_id) "
            "AND as_of = (SELECT max(n.as_of) FROM history.verdict AS n WHERE n.claim_id = history.verdict.claim_id)",
            {"flag": flag, "claims": sorted(claims)},
        )

    def take_fingerprints(self) -> None:
        """One checksum of what became known on each day, so that the next run knows from which day on it differs."""
        days = [
            f"SELECT '{table}' AS part, CAST(known_at AS DATE) AS day, bit_xor(hash({table})) AS checksum FROM ("
            f"SELECT * EXCLUDE ({', '.join(UNSTABLE[table])}) FROM history.{table}) {table} GROUP BY day"
            for table in UNSTABLE
        ]
        names = [
            f"SELECT '{table}' AS part, DATE '1900-01-01' AS day, bit_xor(hash({table})) AS checksum FROM history.{table}"
            for table in ("source", "model_alias")
        ]
        self.connection.execute(f"CREATE TABLE history.fingerprint AS {' UNION ALL '.join([*days, *names])}")

    def days_known(self, seen: Iterable[Read]) -> list[date]:
        """The days on which anything of what is read became known, in order."""
        queries = []
        for read_ in seen:
            for table, only in read_.tables.items():
                where = " AND ".join(f"{column} IN ({_listed(values)})" for column, values in only.items()) or "true"
                if table == "event_state":
                    where = f"event IN (SELECT event FROM history.event_state WHERE {where})"
                queries.append(f"SELECT CAST(known_at AS DATE) AS day FROM history.{table} WHERE {where}")
            if read_.macro in (
                "token_price_on",
                "model_price_on",
            ):  # which list speaks depends on when each was last looked at
                queries.append(
                    "SELECT CAST(taken_at AS DATE) FROM history.capture SEMI JOIN "
                    "(SELECT source FROM history.source WHERE dataset = 'token_price') USING (source)"
                )
        if not queries:
            return []
        found = self.frame(f"SELECT DISTINCT day FROM ({' UNION ALL '.join(queries)}) ORDER BY day")
        return found["day"].drop_nulls().to_list()

    def first_differences(self, before: pl.DataFrame) -> dict[str, date]:
        """For each part of the file the first day on which it knows something else than the one `before` was of."""
        both = self.frame("FROM history.fingerprint").join(
            before, on=["part", "day"], how="full", suffix="_before", coalesce=True
        )
        differing = both.filter(pl.col("checksum").ne_missing(pl.col("checksum_before")))
        return dict(differing.group_by("part").agg(pl.col("day").min()).iter_rows())

    def provenance(self, names: list[str]) -> pl.DataFrame:
        """evidence, source, document, source_url, tier, first_seen_at of the named pieces of evidence, each once."""
        queries = [
            f"SELECT evidence_name(source, capture_sha256, locator) AS evidence, source, document_id AS document, source_url, "
            f"evidence_tier, first_seen_at FROM history.{table} WHERE source IN (SELECT source FROM wanted_sources)"
            for table in ("company_period", *(name for name in DATASETS if name != "company_fact"))
        ]
        wanted = pl.DataFrame({"evidence": names}, schema={"evidence": pl.String})
        with offered(self.connection, "wanted", wanted):
            return self.frame(
                "WITH wanted_sources AS (SELECT DISTINCT split_part(evidence, ':', 1) AS source FROM wanted) "
                "SELECT evidence, any_value(source) AS source, any_value(document) AS document, any_value(source_url) AS source_url, "
                "any_value(evidence_tier) AS tier, "
                f"min(first_seen_at) AS first_seen_at FROM ({' UNION ALL '.join(queries)}) SEMI JOIN wanted USING (evidence) "
                "GROUP BY evidence"
            )

    def write_out(self) -> None:
        """Everything into the one file. Until then each column of rows that were put in, however few, holds a block of memory."""
        self.connection.execute("CHECKPOINT")

    def close(self) -> None:
        """Everything into the one file, then let it go."""
        self.write_out()
        self.connection.close()


def open_staged(path: Path) -> duckdb.DuckDBPyConnection:
    """A file to stage in, new or begun."""
    connection = connect(path)
    # Nobody reads the file before it is whole: packing it on the way would pack the last row group again and again.
    connection.execute("SET checkpoint_threshold = '1GB'")
    # EXPORT DATABASE writes macros in the order in which they build on each other only where that was kept.
    connection.execute("SET enable_macro_dependencies = true")
    return connection


def attach_store(connection: duckdb.DuckDBPyConnection, home: Home) -> None:
    """The (closed) store as schema `store`, to read from."""
    connection.execute(f"ATTACH '{_quoted(home.store)}' AS store (READ_ONLY)")
    held = "SELECT coalesce(sum(estimated_size), 0) FROM duckdb_tables() WHERE database_name = 'store'"
    [(rows,)] = connection.execute(held).fetchall()
    memory = min(max(int(rows) * BYTES_A_ROW, LEAST_MEMORY), MOST_MEMORY)
    connection.execute(f"SET memory_limit = '{memory}B'")
    if rows < ROWS_FOR_THREADS:
        connection.execute("SET threads = 1")
        # Trying this one out on each column of text takes half the time of writing, and spares a twentieth of the disk.
        connection.execute("SET disabled_compression_methods = 'fsst'")


def source_frame(sources: Mapping[str, SourceSpec]) -> pl.DataFrame:
    """history.source: what each source declares that answers rest on."""
    rows = [
        {
            "source": spec.id, "title": spec.title, "publisher": spec.publisher, "homepage": spec.homepage,
            "licence": spec.licence.name, "attribution": spec.licence.attribution,
            "redistribution": spec.licence.redistribution, "dataset": spec.dataset, "kind": spec.kind, "tier": spec.tier,
            "source_order": spec.order, "cadence_days": float(spec.cadence_days),
            "stale_after_days": round(spec.stale_after_days), "known_at_proof": spec.known_at.proof,
            "fetched": spec.fetched, "covers": list(spec.covers), "interface_of": spec.interface_of or None,
        }
        for spec in sources.values()
        if not spec.bulk  # what it gives is in the universe
    ]  # fmt: skip
    return pl.DataFrame(
        rows,
        schema_overrides={
            "tier": pl.Int32,
            "source_order": pl.Int32,
            "stale_after_days": pl.Int32,
            "covers": pl.List(pl.String),
            "interface_of": pl.String,
        },
    )


def _listed(values: Iterable[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in sorted(values))


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
