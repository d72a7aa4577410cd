"""A capture is fit to be loaded where it keeps to its source's declaration and is no leap from the capture before it.

Which capture is before it may change: one of a day between comes late. Then those after it are compared anew, so that the same
captures give the same answer in whatever order they came.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import polars as pl

from config.contracts import LEADERBOARD_SCORE, Capture, Issue
from config.errors import Problem
from config.specs import SourceSpec
from flows.steps.attempt import our_error, reason
from flows.steps.pipeline import Pipeline
from flows.steps.read import Reading, read_and_check
from warehouse.archive import acceptances
from warehouse.store.against_before import refuse_a_leap
from warehouse.store.checks import Checked, refuse_a_drop
from warehouse.store.facts import Loaded, Store
from warehouse.store.late import Told, stood_before, told_after, withdraw

# What is backfilled comes in any order, months apart; what people keep is as they say.
COMPARED = ("fetched", "ingested")
# What a list may change from one capture to the next says nothing of years: an old list that a person hands in refuses no newer one.
LONGEST_BETWEEN = timedelta(days=366)
REPEATS = "the bytes of the capture before it"


class Unfit(Exception):
    """Why a capture is refused."""


def fit(
    pipeline: Pipeline, store: Store, spec: SourceSpec, capture: Capture, reading: Reading | None = None
) -> Iterator[Checked]:
    """The capture's rows, in the parts they are read in. Raises Unfit. What a person accepted is not compared."""
    comparable = not _accepted(pipeline, capture) and _has_neighbour(store, spec, capture)
    try:
        for checked in (reading or partial(read_and_check, pipeline, capture))():
            if comparable and spec.kind == "snapshot" and capture.taken_at_basis == "fetched":
                refuse_a_drop(spec, checked, store.held(spec, capture))
            told: tuple[Issue, ...] = ()
            if comparable and capture.origin in COMPARED:
                told = refuse_a_leap(store, spec, capture, checked.rows)
            yield replace(checked, issues=(*checked.issues, *told))
    except Problem as problem:
        where = f"{problem.place}: " if problem.place else ""
        raise Unfit(where + reason(problem)) from problem
    except Exception as error:  # one reader's bug must not stop the other sources; it is named as ours
        if store.lost(error):
            raise
        raise Unfit(our_error(error)) from error


def compare_anew(pipeline: Pipeline, store: Store, spec: SourceSpec, late: Capture) -> Iterator[Loaded]:
    """The captures after one that came late, as far as what they are beside it is not what they were.

    It ends at the first that stays in the store: what it says was, and is, what those after it are compared with. Only price lists
    are compared anew: a board or a document tells its whole past each time, and of one that came late an older day is told.
    """
    if spec.kind != "snapshot" or spec.dataset == LEADERBOARD_SCORE.name:
        return
    before = position = late
    while told := told_after(store, position):
        position = told[0].logged.capture
        found = _found(pipeline, store, spec, told, before)
        if found is None or found == told[0].reason:
            if _stands(told):
                return
            continue
        yield from _turn(pipeline, store, spec, told, found)
        if found == REPEATS or not isinstance(found, str):
            if _stands(told):
                return
            before = position


def _found(
    pipeline: Pipeline, store: Store, spec: SourceSpec, told: tuple[Told, ...], before: Capture
) -> list[Checked] | str | None:
    """What captures of one instant are beside the one `before` them: rows, REPEATS or why they are refused. None: what they were."""
    capture = told[0].logged.capture
    was = {one.outcome for one in told}
    if capture.origin == "starter":
        return None
    if capture.sha256 == before.sha256:
        return None if was == {"unchanged"} else REPEATS
    settled = "loaded" in was and not _is_compared(pipeline, capture)
    if settled or not pipeline.archive.path(capture.sha256).exists():
        return None
    try:
        found = list(fit(pipeline, store, spec, capture))
    except Unfit as unfit:
        return str(unfit)
    return None if "loaded" in was else found


def read_again(pipeline: Pipeline, capture: Capture, sha256: str, taken_at: datetime) -> pl.DataFrame | None:
    """The rows of another capture of the same part; None where this archive has not its bytes, as of starter data."""
    other = replace(capture, sha256=sha256, taken_at=taken_at)
    try:
        return pl.concat([checked.rows for checked in read_and_check(pipeline, other)])
    except Problem:
        return None


def _turn(
    pipeline: Pipeline, store: Store, spec: SourceSpec, told: tuple[Told, ...], found: list[Checked] | str
) -> Iterator[Loaded]:
    """Captures of one instant, loaded anew as what they were `found` to be beside the one before them."""
    capture = told[0].logged.capture
    reread = partial(read_again, pipeline, capture)
    withdraw(store, spec, capture, reread)
    for number, one in enumerate(told):
        if isinstance(found, str) and found != REPEATS:
            yield store.sight(one.logged, "refused", found)
        elif number or isinstance(found, str):
            yield store.sight(one.logged, "unchanged")
        else:
            yield store.load_parts(spec, one.logged, found, reread)


def _has_neighbour(store: Store, spec: SourceSpec, capture: Capture) -> bool:
    """Whether the capture before a price list is near enough to say what this one may be."""
    if spec.kind != "snapshot" or spec.dataset == LEADERBOARD_SCORE.name:
        return True
    before = stood_before(store, capture)
    return before is not None and capture.taken_at - before <= LONGEST_BETWEEN


def _stands(told: tuple[Told, ...]) -> bool:
    return any(one.outcome != "refused" for one in told)


def _is_compared(pipeline: Pipeline, capture: Capture) -> bool:
    return (capture.origin in COMPARED or capture.taken_at_basis == "fetched") and not _accepted(pipeline, capture)


def _accepted(pipeline: Pipeline, capture: Capture) -> bool:
    return (capture.source, capture.scope, capture.sha256) in acceptances.accepted(pipeline.home)
