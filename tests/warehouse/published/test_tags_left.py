"""A tag that a filer leaves for another: what nobody declared is named in issue and in the reason of each gap."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

from company_facts import document_of
from staged import Payload, ask, staged

TAKEN_AT = datetime(2026, 11, 22)
META = 1326801
OWN, OTHER, UNLIKE = "OperatingIncomeLoss", "IncomeFromOperationsOfTheFiler", "GrossProfitOfTheFiler"
YEARS = {2017: 20203, 2018: 24913, 2019: 23986, 2020: 32671, 2021: 46753, 2022: 28944, 2023: 46751}


def fact(year: int, millions: int, filed: int) -> dict[str, object]:
    return {
        "start": f"{year}-01-01", "end": f"{year}-12-31", "val": millions * 10**6, "form": "10-K",
        "accn": f"{META:010d}-{filed % 100:02d}-000001", "filed": f"{filed}-02-02",
    }  # fmt: skip


def document() -> bytes:
    """Operating income under a tag of its own in the reports on 2020 to 2022, with the years before as comparatives."""
    own = [fact(year, YEARS[year], year + 1) for year in (2017, 2018, 2019, 2023)]
    other = [
        fact(year, YEARS[year], filed) for filed in (2021, 2022, 2023) for year in (filed - 3, filed - 2, filed - 1)
    ]
    unlike = [fact(year, YEARS[year] + 5000, 2023) for year in (2018, 2019, 2020, 2021, 2022)]
    return document_of(META, {name: {"USD": rows} for name, rows in ((OWN, own), (OTHER, other), (UNLIKE, unlike))})


def test_a_tag_that_states_what_a_metric_lacks_and_agrees_with_it_is_named(tmp_path: Path) -> None:
    with closing(staged(tmp_path, [Payload("sec_companyfacts", "META", document(), TAKEN_AT)])) as stage:
        told = ask(stage, "SELECT detail FROM history.issue WHERE reason = 'tag not declared'")
        assert told == [
            (
                f"META operating_income: us-gaap:{OTHER} states 3 periods it lacks, 2020-12-31 to 2022-12-31, and agrees with it "
                "on 2: where it is the same line, add it to concepts in config/companies.yml",
            )
        ]
        gaps = """
            SELECT fiscal_year, reason FROM company_gap
            WHERE metric = 'operating_income' AND fiscal_quarter IS NULL ORDER BY fiscal_year"""
        assert ask(stage, gaps) == [
            (year, f"no tag declared: us-gaap:{OTHER} states the period") for year in (2020, 2021, 2022)
        ]
        # Before the report on 2020 nobody could name a tag for it.
        assert (
            ask(stage, "SELECT reason FROM company_gap_as_of('2020-12-31') WHERE reason LIKE 'no tag declared: us%'")
            == []
        )
