"""Numbers and instants as people read them, in Traditional Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from math import isfinite
from typing import Protocol

from config.terms import Terms

MINUS = "−"
MISSING = "—"
WEB = re.compile(r"https?://[^\s\"'<>\\]+")
# A text mark beside each colour: a verdict must not be told by colour alone.
MARKS = {"supported": "✓", "refuted": "✕", "mixed": "◐", "undetermined": "?", "not_testable": "–", "scenario": "◇"}
PRICE_DECIMALS = 4


class Bilingual(Protocol):
    """Anything said in both languages: a term, a phrase."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something said in both languages."""

    zh: str
    en: str

    @staticmethod
    def same(text: str) -> Phrase:
        return Phrase(text, text)


def named(terms: Mapping[str, Bilingual], name: str) -> Bilingual:
    """The term for a name; a name without a term stands for itself."""
    return terms.get(name) or Phrase.same(name.replace("_", " "))


def plain(value: float | Decimal, decimals: int = 1) -> str:
    """A number with thousands separators, at most `decimals` decimals, a true minus sign, and no trailing zeros."""
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
    text = f"{rounded:,f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    text = "0" if text in ("-0", "") else text
    return text.replace("-", MINUS)


def amount(value: float | None, unit: str, terms: Terms) -> Phrase:
    """A value with its unit: money in billions and 億 (10 億 to the billion), rates in per cent, ratios in 倍."""
    if value is None or not isfinite(value):
        return Phrase.same(MISSING)
    if unit == "USD":
        return _dollars(Decimal(repr(value)))
    term = terms.units.get(unit)
    if term is None:
        return Phrase.same(f"{plain(value, 2)} {unit}".strip())
    number = plain(value, PRICE_DECIMALS if "/" in unit else 1)
    return Phrase(term.zh.format(number), term.en.format(number))


def _dollars(value: Decimal) -> Phrase:
    size = abs(value)
    if size >= 10**9:
        # The same digits in both languages: one decimal of a billion is one 億.
        return Phrase(f"{plain(value.scaleb(-8), 0)} 億美元", f"USD {plain(value.scaleb(-9))} billion")
    if size >= 10**8:
        return Phrase(f"{plain(value.scaleb(-8), 4)} 億美元", f"USD {plain(value.scaleb(-6), 2)} million")
    if size >= 10**6:
        return Phrase(f"{plain(value.scaleb(-4), 0)} 萬美元", f"USD {plain(value.scaleb(-6), 2)} million")
    return Phrase(f"{plain(value, PRICE_DECIMALS)} 美元", f"USD {plain(value, PRICE_DECIMALS)}")


def interval(value: float | None, low: float | None, high: float | None, unit: str, terms: Terms) -> Phrase | None:
    """The interval around a value; None where there is none, or it shows no more than the value. … is an open end."""
    if low is None and high is None:
        return None
    shown = amount(value, unit, terms)
    ends = [Phrase.same("…") if end is None else amount(end, unit, terms) for end in (low, high)]
    if ends == [shown, shown]:
        return None
    return Phrase(f"{ends[0].zh} 至 {ends[1].zh}", f"{ends[0].en} to {ends[1].en}")


def age(days: float | None, terms: Terms) -> Phrase:
    """An age: hours below two days, days above."""
    if days is None:
        return Phrase(terms.labels["never"].zh, terms.labels["never"].en)
    if days < 2:
        return Phrase(f"{plain(days * 24, 0)} 小時", f"{plain(days * 24, 0)} hours")
    return Phrase(f"{plain(days, 0)} 天", f"{plain(days, 0)} days")


def instant(moment: datetime | None) -> str:
    """A naive UTC instant to the minute."""
    return MISSING if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def day(moment: date | None) -> str:
    """A date in ISO form."""
    return MISSING if moment is None else moment.isoformat()


def web_address(address: str | None) -> str:
    """The address where it is one of the web; empty otherwise: nothing else becomes a link."""
    found = address or ""
    return found if WEB.fullmatch(found) else ""
