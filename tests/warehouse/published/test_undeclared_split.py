"""A split that nobody declared: two reports state the same years by a whole factor, and issue says what to declare."""

from __future__ import annotations

from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import company_facts
import pytest
from staged import Payload, ask, staged

from config.chains import Split
from config.load import catalog

pytestmark = pytest.mark.slow("stages a small home for each case")

TAKEN_AT = datetime(2026, 11, 22)
TSLA = 1318605
TOLD = "SELECT detail FROM history.issue WHERE reason = 'split not declared'"


def document(*reports: tuple[str, dict[int, float]], cik: int = TSLA) -> bytes:
    """Diluted earnings per share of years, by report."""
    rows = [
        {"start": f"{year}-01-01", "end": f"{year}-12-31", "val": value, "form": "10-K", "accn": f"{cik:010d}-{day[2:4]}-000001", "filed": day}
        for day, years in reports for year, value in years.items()
    ]  # fmt: skip
    return company_facts.document("EarningsPerShareDiluted", *rows, cik=cik, unit="USD/shares")


# Tesla's, before and after three shares for one on 2022-08-24; the others in round figures.
THREE_FOR_ONE = (("2022-02-07", {2021: 4.90, 2020: 0.64}), ("2023-01-31", {2022: 3.62, 2021: 1.63, 2020: 0.21}))
FIRST = Split(since=date(2021, 7, 20), factor=4, evidence="the 10-Q filed 2021-08-20 restates earlier shares")
NO_SPLITS: tuple[Split, ...] = ()
SERIES = {
    "THREE": (THREE_FOR_ONE, NO_SPLITS, "3 for 1"),
    "TENTH": ((("2022-02-07", {2021: -0.12, 2020: -0.30}), ("2023-01-31", {2022: -2.0, 2021: -1.2, 2020: -3.0})), NO_SPLITS, "1 for 10"),
    "HALVES": ((("2022-02-07", {2021: 4.90, 2020: 2.10}), ("2023-01-31", {2022: 3.62, 2021: 3.27, 2020: 1.40})), NO_SPLITS, "3 for 2"),
    # The report shows one year of before, and a split was declared already.
    "AGAIN": ((("2022-02-07", {2021: 26.29, 2020: 20.0}), ("2023-01-31", {2022: 1.62, 2021: 1.31})), (FIRST,), "20 for 1"),
    "RESTATED": ((("2022-02-07", {2021: 4.90, 2020: 2.10}), ("2023-01-31", {2022: 3.62, 2021: 3.10, 2020: 2.05})), NO_SPLITS, None),
    "TWICE": ((("2022-02-07", {2021: 0.02, 2020: 2.10}), ("2023-01-31", {2022: 3.62, 2021: 0.01, 2020: 2.05})), NO_SPLITS, None),
}  # fmt: skip


def test_a_factor_between_two_reports_is_named_as_a_split(tmp_path: Path) -> None:
    meta = catalog().companies["META"]
    companies = {
        ticker: meta.model_copy(update={"ticker": ticker, "cik": TSLA + place, "splits": splits})
        for place, (ticker, (_, splits, _)) in enumerate(SERIES.items())
    }
    declared = catalog().model_copy(update={"companies": {**catalog().companies, **companies}})
    payloads = [
        Payload("sec_companyfacts", ticker, document(*reports, cik=companies[ticker].cik), TAKEN_AT)
        for ticker, (reports, _, _) in SERIES.items()
    ]
    with closing(staged(tmp_path, payloads, declared)) as stage:
        told = [detail for (detail,) in ask(stage, TOLD)]
        named = {ticker: factor for ticker, (_, _, factor) in SERIES.items() if factor}
        assert len(told) == len(named)
        for ticker, factor in named.items():
            [said] = [detail for detail in told if detail.startswith(f"{ticker}: ")]
            assert f"by a factor of {factor}:" in said


def test_a_declared_split_is_on_the_row_and_no_issue(tmp_path: Path) -> None:
    split = Split(since=date(2022, 10, 24), factor=3, evidence="the 10-Q filed 2022-10-24 restates earlier shares")
    company = catalog().companies["META"].model_copy(update={"ticker": "TSLA", "cik": TSLA, "splits": (split,)})
    declared = catalog().model_copy(update={"companies": {**catalog().companies, "TSLA": company}})
    with closing(
        staged(tmp_path, [Payload("sec_companyfacts", "TSLA", document(*THREE_FOR_ONE), TAKEN_AT)], declared)
    ) as stage:
        assert ask(stage, TOLD) == []
        basis = "SELECT DISTINCT basis FROM company_fact WHERE metric = 'eps_diluted'"
        assert ask(stage, basis) == [("since_split_2022_10_24",)]
