"""A later zip's documents beside what the universe holds of their filers: what is new, what is told anew, what is gone.

The answers are those that the rules of statements give of followed companies (warehouse/store/statements.py). The universe keeps
its answers alone, and each zip tells every document anew: so the two are compared, series by series.
"""

from __future__ import annotations

import polars as pl

from config.contracts import COMPANY_FACT
from config.specs import Changes
from warehouse.store.against_before import FEWEST_TO_COMPARE
from warehouse.store.statements import SHOWN, WHOLE_SHARE

KEY = [*COMPANY_FACT.key]
SAME = [*KEY, "document_id", "form_rank"]
RANK = ["known_at", "form_rank", "decimals", "document_id", "capture_sha256", "locator"]
GONE = "absent"


def leapt(held_rows: pl.DataFrame, rows: pl.DataFrame, changes: Changes) -> dict[str, str]:
    """company -> why, of each whose document states more of the figures that answer otherwise, or no more, than it may from one
    zip to the next."""
    newest = _last(held_rows).filter(pl.col("status") != GONE)
    told = rows.select(SAME).unique().with_columns(told=True)
    same = rows.select([*SAME, "value"]).unique().with_columns(same=True)
    met = newest.join(told, on=SAME, how="left", nulls_equal=True).join(
        same, on=[*SAME, "value"], how="left", nulls_equal=True
    )
    kept = rows.select(KEY).unique().with_columns(kept=True)
    found = (
        met.join(kept, on=KEY, how="left", nulls_equal=True)
        .group_by("company")
        .agg(
            held=pl.len(), common=pl.col("told").sum(),
            moved=(pl.col("told") & pl.col("same").is_null()).sum(), gone=pl.col("kept").is_null().sum(),
        )
        .filter(pl.col("held") >= FEWEST_TO_COMPARE)
        .sort("company")
    )  # fmt: skip
    parts = part_of(held_rows, rows)
    why = dict[str, str]()
    for company, held, common, moved, gone in found.iter_rows():
        if common >= FEWEST_TO_COMPARE and moved > changes.moved_share * common:
            why[company] = (
                f"{moved:,} of {common:,} figures are not what the universe holds: more than a filer restates"
            )
        elif company not in parts and gone > changes.gone_share * held:
            why[company] = f"{gone:,} of the {held:,} figures that the universe holds are gone, and others came"
    return why


def _last(rows: pl.DataFrame) -> pl.DataFrame:
    """The row of each series that is known last."""
    return rows.sort(RANK).unique(KEY, keep="last", maintain_order=True)


def part_of(held_rows: pl.DataFrame, rows: pl.DataFrame) -> dict[str, str]:
    """company -> how much of it, of each whose document is a part: less than nine tenths of the statements that are held of it."""
    standing = held_rows.filter(pl.col("status") != GONE).select(SAME).unique().group_by("company").len("held")
    both = rows.group_by("company").len("stated").join(standing, on="company").sort("company")
    parts = both.filter(pl.col("stated") < WHOLE_SHARE * pl.col("held"))
    return {company: f"{stated:,} statements where {held:,} are held" for company, stated, held in parts.iter_rows()}


def with_held(held_rows: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """What is held, and what a later zip adds to it, by the rules of followed companies (store/statements.py).

    A statement that is new is known from its filing. Where the zip's documents then answer otherwise than what is held (a figure
    in place of another, one filed before its period ended), their answer is known from the zip; so is that a whole document
    states a figure no more. What changes in a document that a later one has overtaken changes no answer.
    """
    early = (pl.col("period_end") > pl.col("known_at").dt.date()) & (pl.col("known_at") < pl.col("captured_at"))
    if rows.is_empty() or (held_rows.is_empty() and not rows.select(early.any()).item()):
        return pl.concat([held_rows, rows])
    stated = rows.filter(~early).join(held_rows, on=SAME, how="anti", nulls_equal=True)
    standing = pl.concat([held_rows, stated.select(held_rows.columns)])
    was, now = _last(standing), _last(rows)
    other = now.join(was, on=[*KEY, *COMPANY_FACT.payload], how="anti", nulls_equal=True)
    whole = ~pl.col("company").is_in(list(part_of(held_rows, rows)))
    gone = was.filter(whole, pl.col("status") != GONE).join(now, on=KEY, how="anti", nulls_equal=True)
    of_zip = rows.select("captured_at", "capture_sha256", "first_seen_at").row(0, named=True)
    says = {**dict.fromkeys([*COMPANY_FACT.payload, "value_exact"]), "status": GONE, **of_zip}
    ended = gone.with_columns(pl.lit(value).alias(name) for name, value in says.items())
    late = pl.concat([held_rows.clear(), other.select(held_rows.columns), ended], how="vertical_relaxed").with_columns(
        known_at=pl.max_horizontal("known_at", "captured_at"), known_at_basis=pl.lit(SHOWN)
    )
    return pl.concat([standing, late])
