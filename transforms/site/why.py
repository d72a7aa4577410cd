"""Why a verdict turned on a day, in the reader's words: the document and the two figures of verdict_flip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.terms import Terms
from transforms.claim_tests.outcome import Sentences
from transforms.claim_tests.wording import labelled, name_en, name_zh
from transforms.site.words import Phrase, amount

GONE = " counts no more."  # how verdict_flip ends a row whose evidence was taken back: it names documents alone


def why(flip: Mapping[str, Any], said: Sentences, terms: Terms) -> Phrase:
    """A row of verdict_flip in both languages. Where no figure or statement turned it, its own words, which name none."""
    if flip["deciding_series"] is None or flip["why_en"].endswith(GONE):
        return Phrase(flip["why_zh"], flip["why_en"])
    first, more = flip["documents"][0], len(flip["documents"]) - 1
    told_zh = f"{first} 等 {more + 1} 份文件" if more else str(first)
    told_en = f"{first} and {more} more" if more else str(first)
    english, chinese = labelled(flip["deciding_label"] or "", said)
    series, day = flip["deciding_series"], flip["deciding_on"]
    # A scale of a board bears the board's name.
    what_en = english if english.startswith(name_en(series)) else f"{name_en(series)} {english}".rstrip()
    what_zh = chinese if chinese.startswith(name_zh(series)) else f"{name_zh(series)} {chinese}".rstrip()
    if flip["value_unit"] == "count":
        return Phrase(
            f"{told_zh}：{name_zh(series)}，{chinese}（{day}）。", f"{told_en}, {name_en(series)}: {english} ({day})."
        )
    now = amount(flip["value_after"], flip["value_unit"] or "", terms)
    was = amount(flip["value_before"], flip["value_unit"] or "", terms)
    before_zh = before_en = ""
    if flip["value_before"] is not None and flip["value_before_on"] == day:
        before_zh, before_en = f"，原為 {was.zh}", f", before it stood at {was.en}"
    elif flip["value_before"] is not None:
        before_zh, before_en = (
            f"，前值 {was.zh}（{flip['value_before_on']}）",
            f", after {was.en} of {flip['value_before_on']}",
        )
    return Phrase(
        f"{told_zh}：{what_zh}（{day}）為 {now.zh}{before_zh}。",
        f"{told_en}: {what_en} of {day}: {now.en}{before_en}.",
    )
