"""Hosts that told us to stay away, and until when. Kept at home, so that the next run stays away too."""

from __future__ import annotations

from datetime import datetime, timedelta

from warehouse.archive import journal
from warehouse.home.layout import Home


def note(home: Home, host: str, until: datetime, why: str) -> None:
    """The host is not to be asked before `until` (naive UTC)."""
    journal.append(home.refusals, [{"host": host, "until": until, "why": why}])


def refused_until(home: Home, now: datetime, at_most: timedelta) -> dict[str, datetime]:
    """The hosts that are not to be asked at `now`, and until when. Nobody is left alone for longer than `at_most` from now:
    what says so was noted by a clock that was ahead.
    """
    latest = dict(
        journal.read_as(home.refusals, lambda record: (record["host"], datetime.fromisoformat(record["until"])))
    )
    return {host: until for host, until in latest.items() if now < until <= now + at_most}
