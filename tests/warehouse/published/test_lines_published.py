"""What must hold of the published file: no quarter across two lines, none stated and called derived, no translated currency."""

from __future__ import annotations

from pathlib import Path

import pytest
from published_file import analyst, rows

pytestmark = pytest.mark.slow("reads a file published from the starter data")

DIFFERENCES = "('year - nine_months', 'nine_months - half', 'half - quarter')"
OPERANDS = f"""
    WITH part AS (
        SELECT seq, company, metric, unnest(string_split(inputs, ';')) AS said
        FROM history.company_period WHERE status = 'derived' AND formula IN {DIFFERENCES}
    ),
    operand AS (
        SELECT DISTINCT part.seq, part.said, p.line, p.currency
        FROM part INNER JOIN history.company_period AS p
            ON p.company = part.company AND p.metric = part.metric AND part.said = concat(p.document_id, '#', p.locator)
    )
    SELECT seq, count(DISTINCT said) AS operands, count(DISTINCT line) AS lines, count(DISTINCT currency) AS currencies
    FROM operand GROUP BY seq"""


def test_the_operands_of_every_quarter_are_found_and_stand_in_one_line(published: Path) -> None:
    with analyst(published) as cs:
        [(quarters,)] = rows(
            cs, f"SELECT count(*) FROM history.company_period WHERE status = 'derived' AND formula IN {DIFFERENCES}"
        )
        [found] = rows(cs, f"SELECT count(*), min(operands), max(lines), max(currencies) FROM ({OPERANDS})")
        assert quarters > 300
        assert found == (quarters, 2, 1, 1)


def test_no_quarter_that_a_filing_states_is_called_derived_on_any_day(published: Path) -> None:
    """Over every span in which an answer holds: no difference answers after a filing stated the quarter itself."""
    with analyst(published) as cs:
        stated = f"""
            SELECT a.company, a.metric, a.fiscal_year, a.fiscal_quarter, a.answers_from
            FROM history.company_answer AS a INNER JOIN history.company_period AS p
                ON (p.company, p.metric, p.definition, p.unit, p.dimensions) = (a.company, a.metric, a.definition, a.unit, a.dimensions)
                AND (p.period_kind, p.fiscal_year, p.fiscal_quarter) = (a.period_kind, a.fiscal_year, a.fiscal_quarter)
            WHERE a.status = 'derived' AND a.formula IN {DIFFERENCES} AND NOT a.strict_answer AND p.status = 'reported'
                AND p.known_at <= a.answers_from"""
        assert rows(cs, stated) == []
        # Nor is one made beside it: the filing of the longer figure states the quarter.
        beside = f"""
            SELECT DISTINCT d.company, d.metric, d.period_end, d.document_id
            FROM history.company_period AS d INNER JOIN history.company_period AS p
                ON d.series_id = p.series_id AND d.document_id = p.document_id AND p.status = 'reported'
            WHERE d.status = 'derived' AND d.formula IN {DIFFERENCES}"""
        assert rows(cs, beside) == []


def test_no_metric_is_a_convenience_translation_and_each_says_its_currency(published: Path) -> None:
    with analyst(published) as cs:
        translated = "SELECT count(*) FROM history.company_period WHERE set_aside LIKE 'convenience translation%' AND metric IS NOT NULL"
        assert rows(cs, translated) == [(0,)]
        money = """
            SELECT DISTINCT company, unit, currency FROM company_quarter
            WHERE (unit SIMILAR TO '[A-Z]{3}(/shares)?') AND currency IS DISTINCT FROM left(unit, 3)"""
        assert rows(cs, money) == []


def test_every_locator_names_a_place_and_no_template(published: Path) -> None:
    with analyst(published) as cs:
        for table in ("company_period", "company_answer", "issue"):
            assert rows(cs, f"SELECT count(*) FROM history.{table} WHERE contains(locator, '{{')") == [(0,)]
