"""Does a lead shrink? The median of its newest 90 days against the median of a fixed window before, board by board."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

import polars as pl
from pydantic import Field

from config.declared import Spec
from transforms.claim_tests.outcome import DEFINITION_DEPENDENT, FRAGILE, Context, Outcome, VerdictName
from transforms.claim_tests.reading import rows
from transforms.claim_tests.wording import name_en, name_zh, number, signed
from transforms.statistics.interval import Interval
from transforms.statistics.resampling import median_difference


class GapParameters(Spec):
    """The boards (series), the first that can be judged gives the statistic; windows in days, ends included."""

    boards: tuple[str, ...] = Field(min_length=1)
    baseline_from: date
    baseline_to: date
    recent_days: int = Field(90, ge=1)
    snapshots: int = Field(description="snapshots each window needs for a board to be judged", ge=1)
    stale_after_days: int = Field(120, ge=0)
    block: int = Field(4, ge=1, description="neighbouring snapshots resampled together")
    replications: int = Field(2000, ge=100)
    confidence: float = Field(0.9, gt=0, lt=1)
    seed: int = 1


@dataclass(frozen=True, slots=True)
class _Board:
    name: str
    earlier: pl.DataFrame
    recent: pl.DataFrame

    @property
    def n(self) -> int:
        return min(self.earlier.height, self.recent.height)

    @property
    def newest(self) -> date:
        return cast("date", self.recent["observed_on"][-1])


def gap_shrinks(evidence: pl.DataFrame, parameters: GapParameters, context: Context) -> Outcome:
    """The median gap of the newest days is below that of the window before; a change of 0 or more refutes.

    Boards are judged apart; those that disagree are mixed. n counts the snapshots of the smaller window of the
    best covered board. Fragile: an interval that reaches 0, or newest data older than `stale_after_days`.
    """
    boards = [_windows(evidence, board, parameters, context) for board in parameters.boards]
    judged = [(board, _change(board, parameters)) for board in boards if board.n >= parameters.snapshots]
    n = max(board.n for board in boards)
    if not judged:
        return Outcome("undetermined", n, *_too_few(boards, parameters))
    verdicts = {_verdict(change) for _, change in judged}
    flags: tuple[str, ...] = (DEFINITION_DEPENDENT,) if len(verdicts) > 1 else ()
    if any(change.contains(0) or _is_stale(board, parameters, context) for board, change in judged):
        flags += (FRAGILE,)
    details = [_detail(board, change, _is_stale(board, parameters, context)) for board, change in judged]
    first = judged[0][1]
    return Outcome(
        verdicts.pop() if len(verdicts) == 1 else "mixed",
        n,
        " ".join(english for english, _ in details),
        "".join(chinese for _, chinese in details),
        first.estimate,
        "points",
        first.low,
        first.high,
        flags,
        f"A median gap of {signed(_median(judged[0][0].earlier))} points or more over {parameters.recent_days} days refutes.",
        f"{parameters.recent_days} 天差距中位數達 {signed(_median(judged[0][0].earlier))} 分以上即推翻。",
    )


def days_gap_grows_old(evidence: pl.DataFrame, parameters: GapParameters) -> list[tuple[date, date]]:
    """The day on which each board's newest day is first too old, as a span of one day."""
    newest = (
        evidence.filter(pl.col("series").is_in(parameters.boards)).group_by("series").agg(pl.col("observed_on").max())
    )
    old = [day + timedelta(days=parameters.stale_after_days + 1) for day in newest["observed_on"]]
    return [(day, day) for day in old]


def _windows(evidence: pl.DataFrame, board: str, parameters: GapParameters, context: Context) -> _Board:
    """The two windows of one board, one row a day: a day that several sources tell counts once, by their median."""
    days = (
        rows(evidence, board, context)
        .group_by("observed_on")
        .agg(pl.col("value").median(), pl.col("label").unique().sort())
        .sort("observed_on")
    )
    day = pl.col("observed_on")
    earlier = days.filter(day.is_between(parameters.baseline_from, parameters.baseline_to))
    after = days.filter(day > parameters.baseline_to)
    if after.is_empty():
        return _Board(board, earlier, after)
    start = after["observed_on"].item(-1) - timedelta(days=parameters.recent_days)
    return _Board(board, earlier, after.filter(day > start))


def _change(board: _Board, parameters: GapParameters) -> Interval:
    return median_difference(
        board.recent["value"].to_list(),
        board.earlier["value"].to_list(),
        block=parameters.block,
        seed=parameters.seed,
        replications=parameters.replications,
        confidence=parameters.confidence,
    )


def _verdict(change: Interval) -> VerdictName:
    return "refuted" if change.estimate >= 0 else "supported"


def _is_stale(board: _Board, parameters: GapParameters, context: Context) -> bool:
    return (context.as_of - board.newest).days > parameters.stale_after_days


def _median(window: pl.DataFrame) -> float:
    return float(window.select(pl.col("value").median()).item())


def _detail(board: _Board, change: Interval, stale: bool) -> tuple[str, str]:
    first, last = board.recent["observed_on"][0], board.newest
    scales = set(board.recent["label"].explode().drop_nulls())
    before = set(board.earlier["label"].explode().drop_nulls())
    note_en, note_zh = ("", "")
    if scales != before:
        note_en, note_zh = (
            " The scales differ; a gap within a scale is not moved by re-anchoring.",
            "（量尺不同；同一量尺內的差距不受重新定錨影響）",
        )
    if stale:
        note_en += f" Nothing newer than {last} is known."
        note_zh += f"（之後已無更新資料，最新為 {last}）"
    numbers = (signed(_median(board.earlier)), signed(_median(board.recent)), signed(change.estimate))
    ends = f"{signed(change.low)} to {signed(change.high)}"
    ends_zh = f"{signed(change.low)} 至 {signed(change.high)}"
    share = number(100 * change.confidence)
    return (
        f"{name_en(board.name)}: median gap {numbers[0]} ({board.earlier.height} snapshots), {numbers[1]} from {first} to {last} "
        f"({board.recent.height}): change {numbers[2]} points ({share} % interval {ends}).{note_en}",
        f"{name_zh(board.name)}：差距中位數原為 {numbers[0]} 分（{board.earlier.height} 次），{first} 至 {last} 為 {numbers[1]} 分"
        f"（{board.recent.height} 次），變化 {numbers[2]} 分（{share}% 區間 {ends_zh}）{note_zh}。",
    )


def _too_few(boards: list[_Board], parameters: GapParameters) -> tuple[str, str]:
    counts = ", ".join(f"{name_en(board.name)} {board.earlier.height} + {board.recent.height}" for board in boards)
    counts_zh = "、".join(f"{name_zh(board.name)} {board.earlier.height} + {board.recent.height}" for board in boards)
    return (
        f"Snapshots before and after {parameters.baseline_to}: {counts}; each window needs {parameters.snapshots}.",
        f"{parameters.baseline_to} 前後的榜單次數：{counts_zh}；各需 {parameters.snapshots} 次。",
    )
