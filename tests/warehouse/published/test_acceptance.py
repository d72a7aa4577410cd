"""A filing counts from the day on which the public could read it."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from company_facts import SHARED, document
from filing_lists import filing, listing
from staged import Payload, ask, staged

from config.contracts import Capture
from config.load import catalog
from transforms.filings.edgar_document import filed_of

pytestmark = pytest.mark.slow("stages a small home for each case")

CASES = SHARED.parent / "cases" / "filings"
TAKEN_AT = datetime(2026, 11, 22, 3)
OCF = "NetCashProvidedByUsedInOperatingActivities"
NUMBER = "0001018724-25-000036"
FACT = {"start": "2025-01-01", "end": "2025-03-31", "val": 17015000000, "accn": NUMBER, "form": "10-Q"}


# (stamp, filing day, known_at, its basis)
STAMPED = [
    ("2025-05-02T06:01:36.000Z", "2025-05-02", datetime(2025, 5, 2, 21, 30), "filing_date_1730_new_york"),
    ("2025-05-02T20:10:48.000Z", "2025-05-02", datetime(2025, 5, 2, 21, 30), "filing_date_1730_new_york"),
    ("2025-05-02T21:30:01.000Z", "2025-05-02", datetime(2025, 5, 3, 1, 30, 1), "acceptance"),
    ("2025-05-04T09:12:44.000Z", "2025-05-02", datetime(2025, 5, 4, 13, 12, 44), "acceptance"),
    ("2025-12-05T09:12:44.000Z", "2025-12-03", datetime(2025, 12, 5, 14, 12, 44), "acceptance"),
    ("unreadable", "2025-05-02", datetime(2025, 5, 2, 21, 30), "filing_date_1730_new_york"),
    # Accepted on the Monday after the clocks were set back, or forward: New York's time is that of the stamp's day.
    ("2025-11-03T09:12:44.000Z", "2025-10-31", datetime(2025, 11, 3, 14, 12, 44), "acceptance"),
    ("2026-03-09T08:00:00.000Z", "2026-03-06", datetime(2026, 3, 9, 12), "acceptance"),
    # Midnight after the filing day; the Monday after a holiday; digits alone.
    ("2025-05-03T00:00:00.000Z", "2025-05-02", datetime(2025, 5, 3, 4), "acceptance"),
    ("2025-07-07T06:00:00.000Z", "2025-07-03", datetime(2025, 7, 7, 10), "acceptance"),
    ("20250504091244", "2025-05-02", datetime(2025, 5, 4, 13, 12, 44), "acceptance"),
    # The capture itself shows it: a stamp of a later day cannot be.
    ("2062-05-04T09:12:44.000Z", "2025-05-02", TAKEN_AT, "acceptance"),
]


@pytest.fixture(scope="module")
def stamped(tmp_path_factory):
    """Amazon's list with a 10-Q for each of those stamps, and a quarter's figure that it states."""
    rows, facts = [], []
    for number, (stamp, filed, *_) in enumerate(STAMPED):
        accession = f"0001018724-25-{number:06}"
        rows.append({**filing(accession, "10-Q", filed), "acceptanceDateTime": stamp})
        facts.append({**FACT, **quarter(number), "accn": accession, "filed": filed})
    lists = Payload("sec_submissions", "AMZN", listing(1018724, *rows), TAKEN_AT)
    stage = staged(
        tmp_path_factory.mktemp("stamped"),
        [lists, Payload("sec_companyfacts", "AMZN", document(OCF, *facts), TAKEN_AT)],
    )
    yield stage
    stage.close()


def quarter(number):
    """One of the first three quarters of a year: each case has one of its own."""
    year, first = 2024 - number // 3, number % 3 * 3 + 1
    return {"start": f"{year}-0{first}-01", "end": f"{year}-{('03-31', '06-30', '09-30')[number % 3]}"}


@pytest.mark.parametrize("number", range(len(STAMPED)), ids=[f"{stamp} {filed}" for stamp, filed, *_ in STAMPED])
def test_a_figure_counts_from_the_acceptance_where_that_is_later_by_either_reading(stamped, number):
    listed = f"SELECT known_at, known_at_basis FROM filing WHERE accession = '0001018724-25-{number:06}'"
    stated = "SELECT known_at, known_at_basis FROM company_quarter WHERE metric = 'operating_cash_flow' AND period_end = $day"
    assert ask(stamped, listed) == ask(stamped, stated, day=quarter(number)["end"]) == [STAMPED[number][2:]]


STAMP = "2025-05-04T09:12:44.000Z"
# The stamps of an older and a newer list: one of them cannot be read, or has none.
IN_TURN = [pair for other in ("", "unreadable", None) for pair in ((STAMP, other), (other, STAMP))]


@pytest.fixture(scope="module")
def told_twice(tmp_path_factory):
    """Two lists that give each filing another name of its document, which makes each a row of its own, and what it states."""
    accessions = [f"0001018724-25-{number:06}" for number in range(len(IN_TURN))]
    lists = [
        [
            {**filing(accession, "10-Q", "2025-05-02"), "acceptanceDateTime": stamps[turn], "primaryDocument": f"{turn}.htm"}
            for accession, stamps in zip(accessions, IN_TURN, strict=True)
        ]
        for turn in (0, 1)
    ]  # fmt: skip
    facts = [
        {**FACT, **quarter(number), "accn": accession, "filed": "2025-05-02"}
        for number, accession in enumerate(accessions)
    ]
    payloads = [
        Payload("sec_submissions", "AMZN", listing(1018724, *rows), datetime(2025, 5, 6 + turn))
        for turn, rows in enumerate(lists)
    ]
    stated = Payload("sec_companyfacts", "AMZN", document(OCF, *facts), TAKEN_AT)
    stage = staged(tmp_path_factory.mktemp("told_twice"), [*payloads, stated])
    yield stage
    stage.close()


@pytest.mark.parametrize("number", range(len(IN_TURN)), ids=map(str, IN_TURN))
def test_a_list_without_a_stamp_does_not_make_a_filing_known_before_its_acceptance(told_twice, number):
    accepted, accession = datetime(2025, 5, 4, 13, 12, 44), f"0001018724-25-{number:06}"
    rows = f"SELECT count(*), min(known_at) FROM history.filing WHERE accession = '{accession}'"
    assert ask(told_twice, rows) == [(2, accepted)]
    before = f"SELECT * FROM filing_as_of(TIMESTAMP '2025-05-04 13:12:43') WHERE accession = '{accession}'"
    assert ask(told_twice, before) == []
    stated = "SELECT known_at FROM company_quarter WHERE metric = 'operating_cash_flow' AND period_end = $day"
    assert ask(told_twice, stated, day=quarter(number)["end"]) == [(accepted,)]


def test_every_form_counts_from_its_acceptance(tmp_path):
    """A prospectus, two amendments and a current report of one Friday, accepted after the weekend."""
    rows = [
        {**filing(f"0001018724-25-00000{number}", form, "2025-10-31"), "acceptanceDateTime": "2025-11-03T06:01:00.000Z"}
        for number, form in enumerate(("424B5", "10-K/A", "8-K/A", "8-K"))
    ]
    stage = staged(tmp_path, [Payload("sec_submissions", "AMZN", listing(1018724, *rows), TAKEN_AT)])
    assert ask(stage, "SELECT * FROM filing_as_of(TIMESTAMP '2025-11-03 11:00:59')") == []
    assert len(ask(stage, "SELECT * FROM filing_as_of(TIMESTAMP '2025-11-03 11:01:00')")) == len(rows)
    stage.close()


def test_a_stamp_that_is_no_instant_is_told(tmp_path):
    row = {**filing(NUMBER, "10-Q", "2025-05-02"), "acceptanceDateTime": "May 2, 2025"}
    stage = staged(tmp_path, [Payload("sec_submissions", "AMZN", listing(1018724, row), TAKEN_AT)])
    told = "SELECT detail FROM history.issue WHERE reason = 'acceptance stamp cannot be read'"
    assert ask(stage, told) == [(f"{NUMBER} counts from its filing date: 'May 2, 2025' is no instant",)]
    stage.close()


@pytest.mark.parametrize(
    ("stamp", "form", "filed", "known", "basis"),
    [
        ("20250129160512", "8-K", "20250129", datetime(2025, 1, 29, 22, 30), "filing_date_1730_new_york"),
        ("20250129213000", "8-K", "20250129", datetime(2025, 1, 29, 22, 30), "filing_date_1730_new_york"),
        ("20250131060102", "8-K/A", "20250129", datetime(2025, 1, 31, 11, 1, 2), "acceptance"),
        ("20251103060102", "8-K", "20251031", datetime(2025, 11, 3, 11, 1, 2), "acceptance"),
        ("20620131060102", "8-K", "20250129", TAKEN_AT, "acceptance"),  # the capture itself shows it
        ("20250129160512", "DRS", "20250129", None, None),
        ("20250129160512", "DRS/A", "20250129", None, None),
    ],
)
def test_a_whole_filing_says_in_its_header_when_it_was_accepted(stamp, form, filed, known, basis):
    header = (
        f"<SEC-DOCUMENT>x.txt : {filed}\n<SEC-HEADER>x.hdr.sgml : {filed}\n<ACCEPTANCE-DATETIME>{stamp}\n"
        f"ACCESSION NUMBER:\t\t0000950170-25-010484\nCONFORMED SUBMISSION TYPE:\t{form}\nFILED AS OF DATE:\t\t{filed}\n"
        "FILER:\n\tCENTRAL INDEX KEY:\t\t\t0000789019\n</SEC-HEADER>\n</SEC-DOCUMENT>"
    )
    capture = Capture("sec_press_release", "MSFT", "", "0" * 64, 1, TAKEN_AT, TAKEN_AT)
    found = filed_of(header.encode(), capture, catalog())
    assert (found.known_at, found.known_at_basis) == (known, basis)


def test_letters_and_drafts_count_from_the_first_list_that_shows_them(tmp_path):
    forms = ("DRS", "DRS/A", "UPLOAD", "CORRESP", "S-1")
    rows = [filing(f"0001018724-24-00000{number}", form, "2024-11-26") for number, form in enumerate(forms)]
    older, newer = datetime(2025, 3, 4), datetime(2025, 9, 1)
    for name, order in {"a": (older, newer), "b": (newer, older)}.items():
        payloads = [
            Payload("sec_submissions", "AMZN", listing(1018724, *rows) + b" " * number, taken_at)
            for number, taken_at in enumerate(order)
        ]
        stage = staged(tmp_path / name, payloads)
        query = "SELECT form FROM filing_as_of($t) ORDER BY accession"
        assert ask(stage, query, t="2025-03-03") == [("S-1",)]
        assert [form for (form,) in ask(stage, query, t="2025-03-05")] == list(forms)
        stage.close()


@pytest.mark.shared
@pytest.mark.skipif(not CASES.exists(), reason="../shared with the cases is not beside the checkout")
def test_coreweaves_report_is_not_known_before_it_was_accepted(tmp_path):
    body = (CASES / "t14_crwv_submissions.json").read_bytes()
    payloads = [
        Payload("sec_submissions", "CRWV", body, datetime(2025, 9, 1)),
        Payload("sec_companyfacts", "CRWV", (CASES / "t14_crwv_facts.json").read_bytes(), datetime(2025, 9, 1)),
    ]
    stage = staged(tmp_path, payloads)
    query = "SELECT value FROM company_quarter_as_of($t) WHERE metric = 'revenue'"
    assert ask(stage, query, t="2025-08-14") == []
    assert ask(stage, query, t="2025-08-15") == [(1212788000.0,)]
    forms = "SELECT form FROM filing_as_of('2024-12-31')"
    assert ask(stage, forms) == []
    assert json.loads(body)["filings"]["recent"]["form"][0] == "DRS"
    stage.close()


def test_a_difference_counts_from_the_acceptance_of_its_newer_operand_and_an_amendment_from_its_own(tmp_path):
    """Amazon's operating cash flow of 2024, 115,877 million, less nine months', 70,241: were the annual report accepted on the
    Monday after its Friday, so were the fourth quarter."""
    annual, amended = "0001018724-25-000004", "0001018724-25-000005"
    year = {"start": "2024-01-01", "end": "2024-12-31", "form": "10-K", "filed": "2025-02-07"}
    facts = [
        {**year, "end": "2024-09-30", "val": 70241000000, "accn": "0001018724-24-000161", "form": "10-Q", "filed": "2024-11-01"},
        {**year, "val": 115877000000, "accn": annual},
        {**year, "val": 115977000000, "accn": amended, "form": "10-K/A"},
    ]  # fmt: skip
    rows = [
        {**filing(annual, "10-K", "2025-02-07"), "acceptanceDateTime": "2025-02-10T06:00:00.000Z"},
        {**filing(amended, "10-K/A", "2025-02-07"), "acceptanceDateTime": "2025-02-12T18:00:00-05:00"},
    ]
    stage = staged(
        tmp_path,
        [
            Payload("sec_submissions", "AMZN", listing(1018724, *rows), TAKEN_AT),
            Payload("sec_companyfacts", "AMZN", document(OCF, *facts), TAKEN_AT),
        ],
    )
    query = "SELECT value, known_at FROM company_quarter_as_of($t) WHERE metric = 'operating_cash_flow' AND fiscal_quarter = 4"
    assert ask(stage, query, t="2025-02-09") == []
    assert ask(stage, query, t="2025-02-10") == [(45636000000.0, datetime(2025, 2, 10, 11))]
    whole = "SELECT value, known_at FROM company_fact_as_of($t) WHERE metric = 'operating_cash_flow' AND period_kind = 'year'"
    assert ask(stage, whole, t="2025-02-11") == [(115877000000.0, datetime(2025, 2, 10, 11))]
    assert ask(stage, whole, t="2025-02-13") == [(115977000000.0, datetime(2025, 2, 12, 23))]
    stage.close()
