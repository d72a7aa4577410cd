"""The ratio of two prices on a day, the pair that was on sale when the claim was made beside it."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from config.declared import Spec
from config.errors import Refused
from transforms.claim_tests.model_titles import with_model_titles
from transforms.claim_tests.outcome import (
    DEFINITION_DEPENDENT,
    SECONDARY,
    STALE_AT_ASSERTION,
    Context,
    Outcome,
    VerdictName,
)
from transforms.claim_tests.reading import BY_SOURCE, Reading, reading, rows, source_of
from transforms.claim_tests.wording import amount_en, amount_zh, number


class RatioParameters(Spec):
    """The ends, themselves included, between which the ratio supports the claim."""

    low: float
    high: float


def ratio_at_date(evidence: pl.DataFrame, parameters: RatioParameters, context: Context) -> Outcome:
    """`numerator` over `denominator` within the ends. Several listings that disagree make a range; across an end: mixed.

    `numerator_on_sale` over `denominator_on_sale` decides the flag stale_at_assertion: a pair on sale on the day
    whose ratio lies outside. `fx_numerator` and `fx_other` (both per one unit of a third currency) only show the
    numerator in the other currency. `numerator_by_source` and `denominator_by_source` are what each source says by itself: one
    that decides otherwise sets definition_dependent. `secondary` names the sides that tier 3 alone tells, and sets that flag.
    """
    pair = _pair(evidence, "", context)
    on_sale = _pair(evidence, "_on_sale", context)
    if pair is None:
        return Outcome("undetermined", 0, "One price of the pair is not known yet.", "這一組價格至少有一個尚不可得。")
    low, value, high = _ratio(pair)
    verdict = _verdict(low, high, parameters)
    stale = on_sale is not None and _verdict(*_ratio(on_sale)[::2], parameters) == "refuted"
    english, chinese = _sentence(pair, value)
    if on_sale is not None:
        beside = _sentence(on_sale, _ratio(on_sale)[1])
        english, chinese = f"{english} On sale that day: {beside[0]}", f"{chinese}當日在售：{beside[1]}"
    cross = _cross(evidence, pair[0], context)
    flags: tuple[str, ...] = (STALE_AT_ASSERTION,) if stale else ()
    flags += (
        (DEFINITION_DEPENDENT,) if verdict == "mixed" or _by_source(evidence, parameters, context) - {verdict} else ()
    )
    secondary = [*map(with_model_titles, rows(evidence, "secondary", context)["label"].unique().sort())]
    if secondary:
        flags += (SECONDARY,)
        english += f" Told by a secondary source alone: {', '.join(secondary)}."
        chinese += f"僅有次級來源：{'、'.join(secondary)}。"
    ends = [end * pair[1].value for end in (parameters.low, parameters.high)]
    return Outcome(
        verdict, 1, english + cross[0], chinese + cross[1], value, "times", low, high, flags,
        f"{pair[0].label} below {amount_en(ends[0], pair[0].unit)} or above {amount_en(ends[1], pair[0].unit)} refutes.",
        f"{pair[0].label} 低於 {amount_zh(ends[0], pair[0].unit)}或高於 {amount_zh(ends[1], pair[0].unit)}即推翻。",
    )  # fmt: skip


def _by_source(evidence: pl.DataFrame, parameters: RatioParameters, context: Context) -> set[VerdictName]:
    """The verdict of each source that tells both sides by itself."""
    own = evidence.filter(pl.col("series").str.ends_with(BY_SOURCE)).with_columns(source=source_of())
    pairs = (_pair(told.drop("source"), BY_SOURCE, context) for (_,), told in own.group_by("source"))
    return {_verdict(*_ratio(pair)[::2], parameters) for pair in pairs if pair is not None}


def _pair(evidence: pl.DataFrame, suffix: str, context: Context) -> tuple[Reading, Reading] | None:
    numerator = reading(evidence, f"numerator{suffix}", context)
    denominator = reading(evidence, f"denominator{suffix}", context)
    if numerator is None or denominator is None or denominator.low <= 0:
        return None  # a price of zero is free or unknown, never a divisor
    if numerator.unit != denominator.unit:
        raise Refused(
            f"{numerator.label} is in {numerator.unit}, {denominator.label} in {denominator.unit}",
            source=context.claim_id,
            place=context.place,
            remedy="compare prices in one unit and currency",
        )
    return _named(numerator), _named(denominator)


def _named(side: Reading) -> Reading:
    return replace(side, label=with_model_titles(side.label))


def _ratio(pair: tuple[Reading, Reading]) -> tuple[float, float, float]:
    above, below = pair
    return above.low / below.high, above.value / below.value, above.high / below.low


def _verdict(low: float, high: float, parameters: RatioParameters) -> VerdictName:
    if low >= parameters.low and high <= parameters.high:
        return "supported"
    return "refuted" if high < parameters.low or low > parameters.high else "mixed"


def _sentence(pair: tuple[Reading, Reading], value: float) -> tuple[str, str]:
    above, below = pair
    return (
        f"{above.label} {amount_en(above.value, above.unit)} over {below.label} "
        f"{amount_en(below.value, below.unit)}: {number(value, 1)} times.",
        f"{above.label} {amount_zh(above.value, above.unit)}，{below.label} "
        f"{amount_zh(below.value, below.unit)}：{number(value, 1)} 倍。",
    )


def _cross(evidence: pl.DataFrame, numerator: Reading, context: Context) -> tuple[str, str]:
    own, other = (reading(evidence, series, context) for series in ("fx_numerator", "fx_other"))
    if own is None or other is None:
        return "", ""
    converted = number(numerator.value * other.value / own.value, 1)
    return (
        f" {numerator.label} at the reference rate: {converted} {other.label}.",
        f"{numerator.label} 依參考匯率折合 {converted} {other.label}。",
    )
