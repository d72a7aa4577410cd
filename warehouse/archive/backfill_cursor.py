"""How far a backfill has come: one journal for each source, range and mode, so that a killed one goes on where it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from warehouse.archive import journal
from warehouse.home.layout import Home

Key = tuple[str, str, datetime | None]


@dataclass(frozen=True, slots=True)
class Cursor:
    """The journal of one source, range and mode. A key is (scope, address, instant it stands for)."""

    path: Path

    @classmethod
    def of(cls, home: Home, source: str, first: date, last: date, mode: str) -> Cursor:
        """The cursor of that name, begun or not."""
        return cls(home.backfills / f"{source}_{first}_{last}_{mode}.jsonl")

    def note(self, key: Key, outcome: str, why: str, at: datetime) -> None:
        """`captured`, or `gone` with the reason: asking again would give the same."""
        scope, url, taken_at = key
        record = {"scope": scope, "url": url, "taken_at": taken_at, "outcome": outcome, "why": why, "at": at}
        journal.append(self.path, [record])

    def finish(self, published_id: str, rows_added: int, at: datetime) -> None:
        """Everything captured so far has been published."""
        journal.append(self.path, [{"finished": published_id, "rows_added": rows_added, "at": at}])

    def done(self, *, since_finished: bool) -> dict[Key, str]:
        """key -> outcome; `since_finished`: only those of the round that is under way."""
        found: dict[Key, str] = {}
        for record in journal.read(self.path):
            if "finished" in record:
                found = {} if since_finished else found
            else:
                found[_key(record)] = record["outcome"]
        return found

    def unpublished(self) -> bool:
        """Whether something was captured that no finished round has published."""
        return "captured" in self.done(since_finished=True).values()

    def last_finished(self) -> tuple[datetime, int] | None:
        """(when the last round ended, rows it added)."""
        ended = [record for record in journal.read(self.path) if "finished" in record]
        return (datetime.fromisoformat(ended[-1]["at"]), ended[-1]["rows_added"]) if ended else None


def _key(record: dict[str, Any]) -> Key:
    taken_at = record["taken_at"]
    return record["scope"], record["url"], datetime.fromisoformat(taken_at) if taken_at else None
