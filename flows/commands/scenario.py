"""The scenario calculators on the command line."""

from __future__ import annotations

from collections.abc import Iterator

from config.errors import Refused
from config.scenario import ScenarioSpec, scenarios
from transforms.claims.scenarios import Calculated, calculate


def scenario_text(name: str, given: list[str]) -> Iterator[str]:
    """The lines the command prints. Raises Refused for an unknown calculator or parameter, or one outside its range."""
    known = scenarios()
    if not name:
        for spec in known.values():
            yield f"{spec.id}  {spec.title_en}  {spec.title_zh}  ({', '.join(spec.claims)})"
        return
    if name not in known:
        raise Refused(f"there is no scenario {name!r}", remedy=f"choose one of {', '.join(known)}")
    spec = known[name]
    yield from _lines(spec, calculate(spec, dict(_assignment(text) for text in given)))


def _assignment(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError as error:
        raise Refused(f"{text!r} is not name=number", place="--set", remedy="write --set short_life=4") from error


def _lines(spec: ScenarioSpec, found: Calculated) -> Iterator[str]:
    yield f"{spec.id}  {spec.title_en} / {spec.title_zh}. Assumed numbers, never facts."
    yield spec.says_en
    for name, parameter in spec.parameters.items():
        note = f"; {parameter.note}" if parameter.note else ""
        ends = f"{parameter.low:g} to {parameter.high:g}"
        yield f"  {name} = {found.values[name]:g} {parameter.unit} ({ends}; {parameter.origin}{note})"
    yield "result: " + ", ".join(f"{name} {value:.4g}" for name, value in found.results.items())
    yield f"the claim {'holds' if found.holds else 'does not hold'} at these numbers"
    tie = "no value of its range gives it" if found.tie is None else f"{found.tie:.4g}"
    yield f"tie: {spec.solve_for} = {tie}"
    yield f"share of the box in which it holds: {100 * found.share_of_box:.1f} %"
    yield f"map of the margin, {spec.map[0]} down, {spec.map[1]} across:"
    yield " " * 9 + "".join(f"{value:>9.3g}" for value in found.columns)
    for value, row in zip(found.rows, found.margins, strict=True):
        yield f"{value:>9.3g}" + "".join(f"{margin:>9.1f}" for margin in row)
