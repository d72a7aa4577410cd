"""What other processes of this machine are doing, from /proc."""

from __future__ import annotations

from pathlib import Path


def children(parent: int) -> list[int]:
    """Every descendant of a process."""
    found, waiting = [], [parent]
    while waiting:
        pid = waiting.pop()
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            below = [int(child) for child in task.read_text().split()]
            found += below
            waiting += below
    return found


def command_of(pid: int) -> str:
    """Its command line."""
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def alive(pid: int) -> bool:
    """Whether it runs still; one that has ended and is not yet waited for does not."""
    try:
        return not Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].strip().startswith("Z")
    except OSError:
        return False
