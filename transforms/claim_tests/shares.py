"""Shares: one that rises beyond what words leave open, a share of a sum, the largest of several."""

from __future__ import annotations

from datetime import date

import polars as pl
from pydantic import Field

from config.declared import Spec
from transforms.claim_tests.outcome import DEFINITION_DEPENDENT, FRAGILE, Context, Outcome, VerdictName
from transforms.claim_tests.reading import by_period, rows
from transforms.claim_tests.statements import listed
from transforms.claim_tests.wording import labelled, name_en, name_zh, number, signed, unit_en, unit_zh


class RiseParameters(Spec):
    """After this day, without a rise, it is refuted."""

    deadline: date


class TotalParameters(Spec):
    """A share of this much or more refutes."""

    refutes_from: float = Field(gt=0, le=1)


class HolderParameters(Spec):
    """The holder said to be the largest: the label of its rows."""

    holder: str


def share_rises(evidence: pl.DataFrame, parameters: RiseParameters, context: Context) -> Outcome:
    """The lower end of a later share (`after`) above the upper end of all earlier ones (`before`), both in per cent.

    The unit names the denominator (`pct of all_capex`), and only shares of one denominator are compared: one whose
    counterpart is of another sum decides nothing, is shown and sets the flag definition_dependent. `long_lived`, in dollars,
    is shown. n counts the later figures that can be compared; the statistic is lower end minus upper end.
    """
    before, after = (_ends(evidence.filter(pl.col("series") == series)) for series in ("before", "after"))
    told_en, told_zh = _sides(before, after, by_period(evidence, "long_lived", context))
    if before.is_empty() or after.is_empty():
        return Outcome("undetermined", 0, f"One side is not known yet. {told_en}", f"其中一方尚未公布。{told_zh}")
    before, after = before.join(after, on="unit", how="semi"), after.join(before, on="unit", how="semi")
    if after.is_empty():
        return Outcome(
            "undetermined",
            0,
            f"The shares are of different sums, so their difference says nothing. {told_en}",
            f"分母不同，不能相減。{told_zh}",
            flags=(DEFINITION_DEPENDENT,),
            flips_en="A later share of the earlier denominator, or an earlier one of the later, would decide.",
            flips_zh="須有相同分母的先後兩期占比才能判定。",
        )
    ceilings = before.group_by("unit").agg(ceiling=pl.col("high").max())
    gaps = after.join(ceilings, on="unit").with_columns(gap=pl.col("low") - pl.col("ceiling"))
    best = gaps.sort("gap", "observed_on", descending=[True, False]).row(0, named=True)
    gap, ceiling = best["gap"], best["ceiling"]
    late = context.as_of > parameters.deadline
    verdict: VerdictName = "supported" if gap > 0 else "refuted" if late else "undetermined"
    return Outcome(
        verdict,
        after.height,
        f"{told_en} Lower end {number(best['low'])} of {best['label']} against upper end {number(ceiling)}: {signed(gap)} points.",
        f"{told_zh}{best['label']} 下限 {number(best['low'])} 對先前上限 {number(ceiling)}：{signed(gap)} 個百分點。",
        gap,
        "pct_points",
        flips_en=f"A share whose lower end exceeds {number(ceiling)} % supports; none by {parameters.deadline} refutes.",
        flips_zh=f"下限高於 {number(ceiling)}% 即成立；至 {parameters.deadline} 仍無則推翻。",
    )


def _ends(found: pl.DataFrame) -> pl.DataFrame:
    filled = found.with_columns(low=pl.coalesce("low", "value"), high=pl.coalesce("high", "value"))
    filled = filled.sort("known_at", "evidence", maintain_order=True)
    return filled.unique(["observed_on", "unit"], keep="last", maintain_order=True).sort("observed_on", "unit")


def _sides(before: pl.DataFrame, after: pl.DataFrame, long_lived: pl.DataFrame) -> tuple[str, str]:
    dollars = ", ".join(f"{row['label']} {number(row['value'] / 1e9, 1)}" for row in long_lived.iter_rows(named=True))
    own = "、".join(f"{row['label']} {number(row['value'] / 1e8)}" for row in long_lived.iter_rows(named=True))
    return (
        f"Before: {_spans(before) or '-'}. After: {_spans(after) or '-'}."
        + (f" Long-lived, not judged, billions of dollars: {dollars}." if dollars else ""),
        f"先前：{_spans_zh(before) or '-'}。之後：{_spans_zh(after) or '-'}。"
        + (f"長期資產（億美元，僅供參考）：{own}。" if own else ""),
    )


def _spans(found: pl.DataFrame) -> str:
    return ", ".join(
        f"{row['label']} {unit_en(number(row['low']) + ' to ' + number(row['high']), row['unit'])}"
        for row in found.iter_rows(named=True)
    )


def _spans_zh(found: pl.DataFrame) -> str:
    return "、".join(
        f"{row['label']} {unit_zh(number(row['low']) + ' 至 ' + number(row['high']), row['unit'])}"
        for row in found.iter_rows(named=True)
    )


def share_of_total(evidence: pl.DataFrame, parameters: TotalParameters, context: Context) -> Outcome:
    """`own` over `own` and `other` together, sums of announced amounts; at the limit or above refutes.

    Fragile: leaving one amount out would decide otherwise; the detail names it.
    """
    own, other = (rows(evidence, series, context) for series in ("own", "other"))
    n = own.height + other.height
    if own.is_empty():
        return Outcome("undetermined", 0, "No amount of its own is known yet.", "尚無本身的金額。")
    amounts = [(True, row) for row in own.iter_rows(named=True)] + [(False, row) for row in other.iter_rows(named=True)]
    share = _share(amounts)
    verdict = _squeezed(share, parameters)
    swings = []
    for index, (mine, row) in enumerate(amounts):
        rest = [*amounts[:index], *amounts[index + 1 :]]
        if not (mine and own.height == 1) and _squeezed(_share(rest), parameters) != verdict:
            swings.append((*labelled(row["label"], context.said), _share(rest)))
    words = [(*labelled(row["label"], context.said), row["value"]) for _, row in amounts]
    told = "; ".join(f"{english} ({number(value / 1e9, 1)})" for english, _, value in words)
    told_zh = "；".join(f"{chinese}（{number(value / 1e8)}）" for _, chinese, value in words)
    swing_en = "".join(f' Without "{english}": {number(100 * part, 1)} %.' for english, _, part in swings)
    swing_zh = "".join(f"若不計「{chinese}」：{number(100 * part, 1)}%。" for _, chinese, part in swings)
    limit = number(100 * parameters.refutes_from)
    return Outcome(
        verdict,
        n,
        f"Announced, billions of dollars: {told}. Share {number(100 * share, 1)} %; {limit} % or more refutes.{swing_en}",
        f"已宣布金額（億美元）：{told_zh}。占比 {number(100 * share, 1)}%；達 {limit}% 即推翻。{swing_zh}",
        100 * share,
        "pct",
        flags=(FRAGILE,) if swings else (),
        flips_en=_share_flips(amounts, parameters)[0],
        flips_zh=_share_flips(amounts, parameters)[1],
    )


def _share_flips(amounts: list[tuple[bool, dict[str, float]]], parameters: TotalParameters) -> tuple[str, str]:
    """How much more of its own, or of the others', would carry the share across the limit."""
    limit = number(100 * parameters.refutes_from)
    own = sum(row["value"] for mine, row in amounts if mine)
    other = sum(row["value"] for mine, row in amounts if not mine)
    odds = parameters.refutes_from / (1 - parameters.refutes_from) if parameters.refutes_from < 1 else float("inf")
    if own < other * odds:
        more = other * odds - own
        return (
            f"{limit} % or more refutes: {number(more / 1e9, 1)} billion dollars more of its own would.",
            f"占比達 {limit}% 即推翻：自身再增 {number(more / 1e8)} 億美元即達。",
        )
    more = own / odds - other
    return (
        f"Below {limit} % supports: more than {number(more / 1e9, 1)} billion dollars more of the others' would.",
        f"占比低於 {limit}% 即成立：其他業者再增逾 {number(more / 1e8)} 億美元即低於。",
    )


def _share(amounts: list[tuple[bool, dict[str, float]]]) -> float:
    total = sum(row["value"] for _, row in amounts)
    return sum(row["value"] for mine, row in amounts if mine) / total if total else 0.0


def _squeezed(share: float, parameters: TotalParameters) -> VerdictName:
    return "refuted" if share >= parameters.refutes_from else "supported"


def largest_holder(evidence: pl.DataFrame, parameters: HolderParameters, context: Context) -> Outcome:
    """Series `stake` (label: holder), newest for each; `ranked_below` are statements that another's is larger.

    A larger stake of another refutes, and so does such a statement while no newer stake of the holder's own is known.
    """
    stakes = {
        row["label"]: row
        for row in rows(evidence, "stake", context).sort("observed_on", "known_at", "evidence").iter_rows(named=True)
    }
    ranked = rows(evidence, "ranked_below", context)
    own = stakes.pop(parameters.holder, None)
    larger = {name: row for name, row in stakes.items() if own is None or row["value"] > own["value"]}
    overtaken = ranked if own is None else ranked.filter(pl.col("observed_on") > own["observed_on"])
    verdict: VerdictName = "undetermined"
    if (own is not None and larger) or not overtaken.is_empty():
        verdict = "refuted"
    elif own is not None and stakes:
        verdict = "supported"
    known = {**({parameters.holder: own} if own else {}), **stakes}
    top = max((row["value"] for row in stakes.values()), default=0.0)
    told = ", ".join(
        f"{name_en(name)} {number(row['value'])} % ({row['observed_on']})" for name, row in sorted(known.items())
    )
    told_zh = "、".join(
        f"{name_zh(name)} {number(row['value'])}%（{row['observed_on']}）" for name, row in sorted(known.items())
    )
    said, said_zh = listed(ranked, context.said)
    return Outcome(
        verdict,
        len(known) + ranked.height,
        f"Stakes: {told or '-'}." + (f" Said to hold less than another: {said}." if said else ""),
        f"持股：{told_zh or '-'}。" + (f"被指持股較少：{said_zh}。" if said else ""),
        own["value"] if own else None,
        "pct" if own else "",
        flips_en=f"A stake of {name_en(parameters.holder)} above every other supports{f': above {number(top)} %' if stakes else ''}.",
        flips_zh=f"{name_zh(parameters.holder)}持股高於所有人{f'（逾 {number(top)}%）' if stakes else ''}即成立。",
    )
