"""When the public could know what a filing says: 17:30 New York on its filing date, in UTC.

What the SEC accepts after 17:30 bears the next business day's date. Acceptance stamps are no clock: one copy of a list
ends a stamp in 16:10Z, another in 20:10Z. Where one is later by either reading the staged file moves the row to it.
"""

from __future__ import annotations

import polars as pl

from config.contracts import INSTANT

BASIS = "filing_date_1730_new_york"
ACCEPTED = "acceptance"  # where that came later (warehouse/published/acceptance.py)


def known_at(filed: str) -> pl.Expr:
    """The naive UTC instant for the date column of that name."""
    local = pl.col(filed).cast(INSTANT) + pl.duration(hours=17, minutes=30)
    return local.dt.replace_time_zone("America/New_York").dt.convert_time_zone("UTC").dt.replace_time_zone(None)
