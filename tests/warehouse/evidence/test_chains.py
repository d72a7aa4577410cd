"""A claim says which steps of a chain of definitions it accepts, and reads no other; a print beyond them is asked for."""

from __future__ import annotations

from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import pytest
from staged import Payload, ask, loaded

from config.load import catalog
from flows.steps.derive import stage_facts
from flows.steps.next_evidence import put_awaited
from warehouse.evidence.as_of import evidence
from warehouse.evidence.claim_query import claim_sql
from warehouse.evidence.reads import reads

CHAINS = {
    (company.ticker, metric): name
    for company in catalog().companies.values()
    for name, chain in company.chains.items()
    for metric in chain.metrics
}


def read_by(claim: str) -> dict[str, set[str]]:
    """Of each chain the definitions that the claim's query names."""
    found: dict[str, set[str]] = {}
    for read in reads(claim_sql(catalog().claims[claim]), claim):
        for way in read.ways:
            for company in way.get("company", ()):
                for metric in way.get("metric", ()):
                    if chain := CHAINS.get((company, metric)):
                        found.setdefault(chain, set()).update(way.get("definition", ()))
    return found


@pytest.mark.parametrize("claim", catalog().claims)
def test_a_claim_declares_the_steps_it_reads_and_reads_those_it_declares(claim):
    declared = {chain: set(steps) for chain, steps in catalog().claims[claim].chains.items()}
    assert read_by(claim) == declared


def test_the_steps_are_those_of_a_declared_chain():
    steps = {
        name: {step.definition for step in chain.steps}
        for company in catalog().companies.values()
        for name, chain in company.chains.items()
    }
    for claim in catalog().claims.values():
        for chain, accepted in claim.chains.items():
            assert set(accepted) <= steps[chain], claim.id


PRINT = """
company: MSFT
topic: a print for whose period nobody has proved what Azure means; invented
entered_by: a test
entered_on: 2026-11-01
zone: America/New_York
measures:
  azure_growth_cc_pct: {unit: pct, definition: azure_undeclared}
documents:
  msft-fy2027q1:
    medium: filing
    form: 8-K
    published_on: 2026-10-28
    tier: 3
    note: Invented for a test; no such document was read, so it has no address.
statements:
  - period: FY2027Q1
    period_start: 2026-07-01
    period_end: 2026-09-30
    document: msft-fy2027q1
    statement: Azure grew by 39 per cent at constant currency in the quarter to September 2026.
    figures: {azure_growth_cc_pct: 39}
"""
JUDGED = """
    CREATE OR REPLACE TABLE history.verdict AS SELECT * FROM (VALUES
        ('C08', DATE '2026-10-01', 'undetermined', '', ''), ('C08', DATE '2026-11-20', 'undetermined', '', ''))
        AS v(claim_id, as_of, verdict, flips_en, flips_zh);
    CREATE OR REPLACE TABLE history.claim AS SELECT 'C08' AS claim_id, 'window' AS horizon, 'no_pickup' AS test;
"""
ASKED = "SELECT subject, what_en FROM next_evidence_as_of($day) WHERE awaits = 'definition'"


def test_a_print_beyond_the_declared_steps_is_asked_for_and_decides_nothing(tmp_path: Path) -> None:
    payload = Payload("analyst_facts", "msft_fy2027q1", PRINT.encode(), datetime(2026, 11, 1))
    pipeline, [done] = loaded(tmp_path, [payload])
    assert done.outcome == "loaded", done
    with closing(stage_facts(pipeline, datetime(2026, 11, 22))) as stage:
        put_awaited(stage, [catalog().claims["C08"]])
        stage.connection.execute(JUDGED)
        stage.build(("78_next_evidence",))
        said = "MSFT: what azure means in the period to 2026-09-30. Declare the next step of the chain in config/companies.yml, with its evidence."
        assert ask(stage, ASKED, day="2026-11-20") == [("MSFT", said)]
        assert ask(stage, ASKED, day="2026-10-15") == []
        [(told,)] = ask(
            stage, "SELECT detail FROM history.issue WHERE reason = 'definition not declared for the period'"
        )
        assert "azure_growth_cc_pct to 2026-09-30 stands under azure_undeclared" in told
        assert evidence(stage.connection, claim_sql(catalog().claims["C08"]), date(2026, 11, 20)).is_empty()
