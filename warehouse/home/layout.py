"""The map of the home folder: which path is immutable, which is only a pointer, what a failed run leaves.

archive/objects/ab/<sha256>.zst   captured bytes; written once, never changed
archive/captures.jsonl            the log of captures; append-only; the truth the store is rebuilt from
archive/specifications.jsonl      every claim specification that was ever evaluated; append-only
archive/verdicts.jsonl            every verdict that was ever published; append-only
archive/alerts.jsonl              every alert that was ever told; append-only; report/feed.json and feed.atom show it
archive/nights.jsonl              every nightly run that published; append-only
archive/backfills/<id>.jsonl      how far a backfill has come; append-only
archive/accepted.jsonl            captures a person accepted although too much had changed; append-only
archive/refusals.jsonl            hosts that told us to stay away, and until when; append-only
archive/*.jsonl.copy              the same lines again, from which a damaged journal is mended
archive/damaged/                  what stood in a journal that was mended; told each night until it is removed
archive/bulk/<sha256>.zip         captured zips of many documents, as they came; written once, never changed
archive/bulk.jsonl                the log of those captures; append-only
store/store.duckdb                the fact store: a cache of the archive, rebuilt by `replay`; or a copy of the lake
lake/                             the rows of a store in DuckLake, where no other folder is named for them
store/staged-<key>.json           the digest of the newest published file, by what its facts rest on: a night may begin with it
store.lock                        held from append to swap; names its holder
serve.lock                        held by a `capex-signals serve`; names its port
published/<id>.duckdb             what readers open: read-only, never changed; the newest three are kept
published/views.sql               what a client runs to read the same from a lake; made anew with each file
universe/universe.duckdb          a symlink to the newest file of every filer; read-only, built from archive/bulk
universe/views.sql                what a client runs to read the same from a lake
universe/slices/<load>/           what a bulk load has read so far; a killed one goes on there. Empty: it lies in the lake
universe.lock                     held by a bulk load; names its holder
published/latest.duckdb           a symlink to the newest of them; the only thing that ever moves
private/                          the analyst's own CSV files (market_price, estimate): read on each run, never exported
report/                           the rendered page of the newest published file
clones/<source>.git               the past of a file kept in git, without its contents; may be deleted at any time
typed_statements                  what was typed at the prompt of `capex-signals sql`; may be deleted at any time
scratch/                          what a killed run leaves; emptied by the next one
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from config.errors import Refused
from warehouse.home.lake import Lake

OWNER_FOLDER = 0o700
MAX_PRIVATE_BYTES = 100_000_000
PRIVATE = "private_"  # begins the name of every source of the analyst's own files


@dataclass(frozen=True, slots=True)
class Home:
    """Paths under one home folder. `Home.open` makes the folders and refuses a home it cannot write to."""

    root: Path
    lake: Lake | None = None

    @classmethod
    def open(cls, root: Path, lake: Lake | None = None) -> Home:
        """Raises Refused when the folder cannot be created or written."""
        home = cls(root, lake)
        try:
            for folder in (
                home.objects, home.backfills, home.store.parent, home.published, home.private, home.report, home.scratch,
                home.bulk, home.universe,
            ):  # fmt: skip
                folder.mkdir(parents=True, exist_ok=True)
            for folder in (home.private, home.store.parent, home.scratch):  # DuckDB makes its files readable by all
                folder.chmod(OWNER_FOLDER)
        except OSError as error:
            raise _unwritable(root, error) from error
        if not os.access(root, os.W_OK):
            raise _unwritable(root, PermissionError("the folder is read-only"))
        return home

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def objects(self) -> Path:
        return self.archive / "objects"

    @property
    def captures(self) -> Path:
        return self.archive / "captures.jsonl"

    @property
    def specifications(self) -> Path:
        return self.archive / "specifications.jsonl"

    @property
    def verdicts(self) -> Path:
        return self.archive / "verdicts.jsonl"

    @property
    def alerts(self) -> Path:
        return self.archive / "alerts.jsonl"

    @property
    def nights(self) -> Path:
        return self.archive / "nights.jsonl"

    @property
    def backfills(self) -> Path:
        return self.archive / "backfills"

    @property
    def acceptances(self) -> Path:
        return self.archive / "accepted.jsonl"

    @property
    def refusals(self) -> Path:
        return self.archive / "refusals.jsonl"

    @property
    def store(self) -> Path:
        return self.root / "store" / "store.duckdb"

    @property
    def facts(self) -> Path | Lake:
        """Where facts are written: the lake, where there is one. They are read from `store`, then a copy of it."""
        return self.lake or self.store

    @property
    def lock(self) -> Path:
        return self.root / "store.lock"

    @property
    def serving(self) -> Path:
        return self.root / "serve.lock"

    @property
    def published(self) -> Path:
        return self.root / "published"

    @property
    def latest(self) -> Path:
        return self.published / "latest.duckdb"

    @property
    def typed_statements(self) -> Path:
        return self.root / "typed_statements"

    @property
    def bulk(self) -> Path:
        return self.archive / "bulk"

    @property
    def bulk_captures(self) -> Path:
        return self.archive / "bulk.jsonl"

    @property
    def universe(self) -> Path:
        return self.root / "universe"

    @property
    def universe_lock(self) -> Path:
        return self.root / "universe.lock"

    @property
    def newest_universe(self) -> Path:
        return self.universe / "universe.duckdb"

    @property
    def private(self) -> Path:
        return self.root / "private"

    def private_files(self, names: Iterable[str]) -> tuple[dict[str, bytes], dict[str, str]]:
        """The analyst's own files of those names, and of which of them something else lies there, and what. They are nobody
        else's to read; a file that is not there is simply not there.
        """
        self.private.chmod(OWNER_FOLDER)
        found: dict[str, bytes] = {}
        unread: dict[str, str] = {}
        for path in (self.private / name for name in sorted(names)):
            if why := _unreadable(path):
                unread[path.name] = why
            elif path.exists():
                path.chmod(0o600)
                found[path.name] = path.read_bytes()
        return found, unread

    def private_names(self) -> set[str]:
        """The names of all that lies under private/."""
        return {path.name for path in self.private.iterdir()}

    @property
    def report(self) -> Path:
        return self.root / "report"

    @property
    def scratch(self) -> Path:
        return self.root / "scratch"

    def clone(self, source: str) -> Path:
        """Where the clone of a source's repository lies; git makes it."""
        return self.root / "clones" / f"{source}.git"

    def scratch_folder(self, purpose: str) -> Path:
        """A new empty folder of one's own under scratch/."""
        return Path(tempfile.mkdtemp(prefix=f"{purpose}-", dir=self.scratch))

    def empty_scratch(self) -> None:
        """Remove what killed runs left. Call it only while holding the store's lock."""
        for leftover in self.scratch.iterdir():
            shutil.rmtree(leftover) if leftover.is_dir() and not leftover.is_symlink() else leftover.unlink()


def _unreadable(path: Path) -> str:
    """Why a file of the analyst's cannot be read; empty if nothing stands in the way, or if it is not there."""
    if path.is_symlink() and not path.exists():
        return f"is a link to {path.readlink()}, which is not there"
    if not path.exists():
        return ""
    if not path.is_file():
        return "is no file"
    size = path.stat().st_size
    return f"has {size:,} bytes, more than {MAX_PRIVATE_BYTES:,}" if size > MAX_PRIVATE_BYTES else ""


def _unwritable(root: Path, error: OSError) -> Refused:
    if isinstance(error, FileExistsError | NotADirectoryError):
        wanted = Path(error.filename or root)
        return Refused(
            "something else lies where the home keeps a folder",
            place=str(next((path for path in (*reversed(wanted.parents), wanted) if not path.is_dir()), wanted)),
            remedy="move away what lies there, or what its link leads to",
        )
    return Refused(
        f"the home folder cannot be written: {error.strerror or error}",
        place=str(error.filename or root),
        remedy="give the folder to this user, or set CAPEX_SIGNALS_HOME to one that is writable",
    )


def write_atomically(path: Path, data: bytes, mode: int = 0o644) -> None:
    """All of `data` under `path`, or nothing: a new file beside it, flushed to disk, then renamed over."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in the folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
