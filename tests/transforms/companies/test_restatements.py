"""Every vintage of the figures that filings restated, on the real documents: as first reported, later, and never mixed."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest
from company_facts import SHARED, as_of, loaded, read
from staged import Payload, ask, staged
from staged import loaded as load

from config.load import catalog
from transforms.companies.quarters import derive_periods

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout"),
]
FOLDER = SHARED / "sec" / "companyfacts"
NEWER = FOLDER / "GOOGL_CIK0001652044_edgartools_cassette.json"
OLDER = FOLDER / "GOOGL_CIK0001652044_finalysis.json"
NAMES = {"META": "CIK0001326801.json", "AMZN": "CIK0001018724.json", "GOOGL": NEWER.name, "MSFT": "CIK0000789019.json"}
CAPEX, OCF = "cash_paid_ppe", "operating_cash_flow"
FIRST, HALF, NINE, YEAR = "quarter", "half", "nine_months", "year"
SECOND, THIRD = "second quarter", "third quarter"  # Amazon states them beside the year to date
QUARTERS = {FIRST: 1, SECOND: 2, THIRD: 3}

# (company, metric, fiscal year, kind of period) -> (first day it was known, millions of dollars) of each vintage, read
# from the documents. Q4 beside them: year less nine months of the same vintage.
CELLS = {
    ("META", CAPEX, 2020, YEAR): [("2021-01-28", 15115), ("2023-02-02", 15163)],
    ("META", CAPEX, 2021, FIRST): [("2021-04-29", 4272), ("2022-04-28", 4303)],
    ("META", CAPEX, 2021, HALF): [("2021-07-29", 8884), ("2022-07-28", 8944)],
    ("META", CAPEX, 2021, NINE): [("2021-10-26", 13198), ("2022-10-27", 13290)],
    ("META", CAPEX, 2021, YEAR): [("2022-02-03", 18567), ("2023-02-02", 18690)],
    ("META", CAPEX, 2022, YEAR): [("2023-02-02", 31431), ("2025-01-30", 31186)],
    ("META", CAPEX, 2023, FIRST): [("2023-04-27", 6842), ("2024-04-25", 6823)],
    ("META", CAPEX, 2023, HALF): [("2023-07-27", 13058), ("2024-08-01", 12957)],
    ("META", CAPEX, 2023, NINE): [("2023-10-26", 19601), ("2024-10-31", 19453)],
    ("META", CAPEX, 2023, YEAR): [("2024-02-02", 27266), ("2025-01-30", 27045)],
    ("AMZN", OCF, 2016, FIRST): [("2016-04-29", -2160), ("2017-04-28", -1953)],
    ("AMZN", OCF, 2016, SECOND): [("2016-07-29", 3465), ("2017-07-28", 3578)],
    ("AMZN", OCF, 2016, THIRD): [("2016-10-28", 4486), ("2017-10-27", 4659)],
    ("AMZN", OCF, 2016, HALF): [("2016-07-29", 1305), ("2017-07-28", 1625)],
    ("AMZN", OCF, 2016, NINE): [("2016-10-28", 5791), ("2017-10-27", 6284)],
    ("AMZN", OCF, 2016, YEAR): [("2017-02-10", 16443), ("2018-02-02", 17272), ("2019-02-01", 17203)],
    ("GOOGL", OCF, 2013, YEAR): [("2016-02-11", 18659), ("2016-05-03", 19140)],
    ("GOOGL", OCF, 2014, YEAR): [("2016-02-11", 22376), ("2016-05-03", 23024)],
    ("GOOGL", OCF, 2015, NINE): [("2015-10-29", 19609), ("2016-11-03", 19963)],
    ("GOOGL", OCF, 2015, YEAR): [("2016-02-11", 26024), ("2016-05-03", 26572)],
}
# Amazon's trailing twelve months of operating cash flow, as each of its quarterly reports states them: last day -> the same.
TRAILING = {
    date(2016, 3, 31): [("2016-04-29", 11258), ("2017-04-28", 11563)],
    date(2016, 6, 30): [("2016-07-29", 12726), ("2017-07-28", 13049)],
    date(2016, 9, 30): [("2016-10-28", 14603), ("2017-10-27", 15004)],
    date(2017, 3, 31): [("2017-04-28", 17634), ("2018-04-27", 17547)],
    date(2017, 6, 30): [("2017-07-28", 17885), ("2018-07-27", 17802)],
    date(2017, 9, 30): [("2017-10-27", 17077), ("2018-10-26", 16996)],
}
LAST_QUARTERS = {
    ("META", CAPEX, 2020): [("2021-01-28", 15115 - 10502)],  # 15,163 was never told of the nine months
    ("META", CAPEX, 2021): [("2022-02-03", 18567 - 13198), ("2023-02-02", 18690 - 13290)],
    ("META", CAPEX, 2022): [("2023-02-02", 31431 - 22388)],
    ("META", CAPEX, 2023): [("2024-02-02", 27266 - 19601), ("2025-01-30", 27045 - 19453)],
    ("AMZN", OCF, 2016): [("2017-02-10", 16443 - 5791), ("2018-02-02", 17272 - 6284)],  # 17,203: no such nine months
    # The 8-K of 2016-05-03 restates the year alone; the nine months follow in November.
    ("GOOGL", OCF, 2015): [("2016-02-11", 26024 - 19609), ("2016-11-03", 26572 - 19963)],
}


@pytest.fixture(scope="module")
def periods():
    facts = [loaded(read(FOLDER / name, ticker).rows, ticker) for ticker, name in NAMES.items()]
    return derive_periods(pl.concat(facts), catalog())


def vintages(periods, company, metric, year, kind, *, quarter=None):
    """(day, millions) at each change of the answer."""
    return changes(periods.filter(
        (pl.col("company") == company) & (pl.col("metric") == metric) & (pl.col("fiscal_year") == year)
        & (pl.col("period_kind") == kind)
        & (pl.col("fiscal_quarter") == quarter if quarter else pl.lit(True))
    ))  # fmt: skip


def changes(chosen):
    found: list[tuple[str, int]] = []
    for instant in sorted(set(chosen["known_at"])):
        (value,) = as_of(chosen, instant)["value"]
        if not found or found[-1][1] != value / 1e6:
            found.append((str(instant.date()), value / 1e6))
    return found


@pytest.mark.parametrize("cell", list(CELLS), ids=lambda cell: "-".join(str(part) for part in cell))
def test_a_restated_cell_has_each_of_its_vintages_from_its_day(periods, cell):
    company, metric, year, kind = cell
    quarter = QUARTERS.get(kind)
    kind = "quarter" if quarter else kind
    assert vintages(periods, company, metric, year, kind, quarter=quarter) == CELLS[cell]


@pytest.mark.parametrize("end", list(TRAILING), ids=str)
def test_trailing_months_as_stated_have_each_of_their_vintages_and_are_no_year(periods, end):
    chosen = periods.filter(
        (pl.col("company") == "AMZN") & (pl.col("metric") == OCF) & (pl.col("period_end") == end)
        & (pl.col("period_end") - pl.col("period_start") > pl.duration(days=360))
    )  # fmt: skip
    assert changes(chosen) == TRAILING[end]
    assert set(chosen["period_kind"]) == {"other"}


@pytest.mark.parametrize("cell", list(LAST_QUARTERS), ids=lambda cell: "-".join(str(part) for part in cell))
def test_a_derived_last_quarter_never_mixes_vintages(periods, cell):
    company, metric, year = cell
    assert vintages(periods, company, metric, year, "quarter", quarter=4) == LAST_QUARTERS[cell]


def test_no_derived_quarter_of_the_four_companies_mixes_vintages(periods):
    """Recomputed the slow way for each derived quarter of a metric: the shorter figure is the newest filed by then,
    and the longer one stood at no other value since the shorter was filed, before it or after."""
    steps = ["year - nine_months", "nine_months - half", "half - quarter"]
    derived = periods.filter(pl.col("formula").is_in(steps))
    stated = periods.filter((pl.col("status") == "reported") & pl.col("metric").is_not_null())
    places = {f"{row['document_id']}#{row['locator']}": row for row in stated.iter_rows(named=True)}
    said = {}
    for row in stated.iter_rows(named=True):
        key = (row["company"], row["metric"], row["unit"], row["fiscal_year"], row["period_kind"])
        said.setdefault(key, []).append(row)
    assert derived.height > 700
    for row in derived.iter_rows(named=True):
        longer, shorter = (places[part] for part in row["inputs"].split(";"))
        key = (row["company"], row["metric"], row["unit"], row["fiscal_year"])
        rivals = [one for one in said[(*key, shorter["period_kind"])] if one["period_end"] == shorter["period_end"]]
        assert row["known_at"] == max(longer["known_at"], shorter["known_at"])
        assert shorter["known_at"] == max(one["known_at"] for one in rivals if one["known_at"] <= row["known_at"])
        between = [
            one
            for one in said[(*key, longer["period_kind"])]
            if one["period_end"] == longer["period_end"] and shorter["known_at"] <= one["known_at"] < longer["known_at"]
        ]
        for day in {one["known_at"] for one in between}:
            assert longer["value"] in {one["value"] for one in between if one["known_at"] == day}, row


def googl(path, taken_at):
    return Payload("sec_companyfacts", "GOOGL", path.read_bytes(), taken_at)


@pytest.fixture(scope="module")
def both_orders(tmp_path_factory):
    """(what the loads did, the staged file) with the older document first, and with the newer first."""
    older, newer = googl(OLDER, datetime(2026, 2, 20)), googl(NEWER, datetime(2026, 7, 9))
    folders = [tmp_path_factory.mktemp("googl") for _ in range(3)]
    _, in_order = load(folders[0], [older, newer])
    stages = [staged(folders[1], [older, newer]), staged(folders[2], [newer, older])]
    yield in_order, stages
    for stage in stages:
        stage.close()


def test_the_newer_document_adds_488_facts_and_changes_and_loses_none(both_orders):
    in_order, (stage, _) = both_orders
    assert [(done.outcome, done.rows_stated, done.rows_added) for done in in_order] == [
        ("loaded", 19836, 19836),
        ("loaded", 20324, 488),
    ]
    assert ask(stage, "SELECT count(*) FROM history.company_fact") == [(20324,)]
    # A statement that two captures share stands with the earlier one; none has two values under one document.
    assert ask(stage, "SELECT captured_at, count(*) FROM history.company_fact GROUP BY 1 ORDER BY 1") == [
        (datetime(2026, 2, 20), 19836),
        (datetime(2026, 7, 9), 488),
    ]


def test_the_older_document_loaded_after_the_newer_gives_the_same_canonical_view(both_orders):
    _, (in_order, reversed_order) = both_orders
    assert in_order.digest == reversed_order.digest
    query = "FROM history.company_fact ORDER BY ALL"
    assert in_order.frame(query).equals(reversed_order.frame(query))


def test_two_filings_of_one_day_resolve_the_same_way_in_either_order(both_orders):
    """2016-05-03: the 10-Q says 4,200 and 3,600, the 8-K of that day 4,167 and 3,614. The report outranks the 8-K."""
    _, stages = both_orders
    for stage in stages:
        found = ask(
            stage,
            """SELECT period_end, value, form FROM company_fact_as_of('2016-06-01')
            WHERE concept LIKE 'us-gaap:UnrecognizedTaxBenefits%' AND period_end = DATE '2015-12-31'
                AND value IN (4.2e9, 4.167e9, 3.6e9, 3.614e9) ORDER BY value""",
        )
        assert found == [(date(2015, 12, 31), 3.6e9, "10-Q"), (date(2015, 12, 31), 4.2e9, "10-Q")]


def test_the_two_copies_in_the_starter_data_agree_wherever_both_state_a_figure() -> None:
    """Otherwise which of them speaks would depend on nothing but the order of two files."""
    trimmed = SHARED / "sec" / "companyfacts_trimmed" / "capexatlas_googl.json"
    figure = ["concept", "unit", "period_start", "period_end", "document_id"]
    both = read(NEWER, "GOOGL").rows.join(read(trimmed, "GOOGL").rows, on=figure, nulls_equal=True)
    assert both.height == 473
    assert both.filter(pl.col("value") != pl.col("value_right")).is_empty()
