"""docs/cookbook.md: every question is one query that answers, and what is known of the answers is in them."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from places import REPOSITORY
from published_file import analyst, rows

TEXT = (REPOSITORY / "docs" / "cookbook.md").read_text("utf-8")
QUERIES = {int(number): query for number, query in re.findall(r"^(\d+)\. .*?```sql\n(.*?)```", TEXT, re.M | re.S)}
# Rows that an answer must have, by figures of the filings, releases and price lists themselves.
KNOWN: dict[int, tuple[Any, ...]] = {
    6: (2023, 4, 7.665e9, 7.592e9),
    14: ("C07", "MSFT: the quarter to 2025-03-31.", date(2025, 4, 25)),
    # 0.66 and 1.32 dollars, the latter in 35 of the 168 hours of a week.
    26: ("input", "off_peak", None, None, 0.66, pytest.approx((133 * 0.66 + 35 * 1.32) / 168)),
    # 10 dollars in the list of 2025-05-01, 2 in that of 2025-07-01; tokencost shows the cut in June.
    27: (date(2025, 6, 1), "openai", "o3", 10.0, 2.0),
    28: (
        "azure_growth_cc_pct",
        2024,
        3,
        "azure_v2",
        31.0,
        "azure_v3",
        35.0,
        4.0,
        "the recast of 2024-08-21 states the quarters of FY2024 anew",
    ),
    # The years to December 2023 of the 10-Ks of 2024-02-02 and 2025-01-30 differ by 73 million.
    29: ("META", 2023, 4, 7.665e9, 7.592e9, datetime(2025, 1, 30, 22, 30)),
    30: ("deepseek-chat", "deepseek-v3", date(2024, 12, 26), date(2025, 8, 21)),
}


def test_there_are_the_fifteen_and_as_many_more() -> None:
    assert sorted(QUERIES) == list(range(1, 31))


@pytest.mark.parametrize("number", sorted(QUERIES))
def test_a_question_is_one_query_with_an_answer(published: Path, number: int) -> None:
    with analyst(published) as cs:
        found = rows(cs, QUERIES[number])
    assert found != []
    assert number not in KNOWN or KNOWN[number] in [row[: len(KNOWN[number])] for row in found]


def test_the_two_definitions_of_microsofts_capex_stand_apart(published: Path) -> None:
    with analyst(published) as cs:
        found = {(row[0], row[1]): row[2:4] for row in rows(cs, QUERIES[1])}
        guides = rows(cs, QUERIES[9])
        shares = {row[:3]: row[4] for row in rows(cs, QUERIES[11])}
    assert found[2026, 1] == (31.9e9, 34.885e9)
    assert ("MSFT", "management_capex", date(2025, 9, 30), "over", 30e9, 34.9e9, "kept") in guides
    assert shares["MSFT", 2025, 3] is not None


def test_openais_gpt_4o_costs_so_many_times_what_deepseek_costs(published: Path) -> None:
    with analyst(published) as cs:
        ratios = {row[0]: row[3] for row in rows(cs, QUERIES[5]) if row[1] == row[2] == "USD"}
    # 2.50 and 10 dollars against 0.27 and 1.10 a million tokens.
    assert ratios["input"] == pytest.approx(2.5 / 0.27)
    assert ratios["output"] == pytest.approx(10 / 1.1)
