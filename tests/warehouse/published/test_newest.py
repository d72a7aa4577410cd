"""What plain views keep: the very rows that working them out gives, and nothing of it where a day is asked for."""

from __future__ import annotations

import json
import re
from collections import Counter
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from published_file import rows

from warehouse.home.layout import Home
from warehouse.published.newest import KEPT, OF_VERDICTS, SCHEMA
from warehouse.published.swap import open_published

NEVER = "SET VARIABLE as_of = DATE '9998-12-31'"


@pytest.mark.parametrize("view", KEPT)
def test_what_is_kept_is_what_working_it_out_gives(published: Path, view: str) -> None:
    with closing(open_published(Home(published))) as connection:
        kept = Counter(map(repr, rows(connection, f"FROM {view}")))
        connection.execute(NEVER)
        worked_out = Counter(map(repr, rows(connection, f"FROM {view}")))
    assert kept == worked_out
    assert kept


@pytest.mark.parametrize("view", KEPT)
def test_the_newest_is_read_and_a_past_day_is_worked_out(published: Path, view: str) -> None:
    with closing(open_published(Home(published))) as connection:
        newest = _scanned(connection, view)
        connection.execute("SET VARIABLE as_of = DATE '2025-02-25'")
        past = _scanned(connection, view)
    assert [table.split(".")[-2:] for table in newest] == [[SCHEMA, view]]
    assert past
    assert not [table for table in past if f".{SCHEMA}." in table]


def test_a_day_that_was_set_and_taken_back_leaves_nothing(published: Path) -> None:
    with closing(open_published(Home(published))) as connection:
        first = rows(connection, "SELECT count(*), max(month) FROM price_frontier")
        connection.execute("SET VARIABLE as_of = DATE '2024-06-30'")
        then = rows(connection, "SELECT count(*), max(month) FROM price_frontier")
        connection.execute("RESET VARIABLE as_of")
        again = rows(connection, "SELECT count(*), max(month) FROM price_frontier")
    assert first == again
    assert then < first


def test_what_is_renewed_is_what_rests_on_the_night_or_on_sights(published: Path) -> None:
    """Of each view the tables below it, through all that it names: none that changes but where OF_VERDICTS or OF_SIGHTS says so."""
    with closing(open_published(Home(published))) as connection:
        texts = rows(
            connection,
            "SELECT view_name, sql FROM duckdb_views() WHERE NOT internal AND schema_name = 'main' UNION ALL "
            "SELECT concat(function_name, '('), macro_definition FROM duckdb_functions() WHERE NOT internal AND schema_name = 'main'",
        )
    # A macro is named as it is called: as_of_day( is one, and as_of_day a view.
    named: dict[str, set[str]] = {}
    for name, text in texts:
        named.setdefault(str(name), set()).update(set(re.findall(r"\w+\(?", str(text))) - {str(name)})

    def below(name: str, passed: frozenset[str] = frozenset()) -> frozenset[str]:
        for other in named.get(name, set()) - passed:
            passed = below(other, passed | {other})
        return passed

    of_the_night = {
        "verdict",
        "published_verdict",
        "verdict_variant",
        "evidence_span",
        "awaited",
        "attempt",
        "meta",
        "specification",
    }
    assert {view for view in KEPT if below(view) & of_the_night} == set(OF_VERDICTS)


def _scanned(connection: duckdb.DuckDBPyConnection, view: str) -> list[str]:
    """The tables that the plan of the view reads."""
    found, steps = [], json.loads(rows(connection, f"EXPLAIN (FORMAT JSON) FROM {view}")[0][1])
    while steps:
        step = steps.pop()
        steps += step["children"]
        found += [step["extra_info"]["Table"]] if "Table" in step["extra_info"] else []
    return found
