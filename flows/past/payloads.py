"""What a backfill works on: past payloads of a source, found somewhere, each with the proof of its time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Discovered:
    """One payload that could be had.

    `url` names this very version, so what is archived already can be told without fetching. taken_at (naive UTC) is the
    instant the bytes will stand for and taken_at_basis its proof; None: the instant of the fetch. `lasting` says that
    the payload never changes: it is asked for once. fetch gets the bytes, raising SourceUnreachable or SourceChanged;
    None: the address is asked as it stands.
    """

    scope: str
    url: str
    taken_at: datetime | None = None
    taken_at_basis: str = "fetched"
    fetch: Callable[[], bytes] | None = None
    lasting: bool = False
