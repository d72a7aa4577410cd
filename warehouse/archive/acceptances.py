"""Captures that a person has accepted although they differ from the one before by more than a day can bring."""

from __future__ import annotations

from datetime import datetime

from config.contracts import Capture
from warehouse.archive import journal
from warehouse.home.layout import Home


def note(home: Home, capture: Capture, who: str, why: str, at: datetime) -> None:
    """The capture is true: who says so, and why."""
    named = {"source": capture.source, "scope": capture.scope, "sha256": capture.sha256}
    journal.append(home.acceptances, [{**named, "who": who, "why": why, "at": at}])


def accepted(home: Home) -> set[tuple[str, str, str]]:
    """(source, scope, sha256) of every capture accepted so far."""
    return set(journal.read_as(home.acceptances, lambda record: (record["source"], record["scope"], record["sha256"])))
