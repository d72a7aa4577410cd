"""Build the store anew from starter data and archive, and publish what it says."""

from __future__ import annotations

from flows.answer import answer
from flows.pipeline import Pipeline
from flows.report import Summary
from flows.steps import Attempt, Progress, Say, enter_analyst_files, rebuild
from warehouse.lock import store_lock


def replay_archive(
    pipeline: Pipeline, say: Say, *, wait_s: float = 0.0, waiting: Say | None = None
) -> tuple[Summary, Progress, list[Attempt]]:
    """The same captures through today's parsers, in the order in which they were first seen.

    Raises StoreBusy when the store is not free within `wait_s` seconds; `waiting` is told once who holds it.
    """
    with store_lock(pipeline.home, "capex-signals replay", wait_s=wait_s, waiting=waiting):
        pipeline.home.empty_scratch()
        attempts = enter_analyst_files(pipeline)
        progress = Progress(rebuilt="replay")
        rebuild(pipeline, say, progress).close()
        return answer(pipeline, progress, attempts, say), progress, attempts
