"""The lead: best entrant of one developer minus the best of everybody else, on one board and day, for each developer.

The rule, so that SQL can say the same. One *day* is (board, scale_id, category, scored_on, source) as it stood at one
vintage; rows without a score are left out, but where nothing of a day has a score (copies that give ranks alone) the
ranks stand in for comparing, and every number in points stays NULL. `organization` is the canonical id
(transforms/boards/organizations.py), NULL where it is not known.

1. own = the developer's entrant with the highest score, other = that of all other known organisations. Ties go to the
   name that sorts first, byte by byte. Variants of one model by effort or thinking are entrants of their own.
2. An entrant of unknown organisation belongs to neither side. It is counted in `unattributed`. If one scores above own,
   it could be the developer's best, so own is not known; likewise other. What is not known is NULL, never a guess.
   An entrant whose score cannot be told (stated twice, differently, or unreadable: no score, but the ends of what it
   can be) counts the same way, by the higher end: what it really has is not known, and neither is who leads if it matters.
3. gap = own - other in points; NULL unless both are known.
4. gap_low = low(own) - high(other), gap_high = high(own) - low(other); NULL without both intervals. This is the widest
   the two published 95 % intervals allow: conservative, because both ends rarely come true at once.
5. Rank 1: if every entrant of the day has an interval, those whose upper end reaches the highest lower end of the day
   (rank = 1 + number of entrants whose lower end exceeds this upper end); else, if every entrant has a stated rank,
   those of the smallest; else it is not known, as the highest score alone does not say who is told apart from it.
   rank_1 lists their organisations ('unknown' among them). alone_at_rank_1 is false if a known other organisation is
   among them; else NULL if an unknown one is; else true.
6. leader = the organisation of the highest score; NULL if two share it, or an unknown one may have it.
7. A day in doubt (`doubt` gives the reason: the board has shrunk by half) says nothing: all of the above is NULL.
8. known_at, first_seen_at and evidence_tier are the latest (worst) of the day's rows; capture, locator and address
   are own's, or other's where the developer has no entrant.

A developer has a row for every day of a board on which it ever stood, OpenAI on every board.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

SERIES = ("board", "category", "source")
DAY = ("board", "scale_id", "category", "scored_on", "source", "vintage_at")
EVIDENCE = ("capture_sha256", "locator", "source_url")
KEPT = ("score", "strength", "low", "high", "entrant", "organization", *EVIDENCE)
ALWAYS = "openai"
UNKNOWN = "unknown"


def leads(scores: pl.DataFrame, stood: pl.DataFrame | None = None) -> pl.DataFrame:
    """One row for each day of `scores` and developer, newest last; also for developers that `stood` on the board before (SERIES,
    developer).

    Takes board, scale_id, category, scored_on, source, vintage_at, entrant, organization (canonical id), score, low,
    high, rank, doubt, known_at, first_seen_at, evidence_tier, capture_sha256, locator, source_url. Gives the day,
    developer, gap, gap_low, gap_high, own_score, own_low, own_high, other_score, other_low, other_high (points),
    best_own, best_other, other_organization, leader, rank_1, at_rank_1, alone_at_rank_1, unattributed, note and
    the evidence.
    """
    scored = _comparable(scores)
    known = scored.filter(pl.col("organization").is_not_null() & ~pl.col("disputed"))
    bests = _bests(known)
    joined = (
        _days(scored)
        .join(_developers(known, scored, stood), on=SERIES, how="left")
        .join(_side(bests, "own"), on=[*DAY, "developer"], how="left", nulls_equal=True)
        .join(_place(bests, 0, "first"), on=DAY, how="left", nulls_equal=True)
        .join(_place(bests, 1, "second"), on=DAY, how="left", nulls_equal=True)
    )
    is_first = pl.col("first_organization").eq_missing(pl.col("developer"))
    others = [
        pl.when(is_first).then(f"second_{name}").otherwise(f"first_{name}").alias(f"other_{name}") for name in KEPT
    ]
    order = ("board", "category", "scored_on", "source", "scale_id", "vintage_at", "developer")
    return _measured(joined.with_columns(others)).sort(order)


def _comparable(scores: pl.DataFrame) -> pl.DataFrame:
    """The rows that can be compared, by `strength`: the score, or on days without any the rank, the better the higher."""
    unscored = pl.col("score").is_null().all().over(DAY)
    strength = pl.when(unscored).then(-pl.col("rank").cast(pl.Float64)).otherwise("score")
    at_most = pl.when(unscored).then(float("inf")).otherwise("high")
    return (
        scores.with_columns(strength=strength)
        .with_columns(disputed=pl.col("strength").is_null(), strength=pl.coalesce("strength", at_most))
        .filter(pl.col("strength").is_not_null())
    )


def _bests(known: pl.DataFrame) -> pl.DataFrame:
    """The best entrant of each organisation on each day, with its place among these, 0 first."""
    return (
        known.sort("strength", "entrant", descending=[True, False])
        .unique([*DAY, "organization"], keep="first", maintain_order=True)
        .with_columns(place=pl.int_range(pl.len()).over(DAY))
    )


def _side(bests: pl.DataFrame, side: str) -> pl.DataFrame:
    return bests.select(
        *DAY, pl.col("organization").alias("developer"), *(pl.col(name).alias(f"{side}_{name}") for name in KEPT)
    )


def _place(bests: pl.DataFrame, place: int, side: str) -> pl.DataFrame:
    return _side(bests.filter(pl.col("place") == place), side).drop("developer")


def _developers(known: pl.DataFrame, scored: pl.DataFrame, before: pl.DataFrame | None) -> pl.DataFrame:
    """Every developer that ever stood on the board, and OpenAI."""
    stood = known.select(*SERIES, pl.col("organization").alias("developer"))
    always = scored.select(*SERIES, pl.lit(ALWAYS).alias("developer"))
    held = [] if before is None else [before.select(stood.columns)]
    return pl.concat([stood, always, *held]).unique()


def _days(scored: pl.DataFrame) -> pl.DataFrame:
    unattributed, disputed = pl.col("organization").is_null(), pl.col("disputed")
    days = scored.group_by(DAY).agg(
        pl.col("known_at", "first_seen_at", "evidence_tier", "doubt").max(),
        unattributed=unattributed.sum().cast(pl.Int64),
        unknown_strength=pl.col("strength").filter(unattributed | disputed).max(),
        disputed_strength=pl.col("strength").filter(disputed).max(),
    )
    rank_1 = (
        scored.filter(_at_rank_1(DAY))
        .with_columns(organization=pl.when(~pl.col("disputed")).then("organization"))
        .group_by(DAY)
        .agg(rank_1=pl.col("organization").fill_null(UNKNOWN).unique().sort())
    )
    return days.join(rank_1, on=DAY, how="left", nulls_equal=True)


def _at_rank_1(day: Sequence[str]) -> pl.Expr:
    bounded = (pl.col("low").is_not_null() & pl.col("high").is_not_null()).all().over(day)
    ranked = pl.col("rank").is_not_null().all().over(day)
    return (
        pl.when(bounded).then(pl.col("high") >= pl.when(~pl.col("disputed")).then("low").max().over(day))
        .when(ranked).then(pl.col("rank") == pl.col("rank").min().over(day))
    )  # fmt: skip


def _measured(joined: pl.DataFrame) -> pl.DataFrame:
    own, other, sure = _is_known("own"), _is_known("other"), pl.col("doubt").is_null()
    both = own & other
    numbers = [
        pl.when(_is_known(side)).then(f"{side}_{name}").alias(f"{side}_{name}")
        for side in ("own", "other")
        for name in ("score", "low", "high")
    ]
    return joined.select(
        *DAY, "developer",
        pl.when(both).then(pl.col("own_score") - pl.col("other_score")).alias("gap"),
        pl.when(both).then(pl.col("own_low") - pl.col("other_high")).alias("gap_low"),
        pl.when(both).then(pl.col("own_high") - pl.col("other_low")).alias("gap_high"),
        *numbers,
        pl.when(own).then("own_entrant").alias("best_own"),
        pl.when(other).then("other_entrant").alias("best_other"),
        pl.when(other).then("other_organization").alias("other_organization"),
        _leader().alias("leader"),
        pl.when(sure).then("rank_1").alias("rank_1"),
        pl.when(sure).then(pl.col("rank_1").list.contains(pl.col("developer"))).alias("at_rank_1"),
        pl.when(sure).then(_alone()).alias("alone_at_rank_1"),
        "unattributed", _note().alias("note"), "known_at", "evidence_tier", "first_seen_at",
        *(pl.coalesce(f"own_{name}", f"other_{name}").alias(name) for name in EVIDENCE),
    )  # fmt: skip


def _alone() -> pl.Expr:
    known = pl.col("rank_1").is_not_null()
    others = pl.col("rank_1").list.set_difference(pl.concat_list("developer", pl.lit(UNKNOWN)))
    return (
        pl.when(others.list.len() > 0).then(pl.lit(False))
        .when(known & ~pl.col("rank_1").list.contains(UNKNOWN)).then(pl.lit(True))
    )  # fmt: skip


def _leader() -> pl.Expr:
    first, second, unknown = pl.col("first_strength"), pl.col("second_strength"), pl.col("unknown_strength")
    ahead = (second.is_null() | (second < first)) & (unknown.is_null() | (unknown < first))
    return pl.when(pl.col("doubt").is_null() & ahead).then("first_organization")


def _is_known(side: str) -> pl.Expr:
    best, unknown = pl.col(f"{side}_strength"), pl.col("unknown_strength")
    return best.is_not_null() & (unknown.is_null() | (unknown <= best)) & pl.col("doubt").is_null()


def _note() -> pl.Expr:
    best = pl.min_horizontal("own_strength", "other_strength")
    reasons = (
        pl.col("doubt"),
        pl.when(pl.col("own_strength").is_null()).then(pl.format("no entrant of {}", "developer")),
        pl.when(pl.col("other_strength").is_null()).then(pl.lit("no entrant of another known organisation")),
        pl.when(pl.col("disputed_strength") > best).then(
            pl.lit("an entrant whose score is stated twice, differently, or unreadable may be above one of the two")
        ),
        pl.when(
            (pl.col("unknown_strength") > best) & ~(pl.col("disputed_strength") > best).fill_null(value=False)
        ).then(pl.lit("an entrant of unknown organisation scores above one of the two")),
        pl.when(pl.coalesce("own_score", "other_score").is_null()).then(pl.lit("ranks without scores")),
    )
    text = pl.concat_str(reasons, separator="; ", ignore_nulls=True)
    return pl.when(text != "").then(text)
