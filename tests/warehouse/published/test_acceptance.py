"""A filing counts from the day on which the public could read it."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from company_facts import SHARED, document
from filing_lists import filing, listing
from staged import Payload, ask, staged

CASES = SHARED.parent / "cases" / "filings"
TAKEN_AT = datetime(2026, 11, 22, 3)
OCF = "NetCashProvidedByUsedInOperatingActivities"
NUMBER = "0001018724-25-000036"


def amazon(tmp_path, stamp, filed="2025-05-02"):
    """Known_at of a 10-Q's row in the list and of the figure it states, where the list has that stamp."""
    row = {**filing(NUMBER, "10-Q", filed), "acceptanceDateTime": stamp}
    fact = {
        "start": "2025-01-01",
        "end": "2025-03-31",
        "val": 17015000000,
        "accn": NUMBER,
        "form": "10-Q",
        "filed": filed,
    }
    stage = staged(
        tmp_path,
        [
            Payload("sec_submissions", "AMZN", listing(1018724, row), TAKEN_AT),
            Payload("sec_companyfacts", "AMZN", document(OCF, fact), TAKEN_AT),
        ],
    )
    known = ask(stage, f"SELECT known_at, known_at_basis FROM filing WHERE accession = '{NUMBER}'")
    stated = ask(stage, "SELECT known_at, known_at_basis FROM company_quarter WHERE metric = 'operating_cash_flow'")
    stage.close()
    assert known == stated
    return known[0]


@pytest.mark.parametrize(
    ("stamp", "filed", "known", "basis"),
    [
        ("2025-05-02T06:01:36.000Z", "2025-05-02", datetime(2025, 5, 2, 21, 30), "filing_date_1730_new_york"),
        ("2025-05-02T20:10:48.000Z", "2025-05-02", datetime(2025, 5, 2, 21, 30), "filing_date_1730_new_york"),
        ("2025-05-02T21:30:01.000Z", "2025-05-02", datetime(2025, 5, 3, 1, 30, 1), "acceptance"),
        ("2025-05-04T09:12:44.000Z", "2025-05-02", datetime(2025, 5, 4, 13, 12, 44), "acceptance"),
        ("2025-12-05T09:12:44.000Z", "2025-12-03", datetime(2025, 12, 5, 14, 12, 44), "acceptance"),
        ("unreadable", "2025-05-02", datetime(2025, 5, 2, 21, 30), "filing_date_1730_new_york"),
    ],
)
def test_a_figure_counts_from_the_acceptance_where_that_is_later_by_either_reading(
    tmp_path, stamp, filed, known, basis
):
    assert amazon(tmp_path, stamp, filed) == (known, basis)


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
