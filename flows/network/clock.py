"""Now, and how far it is believed. Apart from what fetches: to load what is archived no HTTP is needed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

# How far two clocks may be apart before what one of them stamps is not believed. Hosts are seldom off by minutes.
CLOCK_TOLERANCE = timedelta(hours=1)


def utc_now() -> datetime:
    """Now, as the naive UTC instant every clock of the project uses."""
    return datetime.now(UTC).replace(tzinfo=None)
