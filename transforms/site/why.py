"""Why a verdict turned on a day, in the reader's words: the document and the two figures of verdict_flip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.terms import Terms
from transforms.claim_tests.outcome import Sentences
from transforms.claim_tests.wording import labelled
from transforms.site import names
from transforms.site.words import Phrase, amount

GONE = " counts no more."  # how verdict_flip ends a row whose evidence was taken back: it names documents alone


def why(flip: Mapping[str, Any], said: Sentences, terms: Terms, hosts: Mapping[str, str] = names.NO_HOSTS) -> Phrase:
    """A row of verdict_flip in both languages. Where no figure or statement turned it, its own words, which name none.

    `hosts` are those of the claim's evidence (addresses.hosts), by which its documents are named.
    """
    if flip["deciding_series"] is None or flip["why_en"].endswith(GONE):
        return Phrase(flip["why_zh"], flip["why_en"])
    first, more = flip["documents"][0], len(flip["documents"]) - 1
    named = names.document(str(first), hosts)
    told_zh = f"{named.zh} 等 {more + 1} 份文件" if more else named.zh
    told_en = f"{named.en} and {more} more" if more else named.en
    english, chinese = labelled(flip["deciding_label"] or "", said)
    series, day = names.series(flip["deciding_series"]), flip["deciding_on"]
    # A scale of a board bears the board's name, and a quarter its year.
    what_en = english if english.startswith(series.en) else f"{series.en} {english}".rstrip()
    what_zh = chinese if chinese.startswith(series.zh) else f"{series.zh} {chinese}".rstrip()
    if flip["value_unit"] == "count":
        return Phrase(f"{told_zh}：{series.zh}，{chinese}（{day}）。", f"{told_en}, {series.en}: {english} ({day}).")
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
