"""Arena's official leaderboard dataset: parquet files, one subset for each board.

Quirks: votes and (in one subset) ranks are stored as floats; scores of thinly voted entrants are NaN; before 2024 the
interval and the votes are null; organisations can be empty texts; `rank` counts 1..N by score and is not the site's
rank by intervals; the agent subsets have another schema and other names.
"""

from __future__ import annotations

import io

import polars as pl

from config.contracts import Capture, Parsed
from config.errors import Refused
from config.specs import Catalog, SourceSpec
from transforms.board_table import changed, refuse_foreign, stated, statements, unknown_columns

BOARDS = {"text": "arena_text", "text_style_control": "arena_text_style_control"}
# Categories kept; the dataset has some thirty (coding, math, chinese, ...).
CATEGORIES = ("overall",)
TEXTS = ("model_name", "organization", "license", "category", "leaderboard_publish_date")
NUMBERS = ("rating", "rating_lower", "rating_upper", "vote_count", "rank")
IGNORED = ("variance",)  # the interval says the same
MAGIC = b"PAR1"  # a parquet file begins and ends with it: a cut one does not


def requests(spec: SourceSpec, catalog: Catalog) -> list[tuple[str, str]]:  # noqa: ARG001  one shape for every source
    """(board, address) for each board."""
    return [
        (board, address.replace("{subset}", subset)) for address in spec.addresses for subset, board in BOARDS.items()
    ]


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of the board named by capture.scope, in Arena points. Raises SourceChanged; Refused for an unknown board."""
    if capture.scope not in BOARDS.values():
        raise Refused(
            f"no board {capture.scope!r}", source=capture.source, remedy=f"one of {', '.join(BOARDS.values())}"
        )
    refuse_foreign(payload, capture)
    if not (payload.startswith(MAGIC) and payload.endswith(MAGIC)):
        raise changed("not a whole parquet file", capture)
    table, names = _read(payload, capture)
    if table.is_empty():
        raise changed(f"no rows of the categories {', '.join(CATEGORIES)}", capture)
    notices = unknown_columns(names - {*TEXTS, *NUMBERS, *IGNORED})
    return statements(_draft(table), capture, catalog.sources[capture.source], capture.scope, notices=notices)


def _read(payload: bytes, capture: Capture) -> tuple[pl.DataFrame, set[str]]:
    try:
        scan = pl.scan_parquet(io.BytesIO(payload), row_index_name="row", row_index_offset=1)
        schema = scan.collect_schema()
        _require(schema, capture)
        wanted = scan.filter(pl.col("category").is_in(CATEGORIES)).select("row", *TEXTS, *NUMBERS)
        return wanted.collect(engine="streaming"), set(schema) - {"row"}
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise changed(f"not a readable parquet file: {error}", capture) from error


def _require(schema: pl.Schema, capture: Capture) -> None:
    wrong = [f"{name} is {schema.get(name)}" for name in TEXTS if schema.get(name) not in {pl.String, pl.Date}]
    wrong += [
        f"{name} is {schema.get(name)}"
        for name in NUMBERS
        if not (name in schema and (schema[name].is_numeric() or schema[name] == pl.Null))
    ]
    if wrong:
        raise changed(f"columns missing or of another type: {'; '.join(wrong)}", capture)


def _draft(table: pl.DataFrame) -> pl.DataFrame:
    table = table.with_columns(pl.col(TEXTS).cast(pl.String), pl.col(NUMBERS).cast(pl.Float64).fill_nan(None))
    return table.select(
        locator=pl.concat_str(pl.lit("row "), pl.col("row"), pl.lit(", column rating")),
        category="category",
        scored_on=stated("leaderboard_publish_date").str.to_date("%Y-%m-%d", strict=False),
        entrant=stated("model_name"),
        organization=stated("organization"),
        license=stated("license"),
        value="rating",
        value_exact=pl.col("rating").cast(pl.String),
        value_low="rating_lower",
        value_high="rating_upper",
        votes=pl.col("vote_count").cast(pl.Int64, strict=False),
        rank=pl.col("rank").cast(pl.Int32, strict=False),
        fault=pl.coalesce(_not_whole("vote_count"), _not_whole("rank")),
    )


def _not_whole(name: str) -> pl.Expr:
    detail = pl.concat_str(pl.lit(f"{name} is not a whole number: "), pl.col(name))
    return pl.when(pl.col(name).is_not_null() & (pl.col(name) != pl.col(name).round())).then(detail)
