"""What became of asking one source, and the words for what stood in the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from config.contracts import Capture
from config.errors import Problem, writable


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of asking one source: what was captured, and what stood in the way."""

    source: str
    captured: int = 0
    new_bytes: int = 0
    unreachable: str = ""
    refused: str = ""
    switched_off: str = ""
    unsteady: bool = False
    captures: tuple[Capture, ...] = ()


def states(attempts: Iterable[Attempt]) -> pl.DataFrame:
    """source, unreachable (why; empty if it was reached), switched_off: a frame for the freshness view."""
    rows = [
        {
            "source": attempt.source,
            "unreachable": attempt.unreachable or attempt.refused or attempt.switched_off,
            "switched_off": bool(attempt.switched_off),
        }
        for attempt in attempts
    ]
    return pl.DataFrame(rows, schema={"source": pl.String, "unreachable": pl.String, "switched_off": pl.Boolean})


def reason(problem: Problem) -> str:
    """The problem without the source, which everything that shows it names anyway."""
    return f"{problem.message} Remedy: {problem.remedy}" if problem.remedy else problem.message


def our_error(error: BaseException) -> str:
    """A bug of ours, named as ours, with the remedy to report it."""
    return writable(f"our error, please report it: {type(error).__name__}: {error}")
