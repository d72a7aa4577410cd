"""What a person keeps may be mended, put back and taken out, and then says the mended thing of every past day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from staged import Payload, ask, staged

from config.contracts import Capture
from config.errors import Refused
from config.load import catalog
from transforms.sources import private_estimates, private_prices
from warehouse.stage import Stage

PRICES = "ticker,price_on,price_kind,currency,value,read_at\n"
RIGHT = "MSFT,2025-02-24,close,USD,404.00,my terminal\n"
WRONG = "MSFT,2025-02-24,close,USD,440.00,my terminal\n"
TYPO = "MSTF,2025-02-24,close,USD,1.00,my terminal\n"
ESTIMATES = "company,metric,horizon,estimated_on,unit,value,read_at\n"
NTM = "MSFT,eps_diluted,NTM,2025-02-24,USD/shares,14.00,my terminal\n"
FIRST, SECOND, THIRD = (datetime(2026, 11, day) for day in (18, 19, 20))
SAMPLE = (Path(__file__).parent / "fixtures/sources/analyst_facts/msft_sample.yml").read_text("utf-8")
SAID = "rpo_commercial: 298000000000"


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
