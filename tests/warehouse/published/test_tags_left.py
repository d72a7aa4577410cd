"""A tag that a filer leaves for another: what nobody declared is named in issue and in the reason of each gap."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timedelta
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


def test_the_reason_of_a_gap_on_a_day_is_what_was_known_then(tmp_path: Path) -> None:
    """The report on 2023 tells the tag and the metric apart. In 2021 they agreed wherever both stood: it was the one to look at."""
    stated = {
        OWN: [*(fact(year, YEARS[year], year + 1) for year in (2017, 2018, 2019)), fact(2023, YEARS[2023], 2024)],
        OTHER: [*(fact(year, YEARS[year], 2021) for year in (2018, 2019, 2020)), fact(2023, YEARS[2023] + 9, 2024)],
        "Revenues": [fact(year, 100_000 + year, year + 1) for year in YEARS],
    }
    body = document_of(META, {tag: {"USD": rows} for tag, rows in stated.items()})
    why = "SELECT reason FROM company_gap_as_of('{}') WHERE metric = 'operating_income' AND fiscal_year = 2020 AND fiscal_quarter IS NULL"
    with closing(staged(tmp_path, [Payload("sec_companyfacts", "META", body, TAKEN_AT)])) as stage:
        for day in ("2021-12-31", "2023-12-31"):
            assert ask(stage, why.format(day)) == [(f"no tag declared: us-gaap:{OTHER} states the period",)]
        none = "no tag declared: the report at hand states none of the metric's tags for the period"
        assert ask(stage, why.format("2024-12-31")) == [(none,)]
        # This warehouse read all of it in 2026: before, it held no figure that could be missing.
        assert ask(stage, "FROM company_gap_as_of('2024-12-31', strict := true)") == []


def moved(*proof: dict[str, object]) -> bytes:
    """Revenue under a tag that is declared second, and from 2021 on under the first without any comparative; then the proof."""
    older = [fact(year, 1000 + year, year + 1) for year in (2018, 2019, 2020)]
    newer = [fact(2021, 3021, 2022), fact(2022, 3022, 2023), *proof]
    contracts = "RevenueFromContractWithCustomerExcludingAssessedTax"
    return document_of(META, {"Revenues": {"USD": newer}, contracts: {"USD": older}})


LACKING = "SELECT fiscal_year, reason FROM company_gap WHERE metric = 'revenue' AND fiscal_quarter IS NULL ORDER BY ALL"
ASIDE = "SELECT detail FROM history.issue WHERE reason = 'tag set aside'"
HELD = (
    "SELECT fiscal_year, value / 1e6 FROM company_fact WHERE metric = 'revenue' AND period_kind = 'year' ORDER BY ALL"
)


def test_history_under_a_tag_that_nothing_shows_to_be_the_line_is_missing_and_says_why(tmp_path: Path) -> None:
    with closing(staged(tmp_path, [Payload("sec_companyfacts", "META", moved(), TAKEN_AT)])) as stage:
        assert ask(stage, HELD) == [(2021, 3021.0), (2022, 3022.0)]
        lacking = ask(stage, LACKING)
        assert [year for year, _ in lacking] == [2018, 2019, 2020]
        assert all(why.startswith("tag set aside: us-gaap:RevenueFromContract") for _, why in lacking)
        [(told,)] = ask(stage, ASIDE)
        assert "3 figures of 2018-12-31 to 2020-12-31" in told
        assert "not shown to be one line with us-gaap:Revenues" in told


def test_history_that_an_equal_comparative_proves_is_neither_missing_nor_set_aside(tmp_path: Path) -> None:
    proof = fact(2020, 3020, 2023)
    with closing(staged(tmp_path, [Payload("sec_companyfacts", "META", moved(proof), TAKEN_AT)])) as stage:
        assert ask(stage, HELD)[:3] == [(2018, 3018.0), (2019, 3019.0), (2020, 3020.0)]
        assert ask(stage, LACKING) == []
        assert ask(stage, ASIDE) == []
        early = "SELECT count(*) FROM company_fact_as_of('2022-12-31') WHERE metric = 'revenue' AND fiscal_year < 2021"
        assert ask(stage, early) == [(0,)]


def test_a_metric_whose_only_figure_its_source_states_no_more_is_missing(tmp_path: Path) -> None:
    """META's operating income of 2017, 20,203 million, is in the document of Monday; Tuesday's has none but that of revenue."""
    tags = {"Revenues": {"USD": [fact(year, 100_000 + year, year + 1) for year in (2016, 2017)]}}
    whole = document_of(META, tags | {OWN: {"USD": [fact(2017, YEARS[2017], 2018)]}})
    later = datetime(2026, 11, 24)
    said = [Payload("sec_companyfacts", "META", whole, TAKEN_AT), Payload("sec_companyfacts", "META", document_of(META, tags), later)]  # fmt: skip
    with closing(staged(tmp_path, said)) as stage:
        why = "SELECT fiscal_year, reason, known_at FROM company_gap_as_of('{}') WHERE metric = 'operating_income' AND fiscal_quarter IS NULL"
        assert ask(stage, why.format("2026-11-23")) == []
        assert ask(stage, why.format("2026-11-24")) == [(2017, "stated no more", later)]


def test_what_this_warehouse_had_read_names_no_reason_that_it_read_later(tmp_path: Path) -> None:
    """The year 2022 without its nine months, filed in 2023, is first in the capture of Tuesday: on Monday nobody here had seen it."""
    first_quarter = fact(2022, 8524, 2022) | {"end": "2022-03-31", "form": "10-Q", "filed": "2022-04-28"}
    monday = [first_quarter, fact(2023, YEARS[2023], 2024)]
    bodies = [document_of(META, {OWN: {"USD": rows}}) for rows in (monday, [*monday, fact(2022, YEARS[2022], 2023)])]
    said = [
        Payload("sec_companyfacts", "META", body, TAKEN_AT + timedelta(days=day)) for day, body in enumerate(bodies)
    ]
    with closing(staged(tmp_path, said)) as stage:
        why = "SELECT reason FROM company_gap_as_of('{}', strict := true) WHERE metric = 'operating_income' AND fiscal_year = 2022 AND fiscal_quarter = 4"
        assert ask(stage, why.format("2026-11-23")) == [("no nine months figure",)]
        [(before,)] = ask(stage, why.format("2026-11-22"))
        assert before == "not filed, or before the first filing at hand"
