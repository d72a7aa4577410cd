"""What is held of each source, read off the published file and the archive: so that a plan can say what would be new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

import duckdb

from config.errors import Refused
from warehouse.archive.captures import Archive
from warehouse.home.layout import Home
from warehouse.published.swap import newest_file, open_published
from warehouse.store.facts import connect


@dataclass(frozen=True, slots=True)
class Expected:
    """What one more payload of a source and scope is likely to weigh: as the newest one did. None: never seen."""

    size: int | None = None
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Holdings:
    """captures: (source, scope, address, instant) of every capture that was not refused. fetched_on: the day of the
    newest fetch of (source, scope). expected: by (source, scope), and by (source, '*') for scopes not seen yet.
    """

    captures: frozenset[tuple[str, str, str, datetime]]
    fetched_on: dict[tuple[str, str], date]
    expected: dict[tuple[str, str], Expected]

    def expect(self, source: str, scope: str) -> Expected:
        """The likely weight of one payload."""
        return self.expected.get((source, scope), self.expected.get((source, "*"), Expected()))


def holdings(archive: Archive) -> Holdings:
    """From the archive's log and, where something has been published, the captures in it (starter data included)."""
    captures, fetched_on = set(), {}
    expected: dict[tuple[str, str], Expected] = {}
    try:
        with open_published(archive.home) as published:
            rows = published.execute(PUBLISHED).fetchall()
    except Refused:
        rows = []
    for source, scope, url, taken_at, size, stated in rows:
        captures.add((source, scope, url, taken_at))
        if stated:  # an unchanged payload was not read again
            expected[source, scope] = expected[source, "*"] = Expected(size, stated)
    for logged in archive.captures():
        capture = logged.capture
        captures.add((capture.source, capture.scope, capture.url, capture.taken_at))
        if capture.origin == "fetched":
            fetched_on[capture.source, capture.scope] = capture.fetched_at.date()
    return Holdings(frozenset(captures), fetched_on, expected)


def refused_captures(home: Home, source: str) -> set[tuple[str, str, datetime]]:
    """(scope, sha256, taken_at) of every capture of a source that its load refused, as of the last publication."""
    newest = newest_file(home)
    if newest is None:
        return set()
    written = newest.stat()
    return _refused(newest, (written.st_ino, written.st_size, written.st_mtime_ns)).get(source, set())


@lru_cache(maxsize=2)
def _refused(published: Path, _written: tuple[int, int, int]) -> dict[str, set[tuple[str, str, datetime]]]:
    """By source. A published file is never changed; each of some forty sources asks for it."""
    found: dict[str, set[tuple[str, str, datetime]]] = {}
    try:
        with connect(published, read_only=True) as file:
            for source, *capture in file.execute(REFUSED).fetchall():
                found.setdefault(source, set()).add((capture[0], capture[1], capture[2]))
    except duckdb.Error:  # nothing that can be read
        return {}
    return found


REFUSED = "SELECT source, scope, sha256, taken_at FROM history.capture WHERE outcome = 'refused'"
PUBLISHED = """
    SELECT source, scope, url, taken_at, size, rows_stated FROM history.capture
    WHERE outcome <> 'refused' ORDER BY taken_at, logged_at"""
