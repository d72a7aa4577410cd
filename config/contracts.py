"""The one truth for columns: it yields the Polars schemas, the checks (contract_checks.py), the DDL and the data dictionary.

A dataset is one base table. A parser yields its *stated* columns (STATED plus the dataset's own); the
warehouse adds the *loaded* columns (LOADED). Roles say how the store treats a column:

key       identifies a series within a source (with document_id for a statement source)
payload   the state of a series; a change of any of these is a new row
evidence  where the row comes from and how well it is known; never part of what changes
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

import polars as pl

from config.errors import told

INSTANT = pl.Datetime("us")

# Currencies a price list may quote in: those the reference rates convert.
CURRENCIES = ("USD", "CNY", "EUR")

STATUSES = ("reported", "derived", "estimated", "manual", "absent", "withdrawn", "doubtful")


class Role(StrEnum):
    """How the store treats a column."""

    KEY = "key"
    PAYLOAD = "payload"
    EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its Polars type, its role, and what it means with its unit."""

    name: str
    dtype: Any
    role: Role
    doc: str
    nullable: bool = True


@dataclass(frozen=True, eq=False)
class Dataset:
    """One base table: `own` columns come first, then STATED, then LOADED. What follows from them is made once."""

    name: str
    doc: str
    own: tuple[Column, ...]

    @cached_property
    def stated(self) -> tuple[Column, ...]:
        return self.own + STATED

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return self.own + STATED + LOADED

    @cached_property
    def key(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.own if column.role is Role.KEY)

    @cached_property
    def payload(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.own + STATED if column.role is Role.PAYLOAD)

    @cached_property
    def stated_schema(self) -> pl.Schema:
        return pl.Schema({column.name: column.dtype for column in self.stated})

    @cached_property
    def schema(self) -> pl.Schema:
        return pl.Schema({column.name: column.dtype for column in self.columns})

    def frame(self, rows: list[dict[str, Any]]) -> pl.DataFrame:
        """Rows as stated; columns a parser leaves out are filled with their defaults (see DEFAULTS)."""
        known = set(self.stated_schema)
        for row in rows[:1]:
            if unknown := set(row) - known:
                raise KeyError(f"{self.name} has no column {sorted(unknown)}")
        return self.complete(pl.DataFrame(rows, schema_overrides=_overrides(self, rows), infer_schema_length=None))

    def complete(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The same rows with every stated column, in contract order and of contract type."""
        if frame.schema == self.stated_schema:
            return frame
        missing = [
            pl.lit(DEFAULTS.get(column.name), dtype=column.dtype).alias(column.name)
            for column in self.stated
            if column.name not in frame.columns
        ]
        return frame.with_columns(missing).select(pl.col(column.name).cast(column.dtype) for column in self.stated)


def _overrides(dataset: Dataset, rows: list[dict[str, Any]]) -> dict[str, Any]:
    present = set(rows[0]) if rows else set(dataset.stated_schema)
    return {name: dtype for name, dtype in dataset.stated_schema.items() if name in present}


def _key(name: str, dtype: Any, doc: str, nullable: bool = False) -> Column:
    return Column(name, dtype, Role.KEY, doc, nullable)


def _payload(name: str, dtype: Any, doc: str) -> Column:
    return Column(name, dtype, Role.PAYLOAD, doc)


def _evidence(name: str, dtype: Any, doc: str, nullable: bool = True) -> Column:
    return Column(name, dtype, Role.EVIDENCE, doc, nullable)


STATED: tuple[Column, ...] = (
    _payload("value", pl.Float64, "the value as a number, for arithmetic, in `unit`"),
    _evidence("value_exact", pl.String, "the value as the source states it, digit for digit"),
    _payload("value_low", pl.Float64, "lower end where the source gives an interval or only words, in `unit`"),
    _payload("value_high", pl.Float64, "upper end where the source gives an interval or only words, in `unit`"),
    Column("status", pl.String, Role.PAYLOAD, "reported, derived, estimated, manual, absent or withdrawn", False),
    _evidence("known_at", INSTANT, "UTC instant at which the public could first know the row"),
    _evidence("known_at_basis", pl.String, "how known_at is proved"),
    _evidence(
        "form_rank", pl.Int32, "rank of the kind of document among rows known at one instant; higher wins", False
    ),
    _evidence("decimals", pl.Int32, "decimals the source vouches for (XBRL sense); -100 where it says nothing", False),
    _evidence("document_id", pl.String, "the document that states the row (accession, release, board day)", False),
    _evidence("locator", pl.String, "position inside the capture: tag and index, JSON pointer, cell", False),
    _evidence("source_url", pl.String, "address a person can open; NULL where none at hand holds the number"),
    _evidence("evidence_tier", pl.Int32, "1 issuer or regulator, 2 transcript or wire, 3 secondary"),
    _evidence("note", pl.String, "remark for the reader"),
)

LOADED: tuple[Column, ...] = (
    _evidence("source", pl.String, "declared source (config/sources)", False),
    _evidence("scope", pl.String, "part of the source one capture covers (a company, a board); empty if whole", False),
    _evidence("capture_sha256", pl.String, "sha256 of the captured bytes", False),
    _evidence(
        "captured_at",
        INSTANT,
        "UTC instant for which the capture stands (fetch time, or the proven earlier time)",
        False,
    ),
    _evidence("first_seen_at", INSTANT, "UTC instant at which this warehouse loaded the row", False),
)

DEFAULTS: Mapping[str, Any] = {
    "status": "reported", "form_rank": 0, "decimals": -100, "document_id": "", "locator": "", "dimensions": "",
    "price_tier": "standard", "category": "overall",
}  # fmt: skip

COMPANY_FACT = Dataset(
    "company_fact",
    "A figure a company (or someone about it) stated: one row for each document that states it.",
    (
        _key("company", pl.String, "main ticker (MSFT)"),
        _key("concept", pl.String, "XBRL tag with prefix (us-gaap:Revenues), or a metric id where there is no tag"),
        _key("dimensions", pl.String, "XBRL axis=member pairs, sorted and joined by ';'; empty for the whole company"),
        _key("definition", pl.String, "short id of what exactly is measured; figures of two definitions never mix"),
        _key("unit", pl.String, "USD, USD/shares, shares, pct, pct_points, years, ..."),
        _key("period_start", pl.Date, "first day of the period; NULL for an instant", True),
        _key("period_end", pl.Date, "last day of the period, or the instant"),
        _evidence("currency", pl.String, "ISO 4217 code of a money amount"),
        _evidence("form", pl.String, "kind of document: 10-K, 10-Q, 8-K, call, release, article"),
    ),
)

TOKEN_PRICE = Dataset(
    "token_price",
    "The list price of one kind of token of one listing, as one price table states it.",
    (
        _key("provider", pl.String, "who sells: lower-case kebab id (openai, deepseek, azure)"),
        _key("listing", pl.String, "the model's name in the price table, unchanged"),
        _key(
            "token_kind",
            pl.String,
            "input, output, cache_read, cache_write, cache_write_1h, cache_write_12h, reasoning, audio_input, audio_output, audio_cache_read",
        ),
        _key("price_tier", pl.String, "standard, batch, flex, priority, above_200k, off_peak, ..."),
        _key("currency", pl.String, "ISO 4217 code of the quote"),
        _key(
            "valid_from",
            pl.Date,
            "day from which the price is documented to hold; NULL: seen in force, so that its first day is an upper bound",
            True,
        ),
        _payload("valid_from_basis", pl.String, "documented, commit or first_seen"),
        _payload("hours_utc", pl.String, "hours of the day (UTC) a peak or off-peak price holds, as stated"),
        _payload("weekdays", pl.String, "weekdays (UTC) those hours are of: Mon-Fri; NULL: every day"),
        _payload("alias_of", pl.String, "the listing it is a name of, as the list says; NULL: one of its own"),
        _payload("absence", pl.String, "why: no_price, quarantined, ended (its own word) or unlisted; NULL: a price"),
    ),
)

LEADERBOARD_SCORE = Dataset(
    "leaderboard_score",
    "The score of one entrant on one board on one day.",
    (
        _key("board", pl.String, "arena_text, arena_text_style_control, ..."),
        _key("category", pl.String, "overall, coding, ..."),
        _key("scored_on", pl.Date, "day the board was published for"),
        _key("entrant", pl.String, "the entrant's name on the board, unchanged"),
        _payload("organization", pl.String, "organisation as stated"),
        _payload("votes", pl.Int64, "votes or samples behind the score"),
        _payload("rank", pl.Int32, "rank as stated"),
        _payload("method", pl.String, "version of the index or test as stated; another one starts a new scale"),
        _payload("released_on", pl.Date, "release day of the entrant as the board states it"),
        _payload("cost_usd", pl.Float64, "what the run behind the score cost, in USD, as stated"),
        _evidence("license", pl.String, "licence of the model as stated"),
    ),
)

FX_RATE = Dataset(
    "fx_rate",
    "Units of the quote currency for one unit of the base currency on one day (reference rate).",
    (
        _key("base_currency", pl.String, "ISO 4217 code, 1 unit of this"),
        _key("quote_currency", pl.String, "ISO 4217 code, `value` units of this"),
        _key("rate_on", pl.Date, "day of the reference rate"),
    ),
)

FILING = Dataset(
    "filing",
    "One filing of a company, as the regulator's list has it. What the filing says is in company_fact.",
    (
        _key("company", pl.String, "main ticker (MSFT)"),
        _key("accession", pl.String, "accession number; its prefix is the filer agent, not the company"),
        _payload("form", pl.String, "10-K, 10-Q, 8-K, ...; /A for an amendment"),
        _payload("filed_on", pl.Date, "filing date"),
        _payload("report_on", pl.Date, "balance day of a periodic report, day of the event of an 8-K"),
        _payload("items", pl.String, "items of an 8-K, joined by commas (2.02 results of operations)"),
        _payload("is_xbrl", pl.Boolean, "whether it has tagged figures, if only those of its cover page"),
        _payload("primary_document", pl.String, "file name of the main document"),
        _evidence("accepted_text", pl.String, "acceptance stamp as stated; its zone is not known"),
        _evidence("size", pl.Int64, "bytes of the whole filing"),
    ),
)

EVENT = Dataset(
    "event",
    "Something that happened, or was said, on a day: one row for each document that tells it.",
    (
        _key("event", pl.String, "the project's short name of what happened; documents that tell it share the name"),
        _payload("topic", pl.String, "what it is about: lease, capacity, openai_contract, stake, ..."),
        _payload("subject", pl.String, "whom it is about: a ticker, or a lower-case name"),
        _payload("code", pl.String, "what was said, as one word of the topic; claims read the code, never the text"),
        _payload("happened_on", pl.Date, "day on which it happened, or the first on which it can have"),
        _payload("happened_until", pl.Date, "last day on which it can have happened; the same day where it is exact"),
        _payload("unit", pl.String, "unit of value, value_low and value_high; NULL where there is no number"),
        _payload("statement_en", pl.String, "what happened, in our own words, in English"),
        _payload("statement_zh", pl.String, "what happened, in our own words, in Traditional Chinese"),
        _evidence("form", pl.String, "kind of document: 10-Q, call, release, article"),
    ),
)

GUIDANCE = Dataset(
    "guidance",
    "What a company said of its own future: a number, a date or a direction, for a period.",
    (
        _key("company", pl.String, "main ticker (MSFT)"),
        _key("metric", pl.String, "metric id the outcome will be compared with, or capacity_constraint_end"),
        _key("definition", pl.String, "short id of what exactly is guided; compared with nothing else"),
        _key("unit", pl.String, "USD, pct, date or words"),
        _key("target_start", pl.Date, "first day of the period guided; NULL where the guide names none", True),
        _key("target_end", pl.Date, "last day of the period guided; NULL where the guide names none", True),
        _payload("bound", pl.String, "about, at_least, over, range, or a word for a guide without a number"),
        _payload("date_earliest", pl.Date, "for a guided date: the earliest day the words allow"),
        _payload("date_latest", pl.Date, "for a guided date: the latest day the words allow; NULL where open-ended"),
        _payload("statement_en", pl.String, "what was guided, in our own words, in English"),
        _payload("statement_zh", pl.String, "what was guided, in our own words, in Traditional Chinese"),
        _evidence("form", pl.String, "kind of document: call, release, article"),
    ),
)

MARKET_PRICE = Dataset(
    "market_price",
    "A share price or index level on a day, from the analyst's own file. Private: never exported.",
    (
        _key("ticker", pl.String, "ticker or index (MSFT, QQQ)"),
        _key("price_on", pl.Date, "day of the price"),
        _key("price_kind", pl.String, "close, or total_return_index (dividends reinvested)"),
        _key("currency", pl.String, "ISO 4217 code"),
    ),
)

ESTIMATE = Dataset(
    "estimate",
    "A consensus estimate as of a day, from the analyst's own file. Private: never exported.",
    (
        _key("company", pl.String, "main ticker"),
        _key("metric", pl.String, "eps_diluted, revenue, ..."),
        _key("horizon", pl.String, "NTM (next twelve months), NEXT_FY, or a fiscal year as FY2026"),
        _key("estimated_on", pl.Date, "day as of which the consensus stood"),
        _key("unit", pl.String, "USD/shares, USD"),
    ),
)

DATASETS: Mapping[str, Dataset] = {
    dataset.name: dataset
    for dataset in (COMPANY_FACT, TOKEN_PRICE, LEADERBOARD_SCORE, FX_RATE, FILING, EVENT, GUIDANCE, MARKET_PRICE, ESTIMATE)
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Issue:
    """A row, or a remark about a payload, that a person should look at. It never enters the facts."""

    reason: str
    locator: str
    detail: str
    severity: str = "quarantined"  # quarantined: the row is kept out; notice: the row stands

    def __post_init__(self) -> None:
        for name in ("locator", "detail"):  # upstream's own words: an issue must be told whatever is in them
            object.__setattr__(self, name, told(getattr(self, name)))


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a parser found: rows as stated (the dataset's stated columns), and what it could not take."""

    rows: pl.DataFrame
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Capture:
    """One observation of a payload: which bytes, from where, when, and for which instant they stand.

    taken_at is the instant the bytes stand for: fetched_at, unless taken_at_basis names an earlier proof
    (a commit, a release, a dated archive copy). All instants are naive UTC.
    """

    source: str
    scope: str
    url: str
    sha256: str
    size: int
    fetched_at: datetime
    taken_at: datetime
    taken_at_basis: str = "fetched"
    origin: str = "fetched"  # fetched, backfilled, ingested, entered (analyst files) or starter
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


SQL_TYPES: Mapping[Any, str] = {
    pl.String: "VARCHAR", pl.Float64: "DOUBLE", pl.Int64: "BIGINT", pl.Int32: "INTEGER", pl.Date: "DATE",
    pl.Boolean: "BOOLEAN",
}  # fmt: skip


def sql_type(dtype: Any) -> str:
    """The DuckDB type of a contract column."""
    return "TIMESTAMP" if dtype == INSTANT else SQL_TYPES[dtype]


# What a claim's SQL yields and its test reads: one row is one piece of evidence.
EVIDENCE = pl.Schema(
    {
        "series": pl.String(),  # role of the row in the test: level, total, numerator, a board
        "observed_on": pl.Date(),  # end of the period, or the day of the price or the board
        "value": pl.Float64(),
        "low": pl.Float64(),  # interval of the value, where the source gives one
        "high": pl.Float64(),
        "unit": pl.String(),
        "known_at": INSTANT,
        "label": pl.String(),  # short name for the reader: FY2025Q2, gpt-4o, a scale
        "evidence": pl.String(),  # evidence_id
    }
)
