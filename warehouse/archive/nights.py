"""Which nights were answered: one line for each nightly run that published, and the days that have none."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from warehouse.archive import journal
from warehouse.home.layout import Home


@dataclass(frozen=True, slots=True)
class Night:
    """One nightly run that published. `night_on` is the day it was due (UTC), not the day it ran."""

    night_on: date
    started_at: datetime
    published_at: datetime
    published_id: str


def note(home: Home, night: Night) -> None:
    """Add one night to the log."""
    journal.append(home.nights, [asdict(night)])


def nights(home: Home) -> list[Night]:
    """Every night that was noted, in the order in which they were."""
    return list(journal.read_as(home.nights, _night))


def _night(record: dict[str, Any]) -> Night:
    return Night(
        date.fromisoformat(record["night_on"]),
        datetime.fromisoformat(record["started_at"]),
        datetime.fromisoformat(record["published_at"]),
        record["published_id"],
    )


def days_without(answered: list[Night], until: date) -> list[date]:
    """The days from the first night on, before `until`, for which no run published: nothing was asked on them."""
    days = {night.night_on for night in answered}
    if not days:
        return []
    first = min(days)
    span = (first + timedelta(days=number) for number in range((until - first).days))
    return [day for day in span if day not in days]
