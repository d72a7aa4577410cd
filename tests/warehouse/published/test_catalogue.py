"""The file explains itself: companies, groups, metrics, definitions, coverage; marts by quarter; flips with their documents."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest
from published_file import analyst, rows

from config.load import catalog


def test_every_declared_name_is_in_the_file(published: Path) -> None:
    declared = catalog()
    with analyst(published) as cs:
        for view, column, names in (
            ("company", "company", declared.companies),
            ("company_group", "company_group", declared.company_groups),
            ("metric", "metric", declared.metrics),
            ("model_alias", "model", declared.models),
        ):
            assert {name for (name,) in rows(cs, f"SELECT {column} FROM {view}")} == set(names)
        used = dict(rows(cs, "SELECT test, claims FROM claim_test"))
        assert used["level_and_growth"] == ["C07"]
        assert sorted(claim for claims in used.values() for claim in claims) == sorted(declared.claims)
        held = {name for (name,) in rows(cs, "SELECT DISTINCT board FROM leaderboard_score")}
        assert held <= {name for (name,) in rows(cs, "SELECT board FROM board WHERE days > 0")}


def test_a_definition_says_from_when_to_when_it_is_held_and_by_which_document(published: Path) -> None:
    with analyst(published) as cs:
        found = rows(
            cs,
            """SELECT definition, stated_by, first_period_end, last_period_end FROM definition
            WHERE company = 'MSFT' AND metric = 'azure_growth_cc_pct' AND definition IN ('azure_v2', 'azure_v3') ORDER BY 1""",
        )
        silent = rows(cs, "SELECT metric, company FROM definition WHERE document_id IS NULL OR evidence_id IS NULL")
        held = rows(cs, "SELECT count(*) FROM company_fact WHERE metric IS NOT NULL")
        told = rows(cs, "SELECT sum(figures) FROM definition")
    # The recast of 2024-08-21 began with the quarters of fiscal 2025; its tables reach back.
    assert [row[0] for row in found] == ["azure_v2", "azure_v3"]
    assert {row[1] for row in found} == {"statement"}
    assert found[0][3] == date(2024, 6, 30)
    assert silent == []
    assert held == told


def test_coverage_leaves_no_series_and_no_missing_quarter_out(published: Path) -> None:
    with analyst(published) as cs:
        held = rows(
            cs, "SELECT DISTINCT company, metric, definition FROM company_fact WHERE metric IS NOT NULL ORDER BY ALL"
        )
        told = rows(cs, "SELECT company, metric, definition FROM coverage WHERE definition IS NOT NULL ORDER BY ALL")
        silent = rows(cs, "FROM coverage WHERE (definition IS NULL OR len(quarters_missing) > 0) AND len(reasons) = 0")
        nothing = rows(cs, "SELECT reasons FROM coverage WHERE company = 'AAPL' AND metric = 'revenue'")
        [(missing, years)] = rows(
            cs, "SELECT quarters_missing, reasons FROM coverage WHERE company = 'AMZN' AND metric = 'depreciation'"
        )
    assert told == held
    assert silent == []
    assert nothing == [(["no source that was read states it"],)]
    assert years == ["stated by the year alone"], missing


def test_a_sum_of_a_group_says_who_is_missing(published: Path) -> None:
    with analyst(published) as cs:
        found = rows(
            cs,
            """SELECT partial_value_usd, value_usd, companies, companies_missing FROM group_quarter WHERE company_group = 'hyperscalers'
            AND metric = 'cash_paid_ppe' AND calendar_year = 2024 AND calendar_quarter = 4""",
        )
        parts = rows(
            cs,
            """SELECT company, value FROM company_quarter WHERE metric = 'cash_paid_ppe' AND calendar_year = 2024
            AND calendar_quarter = 4 AND company IN (SELECT company FROM company_group WHERE company_group = 'hyperscalers') ORDER BY 1""",
        )
    [(partial, whole, companies, missing)] = found
    assert sorted(companies + missing) == ["AMZN", "GOOGL", "META", "MSFT", "ORCL"]
    assert companies == [company for company, _ in parts]
    assert partial == sum(value for _, value in parts)
    assert whole == (None if missing else partial)


def test_capex_by_quarter_keeps_two_definitions_in_two_columns(published: Path) -> None:
    with analyst(published) as cs:
        [(stated, tags, flow, share)] = rows(
            cs,
            """SELECT capex_management_usd, capex_cash_and_assets_obtained_usd, operating_cash_flow_usd,
            capex_management_to_operating_cash_flow_pct FROM capex_quarter WHERE company = 'MSFT' AND fiscal_year = 2026
            AND fiscal_quarter = 3""",
        )
        held = rows(cs, "SELECT count(*) FROM capex_quarter WHERE len(other_definitions) > 0")
        words = rows(
            cs,
            "SELECT column_name FROM dictionary WHERE object = 'capex_quarter' AND meaning LIKE '%twelve months%' AND column_name <> ''",
        )
    # Microsoft's release of 2026-04-29 says 31.9 billion; its tags add up to 34.885.
    assert (stated, tags) == (31.9e9, 34.885e9)
    assert share == pytest.approx(100 * 31.9e9 / flow)
    assert held == [(0,)]
    # A quarter's operating cash flow was called that of twelve months.
    assert words == []


def test_a_year_of_quarters_of_one_line_is_known_though_a_comparative_came_late(published: Path) -> None:
    with analyst(published) as cs:
        quarters = rows(
            cs,
            """SELECT sum(value) FROM company_quarter WHERE company = 'MSFT' AND metric = 'depreciation'
            AND period_end BETWEEN '2024-10-01' AND '2025-09-30'""",
        )
        year = "SELECT depreciation_usd FROM capex_intensity{} WHERE company = 'MSFT' AND calendar_year = 2025 AND calendar_quarter = 3"
        assert rows(cs, year.format("")) == quarters == [(24.4e9,)]
        # 22.0 + 7.1 - 4.7 is known with the 10-Q of 2025-10-29, and not before.
        assert rows(cs, year.format("_as_of('2025-10-30')")) == [(24.4e9,)]
        assert rows(cs, year.format("_as_of('2025-10-28')")) == []


def test_input_prices_stand_by_month_and_never_from_later(published: Path) -> None:
    month = "SELECT input_usd_per_mtok FROM model_price_month{} WHERE model = 'gpt-4o' AND currency = 'USD' AND month = '{}'"
    with analyst(published) as cs:
        # The list price fell from 5 to 2.50 dollars with the snapshot of 2024-08-06 that the name came to mean in October.
        assert rows(cs, month.format("", "2024-06-01")) == [(5.0,)]
        assert rows(cs, month.format("", "2024-11-01")) == [(2.5,)]
        assert rows(cs, month.format("_as_of('2024-07-31')", "2024-11-01")) == []
        # No list of October is at hand: the price goes on, and says that nobody has looked since 2026-09-01.
        seen = rows(
            cs,
            "SELECT CAST(last_observed_at AS DATE) FROM model_price_month WHERE model = 'gpt-4o' AND month = '2026-10-01'",
        )
        assert seen == [(date(2026, 9, 1),)]
        frontier = rows(
            cs,
            """SELECT count(*) FROM input_price_frontier AS i INNER JOIN price_frontier AS b
            ON b.board = i.board AND b.month = i.month AND b.quality_floor = i.quality_floor AND b.scored_on = i.scored_on
            WHERE b.models_priced <> i.models_priced""",
        )
    assert frontier == [(0,)]


def test_guides_of_amounts_are_set_against_what_came_by_the_same_definition(published: Path) -> None:
    with analyst(published) as cs:
        found = rows(
            cs,
            """SELECT guided, actual, outcome FROM guidance_outcome WHERE company = 'MSFT' AND definition = 'management_capex'
            AND target_end = '2025-09-30' AND bound = 'over'""",
        )
        early = rows(
            cs,
            """SELECT outcome, actual FROM guidance_outcome_as_of('2025-10-01') WHERE company = 'MSFT' AND definition = 'management_capex'
            AND target_end = '2025-09-30' AND bound = 'over'""",
        )
    assert found == [(30e9, 34.9e9, "kept")]
    assert early == [("no outcome by this definition is known", None)]


def test_every_flip_names_its_documents_or_says_that_there_is_none(published: Path) -> None:
    with analyst(published) as cs:
        silent = rows(
            cs,
            """FROM verdict_flip WHERE told_by_code = 'today' AND cause NOT IN ('time_passed', 'first')
            AND (len(documents) = 0 OR len(evidence_ids) = 0 OR coalesce(why_en, '') = '' OR coalesce(why_zh, '') = '')""",
        )
        [(documents, after, before, before_on)] = rows(
            cs,
            """SELECT documents, value_after, value_before, value_before_on FROM verdict_flip
            WHERE claim_id = 'C40' AND as_of = '2026-07-30' AND told_by_code = 'today'""",
        )
    assert silent == []
    assert documents == ["capex-2026-07-29"]
    # Capital expenditure with finance leases of the June quarter, and of the March quarter before it.
    assert (after, before, before_on) == (41e9, 31.9e9, date(2026, 3, 31))


def test_a_flip_tells_the_price_that_came_and_not_the_exchange_rate_of_that_day(published: Path) -> None:
    """C27 could be judged from the day DeepSeek V2 had a price."""
    with analyst(published) as cs:
        found = rows(cs, "SELECT why_en FROM verdict_flip WHERE claim_id = 'C27' AND as_of = DATE '2024-05-06'")
    assert len(found) == 1
    assert "0.14 USD/Mtok" in found[0][0]


def test_a_flip_by_a_statement_counts_no_statement_but_says_on_which_side_it_speaks(published: Path) -> None:
    with analyst(published) as cs:
        told = rows(
            cs, "SELECT why_en, why_zh FROM verdict_flip WHERE value_unit = 'count' AND why_en LIKE '% speaks %'"
        )
        assert rows(cs, "SELECT claim_id, why_en FROM verdict_flip WHERE regexp_matches(why_en, '[0-9] count')") == []
    assert len(told) > 10
    assert all("支持" in zh or "反對" in zh for en, zh in told if "speaks for" in en or "speaks against" in en)


def test_what_decides_next_is_told_of_a_past_day_by_what_was_known_then(published: Path) -> None:
    with analyst(published) as cs:
        found = rows(
            cs, "SELECT what_en, due_on, overdue FROM next_evidence_as_of('2025-02-25') WHERE claim_id = 'C07'"
        )
        cs.execute("SET VARIABLE as_of = DATE '2025-02-25'")
        moved = rows(cs, "SELECT what_en, due_on, overdue FROM next_evidence WHERE claim_id = 'C07'")
        [(day, set_by)] = rows(cs, "SELECT as_of, set_by FROM as_of_day")
    # Microsoft printed the same quarter a year before on 2024-04-25.
    assert found == moved == [("MSFT: the quarter to 2025-03-31.", date(2025, 4, 25), False)]
    assert (day, set_by) == (date(2025, 2, 25), "variable")


def test_a_prepared_statement_stays_on_its_day_and_a_macro_with_a_parameter_does_not(published: Path) -> None:
    """What DuckDB does, so that the documents stay true: a statement takes the variable when it is prepared."""
    with analyst(published) as cs:
        cs.execute("PREPARE plain AS SELECT max(known_at) FROM company_quarter")
        cs.execute("PREPARE told AS SELECT max(known_at) FROM company_quarter_as_of($day)")
        newest = rows(cs, "EXECUTE plain")
        cs.execute("SET VARIABLE as_of = DATE '2022-12-31'")
        assert rows(cs, "EXECUTE plain") == newest
        assert rows(cs, "EXECUTE told(day := '2022-12-31')") == rows(cs, "SELECT max(known_at) FROM company_quarter")


@pytest.mark.parametrize("view", ["verdict_variant", "specification"])
def test_what_is_known_of_the_newest_alone_refuses_a_past_day_with_a_sentence(published: Path, view: str) -> None:
    with analyst(published) as cs:
        assert rows(cs, f"FROM {view}") != []
        cs.execute("SET VARIABLE as_of = DATE '2025-02-25'")
        with pytest.raises(duckdb.Error, match="RESET VARIABLE as_of"):
            rows(cs, f"FROM {view}")


def test_a_life_that_is_stated_again_is_no_change_of_it(published: Path) -> None:
    """Amazon's reports of 2022 and of 2024 both let buildings live 40 years."""
    with analyst(published) as cs:
        lives = rows(
            cs,
            "SELECT DISTINCT long_life_years, long_life_before_years FROM depreciation_wave WHERE company = 'AMZN' AND period_end >= '2024-12-31'",
        )
    assert lives == [(40.0, None)]
