"""A night from the question what is missing to the published file, whoever fetches: tasks of Prefect's, or this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.steps.artifacts import RunStory, days_in_words, moved, said_before
from flows.steps.attempt import Attempt
from flows.steps.pipeline import Pipeline, Say
from flows.steps.publish import load_and_answer
from warehouse.archive.nights import Night, days_without, nights, note
from warehouse.published.losses import losses
from warehouse.published.swap import newest_file
from warehouse.store.lock import store_lock

WAIT_FOR_STORE_S = 3600.0
LOCK_HOLDER = "capex-signals nightly"


@dataclass(frozen=True, slots=True)
class Answered:
    """What a night did, and the file that readers had open before it (None: there was none)."""

    story: RunStory
    file_before: Path | None


def answer_night(pipeline: Pipeline, due: date, fetch: Callable[[], list[Attempt]], say: Say) -> Answered:
    """Fetch, load, judge, publish and report the night that was due on a day (UTC). Waits visibly for the store.

    Raises StoreBusy after WAIT_FOR_STORE_S seconds, NotPublished when an invariant of the store fails.
    """
    started_at = pipeline.clock()
    gap = _gap(pipeline, due, say)
    lost = losses(pipeline.archive, due)
    for sentence in lost:
        say(sentence)
    attempts = [*fetch(), *(Attempt("archive", refused=sentence) for sentence in lost)]

    def waiting(holder: str) -> None:
        say(waiting_for(LOCK_HOLDER, holder))

    with store_lock(pipeline.home, LOCK_HOLDER, wait_s=WAIT_FOR_STORE_S, waiting=waiting):
        before, file_before = said_before(pipeline), newest_file(pipeline.home)
        summary, progress = load_and_answer(pipeline, attempts, say)
        note(pipeline.home, Night(due, started_at, summary.report.published_at, summary.published_id))
    return Answered(RunStory(attempts, progress, summary, moved(before, summary), gap), file_before)


def waiting_for(who: str, holder: str) -> str:
    """The line of a run that waits while another one writes the store."""
    return f"{who} is waiting: the store is being written by {holder}"


def _gap(pipeline: Pipeline, due: date, say: Say) -> str:
    """The days without a run, as a sentence: snapshots of those days cannot be had any more, except by a backfill."""
    missing = days_without(nights(pipeline.home), due)
    if not missing:
        return ""
    sentence = f"No run published on {days_in_words(missing)} ({len(missing)} days since the first night)."
    say(sentence)
    return sentence
