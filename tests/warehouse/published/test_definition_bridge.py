"""Periods that a company states both ways, old and new definition side by side, as known on a day."""

from __future__ import annotations

import csv
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from company_facts import SHARED
from staged import Payload, ask, staged

import config

pytestmark = pytest.mark.slow("stages analyst files in every test")

TAKEN_AT = datetime(2026, 11, 22, 3)
ANALYST = Path(config.__file__).parent / "analyst"
RECAST = SHARED / "sec" / "recent" / "msft_recast_2026-09-02.csv"
NAMES = ("msft_azure_growth", "msft_recast")
BOTH = """
    SELECT concat('FY', fiscal_year, coalesce(concat('Q', fiscal_quarter), '')), old_definition, old_value, new_definition, new_value, difference
    FROM definition_bridge_as_of($t) WHERE metric = $metric AND new_definition = $new ORDER BY ALL"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    payloads = [Payload("analyst_facts", name, (ANALYST / f"{name}.yml").read_bytes(), TAKEN_AT) for name in NAMES]
    with closing(staged(tmp_path_factory.mktemp("bridge"), payloads)) as opened:
        yield opened


def test_the_quarters_of_fiscal_2026_stand_under_both_definitions_of_azure(stage):
    """The old fourth quarter grew by 43 per cent, the new one by 42; the three before are alike."""
    reported = ask(stage, BOTH, t="2026-11-22", metric="azure_growth_reported_pct", new="azure_v4")
    assert reported == [
        ("FY2026Q1", "azure_v3", 40.0, "azure_v4", 40.0, 0.0), ("FY2026Q2", "azure_v3", 39.0, "azure_v4", 39.0, 0.0),
        ("FY2026Q3", "azure_v3", 40.0, "azure_v4", 40.0, 0.0), ("FY2026Q4", "azure_v3", 43.0, "azure_v4", 42.0, -1.0),
    ]  # fmt: skip
    constant = ask(stage, BOTH, t="2026-11-22", metric="azure_growth_cc_pct", new="azure_v4")
    assert [(row[0], row[2], row[4]) for row in constant] == [
        ("FY2026Q1", 39.0, 39.0), ("FY2026Q2", 38.0, 38.0), ("FY2026Q3", 39.0, 39.0),
    ]  # fmt: skip
    # Dollars were stated by the new definition alone: nothing to set beside them.
    assert ask(stage, BOTH, t="2026-11-22", metric="azure_revenue", new="azure_v4") == []


@pytest.mark.shared
@pytest.mark.skipif(not RECAST.exists(), reason="../shared with the real payloads is not beside the checkout")
def test_the_new_side_of_the_bridge_is_what_the_recast_states(stage):
    with RECAST.open(encoding="utf-8", newline="") as lines:
        stated = {
            (row["metric"], row["period"]): row["value"] for row in csv.DictReader(lines) if "growth" in row["metric"]
        }
    for metric in ("azure_growth_reported_pct", "azure_growth_cc_pct"):
        shown = ask(stage, BOTH, t="2026-11-22", metric=metric, new="azure_v4")
        assert shown
        assert {(metric, row[0]): row[4] for row in shown}.items() <= {
            key: float(value) for key, value in stated.items() if ".." not in value
        }.items()


def test_a_bridge_stands_from_the_recast_on_and_names_the_evidence_of_both(stage):
    before = ask(stage, BOTH, t="2026-09-01", metric="azure_growth_reported_pct", new="azure_v4")
    assert before == []
    query = """
        SELECT old_evidence_id <> new_evidence_id, new_document_id, declared_by LIKE '%0001193125-26-380280%', tier, known_at >= '2026-09-02'
        FROM definition_bridge WHERE new_definition = 'azure_v4' AND fiscal_quarter = 4 AND metric = 'azure_growth_reported_pct'"""
    assert ask(stage, query) == [(True, "0001193125-26-380280", True, 3, True)]


def test_the_recast_of_2024_has_its_bridge_too(stage):
    """Of August 2024 two quarters of constant currency are entered: 31 and 30 per cent were restated as 35."""
    shown = ask(stage, BOTH, t="2026-11-22", metric="azure_growth_cc_pct", new="azure_v3")
    assert shown == [
        ("FY2024Q3", "azure_v2", 31.0, "azure_v3", 35.0, 4.0),
        ("FY2024Q4", "azure_v2", 30.0, "azure_v3", 35.0, 5.0),
    ]
