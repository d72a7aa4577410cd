"""Arena text board as published, copied day by day into CSV files (fboulnois, 2024-06 to 2025-08).

Three layouts: `arena_elo` became `arena_score`, then `rank_stylectrl` came in. The scores are those without style
control throughout, also after the site made style control its default. rank_stylectrl is a rank on another board
whose scores the file does not give: ignored. The day is the file's, passed as capture.taken_at.
"""

from __future__ import annotations

import polars as pl

from config.contracts import Capture, Parsed
from config.specs import Catalog
from transforms.board_table import interval, number, read_csv, stated, statements, unreadable, whole

BOARD = "arena_text"
READ = {
    "rank": ("rank",),
    "entrant": ("model",),
    "score": ("arena_score", "arena_elo"),
    "interval": ("95_pct_ci",),
    "votes": ("votes",),
    "organization": ("organization",),
    "license": ("license",),
}
IGNORED = ("rank_stylectrl", "knowledge_cutoff", "url")


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of one day in Arena points, with the published interval, votes and rank. Raises SourceChanged."""
    table, notices = read_csv(payload, capture, READ, IGNORED)
    below, above = interval("interval")
    draft = table.select(
        "locator",
        category=pl.lit("overall"),
        scored_on=pl.lit(capture.taken_at.date()),
        entrant=stated("entrant"),
        organization=stated("organization"),
        license=stated("license"),
        value=number("score"),
        value_exact=stated("score"),
        value_low=number("score") - below,
        value_high=number("score") + above,
        votes=whole("votes"),
        rank=whole("rank"),
        fault=pl.coalesce(
            unreadable("score", number("score")),
            unreadable("interval", below + above),
            unreadable("votes", whole("votes")),
            unreadable("rank", whole("rank")),
        ),
    )
    spec = catalog.sources[capture.source]
    return statements(draft, capture, spec, BOARD, prefix=f"{capture.source}/", notices=notices)
