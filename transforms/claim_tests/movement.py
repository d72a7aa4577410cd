"""Growth that does or does not pick up, and figures that have moved since the claim."""

from __future__ import annotations

from statistics import median
from typing import Any, Literal

import polars as pl
from pydantic import Field

from config.declared import Spec
from transforms.claim_tests.outcome import Context, Outcome, VerdictName
from transforms.claim_tests.reading import by_period
from transforms.claim_tests.wording import name_en, name_zh, number, signed


class PickupParameters(Spec):
    """How many prints the newest is compared with, and by how many points a print above the old peak refutes."""

    before: int = Field(3, ge=1)
    points: float = Field(gt=0)


class MovedParameters(Spec):
    """Which series must have moved by how many points since the claim, and within how many prints: later ones do not count."""

    parts: tuple[str, ...] = Field(min_length=1)
    points: float = Field(gt=0)
    need: Literal["any", "all"]
    prints: int = Field(ge=1)


def no_pickup(evidence: pl.DataFrame, parameters: PickupParameters, context: Context) -> Outcome:
    """Series `growth`, of one definition: the newest print is at most the median of those before it.

    A print since the claim that exceeds the highest print known when it was made by `points` refutes, for good; a newest
    print between the two decides nothing. `without_ai` is shown. n counts the prints.
    """
    prints = by_period(evidence, "growth", context)
    known_then = prints.filter(pl.col("known_at").dt.date() <= context.asserted_at)
    if prints.height <= parameters.before or known_then.is_empty():
        return Outcome("undetermined", prints.height, "Too few prints of one definition.", "同一定義的公布次數不足。")
    values = prints["value"].to_list()
    peak = max(known_then["value"])
    middle, newest = float(median(values[-1 - parameters.before : -1])), values[-1]
    since = prints.filter(pl.col("known_at").dt.date() > context.asserted_at)["value"].to_list()
    verdict: VerdictName = "supported" if newest <= middle else "undetermined"
    if any(value >= peak + parameters.points for value in since):
        verdict = "refuted"
    path = ", ".join(f"{row['label']} {number(row['value'], 1)}" for row in prints.tail(6).iter_rows(named=True))
    bar = number(peak + parameters.points, 1)
    beside_en, beside_zh = _without_ai(evidence, context)
    enough = number(median(values[-parameters.before :]), 1)
    flips_en = f"A print of {bar} % or more refutes; one of at most {enough} % supports."
    flips_zh = f"公布值達 {bar}% 以上即推翻；不高於 {enough}% 則成立。"
    if verdict == "refuted":
        flips_en = f"Refuted for good by a print of {bar} % or more; only a restatement could change it."
        flips_zh = f"已因公布值達 {bar}% 以上而推翻，除非數字重編。"
    return Outcome(
        verdict,
        prints.height,
        f"Growth at constant currency, per cent: {path}. Median of the {parameters.before} before the newest "
        f"{number(middle, 1)}; highest known when it was said {number(peak, 1)}.{beside_en}",
        f"固定匯率成長率（%）：{path.replace(', ', '、')}。最新一季之前 {parameters.before} 季中位數 {number(middle, 1)}；"
        f"發表時已知高點 {number(peak, 1)}。{beside_zh}",
        newest,
        "pct",
        flips_en=flips_en,
        flips_zh=flips_zh,
    )


def _without_ai(evidence: pl.DataFrame, context: Context) -> tuple[str, str]:
    known = by_period(evidence, "without_ai", context).tail(4)
    if known.is_empty():
        return "", ""
    path = ", ".join(f"{row['label']} {number(row['value'], 1)}" for row in known.iter_rows(named=True))
    return f" Without AI services, not judged: {path}.", f"不含 AI 服務（僅供參考）：{path.replace(', ', '、')}。"


def moved_by(evidence: pl.DataFrame, parameters: MovedParameters, context: Context) -> Outcome:
    """Each part against its newest figure known when the claim was made: moved by `points` or more.

    any: one part that moved supports; all: every part must. Refuted when so many prints have come without it; what is
    printed after them is not looked at. The statistic is the largest movement; n counts the prints of the best covered part.
    """
    moves = {part: _moves(evidence, part, context)[: parameters.prints] for part in parameters.parts}
    n = max(len(found) for found in moves.values())
    flips = _moved_flips(evidence, parameters, context)
    if not n:
        return Outcome(
            "undetermined", 0, *_no_moves(evidence, parameters, context), flips_en=flips[0], flips_zh=flips[1]
        )
    moved = {part: any(abs(move) >= parameters.points for move in found) for part, found in moves.items()}
    enough = any(moved.values()) if parameters.need == "any" else all(moved.values())
    verdict: VerdictName = "supported" if enough else "undetermined"
    if not enough and min(len(found) for found in moves.values()) >= parameters.prints:
        verdict = "refuted"
    listed = "; ".join(
        f"{name_en(part)}: {', '.join(signed(move) for move in found) or '-'}" for part, found in moves.items()
    )
    listed_zh = "；".join(f"{name_zh(part)}：{'、'.join(map(signed, found)) or '-'}" for part, found in moves.items())
    return Outcome(
        verdict,
        n,
        f"Points against the figure known when it was said, print by print: {listed}; {number(parameters.points)} counts as moved.",
        f"各次公布相較發表時的變動（百分點）：{listed_zh}；達 {number(parameters.points)} 視為變動。",
        max((move for found in moves.values() for move in found), key=abs),
        "pct_points",
        flips_en=flips[0],
        flips_zh=flips[1],
    )


def _no_moves(evidence: pl.DataFrame, parameters: MovedParameters, context: Context) -> tuple[str, str]:
    """What is missing: the figure to start from, or one after it."""
    bases = (_base(by_period(evidence, part, context), context) for part in parameters.parts)
    if all(base is None for base in bases):
        names, names_zh = ", ".join(map(name_en, parameters.parts)), "、".join(map(name_zh, parameters.parts))
        return (
            f"No figure of {names} from before it was said is stored, so there is nothing to set a print against.",
            f"尚無發表前的{names_zh}數據，無從比較。",
        )
    return "Nothing has been printed since.", "發表後尚無新數據。"


def _moved_flips(evidence: pl.DataFrame, parameters: MovedParameters, context: Context) -> tuple[str, str]:
    """The values from which each part counts as moved: the figure known when it was said, and the points on either side."""
    known = {part: _base(by_period(evidence, part, context), context) for part in parameters.parts}
    ends = {
        part: (number(base["value"] - parameters.points, 1), number(base["value"] + parameters.points, 1))
        for part, base in known.items()
        if base is not None
    }
    points = number(parameters.points)
    told = "; ".join(
        f"{name_en(part)} at most {ends[part][0]} or at least {ends[part][1]}"
        if part in ends
        else f"{name_en(part)} by {points} points either way"
        for part in parameters.parts
    )
    told_zh = "；".join(
        f"{name_zh(part)}不高於 {ends[part][0]} 或不低於 {ends[part][1]}"
        if part in ends
        else f"{name_zh(part)}增減 {points} 個百分點"
        for part in parameters.parts
    )
    each = "one supports" if parameters.need == "any" else "all support"
    each_zh = "任一項即成立" if parameters.need == "any" else "各項皆達即成立"
    return (
        f"Moved: {told}; {each}, {parameters.prints} prints without it refute.",
        f"視為變動：{told_zh}；{each_zh}，{parameters.prints} 次公布皆未達則推翻。",
    )


def _moves(evidence: pl.DataFrame, part: str, context: Context) -> list[float]:
    prints = by_period(evidence, part, context)
    then = _base(prints, context)
    if then is None:
        return []
    later = prints.filter(
        (pl.col("observed_on") > then["observed_on"]) & (pl.col("known_at").dt.date() > context.asserted_at)
    )
    return [value - then["value"] for value in later["value"]]


def _base(prints: pl.DataFrame, context: Context) -> dict[str, Any] | None:
    """The newest figure known when the claim was made."""
    known = prints.filter(pl.col("known_at").dt.date() <= context.asserted_at)
    return None if known.is_empty() else known.row(-1, named=True)
