"""Scenario calculators: from assumed numbers to a margin, the tie, a map, and the part of the box in which a claim holds.

Every calculator gives a margin: above 0 the claim holds. Nothing here is a fact, and nothing of it is stored as one.
Rates and returns are fractions a year; amounts are per 100 spent (long_or_short) or per 100 of capacity (mix).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from config.errors import Refused
from config.scenario import ScenarioSpec

Floats = NDArray[np.float64]
Values = Mapping[str, "float | Floats"]

SAMPLES = 20_000
SEED = 1
MAP_STEPS = 9
BISECTIONS = 80


def annuity(rate: float | Floats, years: float | Floats) -> Floats:
    """Present value of 1 a year, paid at the end of each of so many years (also fractions of one)."""
    rate = np.asarray(rate, dtype=np.float64)
    growing = np.where(rate == 0, 1.0, rate)
    return np.where(rate == 0, years, (1 - (1 + rate) ** -np.asarray(years)) / growing)


def present_value(
    spent: float, yearly: float | Floats, rate: float | Floats, life: float | Floats, lead: float | Floats
) -> Floats:
    """Net present value of `spent` today that earns `yearly` for `life` years, the first a year after `lead`."""
    return np.asarray(spent * yearly * annuity(rate, life) * (1 + np.asarray(rate)) ** -np.asarray(lead) - spent)


def _long_or_short(values: Values) -> dict[str, Floats]:
    long = present_value(100, values["long_return"], values["rate"], values["long_life"], values["long_lead"])
    short = present_value(100, values["short_return"], values["rate"], values["short_life"], values["short_lead"])
    return {"npv_long": long, "npv_short": short, "npv_long_of_200": 2 * long, "margin": short - long}


def _mix(values: Values) -> dict[str, Floats]:
    freed = np.asarray(values["capacity"] * (values["training_before"] - values["training_after"]))
    gained = freed * values["fungibility"] * values["inference_yield"]
    given_up = values["leases_for_openai"] * values["openai_loss"] + freed * values["training_yield"]
    return {
        "freed": freed,
        "gained": np.asarray(gained),
        "given_up": np.asarray(given_up),
        "margin": np.asarray(gained - given_up),
    }


def _forward_multiple(values: Values) -> dict[str, Floats]:
    now = np.asarray(values["price"] / values["multiple_now"])
    later = np.asarray(values["price"] / values["multiple_next"])
    growth = later / now - 1
    return {
        "earnings_now": now,
        "earnings_next": later,
        "implied_growth": growth,
        "margin": growth - values["needed_growth"],
    }


MODELS: Mapping[str, Callable[[Values], dict[str, Floats]]] = {
    "mix": _mix,
    "long_or_short": _long_or_short,
    "forward_multiple": _forward_multiple,
}


@dataclass(frozen=True, slots=True)
class Calculated:
    """One run: the numbers, where the margin is 0, the map of margins, and the part of the box with a margin above 0."""

    values: Mapping[str, float]
    results: Mapping[str, float]
    tie: float | None
    share_of_box: float
    rows: tuple[float, ...]
    columns: tuple[float, ...]
    margins: tuple[tuple[float, ...], ...]

    @property
    def holds(self) -> bool:
        return self.results["margin"] > 0


def calculate(spec: ScenarioSpec, given: Mapping[str, float] | None = None) -> Calculated:
    """The calculator at its base values, or at those given. Refused: an unknown parameter, or one outside its range.

    The map varies map[0] down and map[1] across, low to high; the tie solves for `solve_for`, None where no value of
    its range (widened tenfold, above 0) gives it. The share of the box is over a fixed low-discrepancy sample.
    """
    values = {name: parameter.base for name, parameter in spec.parameters.items()}
    for name, value in (given or {}).items():
        _check(spec, name, value)
        values[name] = value
    down, across = (_steps(spec, name) for name in spec.map)
    grid = _margin(spec, {**values, spec.map[0]: down[:, None], spec.map[1]: across[None, :]})
    results = {name: float(value) for name, value in MODELS[spec.model](values).items()}
    return Calculated(
        values=values,
        results=results,
        tie=_tie(spec, values),
        share_of_box=float((_margin(spec, _box(spec)) > 0).mean()),
        rows=tuple(map(float, down)),
        columns=tuple(map(float, across)),
        margins=tuple(tuple(map(float, row)) for row in np.broadcast_to(grid, (down.size, across.size))),
    )


def _margin(spec: ScenarioSpec, values: Values) -> Floats:
    return MODELS[spec.model](values)["margin"]


def _steps(spec: ScenarioSpec, name: str) -> Floats:
    parameter = spec.parameters[name]
    return np.linspace(parameter.low, parameter.high, MAP_STEPS)


def _check(spec: ScenarioSpec, name: str, value: float) -> None:
    parameter = spec.parameters.get(name)
    place = f"{spec.id}: {name}"
    if parameter is None:
        raise Refused("there is no such parameter", place=place, remedy=f"one of {', '.join(spec.parameters)}")
    if not parameter.low <= value <= parameter.high:
        ends = f"{parameter.low:g} to {parameter.high:g} {parameter.unit}"
        raise Refused(
            f"{value:g} lies outside its range", place=place, remedy=f"choose {ends}, or widen it in config/scenarios"
        )


def _box(spec: ScenarioSpec) -> dict[str, Floats]:
    """Points spread evenly over the ranges: the Kronecker sequence of square roots, the same on every machine."""
    index = np.arange(SEED, SEED + SAMPLES, dtype=np.float64)
    box = {}
    for number, (name, parameter) in zip(_primes(), spec.parameters.items(), strict=False):
        box[name] = parameter.low + (parameter.high - parameter.low) * np.mod(index * np.sqrt(number), 1.0)
    return box


def _primes() -> tuple[int, ...]:
    return (2, 3, 5, 7, 11, 13, 17, 19, 23, 29)


def _tie(spec: ScenarioSpec, values: Mapping[str, float]) -> float | None:
    """The value of the solved parameter at which the margin is 0, by bisection (the margin is monotone in each)."""
    parameter = spec.parameters[spec.solve_for]
    low, high = parameter.low / 10, parameter.high * 10
    at = [float(_margin(spec, {**values, spec.solve_for: end})) for end in (low, high)]
    if at[0] * at[1] > 0:
        return None
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if float(_margin(spec, {**values, spec.solve_for: middle})) * at[0] > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2
