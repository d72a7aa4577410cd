"""Why a published verdict changed: by an edit of its specification, by code, or by the evidence, which then explains it alone."""

from __future__ import annotations

from datetime import date, datetime

import duckdb
import pytest

from warehouse.published.stage import VIEWS

NEWS = """'' AS claim_id, DATE '2026-11-22' AS as_of, ['']::VARCHAR[] AS evidence_ids, ['']::VARCHAR[] AS documents,
    ['']::VARCHAR[] AS source_urls, '' AS series, '' AS label, NULL::DATE AS observed_on, 0.0 AS value_before,
    NULL::DATE AS value_before_on, 0.0 AS value_after, '' AS unit, '' AS why_en, '' AS why_zh"""
DAY, NEXT = date(2026, 11, 22), date(2026, 11, 23)


def flips(
    published: list[tuple[str, str, str]], judged: list[tuple[date, str, str]]
) -> list[tuple[str, str, str, str]]:
    """What verdict_flip says of C08, published on two days as (verdict, specification, code), judged as (day, verdict, cause)."""
    connection = duckdb.connect(":memory:")
    connection.execute("CREATE SCHEMA history")
    connection.execute((VIEWS / "10_time.sql").read_text("utf-8"))
    columns = "claim_id VARCHAR, as_of DATE, verdict VARCHAR, statistic DOUBLE, statistic_unit VARCHAR, n BIGINT, specification_hash VARCHAR, code_version VARCHAR"
    connection.execute(f"CREATE TABLE history.verdict ({columns}, cause VARCHAR)")
    connection.execute(f"CREATE TABLE history.published_verdict ({columns}, published_at TIMESTAMP)")
    for day, verdict, cause in judged:
        connection.execute(
            "INSERT INTO history.verdict VALUES ('C08', ?, ?, 1, 'pct', 4, ?, ?, ?)",
            [day, verdict, *published[-1][1:], cause],
        )
    for day, (verdict, specification, code) in zip((DAY, NEXT), published, strict=True):
        at = datetime.combine(day, datetime.min.time())
        connection.execute(
            "INSERT INTO history.published_verdict VALUES ('C08', ?, ?, 1, 'pct', 4, ?, ?, ?)",
            [day, verdict, specification, code, at],
        )
    asked = (VIEWS / "78_next_evidence.sql").read_text("utf-8")
    start = asked.index("CREATE MACRO judged_day")
    connection.execute(asked[start : asked.index(";", start)])
    # Which documents a change is told by is asked elsewhere: none is known here.
    connection.execute(f"CREATE MACRO verdict_news() AS TABLE SELECT {NEWS} WHERE false")
    text = (VIEWS / "82_verdict_change.sql").read_text("utf-8")
    start = text.index("CREATE VIEW verdict_flip")
    connection.execute(text[start : text.index(";", start)])
    return connection.execute(
        "SELECT verdict_before, verdict, cause, told_by_code FROM verdict_flip ORDER BY as_of, told_by_code"
    ).fetchall()


SAME = [(date(2025, 7, 30), "refuted", "first")]


@pytest.mark.parametrize(
    ("published", "cause"),
    [
        ([("supported", "a", "1"), ("refuted", "b", "1")], "specification_edit"),
        ([("supported", "a", "1"), ("refuted", "a", "2")], "code_change"),
        ([("supported", "a", "1"), ("refuted", "b", "2")], "specification_edit"),
    ],
)
def test_a_verdict_moved_by_an_edit_or_by_code_says_so(published: list[tuple[str, str, str]], cause: str) -> None:
    # By today's specification and code it has been refuted since July: nothing in the evidence moved that night.
    assert flips(published, SAME) == [(None, "refuted", "first", "today"), ("supported", "refuted", cause, "published")]


@pytest.mark.parametrize("edit", [("b", "1"), ("a", "2")])
def test_an_edit_is_no_cause_where_the_evidence_of_that_night_explains_the_change(edit: tuple[str, str]) -> None:
    judged = [(date(2025, 7, 30), "supported", "first"), (NEXT, "refuted", "new_period")]
    assert flips([("supported", "a", "1"), ("refuted", *edit)], judged) == [
        (None, "supported", "first", "today"), ("supported", "refuted", "new_period", "today"),
    ]  # fmt: skip


def test_an_edit_that_moves_nothing_and_a_night_without_an_edit_are_no_flips() -> None:
    assert flips([("refuted", "a", "1"), ("refuted", "b", "2")], SAME) == [(None, "refuted", "first", "today")]
    moved = [(date(2025, 7, 30), "supported", "first"), (NEXT, "refuted", "new_period")]
    assert [row[2:] for row in flips([("supported", "a", "1"), ("refuted", "a", "1")], moved)] == [
        ("first", "today"),
        ("new_period", "today"),
    ]
