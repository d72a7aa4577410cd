"""Where a claim's query comes from, and that it reads each metric by one definition: refused at load where not."""

from __future__ import annotations

import pytest

from config.errors import Refused
from config.load import build, catalog
from config.specs import ClaimSpec
from warehouse.evidence.claim_query import claim_sql
from warehouse.evidence.definitions import check_definitions

PLACE = "warehouse/claims/C99_x.sql"
FROM = "SELECT 1 FROM company_quarter_as_of($as_of) WHERE company = 'MSFT'"
V2, V3 = (
    "metric = 'azure_growth_cc_pct' AND definition = 'azure_v2'",
    "metric = 'azure_growth_cc_pct' AND definition = 'azure_v3'",
)

# Azure before and after August 2024, and capital expenditure by two definitions, are not the same thing.
REFUSED = {
    "in one SELECT": (f"{FROM} AND (({V2}) OR ({V3}))", "azure_growth_cc_pct by 2 definitions: azure_v2, azure_v3"),
    "in a list": (
        f"{FROM} AND metric = 'azure_growth_cc_pct' AND definition IN ('azure_v2', 'azure_v3')",
        "by 2 definitions",
    ),
    "in two SELECTs": (f"{FROM} AND {V2} UNION ALL {FROM} AND {V3}", "by 2 definitions: azure_v2, azure_v3"),
    "in figures and guides": (
        f"{FROM} AND {V3} UNION ALL SELECT 1 FROM guidance_as_of($as_of) WHERE {V2}",
        "by 2 definitions: azure_v2, azure_v3",
    ),
    "in two CTEs": (
        f"WITH a AS ({FROM} AND {V2}), b AS ({FROM} AND {V3}) SELECT 1 FROM a, b",
        "by 2 definitions: azure_v2, azure_v3",
    ),
    "none named": (f"{FROM} AND metric = 'azure_growth_cc_pct'", "no definition of azure_growth_cc_pct"),
    "named in one branch only": (f"{FROM} AND (({V3}) OR metric = 'revenue')", "no definition of revenue"),
    "no metric named": (f"{FROM} AND definition = 'azure_v3'", "company_quarter_as_of is read with no metric"),
    "named later": (
        "WITH a AS (SELECT * FROM company_fact_as_of($as_of)) SELECT 1 FROM a WHERE " + V3,
        "company_fact_as_of is read with no metric",
    ),
    "in a join": (
        f"SELECT 1 FROM company_quarter_as_of($as_of) AS a JOIN company_quarter_as_of($as_of) AS b USING (metric) WHERE a.{V3}",
        "company_quarter_as_of is read with no metric",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_metric_with_two_definitions_is_refused_and_named(what: str) -> None:
    sql, words = REFUSED[what]
    with pytest.raises(Refused) as refusal:
        check_definitions(sql, PLACE)
    assert refusal.value.place == PLACE
    assert words in refusal.value.message
    assert refusal.value.remedy


@pytest.mark.parametrize(
    "sql",
    [
        f"{FROM} AND {V3}",
        f"{FROM} AND {V3} UNION ALL {FROM} AND {V3}",
        f"{FROM} AND (({V3}) OR (metric = 'revenue' AND definition = 'revenue_total'))",
        f"{FROM} AND (({V3}) OR ({V2})) AND definition = 'azure_v3'",
        f"{FROM} AND concept = 'us-gaap:Revenues'",
        "SELECT 1 FROM event_as_of($as_of) WHERE topic = 'region'",
    ],
)
def test_one_definition_a_metric_is_accepted(sql: str) -> None:
    check_definitions(sql, PLACE)


def test_what_a_claim_keeps_apart_it_declares_and_nothing_else() -> None:
    both = f"{FROM} AND (({V2}) OR ({V3}))"
    check_definitions(both, PLACE, ["azure_growth_cc_pct"])
    with pytest.raises(
        Refused, match="definitions_apart names azure_growth_cc_pct, which is not read by two definitions"
    ):
        check_definitions(f"{FROM} AND {V3}", PLACE, ["azure_growth_cc_pct"])
    apart = {spec.id: spec.definitions_apart for spec in catalog().claims.values() if spec.definitions_apart}
    assert set(apart) == {"C10", "C14", "C32"}


def test_a_claim_is_refused_where_its_query_is_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path)) / "warehouse" / "claims"
    folder.mkdir(parents=True)
    monkeypatch.setattr("warehouse.evidence.claim_query.ROOT", Path(str(tmp_path)))
    spec = catalog().claims["C08"]
    (folder / Path(spec.query_file).name).write_text(f"{FROM} AND (({V2}) OR ({V3}))", "utf-8")
    with pytest.raises(
        Refused, match=r"C08_azure_does_not_pick_up\.sql: it reads azure_growth_cc_pct by 2 definitions"
    ):
        claim_sql(spec)


def test_two_claims_may_share_one_query_and_the_declaration_says_so() -> None:
    gone, power = (catalog().claims[name] for name in ("C04", "C25"))
    assert (power.evidence_of, power.query_file) == ("C04_openai_premium_gone", gone.query_file)
    assert claim_sql(power) == claim_sql(gone)
    nowhere = power.model_copy(update={"evidence_of": "C04_renamed"})
    with pytest.raises(Refused, match=r"C25: warehouse/claims/C04_renamed\.sql: there is no such file"):
        claim_sql(nowhere)


def test_the_shared_query_is_named_not_reached_by_a_path() -> None:
    declared = catalog().claims["C25"].model_dump() | {"evidence_of": "../../etc/C04_x"}
    with pytest.raises(Refused, match="evidence_of"):
        build(ClaimSpec, declared, "config/claims/C25_openai_pricing_power.yml")
