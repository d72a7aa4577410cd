"""Where the checkout is, its tests and their fixtures, and the real payloads that may lie beside it."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TESTS = REPOSITORY / "tests"
FIXTURES_FOLDER = TESTS / "fixtures"
SHARED_DATA = REPOSITORY.parent / "shared" / "data"
