"""What the share costs and what it returned, from the analyst's private inputs; and whether a price is contested."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from pydantic import Field

from config.specs import Spec
from transforms.claim_tests.outcome import Context, Outcome, VerdictName
from transforms.claim_tests.reading import reading, rows
from transforms.claim_tests.wording import number, signed


class MultipleParameters(Spec):
    """Series -> the multiple stated for it, and the turns by which it may be off."""

    stated: dict[str, float] = Field(min_length=1)
    turns: float = Field(gt=0)


class OutperformParameters(Spec):
    """The month at which the claim is decided; the others are shown."""

    decides_at_months: int = Field(gt=0)
    months: tuple[int, ...] = Field(min_length=1)


class ContestedParameters(Spec):
    """Of the newest days, how many must be contested, and below how many the claim is refuted."""

    boards: tuple[str, ...] = Field(min_length=1)
    window_days: int = Field(gt=0)
    supports_from: int = Field(gt=0)
    refutes_below: int = Field(gt=0)


def multiple_as_stated(evidence: pl.DataFrame, parameters: MultipleParameters, context: Context) -> Outcome:
    """Each multiple (price over consensus earnings) within so many turns of what was stated. n counts those known."""
    found = {name: reading(evidence, name, context) for name in parameters.stated}
    known = {name: value.value for name, value in found.items() if value is not None}
    if not known:
        return Outcome("undetermined", 0, *NEEDS_CONSENSUS)
    off = {name: value - parameters.stated[name] for name, value in known.items()}
    met = [abs(value) <= parameters.turns for value in off.values()]
    verdict: VerdictName = "supported" if all(met) else "mixed" if any(met) else "refuted"
    if len(known) < len(parameters.stated):
        verdict = "undetermined"
    told = ", ".join(
        f"{name} {number(value, 1)} (stated {number(parameters.stated[name])})" for name, value in known.items()
    )
    told_zh = "、".join(
        f"{name} {number(value, 1)}(原文 {number(parameters.stated[name])})" for name, value in known.items()
    )
    largest = max(off.values(), key=abs)
    return Outcome(
        verdict, len(known), f"Multiples: {told}; off by at most {number(parameters.turns)}.",
        f"本益比:{told_zh};誤差上限 {number(parameters.turns)}。", largest, "times",
    )  # fmt: skip


NEEDS_CONSENSUS = (
    "No consensus of that day is stored: it is not free to redistribute. Put it into private/estimate.csv, with the price.",
    "未儲存當日共識預估(不可散布);請放入 private/estimate.csv 與股價檔。",
)


def outperforms(evidence: pl.DataFrame, parameters: OutperformParameters, context: Context) -> Outcome:
    """Return since the claim against the benchmark's (series share_<months> and benchmark_<months>, both in per cent)."""
    gaps = {}
    for months in parameters.months:
        own, other = (reading(evidence, f"{side}_{months}", context) for side in ("share", "benchmark"))
        if own is not None and other is not None:
            gaps[months] = own.value - other.value
    if not gaps:
        return Outcome("undetermined", 0, *NEEDS_PRICES)
    decides = gaps.get(parameters.decides_at_months)
    verdict: VerdictName = "undetermined"
    if decides is not None:
        verdict = "supported" if decides > 0 else "refuted"
    told = ", ".join(f"{months} m {signed(gap)}" for months, gap in gaps.items())
    return Outcome(
        verdict, len(gaps), f"Return less the benchmark's, points: {told}; decided at {parameters.decides_at_months} months.",
        f"報酬減基準(百分點):{told};以 {parameters.decides_at_months} 個月判定。", decides, "pct_points" if decides is not None else "",
    )  # fmt: skip


NEEDS_PRICES = (
    "No prices of the share and its benchmark are stored for these days: put them into private/market_price.csv.",
    "未儲存該等日期的股價與基準;請放入 private/market_price.csv。",
)


def contested(evidence: pl.DataFrame, parameters: ContestedParameters, context: Context) -> Outcome:
    """How many of the newest days OpenAI's best priced model had a rival as good that cost at most as much.

    Series are boards; a row is one day of the board, its value the cheapest such rival's price over OpenAI's minus one, in
    per cent (0 or less: contested). A board's standing holds until its next day, so days are weighed by how long they
    stood. The first board that has days in the window decides; n counts its board days.
    """
    boards = [(board, _window(evidence, board, parameters, context)) for board in parameters.boards]
    told = [(board, days, _held(days, parameters, context)) for board, days in boards if not days.is_empty()]
    if not told:
        return Outcome(
            "undetermined", 0, "No priced models meet on a board in these days.", "此期間榜單上沒有可比價的模型。"
        )
    _, days, held = told[0]
    verdict: VerdictName = "mixed"
    if held >= parameters.supports_from:
        verdict = "supported"
    elif held < parameters.refutes_below:
        verdict = "refuted"
    listed = "; ".join(f"{board}: contested on {count} of {parameters.window_days} days" for board, _, count in told)
    listed_zh = ";".join(
        f"{board}:{parameters.window_days} 天中 {count} 天有同級且不較貴者" for board, _, count in told
    )
    middle = float(days.select(pl.col("value").median()).item())
    return Outcome(
        verdict,
        days.height,
        f"{listed}. Median of rival's price against OpenAI's: {signed(middle)} %. A price premium stands in for excess return.",
        f"{listed_zh}。對手價格相較 OpenAI 中位數:{signed(middle)} %。以價格溢價代表超額報酬。",
        float(held),
        "days",
        flips_en=f"{parameters.supports_from} contested days support, fewer than {parameters.refutes_below} refute.",
        flips_zh=f"達 {parameters.supports_from} 天即成立,少於 {parameters.refutes_below} 天則推翻。",
    )


def _window(evidence: pl.DataFrame, board: str, parameters: ContestedParameters, context: Context) -> pl.DataFrame:
    """The board days that stand in the window: those in it, and the last one before it."""
    start = context.as_of - timedelta(days=parameters.window_days)
    days = rows(evidence, board, context).unique("observed_on", keep="last", maintain_order=True).sort("observed_on")
    days = days.filter(pl.col("observed_on") <= context.as_of)
    return pl.concat([days.filter(pl.col("observed_on") <= start).tail(1), days.filter(pl.col("observed_on") > start)])


def _held(days: pl.DataFrame, parameters: ContestedParameters, context: Context) -> int:
    start = context.as_of - timedelta(days=parameters.window_days)
    begins: list[date] = [max(day, start) for day in days["observed_on"]]
    ends = [*begins[1:], context.as_of]
    return sum((end - begin).days for begin, end, value in zip(begins, ends, days["value"], strict=True) if value <= 0)
