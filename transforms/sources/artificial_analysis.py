"""Artificial Analysis: the Intelligence Index of each model, from the free part of its interface, page by page.

A page is an object with intelligence_index_version, pagination and data. The version is part of the scale: from 4.0 to
4.1 every score fell. Zero and null are absent: the free part leaves figures out. The day is the capture's.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from config.contracts import Capture, Parsed
from config.parsing import parse_json
from config.specs import Catalog, SourceSpec
from transforms.boards.table import changed, named, number, refuse_foreign, stated, statements, unreadable

INDEX = "artificial_analysis_intelligence_index"
MAX_PAGES = 40  # a hundred requests a day are free


def requests(spec: SourceSpec, catalog: Catalog) -> list[tuple[str, str]]:  # noqa: ARG001  one shape for every source
    """(page, address) of the first page; each page tells whether another follows."""
    return [("page 1", address.replace("{page}", "1")) for address in spec.addresses]


def followups(payload: bytes, capture: Capture, catalog: Catalog) -> list[tuple[str, str]]:
    """(page, address) of the page after this one; nothing after the last."""
    try:
        body = parse_json(payload)
        number_of_page, more = int(capture.scope.removeprefix("page ")), bool(body["pagination"]["has_more"])
    except (KeyError, TypeError, ValueError):
        return []
    if not more or number_of_page >= MAX_PAGES:
        return []
    address = catalog.sources[capture.source].addresses[0].replace("{page}", str(number_of_page + 1))
    return [(f"page {number_of_page + 1}", address)]


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of one page in index points. Raises SourceChanged."""
    spec = catalog.sources[capture.source]
    refuse_foreign(payload, capture)
    version, models = _read(payload, capture)
    score = number("score")
    draft = _texts(models).select(
        "locator",
        category=pl.lit("overall"),
        scored_on=pl.lit(capture.taken_at.date()),
        entrant=named("entrant"),
        organization=named("organization"),
        value=score,
        value_exact=stated("score"),
        method=pl.lit(f"index {version}"),
        released_on=stated("released").str.to_date("%Y-%m-%d", strict=False),
        fault=pl.coalesce(
            unreadable("score", score), pl.when(score > 100).then(pl.lit("the index ends at 100"))
        ),
    )  # fmt: skip
    scored = draft.filter(pl.col("value").is_null() | (pl.col("value") != 0) | pl.col("fault").is_not_null())
    unscored = scored["value"].is_null() & scored["fault"].is_null()
    return statements(scored.filter(~unscored), capture, spec, spec.boards[0].board)


def _read(payload: bytes, capture: Capture) -> tuple[str, list[dict[str, Any]]]:
    try:
        body = parse_json(payload)
        version, models = body["intelligence_index_version"], body["data"]
    except (ValueError, KeyError, TypeError) as error:
        raise changed(f"not a page of models: {error!r}", capture) from error
    if not version or not isinstance(version, str | int | float):
        raise changed("the version of the index is not said", capture, "/intelligence_index_version")
    if not isinstance(models, list) or not all(isinstance(model, dict) for model in models):
        raise changed("not a list of models", capture, "/data")
    if not any(INDEX in (model.get("evaluations") or {}) for model in models):
        raise changed(f"no model has {INDEX}", capture, "/data")
    return str(version), models


def _texts(models: list[dict[str, Any]]) -> pl.DataFrame:
    rows = [
        {
            "locator": f"/data/{index}/evaluations/{INDEX}",
            "entrant": _text(model.get("name")),
            "organization": _text((model.get("model_creator") or {}).get("name")),
            "score": _text((model.get("evaluations") or {}).get(INDEX)),
            "released": _text(model.get("release_date")),
        }
        for index, model in enumerate(models)
    ]
    names = ("locator", "entrant", "organization", "score", "released")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
