"""Fetch what a backfill wants, one capture after the other: archive it, note it in the cursor, go on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from config.contracts import Capture
from config.errors import HostRefuses, SourceChanged, SourceGone, SourceUnreachable, SourceUnsteady
from flows.network.breaker import Breaker
from flows.network.fetch import Fetched, Fetcher
from flows.past.payloads import Discovered
from flows.past.plan import Part, key_of
from flows.steps.discovery import admit
from flows.steps.pipeline import Pipeline
from warehouse.archive.backfill_cursor import Key
from warehouse.archive.captures import sha256_of

MAX_WAITS = 3


@dataclass(frozen=True, slots=True)
class Retrieved:
    """What became of some captures. `unreachable` says why the rest was not asked; empty: all were.

    `refused` says why the first of those was not taken that a person must look at; the next run asks for them again.
    """

    captured: int = 0
    gone: int = 0
    not_taken: int = 0
    refused: str = ""
    new_bytes: int = 0
    unreachable: str = ""
    unsteady: bool = False

    def __add__(self, other: Retrieved) -> Retrieved:
        return Retrieved(
            self.captured + other.captured,
            self.gone + other.gone,
            self.not_taken + other.not_taken,
            self.refused or other.refused,
            self.new_bytes + other.new_bytes,
            self.unreachable or other.unreachable,
            self.unsteady or other.unsteady,
        )


@dataclass(frozen=True, slots=True)
class Retriever:
    """What retrieving needs of its run."""

    pipeline: Pipeline
    fetcher: Fetcher
    say: Callable[[str], None]

    def retrieve(self, part: Part, turn: tuple[Discovered, ...], tried: dict[Key, Retrieved]) -> Retrieved:
        """Fetch, archive and note each of them; stops at the first that the network keeps from us.

        `tried` is what earlier tries of this turn have got, and is added to.
        """
        clock = self.pipeline.clock
        for item in turn:
            if key_of(item) in tried:
                continue
            try:
                fetched = self._patiently(part, item)
            except SourceGone as problem:
                part.cursor.note(key_of(item), "gone", problem.message, clock())
                self.say(f"{part.spec.id}: {item.url}: {problem.message}")
                tried[key_of(item)] = Retrieved(gone=1)
            except SourceChanged as problem:  # too large, moved elsewhere: it is there, once a person has mended that
                self.say(f"{part.spec.id}: {item.url}: {problem.message}")
                tried[key_of(item)] = Retrieved(not_taken=1, refused=str(problem))
            except SourceUnreachable as problem:
                stopped = Retrieved(unreachable=str(problem), unsteady=isinstance(problem, SourceUnsteady))
                return sum(tried.values(), stopped)
            else:
                self.pipeline.archive.add(fetched.capture, fetched.body, clock())
                part.cursor.note(key_of(item), "captured", fetched.capture.sha256, clock())
                tried[key_of(item)] = Retrieved(captured=1, new_bytes=fetched.capture.size)
        return sum(tried.values(), Retrieved())

    def _patiently(self, part: Part, item: Discovered) -> Fetched:
        """One capture; a host that refuses is waited for, visibly, as long as the circuit breaker says."""
        breaker = Breaker(self.pipeline.home, self.pipeline.clock)
        for _ in range(MAX_WAITS):
            try:
                with breaker.guarding(part.spec, item.url):
                    return self._fetch(part, item)
            except HostRefuses as problem:
                until = breaker.closed_at(item.url)
                if until is None:
                    raise
                self.say(f"{problem.message} Waiting until {until:%H:%M:%S} UTC")
                time.sleep(max(0.0, (until - self.pipeline.clock()).total_seconds()) + 1)
        with breaker.guarding(part.spec, item.url):
            return self._fetch(part, item)

    def _fetch(self, part: Part, item: Discovered) -> Fetched:
        if item.fetch is None:
            fetched = self.fetcher.get(part.spec, item.scope, item.url)
            capture, body = fetched.capture, fetched.body
        else:
            body, now = item.fetch(), self.pipeline.clock()
            capture = Capture(part.spec.id, item.scope, item.url, sha256_of(body), len(body), now, now)
        try:
            admit(part.spec, capture, body)
        except SourceChanged as problem:  # a notice in place of the document: it is there, and not gone
            raise SourceUnreachable(problem.message, source=part.spec.id, place=item.url) from problem
        return Fetched(capture if item.taken_at is None else _dated(capture, item, item.taken_at), body)


def _dated(capture: Capture, item: Discovered, taken_at: datetime) -> Capture:
    return Capture(
        capture.source, capture.scope, capture.url, capture.sha256, capture.size, capture.fetched_at, taken_at,
        item.taken_at_basis, "backfilled", capture.status, capture.headers,
    )  # fmt: skip
