"""The parser of SEC company facts: numbers read from the documents, and documents it must refuse."""

from __future__ import annotations

import json
import time
from datetime import date, datetime

import polars as pl
import pytest
from company_facts import FIXTURES, SHARED, capture, read

from config.contract_checks import checks
from config.contracts import COMPANY_FACT
from config.errors import Refused, SourceChanged
from config.load import catalog
from transforms.companies.quarters import PROXIES as NEVER_A_METRIC
from transforms.sources.sec_companyfacts import PROXIES, parse, requests

FACT = {
    "start": "2023-01-01", "end": "2023-12-31", "val": 27266000000, "accn": "0001326801-24-000012",
    "fy": 2023, "fp": "FY", "form": "10-K", "filed": "2024-02-02",
}  # fmt: skip
NAMED = [("GOOGL", SHARED / "sec/companyfacts" / f"GOOGL_CIK0001652044_{name}.json") for name in
         ("edgartools_cassette", "finalysis")]  # fmt: skip


def document(*facts, unit="USD", **top):
    tags = {"PaymentsToAcquirePropertyPlantAndEquipment": {"label": None, "description": None, "units": {unit: facts}}}
    return {"cik": 1326801, "entityName": "Meta Platforms, Inc.", "facts": {"us-gaap": tags}, **top}


def parsed(body, scope="META"):
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    return parse(payload, capture(scope), catalog())


def fact(**changes):
    return {**FACT, **changes}


def test_only_followed_companies_are_asked_for():
    spec = catalog().sources["sec_companyfacts"]
    assert requests(spec, catalog()) == [
        ("MSFT", "https://data.sec.gov/api/xbrl/companyfacts/CIK0000789019.json"),
        ("AMZN", "https://data.sec.gov/api/xbrl/companyfacts/CIK0001018724.json"),
        ("GOOGL", "https://data.sec.gov/api/xbrl/companyfacts/CIK0001652044.json"),
        ("META", "https://data.sec.gov/api/xbrl/companyfacts/CIK0001326801.json"),
        ("ORCL", "https://data.sec.gov/api/xbrl/companyfacts/CIK0001341439.json"),
        ("NVDA", "https://data.sec.gov/api/xbrl/companyfacts/CIK0001045810.json"),
        ("AAPL", "https://data.sec.gov/api/xbrl/companyfacts/CIK0000320193.json"),
        ("CRWV", "https://data.sec.gov/api/xbrl/companyfacts/CIK0001769628.json"),
    ]


def test_one_fact_becomes_one_row_of_the_contract():
    rows = parsed(document(FACT)).rows
    assert checks(COMPANY_FACT).is_valid(rows)
    row = rows.row(0, named=True)
    assert row["company"] == "META"
    assert row["concept"] == "us-gaap:PaymentsToAcquirePropertyPlantAndEquipment"
    assert (row["definition"], row["dimensions"], row["unit"], row["currency"]) == ("xbrl", "", "USD", "USD")
    assert (row["period_start"], row["period_end"]) == (date(2023, 1, 1), date(2023, 12, 31))
    assert (row["value"], row["value_exact"], row["status"]) == (27266000000.0, "27266000000", "reported")
    assert row["known_at"] == datetime(2024, 2, 2, 22, 30)
    assert row["known_at_basis"] == "filing_date_1730_new_york"
    assert (row["form"], row["document_id"], row["evidence_tier"]) == ("10-K", "0001326801-24-000012", 1)
    assert row["locator"] == "/facts/us-gaap/PaymentsToAcquirePropertyPlantAndEquipment/units/USD/0"
    assert row["source_url"] == (
        "https://www.sec.gov/Archives/edgar/data/1326801/000132680124000012/0001326801-24-000012-index.htm"
    )


def test_the_filing_day_ends_at_1730_in_new_york_in_summer_and_winter():
    rows = parsed(document(FACT, fact(filed="2024-08-01", accn="0001326801-24-000069"))).rows
    assert rows["known_at"].to_list() == [datetime(2024, 2, 2, 22, 30), datetime(2024, 8, 1, 21, 30)]


def test_every_fact_of_every_filing_is_kept():
    rows = read(FIXTURES / "META.json", "META").rows
    capex = rows.filter(
        (pl.col("concept") == "us-gaap:PaymentsToAcquirePropertyPlantAndEquipment")
        & (pl.col("period_start") == date(2023, 1, 1))
        & (pl.col("period_end") == date(2023, 12, 31))
    )
    assert capex.sort("known_at")["value"].to_list() == [27266e6, 27045e6, 27045e6]


def test_fractions_keep_the_digits_of_the_text():
    text = json.dumps(document(fact(val=1), unit="USD/shares")).replace('"val": 1,', '"val": 1.10,')
    row = parsed(text.encode()).rows.row(0, named=True)
    assert (row["value"], row["value_exact"], row["currency"]) == (1.1, "1.10", "USD")
    assert row["locator"].endswith("/units/USD~1shares/0")


def test_instants_have_no_start():
    row = parsed(document({key: value for key, value in FACT.items() if key != "start"})).rows.row(0, named=True)
    assert row["period_start"] is None


def test_a_repetition_counts_once_and_a_contradiction_within_one_filing_not_at_all():
    rows = parsed(document(FACT, FACT, fact(val=27300000000))).rows
    assert rows["value"].to_list() == [27266e6, 27300e6]
    assert rows["locator"].str.tail(2).to_list() == ["/0", "/2"]
    against = parsed(document(FACT, FACT, fact(val=32100000000)))
    assert against.rows.is_empty()
    assert [issue.reason for issue in against.issues] == ["two values for one figure"] * 2


def test_forms_are_ranked_and_proxy_statements_come_last():
    forms = ["10-K/A", "10-K", "10-Q/A", "10-Q", "8-K", "424B2", "DEF 14A"]
    # Identical facts of one accession count once, so each form needs a filing of its own.
    several = [fact(form=form, accn=f"0001326801-24-{index:06d}") for index, form in enumerate(forms)]
    ranked = parsed(document(*several)).rows.sort("form_rank", descending=True)
    ordered = ranked["form"].to_list()
    assert ranked["form_rank"].n_unique() == len(forms)  # or equal ranks would keep the order they came in
    assert ordered == forms
    old, new = (parsed(document(fact(form=form))).rows["form_rank"].to_list() for form in ("10-K405", "10-K"))
    assert old == new
    assert PROXIES == NEVER_A_METRIC


def test_facts_of_an_8k_have_no_fiscal_period_and_are_kept():
    assert parsed(document(fact(form="8-K", fy=None, fp=None))).rows.height == 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"val": None}, "value is not a number"),
        ({"val": "27266000000"}, "value is not a number"),
        ({"val": True}, "value is not a number"),
        ({"val": 10**400}, "value is not a number"),
        ({"end": "2023-13-31"}, "end is not a date"),
        ({"start": None}, "start is not a date"),
        ({"start": "2024-01-01"}, "start is after end"),
        ({"filed": None}, "filed is not a date"),
        ({"accn": "000132680124000012"}, "accession number is not one"),
        ({"accn": 7}, "accession number is not one"),
        ({"form": None}, "form is missing"),
    ],
)
def test_a_fact_that_cannot_be_read_is_an_issue_and_not_a_row(change, reason):
    found = parsed(document(FACT, fact(**change)))
    assert found.rows.height == 1
    (issue,) = found.issues
    assert (issue.reason, issue.severity) == (reason, "quarantined")
    assert issue.locator == "/facts/us-gaap/PaymentsToAcquirePropertyPlantAndEquipment/units/USD/1"


def test_a_fact_that_lacks_a_field_is_an_issue():
    found = parsed(document(FACT, {key: value for key, value in FACT.items() if key != "val"}))
    assert [issue.reason for issue in found.issues] == ["value is not a number"]


def test_unknown_fields_are_noticed_once_each():
    other = fact(segment="y", accn="0001326801-25-000017")
    found = parsed(document(fact(segment="x"), other, sic="7370"))
    assert found.rows.height == 2
    assert [(issue.severity, issue.detail) for issue in found.issues] == [
        ("notice", "/sic is not read"),
        ("notice", "fact/segment is not read"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!DOCTYPE html><html><body>Your Request Originates from an Undeclared Automated Tool</body></html>",
        json.dumps(document(FACT)).encode()[:-40],
        b"\xff\xfe\x00",
        b"[" * 200_000,
        b'{"cik": 1326801, "facts": {"us-gaap": {"A": {"units": {"USD": [{"val": NaN}]}}}}}',
        [],
        {"cik": 1326801, "entityName": "Meta Platforms, Inc."},
        {"entityName": "Meta Platforms, Inc.", "facts": document(FACT)["facts"]},
        {**document(FACT), "cik": 789019},
        {**document(FACT), "cik": None},
        {**document(FACT), "facts": {}},
        {**document(FACT), "facts": []},
        document(),
        {**document(FACT), "facts": {"us-gaap": {"Revenues": {"label": None}}}},
        {**document(FACT), "facts": {"us-gaap": {"Revenues": {"units": {"USD": {}}}}}},
        {**document(FACT), "facts": {"us-gaap": {"Revenues": {"units": {"USD": [None]}}}}},
        {**document(FACT), "facts": {"us-gaap": []}},
    ],
)
def test_what_is_not_the_companys_document_is_refused(body):
    with pytest.raises(SourceChanged, match="sec_companyfacts: META"):
        parsed(body)


def test_a_cik_written_as_padded_text_is_the_same_cik():
    assert parsed({**document(FACT), "cik": "0001326801"}).rows.height == 1


def test_an_undeclared_company_is_refused():
    with pytest.raises(Refused, match="XYZ"):
        parsed(document(FACT), scope="XYZ")


@pytest.mark.parametrize("ticker", ["MSFT", "AMZN", "GOOGL", "META"])
def test_the_fixtures_hold_nothing_unreadable(ticker):
    found = read(FIXTURES / f"{ticker}.json", ticker)
    assert found.issues == ()
    assert checks(COMPANY_FACT).is_valid(found.rows)


SERIES = ["concept", "unit", "period_start", "period_end", "document_id", "value_exact"]


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout")
def test_a_later_document_of_the_same_company_adds_488_facts_and_loses_none():
    newer, older = (read(path, ticker).rows for ticker, path in NAMED)
    assert (newer.height, older.height) == (20324, 19836)
    assert newer.join(older, on=SERIES, how="anti", nulls_equal=True).height == 488
    assert older.join(newer, on=SERIES, how="anti", nulls_equal=True).height == 0


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout")
def test_every_real_document_is_read_whole_and_fast():
    tickers = {"789019": "MSFT", "1018724": "AMZN", "1652044": "GOOGL", "1326801": "META"}
    for path in sorted((SHARED / "sec").glob("companyfacts*/*.json")):
        body = json.loads(path.read_bytes())
        stated = sum(
            len(rows) for tags in body["facts"].values() for tag in tags.values() for rows in tag["units"].values()
        )
        begun = time.process_time()
        found = read(path, tickers[str(body["cik"])])
        assert time.process_time() - begun < 3, path  # 0.2 s here; the rest is for a busy machine
        assert (found.rows.height, found.issues) == (stated, ()), path
        assert checks(COMPANY_FACT).is_valid(found.rows), path
