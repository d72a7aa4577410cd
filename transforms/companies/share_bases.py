"""Figures per share and counts of shares before and after a share split: two bases, declared with their evidence.

Filings before the split are not restated, later ones restate what they still show. `basis` says which shares a figure
counts; the note gives the factor and where it stands.
"""

from __future__ import annotations

import polars as pl

from config.chains import Split
from config.specs import Catalog

COUNTED = ["shares", "USD/shares"]


def with_basis(named: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """The rows with `basis`: before_split_2022_07_18, since_split_2022_07_18; NULL where nothing was split."""
    basis: pl.Expr = pl.lit(None, pl.String)
    note: pl.Expr = pl.col("note")
    held = set(named["company"].unique())
    for company in catalog.companies.values():
        for place, split in enumerate(company.splits if company.ticker in held else ()):
            mine = (
                (pl.col("company") == company.ticker) & pl.col("unit").is_in(COUNTED) & pl.col("metric").is_not_null()
            )
            since = pl.col("known_at").dt.date() >= split.since
            told = pl.concat_str(pl.lit(_told(split)), pl.col("note").fill_null(""), separator=" ").str.strip_chars()
            if place == 0:
                basis = pl.when(mine & ~since).then(pl.lit(f"before_split_{split.since:%Y_%m_%d}")).otherwise(basis)
                note = pl.when(mine & ~since).then(told).otherwise(note)
            basis = pl.when(mine & since).then(pl.lit(f"since_split_{split.since:%Y_%m_%d}")).otherwise(basis)
            note = pl.when(mine & since).then(told).otherwise(note)
    return named.with_columns(basis=basis, note=note)


def _told(split: Split) -> str:
    return f"{split.factor:g} new shares for one old from {split.since} on: {split.evidence}."
