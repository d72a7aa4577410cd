"""The list of a company's filings: numbers counted in the documents, and documents it must refuse."""

from __future__ import annotations

import json
from datetime import date

import pytest
from company_facts import LOADED_AT, SHARED

from config.contracts import Capture
from config.errors import SourceChanged
from transforms.filings.listing import earnings_releases, parse_filing_list, periodic_reports, recasts

MSFT = 789019
CAPTURE = Capture("sec_submissions", "MSFT", "", "0" * 64, 1, LOADED_AT, LOADED_AT)
REPORT = {
    "accessionNumber": "0000950170-24-087843", "form": "10-K", "filingDate": "2024-07-30", "reportDate": "2024-06-30",
    "items": "", "size": 30375960, "isXBRL": 1, "isInlineXBRL": 1, "primaryDocument": "msft-20240630.htm",
    "acceptanceDateTime": "2024-07-30T20:06:22.000Z",
}  # fmt: skip
RELEASE = REPORT | {
    "accessionNumber": "0000950170-24-087835", "form": "8-K", "reportDate": "2024-07-30", "items": "2.02,9.01",
    "size": 930278, "primaryDocument": "msft-20240730.htm",
}  # fmt: skip
RECAST = RELEASE | {
    "accessionNumber": "0000950170-24-132722", "filingDate": "2024-12-03", "items": "8.01,9.01", "size": 30696862,
}  # fmt: skip
ARCHIVE = "https://www.sec.gov/Archives/edgar/data/{cik}/{folder}/{document}"
FOLDER = "https://www.sec.gov/Archives/edgar/data/789019/000095017024087843"


def columns(*rows):
    return {name: [row[name] for row in rows] for name in REPORT}


def document(*rows, **changes):
    files = [{"name": "CIK0000789019-submissions-001.json", "filingCount": 2000}]
    return {"cik": "0000789019", "filings": {"recent": columns(*rows), "files": files}, **changes}


def listed(body, cik=MSFT):
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    return parse_filing_list(payload, cik, CAPTURE)


def test_a_filing_knows_its_dates_and_its_addresses():
    found = listed(document(REPORT))
    (filing,) = found.filings
    assert (filing.form, filing.filed_on, filing.period_end) == ("10-K", date(2024, 7, 30), date(2024, 6, 30))
    assert filing.address(ARCHIVE, filing.primary_document) == f"{FOLDER}/msft-20240630.htm"
    assert filing.address(ARCHIVE, filing.text_name) == f"{FOLDER}/0000950170-24-087843.txt"
    assert filing.index_url == f"{FOLDER}/0000950170-24-087843-index.htm"
    assert (filing.items, filing.is_inline_xbrl, filing.locator) == ((), True, "/filings/recent/accessionNumber/0")
    assert (found.older, found.issues) == (("CIK0000789019-submissions-001.json",), ())


def test_the_kinds_of_filings_that_are_asked_for():
    amended = REPORT | {"form": "10-K/A", "accessionNumber": "0000950170-24-000001"}
    untagged = REPORT | {"isXBRL": 0, "accessionNumber": "0000950170-24-000002"}
    insider = REPORT | {"form": "4", "accessionNumber": "0000950170-24-000003"}
    other = RELEASE | {"items": "5.02,9.01", "accessionNumber": "0000950170-24-000004"}
    small = RECAST | {"size": 322767, "accessionNumber": "0000950170-24-000005"}
    filings = listed(document(REPORT, RELEASE, RECAST, amended, untagged, insider, other, small)).filings
    assert [filing.form for filing in periodic_reports(filings)] == ["10-K", "10-K/A"]
    assert [filing.accession for filing in earnings_releases(filings)] == [RELEASE["accessionNumber"]]
    assert [filing.accession for filing in recasts(filings)] == [RECAST["accessionNumber"]]


def test_an_older_document_has_its_columns_at_the_top():
    found = listed(columns(REPORT, RELEASE))
    assert [filing.form for filing in found.filings] == ["10-K", "8-K"]
    assert (found.older, found.filings[1].locator) == ((), "/accessionNumber/1")


def test_a_copy_wrapped_by_a_tool_reads_like_the_document_in_it():
    assert listed({"data": document(REPORT), "timestamp": 1, "ttl": 2}) == listed(document(REPORT))


@pytest.mark.parametrize(
    "change",
    [{"accessionNumber": "000095017024087843"}, {"filingDate": "2024-07-32"}, {"form": ""}, {"size": "x"}],
)
def test_a_row_that_cannot_be_read_is_an_issue_and_the_others_stand(change):
    found = listed(document(REPORT | change, RELEASE))
    assert [filing.form for filing in found.filings] == ["8-K"]
    assert [(issue.reason, issue.severity) for issue in found.issues] == [("filing cannot be read", "quarantined")]
    assert found.issues[0].locator == "/filings/recent/accessionNumber/0"


SHORT = document(REPORT, RELEASE)
SHORT["filings"]["recent"]["form"].pop()
LACKING = document(REPORT)
del LACKING["filings"]["recent"]["items"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Your Request Originates from an Undeclared Automated Tool</body></html>",
        json.dumps(document(REPORT)).encode()[:-30],
        b"[" * 200_000,
        [],
        {"cik": "0000789019"},
        document(REPORT, cik="0001018724"),
        document(REPORT, filings={}),
        document(REPORT, filings=[]),
        SHORT,
        LACKING,
    ],
)
def test_what_is_not_the_companys_list_is_refused(body):
    with pytest.raises(SourceChanged, match="sec_submissions: MSFT"):
        listed(body)


# Counted with the standard JSON reader in each document: rows, periodic reports, earnings releases, recasts, older documents.
REAL = {
    "MSFT_CIK0000789019_finalysis.json": (MSFT, 1009, 25, 25, 1, 2),
    "MSFT_bobmatnyc_wrapped.json": (MSFT, 1000, 26, 25, 1, 2),
    "AMZN_CIK0001018724_finalysis.json": (1018724, 1002, 24, 24, 0, 2),
    "AMZN_bobmatnyc_wrapped.json": (1018724, 1008, 26, 26, 0, 1),
    "GOOGL_CIK0001652044_finalysis.json": (1652044, 1023, 13, 14, 0, 1),
    "GOOGL_bobmatnyc_wrapped.json": (1652044, 1003, 15, 16, 0, 1),
    "META_bobmatnyc_wrapped.json": (1326801, 1005, 7, 7, 0, 2),
}


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout")
@pytest.mark.parametrize("name", REAL)
def test_real_lists_are_read_whole(name):
    cik, rows, periodic, releases, recast, older = REAL[name]
    found = listed((SHARED / "sec" / "submissions" / name).read_bytes(), cik)
    assert (len(found.filings), len(found.older), found.issues) == (rows, older, ())
    counted = [len(kind(found.filings)) for kind in (periodic_reports, earnings_releases, recasts)]
    assert counted == [periodic, releases, recast]
