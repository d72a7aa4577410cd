"""The archive: every payload as it came, by sha256, and the log of when each was seen.

An object is written once, compressed, and read back only if its bytes still have their sha256. The log holds
one line per capture, also when the bytes were seen before: a sighting. Bytes first, then the line: killed in
between leaves an object nobody refers to, never a line without bytes. home.py has the map.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import zstandard

from config.contracts import Capture
from config.errors import Refused
from warehouse.archive import journal
from warehouse.home.disk import faults_named
from warehouse.home.layout import OWNER_FOLDER, PRIVATE, Home, write_atomically

MAX_OBJECT_BYTES = 2_000_000_000
INSTANTS = ("fetched_at", "taken_at")


@dataclass(frozen=True, slots=True)
class Logged:
    """A capture and the instant (naive UTC) at which it entered the archive."""

    capture: Capture
    logged_at: datetime


def sha256_of(body: bytes) -> str:
    """The name of a payload: sha256 of its bytes as captured, in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


class Archive:
    """The archive under one home folder."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def add(self, capture: Capture, body: bytes | None, logged_at: datetime) -> Logged:
        """Keep the bytes (None: seen before, under capture.sha256) and log the capture. Raises NotWritten on a full disk."""
        if body is None and not self.path(capture.sha256).exists():
            raise Refused("no bytes are archived under this sha256", source=capture.source, place=capture.sha256)
        logged = Logged(capture, logged_at)
        with faults_named(self.home.archive):
            if body is not None:
                self._keep(capture.sha256, body, private=capture.source.startswith(PRIVATE))
            journal.append(self.home.captures, [record_of(logged)])
        return logged

    def note_starter(self, sha256: str, logged_at: datetime) -> None:
        """Log that the starter data of that name were first loaded now. Their bytes are the project's own files."""
        capture = Capture("starter", "", "", sha256, 0, logged_at, logged_at, "shipped", "starter")
        journal.append(self.home.captures, [record_of(Logged(capture, logged_at))])

    def read(self, sha256: str) -> bytes:
        """The bytes of one object. Raises Refused when they are missing or no longer what they were."""
        path = self.path(sha256)
        body = self._body(path)
        if body is None or sha256_of(body) != sha256:
            raise Refused(
                "the archived object is missing or damaged",
                place=str(path),
                remedy="restore the file from a backup, or fetch or ingest the same payload again, then `replay`",
            )
        return body

    def captures(self) -> Iterator[Logged]:
        """All captures in the order in which they were first seen."""
        return journal.read_as(self.home.captures, logged_of)

    def newest(self) -> dict[tuple[str, str], Capture]:
        """The last logged capture of each (source, scope) that we took ourselves, for conditional requests.

        Not where its bytes are gone: a host that was asked conditionally would never send them again.
        """
        newest: dict[tuple[str, str], Capture] = {}
        for logged in self.captures():
            capture = logged.capture
            if capture.origin in {"fetched", "entered"}:
                newest[capture.source, capture.scope] = capture
        return {part: capture for part, capture in newest.items() if self.path(capture.sha256).exists()}

    def path(self, sha256: str) -> Path:
        """Where the object lies."""
        return self.home.objects / sha256[:2] / f"{sha256}.zst"

    def _keep(self, sha256: str, body: bytes, *, private: bool) -> None:
        if sha256_of(body) != sha256:
            raise ValueError("the capture's sha256 is not that of the body")
        path = self.path(sha256)
        if self._body(path) == body:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, zstandard.ZstdCompressor().compress(body), 0o600 if private else 0o644)
        if private:  # what was judged by them stands in the logs
            self.home.archive.chmod(OWNER_FOLDER)

    @staticmethod
    def _body(path: Path) -> bytes | None:
        if not path.is_file():
            return None
        try:
            return zstandard.ZstdDecompressor().decompress(path.read_bytes(), max_output_size=MAX_OBJECT_BYTES)
        except zstandard.ZstdError:
            return None


def record_of(logged: Logged) -> dict[str, Any]:
    """The line of a journal that tells of a capture."""
    record = asdict(replace(logged.capture, headers=dict(logged.capture.headers)))
    return {**record, "logged_at": logged.logged_at}


def logged_of(record: dict[str, Any]) -> Logged:
    """The capture that a line of a journal tells of."""
    logged_at = datetime.fromisoformat(record.pop("logged_at"))
    instants = {name: datetime.fromisoformat(record[name]) for name in INSTANTS}
    if type(record["size"]) is not int or type(record["sha256"]) is not str:
        raise TypeError("the size of a capture is a whole number, its name a text")
    return Logged(Capture(**{**record, **instants}), logged_at)


def read_payload(path: Path) -> bytes:
    """The bytes of a file a person names. Raises Refused when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refused(f"the file cannot be read: {error.strerror}", place=str(path), remedy="check the path") from error
