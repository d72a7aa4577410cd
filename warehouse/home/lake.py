"""Where a store in DuckLake lies: its catalog in a PostgreSQL database, its rows as Parquet in a folder that every host sees."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from config.errors import Refused

EMBEDDED = "duckdb"
LAKE = "ducklake:postgres:"
FORMS = "duckdb, ducklake:postgres://user:password@host/database or ducklake:postgres:dbname=... host=..."
_SECRET = re.compile(r"(?<=:)[^:@/\s]+(?=@)|(?<=password=)('[^']*'|\S+)")


@dataclass(frozen=True, slots=True)
class Lake:
    """A lake. `catalog` is how libpq finds the database, and may hold a password."""

    catalog: str = field(repr=False)
    data: Path

    def __str__(self) -> str:
        return f"ducklake:postgres:{self.without_secret(self.catalog)}"

    def for_readers(self) -> str:
        """The catalog's address as DuckDB attaches it, with no password in it."""
        user_alone = re.sub(r"(?<=//)([^:@/]*):[^@/]*@", r"\1@", self.catalog)
        return LAKE + re.sub(r"\s*password=('[^']*'|\S+)", "", user_alone)

    def without_secret(self, text: str) -> str:
        """A message that may quote the catalog's address, without the password in it."""
        for secret in {found[0] for found in _SECRET.finditer(self.catalog)}:
            text = text.replace(secret, "***")
        return text


def lake_of(store: str, data: Path | None, root: Path) -> Lake | None:
    """What the settings CAPEX_SIGNALS_STORE and CAPEX_SIGNALS_STORE_DATA say: a lake, or None for the file under the home folder.

    Raises Refused where they say neither. The rows of a lake lie under `root`/lake where no other folder is named.
    """
    if store == EMBEDDED:
        if data is not None:
            raise _refused(
                "a folder is named for the rows of a lake, and the store is none", "CAPEX_SIGNALS_STORE_DATA"
            )
        return None
    catalog = store.removeprefix(LAKE)
    if catalog == store or not catalog:
        raise _refused("this names no store", "CAPEX_SIGNALS_STORE")
    if data is not None and not data.is_absolute():
        raise _refused(f"every host must see one folder, and {data} is relative", "CAPEX_SIGNALS_STORE_DATA")
    if catalog.startswith("//"):
        catalog = f"postgres:{catalog}"
    return Lake(catalog, data or root / "lake")


def _refused(message: str, place: str) -> Refused:
    return Refused(message, place=place, remedy=f"set CAPEX_SIGNALS_STORE to {FORMS}; the folder only with a lake")
