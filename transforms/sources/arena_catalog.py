"""Arena's own catalog of scores (lmarena/arena-catalog): every category of the text board, raw and style controlled.

A JSON object category -> entrant -> {rating, rating_q025, rating_q975}. There are no organisations, votes, ranks or
dates: whose an entrant is, follows from config/organizations.yml and config/models.yml; the day is the capture's; and
capture.scope says which of the two boards it is, as the two files look alike.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from config.contracts import Capture, Issue, Parsed
from config.errors import Refused
from config.parsing import parse_json
from config.specs import Catalog, SourceSpec
from transforms.boards.table import (
    changed,
    named,
    number,
    refuse_foreign,
    stated,
    statements,
    unknown_columns,
    unreadable,
)

FIELDS = ("rating", "rating_q025", "rating_q975")


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of one day in Arena points, with the 95 % interval. Raises SourceChanged; Refused for an unknown board."""
    spec = catalog.sources[capture.source]
    boards = [table.board for table in spec.boards]
    if capture.scope not in boards:
        raise Refused(f"no board {capture.scope!r}", source=capture.source, remedy=f"one of {', '.join(boards)}")
    refuse_foreign(payload, capture)
    entries, names, issues = _entries(_categories(payload, capture), spec)
    if not entries:
        raise changed(f"no entrants in the categories {', '.join(spec.categories)}", capture)
    texts = pl.DataFrame(entries, schema=dict.fromkeys(("locator", "category", "entrant", *FIELDS), pl.String))
    draft = texts.select(
        "locator",
        "category",
        scored_on=pl.lit(capture.taken_at.date()),
        entrant=named("entrant"),
        value=number("rating"),
        value_exact=stated("rating"),
        value_low=number("rating_q025"),
        value_high=number("rating_q975"),
        fault=unreadable("rating", number("rating")),
        slip=pl.coalesce([unreadable(name, number(name)) for name in FIELDS if name != "rating"]),
    )
    notices = (*unknown_columns(names - set(FIELDS)), *issues)
    return statements(draft, capture, spec, capture.scope, prefix=f"{capture.source}/", notices=notices)


def _categories(payload: bytes, capture: Capture) -> dict[str, Any]:
    try:
        body = parse_json(payload)
    except ValueError as error:
        raise changed(f"not JSON: {error}", capture) from error
    if not isinstance(body, dict) or not all(isinstance(entrants, dict) for entrants in body.values()):
        raise changed("not an object of categories", capture)
    return body


def _entries(body: dict[str, Any], spec: SourceSpec) -> tuple[list[dict[str, str | None]], set[str], list[Issue]]:
    """(one row of texts for each entrant of the declared categories, every field met, entrants that are no object)."""
    entries: list[dict[str, str | None]] = []
    names: set[str] = set()
    issues = []
    for stated_as, category in spec.categories.items():
        for entrant, numbers in body.get(stated_as, {}).items():
            place = f"/{stated_as}/{entrant.replace('~', '~0').replace('/', '~1')}/rating"
            if not isinstance(numbers, dict):
                issues.append(Issue("not an entrant", place, f"{entrant}: {numbers!r}"[:200]))
                continue
            names |= set(numbers)
            texts = {name: None if numbers.get(name) is None else str(numbers[name]) for name in FIELDS}
            entries.append({"locator": place, "category": category, "entrant": entrant, **texts})
    return entries, names, issues
