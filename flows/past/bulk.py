"""A zip of every filer's document into the universe: slice by slice, each a few dozen filers, then one file of all.

Nothing is held from one slice to the next, so that memory does not grow with the filers. A killed load goes on with the first
slice that is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import polars as pl

from config.errors import Refused
from flows.past.bulk_slice import Reading, read_slice
from flows.steps.pipeline import Pipeline, Say
from warehouse.archive import acceptances
from warehouse.archive.bulk import BulkArchive, Member, members, read_members
from warehouse.archive.captures import Logged
from warehouse.home.layout import Home
from warehouse.published.lake_views import universe_to_lake
from warehouse.published.slices import Load, Slices, ToRead, drop_slices
from warehouse.published.universe import damage_named, facts_held, held, open_universe, publish_universe
from warehouse.store.lock import store_lock

# Some 80,000 facts: what is derived at a time takes several times their room.
SLICE_BYTES = 16_000_000
SLICE_FILERS = 200


@dataclass(frozen=True, slots=True)
class BulkLoad(Reading):
    """One zip that is being loaded by this process: how many slices there are, and filers."""

    count: int
    filers: int

    def left(self) -> list[int]:
        """The slices that are not there."""
        done = self.slices.done()
        return [number for number in range(self.count) if number not in done]


Reads = Callable[[BulkLoad, Say], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load has come to; `refused` names each document that could not be read, with the reason."""

    universe: Path | None
    filers: int
    facts: int
    refused: tuple[str, ...]


def load_zips(pipeline: Pipeline, source: str, say: Say, reads: Reads | None = None) -> Loaded:
    """Load each zip of that source that is newer than the universe, oldest first; `reads` has every slice read.

    Raises StoreBusy, NotPublished; StoreUnreachable where others read the slices in a lake that is away.
    """
    with store_lock(pipeline.home, f"capex-signals {source}", path=pipeline.home.universe_lock):
        load = begin(pipeline, source, by_runs=reads is not None)
        if load is None:
            say(f"{source}: the universe holds the newest zip; nothing to do")
            drop_slices(pipeline.home)  # the lake may have been away when they were to be dropped
        while load is not None:
            _say_slices(load, say)
            (reads or _read_slices)(load, say)
            finish(load, say)
            load = begin(pipeline, source, by_runs=reads is not None)
        _put_into_lake(pipeline, say)
    return told(pipeline)


def _put_into_lake(pipeline: Pipeline, say: Say) -> None:
    """Also where nothing was loaded: the lake may have been away when the universe was put together."""
    if views := universe_to_lake(pipeline.home):
        say(f"the universe is in {pipeline.home.lake}, too; {views} attaches it")


def _say_slices(load: BulkLoad, say: Say) -> None:
    done = load.count - len(load.left())
    again = f", {done:,} of them read before" if done else ""
    say(f"{load.spec.id}: {load.filers:,} filers in {load.count:,} slices{again}")


def _read_slices(load: BulkLoad, say: Say) -> None:
    for number in range(load.count):
        read_slice(load, number)
        if (number + 1) % 50 == 0:
            say(f"{load.spec.id}: {number + 1:,} of {load.count:,} slices")


def load_again(pipeline: Pipeline, logged: Logged, say: Say) -> None:
    """Load that zip once more upon the universe that is there: what of it was refused may be accepted now."""
    with store_lock(pipeline.home, f"capex-signals {logged.capture.source}", path=pipeline.home.universe_lock):
        load = _begun(pipeline, load_of(pipeline, logged))
        _say_slices(load, say)
        _read_slices(load, say)
        finish(load, say)
        _put_into_lake(pipeline, say)


def load_of(pipeline: Pipeline, logged: Logged) -> Load:
    """The load of that zip upon the universe that is there."""
    capture, changes = logged.capture, pipeline.catalog.sources[logged.capture.source].changes
    named = (capture.source, capture.scope, capture.sha256)
    accepted = changes is None or named in acceptances.accepted(pipeline.home)
    return Load(logged, held(pipeline.home)[0], accepted)


def _begun(pipeline: Pipeline, load: Load, *, by_runs: bool = False) -> BulkLoad:
    # Once for each process that reads slices: some seconds, beside minutes of reading.
    path = BulkArchive(pipeline.home).whole(load.logged.capture.sha256)
    documents, others = members(path)
    parts = tuple(_cut(documents))

    def read_from(number: int) -> ToRead:
        of_zip = tuple(others) if number == 0 else ()
        return ToRead(read_members(path, list(parts[number])), of_zip, partial(_held, pipeline.home))

    slices = Slices.of(pipeline.home, load, by_runs=by_runs)
    return BulkLoad(pipeline, slices, read_from, len(parts), len(documents))


def _held(home: Home, ciks: list[int]) -> pl.DataFrame:
    """What the universe that is there holds of these filers."""
    if not home.newest_universe.exists():
        return facts_held(None, ciks)
    with damage_named(home), closing(open_universe(home)) as universe:
        return facts_held(universe, ciks)


def begin(pipeline: Pipeline, source: str, *, by_runs: bool = False) -> BulkLoad | None:
    """The load of the first zip that is newer than the universe, begun or not; None where there is none."""
    _, taken_at, sha256 = held(pipeline.home)
    for logged in BulkArchive(pipeline.home).held(source):
        capture = logged.capture
        if capture.sha256 == sha256 or (taken_at and (capture.taken_at, capture.sha256) < (taken_at, sha256)):
            continue
        return _begun(pipeline, load_of(pipeline, logged), by_runs=by_runs)
    return None


def load_under_way(pipeline: Pipeline, source: str, sha256: str, slices: str) -> Reading:
    """A load that another process leads, to read slices of beside others: with one thread, a second would take turns with theirs.

    Raises Refused where this one would read other slices.
    """
    if shared := Slices.under_way(pipeline.home, slices):
        _refuse_other(source, slices, [shared.name])
        return Reading(pipeline, replace(shared, threads=1), shared.read_from)
    zips = [logged for logged in BulkArchive(pipeline.home).held(source) if logged.capture.sha256 == sha256]
    if not zips:
        raise Refused(
            "the zip is not in this home",
            source=source,
            place=str(BulkArchive(pipeline.home).path(sha256)),
            remedy="give this worker the home folder of the run that asks: both must see one CAPEX_SIGNALS_HOME, or one lake",
        )
    loads = {load.name: load for load in (load_of(pipeline, logged) for logged in zips)}
    _refuse_other(source, slices, list(loads))
    load = _begun(pipeline, loads[slices])
    return replace(load, slices=replace(load.slices, threads=1))


def _refuse_other(source: str, asked: str, known: list[str]) -> None:
    if asked not in known:
        raise Refused(
            "the slices that are asked for are of other code, or of a universe that has been replaced",
            source=source,
            place=f"{asked} is asked for, {', '.join(known)} would be read",
            remedy="let every worker run the code of the run that asks, on the same Python; a run of a load that has ended may be left",
        )


def _cut(documents: list[Member]) -> Iterator[tuple[Member, ...]]:
    """The documents by name, some at a time. The last of two of one name and the first stay together."""
    part, size = list[Member](), 0
    for member in documents:
        if part and part[-1].name != member.name and (size >= SLICE_BYTES or len(part) >= SLICE_FILERS):
            yield tuple(part)
            part, size = [], 0
        part.append(member)
        size += member.size
    yield tuple(part)


def finish(load: BulkLoad, say: Say) -> None:
    """Put the slices together and publish. The lock is held."""
    pipeline = load.pipeline
    say(f"{load.spec.id}: putting {load.count:,} slices together")
    path = publish_universe(pipeline.home, load.slices, load.count, load.logged, pipeline.clock())
    say(f"published {path.name}")
    drop_slices(pipeline.home)


def told(pipeline: Pipeline) -> Loaded:
    """What the universe that is there holds."""
    if not pipeline.home.newest_universe.exists():
        return Loaded(None, 0, 0, ())
    with damage_named(pipeline.home), closing(open_universe(pipeline.home)) as universe:
        [(filers, facts)] = universe.execute("SELECT count(*), coalesce(sum(facts), 0) FROM filer").fetchall()
        refused = universe.execute(
            "SELECT locator || ': ' || CASE reason WHEN 'document refused' THEN detail ELSE concat(reason, ', ', detail) END FROM issue "
            "SEMI JOIN (FROM capture ORDER BY taken_at DESC, sha256 DESC LIMIT 1) c ON c.sha256 = capture_sha256 "
            "WHERE severity = 'refused' ORDER BY locator"
        ).fetchall()
    return Loaded(pipeline.home.newest_universe.resolve(), filers, int(facts), tuple(line for (line,) in refused))
