"""What was entered from public copies of the summer of 2026: of the third tier, and each figure as the copy has it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from staged import Payload, ask, staged

import config

pytestmark = pytest.mark.slow("stages the hand-entered files")

ANALYST = Path(config.__file__).parent / "analyst"
FIGURES = {
    "msft_rpo_due_fy2026": {
        ("rpo_next12m_share_pct", "2025-12-31", 25),
        ("rpo_next12m_share_pct", "2026-03-31", 25),
        ("rpo_next12m_share_pct", "2026-06-30", 30),
        ("rpo_next12m_growth_pct", "2025-12-31", 39),
        ("rpo_next12m_growth_pct", "2026-03-31", 39),
        ("rpo_next12m_growth_pct", "2026-06-30", 37),
    },
    "msft_openai_fy2026": {
        ("revenue_from_openai", "2026-06-30", 24.1e9),
        ("purchase_commitments", "2026-06-30", 194.06e9),
    },
    "googl_purchase_commitments": {
        ("purchase_commitments", "2026-03-31", 232.7e9),
        ("purchase_commitments", "2026-06-30", 707e9),
    },
}
GUIDES = {
    "guidance_googl": ("GOOGL", "cash_paid_ppe", 195e9, 205e9, "2026-07-22"),
    "guidance_meta": ("META", "capex_incl_finance_leases", 130e9, 145e9, "2026-07-29"),
    "guidance_amzn": ("AMZN", "cash_paid_ppe", 220e9, 220e9, "2026-07-30"),
}


def payload(source, name):
    return Payload(source, f"{name}.yml", (ANALYST / f"{name}.yml").read_bytes(), datetime(2026, 11, 29))


def test_figures_from_copies_are_of_the_third_tier(tmp_path):
    stage = staged(tmp_path, [payload("analyst_facts", name) for name in FIGURES])
    query = "SELECT metric, period_end::VARCHAR, value FROM company_fact WHERE metric IS NOT NULL AND tier = 3"
    assert set(ask(stage, query)) == set().union(*FIGURES.values())
    assert ask(stage, "SELECT count(*) FROM company_fact WHERE note IS NULL AND tier <> 3") == [(0,)]
    stage.close()


@pytest.mark.parametrize("name", GUIDES)
def test_what_three_others_guided_for_2026(tmp_path, name):
    company, metric, low, high, day = GUIDES[name]
    stage = staged(tmp_path, [payload("analyst_guidance", name)])
    (found,) = ask(
        stage, "SELECT company, metric, coalesce(low, value), coalesce(high, value), known_at, tier FROM guidance"
    )
    assert found[:4] == (company, metric, low, high)
    assert found[4].isoformat() > day
    assert found[5] == 3
    assert ask(stage, "SELECT count(*) FROM guidance_as_of($t)", t="2026-07-21") == [(0,)]
    stage.close()
