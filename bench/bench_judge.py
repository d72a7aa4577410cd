"""Judging: the full replay of all claims over all days on which their evidence changed, and the nightly increment.

    python bench/bench_judge.py

On the starter data and the hand-entered files, in a home of its own. Targets: 60 s and 2 s on 2 cores. The baseline in the
same run asks every claim on every day on which anything in the store changed, for a sample of days, scaled up.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from figures import Figure, told

from config.settings import Settings
from flows.replay import replay_archive
from flows.steps.derive import stage_facts
from flows.steps.judge import judge_all
from flows.steps.pipeline import Pipeline
from flows.steps.verdict_days import HISTORY_FROM
from warehouse.evidence.as_of import evidence
from warehouse.evidence.claim_query import claim_sql
from warehouse.evidence.reads import EVERYTHING
from warehouse.published.stage import Stage

SAMPLE = 10


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), offline=True)
        pipeline = Pipeline.open(settings)
        replay_archive(pipeline, lambda _: None)
        pipeline.home.latest.unlink()
        today = pipeline.clock().date()
        full, stage = _timed(pipeline, today)
        days = _every_day(stage)
        start = time.perf_counter()
        for day in days[:: max(len(days) // SAMPLE, 1)]:
            for spec in pipeline.catalog.claims.values():
                evidence(stage.connection, claim_sql(spec), day, spec.id)
        naive = (time.perf_counter() - start) * len(days) / len(days[:: max(len(days) // SAMPLE, 1)])
        rows = stage.frame("SELECT count(*) AS n FROM history.verdict")["n"][0]
        stage.connection.close()
        replay_archive(pipeline, lambda _: None)
        increment, stage = _timed(pipeline, today)
        stage.connection.close()
    claims = len(pipeline.catalog.claims)
    return told("judge", [
        Figure(f"full replay of {claims} claims, {rows:,} verdicts", full, "s", 60),
        Figure(f"the evidence alone on each of {len(days):,} days since {HISTORY_FROM}, from a sample", naive, "s"),
        Figure("increment, nothing new", increment, "s", 2),
    ])  # fmt: skip


def _timed(pipeline: Pipeline, today: date) -> tuple[float, Stage]:
    stage = stage_facts(pipeline, pipeline.clock())
    start = time.perf_counter()
    judge_all(pipeline, stage, today)
    return time.perf_counter() - start, stage


def _every_day(stage: Stage) -> list[date]:
    union = " UNION ".join(f"SELECT CAST(known_at AS DATE) AS day FROM history.{table}" for table in EVERYTHING)
    found = stage.frame(f"SELECT DISTINCT day FROM ({union}) WHERE day >= DATE '{HISTORY_FROM}' ORDER BY day")
    return list(found["day"])


if __name__ == "__main__":
    sys.exit(main())
