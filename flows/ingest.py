"""Payload files that a person already holds go the same way as fetched ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from config.contracts import Capture
from config.errors import Refused
from config.settings import Settings
from config.specs import SourceSpec
from flows.answer import answer
from flows.pipeline import Pipeline, reader, requests_of
from flows.report import Summary
from flows.steps import Say, enter_analyst_files, load_pending, open_store
from warehouse.archive import read_payload, sha256_of
from warehouse.lock import store_lock


def ingest_files(
    settings: Settings, source: str, files: list[Path], say: Say, *, fetched_at: datetime | None, url: str, scope: str
) -> Summary:
    """Archive the files as captures of `source`, load, judge and publish.

    `fetched_at` (UTC) is the instant the files stand for; without it they are known from now on. Raises Refused for
    an unknown source, scope or unreadable file, before anything is archived.
    """
    pipeline = Pipeline.open(settings)
    spec = pipeline.source(source)
    taken_at = _instant(fetched_at, pipeline.clock())
    bodies = [(path, read_payload(path)) for path in files]
    captures = [
        (_capture(pipeline, spec, path, body, taken_at=taken_at, url=url, scope=scope), body) for path, body in bodies
    ]
    with store_lock(pipeline.home, "capex-signals ingest"):
        for capture, body in captures:
            pipeline.archive.add(capture, body, pipeline.clock())
        attempts = enter_analyst_files(pipeline)
        store, progress = open_store(pipeline, say)
        load_pending(pipeline, store, say, progress)
        store.close()
        return answer(pipeline, progress, attempts, say)


def _instant(fetched_at: datetime | None, now: datetime) -> datetime:
    if fetched_at is None:
        return now
    stated = fetched_at.astimezone(UTC).replace(tzinfo=None) if fetched_at.tzinfo else fetched_at
    if stated > now:
        raise Refused(f"{stated} lies in the future", place="--fetched-at", remedy="give the UTC instant of the fetch")
    return stated


def _capture(
    pipeline: Pipeline, spec: SourceSpec, path: Path, body: bytes, *, taken_at: datetime, url: str, scope: str
) -> Capture:
    scope, address = _scope(pipeline, spec, path, body, scope)
    basis = "stated at ingest"
    return Capture(
        spec.id, scope, url or address, sha256_of(body), len(body), pipeline.clock(), taken_at, basis, "ingested"
    )


def _scope(pipeline: Pipeline, spec: SourceSpec, path: Path, body: bytes, scope: str) -> tuple[str, str]:
    """(scope, declared address): the scope given, the only one there is, or the one the payload itself tells."""
    declared = dict(requests_of(spec, pipeline.catalog)) if spec.fetched else {}
    told = scope
    if not told and set(declared) - {""} and hasattr(reader(spec.id), "scope_of"):
        told = reader(spec.id).scope_of(body, pipeline.catalog)
    if declared and told not in declared:
        raise Refused(
            f"it is not clear which part of {spec.id} this file is" if not told else f"{spec.id} has no part {told!r}",
            place=path.name,
            remedy=f"say --scope with one of: {', '.join(sorted(declared))}",
        )
    return told, declared.get(told, spec.addresses[0] if spec.addresses else "")
