"""Flows that ask nobody: publish what is archived, read the archive, say the verdicts of a day."""

from __future__ import annotations

from datetime import date
from functools import partial

from prefect import flow
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from config.settings import Settings
from flows.commands.questions import judge_on
from flows.nightly import tell_waiting
from flows.replay import replay_archive
from flows.steps.artifacts import RunStory, leave_run_artifacts, moved, said_before
from flows.steps.enter import enter_analyst_files
from flows.steps.night import WAIT_FOR_STORE_S
from flows.steps.pipeline import Pipeline
from flows.steps.progress import tell
from flows.steps.publish import load_and_answer
from flows.steps.report import Summary
from warehouse.store.lock import store_lock
from warehouse.store.whole import maintain_lake

TIMEOUT_S = 6 * 3600


@flow(name="publish", flow_run_name="publish", timeout_seconds=TIMEOUT_S)
def publish() -> Summary:
    """Load what is archived and not yet read, judge every claim and publish. Nothing is fetched."""
    pipeline = Pipeline.open()
    who = "capex-signals publish"
    with store_lock(pipeline.home, who, wait_s=WAIT_FOR_STORE_S, waiting=partial(tell_waiting, who)):
        before = said_before(pipeline)
        attempts = enter_analyst_files(pipeline)
        summary, progress = load_and_answer(pipeline, attempts, tell)
    create_markdown_artifact(summary.markdown, key="verdicts", description="Verdicts and sources of this run")
    leave_run_artifacts("publish", "publish", RunStory(attempts, progress, summary, moved(before, summary)))
    return summary


@flow(name="replay", flow_run_name="replay", timeout_seconds=TIMEOUT_S)
def replay() -> Summary:
    """Build the store anew from starter data and archive, and publish it: after a parser fix, or when it is damaged."""
    return replay_and_tell(Pipeline.open(), "replay", "replay")


def replay_and_tell(pipeline: Pipeline, key: str, title: str) -> Summary:
    """Replay, waiting visibly for the store, and leave the run's story under `key`."""
    who = "capex-signals replay"
    before = said_before(pipeline)
    waiting = partial(tell_waiting, who)
    summary, progress, attempts = replay_archive(pipeline, tell, wait_s=WAIT_FOR_STORE_S, waiting=waiting)
    create_markdown_artifact(summary.markdown, key="verdicts", description="Verdicts and sources of this run")
    leave_run_artifacts(key, title, RunStory(attempts, progress, summary, moved(before, summary)))
    return summary


@flow(name="judge", flow_run_name="judge", timeout_seconds=TIMEOUT_S)
def judge(as_of: date | None = None, claim: str = "") -> int:
    """Say the verdict of each claim as of a day, from the published file. Nothing is written.

    Args:
        as_of: the day to judge; empty: today
        claim: one claim, e.g. C26; empty: all
    """
    found = judge_on(Settings(), as_of, claim)
    rows = [
        {
            "claim": verdict.claim_id, "as of": str(verdict.as_of), "verdict": verdict.verdict,
            "statistic": verdict.statistic, "unit": verdict.statistic_unit, "n": verdict.n,
            "flags": ", ".join(verdict.flags), "why": verdict.detail_en,
        }
        for verdict in found
    ]  # fmt: skip
    create_table_artifact(rows, key="judged", description=f"verdicts as of {as_of or 'today'}")
    return len(found)


@flow(name="maintenance", flow_run_name="maintenance", timeout_seconds=TIMEOUT_S)
def maintenance(keep_days: int = 30) -> str:
    """Merge the small files of a lake, and give up its older snapshots. A store in a file needs none of it.

    Args:
        keep_days: days for which what the lake said then can still be read
    """
    lake = Pipeline.open().home.lake
    if lake is None:
        return "the store is no lake: nothing to do"
    done = maintain_lake(lake, keep_days)
    told = f"{done.files_before:,} files have become {done.files_after:,}; {done.expired:,} snapshots are given up"
    tell(told)
    return told
