"""Arena's leaderboard dataset: one parquet file for each arena, in two layouts (boards in points, and the agent arena).

`rank` counts the rows by score: it is not the site's rank by intervals, and is not read.

Quirks: votes and (in one subset) ranks are stored as floats; scores of thinly voted entrants are NaN; before 2024 the
interval and the votes are null; organisations can be empty texts; the agent subsets have other names for the same things. A file is read by column and category: of
the whole history (over a million rows) only what is declared reaches memory.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from config.contracts import Capture, Parsed
from config.errors import Refused
from config.specs import SourceSpec
from transforms.boards.parquet_footer import stated_size
from transforms.boards.table import changed, named, refuse_foreign, stated, statements, unknown_columns

TEXTS = ("model_name", "organization", "license", "category", "leaderboard_publish_date")
# The whole history of a board has a million rows and a hundred megabytes.
MAX_ROWS = 20_000_000
MAX_BYTES = 2_000_000_000
# A row is a hundred bytes in the file and several hundred as stated: a long history is stated some days at a time.
PART_ROWS = 40_000


@dataclass(frozen=True, slots=True)
class Layout:
    """What one kind of arena calls its numbers; `ignored` ones are known and not read."""

    value: str
    low: str
    high: str
    votes: str
    rank: str = ""
    ignored: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(name for name in (self.value, self.low, self.high, self.votes, self.rank) if name)


# The interval says the same as the variance.
RATINGS = Layout("rating", "rating_lower", "rating_upper", "vote_count", ignored=("variance", "rank"))
AGENTS = Layout(
    "score", "score_ci_lower", "score_ci_upper", "observation_count", rank="rank", ignored=("session_count",)
)


def addresses(spec: SourceSpec) -> list[tuple[str, str]]:
    """(board, address) for each declared board."""
    return [
        (table.board, address.replace("{subset}", table.part)) for address in spec.addresses for table in spec.boards
    ]


def parse_board(payload: bytes, capture: Capture, spec: SourceSpec, layout: Layout, *, prefix: str = "") -> Parsed:
    """Rows of the board named by capture.scope, as stated. Raises SourceChanged; Refused for an unknown board."""
    return joined(list(parts_of_board(payload, capture, spec, layout, prefix=prefix)))


def joined(parts: list[Parsed]) -> Parsed:
    """The parts of one payload as one."""
    return Parsed(pl.concat([part.rows for part in parts]), tuple(issue for part in parts for issue in part.issues))


def parts_of_board(
    payload: bytes, capture: Capture, spec: SourceSpec, layout: Layout, *, prefix: str = ""
) -> Iterator[Parsed]:
    """The same in parts of about PART_ROWS rows, each of whole days, so that a day's rows can be compared."""
    boards = [table.board for table in spec.boards]
    if capture.scope not in boards:
        raise Refused(f"no board {capture.scope!r}", source=capture.source, remedy=f"one of {', '.join(boards)}")
    refuse_foreign(payload, capture)
    try:
        size = stated_size(payload)
    except ValueError as error:
        raise changed(str(error), capture) from error
    if size.rows > MAX_ROWS or size.bytes > MAX_BYTES:
        told = f"{size.rows:,} rows and {size.bytes:,} bytes"
        raise changed(f"it states {told} when unpacked, more than {MAX_ROWS:,} or {MAX_BYTES:,}", capture, "footer")
    table, names = _read(payload, capture, spec, layout)
    if table.is_empty():
        raise changed(f"no rows of the categories {', '.join(spec.categories)}", capture)
    notices = unknown_columns(names - {*TEXTS, *layout.numbers, *layout.ignored})
    for part in _days(table):
        draft = _draft(part, spec, layout)
        yield statements(
            draft, capture, spec, capture.scope, prefix=prefix, notices=notices, zero_is_a_score=layout is AGENTS
        )
        notices = ()


def _days(table: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The table in parts of whole days. Rows without a day are in the first."""
    if table.height <= PART_ROWS:
        yield table
        return
    name = "leaderboard_publish_date"
    texts = table.group_by(name).len().with_columns(text=pl.col(name).cast(pl.String))
    days = texts.select(name, "len", day=_day("text")).sort("day", nulls_last=False)
    days = days.with_columns(before=pl.col("len").cum_sum() - pl.col("len"))
    # A day that is written in two ways is one.
    part = days.select(name, part=pl.col("before").min().over("day") // PART_ROWS)
    parts = table.select(name).join(part, on=name, how="left", nulls_equal=True, maintain_order="left")["part"]
    for number in parts.unique().sort():
        yield table.filter(parts == number)


def _day(name: str) -> pl.Expr:
    return stated(name).str.to_date("%Y-%m-%d", strict=False)


def _read(payload: bytes, capture: Capture, spec: SourceSpec, layout: Layout) -> tuple[pl.DataFrame, set[str]]:
    try:
        scan = pl.scan_parquet(io.BytesIO(payload), row_index_name="row", row_index_offset=1)
        schema = scan.collect_schema()
        _require(schema, capture, layout)
        chosen = scan.filter(pl.col("category").is_in(list(spec.categories)))
        wanted = chosen.select("row", pl.col(TEXTS).cast(pl.String).cast(pl.Categorical), *layout.numbers)
        return wanted.collect(engine="streaming"), set(schema) - {"row"}
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise changed(f"not a readable parquet file: {error}", capture) from error


def _require(schema: pl.Schema, capture: Capture, layout: Layout) -> None:
    wrong = [f"{name} is {schema.get(name)}" for name in TEXTS if schema.get(name) not in {pl.String, pl.Date}]
    wrong += [
        f"{name} is {schema.get(name)}"
        for name in layout.numbers
        if not (name in schema and (schema[name].is_numeric() or schema[name] == pl.Null))
    ]
    if wrong:
        raise changed(f"columns missing or of another type: {'; '.join(wrong)}", capture)


def _draft(table: pl.DataFrame, spec: SourceSpec, layout: Layout) -> pl.DataFrame:
    numbers = pl.col(layout.numbers).cast(pl.Float64).fill_nan(None)
    table = table.with_columns(pl.col(TEXTS).cast(pl.String), numbers)
    return table.select(
        locator=pl.concat_str(pl.lit("row "), pl.col("row"), pl.lit(f", column {layout.value}")),
        category=pl.col("category").replace_strict(dict(spec.categories), return_dtype=pl.String),
        scored_on=_day("leaderboard_publish_date"),
        entrant=named("model_name"),
        organization=named("organization"),
        license=stated("license"),
        value=layout.value,
        value_exact=pl.col(layout.value).cast(pl.String),
        value_low=layout.low,
        value_high=layout.high,
        votes=_whole(layout.votes).cast(pl.Int64, strict=False),
        rank=_whole(layout.rank).cast(pl.Int32, strict=False) if layout.rank else None,
        slip=pl.coalesce([_not_whole(name) for name in (layout.votes, layout.rank) if name]),
    )


def _whole(name: str) -> pl.Expr:
    return pl.when(pl.col(name) == pl.col(name).round()).then(name)


def _not_whole(name: str) -> pl.Expr:
    detail = pl.concat_str(pl.lit(f"{name} is not a whole number: "), pl.col(name))
    return pl.when(pl.col(name) != pl.col(name).round()).then(detail)
