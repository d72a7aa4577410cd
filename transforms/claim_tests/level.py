"""A figure against a threshold, and a figure against an earlier one."""

from __future__ import annotations

from typing import Literal

import polars as pl

from config.declared import Spec
from transforms.claim_tests.outcome import DEFINITION_DEPENDENT, Context, Outcome, VerdictName
from transforms.claim_tests.reading import Reading, reading
from transforms.claim_tests.wording import amount_en, amount_zh, labelled, number, signed


class LevelParameters(Spec):
    """A threshold in the unit of the evidence; `direction` says whether meeting it exactly is enough."""

    threshold: float
    direction: Literal["above", "at_least"]


class GrowthParameters(Spec):
    """How much later must exceed earlier, in percent; 0: any rise."""

    more_than_pct: float = 0.0


def level_above(evidence: pl.DataFrame, parameters: LevelParameters, context: Context) -> Outcome:
    """The series `level` lies above (or at least at) the threshold. A range across it is mixed."""
    level = reading(evidence, "level", context)
    if level is None:
        return Outcome("undetermined", 0, "The figure is not known yet.", "這個數字尚未公布。")
    strict = parameters.direction == "above"
    ends = [end > parameters.threshold if strict else end >= parameters.threshold for end in (level.low, level.high)]
    verdict = _verdict(all(ends), any(ends))
    label_en, label_zh = labelled(level.label, context.said)
    least_en, least_zh = ("above", "須高於") if strict else ("at least", "須至少")
    return Outcome(
        verdict,
        1,
        f"{label_en}: {amount_en(level.value, level.unit)}; "
        f"to be {least_en} {amount_en(parameters.threshold, level.unit)}.",
        f"{label_zh}：{amount_zh(level.value, level.unit)}；{least_zh} {amount_zh(parameters.threshold, level.unit)}。",
        level.value,
        level.unit,
        level.low,
        level.high,
        (DEFINITION_DEPENDENT,) if verdict == "mixed" else (),
        f"A figure not {least_en} {amount_en(parameters.threshold, level.unit)} refutes.",
        f"數字未達（{least_zh} {amount_zh(parameters.threshold, level.unit)}）即推翻。",
    )


def grew_over(evidence: pl.DataFrame, parameters: GrowthParameters, context: Context) -> Outcome:
    """The series `later` exceeds the series `earlier`; the statistic is the growth in percent."""
    later, earlier = (reading(evidence, series, context) for series in ("later", "earlier"))
    if later is None or earlier is None or earlier.low <= 0:
        return Outcome(
            "undetermined",
            0,
            *_one_sided(later, earlier),
            flips_en=_flips(later, earlier, parameters)[0],
            flips_zh=_flips(later, earlier, parameters)[1],
        )
    low, value, high = (
        100 * (after / before - 1)
        for after, before in ((later.low, earlier.high), (later.value, earlier.value), (later.high, earlier.low))
    )
    verdict = _verdict(low > parameters.more_than_pct, high > parameters.more_than_pct)
    enough = earlier.high * (1 + parameters.more_than_pct / 100)
    names = [f"{side.label} {amount_en(side.value, side.unit)}" for side in (later, earlier)]
    names_zh = [f"{side.label} {amount_zh(side.value, side.unit)}" for side in (later, earlier)]
    return Outcome(
        verdict,
        1,
        f"{names[0]} against {names[1]}: {signed(value)} %; to be above {number(parameters.more_than_pct)} %.",
        f"{names_zh[0]}，相較 {names_zh[1]}：{signed(value)}%；須高於 {number(parameters.more_than_pct)}%。",
        value,
        "pct",
        low,
        high,
        (DEFINITION_DEPENDENT,) if verdict == "mixed" else (),
        f"{later.label} of {amount_en(enough, later.unit)} or less refutes.",
        f"{later.label} 不高於 {amount_zh(enough, later.unit)}即推翻。",
    )


def _flips(later: Reading | None, earlier: Reading | None, parameters: GrowthParameters) -> tuple[str, str]:
    """What the later figure must exceed, once the earlier one is known."""
    if later is not None or earlier is None or earlier.low <= 0:
        return "", ""
    enough = earlier.high * (1 + parameters.more_than_pct / 100)
    return (
        f"Above {amount_en(enough, earlier.unit)} supports, that or less refutes.",
        f"高於 {amount_zh(enough, earlier.unit)}即成立，否則推翻。",
    )


def _verdict(every: bool, some: bool) -> VerdictName:
    if every:
        return "supported"
    return "mixed" if some else "refuted"


def _one_sided(later: Reading | None, earlier: Reading | None) -> tuple[str, str]:
    known = [side for side in (later, earlier) if side is not None]
    if len(known) == 2:
        return "The earlier figure is not positive: no growth rate.", "先前的數字不是正數，無從計算成長率。"
    if not known:
        return "Neither figure is known yet.", "兩個數字都尚未公布。"
    side = known[0]
    return (
        f"Known so far: {side.label} {amount_en(side.value, side.unit)} only.",
        f"目前只公布 {side.label}：{amount_zh(side.value, side.unit)}。",
    )
