"""Arena's official leaderboard dataset: the agent arena, whose columns have other names and whose scores are no Elo."""

from __future__ import annotations

from config.contracts import Capture, Parsed
from config.specs import Catalog, SourceSpec
from transforms.boards.arena_dataset import AGENTS, addresses, parse_board


def requests(spec: SourceSpec, catalog: Catalog) -> list[tuple[str, str]]:  # noqa: ARG001  one shape for every source
    """(board, address) for each declared board."""
    return addresses(spec)


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of the board named by capture.scope, in the arena's own units. Raises SourceChanged and Refused."""
    return parse_board(payload, capture, catalog.sources[capture.source], AGENTS)
