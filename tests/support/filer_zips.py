"""Zips of filers' documents as the SEC's, made of the fixtures."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import yaml
from places import FIXTURES_FOLDER

from warehouse.home.layout import Home
from warehouse.published.universe import open_universe

FIXTURES = FIXTURES_FOLDER / "sources"
MEMBERS = yaml.safe_load((FIXTURES / "sec_bulk" / "members.yml").read_text())
# What differs between two loads of one zip.
VARYING = "subject_id, series_id, seq, first_seen_at, seen_from, seen_until, captured_at"
EARLIER, LATER = datetime(2026, 11, 1), datetime(2026, 11, 20)


def document(cik: int, name: str = "MSFT.json") -> bytes:
    """MSFT's document under another filer's number."""
    body = orjson.loads((FIXTURES / "sec_companyfacts" / name).read_bytes())
    return orjson.dumps({**body, "cik": cik, "entityName": f"Filer {cik}"})


def scaled(cik: int, factor: int) -> bytes:
    """MSFT's document under another filer's number, every figure so many times as large."""
    body = orjson.loads(document(cik))
    for tags in body["facts"].values():
        for tag in tags.values():
            for rows in tag["units"].values():
                for row in rows:
                    row["val"] *= factor
    return orjson.dumps(body)


def declared() -> dict[str, bytes]:
    """Member -> document of the companies that are declared."""
    return {member: (FIXTURES / "sec_companyfacts" / name).read_bytes() for member, name in MEMBERS.items()}


def zip_of(path: Path, documents: dict[str, bytes]) -> Path:
    """The documents in a zip at that path: of the same documents the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, body in documents.items():
            target.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)  # dated 1980: the same bytes each time
    return path


def periods(home: Home) -> list[tuple[Any, ...]]:
    """The universe's rows without what differs between two loads of one zip: instants of loading and row numbers."""
    with open_universe(home) as universe:
        return universe.execute(f"SELECT * EXCLUDE ({VARYING}) FROM history.company_period ORDER BY ALL").fetchall()


def answers(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    """All that the universe says, apart from the instants of loading: its rows, filers and issues."""
    with open_universe(home) as universe:
        filers = universe.execute("FROM history.filer ORDER BY ALL").fetchall()
        issues = universe.execute(
            "SELECT * EXCLUDE (first_seen_at, captured_at) FROM history.issue ORDER BY ALL"
        ).fetchall()
    return {"company_period": periods(home), "filer": filers, "issue": issues}
