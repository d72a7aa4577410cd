"""Metrics computed from others: on real figures, never across definitions, never before the later operand."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest
from company_facts import SHARED, figure, loaded, read
from pydantic import ValidationError

from config.contracts import COMPANY_FACT
from config.load import catalog
from config.metric_specs import Derivation, Metric
from transforms.companies.quarters import derive_periods

TODAY = datetime(2026, 11, 22)
CASH = {"metric": "cash_paid_ppe", "definition": "cash_ppe"}
STATED = {"metric": "capex_incl_finance_leases", "definition": "management_capex"}


def said(concept, value, day, *, definition, unit="USD", start=None, end=date(2025, 12, 31), tier=1, **more):
    """A hand-entered statement about Microsoft."""
    row = {
        "company": "MSFT", "concept": concept, "definition": definition, "unit": unit, "period_start": start,
        "period_end": end, "value": value, "form": "call", "known_at": datetime.fromisoformat(day),
        "known_at_basis": "release_1730_new_york", "document_id": f"{concept}-{day}", "locator": "/1",
        "evidence_tier": tier, **more,
    }  # fmt: skip
    facts = loaded(COMPANY_FACT.frame([row]), "MSFT")
    return facts.with_columns(pl.lit("analyst_facts").alias("source"))


def rows_of(periods, metric, definition=None):
    chosen = periods.filter(pl.col("metric") == metric).sort("known_at")
    return chosen if definition is None else chosen.filter(pl.col("definition") == definition)


def test_an_interval_of_a_share_gives_an_interval_of_the_rest():
    """625 billion dollars, of which 44 to 46 per cent one customer's: 337.5 to 350 are the others'."""
    facts = [
        said("rpo_commercial", 625e9, "2026-01-28 22:30", definition="customers_commercial"),
        said("rpo_openai_share_pct", 45.0, "2026-01-28 23:30", definition="customers_commercial", unit="pct",
             value_low=44.0, value_high=46.0),
    ]  # fmt: skip
    (row,) = rows_of(derive_periods(pl.concat(facts), catalog()), "rpo_commercial_ex_openai").rows(named=True)
    assert (row["value"], row["value_low"], row["value_high"]) == (343.75e9, 337.5e9, 350e9)
    assert (row["known_at"], row["status"]) == (datetime(2026, 1, 28, 23, 30), "derived")
    assert row["definition"] == "customers_commercial_without_openai"
    assert row["inputs"] == "rpo_commercial-2026-01-28 22:30#/1;rpo_openai_share_pct-2026-01-28 23:30#/1"
    assert row["formula"] == "(rpo_commercial) * rpo_openai_share_pct left over"


def test_a_share_that_is_only_worded_has_no_middle():
    facts = [
        said("rpo_commercial", 100e9, "2026-01-28", definition="customers_commercial"),
        said("rpo_next12m_share_pct", None, "2026-01-28", definition="customers_commercial", unit="pct",
             value_low=20.0, value_high=30.0),
    ]  # fmt: skip
    periods = derive_periods(pl.concat(facts), catalog())
    (near,) = rows_of(periods, "rpo_commercial_next12m").rows(named=True)
    (far,) = rows_of(periods, "rpo_commercial_beyond12m").rows(named=True)
    assert (near["value"], near["value_low"], near["value_high"]) == (None, 20e9, 30e9)
    assert (far["value"], far["value_low"], far["value_high"]) == (None, 70e9, 80e9)


def test_another_definition_is_no_operand():
    facts = [
        said("rpo_commercial", 100e9, "2026-01-28", definition="another"),
        said("rpo_openai_share_pct", 45.0, "2026-01-28", definition="customers_commercial", unit="pct"),
    ]
    assert rows_of(derive_periods(pl.concat(facts), catalog()), "rpo_commercial_ex_openai").height == 0


def test_the_operand_is_the_one_a_reader_would_see():
    """A page of the third tier says 300 later than the release said 100: it never enters the arithmetic."""
    facts = [
        said("rpo_commercial", 100e9, "2026-01-28", definition="customers_commercial"),
        said("rpo_commercial", 300e9, "2026-02-10", definition="customers_commercial", tier=3),
        said("rpo_openai_share_pct", 50.0, "2026-01-29", definition="customers_commercial", unit="pct"),
    ]
    found = rows_of(derive_periods(pl.concat(facts), catalog()), "rpo_commercial_ex_openai")
    assert found["value"].to_list() == [50e9]


def test_a_withdrawn_operand_takes_the_result_back():
    facts = [
        said("rpo_commercial", 100e9, "2026-01-28", definition="customers_commercial"),
        said("rpo_openai_share_pct", 50.0, "2026-01-29", definition="customers_commercial", unit="pct"),
        said(
            "rpo_openai_share_pct",
            50.0,
            "2026-03-01",
            definition="customers_commercial",
            unit="pct",
            status="withdrawn",
        ),
    ]
    found = rows_of(derive_periods(pl.concat(facts), catalog()), "rpo_commercial_ex_openai")
    assert found.select("status", "value").rows() == [("derived", 50e9), ("withdrawn", None)]


@pytest.mark.parametrize(
    ("derivation", "why"),
    [
        ({"terms": [STATED, {**CASH, "sign": -1}]}, "bridge"),
        ({"terms": [CASH, {"metric": "cash_paid_ppe", "definition": "net_of_sales"}]}, "bridge"),
        ({"terms": [CASH, {"metric": "no_such_metric", "definition": "x"}]}, "no metric no_such_metric"),
        ({"terms": [CASH, {"metric": "azure_growth_cc_pct", "definition": "azure_v3"}]}, "units"),
        ({"terms": [CASH], "share": {**STATED, "take": "of"}}, "no percentage"),
    ],
)
def test_arithmetic_across_definitions_or_units_is_refused(derivation, why):
    metric = catalog().metrics["free_cash_flow"].model_dump() | {"derivations": [{"definition": "d", **derivation}]}
    body = catalog().model_dump() | {"metrics": {**catalog().model_dump()["metrics"], "free_cash_flow": metric}}
    with pytest.raises(ValidationError, match=why):
        type(catalog()).model_validate(body)


def test_a_declared_bridge_is_accepted():
    body = {"definition": "d", "bridge": True, "terms": [STATED, {**CASH, "sign": -1}]}
    assert Derivation.model_validate(body).formula == "capex_incl_finance_leases - cash_paid_ppe"
    assert isinstance(catalog().metrics["capex_definition_wedge"], Metric)


@pytest.fixture(scope="module")
def real():
    folder = SHARED / "sec"
    names = {"MSFT": "companyfacts/CIK0000789019.json", "META": "companyfacts/CIK0001326801.json"}
    facts = [loaded(read(folder / name, ticker).rows, ticker) for ticker, name in names.items()]
    call = said("capex_incl_finance_leases", 41.0e9, "2026-07-29 22:30", definition="management_capex",
                start=date(2026, 4, 1), end=date(2026, 6, 30), tier=2)  # fmt: skip
    return derive_periods(pl.concat([*facts, call]), catalog())


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout")
def test_the_two_capex_definitions_and_the_wedge_between_them(real):
    """Microsoft FY2026Q4: 35,802 paid and 5,122 obtained are 40,924 million dollars; on the call it was 41.0 billion."""
    assert figure(real, "MSFT", "rou_obtained", (2026, 4), TODAY) == 5122e6
    quarter = (pl.col("company") == "MSFT") & (pl.col("fiscal_year") == 2026) & (pl.col("fiscal_quarter") == 4)
    capex = rows_of(real.filter(quarter), "capex_incl_finance_leases")
    assert dict(capex.select("definition", "value").rows()) == {
        "management_capex": 41.0e9, "cash_ppe_and_assets_obtained": 40924e6,
    }  # fmt: skip
    wedge = rows_of(real.filter(quarter), "capex_definition_wedge")
    assert dict(wedge.select("definition", "value").rows()) == {
        "stated_less_cash": 41.0e9 - 35802e6, "with_assets_obtained_less_cash": 5122e6,
    }  # fmt: skip


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout")
@pytest.mark.parametrize(
    ("quarter", "millions"), [((2025, 2), 17012), ((2025, 3), 19374), ((2025, 4), 22137), ((2026, 1), 19840)]
)
def test_metas_own_definition_adds_the_principal_of_its_leases(real, quarter, millions):
    assert figure(real, "META", "capex_incl_finance_leases", quarter, TODAY) == millions * 1e6


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout")
def test_free_cash_flow_has_every_vintage_of_its_operands(real):
    """META 2023: 71,113 of operating cash flow less 27,266, and from 2025-01-30 on less 27,045."""
    assert figure(real, "META", "operating_cash_flow", (2023, None), TODAY) == 71113e6
    assert figure(real, "META", "free_cash_flow", (2023, None), datetime(2024, 6, 30)) == 71113e6 - 27266e6
    assert figure(real, "META", "free_cash_flow", (2023, None), TODAY) == 71113e6 - 27045e6
