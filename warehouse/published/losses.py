"""What the archive has lost: looked for at the beginning of a night, so that nothing goes unnoticed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb

from config.errors import Refused
from warehouse.archive.captures import Archive
from warehouse.archive.journal import mended
from warehouse.published.swap import open_published

# Every object is read again within so many nights.
NIGHTS = 30


def losses(archive: Archive, night: date) -> list[str]:
    """A sentence for each loss: captures that the published file rests on and the log no longer has, damaged objects among the
    share that is read again this night, and journals that were mended from their second copy. Raises Refused where the log
    itself is damaged and cannot be mended.
    """
    return [*mended(archive.home), *_captures_gone(archive), *_objects_damaged(archive, night)]


def _captures_gone(archive: Archive) -> Iterator[str]:
    try:
        with open_published(archive.home) as published:
            resting = set(
                published.execute(
                    "SELECT source, scope, sha256, taken_at FROM history.capture WHERE origin <> 'starter'"
                ).fetchall()
            )
    except (Refused, duckdb.Error):
        return  # nothing was published, or what was cannot be read: the store tells its own damage
    logged = {
        (item.capture.source, item.capture.scope, item.capture.sha256, item.capture.taken_at)
        for item in archive.captures()
    }
    if gone := sorted(resting - logged, key=str):
        yield (
            f"{archive.home.captures}: {len(gone):,} captures that the published file rests on are no longer in the log (the first: "
            f"{gone[0][0]} of {gone[0][3]:%Y-%m-%d %H:%M}). The figures stay as long as the store does, and a replay would lose "
            "them. Remedy: restore the file from a backup"
        )


def _objects_damaged(archive: Archive, night: date) -> Iterator[str]:
    """Objects are verified in turn: those whose name falls on this night, each once."""
    turn = night.toordinal() % NIGHTS
    named = {item.capture.sha256 for item in archive.captures() if item.capture.origin != "starter"}
    for sha256 in sorted(sha256 for sha256 in named if int(sha256[:8], 16) % NIGHTS == turn):
        try:
            archive.read(sha256)
        except Refused as problem:
            yield str(problem)
