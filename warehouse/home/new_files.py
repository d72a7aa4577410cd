"""New files of this checkout, and entries at the end of one; nothing that exists is ever overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from config.errors import Refused

ROOT = Path(__file__).parents[2]


def write_new(files: Mapping[str, str], root: Path = ROOT) -> list[Path]:
    """Write every file (path in the checkout -> text), or none. Raises Refused naming a file that is there already."""
    paths = {root / name: text for name, text in files.items()}
    for path in paths:
        if path.exists():
            raise Refused("it is there already", place=str(path.relative_to(root)), remedy="choose another id or stem")
    for path, text in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return list(paths)


def append_text(name: str, text: str, root: Path = ROOT) -> Path:
    """Add text to the end of a file of the checkout; returns its path. Raises Refused where there is no such file."""
    path = root / name
    if not path.is_file():
        raise Refused("it is not there", place=name, remedy="run it in a checkout of the repository")
    held = path.read_text("utf-8")
    path.write_text(held.rstrip("\n") + "\n" + text.rstrip("\n") + "\n", "utf-8")
    return path
