"""Daily copies of the top of Arena's text board as its site shows it (oolong, 2026-03 to 2026-04).

A copy holds the top 20 to 71 entrants only. `ci` is half the width of the interval. The day is that of the copy
(meta.fetched_at, UTC); the board's own date (meta.last_updated) is often missing and therefore not used.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from config.contracts import Capture, Parsed
from config.parsing import parse_json
from config.specs import Catalog
from transforms.boards.table import (
    changed,
    named,
    number,
    refuse_foreign,
    stated,
    statements,
    unknown_columns,
    unreadable,
    whole,
)

BOARD = "arena_text"
FIELDS = ("rank", "model", "vendor", "license", "score", "ci", "votes")
META = ("leaderboard", "source_url", "fetched_at", "last_updated", "model_count")


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of one day in Arena points, with interval, votes and the site's rank. Raises SourceChanged."""
    refuse_foreign(payload, capture)
    day, models = _read(payload, capture)
    notices = unknown_columns({name for model in models for name in model} - set(FIELDS))
    draft = _texts(models).select(
        "locator",
        category=pl.lit("overall"),
        scored_on=pl.lit(day),
        entrant=named("model"),
        organization=named("vendor"),
        license=stated("license"),
        value=number("score"),
        value_exact=stated("score"),
        value_low=number("score") - number("ci"),
        value_high=number("score") + number("ci"),
        votes=whole("votes"),
        rank=whole("rank"),
        fault=unreadable("score", number("score")),
        slip=pl.coalesce(
            unreadable("ci", number("ci")), unreadable("votes", whole("votes")), unreadable("rank", whole("rank"))
        ),
    )
    spec = catalog.sources[capture.source]
    return statements(draft, capture, spec, BOARD, prefix=f"{capture.source}/", notices=notices)


def _read(payload: bytes, capture: Capture) -> tuple[date, list[dict[str, Any]]]:
    try:
        body = parse_json(payload)
        meta, models = body["meta"], body["models"]
        kind, count = meta["leaderboard"], meta["model_count"]
        fetched_at = datetime.fromisoformat(meta["fetched_at"])
    except (KeyError, TypeError, ValueError) as error:
        raise changed(f"not a board in JSON: {error!r}", capture) from error
    if kind != "text":
        raise changed(f"the board {kind!r} where text is expected", capture, "/meta/leaderboard")
    if not isinstance(models, list) or count != len(models) or not all(isinstance(model, dict) for model in models):
        raise changed(f"not the {count} entrants it speaks of", capture, "/models")
    if fetched_at.tzinfo is None:
        raise changed("an instant without a zone", capture, "/meta/fetched_at")
    return fetched_at.astimezone(UTC).date(), models


def _texts(models: list[dict[str, Any]]) -> pl.DataFrame:
    """The fields as text: what is no number or text reads as an unreadable cell later, not as something else."""
    texts = {name: [_text(model.get(name)) for model in models] for name in FIELDS}
    texts["locator"] = [f"/models/{index}/score" for index in range(len(models))]
    return pl.DataFrame(texts, schema=dict.fromkeys(texts, pl.String))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
