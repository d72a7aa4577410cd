"""What is derived from the scores of boards, some boards at a time: scales, organisations, doubts and leads."""

from __future__ import annotations

import polars as pl

from config.specs import Catalog
from transforms.boards import doubts, lead, organizations, scales
from transforms.prices import model_names
from warehouse.published.board_vintages import (
    Boards,
    board_vintages,
    boards,
    broken_off,
    developers_before,
    make_anew,
    newest_days,
    stage_what_has_come,
)
from warehouse.published.stage import Stage

# What is derived at a time takes several times the room of its scores.
SCORES_AT_A_TIME = 50_000
# What of a score its scale and its organisation are told by.
TOLD_BY = (
    "rowid AS place, source, board, category, scored_on, known_at, captured_at, capture_sha256, status, entrant, organization, "
    "value, method"
)


def put_scores(stage: Stage, catalog: Catalog) -> pl.DataFrame:
    """The canonical organisation and the scale of each score, and where the scales begin.

    Gives the states of restated days (doubts.DAY) that stand on another scale than the first: restated_scale_id.
    """
    for table, flag in (
        ("growing_sources", "grows"),
        ("retold_sources", "told_afterwards"),
        ("filtered_sources", "filtered"),
    ):
        stage.put(table, pl.DataFrame({"source": _that(catalog, flag)}, schema={"source": pl.String}), temporary=True)
    stage_what_has_come(stage)
    if stage.boards_before:
        make_anew(stage, pl.concat([broken_off(stage), _with_others(stage, catalog)]).unique())
    restated = []
    for of in boards(stage, SCORES_AT_A_TIME):
        told, shifts, moved = _scaled(stage, catalog, of)
        # Put in at once: a frame kept for later keeps the texts of all the rows that it was made of.
        stage.add("staged_board_score", told)
        stage.add("staged_scale_shift", shifts)
        restated.append(moved)
    stage.put("history.organization", organizations.title_frame(catalog))
    return pl.concat(restated)


def put_leads(stage: Stage, catalog: Catalog, restated: pl.DataFrame) -> None:
    """What of each state of a day is not to be believed, and who leads in it."""
    # Boards of which only the top is copied may be of any length.
    tops = [spec.id for spec in catalog.sources.values() if not spec.whole]
    stood = developers_before(stage) if stage.boards_before else None
    for of in boards(stage, SCORES_AT_A_TIME):
        vintages = board_vintages(stage, of)
        doubt = doubts.doubts(vintages, tops, _entrants_before(stage, of)).join(restated, on=doubts.DAY, how="left")
        told = vintages.join(doubt.drop("first_seen_at"), on=doubts.DAY, how="left").with_columns(
            scale_id=pl.coalesce("restated_scale_id", "scale_id")
        )
        stage.add("staged_board_doubt", doubt)
        stage.add("staged_board_lead", lead.leads(told, stood))


def _entrants_before(stage: Stage, of: Boards) -> pl.DataFrame | None:
    """How many entrants (n) the newest day of each source had, where the boards are gone on with."""
    if not stage.boards_before:
        return None
    return newest_days(stage, of).filter("stands").group_by(*doubts.BOARD, "scored_on").agg(n=pl.len())


def _with_others(stage: Stage, catalog: Catalog) -> pl.DataFrame:
    """board and category of the boards on which a developer now stands that had not: it has a side in each earlier day, too."""
    come = stage.frame(f"SELECT {TOLD_BY} FROM history.leaderboard_score WHERE rowid >= {stage.boards_before}")
    told = organizations.attribute(come, catalog).rename({"organization": "developer"}).drop_nulls("developer")
    held = developers_before(stage)
    return told.join(held, on=held.columns, how="anti").select("board", "category").unique()


def _scaled(stage: Stage, catalog: Catalog, of: Boards) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """(place, organization and scale_id of each score; shifts; restated days) of the staged scores of these boards."""
    scores = stage.frame(
        f"SELECT {TOLD_BY} FROM history.leaderboard_score WHERE {of.rows} AND rowid IN (FROM staged_place)"
    )
    before = newest_days(stage, of) if stage.boards_before else None
    keys = list(scales.DAY)
    refitted = {table.board for spec in catalog.sources.values() for table in spec.boards if table.refitted}
    states = scales.states(scores.with_columns(_linked(scores, catalog))).rename({"value": "score"})
    apart = [*_that(catalog, "told_afterwards"), *_that(catalog, "filtered")]
    segments, shifts = scales.scales(
        states,
        _that(catalog, "grows"),
        apart=apart,
        refitted=refitted,
        before=None if before is None else before.with_columns(_linked(before, catalog)),
    )
    # A later correction of a day must not rename the scales of before: each row counts as its day was first known.
    first = segments.unique(keys, keep="first", maintain_order=True).drop("known_at")
    told = organizations.attribute(scores, catalog).join(first, on=keys, how="left")
    states_of_days = segments.join(first.rename({"scale_id": "first_id"}), on=keys)
    restated = states_of_days.filter(pl.col("scale_id") != pl.col("first_id")).select(
        *keys, vintage_at="known_at", restated_scale_id="scale_id"
    )
    return told.select("place", "organization", "scale_id"), shifts, restated


def _linked(scores: pl.DataFrame, catalog: Catalog) -> pl.Series:
    """The model that each entrant is by its name, by which copies of a board are compared: `link`."""
    entrants = scores.select(name="entrant", source="source", on="scored_on")
    return model_names.model_of(entrants, model_names.alias_frame(catalog)).alias("link")


def _that(catalog: Catalog, flag: str) -> list[str]:
    """The sources that declare it."""
    return [spec.id for spec in catalog.sources.values() if getattr(spec, flag)]
