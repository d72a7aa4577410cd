"""What differs between two published files: a change of code or data is judged by what it does to what readers see.

Every version of every number is compared, so that what a past day says is compared too. Rows are the same where their key
is: the series, the document, and the instant from which the public could know it. What an analyst dropped in stays out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from config.contracts import DATASETS
from config.errors import Refused
from warehouse.store.facts import connect

KINDS = ("new", "changed", "gone")
SAID_BY = ("source", "source_url")
VERSION = ("source", "document_id", "known_at")
PERIOD = ("fiscal_year", "fiscal_quarter", "period_kind", "period_start", "period_end")
# Of answers those by when the public could know; the others are of when this home loaded them.
NEVER_STRICT = "FROM {table} WHERE NOT strict_answer"
# The newest verdict of a claim is of the day of publishing, which moves by itself: it has no day.
BY_DAY = "SELECT * REPLACE (nullif(as_of, max(as_of) OVER (PARTITION BY claim_id)) AS as_of) FROM {table}"


@dataclass(frozen=True, slots=True)
class Part:
    """A table of the published file: what tells its rows apart, and what else may differ in them (empty: all the rest)."""

    title: str
    table: str
    key: tuple[str, ...]
    values: tuple[str, ...] = ()
    rows: str = "FROM {table}"


def _stated(title: str, table: str) -> Part:
    """The rows of a dataset, as stated."""
    dataset = DATASETS[table]
    return Part(title, f"history.{table}", (*dataset.key, *VERSION), dataset.payload)


PARTS = (
    _stated("facts", "company_fact"),
    Part("derived facts", "history.company_period",
         ("company", "metric", "concept", "dimensions", "definition", "unit", *PERIOD, *VERSION),
         ("value", "value_low", "value_high", "formula", "inputs"), "FROM {table} WHERE status = 'derived'"),
    _stated("guidance", "guidance"), _stated("events", "event"), _stated("filings", "filing"), _stated("rates", "fx_rate"),
    _stated("prices", "token_price"),
    _stated("boards", "leaderboard_score"),
    # What the code makes of them, which a change of code may move where nothing that was stated did.
    Part("figures that answer", "history.company_answer",
         ("company", "metric", "concept", "dimensions", "definition", "unit", *PERIOD, "answers_from"),
         ("value", "value_low", "value_high", "status", "document_id"), NEVER_STRICT),
    Part("trailing years", "history.trailing_answer",
         ("company", "metric", "definition", "unit", "fiscal_year", "fiscal_quarter", "answers_from"),
         ("value", "not_known"), NEVER_STRICT),
    Part("price schedule", "history.price_answer",
         ("source", "provider", "listing", "token_kind", "tier", "currency", "valid_from", "answers_from"),
         ("model", "price_per_mtok", "hours_utc", "weekdays", "valid_from_basis", "valid_to", "status"), NEVER_STRICT),
    Part("leads", "history.board_lead", ("board", "category", "developer", "scored_on", "source", "known_at"),
         ("scale_id", "gap", "gap_low", "gap_high", "lead_months", "leader")),
    Part("verdicts", "history.verdict", ("claim_id", "as_of"), ("verdict", "statistic", "low", "high", "n", "flags", "evidence"),
         BY_DAY),
    Part("verdict variants", "history.verdict_variant", ("claim_id", "as_of", "variant"), ("verdict", "statistic", "n"), BY_DAY),
    Part("claims", "history.claim", ("claim_id",)),
    Part("definitions", "history.definition", ("metric", "definition", "company", "stated_by", "valid_from")),
    Part("metrics", "history.metric", ("metric",)), Part("companies", "history.company", ("company",)),
    Part("model names", "history.model_alias", ("name", "source", "provider", "valid_from")),
    Part("sources", "history.source", ("source",)),
    Part("views and columns", "main.dictionary", ("object", "kind", "column_name")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """A row that is in one file alone, or differs: of each column that differs (or is told) what it was and is."""

    kind: str
    name: str
    moved: tuple[tuple[str, object, object], ...]
    source: str
    address: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs in one part. `remark` says what could not be compared, because one of the files does not have it."""

    title: str
    counts: dict[str, int] = field(default_factory=dict)
    shown: list[Change] = field(default_factory=list)
    remark: str = ""

    @property
    def changes(self) -> int:
        return sum(self.counts.values()) + bool(self.remark)


def differences(old: Path, new: Path, limit: int) -> list[Difference]:
    """Part by part, of each kind of change at most `limit` rows. Raises Refused where a file is none that was published."""
    for place in (old, new):
        _check_published(place)
    if old.samefile(new):
        return [Difference(part.title) for part in PARTS]
    with closing(connect(":memory:")) as both, _damage_named(old, new):
        for name, place in (("old", old), ("new", new)):
            both.execute(f"ATTACH '{str(place).replace(chr(39), chr(39) * 2)}' AS {name} (READ_ONLY)")
        columns = {name: _columns(both, name) for name in ("old", "new")}
        return [
            _compare(both, part, {name: there.get(part.table, []) for name, there in columns.items()}, limit)
            for part in PARTS
        ]


@contextmanager
def _damage_named(old: Path, new: Path) -> Iterator[None]:
    """A file may open, and be damaged further on."""
    try:
        yield
    except (duckdb.IOException, duckdb.SerializationException) as error:
        raise Refused(
            f"one of the two is damaged: {str(error).splitlines()[0]}",
            place=f"{old}, {new}",
            remedy="compare with a copy of it that is whole; the newest of a home is made anew by the next night",
        ) from error


def _check_published(place: Path) -> None:
    remedy = "name a published file (<home>/published/<id>.duckdb) or a home folder"
    if not place.exists():
        raise Refused("there is no such file", place=str(place), remedy=remedy)
    try:
        with closing(connect(place, read_only=True)) as one:
            one.execute("SELECT published_id FROM history.meta").fetchall()
    except duckdb.Error as error:
        raise Refused("it is no published file of this project", place=str(place), remedy=remedy) from error


def _compare(both: duckdb.DuckDBPyConnection, part: Part, columns: dict[str, list[str]], limit: int) -> Difference:
    if columns["old"] == columns["new"] == []:
        return Difference(part.title)
    for name, there in columns.items():
        if lacking := [column for column in part.key if column not in there]:
            what = f"no column {', '.join(lacking)}" if there else "no such table"
            return Difference(part.title, remark=f"not compared: in {part.table} the {name} file has {what}")
    wanted = [
        *(part.values or (*columns["old"], *columns["new"])),
        *(column for column in SAID_BY if column in columns["old"]),
    ]
    shared = [c for c in dict.fromkeys(wanted) if c not in part.key and c in columns["old"] and c in columns["new"]]
    values = [column for column in shared if column != "source_url"]
    one_sided = sorted({c for c in wanted if c not in part.key} - set(shared))
    remark = f"not compared, in one of the files alone: {', '.join(one_sided)}" if one_sided else ""
    both.execute(f"CREATE OR REPLACE TEMP TABLE moved AS {_moved(part, values)}")
    if not both.execute("SELECT 1 FROM moved LIMIT 1").fetchall():
        return Difference(part.title, dict.fromkeys(KINDS, 0), remark=remark)
    both.execute(f"CREATE OR REPLACE TEMP TABLE difference AS {_differing(part, values, shared)}")
    counts = dict(both.execute("SELECT what_became, count(*) FROM difference GROUP BY what_became").fetchall())
    keys = ", ".join(part.key)
    shown = both.execute(
        f"SELECT what_became, [{', '.join(f'CAST({c} AS VARCHAR)' for c in part.key)}], was, is_now FROM difference "
        f"QUALIFY row_number() OVER (PARTITION BY what_became ORDER BY {keys}, nth) <= {limit} ORDER BY what_became, {keys}, nth"
    ).fetchall()
    both.execute("DROP TABLE difference")
    rows = [_change(part, values, row) for row in shown]
    return Difference(part.title, {kind: counts.get(kind, 0) for kind in KINDS}, rows, remark)


def _columns(both: duckdb.DuckDBPyConnection, file: str) -> dict[str, list[str]]:
    """schema.table -> its columns, in order."""
    query = "SELECT schema_name || '.' || table_name, list(column_name ORDER BY column_index) FROM duckdb_columns() WHERE database_name = ? GROUP BY ALL"
    return dict(both.execute(query, [file]).fetchall())


def _moved(part: Part, values: Sequence[str]) -> str:
    """The keys, as checksums, of which the files do not have the same rows: of two nights' files nearly all rows are the same."""
    listed, told = ", ".join(part.key), ", ".join((*part.key, *values))
    sides = " UNION ALL ".join(
        f"SELECT hash({listed}) AS key, hash({told}) AS told, {sign} AS more FROM ({part.rows.format(table=f'{file}.{part.table}')})"
        for file, sign in (("old", -1), ("new", 1))
    )
    return f"SELECT DISTINCT key FROM (SELECT key FROM ({sides}) GROUP BY key, told HAVING sum(more) <> 0)"


def _differing(part: Part, values: Sequence[str], shared: Sequence[str]) -> str:
    """Every row that is not the same in both, of the keys in `moved`: a key that stands several times is told apart by its values' order."""
    listed, order = ", ".join(part.key), ", ".join(values) or "1"
    packed = ", ".join(f"{column}: {column}" for column in shared)
    compared = ", ".join(f"{column}: {column}" for column in values) or "nothing: 0"
    side = (
        "SELECT {listed}, {{{packed}}} AS told, {{{compared}}} AS state, "
        "row_number() OVER (PARTITION BY {listed} ORDER BY {order}) AS nth FROM ({rows}) WHERE hash({listed}) IN (FROM moved)"
    )
    said = {"listed": listed, "packed": packed or "nothing: 0", "compared": compared, "order": order}
    old, new = (side.format(**said, rows=part.rows.format(table=f"{name}.{part.table}")) for name in ("old", "new"))
    same = " AND ".join(f"o.{column} IS NOT DISTINCT FROM n.{column}" for column in (*part.key, "nth"))
    either = ", ".join(f"coalesce(o.{column}, n.{column}) AS {column}" for column in (*part.key, "nth"))
    return (
        f"SELECT {either}, o.told AS was, n.told AS is_now, "
        "CASE WHEN o.nth IS NULL THEN 'new' WHEN n.nth IS NULL THEN 'gone' ELSE 'changed' END AS what_became "
        f"FROM ({old}) AS o FULL JOIN ({new}) AS n ON {same} "
        "WHERE o.nth IS NULL OR n.nth IS NULL OR o.state IS DISTINCT FROM n.state"
    )


def _change(part: Part, values: Sequence[str], row: tuple[Any, ...]) -> Change:
    kind, key, was, now = row
    was, now = was or {}, now or {}
    named = dict(zip(part.key, key, strict=True))
    told = {**was, **now, **named}
    moved = tuple((c, was.get(c), now.get(c)) for c in values if c not in SAID_BY and was.get(c) != now.get(c))
    name = " ".join(value for column, value in named.items() if value and (column not in SAID_BY or len(named) == 1))
    return Change(kind, name, moved, told.get("source") or "", told.get("source_url") or "")
