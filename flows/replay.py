"""Build the store anew from starter data and archive, and publish what it says."""

from __future__ import annotations

from flows.steps.attempt import Attempt
from flows.steps.enter import enter_analyst_files
from flows.steps.load import Progress, rebuild
from flows.steps.pipeline import Pipeline, Say
from flows.steps.publish import answer
from flows.steps.report import Summary
from warehouse.store.lock import store_lock


def replay_archive(
    pipeline: Pipeline, say: Say, *, wait_s: float = 0.0, waiting: Say | None = None, may_be_poorer: bool = False
) -> tuple[Summary, Progress, list[Attempt]]:
    """The same captures through today's parsers, in the order in which they were first seen.

    Raises NotPublished where the new file would say less than the published one, unless it `may_be_poorer`; StoreBusy when the store is not free within `wait_s` seconds; `waiting` is told once who holds it.
    """
    with store_lock(pipeline.home, "capex-signals replay", wait_s=wait_s, waiting=waiting):
        pipeline.home.empty_scratch()
        attempts = enter_analyst_files(pipeline)
        progress = Progress(rebuilt="replay", may_be_poorer=may_be_poorer)
        rebuild(pipeline, say, progress).close()
        return answer(pipeline, progress, attempts, say), progress, attempts
