"""When the public could know what a filing says: 17:30 New York on its filing date, in UTC.

What the SEC accepts after 17:30 bears the next business day's date. Acceptance stamps are no clock: one copy of a list
ends a stamp in 16:10Z, another in 20:10Z. Where one is later by either reading the row is known from the later of the two:
the staged file moves it there by the stamp of a list (warehouse/published/acceptance.py), a whole filing by that of its header.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import polars as pl

from config.contracts import INSTANT

BASIS = "filing_date_1730_new_york"
ACCEPTED = "acceptance"  # where that came later
NEW_YORK = ZoneInfo("America/New_York")
FILED_UNTIL = time(17, 30)


def public_from(filed_on: date, accepted: datetime | None, seen_at: datetime | None = None) -> tuple[datetime, str]:
    """(naive UTC instant, its basis) for a filing date, a stamp of acceptance, and when a capture showed the filing."""
    by_date = _in_utc(datetime.combine(filed_on, FILED_UNTIL))
    if accepted is None or accepted <= by_date or (seen_at is not None and seen_at <= by_date):
        return by_date, BASIS
    stamped = max(accepted, _in_utc(accepted.replace(fold=1)))
    return min(stamped, seen_at or stamped), ACCEPTED


def _in_utc(local: datetime) -> datetime:
    return local.replace(tzinfo=NEW_YORK).astimezone(UTC).replace(tzinfo=None)


def known_at(filed: str) -> pl.Expr:
    """The naive UTC instant for the date column of that name."""
    local = pl.col(filed).cast(INSTANT) + pl.duration(hours=17, minutes=30)
    return local.dt.replace_time_zone("America/New_York").dt.convert_time_zone("UTC").dt.replace_time_zone(None)
