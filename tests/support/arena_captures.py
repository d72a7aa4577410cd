"""Captures of Arena payloads for tests: from the fixtures, or from the real payloads beside the checkout."""

from __future__ import annotations

import hashlib
import importlib
import re
from datetime import datetime

import polars as pl
import pytest
from places import FIXTURES_FOLDER, SHARED_DATA

from config.contracts import Capture, Parsed
from config.load import catalog

FIXTURES = FIXTURES_FOLDER / "sources"
SHARED = SHARED_DATA / "leaderboards" / "arena"
FETCHED_AT = datetime(2026, 11, 22, 3)
REAL = {
    "arena_published": "fboulnois/*.csv",
    "arena_site": "oolong/data/*/text.json",
    "arena_history": "jasontrigg0/alltime.csv",
    "arena_hfspace": "hfspace_mirror/leaderboard_table_2023*.csv",
}


def fixture(source: str, name: str) -> bytes:
    return (FIXTURES / source / name).read_bytes()


def read(source: str, payload: bytes, day: datetime = FETCHED_AT, scope: str = "arena_text") -> Parsed:
    """What the source's parser makes of the payload, captured as of `day`."""
    sha256 = hashlib.sha256(payload).hexdigest()
    capture = Capture(source, scope, f"https://example.org/{source}", sha256, len(payload), FETCHED_AT, day)
    parser = importlib.import_module(f"transforms.sources.{source}")
    parsed: Parsed = parser.parse(payload, capture, catalog())
    return parsed


def reasons(parsed: Parsed, severity: str = "quarantined") -> list[str]:
    return [issue.reason for issue in parsed.issues if issue.severity == severity]


def real_rows(source: str) -> pl.DataFrame:
    """Every row of one source's real payloads, with the loaded columns the marts need; skips where they are absent."""
    files = sorted(SHARED.glob(REAL[source]))
    if not files:
        pytest.skip(f"the real Arena payloads are not beside the checkout ({SHARED})")
    frames = []
    for path in files:
        found = re.search(r"(\d{4})-?(\d\d)-?(\d\d)", str(path.relative_to(SHARED)))
        day = datetime(*map(int, found.groups())) if found else FETCHED_AT
        payload = path.read_bytes()
        frames.append(
            read(source, payload, day).rows.with_columns(
                source=pl.lit(source),
                capture_sha256=pl.lit(hashlib.sha256(payload).hexdigest()),
                first_seen_at=pl.lit(FETCHED_AT, dtype=pl.Datetime("us")),
            )
        )
    return pl.concat(frames)
