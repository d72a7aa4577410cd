"""Scenario calculators: config/scenarios/<id>_<stem>.yml. Their numbers are assumptions and are never stored as facts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from pydantic import Field, model_validator

from config.declared import Spec
from config.load import HERE, build
from config.parsing import parse_yaml


class Parameter(Spec):
    """A number with the range it may be varied in, and whose it is."""

    low: float
    base: float
    high: float
    unit: str
    origin: Literal["article", "user", "filing"]
    note: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> Parameter:
        if not self.low <= self.base <= self.high:
            raise ValueError("low, base and high are not in order")
        return self


class ScenarioSpec(Spec):
    """One calculator with its parameters, what it solves for, and the two parameters of its map."""

    id: str = Field(pattern=r"^S-[A-Z]$")
    title_en: str
    title_zh: str
    claims: tuple[str, ...] = Field(min_length=1)
    model: Literal["mix", "long_or_short", "forward_multiple"]
    says_en: str
    says_zh: str
    parameters: Mapping[str, Parameter] = Field(min_length=1)
    solve_for: str
    map: tuple[str, str]

    @model_validator(mode="after")
    def _names_parameters(self) -> ScenarioSpec:
        if unknown := {self.solve_for, *self.map} - set(self.parameters):
            raise ValueError(f"not among the parameters: {', '.join(sorted(unknown))}")
        return self


@cache
def scenarios() -> dict[str, ScenarioSpec]:
    """The project's own calculators by id. Raises Refused naming the file and the key that is wrong."""
    found = {}
    for path in sorted((HERE / "scenarios").glob("*.yml")):
        place = f"config/scenarios/{path.name}"
        body = {"id": path.stem.partition("_")[0], **parse_yaml(path.read_text("utf-8"), place)}
        found[body["id"]] = build(ScenarioSpec, body, place)
    return found
