"""Every claim has its three parts, and no claim can look ahead: its SQL is checked, and run on a store in memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import polars as pl
import pytest
from places import REPOSITORY

from config.contracts import EVIDENCE
from config.errors import Refused
from config.load import catalog
from config.specs import ClaimSpec
from transforms.claim_tests import TESTS, parameters_of
from transforms.claims.verdicts import judge_claim, specification_hash
from warehouse.evidence.as_of import check_evidence_sql, evidence, evidence_on
from warehouse.evidence.claim_query import claim_sql, taken

ROOT = REPOSITORY
CLAIMS = ROOT / "config" / "claims"
STEMS = sorted(path.stem for path in CLAIMS.glob("*.yml"))
SPECS = {f"{spec.id}_{spec.stem}": spec for spec in catalog().claims.values()}
GOOD = "SELECT 1 AS one FROM company_fact_as_of($as_of)"


def sql_of(stem: str) -> str:
    return claim_sql(SPECS[stem])


def test_a_claim_without_sql_is_refused_by_the_name_of_its_file() -> None:
    spec = SPECS["C22_ocf_rises_fy2025"].model_copy(update={"stem": "nowhere"})
    with pytest.raises(Refused, match=r"warehouse/claims/C22_nowhere.sql: there is no such file"):
        claim_sql(spec)


def test_each_claim_has_its_three_parts_and_no_part_stands_alone() -> None:
    queries = {(ROOT / spec.query_file).stem for spec in SPECS.values()}
    assert {path.stem for path in (ROOT / "warehouse" / "claims").glob("*.sql")} == queries <= set(STEMS)
    assert sorted(path.name for path in (ROOT / "tests" / "fixtures" / "claims").iterdir()) == STEMS
    assert len({stem.partition("_")[0] for stem in STEMS}) == len(STEMS)


@pytest.mark.parametrize("stem", STEMS)
def test_each_claim_is_declared_well(stem: str) -> None:
    spec = SPECS[stem]
    check_evidence_sql(sql_of(stem), f"warehouse/claims/{stem}.sql")
    assert spec.test in TESTS
    assert parameters_of(spec)
    assert set(spec.sources) <= set(catalog().sources)
    assert spec.citation.startswith(f"article of {spec.asserted_at}, on ")
    if spec.id <= "C46":
        assert spec.asserted_at == date(2025, 2, 25)
    assert (ROOT / "tests" / "fixtures" / "claims" / stem / "expected.yml").is_file()


REFUSED = {
    "a table": ("SELECT * FROM company_fact", "table or view 'company_fact'"),
    "a view beside a macro": (f"{GOOD}, company_quarter", "table or view 'company_quarter'"),
    "a qualified table": (f"{GOOD}, cs.main.company_fact", "table or view 'company_fact'"),
    "a joined table": (f"{GOOD} JOIN later USING (id)", "table or view 'later'"),
    "a file": ("SELECT * FROM 'rows.csv'", "table or view 'rows.csv'"),
    "another time": ("SELECT * FROM company_fact_as_of(DATE '2026-01-01')", "arguments of company_fact_as_of"),
    "a time as text": ("SELECT * FROM company_fact_as_of('2026-01-01')", "arguments of company_fact_as_of"),
    "a time after": ("SELECT * FROM company_fact_as_of($as_of + 1)", "arguments of company_fact_as_of"),
    "a time by subquery": (
        "SELECT * FROM company_fact_as_of((SELECT max(known_at) FROM fx_rate_as_of($as_of)))",
        "arguments of company_fact_as_of",
    ),
    "no time": ("SELECT * FROM company_fact_as_of()", "arguments of company_fact_as_of"),
    "another argument": (
        "SELECT * FROM company_fact_as_of($as_of, strict := false)",
        "arguments of company_fact_as_of",
    ),
    "another parameter": ("SELECT * FROM company_fact_as_of($day)", "arguments of company_fact_as_of"),
    "a numbered parameter": ("SELECT * FROM company_fact_as_of(?)", "arguments of company_fact_as_of"),
    "a second parameter": (f"{GOOD} WHERE company = $who", "parameter 'who'"),
    "prices as known today": ("SELECT * FROM token_price_on($as_of)", "arguments of token_price_on"),
    "prices as known later": (
        "SELECT * FROM token_price_on(DATE '2024-06-01', known := DATE '2026-01-01')",
        "arguments of token_price_on",
    ),
    "prices of an unnamed day": (
        "SELECT * FROM token_price_on(DATE '2024-06-01', $as_of)",
        "arguments of token_price_on",
    ),
    "prices of today": ("SELECT * FROM token_price_on(today(), known := $as_of)", "arguments of token_price_on"),
    "a macro of a schema": ("SELECT * FROM other.company_fact_as_of($as_of)", "table function 'company_fact_as_of'"),
    "first prints": ("SELECT * FROM first_print('MSFT', 'revenue')", "table function 'first_print'"),
    "a file by function": ("SELECT * FROM read_csv('rows.csv')", "table function 'read_csv'"),
    "a query in a text": ("SELECT * FROM query('FROM company_fact')", "table function 'query'"),
    "now": (f"{GOOD} WHERE known_at < now()", "calls now()"),
    "today": (f"{GOOD} WHERE known_at < today()", "calls today()"),
    "current_date": (f"{GOOD} WHERE known_at < current_date", "says current_date"),
    "current_timestamp": (f"{GOOD} WHERE known_at < CURRENT_TIMESTAMP", "says CURRENT_TIMESTAMP"),
    "transaction time": (f"{GOOD} WHERE known_at < get_current_timestamp()", "calls get_current_timestamp()"),
    "a session variable": (f"{GOOD} WHERE known_at < getvariable('as_of')", "calls getvariable()"),
    "chance": (f"{GOOD} WHERE random() < 0.5", "calls random()"),
    "a sample": (f"{GOOD} USING SAMPLE 3", "random sample"),
    "a clock in ORDER BY": (f"{GOOD} ORDER BY age(known_at)", "calls age()"),
    "a table in a subquery": (f"{GOOD} WHERE id IN (SELECT id FROM later)", "table or view 'later'"),
    "a table in LIMIT": (f"{GOOD} LIMIT (SELECT count(*) FROM later)", "table or view 'later'"),
    "a table in a union": (f"{GOOD} UNION ALL SELECT 1 FROM later", "table or view 'later'"),
    "a CTE that hides a table": (
        "WITH later AS (SELECT * FROM later) SELECT * FROM later, company_fact_as_of($as_of)",
        "table or view 'later'",
    ),
    "a CTE out of scope": (
        f"{GOOD} WHERE EXISTS (WITH later AS (SELECT 1) SELECT * FROM later) AND id IN (SELECT id FROM later)",
        "table or view 'later'",
    ),
    "a CTE before its turn": (
        "WITH a AS (SELECT * FROM later), later AS (FROM company_fact_as_of($as_of)) SELECT * FROM a",
        "table or view 'later'",
    ),
    "recursion": (
        "WITH RECURSIVE r AS (SELECT 1 AS k UNION ALL SELECT k + 1 FROM r) SELECT * FROM r, company_fact_as_of($as_of)",
        "recursive",
    ),
    "figures of its own": ("SELECT * FROM (VALUES (118.5)) AS figures", "expression list"),
    "no evidence": ("SELECT 118.5 AS value", "no as-of macro"),
    "a summary of a table": ("SUMMARIZE company_fact", "show ref"),
    "two statements": (f"{GOOD}; {GOOD}", "2 statements"),
    "nothing": ("-- nothing", "0 statements"),
    "ATTACH": ("ATTACH 'other.duckdb' AS other", "Only SELECT"),
    "ATTACH after a SELECT": (f"{GOOD}; ATTACH 'other.duckdb' AS other", "Only SELECT"),
    "COPY": (f"COPY ({GOOD}) TO 'rows.csv'", "Only SELECT"),
    "SET": ("SET VARIABLE as_of = DATE '2026-01-01'", "Only SELECT"),
    "DELETE": ("DELETE FROM company_fact", "Only SELECT"),
    "no SQL": ("SELEC 1", "syntax error"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_sql_that_could_look_ahead_is_refused(what: str) -> None:
    sql, words = REFUSED[what]
    with pytest.raises(Refused) as refusal:
        check_evidence_sql(sql, "warehouse/claims/C99_x.sql")
    assert refusal.value.place == "warehouse/claims/C99_x.sql"
    assert words in refusal.value.message


@pytest.mark.parametrize(
    "sql",
    [
        GOOD,
        f"{GOOD};",
        "SELECT * FROM token_price_on(DATE '2024-06-01', known := $as_of)",
        "SELECT * FROM token_price_on($as_of, known := $as_of)",
        "WITH a AS (FROM fx_rate_as_of($as_of)), b AS (FROM a) SELECT max(rate) FROM b JOIN A USING (rate_on)",
        "SELECT row_number() OVER (ORDER BY rate_on) FROM fx_rate_as_of($as_of) WHERE rate_on <= $as_of",
        "SELECT * FROM fx_rate_as_of($as_of) WHERE rate_on > CAST($as_of AS DATE) - INTERVAL 90 DAY",
    ],
)
def test_plain_as_of_sql_is_accepted(sql: str) -> None:
    check_evidence_sql(sql, "warehouse/claims/C99_x.sql")


MACROS = """
CREATE TABLE facts (
    company VARCHAR, metric VARCHAR, definition VARCHAR, dimensions VARCHAR, period_kind VARCHAR, fiscal_year INTEGER,
    fiscal_quarter INTEGER, period_end DATE, value DOUBLE, value_low DOUBLE, value_high DOUBLE, unit VARCHAR,
    status VARCHAR, known_at TIMESTAMP, evidence_id VARCHAR, concept VARCHAR, document_id VARCHAR, period_start DATE
);
CREATE TABLE prices (
    provider VARCHAR, model VARCHAR, listing VARCHAR, token_kind VARCHAR, tier VARCHAR, currency VARCHAR,
    price_per_mtok DOUBLE, valid_from DATE, valid_to DATE, status VARCHAR, known_at TIMESTAMP, evidence_id VARCHAR
);
CREATE TABLE rates (
    base_currency VARCHAR, quote_currency VARCHAR, rate_on DATE, rate DOUBLE, known_at TIMESTAMP, evidence_id VARCHAR
);
CREATE TABLE leads (
    board VARCHAR, scale_id VARCHAR, category VARCHAR, scored_on DATE, gap DOUBLE, gap_low DOUBLE, gap_high DOUBLE,
    best_openai VARCHAR, best_other VARCHAR, known_at TIMESTAMP, evidence_id VARCHAR, other_organization VARCHAR
);
CREATE TABLE events (
    event VARCHAR, topic VARCHAR, subject VARCHAR, code VARCHAR, happened_on DATE, value DOUBLE, value_low DOUBLE, value_high DOUBLE,
    unit VARCHAR, known_at TIMESTAMP, evidence_id VARCHAR
);
CREATE TABLE guides (
    company VARCHAR, metric VARCHAR, definition VARCHAR, target_start DATE, target_end DATE, bound VARCHAR, value DOUBLE, low DOUBLE,
    high DOUBLE, unit VARCHAR, date_earliest DATE, date_latest DATE, known_at TIMESTAMP, evidence_id VARCHAR
);
CREATE TABLE shares (
    ticker VARCHAR, price_on DATE, price_kind VARCHAR, currency VARCHAR, price DOUBLE, known_at TIMESTAMP, evidence_id VARCHAR
);
CREATE TABLE estimates (
    company VARCHAR, metric VARCHAR, horizon VARCHAR, estimated_on DATE, unit VARCHAR, value DOUBLE, known_at TIMESTAMP, evidence_id VARCHAR
);
CREATE TABLE scores (
    board VARCHAR, category VARCHAR, scored_on DATE, model VARCHAR, organization VARCHAR, score DOUBLE, low DOUBLE, high DOUBLE,
    known_at TIMESTAMP, evidence_id VARCHAR
);
CREATE MACRO event_as_of(t) AS TABLE SELECT * FROM events WHERE known_at < CAST(t AS DATE) + INTERVAL 1 DAY;
CREATE MACRO guidance_as_of(t) AS TABLE SELECT * FROM guides WHERE known_at < CAST(t AS DATE) + INTERVAL 1 DAY;
CREATE MACRO market_price_as_of(t) AS TABLE SELECT * FROM shares WHERE known_at < CAST(t AS DATE) + INTERVAL 1 DAY;
CREATE MACRO estimate_as_of(t) AS TABLE SELECT * FROM estimates WHERE known_at < CAST(t AS DATE) + INTERVAL 1 DAY;
CREATE MACRO leaderboard_score_as_of(t) AS TABLE SELECT *, NULL AS doubt FROM scores WHERE known_at < CAST(t AS DATE) + INTERVAL 1 DAY;
CREATE MACRO token_price_as_of(t) AS TABLE SELECT *, 'a list' AS source FROM prices WHERE known_at < CAST(t AS DATE) + INTERVAL 1 DAY;
CREATE MACRO company_fact_as_of(t) AS TABLE
    SELECT * FROM facts WHERE known_at < CAST(t AS DATE) + INTERVAL 1 DAY;
CREATE MACRO company_quarter_as_of(t) AS TABLE
    SELECT * FROM facts WHERE known_at < CAST(t AS DATE) + INTERVAL 1 DAY AND period_kind <> 'year';
CREATE MACRO lease_balance_as_of(t) AS TABLE
    SELECT company, metric, period_end, value AS leases_usd, 'leases' AS label, known_at, evidence_id FROM company_quarter_as_of(t)
    WHERE metric = 'leases_not_yet_commenced';
CREATE MACRO token_price_on(d, known := NULL) AS TABLE
    SELECT * FROM prices WHERE known_at < CAST(known AS DATE) + INTERVAL 1 DAY
        AND valid_from <= d AND (valid_to IS NULL OR d < valid_to);
CREATE MACRO model_price_on(d, known := NULL) AS TABLE
    SELECT *, CASE provider WHEN 'openai' THEN 1 ELSE 3 END AS evidence_tier FROM token_price_on(d, known := known);
CREATE MACRO model_price_as_of(t) AS TABLE FROM token_price_as_of(t);
CREATE MACRO fx_rate_as_of(t) AS TABLE SELECT * FROM rates WHERE known_at < CAST(t AS DATE) + INTERVAL 1 DAY;
CREATE MACRO openai_lead_as_of(t) AS TABLE SELECT * FROM leads WHERE known_at < CAST(t AS DATE) + INTERVAL 1 DAY;
"""

FACTS = """
('MSFT', 'operating_cash_flow', 'cash_operating', '', 'year', 2024, NULL, '2024-06-30', 118548e6, 'USD', '2024-07-30 21:30'),
('MSFT', 'operating_cash_flow', 'cash_operating', '', 'year', 2025, NULL, '2025-06-30', 136162e6, 'USD', '2025-07-30 21:30'),
('MSFT', 'operating_cash_flow', 'cash_operating', '', 'year', 2023, NULL, '2023-06-30', 87582e6, 'USD', '2023-07-27 21:30'),
('MSFT', 'operating_cash_flow', 'cash_operating', '', 'quarter', 2024, 4, '2024-06-30', 37195e6, 'USD', '2024-07-30 21:30'),
('AMZN', 'operating_cash_flow', 'cash_operating', '', 'year', 2024, NULL, '2024-12-31', 115877e6, 'USD', '2025-02-07 22:30'),
('MSFT', 'rpo_commercial', 'customers_commercial', '', 'instant', 2025, 2, '2024-12-31', 298e9, 'USD', '2025-01-30 08:00'),
('MSFT', 'rpo_commercial', 'customers_commercial', '', 'instant', 2024, 2, '2023-12-31', 222e9, 'USD', '2024-01-31 08:00'),
('MSFT', 'rpo_total', 'xbrl_total', '', 'instant', 2025, 2, '2024-12-31', 304e9, 'USD', '2025-01-29 22:30'),
('MSFT', 'rpo_next12m_growth_pct', 'customers_commercial', '', 'instant', 2025, 2, '2024-12-31', 21, 'pct', '2025-01-30 08:00')
"""

PRICES = """
('openai', 'gpt-4-turbo', 'gpt-4-turbo', 'input', 'standard', 'USD', 10, '2024-04-11', NULL, '2024-04-11'),
('openai', 'gpt-4-turbo', 'gpt-4-turbo', 'output', 'standard', 'USD', 30, '2024-04-11', NULL, '2024-04-11'),
('openai', 'gpt-4-turbo', 'gpt-4-turbo', 'input', 'batch', 'USD', 5, '2024-04-11', NULL, '2024-04-11'),
('azure', 'gpt-4-turbo', 'azure/gpt-4-turbo', 'input', 'standard', 'USD', 11, '2024-04-11', NULL, '2024-04-11'),
('deepseek', 'deepseek-v2', 'deepseek-chat', 'input', 'standard', 'USD', 0.14, '2024-05-14', '2024-09-05', '2024-05-14'),
('deepseek', 'deepseek-v3', 'deepseek-chat', 'input', 'standard', 'USD', 0.27, '2025-02-15', NULL, '2025-02-15'),
('openai', 'gpt-4o', 'gpt-4o', 'input', 'standard', 'USD', 5, '2024-05-13', '2024-10-02', '2024-05-14'),
('openai', 'gpt-4o', 'gpt-4o', 'input', 'standard', 'USD', 2.5, '2024-10-02', NULL, '2024-12-01')
"""

RATES = """
('EUR', 'USD', '2025-02-24', 1.0466, '2025-02-24 23:00'), ('EUR', 'CNY', '2025-02-24', 7.5879, '2025-02-24 23:00'),
('EUR', 'USD', '2025-02-25', 1.0497, '2025-02-25 23:00'), ('EUR', 'CNY', '2025-02-25', 7.6219, '2025-02-25 23:00'),
('EUR', 'JPY', '2025-02-25', 157.04, '2025-02-25 23:00'), ('EUR', 'USD', '2025-02-26', 1.0487, '2025-02-26 23:00')
"""

LEADS = """
('arena_text', 's', 'overall', '2025-02-21', -26.19, 'a', 'b', '2025-02-22 08:00'),
('arena_text', 's', 'coding', '2025-02-21', -1, 'a', 'b', '2025-02-22 08:00'),
('arena_text', 's', 'overall', '2025-02-20', NULL, 'a', NULL, '2025-02-21 08:00'),
('livebench', 's', 'overall', '2025-02-21', 3, 'a', 'b', '2025-02-22 08:00'),
('arena_text', 's', 'overall', '2025-02-27', -26.46, 'a', 'b', '2025-02-28 08:00')
"""


@pytest.fixture(scope="module")
def store() -> Iterator[duckdb.DuckDBPyConnection]:
    """The analyst's macros over a few real figures, and neighbours that a claim must not take for them."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(MACROS)
        connection.execute(
            "INSERT INTO facts SELECT a, b, c, d, e, f, g, CAST(h AS DATE), i, NULL, NULL, j, 'reported', "
            f"CAST(k AS TIMESTAMP), a || b || h, 'concept', 'document', NULL FROM (VALUES {FACTS}) AS v(a, b, c, d, e, f, g, h, i, j, k)"
        )
        connection.execute(
            "INSERT INTO prices SELECT a, b, c, d, e, f, g, CAST(h AS DATE), CAST(i AS DATE), 'reported', "
            f"CAST(j AS TIMESTAMP), c || d || h FROM (VALUES {PRICES}) AS v(a, b, c, d, e, f, g, h, i, j)"
        )
        connection.execute(
            "INSERT INTO rates SELECT a, b, CAST(c AS DATE), d, CAST(e AS TIMESTAMP), b || c "
            f"FROM (VALUES {RATES}) AS v(a, b, c, d, e)"
        )
        connection.execute(
            "INSERT INTO leads SELECT a, b, c, CAST(d AS DATE), e, NULL, NULL, f, g, CAST(h AS TIMESTAMP), a || d, 'google' "
            f"FROM (VALUES {LEADS}) AS v(a, b, c, d, e, f, g, h)"
        )
        yield connection


def rows_of(store: duckdb.DuckDBPyConnection, stem: str, as_of: date) -> pl.DataFrame:
    """What the claim takes of its query's rows."""
    return taken(SPECS[stem], evidence(store, sql_of(stem), as_of, stem))


def figures(store: duckdb.DuckDBPyConnection, stem: str, as_of: date) -> list[tuple[str, str, float]]:
    rows = rows_of(store, stem, as_of)
    assert rows.schema == EVIDENCE
    return [(row["series"], row["label"], row["value"]) for row in rows.iter_rows(named=True)]


def test_each_claim_takes_its_figures_and_no_neighbour(store: duckdb.DuckDBPyConnection) -> None:
    day = date(2025, 2, 25)
    assert figures(store, "C07_rpo_level_and_growth", day) == [
        ("due_within_12m", "FY2025Q2", 21.0),
        ("level", "FY2024Q2", 222e9),
        ("level", "FY2025Q2", 298e9),
        ("total", "FY2025Q2", 304e9),
    ]
    assert figures(store, "C21_ocf_fy2024", day) == [("level", "FY2024", 118548e6)]
    assert figures(store, "C22_ocf_rises_fy2025", day) == [("earlier", "FY2024", 118548e6)]
    assert figures(store, "C26_openai_lead_shrinks", day) == [("arena_text", "s", -26.19)]
    assert figures(store, "C27_gpt4_turbo_deepseek_price", day) == [
        ("denominator", "deepseek-v2", 0.14),
        ("denominator_by_source", "deepseek-v2", 0.14),
        ("denominator_on_sale", "deepseek-v3", 0.27),
        ("fx_numerator", "USD", 1.0497),
        ("fx_other", "CNY", 7.6219),
        ("numerator", "gpt-4-turbo", 10.0),
        ("numerator_by_source", "gpt-4-turbo", 10.0),
        ("numerator_on_sale", "gpt-4o", 2.5),
        ("secondary", "deepseek-v2", 3.0),
    ]


@pytest.mark.parametrize("stem", STEMS)
@pytest.mark.parametrize("as_of", [date(2023, 1, 1), date(2024, 7, 29), date(2025, 2, 25), date(2026, 11, 22)])
def test_evidence_is_what_was_known_and_can_be_judged(store: duckdb.DuckDBPyConnection, stem: str, as_of: date) -> None:
    rows = rows_of(store, stem, as_of)
    assert rows.columns == list(EVIDENCE)
    assert rows.filter(rows["known_at"].dt.date() > as_of).is_empty()
    spec: ClaimSpec = SPECS[stem]
    assert judge_claim(spec, rows, as_of, "test", sql=sql_of(stem)).claim_id == spec.id


def test_claims_that_share_a_query_take_their_own_series_of_it(store: duckdb.DuckDBPyConnection) -> None:
    """A rename in one is a new version of it; what it does not name is no evidence of it."""
    day = date(2026, 11, 22)
    both = evidence(store, sql_of("C22_ocf_rises_fy2025"), day)
    assert sorted(both["series"].unique()) == ["FY2024", "FY2025"]
    assert figures(store, "C21_ocf_fy2024", day) == [("level", "FY2024", 118548e6)]
    earlier = SPECS["C22_ocf_rises_fy2025"]
    other = earlier.model_copy(update={"takes": {"FY2024": "later", "FY2025": "earlier"}})
    sql = sql_of("C22_ocf_rises_fy2025")
    assert specification_hash(earlier, sql) != specification_hash(other, sql)


@pytest.mark.parametrize("claim_id", ["C07", "C22", "C26"])
def test_many_days_in_one_query_give_what_each_gives_alone(store: duckdb.DuckDBPyConnection, claim_id: str) -> None:
    sql = claim_sql(catalog().claims[claim_id])
    days = [date(2024, 10, 1), date(2025, 2, 25), date(2026, 11, 22)]
    found = evidence_on(store, sql, days)
    alone = {day: evidence(store, sql, day) for day in days}
    assert all(found[day].equals(alone[day]) for day in days)
    assert len({frame.height for frame in alone.values()}) > 1  # the days differ


def test_from_store_to_verdict(store: duckdb.DuckDBPyConnection) -> None:
    def verdict(stem: str, as_of: date) -> tuple[str, tuple[str, ...]]:
        rows = rows_of(store, stem, as_of)
        judged = judge_claim(SPECS[stem], rows, as_of, "test", sql=sql_of(stem))
        return judged.verdict, judged.flags

    assert verdict("C21_ocf_fy2024", date(2024, 7, 29)) == ("undetermined", ())
    assert verdict("C21_ocf_fy2024", date(2024, 7, 30)) == ("supported", ())
    assert verdict("C22_ocf_rises_fy2025", date(2025, 7, 29)) == ("undetermined", ())
    assert verdict("C22_ocf_rises_fy2025", date(2025, 7, 30)) == ("supported", ())
    assert verdict("C27_gpt4_turbo_deepseek_price", date(2025, 2, 25)) == (
        "supported",
        ("secondary_source", "stale_at_assertion"),
    )


def test_evidence_refuses_what_the_check_refuses_and_other_columns(store: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(Refused, match="table or view 'facts'"):
        evidence(store, "SELECT * FROM facts", date(2025, 2, 25), "warehouse/claims/C99_x.sql")
    with pytest.raises(Refused, match=r"C99_x.sql: it yields the columns \['one'\]"):
        evidence(store, GOOD, date(2025, 2, 25), "warehouse/claims/C99_x.sql")
    text = sql_of("C21_ocf_fy2024").replace("period_end AS observed_on", "'today' AS observed_on")
    with pytest.raises(Refused, match=r"C99_x.sql: a column has another type"):
        evidence(store, text, date(2025, 2, 25), "warehouse/claims/C99_x.sql")
