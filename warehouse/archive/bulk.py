"""Zips of many documents, kept as they came: streamed in and out, never whole in memory.

The log is a journal of its own, since nothing of a zip enters the store: the universe is built from it
(warehouse/published/universe.py). Bytes first, then the line, as in captures.py.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from config.contracts import Capture
from config.errors import Refused, SourceChanged
from warehouse.archive import journal
from warehouse.archive.captures import Logged, logged_of, record_of
from warehouse.home.disk import faults_named
from warehouse.home.layout import Home, sync_folder

MEMBER = re.compile(r"CIK(\d{10})\.json")
# Fifty times the largest filer's document: what unfolds to more is no document.
MAX_MEMBER_BYTES = 500_000_000
MAX_ZIP_BYTES = 200_000_000_000  # the SEC's has some 20 GB when unpacked
RESTORE = "restore it from a backup; without one move it away: the universe is built without it, and says so"


@dataclass(frozen=True, slots=True)
class Member:
    """One document of a zip; `place` is its position in the zip's directory, which tells two of one name apart."""

    place: int
    name: str
    cik: int
    size: int


class Incoming:
    """A zip that is being written. Its sha256 and size are those of what has been written so far."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._sha256, self.size = stream, hashlib.sha256(), 0

    def write(self, piece: bytes) -> int:
        self._sha256.update(piece)
        self.size += len(piece)
        return self._stream.write(piece)

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()


class BulkArchive:
    """The zips of one home folder."""

    def __init__(self, home: Home) -> None:
        self.home = home

    @contextmanager
    def incoming(self, name: str) -> Iterator[Incoming]:
        """Somewhere to write the zip of that name to; it is kept under its sha256 when the block ends well, and gone otherwise.

        Raises Refused for what is no zip of filers, NotWritten on a full disk.
        """
        with faults_named(self.home.bulk):
            path = self.home.scratch_folder("bulk") / "incoming.zip"
            try:
                with path.open("wb") as stream:
                    written = Incoming(stream)
                    yield written
                    stream.flush()
                    os.fsync(stream.fileno())
                if not members(path, name)[0]:
                    raise Refused(
                        "no document of a filer is in it",
                        place=name,
                        remedy="look at it: a zip of every filer has members CIK0000320193.json, in no folder",
                    )
                path.chmod(0o444)
                path.replace(self.path(written.sha256))
                sync_folder(self.home.bulk)
            finally:
                path.unlink(missing_ok=True)
                path.parent.rmdir()

    def take(self, path: Path) -> Incoming:
        """Keep a zip that a person holds. Raises Refused when it cannot be read or is none."""
        try:
            source = path.open("rb")
        except OSError as error:
            raise Refused(
                f"the file cannot be read: {error.strerror}", place=str(path), remedy="check the path"
            ) from error
        with source, self.incoming(path.name) as target:
            shutil.copyfileobj(source, target, 1 << 20)
        return target

    def log(self, capture: Capture) -> Logged:
        """Note that a kept zip was seen."""
        entry = Logged(capture, capture.fetched_at)
        journal.append(self.home.bulk_captures, [record_of(entry)])
        return entry

    def newest(self, source: str) -> Logged | None:
        """The zip of that source that stands for the latest instant; None where none is held."""
        return next(reversed(self.held(source)), None)

    def held(self, source: str) -> list[Logged]:
        """The zips of that source in the order of the instants they stand for."""
        return [logged for logged in self._logged(source) if self.path(logged.capture.sha256).exists()]

    def gone(self, source: str) -> list[Logged]:
        """Those of the log that do not lie here any more."""
        return [logged for logged in self._logged(source) if not self.path(logged.capture.sha256).exists()]

    def _logged(self, source: str) -> list[Logged]:
        logged = [
            entry for entry in journal.read_as(self.home.bulk_captures, logged_of) if entry.capture.source == source
        ]
        return sorted(logged, key=lambda entry: (entry.capture.taken_at, entry.capture.sha256))

    def path(self, sha256: str) -> Path:
        """Where the zip lies."""
        return self.home.bulk / f"{sha256}.zip"

    def whole(self, sha256: str) -> Path:
        """Where the zip lies, read through once. Raises Refused where it cannot be read, or holds other bytes than were archived."""
        path = self.path(sha256)
        try:
            with path.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            raise Refused(f"the zip cannot be read: {error.strerror}", place=str(path), remedy=RESTORE) from error
        if found != sha256:
            raise Refused(
                f"not the zip that was archived: its sha256 is {found}, by its name {sha256}",
                place=str(path),
                remedy=RESTORE,
            )
        return path


def members(path: Path, name: str = "") -> tuple[list[Member], list[str]]:
    """The documents of a zip by name, and the names of what is none. Raises Refused for a file that is no whole zip."""
    try:
        with zipfile.ZipFile(path) as opened:
            entries = opened.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Refused(
            f"not a whole zip: {getattr(error, 'strerror', None) or error}",
            place=name or str(path),
            remedy="fetch it again: the transfer was cut, or it is no zip" if name else RESTORE,
        ) from error
    if (whole := sum(entry.file_size for entry in entries)) > MAX_ZIP_BYTES:
        raise Refused(
            f"it unpacks to {whole:,} bytes, and no zip of every filer has more than {MAX_ZIP_BYTES:,}",
            place=name or path.name,
            remedy="look at it: it is another file, or was made to fill a disk",
        )
    documents, others = list[Member](), list[str]()
    for place, entry in enumerate(entries):
        if found := MEMBER.fullmatch(entry.filename):
            documents.append(Member(place, entry.filename, int(found[1]), entry.file_size))
        elif not entry.is_dir():
            others.append(entry.filename)
    return sorted(documents, key=lambda member: (member.name, member.place)), others


def read_members(path: Path, wanted: list[Member]) -> Iterator[tuple[Member, bytes | SourceChanged]]:
    """The bytes of each document, one at a time; an error in its place for one that is damaged, locked or too large."""
    with zipfile.ZipFile(path) as opened:
        entries = opened.infolist()
        for member in wanted:
            yield member, _member(opened, entries[member.place])


def _member(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | SourceChanged:
    """A directory may understate a size: no more is ever unfolded than it says, and one byte."""
    if entry.file_size > MAX_MEMBER_BYTES:
        return refused_member(
            entry.filename, f"{entry.file_size:,} bytes, and no document has more than {MAX_MEMBER_BYTES:,}"
        )
    try:
        with opened.open(entry) as stream:
            return stream.read()
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        return refused_member(entry.filename, f"cannot be unpacked: {error}")


def refused_member(name: str, message: str) -> SourceChanged:
    """What stands in the place of a document that cannot be unpacked."""
    return SourceChanged(message, place=name, remedy="fetch the zip again; the other filers are loaded")
