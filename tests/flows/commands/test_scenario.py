"""The calculators, against figures worked out from the annuity formula, and their refusals."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from config.errors import Refused
from config.load import catalog
from config.scenario import ScenarioSpec, scenarios
from flows.commands.scenario import scenario_text
from transforms.claims.scenarios import calculate
from warehouse.published.stage import VIEWS

S_A, S_B, S_C = (scenarios()[name] for name in ("S-A", "S-B", "S-C"))

# Net present value per 100, data centre 20 % over 15 years after 2.5, short-lived 40 % after 0.5; by rate and life.
LONG = {0.08: 41.2, 0.10: 19.9, 0.12: 2.6}
SHORT = {
    (0.08, 4): 27.5, (0.08, 5): 53.7, (0.08, 6): 77.9,
    (0.10, 4): 20.9, (0.10, 5): 44.6, (0.10, 6): 66.1,
    (0.12, 4): 14.8, (0.12, 5): 36.2, (0.12, 6): 55.4,
}  # fmt: skip
TIES = {
    (0.08, 4): 44.3, (0.08, 5): 36.8, (0.08, 6): 31.7,
    (0.10, 4): 39.7, (0.10, 5): 33.2, (0.10, 6): 28.9,
}  # fmt: skip


@pytest.mark.parametrize(("rate", "life"), SHORT)
def test_values_and_ties_of_the_long_and_the_short(rate: float, life: int) -> None:
    found = calculate(S_B, {"rate": rate, "short_life": life})
    assert round(found.results["npv_long"], 1) == LONG[rate]
    assert round(found.results["npv_short"], 1) == SHORT[rate, life]
    assert found.holds == (SHORT[rate, life] > LONG[rate])
    assert found.tie is not None
    if (rate, life) in TIES:
        assert round(100 * found.tie, 1) == TIES[rate, life]


def test_spent_once_200_on_the_data_centre_wins_at_eight_per_cent() -> None:
    found = calculate(S_B, {"short_life": 6})
    assert (round(found.results["npv_long_of_200"], 1), round(found.results["npv_short"], 1)) == (82.5, 77.9)


@pytest.fixture(scope="module")
def macros() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    connection.execute((VIEWS / "90_scenario.sql").read_text("utf-8"))
    return connection


@pytest.mark.parametrize(("rate", "life"), SHORT)
def test_sql_says_the_same(macros: duckdb.DuckDBPyConnection, rate: float, life: int) -> None:
    query = f"SELECT npv_long, npv_short, short_return_at_tie FROM scenario_long_or_short(rate := {rate}, short_life := {life})"
    row = macros.execute(query).fetchall()[0]
    found = calculate(S_B, {"rate": rate, "short_life": life})
    assert row == pytest.approx((found.results["npv_long"], found.results["npv_short"], found.tie), rel=1e-9)
    mapped = macros.execute(
        f"SELECT npv_short FROM scenario_map WHERE rate = {rate} AND short_life = {life}"
    ).fetchall()
    assert mapped == [(pytest.approx(row[1]),)]


def test_the_least_fungibility_and_the_implied_growth(macros: duckdb.DuckDBPyConnection) -> None:
    # 40 freed of 100: at 1.2 against 1.0 a unit the tie is 1/1.2; with a loss of 4 it is (4 + 40)/(40 x 1.2).
    found = calculate(S_A)
    assert found.results["freed"] == pytest.approx(40)
    assert found.tie == pytest.approx(1 / 1.2)
    assert calculate(S_A, {"openai_loss": 4}).tie == pytest.approx(44 / 48)
    # The leases were not meant for OpenAI: it pays on. Half of them were: half of the loss.
    assert calculate(S_A, {"openai_loss": 4, "leases_for_openai": 0}).tie == pytest.approx(1 / 1.2)
    assert calculate(S_A, {"openai_loss": 4, "leases_for_openai": 0.5}).tie == pytest.approx(42 / 48)
    halved = "SELECT fungibility_at_tie FROM scenario_mix(openai_loss := 4, leases_for_openai := 0.5)"
    assert macros.execute(halved).fetchall() == [(pytest.approx(42 / 48),)]
    assert macros.execute("SELECT fungibility_at_tie FROM scenario_mix(openai_loss := 4)").fetchall()[0][
        0
    ] == pytest.approx(44 / 48)
    assert calculate(S_C).results["implied_growth"] == pytest.approx(29 / 26 - 1)
    assert round(100 * (29 / 26 - 1), 1) == 11.5
    assert macros.execute("SELECT implied_growth FROM scenario_forward_multiple()").fetchall()[0][0] == pytest.approx(
        29 / 26 - 1
    )


@pytest.mark.parametrize("spec", [S_A, S_B, S_C], ids=lambda spec: spec.id)
def test_the_box_and_the_map_agree_with_the_formula(spec: ScenarioSpec) -> None:
    found = calculate(spec)
    assert 0 < found.share_of_box < 1
    assert calculate(spec) == found
    corner = calculate(spec, {spec.map[0]: found.rows[0], spec.map[1]: found.columns[-1]})
    assert found.margins[0][-1] == pytest.approx(corner.results["margin"])
    if (
        found.tie is not None
        and spec.parameters[spec.solve_for].low <= found.tie <= spec.parameters[spec.solve_for].high
    ):
        assert calculate(spec, {spec.solve_for: found.tie}).results["margin"] == pytest.approx(0, abs=1e-6)
    assert set(spec.claims) <= set(catalog().claims)


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("S-B", ["short_life=7"], "S-B: short_life: 7 lies outside its range"),
        ("S-B", ["colour=1"], "S-B: colour: there is no such parameter"),
        ("S-B", ["short_life=four"], "'short_life=four' is not name=number"),
        ("S-Z", [], "there is no scenario 'S-Z'"),
    ],
)
def test_what_cannot_be_calculated_is_refused_by_name(name: str, given: list[str], words: str) -> None:
    with pytest.raises(Refused, match=words):
        list(scenario_text(name, given))


def test_a_calculator_is_declared_in_order() -> None:
    body: dict[str, Any] = S_B.model_dump()
    body["parameters"]["rate"] = {**body["parameters"]["rate"], "low": 0.2}
    with pytest.raises(ValueError, match="not in order"):
        ScenarioSpec.model_validate(body)
    with pytest.raises(ValueError, match="not among the parameters: luck"):
        ScenarioSpec.model_validate({**S_B.model_dump(), "solve_for": "luck"})


def test_the_command_lists_and_calculates() -> None:
    assert len(list(scenario_text("", []))) == 3
    text = "\n".join(scenario_text("S-B", ["short_life=4"]))
    assert "the claim does not hold at these numbers" in text
    assert "tie: short_return = 0.443" in text
