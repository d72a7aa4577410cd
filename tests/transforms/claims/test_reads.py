"""What a claim reads, and what changed between two answers."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest

from config.contracts import EVIDENCE
from transforms.claims.changes import cause_of
from warehouse.evidence.as_of import first_prints
from warehouse.evidence.reads import EVERYTHING, reads


def narrowed(sql: str) -> list[tuple[str, dict[str, list[str]]]]:
    return [(read.macro, {name: sorted(values) for name, values in read.only.items()}) for read in reads(sql)]


FROM = "SELECT 1 FROM company_fact_as_of($as_of)"


@pytest.mark.parametrize(
    ("where", "only"),
    [
        ("company = 'MSFT' AND metric IN ('a', 'b')", {"company": ["MSFT"], "metric": ["a", "b"]}),
        (
            "company = 'MSFT' AND (metric = 'a' OR (metric = 'b' AND unit = 'USD'))",
            {"company": ["MSFT"], "metric": ["a", "b"]},
        ),
        ("company = 'MSFT' OR metric = 'a'", {}),
        ("company = 'MSFT' OR company = 'META'", {"company": ["META", "MSFT"]}),
        ("NOT (company = 'MSFT')", {}),
        ("company <> 'MSFT'", {}),
        ("company NOT IN ('MSFT')", {}),
        ("company IN ('MSFT', upper('meta'))", {}),
        ("lower(company) = 'msft'", {}),
        ("metric = concept", {}),
        ("company = 'MSFT' AND company IN ('MSFT', 'META')", {"company": ["MSFT"]}),
    ],
)
def test_only_what_must_hold_narrows(where: str, only: dict[str, list[str]]) -> None:
    found = {name: values for name, values in narrowed(f"{FROM} WHERE {where}")[0][1].items() if name != "unit"}
    assert found == only


def test_every_macro_is_found_and_a_join_narrows_nothing() -> None:
    sql = (
        "WITH a AS (SELECT * FROM event_as_of($as_of) WHERE topic = 'stake') SELECT 1 FROM a JOIN company_fact_as_of($as_of) AS f "
        "ON true WHERE company = 'MSFT' AND EXISTS (SELECT 1 FROM fx_rate_as_of($as_of))"
    )
    assert sorted(macro for macro, _ in narrowed(sql)) == ["company_fact_as_of", "event_as_of", "fx_rate_as_of"]
    assert dict(narrowed(sql))["company_fact_as_of"] == {}
    assert dict(narrowed(sql))["event_as_of"] == {"topic": ["stake"]}


def test_a_macro_nobody_declared_may_read_anything() -> None:
    [read] = reads("SELECT 1 FROM brand_new_as_of($as_of) WHERE company = 'MSFT'")
    assert set(read.tables) == set(EVERYTHING)
    assert all(not only for only in read.tables.values())


def test_first_prints_change_the_macros_and_nothing_else() -> None:
    sql = "SELECT 'company_fact' FROM Company_Fact_As_Of($as_of), company_quarter_as_of($as_of), event_as_of($as_of)"
    other = "SELECT 'company_fact' FROM company_fact_first_as_of($as_of), company_quarter_first_as_of($as_of), event_as_of($as_of)"
    assert first_prints(sql) == other


def evidence(*rows: tuple[str, str, float, str]) -> pl.DataFrame:
    found = [
        {
            "series": series, "observed_on": date.fromisoformat(day), "value": value, "low": None, "high": None, "unit": unit,
            "known_at": datetime(2025, 1, 1), "label": day, "evidence": f"{series}{day}{value}",
        }
        for series, day, value, unit in rows
    ]  # fmt: skip
    return pl.DataFrame(found, schema=EVIDENCE)


OLD = ("level", "2024-06-30", 1.0, "USD")
NEW = ("level", "2024-09-30", 2.0, "USD")


@pytest.mark.parametrize(
    ("before", "after", "cause"),
    [
        (None, [OLD], "first"),
        ([OLD], [OLD, NEW], "new_period"),
        ([OLD], [("level", "2024-06-30", 1.5, "USD")], "revision"),
        ([OLD], [("level", "2024-06-30", 1.0, "EUR")], "definition_change"),
        ([OLD, NEW], [("level", "2024-03-31", 0.5, "USD"), OLD, NEW], "late_evidence"),
        ([OLD, NEW], [NEW], "superseded"),
        ([OLD], [OLD], "time_passed"),
        ([OLD], [("level", "2024-06-30", 1.5, "USD"), NEW], "new_period"),
        ([OLD], [OLD, ("other", "2020-01-01", 1.0, "USD")], "new_period"),
        ([], [OLD], "new_period"),
    ],
)
def test_the_cause_of_a_change(
    before: list[tuple[str, str, float, str]] | None, after: list[tuple[str, str, float, str]], cause: str
) -> None:
    assert cause_of(None if before is None else evidence(*before), evidence(*after)) == cause


def test_a_lead_is_read_again_where_all_of_its_day_has_been_taken_back():
    (read,) = reads("SELECT gap FROM openai_lead_as_of($as_of) WHERE board = 'arena_text'")
    assert read.tables["board_score"] == read.tables["board_lead"] == {"board": {"arena_text"}}
