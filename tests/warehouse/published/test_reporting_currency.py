"""A filer of another currency: the metric in its own, and in dollars at a stated rate as a definition of its own."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

from company_facts import document_of
from staged import Payload, ask, staged

from config.chains import Calendar
from config.load import catalog
from config.specs import Rows

TAKEN_AT = datetime(2026, 11, 22)
CIK = 1577552
# Alibaba's years to March: yuan as reported, and the newest one in dollars for the reader's convenience.
YEARS = (("2023-04-01", "2024-03-31", 941168, None), ("2024-04-01", "2025-03-31", 996347, 137300))
DAY = "2025-05-15"
# Reference rates for a euro; those of the yen and the pound are not asked for here.
RATES = (
    b"Date,USD,JPY,GBP,CNY,\n2025-04-01,1.0788,161,0.83,7.8394,\n2025-03-31,1.0815,161,0.83,7.8442,\n"
    b"2025-03-28,1.0797,161,0.83,7.8423,\n"
)


def document() -> bytes:
    def fact(start: str, end: str, millions: int) -> dict[str, object]:
        return {
            "start": start,
            "end": end,
            "val": millions * 10**6,
            "form": "20-F",
            "accn": f"{CIK:010d}-25-000001",
            "filed": DAY,
        }

    yuan = [fact(start, end, value) for start, end, value, _ in YEARS]
    quarter = fact("2025-01-01", "2025-03-31", 236454)
    dollars = [fact(start, end, value) for start, end, _, value in YEARS if value]
    assets = [{"end": "2025-03-31", "val": 10**12, "form": "20-F", "accn": f"{CIK:010d}-25-000001", "filed": DAY}]
    return document_of(CIK, {"Revenues": {"CNY": [*yuan, quarter], "USD": dollars}, "Assets": {"CNY": assets}})


def test_dollars_are_a_definition_of_their_own_at_a_stated_rate(tmp_path: Path) -> None:
    year = Calendar(year_end_month=3, week_ends_on=None, long_quarter=4)
    company = (
        catalog().companies["META"].model_copy(update={"ticker": "BABA", "cik": CIK, "calendar": year, "passages": {}})
    )
    rates = catalog().sources["ecb_fx"].model_copy(update={"rows": Rows(min=1, max=100)})
    declared = catalog().model_copy(
        update={
            "companies": {**catalog().companies, "BABA": company},
            "sources": {**catalog().sources, "ecb_fx": rates},
        }
    )
    payloads = [Payload("sec_companyfacts", "BABA", document(), TAKEN_AT), Payload("ecb_fx", "", RATES, TAKEN_AT)]
    with closing(staged(tmp_path, payloads, declared)) as stage:
        quarters = "SELECT value, unit, currency FROM company_quarter WHERE metric = 'revenue'"
        assert ask(stage, quarters) == [(236454e6, "CNY", "CNY")]
        [found] = ask(
            stage,
            """SELECT definition, reported_unit, round(value_usd), CAST(rate_on AS VARCHAR), rate_source, known_at::DATE::VARCHAR
            FROM company_quarter_usd WHERE metric = 'revenue'""",
        )
        # 236,454 million yuan at 1.0815 dollars and 7.8442 yuan for a euro.
        in_dollars = round(236454e6 * 1.0815 / 7.8442)
        assert found == ("revenue_total_in_usd_at_period_end", "CNY", in_dollars, "2025-03-31", "ecb_fx", DAY)
        assert ask(stage, "SELECT count(*) FROM company_quarter_usd_as_of('2025-05-14')") == [(0,)]
        assert ask(stage, "SELECT count(*) FROM company_fact WHERE metric = 'revenue' AND unit = 'USD'") == [(0,)]
