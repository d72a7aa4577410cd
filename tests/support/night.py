"""A night without Prefect, as a process of its own: the same steps as flows/nightly.py, in the same order."""

from __future__ import annotations

import sys

from config.errors import Problem
from flows.network.fetch import Fetcher
from flows.steps.enter import enter_analyst_files
from flows.steps.fetch_source import fetch_source
from flows.steps.pipeline import Pipeline
from flows.steps.publish import load_and_answer
from warehouse.store.lock import store_lock


def main() -> None:
    pipeline = Pipeline.open()
    newest = pipeline.archive.newest()
    with Fetcher(pipeline.settings) as fetcher:
        attempts = [fetch_source(pipeline, fetcher, spec, newest) for spec in pipeline.catalog.sources.values()]
    attempts += enter_analyst_files(pipeline)
    for attempt in attempts:
        sys.stdout.write(f"{attempt.source}: {attempt.captured} {attempt.unreachable}{attempt.refused}\n")
    with store_lock(pipeline.home, "a night", wait_s=600):
        summary, _ = load_and_answer(pipeline, attempts, lambda line: sys.stdout.write(line + "\n") and None)
    sys.stdout.write(f"digest {summary.report.digest}\n")


if __name__ == "__main__":
    try:
        main()
    except Problem as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(2)
