"""The lead: best entrant of one developer minus the best of everybody else, on one board and day.

The rule, so that SQL can say the same. One *day* is (board, scale_id, category, scored_on, source); rows without a
score are left out. `organization` is the canonical id (transforms/organizations.py), NULL where it is not known.

1. own = the developer's entrant with the highest score, other = that of all other known organisations. Ties go to the
   name that sorts first, byte by byte.
2. An entrant of unknown organisation belongs to neither side. It is counted in `unattributed`. If one scores above own,
   it could be the developer's best, so own is not known; likewise other. What is not known is NULL, never a guess.
3. gap = own - other in points; NULL unless both are known.
4. gap_low = low(own) - high(other), gap_high = high(own) - low(other); NULL without both intervals. This is the widest
   the two published 95 % intervals allow: conservative, because both ends rarely come true at once.
5. Rank 1: if every entrant of the day has an interval, those whose upper end reaches the highest lower end of the day
   (rank = 1 + number of entrants whose lower end exceeds this upper end); else, if every entrant has a stated rank,
   those of the smallest; else those of the highest score. The official dataset's rank merely counts rows: never used.
   alone_at_rank_1 is false if a known other organisation is among them; else NULL if an unknown one is; else true.
6. known_at, first_seen_at and evidence_tier are the latest (worst) of the day's rows; capture, locator and address
   are own's, or other's where the developer has no entrant.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

DAY = ("board", "scale_id", "category", "scored_on", "source")
EVIDENCE = ("capture_sha256", "locator", "source_url")


def gaps(scores: pl.DataFrame, developer: str = "openai") -> pl.DataFrame:
    """One row for each day of `scores`, newest last.

    Takes board, scale_id, category, scored_on, source, entrant, organization (canonical id), score, low, high, rank,
    known_at, first_seen_at, evidence_tier, capture_sha256, locator, source_url. Gives board, scale_id, category,
    scored_on, gap, gap_low, gap_high (points), best_<developer>, best_other, other_organization, alone_at_rank_1,
    unattributed, note, known_at, source, evidence_tier, first_seen_at, capture_sha256, locator, source_url.
    """
    scored = scores.filter(pl.col("score").is_not_null())
    known = scored.filter(pl.col("organization").is_not_null())
    joined = _days(scored)
    for part in (
        _best(known.filter(pl.col("organization") == developer), "own"),
        _best(known.filter(pl.col("organization") != developer), "other"),
        _alone(scored, developer),
    ):
        joined = joined.join(part, on=DAY, how="left", nulls_equal=True)
    return _measured(joined, developer).sort("board", "category", "scored_on", "source", "scale_id")


def _days(scored: pl.DataFrame) -> pl.DataFrame:
    unknown = pl.col("organization").is_null()
    return scored.group_by(DAY).agg(
        pl.col("known_at", "first_seen_at", "evidence_tier").max(),
        unattributed=unknown.sum().cast(pl.Int64),
        unknown_score=pl.col("score").filter(unknown).max(),
    )


def _best(rows: pl.DataFrame, side: str) -> pl.DataFrame:
    kept = ("score", "low", "high", "entrant", "organization", *EVIDENCE)
    return (
        rows.sort("score", "entrant", descending=[True, False])
        .group_by(DAY, maintain_order=True)
        .agg(pl.col(name).first().alias(f"{side}_{name}") for name in kept)
    )


def _alone(scored: pl.DataFrame, developer: str) -> pl.DataFrame:
    organization = pl.col("organization")
    return (
        scored.filter(_at_rank_1(DAY))
        .group_by(DAY)
        .agg(
            alone_at_rank_1=pl.when((organization != developer).any()).then(pl.lit(False))
            .when(organization.is_not_null().all()).then(pl.lit(True))
        )
    )  # fmt: skip


def _at_rank_1(day: Sequence[str]) -> pl.Expr:
    bounded = (pl.col("low").is_not_null() & pl.col("high").is_not_null()).all().over(day)
    ranked = pl.col("rank").is_not_null().all().over(day)
    return (
        pl.when(bounded).then(pl.col("high") >= pl.col("low").max().over(day))
        .when(ranked).then(pl.col("rank") == pl.col("rank").min().over(day))
        .otherwise(pl.col("score") == pl.col("score").max().over(day))
    )  # fmt: skip


def _measured(joined: pl.DataFrame, developer: str) -> pl.DataFrame:
    own, other = _is_known("own"), _is_known("other")
    return joined.select(
        "board", "scale_id", "category", "scored_on",
        pl.when(own & other).then(pl.col("own_score") - pl.col("other_score")).alias("gap"),
        pl.when(own & other).then(pl.col("own_low") - pl.col("other_high")).alias("gap_low"),
        pl.when(own & other).then(pl.col("own_high") - pl.col("other_low")).alias("gap_high"),
        pl.when(own).then("own_entrant").alias(f"best_{developer}"),
        pl.when(other).then("other_entrant").alias("best_other"),
        pl.when(other).then("other_organization").alias("other_organization"),
        "alone_at_rank_1", "unattributed", _note(developer).alias("note"),
        "known_at", "source", "evidence_tier", "first_seen_at",
        *(pl.coalesce(f"own_{name}", f"other_{name}").alias(name) for name in EVIDENCE),
    )  # fmt: skip


def _is_known(side: str) -> pl.Expr:
    best, unknown = pl.col(f"{side}_score"), pl.col("unknown_score")
    return best.is_not_null() & (unknown.is_null() | (unknown <= best))


def _note(developer: str) -> pl.Expr:
    reasons = (
        pl.when(pl.col("own_score").is_null()).then(pl.lit(f"no entrant of {developer}")),
        pl.when(pl.col("other_score").is_null()).then(pl.lit("no entrant of another known organisation")),
        pl.when(pl.col("unknown_score") > pl.min_horizontal("own_score", "other_score")).then(
            pl.lit("an entrant of unknown organisation scores above one of the two")
        ),
    )
    text = pl.concat_str(reasons, separator="; ", ignore_nulls=True)
    return pl.when(text != "").then(text)
