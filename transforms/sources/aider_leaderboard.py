"""Aider's two leaderboards of code editing, one YAML list each: the edit board to 2024-12, polyglot since.

They are different test sets and never one series. A row is one run on one day; the board is every run so far, and an
entrant that ran again stands with its newest run. pass_rate_2 (percent, after a second try) is the board's score.
`total_cost: 0` means that the cost is not known. There are no organisations: config/organizations.yml and
config/models.yml say whose an entrant is.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from config.contracts import Capture, Parsed
from config.errors import Refused
from config.parsing import parse_yaml
from config.specs import Catalog, SourceSpec
from transforms.boards.table import changed, check_unit, named, number, refuse_foreign, stated, statements, unreadable

SCORE = "pass_rate_2"
NEARLY_ALL = 0.05  # a few cases may fail to run; a quarter of them, or those of the other board, are another test
# How many cases each test set has: it is what tells the two files apart.
CASES = {"edit_leaderboard": 133, "polyglot_leaderboard": 225}
FIELDS = ("model", "date", SCORE, "total_cost", "test_cases")


def requests(spec: SourceSpec, catalog: Catalog) -> list[tuple[str, str]]:  # noqa: ARG001  one shape for every source
    """(board, address) for each of the two boards."""
    return [(table.board, address.replace("{part}", table.part)) for address in spec.addresses for table in spec.boards]


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows in percent of the test cases, with the cost of the run in USD. Raises SourceChanged and Refused."""
    spec = catalog.sources[capture.source]
    boards = [table.board for table in spec.boards]
    if capture.scope not in boards:
        raise Refused(f"no board {capture.scope!r}", source=capture.source, remedy=f"one of {', '.join(boards)}")
    refuse_foreign(payload, capture)
    runs = _runs(payload, capture)
    table = _texts(runs)
    board = next(table for table in spec.boards if table.board == capture.scope)
    # A single run beyond a hundred is a slip of its own.
    check_unit(table.select(number(SCORE).filter(number(SCORE) <= 100).max()).item(), board.unit, capture)
    cost, cases, whole = number("total_cost"), number("test_cases"), CASES[board.part]
    another = (cases - whole).abs() > NEARLY_ALL * whole
    if table.select(another.fill_null(value=False).sum() * 2 > pl.len()).item():
        [shown, *_] = table["test_cases"].mode().sort().to_list()
        raise changed(f"another board: most runs are of {shown} test cases, {capture.scope} has {whole}", capture)
    draft = table.select(
        "locator",
        category=pl.lit("overall"),
        scored_on=stated("date").str.to_date("%Y-%m-%d", strict=False),
        entrant=named("model"),
        value=number(SCORE),
        value_exact=stated(SCORE),
        cost_usd=pl.when(cost > 0).then(cost),
        fault=pl.coalesce(
            unreadable(SCORE, number(SCORE)),
            pl.when(~number(SCORE).is_between(0, 100)).then(pl.lit("not a percentage")),
        ),
        slip=unreadable("total_cost", cost),
        out=pl.when(another).then(pl.format("another test: {} cases", pl.col("test_cases"))),
    )
    return statements(draft, capture, spec, capture.scope, prefix=f"{capture.source}/", zero_is_a_score=True)


def _runs(payload: bytes, capture: Capture) -> list[dict[str, Any]]:
    try:
        runs = parse_yaml(payload, capture.url)
    except Refused as error:
        raise changed(error.message, capture) from error
    if not isinstance(runs, list) or not runs or not all(isinstance(run, dict) for run in runs):
        raise changed("not a list of runs", capture)
    if missing := [name for name in ("model", "date", SCORE, "test_cases") if not any(name in run for run in runs)]:
        raise changed(f"no run says {', '.join(missing)}", capture)
    return runs


def _texts(runs: list[dict[str, Any]]) -> pl.DataFrame:
    rows = [
        {
            "locator": f"/{index}/{SCORE}",
            **{name: _text(run.get(name)) for name in FIELDS},
        }
        for index, run in enumerate(runs)
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(("locator", *FIELDS), pl.String))


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, bool):
        return None if value is None else f"{value} (a truth value)"
    return value.isoformat() if isinstance(value, date) else str(value)
