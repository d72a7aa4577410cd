"""Arena text board as published, copied day by day into CSV files (fboulnois, 2024-06 to 2025-08).

Three layouts: `arena_elo` became `arena_score`, then `rank_stylectrl` came in. The scores are those without style
control throughout, also after the site made style control its default. rank_stylectrl is the rank on another board,
whose scores the file does not give: it makes rows of that board with a rank and without a score. The day is the
file's, passed as capture.taken_at.
"""

from __future__ import annotations

import polars as pl

from config.contracts import Capture, Issue, Parsed
from config.specs import Catalog, SourceSpec
from transforms.boards.table import interval, named, number, read_csv, stated, statements, unreadable, whole

BOARD = "arena_text"
STYLE_BOARD = "arena_text_style_control"
STYLE_RANK = "rank_stylectrl"
READ = {
    "rank": ("rank",),
    "entrant": ("model",),
    "score": ("arena_score", "arena_elo"),
    "interval": ("95_pct_ci",),
    "votes": ("votes",),
    "organization": ("organization",),
    "license": ("license",),
}
IGNORED = (STYLE_RANK, "knowledge_cutoff", "url")


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of one day in Arena points, with the published interval, votes and rank. Raises SourceChanged.

    Where the file ranks the style controlled board too, also its rows, without scores.
    """
    table, notices = read_csv(payload, capture, READ, IGNORED)
    below, above = interval("interval")
    draft = table.select(
        "locator",
        category=pl.lit("overall"),
        scored_on=pl.lit(capture.taken_at.date()),
        entrant=named("entrant"),
        organization=named("organization"),
        license=stated("license"),
        value=number("score"),
        value_exact=stated("score"),
        value_low=number("score") - below,
        value_high=number("score") + above,
        votes=whole("votes"),
        rank=whole("rank"),
        fault=unreadable("score", number("score")),
        slip=pl.coalesce(
            unreadable("interval", below + above),
            unreadable("votes", whole("votes")),
            unreadable("rank", whole("rank")),
        ),
    )
    spec = catalog.sources[capture.source]
    raw = statements(draft, capture, spec, BOARD, prefix=f"{capture.source}/", notices=notices)
    return _with_style(raw, _style(payload, capture, spec))


def _style(payload: bytes, capture: Capture, spec: SourceSpec) -> Parsed | None:
    """The style controlled board, by its ranks alone; None in the layouts that do not have it."""
    if STYLE_RANK.encode() not in payload.split(b"\n", 1)[0]:
        return None
    read = {"entrant": READ["entrant"], "score": (STYLE_RANK,), "organization": READ["organization"]}
    table, _ = read_csv(payload, capture, read, ())
    draft = table.select(
        "locator",
        category=pl.lit("overall"),
        scored_on=pl.lit(capture.taken_at.date()),
        entrant=named("entrant"),
        organization=named("organization"),
        rank=whole("score"),
        fault=unreadable("score", whole("score")),
    )
    return statements(draft, capture, spec, STYLE_BOARD, prefix=f"{capture.source}/", rank_is_enough=True)


def _with_style(raw: Parsed, style: Parsed | None) -> Parsed:
    if style is None:
        return raw
    # What is wrong with a line was said when its score was read: here only what concerns the other rank is new.
    new = [
        Issue("no style control rank", issue.locator, issue.detail.replace("score", STYLE_RANK))
        for issue in style.issues
        if issue.reason in {"unreadable score", "no score"}
    ]
    return Parsed(pl.concat([raw.rows, style.rows]), (*raw.issues, *new))
