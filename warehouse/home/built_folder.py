"""A folder of files that are made from data: a file whose key stands in the folder's list is not made again.

The list is written last, so that a killed run makes again what it may have left half done.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from warehouse.home.layout import write_atomically

KEYS = ".keys.json"


class Made(Protocol):
    """A file of the folder: its path below it, the key of what it shows, and how to make it."""

    @property
    def path(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def make(self) -> Callable[[], bytes]: ...


@dataclass(frozen=True, slots=True)
class Written:
    """What was made anew, what stayed, and what is gone because nothing makes it any more."""

    made: tuple[str, ...]
    kept: tuple[str, ...]
    removed: tuple[str, ...]


def write_changed(folder: Path, files: Iterable[Made]) -> Written:
    """Make and write each file whose key is new; take away those of an earlier list that nobody makes any more."""
    before = _keys(folder)
    now: dict[str, str] = {}
    made = []
    for file in files:
        now[file.path] = file.key
        path = folder / file.path
        if before.get(file.path) != file.key or not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, file.make())
            made.append(file.path)
    removed = sorted(set(before) - set(now))
    for name in removed:
        (folder / name).unlink(missing_ok=True)
    write_atomically(folder / KEYS, json.dumps(now, sort_keys=True).encode())
    return Written(tuple(made), tuple(name for name in now if name not in set(made)), tuple(removed))


def _keys(folder: Path) -> dict[str, str]:
    try:
        found = json.loads((folder / KEYS).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}  # no list, or a damaged one: everything is made
    return {str(path): str(key) for path, key in found.items()} if isinstance(found, dict) else {}
