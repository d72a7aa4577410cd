"""Whether a document that grows with each filing (company facts) is worth asking for again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from config.contracts import Capture
from transforms.filings.listing import Filing

# Facts follow a filing by minutes, at times by a day or two: ask until then, and then once a week for corrections.
FACTS_LAG = timedelta(days=3)
AT_LEAST_EVERY = timedelta(days=7)


def is_due(captured: Capture | None, filings: Iterable[Filing] | None, now: datetime) -> bool:
    """`captured`: the last capture; `filings`: the company's list, None where none is at hand (then ask, to be safe)."""
    if captured is None or filings is None or abs(now - captured.fetched_at) > AT_LEAST_EVERY:
        return True  # also where a clock that was ahead wrote down the last time
    newest = max((filing.filed_on for filing in filings if filing.is_xbrl), default=None)
    return newest is not None and captured.fetched_at < datetime.combine(newest, time.max) + FACTS_LAG
