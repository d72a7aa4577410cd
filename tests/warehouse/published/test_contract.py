"""What an analyst may rely on in the published file: names, columns, words, as-of times, and that it never changes."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from places import FIXTURES_FOLDER
from published_file import MARTS, MOVING, analyst, frame, rows

from config.errors import Refused
from config.load import catalog
from config.parsing import parse_yaml
from warehouse.home.layout import Home
from warehouse.published.query import Session
from warehouse.published.stage import Stage
from warehouse.published.swap import open_published, swap
from warehouse.store.facts import connect

CONTRACT = parse_yaml((FIXTURES_FOLDER / "contract.yml").read_text("utf-8"), "tests/fixtures/contract.yml")
VIEWS: dict[str, str] = CONTRACT["views"]
MACROS = {
    **{f"{view}_as_of(DATE '2025-02-25')": VIEWS[view] for view in (*MOVING, *MARTS)},
    **CONTRACT["macros"],
}
# What the starter data do not hold, then or at all: rows kept out, a new contradiction, private inputs.
MAY_BE_EMPTY = (
    "contradiction",
    "issue",
    "market_price",
    "estimate",
    "price_disagreement",
    "price_removal",
    "company_quarter_usd",
    "unmatched",
    "hindsight_lead_as_of",
    "off_calendar_as_of",
    "undeclared_tag_as_of",
)
DAY = date(2025, 2, 25)


@pytest.mark.parametrize("name", [*VIEWS, *MACROS])
def test_the_columns_are_the_documented_ones(published: Path, name: str) -> None:
    with analyst(published) as cs:
        found = frame(cs, f"FROM {name}")
    assert found.columns == ({**VIEWS, **MACROS})[name].split()
    assert found.height > 0 or name.startswith(MAY_BE_EMPTY)


def test_nothing_else_is_offered_and_nothing_hides_a_catalog_or_a_server(published: Path) -> None:
    with analyst(published) as cs:
        views = {name for (name,) in rows(cs, "SELECT view_name FROM duckdb_views() WHERE NOT internal")}
        tables = rows(cs, "SELECT schema_name, table_name FROM duckdb_tables() WHERE schema_name = 'main'")
        macros = rows(
            cs,
            """SELECT DISTINCT function_name FROM duckdb_functions()
            WHERE function_type = 'table_macro' AND NOT internal AND schema_name = 'main'""",
        )
    assert views == set(VIEWS) - {"dictionary"}
    assert tables == [("main", "dictionary")]
    assert {name for (name,) in macros} == {call.partition("(")[0] for call in MACROS}


def test_everything_in_the_file_has_a_comment(published: Path) -> None:
    with analyst(published) as cs:
        for listing, name in (
            ("duckdb_views()", "view_name"),
            ("duckdb_tables()", "table_name"),
            ("duckdb_functions()", "function_name"),
            ("duckdb_columns()", "table_name || '.' || column_name"),
        ):
            silent = f"FROM {listing} WHERE database_name = 'cs' AND NOT internal AND coalesce(trim(comment), '') = ''"
            assert rows(cs, f"SELECT {name} {silent}") == []
        told = rows(cs, "SELECT object, column_name, meaning FROM dictionary WHERE kind = 'view' AND column_name <> ''")
        comments = rows(
            cs,
            "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal",
        )
    assert {(view, column) for view, column, _ in told} == {
        (view, column) for view, columns in VIEWS.items() for column in columns.split() if view != "dictionary"
    }
    assert set(told) <= set(comments)


KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def words(cs: duckdb.DuckDBPyConnection, view: str, column: str) -> set[Any]:
    return {word for (word,) in rows(cs, f"SELECT DISTINCT {column} FROM {view} WHERE {column} IS NOT NULL")}


def test_vocabulary_of_companies_and_claims(published: Path) -> None:
    with analyst(published) as cs:
        assert words(cs, "company_fact", "company") == {"MSFT", "AMZN", "GOOGL", "META", "ORCL", "CRWV"}
        metrics = words(cs, "company_quarter", "metric")
        assert metrics <= set(catalog().metrics)
        assert metrics >= {
            "cash_paid_ppe", "operating_cash_flow", "revenue", "rpo_total", "rpo_commercial",
            "azure_growth_reported_pct", "azure_growth_cc_pct",
        }  # fmt: skip
        assert words(cs, "company_fact", "period_kind") <= {
            "quarter",
            "half",
            "nine_months",
            "year",
            "instant",
            "other",
        }
        assert words(cs, "company_fact", "status") <= {"reported", "derived", "estimated", "manual"}
        assert words(cs, "company_quarter", "fiscal_quarter") == {1, 2, 3, 4}
        claims = words(cs, "claim", "claim_id")
        assert claims == set(catalog().claims) >= {f"C{number:02}" for number in range(1, 47)}
        assert words(cs, "history.verdict", "verdict") == {
            "supported", "refuted", "mixed", "undetermined", "not_testable", "scenario",
        }  # fmt: skip
        # Money in plain units: Microsoft's quarterly revenue of 2024 lies between 60 and 70 billion.
        low, high = rows(
            cs,
            """SELECT min(value), max(value) FROM company_quarter
            WHERE company = 'MSFT' AND metric = 'revenue' AND calendar_year = 2024""",
        )[0]
    assert 60e9 < low <= high < 70e9


def test_vocabulary_of_prices_and_boards(published: Path) -> None:
    with analyst(published) as cs:
        providers, models = words(cs, "token_price", "provider"), words(cs, "token_price", "model")
        assert all(KEBAB.fullmatch(name) for name in providers | models)
        assert models <= set(catalog().models)
        assert providers >= {
            "openai",
            "anthropic",
            "google",
            "xai",
            "deepseek",
            "mistral",
            "meta",
            "alibaba",
            "moonshot",
            "zhipu",
        }
        assert models >= {
            "gpt-4o",
            "gpt-4-turbo",
            "o1",
            "claude-3-5-sonnet",
            "deepseek-v2",
            "deepseek-v3",
            "deepseek-r1",
        }
        assert words(cs, "token_price", "token_kind") >= {"input", "output", "cache_read", "cache_write"}
        assert words(cs, "token_price", "tier") >= {"standard", "batch", "flex", "priority"}
        assert words(cs, "token_price", "currency") >= {"USD", "CNY"}
        assert words(cs, "leaderboard_score", "board") >= {"arena_text", "epoch_eci", "aider_polyglot", "aider_edit"}
        assert words(cs, "leaderboard_score", "organization") >= {"openai", "anthropic", "google", "xai", "deepseek"}
        assert all(KEBAB.fullmatch(name) for name in words(cs, "leaderboard_score", "organization"))
        # GPT-4 Turbo costs 10 and 30 dollars per million: a price of 0.00001 would be one per token.
        assert rows(
            cs,
            """SELECT DISTINCT token_kind, usd_per_mtok FROM token_price_on(DATE '2025-02-25') WHERE provider = 'openai'
            AND model = 'gpt-4-turbo' AND tier = 'standard' AND token_kind IN ('input', 'output') ORDER BY ALL""",
        ) == [("input", 10.0), ("output", 30.0)]


@pytest.mark.parametrize(
    ("said", "instant"),
    [
        ("'2025-02-25'", datetime(2025, 2, 25, 23, 59, 59, 999999)),
        ("' 2025-02-25 '", datetime(2025, 2, 25, 23, 59, 59, 999999)),
        ("DATE '2025-02-25'", datetime(2025, 2, 25, 23, 59, 59, 999999)),
        ("TIMESTAMP '2025-02-25'", datetime(2025, 2, 25)),
        ("'2025-02-25 21:30'", datetime(2025, 2, 25, 21, 30)),
        ("'2025-02-25T21:30:00.5'", datetime(2025, 2, 25, 21, 30, 0, 500000)),
        ("TIMESTAMP_S '2025-02-25 21:30:00'", datetime(2025, 2, 25, 21, 30)),
        # An offset that is dropped, or a session's own zone, would look hours ahead.
        ("'2025-02-25T21:30:00Z'", datetime(2025, 2, 25, 21, 30)),
        ("'2025-02-25T21:30:00+08:00'", datetime(2025, 2, 25, 13, 30)),
        ("'2025-02-25 21:30:00-05'", datetime(2025, 2, 26, 2, 30)),
        ("TIMESTAMPTZ '2025-02-25 21:30:00+00'", datetime(2025, 2, 25, 21, 30)),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Taipei"])
def test_an_as_of_time_is_a_utc_day_to_its_end_or_an_instant(
    published: Path, said: str, instant: datetime, zone: str
) -> None:
    with analyst(published) as cs:
        cs.execute(f"SET TimeZone = '{zone}'")
        assert rows(cs, f"SELECT as_of_instant({said})") == [(instant,)]
        cs.execute(f"SET VARIABLE as_of = {said}")
        assert rows(cs, "SELECT as_of_instant(as_of_now())") == [(instant,)]
        assert rows(cs, f"SELECT count(*) FROM fx_rate_as_of({said})") == rows(cs, "SELECT count(*) FROM fx_rate")


@pytest.mark.parametrize("said", ["'tomorrow'", "'2025-02'", "'25.02.2025'", "20250225", "NULL", "''"])
def test_an_as_of_time_that_is_none_is_an_error_and_not_an_empty_answer(published: Path, said: str) -> None:
    with analyst(published) as cs:
        for macro in [f"{view}_as_of" for view in MOVING]:
            with pytest.raises(duckdb.Error):
                rows(cs, f"FROM {macro}({said})")


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        (
            "price_ratio_on('gpt-4o', 'deepseek-v33', DATE '2025-02-25')",
            "deepseek-v33 in model_alias: FROM model_alias",
        ),
        ("price_ratio_as_of('2025-02-25', 'gpt4o', 'deepseek-v3')", "gpt4o in model_alias"),
        ("lead_as_of('opnai', 'arena_text', '2025-02-25')", "opnai in organization: FROM organization"),
        ("lead_as_of('openai', 'arena', '2025-02-25')", "arena in board: FROM board"),
    ],
)
def test_a_name_that_is_none_is_an_error_that_says_where_the_names_are(published: Path, asked: str, place: str) -> None:
    with analyst(published) as cs, pytest.raises(duckdb.Error, match=f"nothing is called {place}"):
        rows(cs, f"FROM {asked}")


@pytest.mark.parametrize(
    ("view", "asked", "first"),
    [
        # The better of the two documents is of 2022-10-25, the other of 2022-01-25.
        ("contradiction", "metric = 'cloud_revenue'", datetime(2022, 10, 26, 4)),
        # A price of November said nothing yet of the month of March.
        ("model_price_month", "model = 'gpt-4o' AND month = '2025-03-01'", datetime(2025, 3, 31)),
        # The listing became V3 on that day; until then its price was one of V2.5.
        ("token_price", "model = 'deepseek-v3' AND listing = 'deepseek-chat' AND valid_from_basis = 'alias' AND valid_from = '2024-12-26'", datetime(2024, 12, 26)),
        # Read in the filing of 2023-02-03: no figure of the metric was at hand before, and so none was missing.
        ("company_gap", "company = 'AMZN' AND metric = 'depreciation_amortization' AND fiscal_year = 2022 AND fiscal_quarter = 3", datetime(2023, 2, 3, 22, 30)),
        # Azure's cached input in litellm since 2025-05-01; genai-prices, which says another, was first looked at on that day.
        ("price_disagreement", "provider = 'azure' AND model = 'o4-mini' AND token_kind = 'cache_read'", datetime(2026, 8, 21, 23, 59, 59, 999999)),
    ],
)  # fmt: skip
def test_a_row_counts_from_when_all_that_it_says_could_be_known(
    published: Path, view: str, asked: str, first: datetime
) -> None:
    """What is filtered by known_at is what the macro of that day says: never a row sooner."""
    with analyst(published) as cs:
        assert rows(cs, f"SELECT DISTINCT known_at FROM {view} WHERE {asked}") == [(first,)]
        assert rows(cs, f"SELECT count(*) > 0 FROM {view}_as_of(TIMESTAMP '{first}') WHERE {asked}") == [(True,)]
        assert rows(cs, f"SELECT max(known_at) FROM {view}_as_of(TIMESTAMP '{first}')")[0][0] <= first


@pytest.mark.parametrize("view", MOVING)
@pytest.mark.parametrize("said", ["DATE '2025-02-25'", "'2024-07-30'", "TIMESTAMP '2025-01-29 22:29:00'"])
def test_a_view_moved_by_the_variable_is_the_macro_of_that_time(published: Path, view: str, said: str) -> None:
    with analyst(published) as cs:
        now = frame(cs, f"FROM {view} ORDER BY ALL")
        cs.execute(f"SET VARIABLE as_of = {said}")
        then = frame(cs, f"FROM {view} ORDER BY ALL")
        assert then.equals(frame(cs, f"FROM {view}_as_of({said}) ORDER BY ALL"))
        cs.execute("RESET VARIABLE as_of")
        assert frame(cs, f"FROM {view} ORDER BY ALL").equals(now)
        assert view.startswith(MAY_BE_EMPTY) or not then.equals(now)


@pytest.mark.parametrize("view", MARTS)
def test_a_mart_moved_by_the_variable_is_the_macro_of_that_time(published: Path, view: str) -> None:
    with analyst(published) as cs:
        cs.execute("SET VARIABLE as_of = DATE '2025-02-25'")
        then = frame(cs, f"FROM {view} ORDER BY ALL")
        assert then.equals(frame(cs, f"FROM {view}_as_of(DATE '2025-02-25') ORDER BY ALL"))


def test_the_variable_moves_every_view_that_has_a_time(published: Path) -> None:
    times = {
        "capture": "taken_at", "issue": "captured_at", "verdict": "as_of", "verdict_flip": "as_of", "verdict_lead": "holds_since",
        "verdict_variant": "as_of", "verdict_evidence": "known_at", "next_print": "last_print_on",
        "unmatched_entrant": "last_on", "unmatched_organization": "last_on", "unmatched_listing": "first_on",
        "specification": "registered_at", "price_removal": "removed_at", "leader_spell": "last_seen_leading",
        "freshness": "greatest(last_good_at, last_known_at)", "organization": "greatest(valid_from, valid_to)", "model_alias": "greatest(valid_from, valid_to)", "definition": "greatest(valid_from, valid_to, known_at)",
        "coverage": "last_known_at", "board": "last_scored_on", "as_of_day": "as_of",
        **{view: "known_at" for view in (*MOVING, *MARTS)
           if view not in ("verdict", "next_print", "leader_spell", "coverage", "next_evidence", "verdict_evidence", "definition")},
    }  # fmt: skip
    # What the file is, what is declared, and what is assumed.
    still = {
        "next_evidence",  # tells of days to come; a test of its own asks it of past days
        "claim", "source", "meta", "dictionary", "scenario_map", "company", "company_group", "metric", "claim_test",
    }  # fmt: skip
    # What is of the newest verdicts alone refuses a day before them; the rest the starter data do not hold of that day.
    refused = {"verdict_variant": "newest verdicts alone", "specification": "ledger of this home"}
    empty = {
        "issue",
        "price_removal",
        "hindsight_lead",
        "market_price",
        "estimate",
        "company_quarter_usd",
        "organization",
    }
    assert set(times) | still == set(VIEWS)
    with analyst(published) as cs:
        cs.execute("SET VARIABLE as_of = DATE '2025-02-25'")
        for view, clock in times.items():
            if view in refused:
                with pytest.raises(duckdb.Error, match=refused[view]):
                    rows(cs, f"FROM {view}")
                continue
            newest = rows(cs, f"SELECT max({clock}) FROM {view}")[0][0]
            assert (view in empty) if newest is None else str(newest) < "2025-02-26", view


def test_strict_holds_nothing_this_warehouse_had_not_loaded(published: Path) -> None:
    with analyst(published) as cs:
        for macro in (
            "company_fact", "token_price", "leaderboard_score", "openai_lead", "fx_rate", "capex_intensity", "azure_vs_rpo",
            "depreciation_wave", "next_print", "contradiction",
        ):  # fmt: skip
            assert rows(cs, f"FROM {macro}_as_of(DATE '2025-02-25', strict := true)") == []
            now = frame(cs, f"FROM {macro}_as_of(DATE '2026-11-23', strict := true)")
            assert now.height == frame(cs, f"FROM {macro}").height


def test_the_door_of_the_command_line_changes_nothing(published: Path, tmp_path: Path) -> None:
    def ask(statement: str, day: date | None = None) -> list[tuple[Any, ...]]:
        with open_published(Home(published)) as connection:
            return [answer.first(10)[0] for answer in Session(connection, day).answers(statement)][-1]

    target = tmp_path / "out.csv"
    mine = tmp_path / "mine.csv"
    mine.write_text("a\n1\n", encoding="utf-8")
    for statement in (
        "CREATE TABLE mine (a INTEGER)", "DELETE FROM history.token_price", "DROP VIEW verdict",
        f"COPY (FROM verdict) TO '{target}'", f"ATTACH '{tmp_path / 'other.duckdb'}'", f"FROM read_csv('{mine}')",
        f"EXPORT DATABASE '{tmp_path / 'all'}'", "SET enable_external_access = true", "FROM no_such_view",
    ):  # fmt: skip
        with pytest.raises(Refused, match="your query"):
            ask(statement)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.csv"]
    assert ask("SELECT as_of FROM verdict WHERE claim_id = 'C22'", DAY)[0][0] <= DAY
    moved = "SET VARIABLE as_of = DATE '2024-01-01'; SELECT max(known_at) FROM fx_rate"
    assert ask(moved) < [(datetime(2024, 1, 2),)]


def staged(home: Home, price: float) -> Stage:
    """A staged file of one table, for the swap."""
    path = home.scratch_folder("stage") / "staged.duckdb"
    connection = connect(path)
    connection.execute(f"CREATE TABLE price AS SELECT {price} AS value")
    return Stage(connection, path, "", datetime(2026, 11, 23))


def test_a_reader_keeps_its_snapshot_and_three_files_are_kept(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    swap(staged(home, 0), home, "20261120T000000-a", keep=3)
    with analyst(tmp_path) as cs:
        for number, day in enumerate("1234", start=1):
            swap(staged(home, number), home, f"2026112{day}T000000-a", keep=3)
            assert rows(cs, "FROM price") == [(0,)]
            with open_published(home) as newest:
                assert rows(newest, "FROM price") == [(number,)]
        assert rows(cs, "FROM price") == [(0,)]
    kept = sorted(path.name for path in home.published.iterdir())
    assert kept == [*(f"2026112{day}T000000-a.duckdb" for day in "234"), "latest.duckdb"]
    assert home.latest.is_symlink()
    assert home.latest.readlink() == Path("20261124T000000-a.duckdb")
    assert {path.stat().st_mode & 0o777 for path in home.published.glob("2026*.duckdb")} == {0o444}


def test_the_published_file_is_read_only_whole_and_alone(published: Path) -> None:
    home = Home(published)
    assert home.latest.resolve().stat().st_mode & 0o777 == 0o444
    assert sorted(path.suffix for path in home.published.iterdir()) == [".duckdb", ".duckdb"]  # no write-ahead log
    with analyst(published) as cs, pytest.raises(duckdb.Error, match="read-only"):
        cs.execute("CREATE TABLE cs.mine (a INTEGER)")
    with open_published(home) as connection, pytest.raises(duckdb.Error, match="read-only"):
        connection.execute("INSERT INTO history.fx_rate SELECT * FROM history.fx_rate")
