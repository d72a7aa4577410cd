"""Arena's official leaderboard dataset: the whole history of each board as its publisher tells it, asked for monthly.

It is another source than the boards as they stand: told afterwards, it may leave out models that have been withdrawn
since, so copies that were made on the day go first.
"""

from __future__ import annotations

from collections.abc import Iterator

from config.contracts import Capture, Parsed
from config.specs import Catalog, SourceSpec
from transforms.boards.arena_dataset import RATINGS, addresses, joined, parts_of_board


def requests(spec: SourceSpec, catalog: Catalog) -> list[tuple[str, str]]:  # noqa: ARG001  one shape for every source
    """(board, address) for each declared board."""
    return addresses(spec)


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of every day of the board named by capture.scope, in Arena points. Raises SourceChanged and Refused."""
    return joined(list(parts(payload, capture, catalog)))


def parts(payload: bytes, capture: Capture, catalog: Catalog) -> Iterator[Parsed]:
    """The same rows some days at a time: a million rows as stated are more than a small machine should have to hold."""
    return parts_of_board(payload, capture, catalog.sources[capture.source], RATINGS, prefix=f"{capture.source}/")
