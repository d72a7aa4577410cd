"""From a loaded store to a published answer: stage, judge, check, swap, report. Every flow ends with it."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from config.version import code_version
from flows.steps import alert
from flows.steps.attempt import Attempt, states
from flows.steps.derive import staged_facts
from flows.steps.judge import judge_all, publish_verdicts
from flows.steps.load import Progress, load_pending, named, open_store
from flows.steps.pipeline import Pipeline, Say
from flows.steps.report import Summary, compose, markdown, write_site
from warehouse.published.dictionary import describe
from warehouse.published.kept import note
from warehouse.published.lake_views import publish_to_lake
from warehouse.published.newest import keep_newest
from warehouse.published.stage import ANSWER_VIEWS, Stage
from warehouse.published.swap import OLDEST_CLIENT, check_invariants, rests_on_private, swap


def answer(pipeline: Pipeline, progress: Progress, attempts: Iterable[Attempt], say: Say) -> Summary:
    """Publish what the (closed) store says. Raises NotPublished when an invariant fails. Needs the store's lock."""
    published_at = pipeline.clock()
    today = published_at.date()
    attempts = list(attempts)
    say("staging: deriving quarters, scales and leads")
    stage = staged_facts(pipeline, published_at)
    say(f"judging {len(pipeline.catalog.claims)} claims on every day on which their evidence changed")
    judged = judge_all(pipeline, stage, today)
    published_id = f"{published_at:%Y%m%dT%H%M%S}-{stage.digest[:12]}"
    _describe(stage, attempts, published_id)
    stage.define(ANSWER_VIEWS)
    keep_newest(stage)
    stage.write_out()
    if not stage.resumed:
        describe(stage)
    check_invariants(stage, pipeline.home, may_shrink=progress.may_be_poorer)
    alerts = alert.collect(pipeline, stage, judged)
    report = compose(pipeline, stage, judged, today)
    published = swap(
        stage, pipeline.home, published_id, pipeline.settings.keep_published, private=rests_on_private(stage)
    )
    note(stage, pipeline.home, published)
    page = write_site(pipeline, report)
    # Told before they count as said: a run killed in between tells them again rather than never.
    alert.publish(pipeline, alerts, published_at, say)
    publish_verdicts(pipeline, judged, published_at)
    say(f"published {published.name}")
    if views := publish_to_lake(pipeline.home, published):
        say(f"and in the lake: {views.name} beside the file is what a client runs")
    refused = [f"{named(item.capture)}: {item.reason}" for item in progress.loaded if item.outcome == "refused"]
    refused += [f"{attempt.source}: {attempt.refused}" for attempt in attempts if attempt.refused]
    return Summary(
        published_id=published_id,
        published=published,
        page=page,
        markdown=markdown(report),
        report=report,
        rows_added=progress.rows_added,
        rows_quarantined=sum(item.rows_quarantined for item in progress.loaded),
        refused=tuple(refused),
        alerts=tuple(alerts),
        unreachable={attempt.source: attempt.unreachable for attempt in attempts if attempt.unreachable},
    )


def load_and_answer(pipeline: Pipeline, attempts: Iterable[Attempt], say: Say) -> tuple[Summary, Progress]:
    """Load what is archived and not yet in the store, and publish. Needs the store's lock."""
    pipeline.home.empty_scratch()
    store, progress = open_store(pipeline, say)
    load_pending(pipeline, store, say, progress)
    store.close()
    return answer(pipeline, progress, attempts, say), progress


def _describe(stage: Stage, attempts: list[Attempt], published_id: str) -> None:
    """Build facts: what this file is, and which sources could not be asked for it."""
    live = stage.frame(
        "SELECT count(*) AS n FROM history.capture WHERE origin IN ('fetched', 'backfilled', 'ingested')"
    )["n"][0]
    meta = {
        "published_id": published_id,
        "published_at": stage.published_at,
        "code_version": code_version(),
        "digest": stage.digest,
        "starter_only": live == 0,
        "oldest_duckdb": OLDEST_CLIENT,
    }
    stage.put("history.meta", pl.DataFrame([meta]))
    stage.put("history.attempt", states(attempts))
