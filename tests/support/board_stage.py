"""A staged file made of board captures alone, through the pipeline's own archive, parsers and checks, with the views of boards."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import polars as pl

from config.contracts import Capture
from config.load import catalog
from config.settings import Settings
from flows.steps.declarations import put_declarations
from flows.steps.derive_boards import put_leads, put_scores
from flows.steps.load import Progress, load_pending
from flows.steps.pipeline import Pipeline
from transforms.prices import model_names
from warehouse.archive.captures import Archive, sha256_of
from warehouse.home.layout import Home
from warehouse.published.board_rows import Begun
from warehouse.published.stage import Stage
from warehouse.store.facts import Store
from warehouse.store.starter import FOLDER

PUBLISHED_AT = datetime(2026, 11, 22, 6)
# Of companies and prices there is nothing here: to bind their views takes longer than all of the boards.
SCORE_VIEWS, LEAD_VIEWS = ("10_time", "40_board"), ("41_board_day", "60_lead", "60_hindsight")


class Payload(NamedTuple):
    """One payload, the instant it stands for, and when this warehouse saw it."""

    source: str
    scope: str
    body: bytes
    taken_at: datetime
    seen_at: datetime | None = None


def loaded(home: Path, payloads: Iterable[Payload]) -> Pipeline:
    """A home whose (closed) store holds them; refused payloads fail the test."""
    opened = Home.open(home)
    pipeline = Pipeline(Settings(home=home), catalog(), opened, Archive(opened), lambda: PUBLISHED_AT)
    for item in payloads:
        seen = item.seen_at or PUBLISHED_AT
        capture = Capture(
            item.source, item.scope, f"https://example.org/{item.source}", sha256_of(item.body), len(item.body), seen,
            item.taken_at, origin="fetched" if pipeline.catalog.sources[item.source].fetched else "ingested",
        )  # fmt: skip
        pipeline.archive.add(capture, item.body, seen)
    store = Store.open(opened.store)
    progress = load_pending(pipeline, store, lambda _: None, Progress())
    refused = [item.reason for item in progress.loaded if item.outcome == "refused"]
    assert refused == []
    store.close()
    return pipeline


def staged(home: Path, payloads: Iterable[Payload]) -> Stage:
    """The staged file with every score and what is made of scores alone."""
    return staged_from(loaded(home, payloads))


def staged_from(pipeline: Pipeline, begun: Begun | None = None) -> Stage:
    """The same of what the (closed) store holds; `begun` with the boards of an earlier file."""
    stage = Stage.begin(pipeline.home, pipeline.catalog.sources, PUBLISHED_AT, begun)
    put_declarations(stage, pipeline.catalog)
    stage.put("history.model_alias", model_names.alias_frame(pipeline.catalog))
    stage.put("history.model", model_names.model_frame(pipeline.catalog))
    restated = put_scores(stage, pipeline.catalog)
    stage.build(SCORE_VIEWS)
    put_leads(stage, pipeline.catalog, restated)
    stage.build(LEAD_VIEWS)
    return stage


def rows(stage: Stage, query: str) -> list[tuple[Any, ...]]:
    return stage.frame(query).rows()


def board(day: date, scores: dict[str, float], others: float = 0.0, width: float | None = 5.0) -> pl.DataFrame:
    """A day in the dataset's schema: the entrants ('gpt-a' is OpenAI's, 'claude-a' Anthropic's) and a field of a hundred."""
    owners = {"gpt": "OpenAI", "claude": "Anthropic", "grok": "xAI", "gemini": "Google"}
    field = {f"field-{number}": 1000.0 + number + others for number in range(100)}
    every = {**scores, **field}
    return pl.DataFrame(
        {
            "model_name": list(every),
            "organization": [owners.get(name.split("-")[0], "LMSYS") for name in every],
            "license": "Proprietary",
            "rating": [float(score) for score in every.values()],
            "rating_lower": [None if width is None else score - width for score in every.values()],
            "rating_upper": [None if width is None else score + width for score in every.values()],
            "variance": 1.0,
            "vote_count": 1000.0,
            "rank": [float(place) for place in range(1, len(every) + 1)],
            "category": "overall",
            "leaderboard_publish_date": day.isoformat(),
        },
        schema_overrides={"rating_lower": pl.Float64, "rating_upper": pl.Float64},
    )


def real_board(day: date, moved: Sequence[float] = (0.0,)) -> pl.DataFrame:
    """The entrants, scores and intervals of the published raw board of 2025-05-13 (the starter data has it), in the dataset's
    schema as a board of `day`. From the highest score down, each is moved by the next of `moved`, which goes round.
    """
    real = pl.scan_parquet(FOLDER / "leaderboard_score.parquet").filter(
        source="arena_published", board="arena_text", scored_on=date(2025, 5, 13)
    )
    by = pl.Series([moved[place % len(moved)] for place in range(real.select(pl.len()).collect().item())])
    return real.sort("value", "entrant", descending=[True, False]).select(
        model_name="entrant", organization="organization", license="license", rating=pl.col("value") + by,
        rating_lower=pl.col("value_low") + by, rating_upper=pl.col("value_high") + by, variance=pl.lit(1.0),
        vote_count=pl.col("votes").cast(pl.Float64), rank=pl.int_range(1, pl.len() + 1).cast(pl.Float64),
        category=pl.lit("overall"), leaderboard_publish_date=pl.lit(day.isoformat()),
    ).collect()  # fmt: skip


def parquet(*days: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    pl.concat(days).write_parquet(buffer)
    return buffer.getvalue()


def nightly(*days: pl.DataFrame, scope: str = "arena_text") -> list[Payload]:
    """Each day as it was fetched on the morning after."""
    found = []
    for day in days:
        seen = datetime.fromisoformat(day["leaderboard_publish_date"][0]) + timedelta(days=1, hours=12)
        found.append(Payload("arena_leaderboard", scope, parquet(day), seen, seen))
    return found


def listed(scores: dict[str, float]) -> bytes:
    """A day of the Arena catalog: these entrants and a field of a hundred, whose organisation is known by the name."""
    field = {f"gemma-field-{number}": 1000.0 + number for number in range(100)}
    numbers = {name: {"rating": score, "rating_q025": score - 5, "rating_q975": score + 5} for name, score in {**field, **scores}.items()}  # fmt: skip
    return orjson.dumps({"full": numbers})


def runs(*told: tuple[str, str, float]) -> bytes:
    """Runs of a growing board (day, model, share), and forty of a field before them."""
    lines = [
        f"- {{model: {model}, date: {day}, pass_rate_2: {score}, test_cases: 225}}\n" for day, model, score in told
    ]
    field = [f"- {{model: field-{number}, date: 2025-01-01, pass_rate_2: {number}, test_cases: 225}}\n" for number in range(1, 41)]  # fmt: skip
    return "".join([*field, *lines]).encode()
