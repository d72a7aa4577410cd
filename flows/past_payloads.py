"""What a backfill works on: past payloads of a source, found somewhere, each with the proof of its time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Discovered:
    """One past payload. `fetch` brings its bytes when they are wanted, and raises like a fetch of the source itself.

    `url` names this very version, so what is archived already can be told without fetching. taken_at is naive UTC.
    """

    scope: str
    url: str
    taken_at: datetime
    taken_at_basis: str
    fetch: Callable[[], bytes]
