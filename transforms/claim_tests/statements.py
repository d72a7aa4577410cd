"""Dated statements that speak for or against a claim, and the share of them that read something one way."""

from __future__ import annotations

from datetime import date
from typing import Literal

import polars as pl
from pydantic import Field

from config.declared import Spec
from transforms.claim_tests.outcome import DEFINITION_DEPENDENT, MISREAD, Context, Outcome, Sentences, VerdictName
from transforms.claim_tests.reading import reading, rows
from transforms.claim_tests.wording import labelled, name_en, name_zh, number, signed

MOST_NAMED = 5


class StatementParameters(Spec):
    """Which statements count (the day they speak of, ends included), and what one of them is enough for."""

    rule: Literal["any_for_supports", "any_against_refutes"]
    from_on: date | None = None
    to_on: date | None = None
    deadline: date | None = Field(None, description="if none speaks for it by the end of that day, it is refuted")
    against_is_misread: bool = Field(
        False, description="those against it are what the claim rests on, and say otherwise"
    )


class ShareParameters(Spec):
    """The reading (series) that is said to be the only one, the share it needs, and the reading that contradicts it."""

    reading: str
    contrary: str
    at_least: float = Field(gt=0, le=1)
    readings: tuple[str, ...] = Field(min_length=2, description="all readings that count")


def dated_statements(evidence: pl.DataFrame, parameters: StatementParameters, context: Context) -> Outcome:
    """Series `for` and `against` decide; `beside` is shown; `other_reading` says another reading decides otherwise.

    any_for_supports: one for it supports, both kinds are mixed, one against it alone refutes. any_against_refutes: one
    against it refutes. n counts the statements that decide; the statistic is how many speak for it.
    """
    kinds = {
        name: _within(rows(evidence, name, context), parameters)
        for name in ("for", "against", "beside", "other_reading")
    }
    count = {name: found.height for name, found in kinds.items()}
    late = parameters.deadline is not None and context.as_of > parameters.deadline
    verdict = _verdict(parameters.rule, count["for"], count["against"], late=late)
    flags: tuple[str, ...] = (DEFINITION_DEPENDENT,) if count["other_reading"] else ()
    flags += (MISREAD,) if count["against"] and parameters.against_is_misread else ()
    n = count["for"] + count["against"]
    names = {"for": ("For", "支持"), "against": ("Against", "反對"), "other_reading": ("Another reading", "另一解讀"), "beside": ("Beside", "參考")}  # fmt: skip
    shown = [(*names[name], *listed(found, context.said)) for name, found in kinds.items() if not found.is_empty()]
    if late and not n:
        shown.append((f"None by {parameters.deadline}", f"至 {parameters.deadline} 為止皆無", "", ""))
    return Outcome(
        verdict,
        n or int(late),
        " ".join(f"{english}: {named}." if named else f"{english}." for english, _, named, _ in shown)
        or "No statement is known.",
        "".join(f"{chinese}：{named}。" if named else f"{chinese}。" for _, chinese, _, named in shown)
        or "尚無相關陳述。",
        float(count["for"]) if n or late else None,
        "count" if n or late else "",
        flags=flags,
        flips_en=_flips(parameters)[0],
        flips_zh=_flips(parameters)[1],
    )


def _within(found: pl.DataFrame, parameters: StatementParameters) -> pl.DataFrame:
    day = pl.col("observed_on")
    after = day >= parameters.from_on if parameters.from_on else pl.lit(True)
    before = day <= parameters.to_on if parameters.to_on else pl.lit(True)
    return found.filter(after & before)


def _verdict(rule: str, supporting: int, opposing: int, *, late: bool) -> VerdictName:
    if opposing and (rule == "any_against_refutes" or not supporting):
        return "refuted"
    if supporting:
        return "mixed" if opposing else "supported"
    return "refuted" if late else "undetermined"


def listed(found: pl.DataFrame, said: Sentences) -> tuple[str, str]:
    """The newest statements in words with their day, oldest first, in English and in Chinese."""
    newest = found.sort("observed_on", "label").tail(MOST_NAMED)
    more = found.height - newest.height
    told = [(*labelled(label, said), day) for label, day in newest.select("label", "observed_on").iter_rows()]
    return (
        "; ".join(f"{english} ({day})" for english, _, day in told) + (f"; and {more} before" if more else ""),
        "；".join(f"{chinese}（{day}）" for _, chinese, day in told) + (f"；另有先前 {more} 則" if more else ""),
    )


def _flips(parameters: StatementParameters) -> tuple[str, str]:
    if parameters.rule == "any_against_refutes":
        return "One statement against it refutes.", "出現任一反對陳述即推翻。"
    return "One statement for it supports, one against it alone refutes.", "有支持陳述即成立，僅有反對陳述則推翻。"


def reading_share(evidence: pl.DataFrame, parameters: ShareParameters, context: Context) -> Outcome:
    """The share of notes that read it one way; one note to the contrary, or a share below `at_least`, refutes.

    `abnormal_return`, the move of the share beyond its index in points, is shown and never judged.
    """
    counts = {name: rows(evidence, name, context).height for name in parameters.readings}
    n = sum(counts.values())
    if not n:
        return Outcome("undetermined", 0, "No dated note is known.", "尚無具日期的報告。")
    share = 100 * counts[parameters.reading] / n
    alone = not counts[parameters.contrary] and share >= 100 * parameters.at_least
    told = ", ".join(f"{name_en(name)} {count}" for name, count in counts.items())
    told_zh = "、".join(f"{name_zh(name)} {count}" for name, count in counts.items())
    needed = number(100 * parameters.at_least, 1)
    moved = reading(evidence, "abnormal_return", context)
    beside_en = "" if moved is None else f" {moved.label}, not judged: {signed(moved.value)} points."
    beside_zh = "" if moved is None else f"{moved.label}（僅供參考）：{signed(moved.value)} 個百分點。"
    return Outcome(
        "supported" if alone else "refuted",
        n,
        f"Dated notes by reading: {told}; {number(share, 1)} % read {name_en(parameters.reading)}, {needed} % and no contrary note needed.{beside_en}",
        f"具日期報告依解讀：{told_zh}；{name_zh(parameters.reading)}占 {number(share, 1)}%，須達 {needed}% 且無相反解讀。{beside_zh}",
        share,
        "pct",
        flips_en=f"One note reading {name_en(parameters.contrary)}, or a share below {needed} %, refutes.",
        flips_zh=f"任一報告解讀為{name_zh(parameters.contrary)}，或占比低於 {needed}%，即推翻。",
    )
