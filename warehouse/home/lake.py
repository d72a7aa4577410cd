"""Where a store in DuckLake lies: its catalog in a PostgreSQL database, its rows as Parquet in one place that every host sees."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from config.errors import Refused

EMBEDDED = "duckdb"
LAKE = "ducklake:postgres:"
OBJECTS = "s3://"
FORMS = "duckdb, ducklake:postgres://user:password@host/database or ducklake:postgres:dbname=... host=..."
PLACES = "an absolute folder that every host sees, or s3://bucket/prefix"
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/=-]*)?")
_SECRET = re.compile(r"(?<=:)[^:@/\s]+(?=@)|(?<=password=)('[^']*'|\S+)")


@dataclass(frozen=True, slots=True)
class Lake:
    """A lake. `catalog` is how libpq finds the database, and may hold a password; `data` is a folder or s3://bucket/prefix.

    `endpoint` is the address of an object storage other than Amazon's, http:// or https://; empty for Amazon's, and for a folder.
    """

    catalog: str = field(repr=False)
    data: Path | str
    endpoint: str = ""

    @property
    def objects(self) -> str:
        """The bucket and prefix of the rows; empty where they lie in a folder."""
        return self.data if isinstance(self.data, str) else ""

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


def lake_of(store: str, data: str, root: Path, endpoint: str = "") -> Lake | None:
    """What the settings CAPEX_SIGNALS_STORE and CAPEX_SIGNALS_STORE_DATA say: a lake, or None for the file under the home folder.

    Raises Refused where they say neither. The rows of a lake lie under `root`/lake where no other place is named; `endpoint`
    is that of the object storage, where it is not Amazon's.
    """
    if store == EMBEDDED:
        if data:
            raise _refused("a place is named for the rows of a lake, and the store is none", "CAPEX_SIGNALS_STORE_DATA")
        return None
    catalog = store.removeprefix(LAKE)
    if catalog == store or not catalog:
        raise _refused("this names no store", "CAPEX_SIGNALS_STORE")
    if catalog.startswith("//"):
        catalog = f"postgres:{catalog}"
    if "://" not in data:
        folder = Path(data) if data else root / "lake"
        if not folder.is_absolute():
            raise _refused(f"every host must see one folder, and {data} is relative", "CAPEX_SIGNALS_STORE_DATA")
        return Lake(catalog, folder)
    if not _BUCKET.fullmatch(data):
        raise _refused(f"{data} names no bucket", "CAPEX_SIGNALS_STORE_DATA")
    if endpoint and not re.fullmatch(r"https?://[^/?#\s'@]+/?", endpoint):
        raise _refused(
            f"{endpoint} is no address of an object storage", "AWS_ENDPOINT_URL", "write it as http(s)://host:port"
        )
    return Lake(catalog, data.rstrip("/"), endpoint.rstrip("/"))


def _refused(message: str, place: str, remedy: str = "") -> Refused:
    by_default = f"set CAPEX_SIGNALS_STORE to {FORMS}; CAPEX_SIGNALS_STORE_DATA, only with a lake, to {PLACES}"
    return Refused(message, place=place, remedy=remedy or by_default)
