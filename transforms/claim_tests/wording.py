"""Numbers for people, in English and in the Chinese of Taiwan."""

from __future__ import annotations

from config.terms import terms


def number(value: float, digits: int = 3) -> str:
    """Thousands separated, at most `digits` decimals, no trailing zeros: 118.548, 2,980."""
    text = f"{value:,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def signed(value: float, digits: int = 1) -> str:
    """A change with its sign: +34.2, -3.7, 0."""
    text = number(value, digits)
    return text if text.startswith("-") or text == "0" else f"+{text}"


def amount_en(value: float, unit: str) -> str:
    """A quantity with its unit; money from a billion up in billions."""
    if unit == "USD" and abs(value) >= 1e9:
        return f"{number(value / 1e9)} billion USD"
    return f"{number(value)} {'%' if unit == 'pct' else unit}".rstrip()


def amount_zh(value: float, unit: str) -> str:
    """The same in Chinese; money from a hundred million up in 億."""
    if unit == "USD":
        return f"{number(value / 1e8, 2)} 億美元" if abs(value) >= 1e8 else f"{number(value)} 美元"
    return f"{number(value)} {UNITS_ZH.get(unit, unit)}".rstrip()


def name_zh(name: str) -> str:
    """What the page calls a series, a part or a holder; a name without a term stands for itself."""
    known = terms().concepts.get(name)
    return known.zh if known else name


def verdict_zh(verdict: str) -> str:
    """A verdict as the page calls it."""
    return terms().verdicts[verdict].zh


UNITS_ZH = {
    "USD/Mtok": "美元／百萬 token",
    "CNY/Mtok": "人民幣／百萬 token",
    "points": "分",
    "pct": "%",
    "months": "個月",
    "days": "天",
    "times": "倍",
}
