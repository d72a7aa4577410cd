"""docs/notebook.ipynb: every cell runs on the published file, and says what the sources say."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from places import REPOSITORY

NOTEBOOK = REPOSITORY / "docs" / "notebook.ipynb"


@pytest.fixture(scope="module")
def ran(published: Path) -> dict[str, Any]:
    """The names that the notebook leaves behind."""
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    left: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAPEX_SIGNALS_HOME", str(published))
        for cell in cells:
            if cell["cell_type"] == "code":
                exec("".join(cell["source"]), left)  # noqa: S102  our own notebook
    yield left
    left["file"].close()


def test_it_says_what_the_filings_and_lists_say(ran: dict[str, Any]) -> None:
    """The 10-Q of 2025-01-29 states 15,804 for the quarter; GPT-4o was listed at 2.50 and 10; Arena of 2025-02-22 had OpenAI 26 behind."""
    capex = dict(ran["capex"].select("period_end", "value").iter_rows())
    assert capex[date(2024, 12, 31)] == 15_804e6
    assert ran["then"]["period_end"].max() == date(2024, 12, 31)
    assert ran["price"]["usd_per_mtok"].to_list() == [2.5, 10.0]
    assert ran["lead"].row(0, named=True)["scored_on"] == date(2025, 2, 22)
    assert ran["lead"].row(0, named=True)["gap"] == -26


def test_growth_is_of_the_same_quarter_a_year_before(ran: dict[str, Any]) -> None:
    """Microsoft paid 9,735 million in the quarter to December 2023 (19,652 less 9,917)."""
    [growth] = ran["growth"].filter(pl.col("period_end") == pl.date(2024, 12, 31))["growth_pct"].to_list()
    assert growth == pytest.approx(100 * (15_804 / 9_735 - 1))


def test_every_claim_has_a_verdict_now(ran: dict[str, Any]) -> None:
    assert ran["verdicts"].height == 46
    assert ran["verdicts"]["verdict"].null_count() == 0
