"""The database of the Prefect server: where it lies, and whether the installed Prefect can work on it.

Looked at before a server is started on it: a server on a damaged file may well start, and fail the first write of a night.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings
from warehouse.home import condition

DRIVERS = {"postgres": "postgresql+asyncpg", "postgresql": "postgresql+asyncpg", "sqlite": "sqlite+aiosqlite"}
SQLITE = "sqlite+aiosqlite:///"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why no server can work on the database, and what a person can do about it."""

    what: str
    mend: str


def prefect_home(settings: Settings) -> Path:
    """The folder of everything Prefect keeps: its database, its settings, the server's log."""
    return settings.root / "prefect"


def database_file(folder: Path) -> Path:
    """The SQLite database among what Prefect keeps in a folder."""
    return folder / "prefect.db"


def database_url(settings: Settings) -> str:
    """Where the server keeps runs and schedules: the one that is set, or a file under the home folder."""
    given = settings.database_url.get_secret_value()
    if given:
        scheme, _, rest = given.partition("://")
        return f"{DRIVERS.get(scheme, scheme)}://{rest}"
    return f"{SQLITE}{database_file(prefect_home(settings))}"


def trouble(settings: Settings) -> Trouble | None:
    """What is wrong with the SQLite file; None where nothing is, or where the database is another one."""
    url = database_url(settings)
    if not url.startswith(SQLITE):
        return None
    path = Path(url.removeprefix(SQLITE))
    away = f"move {path.parent} away: schedules and limits are made anew, past runs are lost"
    if wrong := condition.sqlite_trouble(path):
        return Trouble(wrong, away)
    stated, known = condition.sqlite_revision(path), _known_revisions()
    if stated and known and stated not in known:
        return Trouble(
            f"{path}: another version of Prefect has written it (schema {stated})",
            f"install the Prefect that has written it, or {away}",
        )
    return None


def _known_revisions() -> set[str]:
    """The versions of the schema that the installed Prefect knows; found without importing it, which reads its settings."""
    found = importlib.util.find_spec("prefect")
    folders = found.submodule_search_locations if found else None
    if not folders:
        return set()
    return condition.declared_revisions(
        Path(folders[0]) / "server" / "database" / "_migrations" / "versions" / "sqlite"
    )
