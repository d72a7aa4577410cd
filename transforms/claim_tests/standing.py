"""Who stood first on a board, on which days, and by how much."""

from __future__ import annotations

from datetime import date

import polars as pl
from pydantic import Field

from config.declared import Spec
from transforms.claim_tests.outcome import DEFINITION_DEPENDENT, Context, Outcome, VerdictName
from transforms.claim_tests.reading import rows
from transforms.claim_tests.wording import name_en, name_zh, number, signed
from transforms.statistics.proportion import share


class DominanceParameters(Spec):
    """The boards, best first; days before `before` count; the strong form asks a lead with an interval above 0."""

    boards: tuple[str, ...] = Field(min_length=1)
    before: date
    strong_share: float = Field(gt=0, le=1)
    strong_days: int = Field(ge=1, description="days with an interval that the strong form needs")


class FirstPlaceParameters(Spec):
    """The boards, best first, and the days among which another developer must have stood first."""

    boards: tuple[str, ...] = Field(min_length=1)
    from_on: date
    to_on: date


def dominance(evidence: pl.DataFrame, parameters: DominanceParameters, context: Context) -> Outcome:
    """Strict: no other developer ever stood above on any day before the date; one such day refutes.

    Strong, told apart and never deciding: the interval of the lead lies above 0 on that share of the days that have an
    interval. The first board with days decides. The statistic is the share of days led by score.
    """
    found = [
        (board, _days(evidence, board, context).filter(pl.col("observed_on") < parameters.before))
        for board in parameters.boards
    ]
    board, days = next(((name, days) for name, days in found if not days.is_empty()), ("", found[0][1]))
    if days.is_empty():
        return Outcome("undetermined", 0, "No board of that time is known.", "尚無當時的榜單。")
    behind = days.filter(pl.col("value") < 0)
    led = share(int((days["value"] > 0).sum()), days.height)
    strict_en, strict_zh = "no day", "無"
    if not behind.is_empty():
        first = behind.row(0, named=True)
        strict_en = f"{behind.height} days, first {first['observed_on']} ({name_en(first['label'])}, {signed(first['value'])} points)"
        strict_zh = (
            f"{behind.height} 天，首次 {first['observed_on']}（{name_zh(first['label'])}，{signed(first['value'])} 分）"
        )
    strong_en, strong_zh = _strong(days, parameters)
    return Outcome(
        "refuted" if behind.height else "supported",
        days.height,
        f"{name_en(board)}, {days.height} days before {parameters.before}. Strict, another above by score: {strict_en}. {strong_en}",
        f"{name_zh(board)}，{parameters.before} 前 {days.height} 天。嚴格（他人分數較高）：{strict_zh}。{strong_zh}",
        100 * led.estimate,
        "pct",
        100 * led.low,
        100 * led.high,
        flips_en="The days are past; only another history of the board could change it.",
        flips_zh="時段已過，除非榜單歷史改變。",
    )


def _strong(days: pl.DataFrame, parameters: DominanceParameters) -> tuple[str, str]:
    known = days.drop_nulls("low")
    wanted = number(100 * parameters.strong_share)
    if known.height < parameters.strong_days:
        return (
            f"Strong form, lead with its interval above 0: not decidable, {known.height} of {days.height} days have an interval "
            f"and {parameters.strong_days} are needed.",
            f"強式（領先區間高於 0）：無法判定，{days.height} 天中僅 {known.height} 天有區間，至少需 {parameters.strong_days} 天。",
        )
    clear = share(int((known["low"] > 0).sum()), known.height)
    holds = clear.estimate >= parameters.strong_share
    told = f"{number(100 * clear.estimate, 1)} % ({number(100 * clear.low, 1)} to {number(100 * clear.high, 1)})"
    return (
        f"Strong, lead with its interval above 0: {told} of {known.height} days; {wanted} % needed, so it {'holds' if holds else 'fails'}.",
        f"強式（領先區間高於 0）：{known.height} 天中 {told.replace(' to ', ' 至 ').replace(' (', '（').replace(')', '）')}；須達 {wanted}%，{'成立' if holds else '不成立'}。",
    )


def took_first(evidence: pl.DataFrame, parameters: FirstPlaceParameters, context: Context) -> Outcome:
    """Another developer stood first by score on a day of the window; none until its end refutes.

    The first board with days in the window decides; n counts its days, the statistic how many of them were lost. Boards that
    differ set a flag. A board that has not lost it by its last day in a window that still runs decides nothing.
    """
    over = context.as_of > parameters.to_on
    told = []
    for board in parameters.boards:
        days = _days(evidence, board, context).filter(
            pl.col("observed_on").is_between(parameters.from_on, parameters.to_on)
        )
        if not days.is_empty():
            told.append((board, days, days.filter(pl.col("value") < 0)))
    if not told:
        return Outcome("undetermined", 0, "No board of that time is known.", "尚無當時的榜單。")
    verdicts = {_lost(lost, over=over) for _, _, lost in told}
    parts = [_told(board, days, lost) for board, days, lost in told]
    _, days, lost = told[0]
    return Outcome(
        _lost(lost, over=over),
        days.height,
        " ".join(english for english, _ in parts),
        "".join(chinese for _, chinese in parts),
        float(lost.height),
        "days",
        flags=(DEFINITION_DEPENDENT,) if len(verdicts) > 1 else (),
        flips_en=f"A day to {parameters.to_on} on which another developer leads supports; none refutes.",
        flips_zh=f"至 {parameters.to_on} 任一天由他人居首即成立，皆無則不成立。",
    )


def _lost(lost: pl.DataFrame, *, over: bool) -> VerdictName:
    if not lost.is_empty():
        return "supported"
    return "refuted" if over else "undetermined"


def _told(board: str, days: pl.DataFrame, lost: pl.DataFrame) -> tuple[str, str]:
    if lost.is_empty():
        return (
            f"{name_en(board)}: OpenAI first or level on all {days.height} days.",
            f"{name_zh(board)}：{days.height} 天皆由 OpenAI 居首或並列。",
        )
    first = lost.row(0, named=True)
    others = sorted(set(lost["label"].drop_nulls()))
    who, who_zh = ", ".join(map(name_en, others)), "、".join(map(name_zh, others))
    return (
        f"{name_en(board)}: another developer first on {lost.height} of {days.height} days, from {first['observed_on']} "
        f"({name_en(first['label'])}, {signed(first['value'])}); in all {who}.",
        f"{name_zh(board)}：{days.height} 天中有 {lost.height} 天由他人居首，首日 {first['observed_on']}（{name_zh(first['label'])}，"
        f"{signed(first['value'])}）；含 {who_zh}。",
    )


def _days(evidence: pl.DataFrame, board: str, context: Context) -> pl.DataFrame:
    """One row a day; the rows are in the order in which they became known, and the newest telling of a day stands."""
    return rows(evidence, board, context).unique("observed_on", keep="last", maintain_order=True).sort("observed_on")
