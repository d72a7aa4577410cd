"""Arena's own tables of 2023, mirrored from its page: the ten that carry the published Elo.

'-' means that the model is not on the Arena (it has other test scores only). There is no organisation column:
config/organizations.yml names these entrants. Later tables of the same folder give no Elo and are refused. The day is
the file's, passed as capture.taken_at.
"""

from __future__ import annotations

import polars as pl

from config.contracts import Capture, Parsed
from config.specs import Catalog
from transforms.boards.table import named, number, read_csv, stated, statements, unreadable

BOARD = "arena_text"
READ = {"entrant": ("Model",), "score": ("Arena Elo rating",), "license": ("License",)}
IGNORED = ("MT-bench (win rate %)", "MT-bench (score)", "MMLU", "Link")


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of one day in Elo points, without interval, votes or rank. Raises SourceChanged, also without an Elo column."""
    table, notices = read_csv(payload, capture, READ, IGNORED)
    draft = table.select(
        "locator",
        category=pl.lit("overall"),
        scored_on=pl.lit(capture.taken_at.date()),
        entrant=named("entrant"),
        license=stated("license"),
        value=number("score"),
        value_exact=stated("score"),
        fault=unreadable("score", number("score")),
    )
    spec = catalog.sources[capture.source]
    return statements(draft, capture, spec, BOARD, prefix=f"{capture.source}/", notices=notices)
