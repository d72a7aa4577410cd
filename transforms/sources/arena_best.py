"""The best model of each laboratory on the Arena text board, day by day (mayerwin): laboratory -> [{date, model_name, rating}].

Whoever made it left models out, and does not say which. Its interval is not the board's: it is by what the full boards were
measured to differ from it, as its declaration says (`disagreement`).
"""

from __future__ import annotations

from typing import Any

import orjson
import polars as pl

from config.contracts import Capture, Issue, Parsed
from config.specs import Catalog
from transforms.boards.table import changed, number, refuse_foreign, stated, statements, unknown_columns, unreadable

BOARD = "arena_text"
FIELDS = ("date", "model_name", "rating")


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of every day in Arena points, one for each laboratory, with the measured interval. Raises SourceChanged."""
    spec = catalog.sources[capture.source]
    if spec.disagreement is None:
        raise changed("its declaration does not say by what it differs from the full boards", capture)
    refuse_foreign(payload, capture)
    entries, names, issues = _entries(_laboratories(payload, capture))
    if not entries:
        raise changed("no models of any laboratory", capture)
    if absent := [name for name in FIELDS if name not in names]:
        raise changed(f"no entry has {', '.join(absent)}", capture)
    day = stated("date").str.to_date("%Y-%m-%d", strict=False)
    texts = pl.DataFrame(entries, schema=dict.fromkeys(("locator", "laboratory", *FIELDS), pl.String))
    draft = texts.select(
        "locator",
        category=pl.lit("overall"),
        scored_on=day,
        entrant=stated("model_name"),
        organization=stated("laboratory"),
        value=number("rating"),
        value_exact=stated("rating"),
        value_low=number("rating") + spec.disagreement.low,
        value_high=number("rating") + spec.disagreement.high,
        fault=pl.coalesce(unreadable("date", day), unreadable("rating", number("rating"))),
    )
    notices = (*unknown_columns(names - set(FIELDS)), *issues)
    return statements(draft, capture, spec, BOARD, prefix=f"{capture.source}/", notices=notices)


def _laboratories(payload: bytes, capture: Capture) -> dict[str, list[Any]]:
    try:
        body = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise changed(f"not JSON: {error}", capture) from error
    if not isinstance(body, dict) or not all(isinstance(days, list) for days in body.values()):
        raise changed("not an object of laboratories with their days", capture)
    return body


def _entries(body: dict[str, list[Any]]) -> tuple[list[dict[str, str | None]], set[str], list[Issue]]:
    """(one row of texts for each day of each laboratory, every field met, days that are no object)."""
    entries: list[dict[str, str | None]] = []
    names: set[str] = set()
    issues = []
    for laboratory, days in body.items():
        for position, entry in enumerate(days):
            place = f"/{laboratory.replace('~', '~0').replace('/', '~1')}/{position}/rating"
            if not isinstance(entry, dict):
                issues.append(Issue("not an entrant", place, f"{laboratory}: {entry!r}"[:200]))
                continue
            names |= set(entry)
            texts = {name: None if entry.get(name) is None else str(entry[name]) for name in FIELDS}
            entries.append({"locator": place, "laboratory": laboratory, **texts})
    return entries, names, issues
