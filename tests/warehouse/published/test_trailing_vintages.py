"""A trailing year of one vintage: a year that is filed again after its quarter was restated stands beside the new quarter."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

import company_facts
from staged import Payload, ask, staged

TAKEN_AT = datetime(2026, 11, 22)
GOOGL = 1652044
# Alphabet's purchases of property, in millions: (start, end, value, form, day of filing).
FILED = (
    ("2016-01-01", "2016-03-31", 2428, "10-Q", "2016-05-03"),
    ("2016-01-01", "2016-12-31", 10212, "10-K", "2017-02-03"),
    ("2016-01-01", "2016-03-31", 2444, "10-Q", "2017-05-02"),
    ("2017-01-01", "2017-03-31", 2508, "10-Q", "2017-05-02"),
    ("2016-01-01", "2016-12-31", 10212, "10-K", "2018-02-06"),
)
YEAR = """
    SELECT value / 1e6, not_known, CAST(known_at AS DATE) = DATE '2018-02-06' FROM trailing_year_as_of($day)
    WHERE metric = 'cash_paid_ppe' AND fiscal_year = 2017 AND fiscal_quarter = 1"""


def document() -> bytes:
    rows = [
        {"start": start, "end": end, "val": value * 10**6, "form": form, "filed": day, "accn": f"{GOOGL:010d}-{day[2:4]}-{day[5:7]}{day[8:]}00"}
        for start, end, value, form, day in FILED
    ]  # fmt: skip
    return company_facts.document("PaymentsToAcquirePropertyPlantAndEquipment", *rows, cik=GOOGL)


def test_a_year_filed_again_after_its_quarter_was_restated_is_of_its_vintage(tmp_path: Path) -> None:
    with closing(staged(tmp_path, [Payload("sec_companyfacts", "GOOGL", document(), TAKEN_AT)])) as stage:
        assert ask(stage, YEAR, day="2017-12-31") == [(None, "one vintage", False)]
        assert ask(stage, YEAR, day="2018-02-06") == [(10212 + 2508 - 2444, None, True)]
