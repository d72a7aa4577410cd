"""The query of a claim, from its file: checked before anything is asked, so that what is wrong is refused at load."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import polars as pl

from config.contracts import EVIDENCE
from config.errors import Refused
from config.specs import ClaimSpec
from warehouse.evidence.as_of import check_evidence_sql
from warehouse.evidence.definitions import check_definitions

ROOT = Path(__file__).parents[2]


def claim_sql(spec: ClaimSpec) -> str:
    """The text of the claim's evidence query: its own file, or that of the claim it shares it with.

    Raises Refused when the file is missing, when the query could look ahead, and when it reads a metric by more than one
    definition, or by none, which the claim does not declare under definitions_apart.
    """
    try:
        sql = (ROOT / spec.query_file).read_text("utf-8")
    except FileNotFoundError:
        raise Refused(
            "there is no such file",
            source=spec.id,
            place=spec.query_file,
            remedy="write the SELECT that yields the claim's evidence, or name under evidence_of the claim that has it",
        ) from None
    _check(sql, spec.query_file, spec.definitions_apart)
    return sql


def taken(spec: ClaimSpec, rows: pl.DataFrame) -> pl.DataFrame:
    """What a claim takes of the rows (EVIDENCE) of its query: all, or the series it names, under its names for them."""
    if not spec.takes:
        return rows
    of_it = rows.filter(pl.col("series").is_in(list(spec.takes)))
    return of_it.with_columns(pl.col("series").replace_strict(spec.takes, return_dtype=pl.String)).sort(list(EVIDENCE))


@cache
def _check(sql: str, place: str, apart: tuple[str, ...]) -> None:
    check_evidence_sql(sql, place)
    check_definitions(sql, place, apart)
