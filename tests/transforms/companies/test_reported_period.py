"""Print day: when a company prints next, what is overdue, and the form for what only the call says."""

from __future__ import annotations

import json
from datetime import date, datetime

import polars as pl
import pytest
import yaml
from company_facts import FIXTURES
from places import FIXTURES_FOLDER
from staged import Payload, ask, staged

from config.contracts import Capture
from config.errors import Refused
from config.load import catalog
from config.settings import Settings
from flows.commands import new_fact
from transforms.companies.reported_period import period_start
from transforms.entered.fact_form import Quarter, Question, answers, last_ended, quarter_of, render
from transforms.sources.analyst_facts import parse

MSFT = catalog().companies["MSFT"]
UNITS = {metric.id: metric.unit for metric in catalog().metrics.values()}
QUESTIONS = [
    Question("azure_growth_cc_pct", "azure_undeclared", "pct", False, "FY2026Q4", "42"),
    Question("rpo_commercial", "customers_commercial", "USD", True, "FY2026Q4", "678000000000"),
]
FORM = render(MSFT, quarter_of(MSFT, "FY2027Q1"), QUESTIONS, date(2026, 10, 29), date(2026, 10, 30))


def apple():
    """Net income of Apple's four quarters of fiscal 2016 by their real dates, among balances that make the document long."""
    quarters = [("2015-09-27", "2015-12-26", "2016-01-27"), ("2015-12-27", "2016-03-26", "2016-04-27"),
                ("2016-03-27", "2016-06-25", "2016-07-27"), ("2016-06-26", "2016-09-24", "2016-10-26")]  # fmt: skip
    told = [
        {"start": start, "end": end, "val": 1, "accn": f"0000320193-16-00000{n}", "form": "10-Q", "filed": filed}
        for n, (start, end, filed) in enumerate(quarters)
    ]
    balance = {"end": "2015-12-26", "accn": "0000320193-16-000000", "form": "10-Q", "filed": "2016-01-27"}
    tags = {
        "NetIncomeLoss": {"units": {"USD": told}},
        **{f"Padding{n}": {"units": {"pure": [balance | {"val": n}]}} for n in range(60)},
    }
    return json.dumps({"cik": 320193, "entityName": "x", "facts": {"us-gaap": tags}}).encode()


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    payloads = [
        Payload("sec_companyfacts", "MSFT", (FIXTURES / "MSFT.json").read_bytes(), datetime(2026, 7, 30)),
        Payload("sec_submissions", "MSFT", (FIXTURES_FOLDER / "sources/sec_submissions/MSFT.json").read_bytes(),
                datetime(2026, 1, 29)),
        Payload("sec_companyfacts", "AAPL", apple(), datetime(2016, 11, 2)),
    ]  # fmt: skip
    made = staged(tmp_path_factory.mktemp("prints"), payloads)
    made.put("history.meta", pl.DataFrame({"published_at": [datetime(2026, 11, 22, 6)]}))
    made.build(("72_next_print",))
    yield made
    made.close()


PRINT = """SELECT fiscal_year, fiscal_quarter, period_end, last_print_on, expected_on, expected_from, overdue, days_late
    FROM next_print_as_of($day) WHERE company = 'MSFT'"""


def test_the_next_print_is_expected_when_the_quarter_was_printed_a_year_before(stage):
    """The annual report of 2026-07-29 is the newest print; the quarter to September was printed on 2025-10-29."""
    ((year, quarter, end, last, expected, why, overdue, late),) = ask(stage, PRINT, day="2026-08-15")
    assert (year, quarter, end, last) == (2027, 1, date(2026, 9, 30), date(2026, 7, 29))
    assert (why, expected) == ("same quarter a year before", date(2026, 10, 29))
    assert (overdue, late) == (False, 0)


def test_a_print_that_does_not_come_is_overdue_after_a_week(stage):
    expected = ask(stage, PRINT, day="2026-08-15")[0][4]
    week = expected.toordinal() + 7
    assert ask(stage, PRINT, day=str(date.fromordinal(week)))[0][6:] == (False, 7)
    assert ask(stage, PRINT, day=str(date.fromordinal(week + 1)))[0][6:] == (True, 8)
    # By then this warehouse had loaded nothing.
    assert ask(stage, PRINT.replace("($day)", "($day, strict := true)"), day="2026-11-01") == []
    # A day after publication is not looked beyond: nobody knows yet what will come.
    assert ask(stage, PRINT, day="2030-01-01") == ask(stage, PRINT, day="2026-11-22")


def test_the_next_print_is_of_the_quarter_the_company_s_own_calendar_has(stage):
    """After 2016-09-24 Apple's next quarter had fourteen weeks, to 2016-12-31; the one a year before was printed in 32 days."""
    query = PRINT.replace("'MSFT'", "'AAPL'")
    ((year, quarter, end, last, expected, why, overdue, _),) = ask(stage, query, day="2016-11-15")
    assert (year, quarter, end, last) == (2017, 1, date(2016, 12, 31), date(2016, 10, 26))
    assert (expected, why, overdue) == (date(2017, 2, 1), "same quarter a year before", False)
    # Fiscal 2016 itself had quarters of thirteen weeks alone.
    assert ask(stage, query, day="2016-08-01")[0][2] == date(2016, 9, 24)


def test_a_form_asks_what_was_said_last_and_shows_it():
    assert "azure_growth_cc_pct:  # pct; FY2026Q4: 42" in FORM
    assert "rpo_commercial:  # USD; FY2026Q4: 678000000000" in FORM
    assert FORM.count("period_start: 2026-07-01") == 1  # a balance has none
    assert quarter_of(MSFT, "FY2027Q1") == Quarter(2027, 1, date(2026, 7, 1), date(2026, 9, 30))


def test_a_form_of_a_53_week_year_has_the_quarters_the_company_reported():
    """Apple's first quarter of 2017 had fourteen weeks, to 2016-12-31; its third ended on 2017-07-01."""
    apple = catalog().companies["AAPL"]
    assert quarter_of(apple, "FY2017Q1") == Quarter(2017, 1, date(2016, 9, 25), date(2016, 12, 31))
    assert quarter_of(apple, "FY2017Q3") == Quarter(2017, 3, date(2017, 4, 2), date(2017, 7, 1))
    assert quarter_of(apple, "FY2017Q4") == Quarter(2017, 4, date(2017, 7, 2), date(2017, 9, 30))
    assert quarter_of(apple, "FY2018Q1") == Quarter(2018, 1, date(2017, 10, 1), date(2017, 12, 30))
    assert period_start(apple, date(2017, 7, 1), annual=False) == date(2017, 4, 2)
    # Nvidia's fiscal 2016 had its fourteen weeks at the end, to 2016-01-31.
    nvidia = catalog().companies["NVDA"]
    assert quarter_of(nvidia, "FY2016Q3") == Quarter(2016, 3, date(2015, 7, 27), date(2015, 10, 25))
    assert quarter_of(nvidia, "FY2016Q4") == Quarter(2016, 4, date(2015, 10, 26), date(2016, 1, 31))


def filled(**said):
    text = FORM.replace("entered_by:", "entered_by: an analyst").replace(
        "tier: 2\n    url:", "tier: 2\n    url: https://example.org/call"
    )
    text = text.replace("statement:  #", "statement: A sentence of our own about the quarter. #")
    for metric, value in said.items():
        text = text.replace(f"{metric}:  #", f"{metric}: {value}  #")
    return text


def test_a_filled_form_becomes_an_analyst_file_without_what_nobody_answered():
    text = answers(filled(rpo_commercial="690000000000"), UNITS, "form")
    now = datetime(2026, 10, 30)
    rows = parse(text.encode(), Capture("analyst_facts", "f.yml", "", "0" * 64, 1, now, now), catalog()).rows
    assert rows.select("concept", "definition", "value", "period_end").rows() == [
        ("rpo_commercial", "customers_commercial", 690e9, date(2026, 9, 30))
    ]
    assert "release" not in text


@pytest.mark.parametrize(
    ("text", "why"),
    [(FORM, "no question is answered"), ("a: [", "not valid YAML"), ("a: 1", "no form"),
     (filled(rpo_commercial="690"), "rpo_commercial"), (filled(azure_growth_cc_pct="4200"), "4200")]
)  # fmt: skip
def test_a_form_that_is_empty_or_wrong_is_refused(text, why):
    now = datetime(2026, 10, 30)
    with pytest.raises(Refused, match=why):
        parse(
            answers(text, UNITS, "form").encode(),
            Capture("analyst_facts", "f.yml", "", "0" * 64, 1, now, now),
            catalog(),
        )


@pytest.mark.parametrize("label", ["2027Q1", "FY2027", "FY2027Q5", "FY20x7Q1", ""])
def test_a_label_that_is_no_quarter_is_refused(label):
    with pytest.raises(Refused, match="FY2027Q1"):
        quarter_of(MSFT, label)


def test_finishing_a_form_checks_it_writes_the_file_and_removes_the_form(tmp_path):
    settings = Settings(home=tmp_path / "home")
    form = tmp_path / "msft_fy2027q1.form"
    form.write_text(filled(azure_growth_cc_pct="40", rpo_commercial="{low: 680000000000, high: 700000000000}"))
    path = new_fact.finish_form(settings, "MSFT", form, tmp_path)
    assert path == tmp_path / "msft_fy2027q1.yml"
    assert not form.exists()
    assert "azure_growth_cc_pct: 40" in path.read_text()
    form.write_text(filled(azure_growth_cc_pct="40"))
    with pytest.raises(Refused, match="there already"):
        new_fact.finish_form(settings, "MSFT", form, tmp_path)
    assert form.exists()


def test_a_form_of_another_company_is_refused(tmp_path):
    form = tmp_path / "msft_fy2027q1.form"
    form.write_text(filled(azure_growth_cc_pct="40"))
    with pytest.raises(Refused, match="not about AMZN"):
        new_fact.finish_form(Settings(home=tmp_path / "home"), "AMZN", form, tmp_path)
    with pytest.raises(Refused, match="XYZ"):
        new_fact.finish_form(Settings(home=tmp_path / "home"), "XYZ", form, tmp_path)


@pytest.fixture(scope="module")
def entered(tmp_path_factory):
    """A staged file that holds what was entered of Microsoft for the quarters to 2024-12-31, and nothing of others."""
    body = (FIXTURES_FOLDER / "sources/analyst_facts/msft_sample.yml").read_bytes()
    payloads = [Payload("analyst_facts", "msft_sample.yml", body, datetime(2026, 11, 22))]
    made = staged(tmp_path_factory.mktemp("entered"), payloads)
    made.put("history.meta", pl.DataFrame({"published_at": [datetime(2025, 3, 1)]}))
    made.build(("72_next_print",))
    yield made
    made.close()


@pytest.fixture
def published(entered, tmp_path, monkeypatch):
    """A home whose published file is that one: forms only read it."""

    class Opened:
        def __enter__(self):
            return entered.connection

        def __exit__(self, *_):
            pass

    monkeypatch.setattr(new_fact, "open_published", lambda _: Opened())
    return Settings(home=tmp_path / "home")


def test_a_form_asks_what_the_companys_entry_asks_and_shows_what_was_said(published, tmp_path):
    text = new_fact.new_form(published, "MSFT", "FY2025Q3", tmp_path).read_text()
    assert "period_end: 2025-03-31" in text
    assert "rpo_commercial:" in text
    assert "# USD; FY2025Q2: 298000000000" in text
    assert "# pct; before: never said" in text  # the short-lived share, in this file
    assert "short_lived_share_pct:" in text
    assert "free_cash_flow" not in text


@pytest.mark.parametrize(
    ("ticker", "asked"),
    [
        ("META", "capex_incl_finance_leases"), ("AMZN", "cloud_revenue_growth_pct"), ("GOOGL", "cloud_backlog"),
        ("ORCL", "rpo_total"), ("CRWV", "capex_incl_finance_leases"),
    ],
)  # fmt: skip
def test_every_company_is_asked_also_of_which_nothing_was_entered(published, tmp_path, ticker, asked):
    """No print of theirs is known here: the quarter is the last that ended."""
    path = new_fact.new_form(published, ticker, "", tmp_path)
    body = yaml.safe_load(path.read_text())
    assert asked in {metric for one in body["statements"] for metric in one["figures"]}
    assert body["company"] == ticker
    assert date(2026, 5, 1) < body["statements"][0]["period_end"] < datetime.now().date()  # noqa: DTZ005  as the command does


def test_a_company_that_is_asked_nothing_is_refused_with_the_remedy(published, tmp_path):
    with pytest.raises(Refused, match=r"nothing is asked of AAPL.*config/companies\.yml"):
        new_fact.new_form(published, "AAPL", "FY2027Q1", tmp_path)


def test_the_last_quarter_that_ended():
    assert last_ended(MSFT, date(2026, 7, 1)) == "FY2026Q4"
    assert last_ended(MSFT, date(2026, 6, 30)) == "FY2026Q3"
    assert last_ended(catalog().companies["META"], date(2027, 1, 1)) == "FY2026Q4"
