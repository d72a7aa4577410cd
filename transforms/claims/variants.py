"""The same claim on part of its evidence: on first prints alone, by each source, by each board."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from config.specs import ClaimSpec
from transforms.claim_tests.outcome import VINTAGE_DEPENDENT, Sentences
from transforms.claim_tests.reading import BY_SOURCE, source_of
from transforms.claims.verdicts import UNTESTED, Verdict, judge_claim

VARIANT: pl.Schema = pl.Schema(
    {
        "claim_id": pl.String(), "as_of": pl.Date(), "variant": pl.String(), "name": pl.String(), "verdict": pl.String(),
        "statistic": pl.Float64(), "statistic_unit": pl.String(), "n": pl.Int64(), "detail_en": pl.String(),
        "detail_zh": pl.String(),
    }
)  # fmt: skip


def variants(
    spec: ClaimSpec,
    verdict: Verdict,
    evidence: pl.DataFrame,
    first: Verdict,
    *,
    sql: str,
    said: Sentences | None = None,
) -> tuple[dict[str, Any], ...]:
    """Rows of VARIANT for the newest verdict. `first` is the verdict of its day on first prints alone, `said` as judge_claim takes it."""
    if verdict.verdict in UNTESTED:
        return ()
    parts: list[tuple[str, str, pl.DataFrame]] = []
    sources = evidence.select(source_of()).to_series().unique().drop_nulls().sort().to_list()
    if len(sources) > 1:
        parts += [("source", name, _by(name, evidence)) for name in sources]
    boards = [board for board in spec.parameters.get("boards", ()) if board in evidence["series"]]
    parts += [("board", board, evidence.filter(pl.col("series") == board)) for board in boards]
    day, code = verdict.as_of, verdict.code_version
    apart = (
        _row(judge_claim(spec, rows, day, code, sql=sql, said=said), variant, name) for variant, name, rows in parts
    )
    return (_row(first, "first_prints", ""), *apart)


def by_vintage(verdict: Verdict, first: Verdict) -> Verdict:
    """The verdict, flagged vintage_dependent where that on first prints alone (`first`) decides otherwise."""
    if first.verdict in (verdict.verdict, "undetermined"):
        return verdict
    return replace(verdict, flags=tuple(sorted({*verdict.flags, VINTAGE_DEPENDENT})))


def _by(source: str, evidence: pl.DataFrame) -> pl.DataFrame:
    """What one source says alone: its own figures where the query gives each source's, else its part of those that decide."""
    rows = evidence.filter(source_of() == source)
    own = rows.filter(pl.col("series").str.ends_with(BY_SOURCE)).with_columns(
        pl.col("series").str.strip_suffix(BY_SOURCE)
    )
    return pl.concat([rows.filter(~pl.col("series").is_in(own["series"].implode())), own])


def _row(found: Verdict, variant: str, name: str) -> dict[str, Any]:
    return {**{column: getattr(found, column, None) for column in VARIANT}, "variant": variant, "name": name}
