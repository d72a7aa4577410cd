"""A collected history of the Arena text board (jasontrigg0): many days in one CSV, key, Model, rating, ..., date.

Ratings before 2024-03-27 were read from the authors' working files and are not the ones that were published: they are
left out, and one notice counts them.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from config.contracts import Capture, Issue, Parsed
from config.specs import Catalog
from transforms.boards.table import named, number, read_csv, stated, statements, unreadable

BOARD = "arena_text"
FIRST_PUBLISHED = date(2024, 3, 27)
READ = {
    "entrant": ("Model",),
    "score": ("rating",),
    "license": ("License",),
    "organization": ("Organization",),
    "day": ("date",),
}
IGNORED = ("key",)


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of every day from 2024-03-27 on in Arena points, without interval, votes or rank. Raises SourceChanged."""
    table, notices = read_csv(payload, capture, READ, IGNORED)
    day = stated("day").str.to_date("%Y%m%d", strict=False)
    unpublished = table.select(day < FIRST_PUBLISHED).to_series().fill_null(value=False)
    draft = table.filter(~unpublished).select(
        "locator",
        category=pl.lit("overall"),
        scored_on=day,
        entrant=named("entrant"),
        organization=named("organization"),
        license=stated("license"),
        value=number("score"),
        value_exact=stated("score"),
        fault=pl.coalesce(unreadable("day", day), unreadable("score", number("score"))),
    )
    spec = catalog.sources[capture.source]
    notices += _left_out(int(unpublished.sum()))
    return statements(draft, capture, spec, BOARD, prefix=f"{capture.source}/", notices=notices)


def _left_out(count: int) -> tuple[Issue, ...]:
    detail = f"{count} rows before {FIRST_PUBLISHED}: not the published ratings"
    return (Issue("unpublished ratings left out", "column date", detail, "notice"),) if count else ()
