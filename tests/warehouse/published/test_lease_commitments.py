"""Leases signed and not yet commenced beside capex and RPO, as known on a day."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from company_facts import SHARED
from staged import Payload, ask, staged

import config
from config.load import catalog
from warehouse.evidence.as_of import evidence
from warehouse.evidence.claim_query import claim_sql
from warehouse.evidence.said import sentences

pytestmark = pytest.mark.slow("stages analyst files in every test")

TAKEN_AT = datetime(2026, 11, 22, 3)
ANALYST = Path(config.__file__).parent / "analyst"
DOCUMENT = SHARED / "sec" / "companyfacts" / "GOOGL_CIK0001652044_edgartools_cassette.json"


def test_microsofts_leases_stand_by_quarter_and_none_before_it_was_told(tmp_path):
    names = ("msft_leases_not_commenced", "msft_commercial_rpo")
    payloads = [Payload("analyst_facts", name, (ANALYST / f"{name}.yml").read_bytes(), TAKEN_AT) for name in names]
    stage = staged(tmp_path, payloads)
    query = "SELECT period_end::VARCHAR, leases_usd, leases_to_rpo_pct, tier FROM lease_commitments_as_of($t) WHERE company = 'MSFT'"
    newest = ask(stage, f"{query} AND leases_definition = 'leases_all' ORDER BY period_end", t="2026-11-22")
    assert newest[0][:2] == ("2021-06-30", 12.7e9)
    assert newest[-1][:2] == ("2026-06-30", 329.1e9)
    assert {row[3] for row in newest} == {3}
    assert ask(stage, query, t="2021-07-01") == []
    (said,) = ask(
        stage, "SELECT value FROM company_quarter WHERE metric = 'rpo_commercial' AND period_end = '2025-06-30'"
    )
    (share,) = [row[2] for row in newest if row[0] == "2025-06-30"]
    leases = next(row[1] for row in newest if row[0] == "2025-06-30")
    assert share == pytest.approx(100 * leases / said[0])
    stage.close()


@pytest.mark.parametrize("claim", ["C01", "C10", "C13", "C29"])
def test_claims_on_leases_given_up_show_the_newest_balance_beside_what_decides(tmp_path, claim):
    body = (ANALYST / "msft_leases_not_commenced.yml").read_bytes()
    stage = staged(tmp_path, [Payload("analyst_facts", "msft_leases_not_commenced", body, TAKEN_AT)])
    found = evidence(stage.connection, claim_sql(catalog().claims[claim]), date(2021, 12, 31))
    assert found.select("series", "observed_on", "label").rows() == [
        ("beside", date(2021, 6, 30), "msft-leases-not-commenced-12.7bn-2021-06-30")
    ]
    assert evidence(stage.connection, claim_sql(catalog().claims[claim]), date(2021, 7, 1)).is_empty()
    # The page says it in words.
    assert sentences(stage.connection)[found["label"].item()] == (
        "Microsoft had signed leases of 12.7 billion dollars that had not commenced by 2021-06-30.",
        "微軟截至 2021-06-30 已簽約而尚未起租之租賃計 127 億美元。",
    )
    stage.close()


@pytest.mark.shared
@pytest.mark.skipif(not DOCUMENT.exists(), reason="../shared with the real payloads is not beside the checkout")
def test_alphabets_leases_stand_beside_what_it_spent_in_the_quarter(tmp_path):
    stage = staged(tmp_path, [Payload("sec_companyfacts", "GOOGL", DOCUMENT.read_bytes(), TAKEN_AT)])
    found = ask(
        stage,
        """SELECT period_end::VARCHAR, leases_usd, capex_quarter_usd, leases_change_usd, tier FROM lease_commitments
        WHERE company = 'GOOGL' AND period_end >= '2025-09-30' ORDER BY period_end""",
    )
    assert found[0][:3] == (
        "2025-09-30",
        42.6e9,
        23953e6,
    )  # the 10-Q of 2025-10-30: note 4, and the cash-flow statement
    assert found[-1][:2] == ("2026-03-31", 75.6e9)
    assert found[-1][3] == pytest.approx(33e9)
    assert {row[4] for row in found} == {1}
    stage.close()
