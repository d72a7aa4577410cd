"""What a person keeps may be mended, put back and taken out, and then says the mended thing of every past day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime

import pytest
from places import FIXTURES_FOLDER
from staged import Payload, ask, staged

from config.contracts import Capture
from config.errors import Refused
from config.load import catalog
from flows.steps.judge import beside_first_prints
from flows.steps.verdict_days import Answers, days_of, verdicts
from transforms.sources import private_estimates, private_prices
from warehouse.evidence.claim_query import claim_sql
from warehouse.published.stage import Stage

PRICES = "ticker,price_on,price_kind,currency,value,read_at\n"
RIGHT = "MSFT,2025-02-24,close,USD,404.00,my terminal\n"
WRONG = "MSFT,2025-02-24,close,USD,440.00,my terminal\n"
TYPO = "MSTF,2025-02-24,close,USD,1.00,my terminal\n"
ESTIMATES = "company,metric,horizon,estimated_on,unit,value,read_at\n"
NTM = "MSFT,eps_diluted,NTM,2025-02-24,USD/shares,14.00,my terminal\n"
FIRST, SECOND, THIRD = (datetime(2026, 11, day) for day in (18, 19, 20))
SAMPLE = (FIXTURES_FOLDER / "sources/analyst_facts/msft_sample.yml").read_text("utf-8")
SAID = "rpo_commercial: 298000000000"


def restated() -> bytes:
    """Microsoft's operating cash flow of fiscal 2024 as it was filed, and made up as an amendment that takes 15 billion off it."""
    year = {"start": "2023-07-01", "end": "2024-06-30"}
    told = [
        {**year, "val": 118_548_000_000, "accn": "0000950170-24-087843", "form": "10-K", "filed": "2024-07-30"},
        {**year, "val": 103_548_000_000, "accn": "0000950170-24-999999", "form": "10-K/A", "filed": "2024-12-02"},
    ]
    balance = {"end": "2024-06-30", "accn": "0000950170-24-087843", "form": "10-K", "filed": "2024-07-30"}
    tags = {
        "NetCashProvidedByUsedInOperatingActivities": {"units": {"USD": told}},
        **{f"Padding{n}": {"units": {"pure": [balance | {"val": n}]}} for n in range(60)},
    }
    return json.dumps({"cik": 789019, "entityName": "x", "facts": {"us-gaap": tags}}).encode()


def entered(figure: str) -> bytes:
    assert SAID in SAMPLE
    return SAMPLE.replace(SAID, f"rpo_commercial: {figure}").encode()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Prices right, then wrong with a slip in the ticker, then right again; a consensus taken back; a figure with revisions."""
    payloads = [
        Payload("private_prices", "market_price.csv", (PRICES + RIGHT).encode(), FIRST),
        Payload("private_prices", "market_price.csv", (PRICES + WRONG + TYPO).encode(), SECOND),
        Payload("private_prices", "market_price.csv", (PRICES + RIGHT).encode(), THIRD),
        Payload("private_estimates", "estimate.csv", (ESTIMATES + NTM).encode(), FIRST),
        Payload("private_estimates", "estimate.csv", ESTIMATES.encode(), SECOND),
        Payload("analyst_facts", "msft_sample.yml", entered("298000000000"), FIRST),
        Payload("analyst_facts", "msft_sample.yml", entered("{value: 299000000000, revision: 1}"), SECOND),
        Payload("analyst_facts", "msft_sample.yml", entered("{value: 298000000000, revision: 2}"), THIRD),
        Payload("sec_companyfacts", "MSFT", restated(), FIRST),
    ]
    made = staged(tmp_path_factory.mktemp("corrections"), payloads)
    yield made
    made.close()


@pytest.mark.parametrize("day", ["2025-02-25", "2026-11-30"])
def test_a_line_put_back_and_a_line_taken_out_hold_for_every_past_day(stage: Stage, day: str) -> None:
    """The close of 24 February was public in the night to the 25th, whatever the file said in between."""
    assert ask(stage, f"SELECT ticker, price FROM market_price_as_of('{day}')") == [("MSFT", 404.0)]
    assert ask(stage, f"FROM estimate_as_of('{day}')") == []
    assert ask(stage, "FROM market_price_as_of('2025-02-24')") == []


def test_every_state_of_the_file_is_kept(stage: Stage) -> None:
    kept = "SELECT ticker, value, status FROM history.market_price ORDER BY captured_at, ticker"
    assert ask(stage, kept) == [
        ("MSFT", 404.0, "manual"), ("MSFT", 440.0, "manual"), ("MSTF", 1.0, "manual"), ("MSFT", 404.0, "manual"),
        ("MSTF", None, "absent"),
    ]  # fmt: skip


@pytest.mark.parametrize("day", ["2025-01-30", "2026-11-30"])
def test_the_highest_revision_of_an_entered_figure_holds_for_every_past_day(stage: Stage, day: str) -> None:
    said = (
        f"SELECT DISTINCT value FROM company_fact_as_of('{day}') "
        "WHERE metric = 'rpo_commercial' AND period_end = DATE '2024-12-31' AND document_id LIKE '%fy2025q2-call'"
    )
    assert ask(stage, said) == [(298e9,)]


def test_every_day_tells_whether_first_prints_alone_decide_otherwise(stage: Stage) -> None:
    """118.548 billion is above 110, and 103.548 is not: what was filed first stays what it was."""
    spec = catalog().claims["C21"]
    answers = Answers(stage, claim_sql(spec))
    told = verdicts(answers, spec, days_of(stage, spec, date(2026, 11, 22), date(2024, 1, 1)))
    found = [
        (said.as_of, said.verdict, first.verdict, said.flags)
        for (said, _, _), first in beside_first_prints(answers, spec, told)
    ]
    early, filed, amended, frozen = found
    assert early[1:3] == ("undetermined", "undetermined")
    assert filed[:3] == (date(2024, 7, 30), "supported", "supported")
    assert "vintage_dependent" not in filed[3]
    assert amended[:3] == (date(2024, 12, 2), "refuted", "supported")
    assert frozen[:3] == (date(2025, 2, 25), "refuted", "supported")
    assert all("vintage_dependent" in row[3] for row in (amended, frozen))


SLIPS = [
    (private_prices, PRICES + RIGHT + WRONG.replace("MSFT", "msft"), "line 3.*another value than line 2"),
    (private_estimates, ESTIMATES + NTM + NTM.replace("14.00", "15.00"), "line 3.*another value than line 2"),
]


@pytest.mark.parametrize(("reader", "text", "words"), SLIPS)
def test_two_lines_of_one_thing_with_two_values_are_refused(reader: object, text: str, words: str) -> None:
    now = datetime.combine(date(2026, 11, 23), datetime.min.time())
    capture = Capture("private", "own.csv", "", "0" * 64, 1, now, now, origin="entered")
    with pytest.raises(Refused, match=words):
        reader.parse(text.encode(), capture, catalog())  # type: ignore[attr-defined]
