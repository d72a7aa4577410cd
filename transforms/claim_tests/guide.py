"""What a company guided: not lowered since, met within a margin, or put off by months."""

from __future__ import annotations

from itertools import pairwise

import polars as pl
from pydantic import Field

from config.declared import Spec
from transforms.claim_tests.outcome import FRAGILE, Context, Outcome, VerdictName
from transforms.claim_tests.reading import rows
from transforms.claim_tests.wording import amount_en, amount_zh, name_en, name_zh, number, signed


class NotLoweredParameters(Spec):
    """By how many per cent a later guide may lie below an earlier one without being lower (words are rounded)."""

    tolerance_pct: float = Field(0.0, ge=0)


class ActualParameters(Spec):
    """The years judged, each by series guided_<year> and actual_<year> of so many quarters, and the margin."""

    years: tuple[str, ...] = Field(min_length=1)
    quarters: int = Field(4, ge=1)
    within_pct: float = Field(gt=0)


class SlippageParameters(Spec):
    """More months than this between the day referred to and the announced end refute."""

    limit_months: float = Field(ge=0)


def not_lowered(evidence: pl.DataFrame, parameters: NotLoweredParameters, context: Context) -> Outcome:
    """Series `guide`, in the order in which they were said: none below the one before. n counts the guides."""
    guides = rows(evidence, "guide", context).sort("known_at", "observed_on", "evidence").rows(named=True)
    if not guides:
        return Outcome("undetermined", 0, "No guide is known.", "尚無指引。")
    changes = [100 * (later["value"] / earlier["value"] - 1) for earlier, later in pairwise(guides)]
    worst = min(changes, default=None)
    verdict: VerdictName = "undetermined"
    if worst is not None:
        verdict = "supported" if worst >= -parameters.tolerance_pct else "refuted"
    path = [(f"{row['known_at']:%Y-%m-%d}", row) for row in guides]
    return Outcome(
        verdict,
        len(guides),
        "Guides: "
        + ", ".join(f"{day} {name_en(row['label'])} {amount_en(row['value'], row['unit'])}" for day, row in path)
        + ".",
        "指引："
        + "、".join(f"{day} {name_zh(row['label'])} {amount_zh(row['value'], row['unit'])}" for day, row in path)
        + "。",
        worst,
        "pct" if worst is not None else "",
        flips_en=f"A guide below {amount_en(guides[-1]['value'], guides[-1]['unit'])} refutes.",
        flips_zh=f"指引低於 {amount_zh(guides[-1]['value'], guides[-1]['unit'])}即推翻。",
    )


def actual_against_guide(evidence: pl.DataFrame, parameters: ActualParameters, context: Context) -> Outcome:
    """Each year's outcome against what was guided for it: within the margin every year, in no year, or mixed.

    A year counts once all its quarters are known. The statistic is the largest deviation in per cent.
    """
    found = {year: _deviation(evidence, year, parameters.quarters, context) for year in parameters.years}
    known = {year: value for year, value in found.items() if value is not None}
    flips = _flips(evidence, parameters, context)
    if not known:
        return Outcome(
            "undetermined", 0, "No year is whole yet.", "尚無完整年度。", flips_en=flips[0], flips_zh=flips[1]
        )
    met = [abs(value) <= parameters.within_pct for value in known.values()]
    verdict: VerdictName = "supported" if all(met) else "mixed" if any(met) else "refuted"
    margin = number(parameters.within_pct, 1)
    listed = ", ".join(f"{year} {signed(value)} %" for year, value in known.items())
    waiting = [year for year, value in found.items() if value is None]
    open_en = f" Not whole yet: {', '.join(waiting)}." if waiting else ""
    open_zh = f"尚不完整：{'、'.join(waiting)}。" if waiting else ""
    return Outcome(
        verdict,
        len(known),
        f"Outcome against what was guided, or spent before: {listed}; margin {margin} % either way.{open_en}",
        f"實際值相較指引或前一年：{listed.replace(', ', '、').replace(' %', '%')}；容許上下 {margin}%。{open_zh}",
        max(known.values(), key=abs),
        "pct",
        min(known.values()),
        max(known.values()),
        flips_en=flips[0],
        flips_zh=flips[1],
    )


def _flips(evidence: pl.DataFrame, parameters: ActualParameters, context: Context) -> tuple[str, str]:
    """The ends between which the outcome of each year must lie, where what was guided for it is whole."""
    english, chinese = [], []
    for year in parameters.years:
        guided = rows(evidence, f"guided_{year}", context).unique("label", keep="last", maintain_order=True)
        if guided.height == parameters.quarters:
            total, unit = float(guided["value"].sum()), guided["unit"][0]
            ends = [total * (1 + sign * parameters.within_pct / 100) for sign in (-1, 1)]
            english.append(f"{year} {amount_en(ends[0], unit)} to {amount_en(ends[1], unit)}")
            chinese.append(f"{year} {amount_zh(ends[0], unit)}至 {amount_zh(ends[1], unit)}")
    if not english:
        margin = number(parameters.within_pct, 1)
        return f"A year beyond {margin} % refutes for that year.", f"任一年度偏離逾 {margin}%，該年度即推翻。"
    return (
        f"Each year is met within {', '.join(english)}; beyond refutes for that year.",
        f"各年度須介於{'、'.join(chinese)}，超出則該年度推翻。",
    )


def _deviation(evidence: pl.DataFrame, year: str, quarters: int, context: Context) -> float | None:
    sums = []
    for series in (f"guided_{year}", f"actual_{year}"):
        found = rows(evidence, series, context).unique("label", keep="last", maintain_order=True)
        if found.height != quarters:
            return None
        sums.append(float(found["value"].sum()))
    return 100 * (sums[1] / sums[0] - 1)


def announced_end(evidence: pl.DataFrame, parameters: SlippageParameters, context: Context) -> Outcome:
    """The newest announced end (series `announced`, months after the day referred to; low and high are what words allow).

    Refuted once even the earliest day lies beyond the limit; undetermined while an open-ended announcement does not.
    """
    said = rows(evidence, "announced", context).sort("observed_on", "known_at", "evidence").rows(named=True)
    if not said:
        return Outcome("undetermined", 0, "No end has been announced.", "尚未宣布結束時間。")
    newest = said[-1]
    low, high, limit = newest["low"], newest["high"], parameters.limit_months
    low = newest["value"] if low is None else low
    verdict: VerdictName = "supported"
    if low > limit:
        verdict = "refuted"
    elif high is None:
        verdict = "undetermined"
    elif high > limit:
        verdict = "mixed"
    path = ", ".join(f"{row['observed_on']} {name_en(row['label'])} {signed(row['value'], 0)}" for row in said)
    path_zh = "、".join(f"{row['observed_on']} {name_zh(row['label'])} {signed(row['value'], 0)}" for row in said)
    return Outcome(
        verdict,
        len(said),
        f"Announced end in months after the day the claim rests on: {path}; more than {number(limit)} refutes.",
        f"宣布之結束時間距基準日月數：{path_zh}；逾 {number(limit)} 個月即推翻。",
        newest["value"],
        "months",
        low,
        high,
        (FRAGILE,) if high is None and verdict != "refuted" else (),
        flips_en=f"An announced end more than {number(limit)} months late refutes.",
        flips_zh=f"宣布時間延後逾 {number(limit)} 個月即推翻。",
    )
