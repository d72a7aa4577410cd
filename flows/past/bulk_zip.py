"""How a zip of every filer comes into the archive: over the network, or from a file that a person holds."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from config.contracts import Capture
from config.specs import SourceSpec
from flows.network.fetch import Fetcher
from flows.steps.pipeline import Pipeline, Say
from warehouse.archive.bulk import BulkArchive, Incoming
from warehouse.archive.captures import Logged

FILE_NAME = "file-name"


def wants_zip(pipeline: Pipeline, spec: SourceSpec, last: date, *, again: bool) -> bool:
    """Whether the newest zip that is held was taken before the last day asked for; `again`: ask in any case."""
    newest = BulkArchive(pipeline.home).newest(spec.id)
    return again or newest is None or newest.capture.taken_at.date() < last


def bulk_plan(pipeline: Pipeline, spec: SourceSpec) -> str:
    """What a fill would do, as a sentence."""
    newest = BulkArchive(pipeline.home).newest(spec.id)
    if newest is None:
        return f"{spec.id}: no zip is held; fill fetches {spec.addresses[0]} (some 1.5 GB) and loads every filer of it"
    taken = f"{newest.capture.taken_at:%Y-%m-%d %H:%M} UTC"
    return f"{spec.id}: a zip of {taken} is held ({newest.capture.size:,} bytes); fill fetches a newer one where the days ask for it"


def fetch_zip(pipeline: Pipeline, spec: SourceSpec, fetcher: Fetcher, say: Say) -> Logged:
    """Fetch and archive the zip; nothing of a cut transfer stays. Raises SourceUnreachable, SourceChanged, Refused."""
    [address] = spec.addresses
    say(f"{spec.id}: fetching {address}")
    kept = BulkArchive(pipeline.home)
    with kept.incoming(address) as target:
        headers = fetcher.download(spec, address, target.write)
    now = pipeline.clock()
    return kept.log(_capture(spec, target, now, address, headers=headers))


def take_zip(pipeline: Pipeline, spec: SourceSpec, path: Path, taken_at: datetime, url: str) -> Logged:
    """Archive a zip that a person holds. Raises Refused when it cannot be read or is none."""
    kept = BulkArchive(pipeline.home)
    target = kept.take(path)
    now = pipeline.clock()
    stated = _capture(spec, target, now, url or spec.addresses[0], headers={FILE_NAME: path.name})
    return kept.log(_ingested(stated, taken_at))


def _capture(spec: SourceSpec, target: Incoming, now: datetime, url: str, *, headers: dict[str, str]) -> Capture:
    return Capture(spec.id, "", url, target.sha256, target.size, now, now, headers=headers)


def _ingested(capture: Capture, taken_at: datetime) -> Capture:
    return Capture(
        capture.source, "", capture.url, capture.sha256, capture.size, capture.fetched_at, taken_at, "stated at ingest",
        "ingested", headers=capture.headers,
    )  # fmt: skip
