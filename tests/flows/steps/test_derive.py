"""Companies are laid on their periods some at a time: every company once, and the same rows as all together."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pytest
from company_facts import fixture_facts

from config.load import catalog
from flows.steps import derive
from transforms.companies.quarters import derive_periods


class Counted:
    """A stage that only knows how many facts each company has."""

    def __init__(self, facts: Mapping[str, int]) -> None:
        self.facts = facts

    def frame(self, _query: str) -> pl.DataFrame:
        return pl.DataFrame({"company": [*self.facts], "facts": [*self.facts.values()]})


@pytest.mark.parametrize(
    ("facts", "batches"),
    [
        ({}, []),
        ({"A": 1}, [("A", "A")]),
        ({"A": 4, "B": 6, "C": 3, "D": 3}, [("A", "B"), ("C", "D")]),
        ({"A": 10, "B": 1, "C": 9, "D": 1}, [("A", "A"), ("B", "C"), ("D", "D")]),
    ],
)
def test_every_company_is_in_one_batch(
    facts: Mapping[str, int], batches: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(derive, "FACTS_AT_A_TIME", 10)
    assert list(derive._batches(Counted(facts))) == batches  # type: ignore[arg-type]


def test_no_row_needs_another_company() -> None:
    facts = fixture_facts("META", "MSFT").filter(pl.col("concept").str.contains("Payments|Revenue"))
    alone = [derive_periods(facts.filter(pl.col("company") == name), catalog()) for name in ("META", "MSFT")]
    assert derive_periods(facts, catalog()).equals(pl.concat(alone))
