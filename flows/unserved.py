"""A night where no Prefect server can be had: the same steps one after the other, since a snapshot of a day is not to be had again.

No run is recorded, and no limit of Prefect's keeps another run from asking the same host at the same time: within this
process the pace of each host holds.
"""

from __future__ import annotations

from datetime import datetime

from config.settings import Settings
from flows.steps.night import answer_night
from flows.steps.one_by_one import fetch_each
from flows.steps.pipeline import Pipeline, Say
from flows.steps.report import Summary


def nightly_unserved(settings: Settings, say: Say) -> Summary:
    """The nightly run without a server. Raises what `flows.steps.night.answer_night` raises."""
    pipeline = Pipeline.open(settings)
    now: datetime = pipeline.clock()
    return answer_night(pipeline, now.date(), lambda: fetch_each(pipeline, say), say).story.summary
