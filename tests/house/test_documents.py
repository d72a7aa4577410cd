"""What the documents say of the house is true: every file they name is there, and the number they follow is the one published."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from places import REPOSITORY
from published_file import analyst, rows

DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("*.md")])
NAMED = re.compile(r"`((?:config|docs|flows|tests|transforms|warehouse|bench|findings)/[\w./-]*\w/?)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    named = set(NAMED.findall(document.read_text("utf-8")))
    # A form is there only until it is filled in; data/ and report/ are no rooms.
    assert {name for name in named if not name.endswith(".form") and not (REPOSITORY / name).exists()} == set()


def test_the_number_that_the_architecture_follows_is_the_published_one(published: Path) -> None:
    """Microsoft's half-year and first quarter of fiscal 2025 as its filings of 2025-01-29 and 2024-10-30 state them."""
    told = (REPOSITORY / "docs" / "architecture.md").read_text("utf-8")
    assert "30,727 - 14,923 = 15,804 million" in told
    with analyst(published) as cs:
        asked = """SELECT value / 1e6, status, known_at::VARCHAR FROM company_fact_as_of('2025-02-25')
            WHERE company = 'MSFT' AND metric = 'cash_paid_ppe' AND fiscal_year = 2025 ORDER BY period_end, period_start"""
        assert rows(cs, asked) == [
            (14923.0, "reported", "2024-10-30 21:30:00"),
            (30727.0, "reported", "2025-01-29 22:30:00"),
            (15804.0, "reported", "2025-01-29 22:30:00"),
        ]
        asked = """SELECT value / 1e9 FROM company_quarter_as_of('2025-02-25') WHERE company = 'MSFT' AND definition = 'management_capex'
            AND fiscal_year = 2025 AND fiscal_quarter = 2"""
        assert rows(cs, asked) == [(22.6,)]
