"""A stated level, and its growth over a year in each of the newest quarters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl
from pydantic import Field

from config.declared import Spec
from transforms.claim_tests.outcome import VINTAGE_DEPENDENT, Context, Outcome, VerdictName
from transforms.claim_tests.reading import by_period
from transforms.claim_tests.wording import amount_en, amount_zh, number, signed
from transforms.statistics.proportion import sign_test


class LevelAndGrowthParameters(Spec):
    """`stated` and `tolerance` in the unit of the evidence, for the period ending `stated_on`."""

    stated: float
    tolerance: float = Field(ge=0)
    stated_on: date
    quarters: int = Field(4, ge=1)


@dataclass(frozen=True, slots=True)
class _Quarter:
    label: str
    growth_pct: float


# Series that are shown beside the verdict and never decide it.
SHOWN = {
    "total": ("total RPO (another definition)", "總 RPO（定義不同）"),
    "due_within_12m": ("growth of the part due within 12 months", "12 個月內認列部分的年增率"),
    "due_beyond_12m": ("growth of the part due later", "12 個月後認列部分的年增率"),
    "openai_share": ("OpenAI's share", "OpenAI 占比"),
    "without_openai": ("commercial RPO without OpenAI", "不含 OpenAI 的商業 RPO"),
    "without_openai_growth": ("growth without OpenAI", "不含 OpenAI 的年增率"),
}


def level_and_growth(evidence: pl.DataFrame, parameters: LevelAndGrowthParameters, context: Context) -> Outcome:
    """Series `level`: as stated on the day, and above the year before in each of the newest quarters.

    Any of these growth rates at 0 or less refutes; a level off by more than the tolerance is mixed. Growth
    over a quarter dips by season and is shown only. The statistic is the smallest of the growth rates (pct).
    """
    levels = by_period(evidence, "level", context)
    stated = levels.filter(pl.col("observed_on") == parameters.stated_on)
    quarters = _year_over_year(levels, parameters.quarters)
    rates = [quarter.growth_pct for quarter in quarters]
    parts = (
        _stated(levels, stated, parameters),
        _growth(quarters),
        _path(levels, parameters),
        _shown(evidence, context),
    )
    english, chinese = ("".join(sentences) for sentences in zip(*parts, strict=True))
    return Outcome(
        _verdict(stated, rates, parameters),
        len(rates),
        english,
        chinese,
        min(rates, default=None),
        "pct",
        min(rates, default=None),
        max(rates, default=None),
        _flags(stated, parameters, context),
        *_flips(levels),
    )


def _year_over_year(levels: pl.DataFrame, quarters: int) -> list[_Quarter]:
    """Growth of each of the newest quarters that has a figure a year before; a hole in the series is a hole here."""
    if levels.is_empty():
        return []
    months = {_month(row["observed_on"]): row for row in levels.iter_rows(named=True)}
    newest = max(months)
    pairs = [(months.get(newest - 3 * back), months.get(newest - 3 * back - 12)) for back in range(quarters)]
    return [
        _Quarter(now["label"], 100 * (now["value"] / before["value"] - 1))
        for now, before in reversed(pairs)
        if now is not None and before is not None and before["value"] > 0
    ]


def _flips(levels: pl.DataFrame) -> tuple[str, str]:
    """The next print must exceed the quarter that will lie a year before it."""
    if levels.is_empty():
        return "", ""
    newest = levels.row(-1, named=True)
    months = {_month(row["observed_on"]): row for row in levels.iter_rows(named=True)}
    base = months.get(_month(newest["observed_on"]) + 3 - 12)
    if base is None:
        return "", ""
    return (
        f"A next print of {amount_en(base['value'], base['unit'])} ({base['label']}) or less refutes.",
        f"下一季不高於 {amount_zh(base['value'], base['unit'])}（{base['label']}）即推翻。",
    )


def _month(day: date) -> int:
    return 12 * day.year + day.month


def _verdict(stated: pl.DataFrame, rates: list[float], parameters: LevelAndGrowthParameters) -> VerdictName:
    if any(rate <= 0 for rate in rates):
        return "refuted"
    if stated.is_empty() or not rates:
        return "undetermined"
    return "supported" if _as_stated(stated, parameters) else "mixed"


def _as_stated(stated: pl.DataFrame, parameters: LevelAndGrowthParameters) -> bool:
    return bool(abs(stated["value"][0] - parameters.stated) <= parameters.tolerance)


def _flags(stated: pl.DataFrame, parameters: LevelAndGrowthParameters, context: Context) -> tuple[str, ...]:
    """A level that no longer is as stated, by a figure published after the day: the first print may have been."""
    if stated.is_empty() or _as_stated(stated, parameters):
        return ()
    return (VINTAGE_DEPENDENT,) if stated["known_at"][0].date() > context.asserted_at else ()


def _stated(levels: pl.DataFrame, stated: pl.DataFrame, parameters: LevelAndGrowthParameters) -> tuple[str, str]:
    unit = "" if levels.is_empty() else levels["unit"][0]
    value_en, value_zh = ("not known", "尚未公布") if stated.is_empty() else _level(stated.row(0, named=True))
    return (
        f"a) level at {parameters.stated_on}: {value_en}, stated {amount_en(parameters.stated, unit)}. ",
        f"a）{parameters.stated_on} 水準：{value_zh}，原文 {amount_zh(parameters.stated, unit)}。",
    )


def _growth(quarters: list[_Quarter]) -> tuple[str, str]:
    rates = [f"{quarter.label} {signed(quarter.growth_pct)} %" for quarter in quarters] or ["-"]
    rises = sum(quarter.growth_pct > 0 for quarter in quarters)
    chance = number(100 * sign_test(rises, sum(quarter.growth_pct < 0 for quarter in quarters)), 2)
    return (
        f"b) over a year: {', '.join(rates)} (so many rises by chance: {chance} %). ",
        f"b）年增率：{'、'.join(rates).replace(' %', '%')}（純屬巧合的機率 {chance}%）。",
    )


def _path(levels: pl.DataFrame, parameters: LevelAndGrowthParameters) -> tuple[str, str]:
    newest = levels.tail(parameters.quarters).rows(named=True)
    english = " → ".join(f"{row['label']} {amount_en(row['value'], row['unit'])}" for row in newest) or "-"
    chinese = " → ".join(f"{row['label']} {amount_zh(row['value'], row['unit'])}" for row in newest) or "-"
    return f"Quarter by quarter, not judged: {english}.", f"逐季數字僅供參考、不作判定：{chinese}。"


def _level(row: dict[str, object]) -> tuple[str, str]:
    value, unit = float(str(row["value"])), str(row["unit"])
    return amount_en(value, unit), amount_zh(value, unit)


def _shown(evidence: pl.DataFrame, context: Context) -> tuple[str, str]:
    """The newest figure of each series that stands beside the verdict, where it is known."""
    english, chinese = "", ""
    for series, (name_en, name_zh) in SHOWN.items():
        known = by_period(evidence, series, context)
        if known.is_empty():
            continue
        row = known.row(-1, named=True)
        value_en, value_zh = _level(row)
        english += f" {row['label']} {name_en}: {value_en}."
        chinese += f"{row['label']} {name_zh}：{value_zh}。"
    return english, chinese
