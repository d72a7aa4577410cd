"""What clients other than ours do with the published file: copy it out and in, name macros in full, meet its stored texts."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from places import REPOSITORY
from published_file import analyst, rows

from warehouse.home.layout import Home
from warehouse.store.facts import connect

FIRST_OF_NOTHING = "SELECT x FROM nothing QUALIFY row_number() OVER (ORDER BY x) = 1"
# A first row is looked for without saying of what: the engine makes a row of NULLs of it where there is none.
RANKED = r"QUALIFY\s+(?:row_number|rank|dense_rank)\(\)\s*OVER\s*"
# What is kept in the file, and what is asked of it at every judging: other clients may run either.
TEXTS = sorted(path for folder in ("views", "claims") for path in (REPOSITORY / "warehouse" / folder).glob("*.sql"))


def test_export_database_is_imported_whole(published: Path, tmp_path: Path) -> None:
    """Macros came in the order of their names, before what they call; two stored texts did not run again."""
    place = str(tmp_path / "all").replace("'", "''")
    with analyst(published) as cs, closing(duckdb.connect()) as copy:
        cs.execute(f"EXPORT DATABASE '{place}' (FORMAT parquet)")
        copy.execute(f"IMPORT DATABASE '{place}'")
        views = (
            "SELECT view_name FROM duckdb_views() WHERE NOT internal AND database_name = current_database() ORDER BY 1"
        )
        macros = "SELECT DISTINCT function_name FROM duckdb_functions() WHERE NOT internal AND database_name = current_database() ORDER BY 1"
        for listed in (views, macros):
            assert rows(copy, listed) == rows(cs, listed) != []
        for view in ("freshness", "company_quarter", "price_disagreement", "model_price_month", "verdict", "coverage"):
            assert rows(copy, f"SELECT count(*) FROM {view}") == rows(cs, f"SELECT count(*) FROM {view}"), view
        figure = "SELECT value FROM company_quarter_as_of('2025-02-25') WHERE company = 'MSFT' AND metric = 'cash_paid_ppe' AND period_end = '2024-12-31'"
        assert rows(copy, figure) == [(15_804_000_000,)]


def test_a_first_row_of_nothing_is_none_where_we_connect() -> None:
    """1.5.5 gives a row of NULLs. Where a plain connection gives none, the optimizer need not be switched off any more."""
    for connection, expected in ((connect(":memory:"), []), (duckdb.connect(), [(None,)])):
        with closing(connection):
            connection.execute("CREATE TABLE nothing (x INTEGER)")
            assert connection.execute(FIRST_OF_NOTHING).fetchall() == expected


def first_of_all(text: str) -> bool:
    """Whether a first row is looked for over an order alone, be it written out or a window by its name."""
    names = [r"\(\s*ORDER\b", *re.findall(r"\b(\w+)\s+AS\s*\(\s*ORDER\b", text, re.IGNORECASE)]
    return any(re.search(rf"{RANKED}(?:{name})(?!\w)", text, re.IGNORECASE) for name in names)


def test_no_stored_text_and_no_claim_looks_for_the_first_row_of_all() -> None:
    named = "SELECT x FROM nothing WINDOW w AS (ORDER BY x) QUALIFY row_number() OVER w = 1"
    assert [first_of_all(text) for text in (FIRST_OF_NOTHING, named)] == [True, True]
    assert not first_of_all(named.replace("ORDER", "PARTITION BY y ORDER"))
    assert len(TEXTS) > 70
    assert [path.name for path in TEXTS if first_of_all(path.read_text("utf-8"))] == []


def test_a_macro_by_its_full_name_wants_the_one_line_of_the_readme(published: Path) -> None:
    """Macros find each other in the current catalog: without `USE` a client is told so rather than answered otherwise."""
    full = "SELECT count(*) FROM cs.company_quarter_as_of('2025-02-25')"
    with closing(duckdb.connect()) as connection:
        connection.execute(f"ATTACH '{Home(published).latest}' AS cs (READ_ONLY)")
        with pytest.raises(duckdb.Error, match="history"):
            connection.execute(full)
        connection.execute("USE cs")
        assert rows(connection, full)[0][0] > 1000
