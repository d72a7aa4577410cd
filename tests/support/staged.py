"""A staged file made the way a run makes it: archive, parse, check, append, derive, views. No network, no verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from config.contracts import Capture
from config.load import catalog
from config.settings import Settings
from config.specs import Catalog
from flows.steps.derive import stage_facts
from flows.steps.load import Progress, load_pending
from flows.steps.pipeline import Pipeline
from warehouse.archive.captures import Archive, sha256_of
from warehouse.home.layout import Home
from warehouse.published.stage import Stage
from warehouse.store.facts import Loaded, Store

PUBLISHED_AT = datetime(2026, 11, 22, 6)


class Payload(NamedTuple):
    """One payload as it was captured: source, scope, bytes and the instant they stand for."""

    source: str
    scope: str
    body: bytes
    taken_at: datetime


def loaded(home: Path, payloads: Sequence[Payload], declared: Catalog | None = None) -> tuple[Pipeline, list[Loaded]]:
    """The payloads archived and loaded in this order into the store of a home; nothing but them is in it."""
    opened = Home.open(home)
    settings, declared = Settings(home=home), declared or catalog()
    now = max([PUBLISHED_AT, *(payload.taken_at for payload in payloads)])
    pipeline = Pipeline(settings, declared, opened, Archive(opened), lambda: now)
    for payload in payloads:
        sha, size = sha256_of(payload.body), len(payload.body)
        capture = Capture(
            payload.source, payload.scope, "https://example.org/", sha, size, payload.taken_at, payload.taken_at
        )
        pipeline.archive.add(capture, payload.body, max(PUBLISHED_AT, payload.taken_at))
    store = Store.open(pipeline.home.store)
    progress = load_pending(pipeline, store, lambda _: None, Progress())
    store.close()
    return pipeline, progress.loaded


def staged(home: Path, payloads: Sequence[Payload], declared: Catalog | None = None) -> Stage:
    """The staged file over those payloads. Close it when done."""
    pipeline, _ = loaded(home, payloads, declared)
    return stage_facts(pipeline, PUBLISHED_AT)


def ask(stage: Stage, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """Rows of a query on the staged file."""
    return stage.frame(query, parameters).rows()
