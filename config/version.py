"""Which code gave an answer: the release, and a digest of everything that decides."""

from __future__ import annotations

import hashlib
import sys
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
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


LIBRARIES = ("duckdb", "numpy", "polars", "pyarrow", "pydantic", "pyyaml", "scipy")


@cache
def build_digest() -> str:
    """A digest of everything this build consists of: each file of the four packages, Python, and the libraries that compute.

    What was computed by one build is never taken for what another would compute.
    """
    total = hashlib.sha256(sys.version.encode())
    for name in LIBRARIES:
        with suppress(PackageNotFoundError):
            total.update(f"{name} {version(name)}\n".encode())
    for package in ("config", "flows", "transforms", "warehouse"):
        for path in sorted((ROOT / package).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                total.update(
                    path.relative_to(ROOT).as_posix().encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest()
                )
    return total.hexdigest()
