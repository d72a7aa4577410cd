"""Claims in parts: a number and statements, signals that are counted, two measures of return, two margins."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import polars as pl
from pydantic import Field

from config.declared import Spec
from transforms.claim_tests.outcome import Context, Outcome, VerdictName
from transforms.claim_tests.reading import by_period, rows
from transforms.claim_tests.statements import listed
from transforms.claim_tests.wording import labelled, name_en, name_zh, number, signed


class TwoAxesParameters(Spec):
    """Which way the number must have gone for the claim."""

    number_supports: Literal["falls", "rises"]


class SignalParameters(Spec):
    """The signals (series of 0 or 1); so many of them refute, at most so many support."""

    signals: tuple[str, ...] = Field(min_length=1)
    refutes_from: int = Field(ge=1)
    supports_to: int = Field(ge=0)


class ReturnParameters(Spec):
    """The quarter both measures start from, and the later quarters at which they are compared."""

    base_on: date
    at: tuple[date, ...] = Field(min_length=1)


class MarginParameters(Spec):
    """So many newest quarters in a row decide."""

    quarters: int = Field(ge=1)


def number_and_statements(evidence: pl.DataFrame, parameters: TwoAxesParameters, context: Context) -> Outcome:
    """a) series `number`, its first against its newest interval; b) the newest of the statements `for` and `against`.

    The two axes are judged apart; both must be known, and where they disagree it is mixed. n counts figures and statements.
    """
    figures = by_period(evidence, "number", context)
    a, change = _axis_a(figures, parameters)
    said = pl.concat([rows(evidence, series, context) for series in ("for", "against")]).sort("observed_on", "series")
    b: VerdictName = "undetermined"
    if not said.is_empty():
        b = "supported" if said["series"][-1] == "for" else "refuted"
    verdict: VerdictName = a if a == b else "mixed"
    if "undetermined" in (a, b):
        verdict = "undetermined"
    path = ", ".join(
        f"{row['label']} {number(row['value'])} {'%' if row['unit'] == 'pct' else row['unit']}"
        for row in figures.iter_rows(named=True)
    )
    told, told_zh = listed(said, context.said)
    return Outcome(
        verdict,
        figures.height + said.height,
        f"a) figures, {a}: {path or '-'}. b) statements, {b}: {told or '-'}.",
        f"a）數字（{ZH[a]}）：{_zh(path) or '-'}。b）陳述（{ZH[b]}）：{told_zh or '-'}。",
        change,
        "pct_points" if change is not None else "",
        flips_en=_axis_flips(figures, parameters)[0],
        flips_zh=_axis_flips(figures, parameters)[1],
    )


RETURNS = ("cloud_margin", "return_on_ppe", "operating_margin")
ZH = {"supported": "成立", "refuted": "不成立", "undetermined": "尚無定論", "mixed": "部分成立"}


def _axis_flips(figures: pl.DataFrame, parameters: TwoAxesParameters) -> tuple[str, str]:
    """Axis a) is decided by an interval clear of the first one."""
    if figures.is_empty():
        falls = parameters.number_supports == "falls"
        return (
            f"a) is supported when the figure {parameters.number_supports}, b) follows the newest statement.",
            f"a）數字{'下降' if falls else '上升'}即成立，b）以最新陳述為準。",
        )
    low, high = (number(end) for end in _ends(figures.row(0, named=True)))
    below, above = ("supports", "refutes") if parameters.number_supports == "falls" else ("refutes", "supports")
    zh = {"supports": "成立", "refutes": "推翻"}
    return (
        f"a) wholly below {low} {below}, wholly above {high} {above}; b) follows the newest statement.",
        f"a）全部低於 {low} 則{zh[below]}，全部高於 {high} 則{zh[above]}；b）以最新陳述為準。",
    )


def _ends(row: dict[str, Any]) -> tuple[float, float]:
    return (row["value"] if row["low"] is None else row["low"], row["value"] if row["high"] is None else row["high"])


def _axis_a(figures: pl.DataFrame, parameters: TwoAxesParameters) -> tuple[VerdictName, float | None]:
    if figures.height < 2:
        return "undetermined", None
    first, newest = figures.row(0, named=True), figures.row(-1, named=True)
    change = newest["value"] - first["value"]
    ends = [_ends(row) for row in (first, newest)]
    if ends[1][0] <= ends[0][1] and ends[1][1] >= ends[0][0]:
        return "undetermined", change
    return ("supported" if (change > 0) == (parameters.number_supports == "rises") else "refuted"), change


def signals_counted(evidence: pl.DataFrame, parameters: SignalParameters, context: Context) -> Outcome:
    """How many of the signals stand at 1; each is the newest of its series. n counts those that are known."""
    found = {name: by_period(evidence, name, context) for name in parameters.signals}
    known = {name: rows_.row(-1, named=True) for name, rows_ in found.items() if not rows_.is_empty()}
    if not known:
        return Outcome("undetermined", 0, "No signal is known.", "尚無訊號。")
    on = sum(row["value"] > 0 for row in known.values())
    verdict: VerdictName = "mixed"
    if on >= parameters.refutes_from:
        verdict = "refuted"
    elif on <= parameters.supports_to:
        verdict = "supported"
    words = {name: labelled(row["label"], context.said) for name, row in known.items()}
    told = "; ".join(
        f"{name_en(name)}: {'yes' if row['value'] > 0 else 'no'} ({words[name][0]})" for name, row in known.items()
    )
    told_zh = "；".join(
        f"{name_zh(name)}：{'是' if row['value'] > 0 else '否'}（{words[name][1]}）" for name, row in known.items()
    )
    missing = [name for name in parameters.signals if name not in known]
    return Outcome(
        verdict,
        len(known),
        f"Signals of oversupply, {on} of {len(known)}: {told}."
        + (f" Not known: {', '.join(map(name_en, missing))}." if missing else ""),
        f"供過於求訊號 {on}/{len(known)}：{told_zh}。"
        + (f"未知：{'、'.join(map(name_zh, missing))}。" if missing else ""),
        float(on),
        "count",
        flips_en=f"{parameters.refutes_from} signals refute, {parameters.supports_to} or fewer support; now {on}.",
        flips_zh=f"達 {parameters.refutes_from} 項即推翻，{parameters.supports_to} 項以下則成立；目前 {on} 項。",
    )


def both_rise(evidence: pl.DataFrame, parameters: ReturnParameters, context: Context) -> Outcome:
    """`cloud_margin` and `return_on_ppe` at each of the later quarters against the first one; both down at each refutes.

    None down at any supports, all else is mixed. A later quarter that has not both yet leaves it undetermined.
    `operating_margin` is shown. n counts later quarters that have both; the statistic is of the newest of them.
    """
    series = {name: _by_day(evidence, name, context) for name in RETURNS}
    measures = ("cloud_margin", "return_on_ppe")
    base = parameters.base_on
    judged = [day for day in parameters.at if all(day in series[name] for name in measures)]
    if not judged or any(base not in series[name] for name in measures):
        return Outcome("undetermined", 0, "The later quarters are not printed yet.", "後續季度尚未公布。")
    down = [[series[name][day] < series[name][base] for name in measures] for day in judged]
    verdict: VerdictName = "mixed"
    if len(judged) < len(parameters.at):
        verdict = "undetermined"
    elif all(all(both) for both in down):
        verdict = "refuted"
    elif not any(any(both) for both in down):
        verdict = "supported"
    told = "; ".join(_moved(series, base, day) for day in judged)
    last = parameters.at[-1]
    return Outcome(
        verdict,
        len(judged),
        f"From {base} to {told}; {name_en('operating_margin')} is not judged.",
        f"{base} 至 {_zh(told)}；{name_zh('operating_margin')}僅供參考。",
        series["return_on_ppe"][judged[-1]] - series["return_on_ppe"][base],
        "pct_points",
        flips_en=f"Both measures down at every quarter to {last} refute, neither down at any supports; else mixed. Levels to "
        f"keep: {_levels(series, base, measures)}.",
        flips_zh=f"至 {last} 各期兩項皆降即不成立，各期皆未降則成立，否則部分成立。基準：{_zh(_levels(series, base, measures))}。",
    )


def _zh(told: str) -> str:
    """The same figures with the names and the punctuation of the page."""
    for name in RETURNS:
        told = told.replace(f"{name_en(name)} ", f"{name_zh(name)} ")
    for english, chinese in (
        (" to ", " 至 "),
        (", ", "、"),
        ("; ", "；"),
        (": ", "："),
        (" %", "%"),
        (" (", "（"),
        (")", "）"),
    ):
        told = told.replace(english, chinese)
    return told


def _moved(series: dict[str, dict[date, float]], base: date, day: date) -> str:
    parts = [
        f"{name_en(name)} {number(found[base], 1)} to {number(found[day], 1)} % ({signed(found[day] - found[base])})"
        for name, found in series.items()
        if day in found and base in found
    ]
    return f"{day}: {', '.join(parts)}"


def _levels(series: dict[str, dict[date, float]], base: date, names: tuple[str, ...]) -> str:
    return ", ".join(f"{name_en(name)} {number(series[name][base], 1)} %" for name in names)


def _by_day(evidence: pl.DataFrame, series: str, context: Context) -> dict[date, float]:
    return dict(by_period(evidence, series, context).select("observed_on", "value").iter_rows())


def margin_above(evidence: pl.DataFrame, parameters: MarginParameters, context: Context) -> Outcome:
    """`higher` above `lower` in each of the newest quarters supports; at or below in each refutes; else mixed."""
    higher, lower = (_by_day(evidence, series, context) for series in ("higher", "lower"))
    days = sorted(set(higher) & set(lower))[-parameters.quarters :]
    if not days:
        return Outcome(
            "undetermined", 0, "The two margins are not known for one quarter yet.", "尚無同一季度的兩項利潤率。"
        )
    gaps = [higher[day] - lower[day] for day in days]
    verdict: VerdictName = "mixed"
    if all(gap > 0 for gap in gaps):
        verdict = "supported"
    elif all(gap <= 0 for gap in gaps):
        verdict = "refuted"
    told = ", ".join(f"{day} {number(higher[day], 1)} against {number(lower[day], 1)}" for day in days)
    return Outcome(
        verdict,
        len(days),
        f"Margins in per cent: {told}.",
        f"利潤率（%）：{told.replace(' against ', ' 對 ').replace(', ', '、')}。",
        gaps[-1],
        "pct_points",
        min(gaps),
        max(gaps),
        flips_en=f"{parameters.quarters} quarters at or below refute, {parameters.quarters} above support. Against the newest, "
        f"{number(lower[days[-1]], 1)} % or less is at or below.",
        flips_zh=f"連續 {parameters.quarters} 季不高於即推翻，連續 {parameters.quarters} 季高於則成立。以最近一季比較，{number(lower[days[-1]], 1)}% 以下為不高於。",
    )
