"""What the declarations say of boards, as a frame."""

from __future__ import annotations

import polars as pl

from config.specs import Catalog

BOARD: pl.Schema = pl.Schema(
    {
        "board": pl.String(), "source": pl.String(), "part": pl.String(), "score_unit": pl.String(), "refitted": pl.Boolean(),
        "whole": pl.Boolean(), "told_afterwards": pl.Boolean(), "categories": pl.List(pl.String()),
    }
)  # fmt: skip


def board_frame(catalog: Catalog) -> pl.DataFrame:
    """One row for each board of each source that has it (BOARD)."""
    rows = [
        (
            table.board, spec.id, table.part, table.unit, table.refitted, spec.whole, spec.told_afterwards,
            sorted(set(spec.categories.values())) or ["overall"],
        )
        for spec in catalog.sources.values()
        for table in spec.boards
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=BOARD, orient="row").sort("board", "source")
