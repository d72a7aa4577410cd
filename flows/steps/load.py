"""Load what is archived: parse, check and append every capture that the store has not dealt with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import chain, repeat

from config.contracts import Capture
from config.errors import Refused
from flows.network.clock import CLOCK_TOLERANCE
from flows.steps.compared import Unfit, compare_anew, fit, read_again
from flows.steps.pipeline import Pipeline, Say
from flows.steps.read import Reading, one_ahead
from warehouse.archive.captures import Logged
from warehouse.home.lake import Lake
from warehouse.home.layout import PRIVATE
from warehouse.store.facts import Loaded, Store
from warehouse.store.lake import again
from warehouse.store.starter import read_starter
from warehouse.store.whole import captures_held, replace_store

FILE_NAME = "file-name"  # among the headers of an ingested capture


@dataclass(slots=True)
class Progress:
    """What a load did, for the summary."""

    loaded: list[Loaded] = field(default_factory=list)
    rebuilt: str = ""
    may_be_poorer: bool = False

    @property
    def rows_added(self) -> int:
        return sum(loaded.rows_added for loaded in self.loaded)


def named(capture: Capture) -> str:
    """The capture for people: its source, its part, and the file a person handed over."""
    return " ".join(part for part in (capture.source, capture.scope, capture.headers.get(FILE_NAME, "")) if part)


def open_store(pipeline: Pipeline, say: Say) -> tuple[Store, Progress]:
    """The store, with the starter data in it; built anew when it is damaged or of another version. Needs the lock."""
    progress = Progress()
    try:
        store = Store.open(pipeline.home.facts, _starter_name())
    except Refused as problem:
        if pipeline.home.lake:  # others' too: a person decides
            raise
        return _rebuilt(pipeline, say, progress, problem)
    try:
        store.require_logged_before(pipeline.clock() + CLOCK_TOLERANCE)
    except Refused as problem:
        if pipeline.home.lake:
            raise
        progress.may_be_poorer = True  # what a clock that was ahead has published is to go
        return _rebuilt(pipeline, say, progress, problem)
    if store.is_empty():
        _load_starter(pipeline, store, say)
    return store, progress


def _rebuilt(pipeline: Pipeline, say: Say, progress: Progress, problem: Refused) -> tuple[Store, Progress]:
    say(f"rebuilding the store: {problem.message}")
    progress.rebuilt = problem.message
    return rebuild(pipeline, say, progress), progress


def rebuild(pipeline: Pipeline, say: Say, progress: Progress) -> Store:
    """A new store from starter data and archive, in first-seen order, swapped in when it is whole. Needs the lock.

    That of a lake is built beside it, as a file. Raises Refused where the lake would lose captures that this archive has not,
    unless it may be poorer.
    """
    if pipeline.home.lake and not progress.may_be_poorer:
        _refuse_loss(pipeline, pipeline.home.lake)
    folder = pipeline.home.scratch_folder("replay")
    store = Store.open(folder / "store.duckdb", _starter_name())
    _load_starter(pipeline, store, say)
    load_pending(pipeline, store, say, progress)
    store.close()
    replace_store(pipeline.home, folder)
    return Store.open(pipeline.home.facts, _starter_name())


def _refuse_loss(pipeline: Pipeline, lake: Lake) -> None:
    lost = captures_held(lake) - {_identity(logged.capture) for logged in pipeline.archive.captures()}
    if lost:
        example = " ".join(min(lost)[:2]).strip()
        raise Refused(
            f"it holds {len(lost):,} captures that the archive of this home has not, e.g. of {example}",
            place=str(lake),
            remedy="replay in the home that has them, or copy its archive here; `capex-signals replay --poorer` loses them",
        )


def _starter_name() -> str:
    starter = read_starter()
    return starter.sha256 if starter else ""


def _load_starter(pipeline: Pipeline, store: Store, say: Say) -> None:
    starter = read_starter()
    if starter is None:
        return
    logged_at = next((item.logged_at for item in _captured(pipeline) if item.capture.sha256 == starter.sha256), None)
    if logged_at is None:
        logged_at = pipeline.clock()
        pipeline.archive.note_starter(starter.sha256, logged_at)
    rows = store.load_starter(starter.captures, starter.facts, logged_at)
    say(f"starter data: {rows:,} rows from {starter.captures.height:,} captures")


def load_pending(pipeline: Pipeline, store: Store, say: Say, progress: Progress) -> Progress:
    """Parse, check and append every archived capture the store has not dealt with, in the order they were seen."""
    with closing(one_ahead(pipeline, store, _waiting(pipeline, store, say))) as readings:
        for logged, reading in readings:
            loaded = load_capture(pipeline, store, logged, reading)
            for one in (loaded, *loaded.turned):
                progress.loaded.append(one)
                _tell(say, one)
    return progress


def _waiting(pipeline: Pipeline, store: Store, say: Say) -> list[Logged]:
    """The archived captures the store has not dealt with, each once, in the order they were seen."""
    known, waiting, undeclared, private = store.known(), list[Logged](), Counter[str](), Counter[str]()
    for logged in _captured(pipeline, say):
        capture = logged.capture
        if capture.origin == "starter" or _identity(capture) in known:
            continue
        if pipeline.home.lake and capture.source.startswith(PRIVATE):
            private[capture.source] += 1
            continue
        if capture.source not in pipeline.catalog.sources:
            undeclared[capture.source] += 1
            continue
        known.add(_identity(capture))
        waiting.append(logged)
    for source, captures in undeclared.items():
        say(f"{source}: no longer declared, its captures stay in the archive ({captures:,})")
    for source in private:
        say(f"{source}: stays out of the lake, which others read")
    return waiting


def _captured(pipeline: Pipeline, say: Say = lambda _: None) -> Iterator[Logged]:
    """The archived captures in the order they were seen, without those of a clock that was ahead: their instants prove
    nothing, and what they say would be known only then. They stay in the archive, and what they hold is asked for anew.
    """
    now, ahead = pipeline.clock(), 0
    for logged in pipeline.archive.captures():
        if max(logged.logged_at, logged.capture.taken_at) > now + CLOCK_TOLERANCE:
            ahead += 1
        else:
            yield logged
    if ahead:
        say(
            f"{ahead:,} captures are logged later than now ({now:%Y-%m-%d %H:%M} UTC) and left out until then: the clock was "
            "ahead when they were taken, or is behind now; `capex-signals doctor` compares it"
        )


def load_capture(pipeline: Pipeline, store: Store, logged: Logged, reading: Reading | None = None) -> Loaded:
    """One capture into the store. A payload that is not what its source declares is refused and adds nothing.

    `reading` gives its checked rows where they are being read already; where another host was quicker, they are read again.
    """
    if store.lake is None:
        return _load_capture(pipeline, store, logged, reading)
    readings = chain([reading], repeat(None))
    return again(store.lake, lambda: _load_capture(pipeline, store, logged, next(readings)))


def _load_capture(pipeline: Pipeline, store: Store, logged: Logged, reading: Reading | None) -> Loaded:
    capture = logged.capture
    if store.repeats(capture):
        return store.sight(logged, "unchanged")
    spec = pipeline.catalog.sources[capture.source]
    try:
        # Killed in between, a capture that is compared with this one would stay what it was.
        with store.states.written(alone=store.lake is None), store.writing():
            parts = fit(pipeline, store, spec, capture, reading)
            loaded = store.load_parts(spec, logged, parts, partial(read_again, pipeline, capture))
            return replace(loaded, turned=tuple(compare_anew(pipeline, store, spec, capture)))
    except Unfit as unfit:
        return store.sight(logged, "refused", str(unfit))


def _identity(capture: Capture) -> tuple[str, str, str, datetime, datetime]:
    return (capture.source, capture.scope, capture.sha256, capture.taken_at, capture.fetched_at)


def _tell(say: Say, loaded: Loaded) -> None:
    name = named(loaded.capture)
    if loaded.outcome == "refused":
        say(f"{name}: refused. {loaded.reason}")
    elif loaded.outcome == "loaded":
        quarantined = f", {loaded.rows_quarantined:,} quarantined" if loaded.rows_quarantined else ""
        say(f"{name}: {loaded.rows_stated:,} figures read, {loaded.rows_added:,} rows added{quarantined}")
