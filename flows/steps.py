"""The steps the flows are made of, in the order of the way of a number: fetch, archive, load, stage.

Plain functions: the flows call them, in tasks, and tests call them as they are.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

import polars as pl

from config.contracts import Capture
from config.errors import HostRefuses, Problem, Refused, SourceUnreachable, SourceUnsteady, writable
from config.load import analyst_files, announcement_files
from config.specs import SourceSpec
from flows.answers import CLOCK_TOLERANCE
from flows.breaker import Breaker
from flows.deriving import derive_facts
from flows.discovery import admit, asked_for, followups_of
from flows.fetch import Fetcher
from flows.keys import how_to_switch_on, key_of
from flows.pipeline import Pipeline
from flows.reading import Reading, one_ahead, read_and_check
from warehouse.archive import Logged, sha256_of
from warehouse.checks import Checked, refuse_a_drop
from warehouse.stage import Stage
from warehouse.starter import read_starter
from warehouse.store import Loaded, Store, replace_store

Say = Callable[[str], None]

# Hand-entered files, by the first word of their name; the rest are figures of companies.
ENTERED = {"events": "analyst_events", "guidance": "analyst_guidance"}
PRIVATE = {"market_price.csv": "private_prices", "estimate.csv": "private_estimates"}
FILE_NAME = "file-name"  # among the headers of an ingested capture


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of asking one source: what was captured, and what stood in the way."""

    source: str
    captured: int = 0
    new_bytes: int = 0
    unreachable: str = ""
    refused: str = ""
    switched_off: str = ""
    unsteady: bool = False
    captures: tuple[Capture, ...] = ()


@dataclass(slots=True)
class Progress:
    """What a load did, for the summary."""

    loaded: list[Loaded] = field(default_factory=list)
    rebuilt: str = ""

    @property
    def rows_added(self) -> int:
        return sum(loaded.rows_added for loaded in self.loaded)


def fetch_source(
    pipeline: Pipeline, fetcher: Fetcher, spec: SourceSpec, newest: dict[tuple[str, str], Capture]
) -> Attempt:
    """Ask one source for everything it declares and archive what comes. One scope that fails does not stop the others.

    Several addresses of one scope are alternatives, best first: the next is asked where one is gone or has moved.
    A scope asked for less than `fetch_every_days` ago is left alone, though not what it names; a source without the key it needs is switched off.
    """
    key = key_of(spec, pipeline.settings)
    if spec.key and not key:
        return Attempt(spec.id, switched_off=how_to_switch_on(spec.key))
    unreachable, unsteady, new_bytes = "", False, 0
    captured: dict[str, Capture] = {}
    refused: dict[str, str] = {}
    breaker = Breaker(pipeline.home, pipeline.clock)
    asked = deque(_worth_asking(pipeline, spec, newest, refused))
    while asked:
        scope, url = asked.popleft()
        previous = newest.get((spec.id, scope))
        if scope in captured:
            continue
        try:
            if previous is not None and _recent(spec, previous, pipeline.clock()):
                # What it names may have failed when it was asked for: the rest of a board is not left out for a day.
                asked += followups_of(pipeline, previous, pipeline.archive.read(previous.sha256))
                continue
            with breaker.guarding(spec, url):
                fetched = fetcher.get(spec, scope, url, previous, key=key)
            admit(fetched.capture, fetched.body)
            pipeline.archive.add(fetched.capture, fetched.body, pipeline.clock())
            asked += followups_of(pipeline, fetched.capture, fetched.body)
        except SourceUnreachable as problem:
            unreachable = unreachable or _why(problem)
            unsteady = unsteady or isinstance(problem, SourceUnsteady)
            if not captured or isinstance(problem, HostRefuses):
                break  # the host does not answer: asking for its other addresses would only take time
        except Problem as problem:  # it sent something else than it declares, or the archive could not take it
            refused.setdefault(scope, _why(problem))
        except Exception as error:  # one source's bug must not stop the others; it is named as ours
            refused.setdefault(scope, _ours(error))
        else:
            captured[scope] = fetched.capture
            refused.pop(scope, None)
            new_bytes += fetched.capture.size if previous is None or previous.sha256 != fetched.capture.sha256 else 0
    return Attempt(
        spec.id, len(captured), new_bytes, unreachable, next(iter(refused.values()), ""),
        unsteady=unsteady, captures=tuple(captured.values()),
    )  # fmt: skip


def _worth_asking(
    pipeline: Pipeline, spec: SourceSpec, newest: dict[tuple[str, str], Capture], refused: dict[str, str]
) -> list[tuple[str, str]]:
    """What to ask for; what stands in the way of telling goes to `refused` and stops no other source."""
    lists = spec.discovered_from or spec.id

    def tell(why: str) -> None:
        refused.setdefault(lists, why)

    try:
        return asked_for(pipeline, spec, newest, tell)
    except Problem as problem:
        refused[lists] = _why(problem)
    except Exception as error:  # our own: named, and the other sources go on
        refused[lists] = _ours(error)
    return []


def _recent(spec: SourceSpec, previous: Capture, now: datetime) -> bool:
    """Whether this part was asked for too lately to ask again. A clock that was ahead for a night settles nothing for a year."""
    return abs(now - previous.fetched_at) < timedelta(days=spec.fetch_every_days)


def _why(problem: Problem) -> str:
    """The problem without the source, which everything that shows it names anyway."""
    return f"{problem.message} Remedy: {problem.remedy}" if problem.remedy else problem.message


def _ours(error: Exception) -> str:
    return writable(f"our error, please report it: {type(error).__name__}: {error}")


def named(capture: Capture) -> str:
    """The capture for people: its source, its part, and the file a person handed over."""
    return " ".join(part for part in (capture.source, capture.scope, capture.headers.get(FILE_NAME, "")) if part)


def enter_analyst_files(pipeline: Pipeline) -> list[Attempt]:
    """Capture the hand-entered statements and the analyst's private files that changed since they were last captured."""
    newest = pipeline.archive.newest()
    sources = ("analyst_facts", *ENTERED.values(), "price_announcements", *PRIVATE.values())
    entered, refused = dict.fromkeys(sources, 0), dict.fromkeys(sources, "")
    for source, name, url, body in _entered_files(pipeline):
        sha = sha256_of(body)
        previous = newest.get((source, name))
        if previous is not None and previous.sha256 == sha:
            continue
        now = pipeline.clock()
        try:
            pipeline.archive.add(Capture(source, name, url, sha, len(body), now, now, "entered", "entered"), body, now)
        except Problem as problem:
            refused[source] = refused[source] or _why(problem)
        else:
            entered[source] += 1
    if strange := sorted({*pipeline.home.private_files()} - {*PRIVATE}):
        refused["private_prices"] = (
            f"private/{strange[0]} is not read: only {' and '.join(PRIVATE)} are. Remedy: name it so, or take it away"
        )
    return [Attempt(source, captured, refused=refused[source]) for source, captured in entered.items()]


def _entered_files(pipeline: Pipeline) -> Iterator[tuple[str, str, str, bytes]]:
    """(source, name, where it lies, bytes) of every file that a person keeps."""
    for name, body in analyst_files().items():
        yield ENTERED.get(name.partition("_")[0], "analyst_facts"), name, f"config/analyst/{name}", body
    for name, body in announcement_files().items():
        yield "price_announcements", name, f"config/announcements/{name}", body
    for name, body in pipeline.home.private_files().items():
        if name in PRIVATE:
            yield PRIVATE[name], name, f"private/{name}", body


def open_store(pipeline: Pipeline, say: Say) -> tuple[Store, Progress]:
    """The store, with the starter data in it; built anew when it is damaged or of another version. Needs the lock."""
    progress = Progress()
    try:
        store = Store.open(pipeline.home.store, _starter_name())
        store.require_logged_before(pipeline.clock() + CLOCK_TOLERANCE)
    except Refused as problem:
        say(f"rebuilding the store: {problem.message}")
        progress.rebuilt = problem.message
        return rebuild(pipeline, say, progress), progress
    if store.is_empty():
        _load_starter(pipeline, store, say)
    return store, progress


def rebuild(pipeline: Pipeline, say: Say, progress: Progress) -> Store:
    """A new store from starter data and archive, in first-seen order, swapped in when it is whole. Needs the lock."""
    folder = pipeline.home.scratch_folder("replay")
    store = Store.open(folder / "store.duckdb", _starter_name())
    _load_starter(pipeline, store, say)
    load_pending(pipeline, store, say, progress)
    store.close()
    replace_store(pipeline.home, folder)
    return Store.open(pipeline.home.store, _starter_name())


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
            progress.loaded.append(loaded)
            _tell(say, loaded)
    return progress


def _waiting(pipeline: Pipeline, store: Store, say: Say) -> list[Logged]:
    """The archived captures the store has not dealt with, each once, in the order they were seen."""
    known, waiting, undeclared = store.known(), list[Logged](), Counter[str]()
    for logged in _captured(pipeline, say):
        capture = logged.capture
        if capture.origin == "starter" or _identity(capture) in known:
            continue
        if capture.source not in pipeline.catalog.sources:
            undeclared[capture.source] += 1
            continue
        known.add(_identity(capture))
        waiting.append(logged)
    for source, captures in undeclared.items():
        say(f"{source}: no longer declared, its captures stay in the archive ({captures:,})")
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

    `reading` gives its checked rows where they are being read already.
    """
    capture = logged.capture
    if store.repeats(capture):
        return store.sight(logged, "unchanged")
    spec = pipeline.catalog.sources[capture.source]
    rows = reading or partial(read_and_check, pipeline, capture)
    try:
        return store.load_parts(spec, logged, _fit(store, spec, capture, rows))
    except _Unfit as unfit:
        return store.sight(logged, "refused", str(unfit))


class _Unfit(Exception):
    """Why a capture is refused."""


def _fit(store: Store, spec: SourceSpec, capture: Capture, reading: Reading) -> Iterator[Checked]:
    """The capture's rows, in the parts they are read in. Raises _Unfit."""
    try:
        for checked in reading():
            if spec.kind == "snapshot" and capture.taken_at_basis == "fetched":  # what is backfilled comes in any order
                refuse_a_drop(spec, checked, store.held(spec, capture))
            yield checked
    except Problem as problem:
        where = f"{problem.place}: " if problem.place else ""
        raise _Unfit(where + _why(problem)) from problem
    except Exception as error:  # one reader's bug must not stop the other sources; it is named as ours
        raise _Unfit(_ours(error)) from error


def stage_facts(pipeline: Pipeline, published_at: datetime) -> Stage:
    """A staged file with every fact and everything derived from facts; the verdicts come after. Needs the lock."""
    stage = Stage.begin(pipeline.home, pipeline.catalog.sources, published_at)
    derive_facts(stage, pipeline.catalog)
    stage.take_fingerprints()
    return stage


def _identity(capture: Capture) -> tuple[str, str, str, datetime, datetime]:
    return (capture.source, capture.scope, capture.sha256, capture.taken_at, capture.fetched_at)


def _tell(say: Say, loaded: Loaded) -> None:
    name = named(loaded.capture)
    if loaded.outcome == "refused":
        say(f"{name}: refused. {loaded.reason}")
    elif loaded.outcome == "loaded":
        quarantined = f", {loaded.rows_quarantined:,} quarantined" if loaded.rows_quarantined else ""
        say(f"{name}: {loaded.rows_stated:,} figures read, {loaded.rows_added:,} rows added{quarantined}")


def states(attempts: Iterable[Attempt]) -> pl.DataFrame:
    """source, unreachable (why; empty if it was reached), switched_off: a frame for the freshness view."""
    rows = [
        {
            "source": attempt.source,
            "unreachable": attempt.unreachable or attempt.refused or attempt.switched_off,
            "switched_off": bool(attempt.switched_off),
        }
        for attempt in attempts
    ]
    return pl.DataFrame(rows, schema={"source": pl.String, "unreachable": pl.String, "switched_off": pl.Boolean})
