"""Every source asked in this process, one after the other: where nobody is asked at all, or no server can give turns."""

from __future__ import annotations

import time

from config.contracts import Capture
from config.specs import SourceSpec
from flows.network.fetch import Fetcher
from flows.steps.attempt import Attempt, our_error
from flows.steps.enter import enter_analyst_files
from flows.steps.fetch_source import fetch_source, tell_attempt
from flows.steps.pipeline import Pipeline, Say

# Before each try after the first of an answer that may be whole in a minute; tasks of Prefect's wait as long.
PAUSES_S = (10.0, 60.0)


def fetch_each(pipeline: Pipeline, say: Say) -> list[Attempt]:
    """Ask every declared source and enter the hand-entered statements; those that learn from lists of filings come last."""
    newest = pipeline.archive.newest()
    specs = sorted(
        (spec for spec in pipeline.catalog.sources.values() if spec.fetched),
        key=lambda spec: bool(spec.discovered_from),
    )
    with Fetcher(pipeline.settings) as fetcher:
        return [*(_patiently(pipeline, fetcher, spec, newest, say) for spec in specs), *enter_analyst_files(pipeline)]


def _patiently(
    pipeline: Pipeline, fetcher: Fetcher, spec: SourceSpec, newest: dict[tuple[str, str], Capture], say: Say
) -> Attempt:
    """One source, tried again where it may be there in a minute. Our own error in one does not stop the others."""
    try:
        attempt = fetch_source(pipeline, fetcher, spec, newest)
        for pause_s in PAUSES_S:
            if not attempt.unsteady:
                break
            time.sleep(pause_s)
            attempt = fetch_source(pipeline, fetcher, spec, newest)
    except Exception as error:  # as a task that fails: named as ours
        attempt = Attempt(spec.id, refused=our_error(error))
    tell_attempt(attempt, say)
    return attempt
