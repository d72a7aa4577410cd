"""Which code gave an answer: the release, and a digest of everything that decides."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parent.parent
DECIDES = (("transforms", "*.py"), ("warehouse", "*.py"), ("warehouse", "*.sql"))


@cache
def code_version() -> str:
    """E.g. `0.1.0+3f2a9c51d07b`: two answers with the same code version came from the same code."""
    total = hashlib.sha256()
    for package, pattern in DECIDES:
        for path in sorted((ROOT / package).rglob(pattern)):
            total.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{version('capex-signals')}+{total.hexdigest()[:12]}"
