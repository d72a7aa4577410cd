"""What differs between two published files, told to a reader: as text, or as a page of Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from transforms.site.markdown import escape
from warehouse.published.difference import KINDS, Change, Difference, differences

MOST_ROWS = 20  # of each kind of change, of each part


def told_of(old: Path, new: Path, limit: int = MOST_ROWS, *, markdown: bool = True) -> tuple[str, bool]:
    """(what differs, whether they say the same). Raises Refused where one is no published file."""
    found = differences(old, new, limit)
    head = f"# From {escape(old.stem)} to {escape(new.stem)}\n\n" if markdown else f"From {old.stem} to {new.stem}\n\n"
    return head + told(found, markdown=markdown), not any(part.changes for part in found)


def told(found: Sequence[Difference], *, markdown: bool) -> str:
    """The differences for a reader: what is the same in one line, what differs by name, and how many more there are."""
    lines: list[str] = []
    for part in found:
        if not part.changes:
            continue
        counts = ", ".join(f"{part.counts[kind]:,} {kind}" for kind in KINDS if part.counts.get(kind))
        heading = f"{part.title}: {counts or 'not comparable'}"
        lines += [f"## {heading}" if markdown else heading, *([""] if markdown else [])]
        lines += [f"{'- ' if markdown else '  '}{part.remark}"] if part.remark else []
        for kind in KINDS:
            rows = [change for change in part.shown if change.kind == kind]
            lines += [_line(change, markdown=markdown) for change in rows]
            if rest := part.counts.get(kind, 0) - len(rows):
                lines.append(f"{'- ' if markdown else '  '}and {rest:,} more {kind}")
        lines.append("")
    if same := [part.title for part in found if not part.changes]:
        lines.append(f"The same: {', '.join(same)}.")
    return "\n".join(lines) + "\n"


def _line(change: Change, *, markdown: bool) -> str:
    cells = ", ".join(_moved(change.kind, *moved) for moved in change.moved)
    said = " ".join(part for part in (change.source, change.address) if part)
    text = f"{change.kind} {change.name}{f': {cells}' if cells else ''}{f' ({said})' if said else ''}"
    return f"- {escape(text)}" if markdown else f"  {text}"


def _moved(kind: str, column: str, was: object, now: object) -> str:
    if kind == "changed":
        return f"{column} {_short(was)} -> {_short(now)}"
    return f"{column} {_short(now if kind == 'new' else was)}"


def _short(value: object) -> str:
    text = "none" if value is None else f"{value:,.10g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
